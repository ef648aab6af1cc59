//! Who asks, in which language, from where: decided before any handler runs.

use std::str::FromStr;

use actix_web::dev::Payload;
use actix_web::http::{ConnectionType, Method};
use actix_web::{FromRequest, HttpMessage as _, HttpRequest, HttpResponse};
use futures_util::future::LocalBoxFuture;
use serde::Deserialize;
use subtle::ConstantTimeEq;

use super::done::Done;
use super::fields::Fields;
use super::form::{self, FormState, Words};
use super::frame::{PageFrame, Who};
use super::refused::Standing;
use super::request_context::RequestContext;
use super::{problem, words};
use crate::domain::staff::Role;
use crate::locale::{Locale, Translator};
use crate::service::accounts::{AuthError, Caller};
use crate::service::alarms::AlarmCount;
use crate::service::once::{Once, Sent};
use crate::service::{Device, Services};
use crate::web::access::Gate;
use crate::web::body;
use crate::web::error::WebError;
use crate::web::origin;
use crate::web::state::BodyLimits;

/// Bytes of a form on a page that needs no session: a handle, a passphrase, codes.
const GUEST_BYTES: usize = 16 << 10;

/// A request by somebody who is signed in, whose role this route lets in, and who sent it from our own page.
pub struct StaffRequest {
    pub(super) place: RequestContext,
    pub(super) caller: Caller,
    pub(super) fields: Fields,
    pub(super) query: Fields,
    alarms: AlarmCount,
    request: HttpRequest,
}

/// A request to a page that needs no session: signing in, and joining.
pub struct PublicRequest {
    pub(super) place: RequestContext,
    pub(super) fields: Fields,
    pub(super) query: Fields,
    request: HttpRequest,
}

impl StaffRequest {
    /// What surrounds a page for this caller.
    pub(super) fn chrome(&self) -> PageFrame<'_> {
        let mut chrome = PageFrame::of(self.place());
        chrome.who = Some(self.who());
        chrome.alarms = self.alarms;
        match self.query.get("done").parse::<Done>() {
            Ok(done) => chrome.said(done.text(self.place.translator())),
            Err(_) => chrome,
        }
    }

    /// Goes on in another language.
    pub(super) fn speak(&mut self, locale: Locale) {
        self.place.locale = locale;
    }

    pub(super) fn place(&self) -> &RequestContext {
        &self.place
    }

    pub(super) fn services(&self) -> &Services {
        self.place.services()
    }

    pub(super) fn translator(&self) -> &Translator {
        self.place.translator()
    }

    /// The page that made this link, and how the person stood then.
    pub(super) fn sent(&self) -> Option<Sent<'_>> {
        let seen = self.fields.get("seen");
        self.once().map(|once| Sent { once, seen })
    }

    /// What the page carried so that two clicks are one act.
    pub(super) fn once(&self) -> Option<Once> {
        self.fields.get("once").parse().ok()
    }

    /// A part of the path, as the id or name that it should be.
    pub(super) fn part<T: FromStr>(&self, name: &str) -> Result<T, WebError> {
        parsed(self.request.match_info().get(name).unwrap_or_default())
    }

    /// What was sent.
    ///
    /// # Errors
    /// [`WebError::NotFound`] if what the page fills in itself is not there.
    pub(super) fn form<'a, T: Deserialize<'a>>(&'a self) -> Result<T, WebError> {
        self.fields.read()
    }

    /// The fields of one part of a form: those that are named `PART-…`.
    pub(super) fn part_of_form<'a, T: Deserialize<'a>>(
        &'a self,
        part: &str,
    ) -> Result<T, WebError> {
        self.fields.read_part(part)
    }

    /// The six digits beside the button that was pressed, where a page has several.
    pub(super) fn code_of(&self, part: &str) -> &str {
        self.fields.get(&format!("code-{part}"))
    }

    /// What the query says.
    pub(super) fn query<'a, T: Deserialize<'a>>(&'a self) -> Result<T, WebError> {
        self.query.read()
    }

    /// What the page of the form that was sent shows.
    pub(super) fn state(&self) -> FormState<'_> {
        FormState::new(self.translator(), &self.fields)
    }

    /// The session cookie.
    pub(super) fn cookie(&self) -> Option<String> {
        self.place.cookies().session(&self.request)
    }

    fn who(&self) -> Who<'_> {
        Who {
            handle: &self.caller.handle,
            role: self.caller.role,
            role_name: words::role(self.translator(), self.caller.role),
            csrf: &self.caller.csrf,
            notices: self.caller.notices,
        }
    }

    async fn admit(request: HttpRequest, payload: Payload) -> Result<Self, HttpResponse> {
        let (place, query) = arrive(&request).map_err(|response| *response)?;
        let changes = request.method() == Method::POST;
        if let Some(response) = foreign(&place, &request) {
            return Err(response);
        }
        // Who asks is known before anything of the body is read.
        let caller = match authenticate(&place, &request).await {
            Ok(caller) if may(&request, caller.role) => caller,
            Ok(_) => return Err(unread(problem::not_found())),
            Err(why) => return Err(sent_back(&place, &request, payload, why).await),
        };
        let limits = place.state.settings.limits;
        let fields = fields_of(&place, &request, payload, limits).await?;
        if changes && !same(fields.get("csrf"), &caller.csrf) {
            return Err(problem::forbidden(&place, typed(&fields)));
        }
        request.extensions_mut().insert(Standing {
            refused: caller.refused.clone(),
            kept: typed(&fields),
        });
        place.services().rotation.schedule(&caller);
        Ok(Self {
            alarms: place.services().alarms.heard(&caller).await,
            place,
            caller,
            fields,
            query,
            request,
        })
    }
}

