//! The answers that a request brings.

use crate::domain::form::{Answers, FieldError, Filled, FormDefinition, Invalid};
use crate::web::body::Form;

/// What was typed, and what is wrong with it.
pub(super) struct Read {
    pub(super) filled: Filled,
    pub(super) errors: Vec<FieldError>,
}

impl Read {
    /// The answers among these fields.
    pub(super) fn of(definition: &FormDefinition, form: &Form) -> Self {
        let (filled, mut errors) = match Answers::read(definition, form.fields()) {
            Ok(filled) => (filled, Vec::new()),
            Err(Invalid { filled, errors }) => (filled, errors),
        };
        for question in definition
            .questions()
            .filter(|question| form.is_garbled(&question.id))
        {
            if !errors.iter().any(|error| error.question == question.id) {
                errors.push(FieldError {
                    question: question.id.clone(),
                    message: "form-error-control",
                    args: Vec::new(),
                });
            }
        }
        Self { filled, errors }
    }
}
