//! What a page with a form shows again: what was typed, what is wrong beside which field, and what is wrong with all of it.

use std::fmt::Display;

use actix_web::http::StatusCode;

use super::done::Done;
use super::fields::Fields;
use crate::domain::inert;
use crate::locale::Translator;
use crate::service::error::Error;
use crate::web::marks::Words;

/// The state of a page's forms. Templates know it as `form`.
pub(super) struct FormState<'a> {
    t: &'a Translator,
    fields: &'a Fields,
    status: StatusCode,
    /// The id of the input, and the message beside it.
    errors: Vec<(String, &'static str)>,
    problem: Option<&'static str>,
    /// What has just been done, and with which part of the form: its inputs are empty again.
    done: Option<(String, Done)>,
}

/// One option of a list to choose from.
#[derive(Clone)]
pub(super) struct SelectOption {
    pub(super) value: String,
    pub(super) label: String,
    pub(super) chosen: bool,
}

impl SelectOption {
    /// Each of the values of a kind, by its word under this prefix.
    pub(super) fn each<T: Copy + PartialEq + Display>(
        t: &Translator,
        (prefix, values): (&str, &[T]),
        chosen: Option<T>,
    ) -> Vec<Self> {
        let options = values.iter().map(|value| Self {
            value: value.to_string(),
            label: t.word(prefix, value),
            chosen: chosen == Some(*value),
        });
        options.collect()
    }

    /// The choice of none of them.
    pub(super) fn none(label: String, chosen: bool) -> Self {
        Self {
            value: String::new(),
            label,
            chosen,
        }
    }
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
            done: None,
        }
    }

    /// With a message beside the input of that id.
    pub(super) fn wrong(self, id: impl Into<String>, message: &'static str) -> Self {
        self.refused(StatusCode::UNPROCESSABLE_ENTITY, id, message)
    }

    /// [`Self::wrong`] where it is.
    pub(super) fn wrong_if(self, is_wrong: bool, id: &str, message: &'static str) -> Self {
        if is_wrong {
            self.wrong(id, message)
        } else {
            self
        }
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

    /// With what every form that proves who somebody is says alike of an error.
    pub(super) fn unproven(self, error: &Error) -> Self {
        const AWAY: StatusCode = StatusCode::SERVICE_UNAVAILABLE;
        match error {
            Error::WeakPassphrase => self.wrong("own", "staff-join-weak"),
            Error::NotTypedBack => self.wrong("typed-back", "typed-back-wrong"),
            Error::Busy => self.problem(AWAY, "staff-busy-text"),
            _ => self.problem(AWAY, "staff-unavailable-text"),
        }
    }

    /// With a message above everything.
    pub(super) const fn problem(mut self, status: StatusCode, message: &'static str) -> Self {
        self.status = status;
        self.problem = Some(message);
        self
    }

    /// After that was done with a part of the form. What stood beside it stays.
    pub(super) fn done(mut self, part: &str, done: Done) -> Self {
        self.done = Some((part.to_owned(), done));
        self
    }

    /// What has just been done.
    pub(super) fn just_done(&self) -> Option<Done> {
        self.done.as_ref().map(|(_, done)| *done)
    }

    /// With another status and nothing said: the page itself says why.
    pub(super) const fn with(mut self, status: StatusCode) -> Self {
        self.status = status;
        self
    }

    /// Of the page.
    pub(super) const fn status(&self) -> StatusCode {
        self.status
    }

    /// Names and values that were sent and are not done.
    fn typed(&self) -> impl Iterator<Item = (&'a str, &'a str)> {
        let done = self.done.as_ref().map(|(part, _)| part.as_str());
        let open = move |name: &str| done.is_none_or(|part| !belongs(name, part));
        self.fields.iter().filter(move |(name, _)| open(name))
    }

    /// The first value of that name, or nothing.
    pub(super) fn get(&self, name: impl AsRef<str>) -> &'a str {
        let mut typed = self.typed().filter(|(field, _)| *field == name.as_ref());
        typed.next().map_or("", |(_, value)| value)
    }

    /// Whether that option was picked or that box ticked.
    pub(super) fn has(&self, name: &str, value: impl Display) -> bool {
        let value = value.to_string();
        self.typed().any(|sent| sent == (name, value.as_str()))
    }

    /// What is not saved, as one text, for a page that has no input for each.
    pub(super) fn words(&self) -> Option<Words> {
        words(self.typed())
    }

    /// The same, text by text, but those for which a page has an input.
    pub(super) fn texts_but(&self, is_shown: impl Fn(&str) -> bool) -> Vec<&'a str> {
        let typed = self.typed().filter(|(name, _)| !is_shown(name));
        texts(typed).collect()
    }

    /// Everything but the input of that name, for hidden inputs.
    pub(super) fn besides(&self, name: &str) -> impl Iterator<Item = (&'a str, &'a str)> {
        self.typed()
            .filter(move |(field, _)| !is_proof(field) && *field != name)
    }

    /// Whether anything is wrong with any input.
    pub(super) const fn is_refused(&self) -> bool {
        !self.errors.is_empty()
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

    /// Whether something is wrong with an input of that part.
    pub(super) fn is_wrong_in(&self, part: &str) -> bool {
        self.errors.iter().any(|(id, _)| belongs(id, part))
    }

    /// What is wrong with all of it, in words.
    pub(super) fn problem_text(&self) -> Option<String> {
        self.problem.map(|message| self.t.text(message))
    }
}

/// What a person wrote into a form, whichever form it was: all of it, as one text.
pub(super) fn words<'a>(typed: impl Iterator<Item = (&'a str, &'a str)>) -> Option<Words> {
    let texts: Vec<&str> = texts(typed).collect();
    (!texts.is_empty()).then(|| Words::new(texts.join("\n\n")))
}

fn texts<'a>(typed: impl Iterator<Item = (&'a str, &'a str)>) -> impl Iterator<Item = &'a str> {
    let texts = typed.filter(|(name, value)| is_text(name) && !inert::is_blank(value));
    texts.map(|(_, value)| value)
}

/// Whether an input is of a part of a form: named as it is, or after it.
fn belongs(name: &str, part: &str) -> bool {
    // Picking another report belongs to the act.
    let linked = part == "act" && name == "linked";
    let rest = name.strip_prefix(part);
    linked || rest.is_some_and(|rest| rest.is_empty() || rest.starts_with('-'))
}

/// Whether a field only proves or directs the request.
fn is_proof(name: &str) -> bool {
    matches!(
        name,
        "csrf"
            | "version"
            | "once"
            | "read"
            | "marked"
            | "lang"
            | "kind"
            | "proposal"
            | "export"
            | "ready"
    ) || name.starts_with("code")
}

/// Whether a field takes words that somebody would miss.
fn is_text(name: &str) -> bool {
    let alone = [
        "message", "note", "linked", "text", "reason", "handle", "name", "line",
    ];
    alone.contains(&name)
        || [
            "-reason",
            "-message",
            "-recipient",
            "-safety",
            "-untold",
            "-to",
        ]
        .iter()
        .any(|end| name.ends_with(end))
}
