//! The sections that nobody has to fill in, each behind a button of its own.

use crate::domain::form::{FormDefinition, Section, Stage};
use crate::locale::Translator;
use crate::web::said::Said;

/// What can be told besides, in the order of the form.
pub(super) struct Offers(pub(super) Vec<Offer>);

/// One section.
pub(super) struct Offer {
    /// Its name within the form.
    pub(super) id: String,
    /// What it is about.
    pub(super) label: Said,
    /// Whether it was filled in and not sent.
    pub(super) is_unsent: bool,
}

impl Offers {
    /// Every section of the form that is not on its first page.
    pub(super) fn all(t: &Translator, form: &FormDefinition, who: &str) -> Self {
        let offer = |section: &Section| Offer {
            id: section.id.clone(),
            label: Said::told(t, &section.label, who),
            is_unsent: false,
        };
        Self(form.of_stage(Stage::More).map(offer).collect())
    }
}
