//! The first page and the page with the numbers.

use actix_web::http::header::LOCATION;
use actix_web::{HttpRequest, HttpResponse, web};
use askama::Template;

use super::frame;
use crate::web::negotiate::{self, Lang};
use crate::web::page::{self, Page, Switch};
use crate::web::state::State;

#[derive(Template)]
#[template(path = "reporter/front.html")]
struct Front<'a> {
    page: Page<'a>,
}

#[derive(Template)]
#[template(path = "reporter/help.html")]
struct Help<'a> {
    page: Page<'a>,
}

/// `GET /`: on to the language that the browser asks for.
pub async fn choose(state: web::Data<State>, request: HttpRequest) -> HttpResponse {
    let locale = negotiate::of_headers(request.headers(), state.settings.default_language);
    see(&format!("/{locale}/"))
}

/// `GET /{lang}`: somebody typed the address without its last sign.
pub async fn complete(Lang(locale): Lang) -> HttpResponse {
    see(&format!("/{locale}/"))
}

/// `GET /{lang}/`
pub async fn show(state: web::Data<State>, Lang(locale): Lang) -> HttpResponse {
    page::html_compressible(&Front {
        page: frame(&state, locale, Switch::to_front(locale)),
    })
}

/// `GET /{lang}/help`
pub async fn help(state: web::Data<State>, Lang(locale): Lang) -> HttpResponse {
    page::html_compressible(&Help {
        page: frame(&state, locale, Switch::to(locale, "help")),
    })
}

fn see(address: &str) -> HttpResponse {
    HttpResponse::SeeOther()
        .insert_header((LOCATION, address))
        .finish()
}
