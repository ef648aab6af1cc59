//! One page for each error that has none of its own, in the reader's language.

use actix_web::body::{BodySize, MessageBody};
use actix_web::dev::ServiceRequest;
use actix_web::http::header::{ALLOW, HeaderValue, LOCATION, RETRY_AFTER};
use actix_web::http::{Method, StatusCode};
use actix_web::{HttpResponse, web};
use askama::Template;

use super::access::Port;
use super::error::RETRY_SECONDS;
use super::marks::Final;
use super::outflow::{PORTION, Portions};
use super::page::{self, Page, Switch};
use super::state::State;
use super::{negotiate, routes, staff};
use crate::locale::Locale;

#[derive(Template)]
#[template(path = "error.html")]
struct ErrorPage<'a> {
    page: Page<'a>,
    heading: &'static str,
    text: &'static str,
    numbers: bool,
}

/// What a page for an error needs of the request. Taken before the request is handled: afterwards it may be gone.
pub struct Asker {
    state: Option<web::Data<State>>,
    port: Port,
    locale: Option<Locale>,
    /// The path, if a page was asked for.
    asked_for: Option<String>,
}

impl Asker {
    /// Of this request.
    pub fn of(request: &ServiceRequest) -> Self {
        let state = request.app_data::<web::Data<State>>().cloned();
        let port = request
            .app_data::<web::Data<Port>>()
            .map_or(Port::Reporter, |port| *port.get_ref());
        let locale = state.as_ref().map(|state| {
            let kept = match port {
                Port::Reporter => negotiate::of_path(request.path()),
                Port::Staff => staff::kept_language(state, request.request()),
                Port::Health => None,
            };
            kept.unwrap_or_else(|| {
                negotiate::of_headers(request.headers(), state.settings.default_language)
            })
        });
        Self {
            state,
            port,
            locale,
            asked_for: matches!(*request.method(), Method::GET | Method::HEAD)
                .then(|| request.path().to_owned()),
        }
    }

    /// The listener it came to.
    pub const fn port(&self) -> Port {
        self.port
    }

    /// The same answer, or a page in the reader's language if it is an error that has none of its own.
    pub fn answered(&self, response: HttpResponse) -> HttpResponse {
        let status = response.status();
        let is_final = response.extensions().contains::<Final>();
        if is_final || !(status.is_client_error() || status.is_server_error()) {
            return response;
        }
        if let Some(address) = self.meant().filter(|_| status == StatusCode::NOT_FOUND) {
            return HttpResponse::SeeOther()
                .insert_header((LOCATION, address))
                .finish();
        }
        let mut page = self.page(status);
        if let Some(allow) = response.headers().get(ALLOW) {
            page.headers_mut().insert(ALLOW, allow.clone());
        }
        page
    }

    /// The same answer, in portions and with its weight; or a short page if there is no room for it now.
    pub fn weighed(&self, response: HttpResponse) -> HttpResponse {
        let Some(state) = &self.state else {
            return response;
        };
        let is_small = match response.body().size() {
            BodySize::None => true,
            BodySize::Sized(size) => usize::try_from(size).is_ok_and(|size| size <= PORTION),
            BodySize::Stream => false,
        };
        if is_small {
            return response;
        }
        let (head, body) = response.into_parts();
        match body.try_into_bytes() {
            Ok(bytes) => {
                let mut weight = state.budget.weight();
                if weight.grow_to(bytes.len()).is_err() {
                    return self.page(StatusCode::SERVICE_UNAVAILABLE);
                }
                head.set_body(Portions::of(bytes, weight, state.settings.patience))
            }
            Err(stream) => head.set_body(stream),
        }
    }

    fn meant(&self) -> Option<String> {
        routes::meant(self.port, self.asked_for.as_deref()?, self.locale?)
    }

    /// The page for an error: the same bytes for every cause of one status.
    pub fn page(&self, status: StatusCode) -> HttpResponse {
        let (Some(state), Some(locale)) = (&self.state, self.locale) else {
            return HttpResponse::new(status);
        };
        let (heading, text) = words(status);
        let template = ErrorPage {
            page: Page::new(state, self.port, locale, Switch::to_front(locale)),
            heading,
            text,
            numbers: self.port == Port::Reporter,
        };
        let mut response = page::html(status, &template);
        if status == StatusCode::SERVICE_UNAVAILABLE {
            response
                .headers_mut()
                .insert(RETRY_AFTER, HeaderValue::from_static(RETRY_SECONDS));
        }
        response
    }
}

fn words(status: StatusCode) -> (&'static str, &'static str) {
    match status {
        StatusCode::FORBIDDEN => ("error-403-heading", "error-403-text"),
        StatusCode::NOT_FOUND => ("error-404-heading", "error-404-text"),
        StatusCode::METHOD_NOT_ALLOWED => ("error-405-heading", "error-405-text"),
        StatusCode::REQUEST_TIMEOUT => ("error-408-heading", "error-408-text"),
        StatusCode::CONFLICT => ("error-409-heading", "error-409-text"),
        StatusCode::PAYLOAD_TOO_LARGE => ("error-413-heading", "error-413-text"),
        StatusCode::UNSUPPORTED_MEDIA_TYPE => ("error-415-heading", "error-415-text"),
        StatusCode::UNPROCESSABLE_ENTITY => ("error-422-heading", "error-422-text"),
        StatusCode::SERVICE_UNAVAILABLE => ("error-503-heading", "error-503-text"),
        other if other.is_client_error() => ("error-400-heading", "error-400-text"),
        _ => ("error-500-heading", "error-500-text"),
    }
}
