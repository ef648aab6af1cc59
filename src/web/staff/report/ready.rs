//! Answers that the operator has made ready: one press puts one into the answer that is being written.

use crate::domain::inert::is_blank;
use crate::locale::Locale;
use crate::service::triage::ReportView;
use crate::web::staff::fields::Fields;
use crate::web::state::ReadyAnswer;

/// One of them, for the reporter of one report.
pub(super) struct Ready<'a> {
    /// What the button sends: which one, and in which language.
    pub(super) value: String,
    pub(super) name: &'a str,
    /// In the reporter's language.
    pub(super) text: &'a str,
    pub(super) language: &'static str,
    /// In the reader's, where that is another one.
    pub(super) own: Option<&'a str>,
}

pub(super) fn ready<'a>(
    answers: &'a [ReadyAnswer],
    reader: Locale,
    read: &ReportView,
) -> Vec<Ready<'a>> {
    let theirs = read
        .card
        .as_ref()
        .and_then(|card| card.language.parse().ok());
    let theirs = theirs.unwrap_or(reader);
    let each = answers.iter().enumerate().map(|(number, answer)| {
        let (text, own) = (answer.text.said_in(theirs), answer.text.said_in(reader));
        Ready {
            value: format!("{number}-{}", theirs.code()),
            name: answer.name.said_in(reader),
            text,
            language: theirs.code(),
            own: Some(own).filter(|own| *own != text),
        }
    });
    each.collect()
}

/// The fields of the page with that answer below what was written already.
pub(super) fn put(answers: &[ReadyAnswer], chosen: &str, fields: &Fields) -> Option<Fields> {
    let (number, language) = chosen.split_once('-')?;
    let answer = answers.get(number.parse::<usize>().ok()?)?;
    let text = answer.text.said_in(language.parse().ok()?);
    let written = fields.get("message");
    let message = match is_blank(written) {
        true => text.to_owned(),
        false => format!("{}\n\n{text}", written.trim_end()),
    };
    Some(fields.with("message", message))
}