impl PublicRequest {
    pub(super) fn services(&self) -> &Services {
        self.place.services()
    }

    /// What surrounds a page for nobody in particular, and what was done on the page before.
    pub(super) fn chrome(&self) -> PageFrame<'_> {
        let chrome = PageFrame::of(&self.place);
        match self.query.get("done").parse::<Done>() {
            Ok(done) => chrome.said(done.text(self.place.translator())),
            Err(_) => chrome,
        }
    }

    /// The devices on which somebody has signed in before that this request shows.
    pub(super) fn devices(&self) -> Vec<Device> {
        self.place.devices(&self.request)
    }

    /// What was sent.
    pub(super) fn form<'a, T: Deserialize<'a>>(&'a self) -> Result<T, WebError> {
        self.fields.read()
    }

    /// What the page of the form that was sent shows.
    pub(super) fn state(&self) -> FormState<'_> {
        FormState::new(self.place.translator(), &self.fields)
    }

    /// A part of the path, as sent.
    pub(super) fn part(&self, name: &str) -> &str {
        self.request.match_info().get(name).unwrap_or_default()
    }

    async fn admit(request: HttpRequest, payload: Payload) -> Result<Self, HttpResponse> {
        let (mut place, query) = arrive(&request).map_err(|response| *response)?;
        if let Some(response) = foreign(&place, &request) {
            return Err(response);
        }
        let limits = BodyLimits {
            form_bytes: GUEST_BYTES,
            hard_bytes: GUEST_BYTES,
            ..place.state.settings.limits
        };
        let fields = fields_of(&place, &request, payload, limits).await?;
        if let Ok(locale) = fields.get("lang").parse() {
            place.locale = locale;
        }
        Ok(Self {
            place,
            fields,
            query,
            request,
        })
    }
}

impl FromRequest for StaffRequest {
    type Error = actix_web::Error;
    type Future = LocalBoxFuture<'static, Result<Self, Self::Error>>;

