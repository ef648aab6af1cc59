//! The form as reporters see it, in every language, and what is wrong with it.

use actix_web::web;
use askama::Template;

use super::request::StaffRequest;
use crate::domain::form::{FormDefinition, Section};
use crate::locale::{Locale, Locales};
use crate::web::error::WebError;
use crate::web::frame::PageFrame;
use crate::web::marks::{Framing, mark_framing};
use crate::web::reporter::shown;
use crate::web::staff::answer::{Answer, ok};

#[derive(Template)]
#[template(path = "staff/asked_form.html")]
struct AskedForm<'a> {
    c: PageFrame<'a>,
    file: &'a str,
    version: u32,
    /// Why what was changed last is not asked.
    refused: Option<String>,
    remarks: &'a [String],
    languages: Vec<Spoken<'a>>,
    /// The language whose screens are shown; without one, the first screen in all of them.
    of: Option<Locale>,
    screens: Vec<Screen>,
}

/// The form in one language.
struct Spoken<'a> {
    locale: Locale,
    /// The sentences of the form that are said in English.
    missing: Vec<&'a str>,
    /// How many of the product's own are.
    lacking: usize,
}

/// One screen of the form.
struct Screen {
    locale: Locale,
    section: String,
    label: String,
}

/// `GET /form`
pub async fn show(visit: StaffRequest) -> Answer {
    page(&visit, None).await
}

/// `GET /form/{language}`
pub async fn of_language(visit: StaffRequest, language: web::Path<String>) -> Answer {
    let locale = listed(&language)?;
    page(&visit, Some(locale)).await
}

/// `GET /form/{language}/{section}`: what stands in a frame of those pages.
pub async fn screen(visit: StaffRequest, named: web::Path<(String, String)>) -> Answer {
    let (language, section) = named.into_inner();
    let locale = listed(&language)?;
    let state = &visit.place().state;
    let form = state.services.intake.form().await;
    shown::screen(state, locale, &form, &section).ok_or(WebError::NotFound)
}

async fn page(visit: &StaffRequest, of: Option<Locale>) -> Answer {
    let status = visit.services().admin.status(&visit.caller).await?;
    let asked = visit.services().intake.form().await;
    let c = visit.chrome();
    let locales = &visit.place().state.locales;
    let screen = |locale: Locale, section: &Section| Screen {
        locale,
        section: section.id.clone(),
        label: match of {
            Some(_) => c.t.told(&section.label, "other"),
            None => locale.name().to_owned(),
        },
    };
    let screens = match of {
        Some(locale) => shown::screens(&asked)
            .map(|section| screen(locale, section))
            .collect(),
        None => Locale::all()
            .flat_map(|locale| {
                let first = shown::screens(&asked).take(1);
                first.map(move |section| (locale, section))
            })
            .map(|(locale, section)| screen(locale, section))
            .collect(),
    };
    let languages = Locale::all().filter(|locale| of.is_none_or(|of| of == *locale));
    let this = status.processes.into_iter().next();
    let mut response = ok(&AskedForm {
        file: &asked.form.file,
        version: asked.version(),
        refused: this.and_then(|process| process.refused),
        remarks: &asked.form.remarks,
        languages: languages
            .map(|locale| spoken(locales, &asked, locale))
            .collect(),
        of,
        screens,
        c,
    })?;
    mark_framing(&mut response, Framing::Holds);
    Ok(response)
}

fn listed(code: &str) -> Result<Locale, WebError> {
    let locale: Option<Locale> = code.parse().ok();
    locale
        .filter(|one| one.is_listed())
        .ok_or(WebError::NotFound)
}

fn spoken<'a>(locales: &Locales, form: &'a FormDefinition, locale: Locale) -> Spoken<'a> {
    let mut missing = form.messages();
    missing.retain(|id| !locales.translator(locale).has(id));
    missing.sort_unstable();
    missing.dedup();
    Spoken {
        locale,
        missing,
        lacking: locales.lacking(locale),
    }
}
