//! A report's page is one form, so that whichever button is pressed, every word on it is sent and comes back. Here is what was in it.

use zeroize::Zeroizing;

use super::fields::Fields;
use crate::domain::inert;

/// What somebody typed and is not saved, on its way to the page that gives it back.
pub(super) type Words = Zeroizing<String>;

/// Names and values of the page's fields. Codes and what only proves the request are not among them.
#[derive(Default)]
pub(super) struct Kept(Vec<(String, Zeroizing<String>)>);

impl Kept {
    /// All that was sent.
    pub(super) fn of(fields: &Fields) -> Self {
        let kept = fields
            .iter()
            .filter(|(name, _)| !is_proof(name))
            .map(|(name, value)| (name.to_owned(), Zeroizing::new(value.replace("\r\n", "\n"))));
        Self(kept.collect())
    }

    /// The first value of that name, or nothing.
    pub(super) fn get(&self, name: &str) -> &str {
        self.0
            .iter()
            .find(|(field, _)| field == name)
            .map_or("", |(_, value)| value.as_str())
    }

    /// Whether that box was ticked or that option picked.
    pub(super) fn has(&self, name: &str, value: &str) -> bool {
        self.0
            .iter()
            .any(|(field, picked)| field == name && picked.as_str() == value)
    }

    /// What one part of the form had in it: the field of its name, and those whose names begin with it.
    pub(super) fn take(&mut self, part: &str) {
        // Picking another report belongs to the act.
        let linked = part == "act";
        self.0.retain(|(name, _)| {
            name != part && !belongs(name, part) && !(linked && name == "linked")
        });
    }

    /// The words among them.
    pub(super) fn texts(&self) -> impl Iterator<Item = &str> {
        self.0
            .iter()
            .filter(|(name, value)| is_text(name) && !inert::is_blank(value))
            .map(|(_, value)| value.as_str())
    }

    /// The words as one text, for a page that has no field for each.
    pub(super) fn text(&self) -> Option<Words> {
        let texts: Vec<&str> = self.texts().collect();
        (!texts.is_empty()).then(|| Words::new(texts.join("\n\n")))
    }

    /// Names and values, for hidden fields.
    pub(super) fn fields(&self) -> impl Iterator<Item = (&str, &str)> {
        self.0
            .iter()
            .map(|(name, value)| (name.as_str(), value.as_str()))
    }
}

fn belongs(name: &str, part: &str) -> bool {
    name.strip_prefix(part)
        .is_some_and(|rest| rest.starts_with('-'))
}

fn is_proof(name: &str) -> bool {
    matches!(
        name,
        "csrf" | "version" | "once" | "lang" | "form" | "kind" | "proposal" | "export"
    ) || name.starts_with("code")
}

/// Whether a field takes words that somebody would miss.
fn is_text(name: &str) -> bool {
    let alone = [
        "message", "note", "linked", "text", "reason", "handle", "name", "line",
    ];
    alone.contains(&name)
        || ["-reason", "-message", "-recipient"]
            .iter()
            .any(|end| name.ends_with(end))
}
