//! The first page and the page with the numbers.

use actix_web::http::StatusCode;
use actix_web::http::header::LOCATION;
use actix_web::{HttpRequest, HttpResponse, web};
use askama::Template;

use super::kept::Kept;
use crate::domain::form::{Section, Stage};
use crate::locale::Locale;
use crate::web::error::WebError;
use crate::web::frame::{PageFrame, Switch};
use crate::web::negotiate::{self, Lang};
use crate::web::page;
use crate::web::said::Said;
use crate::web::state::State;
use crate::web::statics;

#[derive(Template)]
#[template(path = "reporter/front.html")]
struct Front<'a> {
    c: PageFrame<'a>,
    kept: Option<Kept>,
    doors: Vec<Door>,
}

/// Where a report begins that is not begun with the first screen.
struct Door {
    id: String,
    label: Said,
    help: Option<Said>,
}

#[derive(Template)]
#[template(path = "reporter/help.html")]
struct Help<'a> {
    c: PageFrame<'a>,
    kept: Option<Kept>,
}

#[derive(Template)]
#[template(path = "reporter/later.html")]
struct Later<'a> {
    c: PageFrame<'a>,
}

#[derive(Template)]
#[template(path = "reporter/leave.html")]
struct Leave<'a> {
    c: PageFrame<'a>,
    on: &'static str,
}

/// The query of the second step of leaving.
const ON: &str = "on";

/// `GET /`: on to the language that the browser asks for.
pub async fn choose(state: State, request: HttpRequest) -> HttpResponse {
    let locale = negotiate::of_headers(
        request.headers(),
        Locale::is_listed,
        state.settings.default_language,
    );
    see(&format!("/{locale}/"))
}

/// `GET /{lang}`: somebody typed the address without its last sign.
pub async fn complete(Lang(locale): Lang) -> HttpResponse {
    see(&format!("/{locale}/"))
}

/// `GET /{lang}/`
pub async fn show(state: State, Lang(locale): Lang) -> HttpResponse {
    front_page(&state, locale, None)
}

/// `GET /{lang}/help`
pub async fn help(state: State, Lang(locale): Lang) -> HttpResponse {
    help_page(&state, locale, None)
}

/// `GET /{lang}/later`: for whoever is not alone. It says nothing of what the site is for.
pub async fn later(state: State, Lang(locale): Lang) -> HttpResponse {
    let c = PageFrame::public(&state, locale, Switch::None);
    page::html_compressible(&Later { c })
}

/// `GET /face/{name}`: the organisation's colour and mark.
pub async fn face(state: State, name: web::Path<String>) -> Result<HttpResponse, WebError> {
    let (mime, bytes) = state.settings.face.file(&name).ok_or(WebError::NotFound)?;
    Ok(statics::own(mime, bytes))
}

/// `GET /leave`: away, with nothing for the Back button. In two steps: a browser puts the page that is left among those it keeps when the
/// next one arrives, here an empty one, and only then can it be told to forget them.
pub async fn leave(state: State, request: HttpRequest) -> HttpResponse {
    if request.query_string() == ON {
        return HttpResponse::SeeOther()
            .insert_header((LOCATION, state.settings.leave_url.as_str()))
            .insert_header(page::FORGET)
            .finish();
    }
    let locale = negotiate::of_headers(
        request.headers(),
        Locale::is_listed,
        state.settings.default_language,
    );
    page::html_compressible(&Leave {
        c: PageFrame::public(&state, locale, Switch::None),
        on: ON,
    })
}

/// The first page, with the words of a form that was left for it.
pub(super) fn front_page(state: &State, locale: Locale, kept: Option<Kept>) -> HttpResponse {
    let switch = match &kept {
        Some(kept) => kept.switch(""),
        None => Switch::to(""),
    };
    let form = state.services.intake.form_now();
    let state = &state.in_words_of(&form.definition.edition);
    let c = PageFrame::public(state, locale, switch);
    let told = |id: &str| Said::told(c.t, id, "other");
    let door = |door: &Section| Door {
        id: door.id.clone(),
        label: told(&door.label),
        help: door.help.as_deref().map(told),
    };
    let doors = form.definition.of_stage(Stage::Door).map(door).collect();
    sent(kept.is_some(), &Front { c, kept, doors })
}

/// The page with the numbers, likewise.
pub(super) fn help_page(state: &State, locale: Locale, kept: Option<Kept>) -> HttpResponse {
    let switch = match &kept {
        Some(kept) => kept.switch("help"),
        None => Switch::to("help"),
    };
    let c = PageFrame::public(state, locale, switch);
    sent(kept.is_some(), &Help { c, kept })
}

fn sent(has_words: bool, template: &impl Template) -> HttpResponse {
    if has_words {
        page::html(StatusCode::OK, template)
    } else {
        page::html_compressible(template)
    }
}

fn see(address: &str) -> HttpResponse {
    HttpResponse::SeeOther()
        .insert_header((LOCATION, address))
        .finish()
}
