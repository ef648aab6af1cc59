//! Who asks, in which language, from where: decided before any handler runs.

use std::str::FromStr;

use actix_web::dev::Payload;
use actix_web::http::Method;
use actix_web::{FromRequest, HttpMessage as _, HttpRequest};
use futures_util::future::LocalBoxFuture;
use serde::Deserialize;
use subtle::ConstantTimeEq;

use super::done::Done;
use super::fields::Fields;
use super::form::{self, FormState};
use super::request_context::RequestContext;
use super::typed::Choice;
use crate::domain::staff::Role;
use crate::locale::{Locale, Translator};
use crate::service::accounts::{AuthError, Caller};
use crate::service::alarms::AlarmCount;
use crate::service::once::{Once, Sent};
use crate::service::triage::DeskCounts;
use crate::service::{Device, Services};
use crate::web::access::Gate;
use crate::web::body;
use crate::web::error::WebError;
use crate::web::frame::{PageFrame, Who};
use crate::web::marks::{Typed, Unread};
use crate::web::origin;
use crate::web::state::BodyLimits;

/// What the address says of a page that a browser reads again by itself: it does not show that somebody is there.
pub(super) const UNATTENDED: &str = "unattended";

/// Bytes of a form on a page that needs no session: a handle, a passphrase, codes.
const GUEST_BYTES: usize = 16 << 10;

/// A request by somebody who is signed in, whose role this route lets in, and who sent it from our own page.
pub struct StaffRequest {
    pub(super) place: RequestContext,
    pub(super) caller: Caller,
    fields: Fields,
    query: Fields,
    alarms: AlarmCount,
    desk: Option<DeskCounts>,
    request: HttpRequest,
}

/// A request to a page that needs no session: signing in, and joining.
pub struct PublicRequest {
    pub(super) place: RequestContext,
    fields: Fields,
    query: Fields,
    request: HttpRequest,
}

/// What our forms carry beside what somebody types into them.
#[derive(Default, Deserialize)]
#[serde(default)]
struct Carried<'a> {
    csrf: &'a str,
    /// What makes two clicks one act.
    once: Choice<Once>,
    /// How the person stood whom the page is about.
    seen: &'a str,
    lang: Choice<Locale>,
}

/// What the address of a page carries from the one before.
#[derive(Default, Deserialize)]
#[serde(default)]
struct Before {
    done: Choice<Done>,
}

impl Before {
    fn said<'a>(query: &Fields, chrome: PageFrame<'a>) -> PageFrame<'a> {
        let Self { done } = query.read().unwrap_or_default();
        match done.made() {
            Some(done) => {
                let done = done.text(chrome.t);
                chrome.said(done)
            }
            None => chrome,
        }
    }
}

