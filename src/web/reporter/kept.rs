//! Whoever leaves a form for another page takes its words along, and finds them again: in the fields of that page, and nowhere else. Small
//! phones and the browsers inside other apps keep no page for the Back button.

use crate::web::body::Form;
use crate::web::frame::Switch;

/// The form that was left: which page, which step leads back to it, everything in it.
pub(super) struct Kept {
    pub(super) page: &'static str,
    pub(super) step: &'static str,
    form: Form,
}

impl Kept {
    /// What was left at a step of a page.
    pub(super) const fn new(page: &'static str, step: &'static str, form: Form) -> Self {
        Self { page, step, form }
    }

    /// Names and values, for hidden fields.
    pub(super) fn fields(&self) -> impl Iterator<Item = (&str, &str)> {
        let fields = self.form.fields().iter();
        fields
            .filter(|(name, _)| name != "step")
            .map(|(name, value)| (name.as_str(), value.as_str()))
    }

    /// The language switch of a page that keeps them.
    pub(super) fn switch(&self, here: &str) -> Switch {
        Switch::Button {
            form: "kept",
            action: format!("/{{lang}}/{here}?{}", self.page),
            page: self.page,
            step: self.step,
            usual: self.step,
        }
    }
}
