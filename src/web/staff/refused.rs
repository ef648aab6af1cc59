//! What wrong codes have led to, or that the storage does not answer, takes the place of whatever page would have answered, with the words
//! that were typed. No handler can leave it out.

use actix_web::body::{BoxBody, MessageBody};
use actix_web::dev::{ServiceRequest, ServiceResponse};
use actix_web::http::{StatusCode, header};
use actix_web::middleware::Next;
use actix_web::{Error, HttpMessage as _, HttpRequest, HttpResponse};

use super::form::Words;
use super::frame::PageFrame;
use super::problem::{self, Problem};
use super::request_context::RequestContext;
use crate::service::caller::{Refusal, Refused};
use crate::web::error::WebError;

/// What the page needs once the handler has answered. The extractor of the request leaves it with the request.
#[derive(Clone)]
pub(super) struct Standing {
    pub(super) refused: Refused,
    /// What was typed and is not saved.
    pub(super) kept: Option<Words>,
}

/// Puts the page in.
pub async fn pages(
    request: ServiceRequest,
    next: Next<impl MessageBody + 'static>,
) -> Result<ServiceResponse<BoxBody>, Error> {
    let response = next.call(request).await?;
    let standing = response.request().extensions().get::<Standing>().cloned();
    let Some(standing) = standing else {
        return Ok(response.map_into_boxed_body());
    };
    let error = response.response().error();
    let why = match (
        standing.refused.get(),
        error.and_then(|error| error.as_error()),
    ) {
        (Some(refusal), _) => Why::Refused(refusal),
        (None, Some(WebError::Busy)) => Why::Busy,
        (None, Some(WebError::Unavailable)) => Why::Unavailable,
        (None, _) => return Ok(response.map_into_boxed_body()),
    };
    let request = response.into_parts().0;
    let page = page(&request, why, standing.kept);
    Ok(ServiceResponse::new(request, page))
}

/// Why another page takes the place of the handler's.
enum Why {
    Refused(Refusal),
    Busy,
    Unavailable,
}

fn page(request: &HttpRequest, why: Why, kept: Option<Words>) -> HttpResponse {
    let place = match RequestContext::arrive(request) {
        Ok((place, _)) => place,
        Err(error) => return HttpResponse::from_error(error),
    };
    match why {
        Why::Busy => problem::busy(&place, kept),
        Why::Unavailable => problem::unavailable(&place, kept),
        Why::Refused(Refusal::Gone) => {
            problem::session_ended(&place, "staff-session-ended-text", kept)
        }
        Why::Refused(Refusal::Ended) => ended(&place, kept),
        Why::Refused(Refusal::Rests { minutes }) => resting(&place, minutes, kept),
    }
}

fn ended(place: &RequestContext, kept: Option<Words>) -> HttpResponse {
    let mut response = problem::session_ended(place, "factors-session-ended", kept);
    if response.add_cookie(&place.cookies().end_session()).is_err() {
        tracing::error!("the session cookie could not be taken away");
    }
    response
}

fn resting(place: &RequestContext, minutes: i64, kept: Option<Words>) -> HttpResponse {
    let chrome = PageFrame::of(place);
    let problem = Problem {
        status: StatusCode::TOO_MANY_REQUESTS,
        heading: chrome.t.text("factors-rests-title"),
        text: chrome
            .t
            .text_with("factors-rests", &[("minutes", minutes.into())]),
        kept,
        back: (&place.path, "factors-back"),
    };
    let mut response = problem::framed(chrome, problem);
    let seconds = minutes.saturating_mul(60);
    response
        .headers_mut()
        .insert(header::RETRY_AFTER, header::HeaderValue::from(seconds));
    response
}
