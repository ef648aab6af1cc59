//! The form as it is shown to those who keep it: the same pages, with nothing behind them.

use actix_web::HttpResponse;
use actix_web::http::StatusCode;

use super::questions::{self, Asked, Target};
use crate::domain::form::{Filled, FormDefinition, Section, Stage};
use crate::locale::Locale;
use crate::web::frame::{PageFrame, Switch};
use crate::web::marks::{Framing, mark_framing};
use crate::web::page;
use crate::web::state::State;

/// The first section of every screen of a form.
pub fn screens(form: &FormDefinition) -> impl Iterator<Item = &Section> {
    let first = form.of_stage(Stage::First).take(1);
    let others = form.sections().iter();
    first.chain(others.filter(|section| section.stage != Stage::First))
}

/// The screen that begins with that section.
pub fn screen(
    state: &State,
    locale: Locale,
    form: &FormDefinition,
    section: &str,
) -> Option<HttpResponse> {
    let section = screens(form).find(|one| one.id == section)?;
    let sections: Vec<&Section> = match section.stage {
        Stage::First => form.of_stage(Stage::First).collect(),
        _ => vec![section],
    };
    let filled = Filled::default();
    let asked = Asked::of(form, &sections, &filled);
    // No ticket, and an address at which nobody takes anything.
    let target = Target {
        id: "form",
        action: "#".to_owned(),
        fields: Vec::new(),
        button: ("", "form-to-review"),
        back: None,
    };
    let switch = Switch::Button {
        form: "form",
        action: "#".to_owned(),
        page: "",
        step: "",
        usual: "",
    };
    let c = PageFrame::of_form(state, locale, switch).inert();
    let mut response = page::html(StatusCode::OK, &questions::questions(c, asked, target));
    mark_framing(&mut response, Framing::Held);
    Some(response)
}