    fn from_request(request: &HttpRequest, payload: &mut Payload) -> Self::Future {
        let admission = Self::admit(request.clone(), payload.take());
        Box::pin(async move { admission.await.map_err(problem::refuse) })
    }
}

impl FromRequest for PublicRequest {
    type Error = actix_web::Error;
    type Future = LocalBoxFuture<'static, Result<Self, Self::Error>>;

    fn from_request(request: &HttpRequest, payload: &mut Payload) -> Self::Future {
        let admission = Self::admit(request.clone(), payload.take());
        Box::pin(async move { admission.await.map_err(problem::refuse) })
    }
}

fn arrive(request: &HttpRequest) -> Result<(RequestContext, Fields), Box<HttpResponse>> {
    let (place, query) = RequestContext::arrive(request)
        .map_err(|error| Box::new(HttpResponse::from_error(error)))?;
    match query {
        Ok(query) => Ok((place, query)),
        Err(bad) => Err(Box::new(problem::bad_fields(&place, bad, None))),
    }
}

/// The answer to a request that would change something and, as its head tells, does not come from one of our own pages.
fn foreign(place: &RequestContext, request: &HttpRequest) -> Option<HttpResponse> {
    let foreign = request.method() == Method::POST && !origin::is_ours(request.headers());
    foreign.then(|| unread(problem::forbidden(place, None)))
}

/// The form of a request that changes something.
async fn fields_of(
    place: &RequestContext,
    request: &HttpRequest,
    payload: Payload,
    limits: BodyLimits,
) -> Result<Fields, HttpResponse> {
    if request.method() != Method::POST {
        return Ok(Fields::default());
    }
    let form = body::form(request, payload, &place.state.budget, limits)
        .await
        .map_err(HttpResponse::from_error)?;
    match Fields::from_form(form) {
        (fields, None) => Ok(fields),
        (fields, Some(bad)) => Err(problem::bad_fields(place, bad, typed(&fields))),
    }
}

async fn authenticate(place: &RequestContext, request: &HttpRequest) -> Result<Caller, AuthError> {
    let cookie = place.cookies().session(request);
    let cookie = cookie.ok_or(AuthError::NoSession)?;
    place.services().accounts.authenticate(&cookie).await
}

/// Somebody who only looks is led to the sign-in page. Whoever sent words gets them back, if this is a colleague's device: what a stranger
/// sends is not read.
async fn sent_back(
    place: &RequestContext,
    request: &HttpRequest,
    payload: Payload,
    why: AuthError,
) -> HttpResponse {
    let changes = request.method() == Method::POST;
    let mut words = None;
    let is_read = changes && !place.devices(request).is_empty();
    if is_read {
        match fields_of(place, request, payload, place.state.settings.limits).await {
            Ok(fields) => words = typed(&fields),
            Err(response) => return response,
        }
    }
    let response = match why {
        AuthError::Unavailable => problem::unavailable(place, words),
        AuthError::NoSession if changes => {
            problem::session_ended(place, "staff-session-ended-text", words)
        }
        AuthError::NoSession => return problem::redirect("/login"),
    };
    if is_read { response } else { unread(response) }
}

/// An answer before the body was read; the connection is of no use afterwards.
fn unread(mut response: HttpResponse) -> HttpResponse {
    response
        .head_mut()
        .set_connection_type(ConnectionType::Close);
    response
}

fn parsed<T: FromStr>(text: &str) -> Result<T, WebError> {
    text.parse().map_err(|_| WebError::NotFound)
}

fn typed(fields: &Fields) -> Option<Words> {
    form::words(fields.iter())
}

/// What the resource says. A path that carries nothing lets nobody in.
fn may(request: &HttpRequest, role: Role) -> bool {
    let gate = request.app_data::<Gate>();
    gate.is_some_and(|gate| gate.admits(request.method(), role))
}

fn same(sent: &str, expected: &str) -> bool {
    !expected.is_empty() && bool::from(sent.as_bytes().ct_eq(expected.as_bytes()))
}