impl StaffRequest {
    /// What surrounds a page for this caller.
    pub(super) fn chrome(&self) -> PageFrame<'_> {
        let chrome = self.place.frame().signed_in(self.who(), self.alarms);
        Before::said(&self.query, chrome)
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
        let Carried { once, seen, .. } = self.form().ok()?;
        once.made().map(|once| Sent { once, seen })
    }

    /// What the page carried so that two clicks are one act.
    pub(super) fn once(&self) -> Option<Once> {
        self.form::<Carried<'_>>().ok()?.once.made()
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

    /// All that the query says.
    pub(super) const fn asked(&self) -> &Fields {
        &self.query
    }

    /// What was asked of the list from which this report was opened, as its pages carry it.
    pub(super) fn list(&self) -> Fields {
        let name = "list";
        let sent = [self.fields.get(name), self.query.get(name)];
        let list = sent.into_iter().find(|list| !list.is_empty());
        Fields::parse(list.unwrap_or_default().as_bytes()).unwrap_or_default()
    }

    /// What the query says.
    pub(super) fn query<'a, T: Deserialize<'a>>(&'a self) -> Result<T, WebError> {
        self.query.read()
    }

    /// What the page of the form that was sent shows.
    pub(super) fn state(&self) -> FormState<'_> {
        FormState::new(self.translator(), &self.fields)
    }

    /// The same with other values than were sent.
    pub(super) fn state_of<'a>(&'a self, fields: &'a Fields) -> FormState<'a> {
        FormState::new(self.translator(), fields)
    }

    /// All that was sent.
    pub(super) const fn sent_fields(&self) -> &Fields {
        &self.fields
    }

    /// The session cookie.
    pub(super) fn cookie(&self) -> Option<String> {
        self.place.cookies().session(&self.request)
    }

    fn who(&self) -> Who<'_> {
        Who {
            handle: &self.caller.handle,
            role: self.caller.role,
            role_name: self.translator().word("staff-role", self.caller.role),
            csrf: &self.caller.csrf,
            notices: self.caller.notices,
            desk: self.desk,
        }
    }

    async fn admit(request: HttpRequest, payload: Payload) -> Result<Self, WebError> {
        let (place, query) = arrive(&request)?;
        // Who asks is known before anything of the body is read.
        let is_attended = request.method() == Method::POST || query.get(UNATTENDED).is_empty();
        let caller = match authenticate(&place, &request, is_attended).await {
            Ok(caller) if may(&request, caller.role) => caller,
            Ok(_) => return Err(unread(&request, WebError::NotFound)),
            Err(why) => return Err(sent_back(&place, &request, payload, why).await),
        };
        let limits = place.state.settings.limits;
        let fields = fields_of(&place, &request, payload, limits).await?;
        let Carried { csrf, .. } = fields.read()?;
        if request.method() == Method::POST && !same(csrf, &caller.csrf) {
            return Err(WebError::Forbidden);
        }
        request.extensions_mut().insert(caller.refused.clone());
        place.services().rotation.schedule(&caller);
        Ok(Self {
            alarms: place.services().alarms.heard(&caller).await,
            desk: place.services().triage.counts(&caller).await,
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
        Before::said(&self.query, self.place.frame())
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

    async fn admit(request: HttpRequest, payload: Payload) -> Result<Self, WebError> {
        let (mut place, query) = arrive(&request)?;
        let limits = BodyLimits {
            form_bytes: GUEST_BYTES,
            hard_bytes: GUEST_BYTES,
            ..place.state.settings.limits
        };
        let fields = fields_of(&place, &request, payload, limits).await?;
        let Carried { lang, .. } = fields.read()?;
        place.locale = lang.made().unwrap_or(place.locale);
        Ok(Self {
            place,
            fields,
            query,
            request,
        })
    }
}

impl FromRequest for StaffRequest {
    type Error = WebError;
    type Future = LocalBoxFuture<'static, Result<Self, WebError>>;

    fn from_request(request: &HttpRequest, payload: &mut Payload) -> Self::Future {
        Box::pin(Self::admit(request.clone(), payload.take()))
    }
}

impl FromRequest for PublicRequest {
    type Error = WebError;
    type Future = LocalBoxFuture<'static, Result<Self, WebError>>;

    fn from_request(request: &HttpRequest, payload: &mut Payload) -> Self::Future {
        Box::pin(Self::admit(request.clone(), payload.take()))
    }
}

/// The request's place and query, unless it would change something and, as its head tells, does not come from one of our own pages.
fn arrive(request: &HttpRequest) -> Result<(RequestContext, Fields), WebError> {
    let arrived = RequestContext::arrive(request)?;
    if request.method() == Method::POST && !origin::is_ours(request.headers()) {
        return Err(unread(request, WebError::Forbidden));
    }
    Ok(arrived)
}

/// The form of a request that changes something. What was typed stays with the request, for the page that says why it was not taken.
async fn fields_of(
    place: &RequestContext,
    request: &HttpRequest,
    payload: Payload,
    limits: BodyLimits,
) -> Result<Fields, WebError> {
    if request.method() != Method::POST {
        return Ok(Fields::default());
    }
    let form = body::form(request, payload, &place.state.budget, limits).await?;
    let (fields, bad) = Fields::from_form(form);
    if let Some(words) = form::words(fields.iter()) {
        request.extensions_mut().insert(Typed(words));
    }
    bad.map_or(Ok(fields), Err)
}

async fn authenticate(
    place: &RequestContext,
    request: &HttpRequest,
    is_attended: bool,
) -> Result<Caller, AuthError> {
    let cookie = place.cookies().session(request);
    let cookie = cookie.ok_or(AuthError::NoSession)?;
    let accounts = &place.services().accounts;
    accounts.authenticate(&cookie, is_attended).await
}

/// Somebody who only looks is led to the sign-in page. Whoever sent words gets them back, if this is a colleague's device: what a stranger
/// sends is not read.
async fn sent_back(
    place: &RequestContext,
    request: &HttpRequest,
    payload: Payload,
    why: AuthError,
) -> WebError {
    let changes = request.method() == Method::POST;
    let error = match why {
        AuthError::Unavailable => WebError::Unavailable,
        AuthError::NoSession if changes => WebError::SessionEnded,
        AuthError::NoSession => WebError::SignIn,
    };
    if !changes || place.devices(request).is_empty() {
        return unread(request, error);
    }
    let read = fields_of(place, request, payload, place.state.settings.limits);
    read.await.err().unwrap_or(error)
}

/// An answer before the body was read.
fn unread(request: &HttpRequest, error: WebError) -> WebError {
    request.extensions_mut().insert(Unread);
    error
}

fn parsed<T: FromStr>(text: &str) -> Result<T, WebError> {
    text.parse().map_err(|_| WebError::NotFound)
}

/// What the resource says. A path that carries nothing lets nobody in.
fn may(request: &HttpRequest, role: Role) -> bool {
    let gate = request.app_data::<Gate>();
    gate.is_some_and(|gate| gate.admits(request.method(), role))
}

fn same(sent: &str, expected: &str) -> bool {
    !expected.is_empty() && bool::from(sent.as_bytes().ct_eq(expected.as_bytes()))
}
