//! What a page with a form shows again: what was typed, what is wrong beside which field, and what is wrong with all of it.

use std::fmt::Display;

use actix_web::http::StatusCode;

use super::fields::Fields;
use crate::locale::Translator;

/// The state of a page's forms. Templates know it as `form`.
pub(super) struct FormState<'a> {
    t: &'a Translator,
    fields: &'a Fields,
    status: StatusCode,
    /// The id of the input, and the message beside it.
    errors: Vec<(String, &'static str)>,
    problem: Option<&'static str>,
}

/// One option of a list to choose from.
pub(super) struct SelectOption {
    pub(super) value: String,
    pub(super) label: String,
    pub(super) chosen: bool,
}

impl<'a> FormState<'a> {
    /// What was typed, nothing of it wrong.
    pub(super) const fn new(t: &'a Translator, fields: &'a Fields) -> Self {
        Self {
            t,
            fields,
            status: StatusCode::OK,
            errors: Vec::new(),
            problem: None,
        }
    }

    /// With a message beside the input of that id.
    pub(super) fn wrong(self, id: impl Into<String>, message: &'static str) -> Self {
        self.refused(StatusCode::UNPROCESSABLE_ENTITY, id, message)
    }

    /// [`Self::wrong`] with another status.
    pub(super) fn refused(
        mut self,
        status: StatusCode,
        id: impl Into<String>,
        message: &'static str,
    ) -> Self {
        self.status = status;
        self.errors.push((id.into(), message));
        self
    }

    /// With a message above everything.
    pub(super) const fn problem(mut self, status: StatusCode, message: &'static str) -> Self {
        self.status = status;
        self.problem = Some(message);
        self
    }

    /// Of the page.
    pub(super) const fn status(&self) -> StatusCode {
        self.status
    }

    /// The first value of that name, or nothing.
    pub(super) fn get(&self, name: &str) -> &'a str {
        self.fields.get(name)
    }

    /// Whether that option was picked or that box ticked.
    pub(super) fn has(&self, name: &str, value: &str) -> bool {
        self.fields.all(name).any(|sent| sent == value)
    }

    /// What is wrong with the input of that id, in words.
    pub(super) fn error(&self, id: impl Display) -> Option<String> {
        let id = id.to_string();
        let wrong = self.errors.iter().find(|(wrong, _)| *wrong == id);
        wrong.map(|(_, message)| self.t.text(message))
    }

    /// Whether something is.
    pub(super) fn is_wrong(&self, id: impl Display) -> bool {
        self.error(id).is_some()
    }

    /// What is wrong with all of it, in words.
    pub(super) fn problem_text(&self) -> Option<String> {
        self.problem.map(|message| self.t.text(message))
    }
}
