//! The form as data: what is asked, what an answer may be, and what is kept of it.
//!
//! A [`FormDefinition`] is read from a file that an operator may change; one engine validates ([`Answers::read`]) and
//! keeps ([`Filled::to_sealed_json`]) whatever it asks. Sealed answers carry the words that were shown with them, so an old
//! report stays readable after the form has changed.

mod answers;
mod card;
mod definition;
mod excerpt;
mod filled;
mod gone;
mod message;
mod reader;
mod sealed;

#[cfg(test)]
mod tests;

pub use answers::{Answers, FieldError, Invalid};
pub use card::{CardSummary, Hint, Labelled};
pub use definition::{
    Choice, Condition, FormDefinition, ICONS, Kind, Question, Said, Section, Shown, Stage,
};
pub use filled::{Answer, Filled, Reason, Value};
pub use gone::Parted;
pub use reader::{FormFaults, FormProblem};
pub use sealed::{SealedAnswer, SealedAnswers, SealedChoice, SealedValue, Unreadable};

/// The form that is used where an operator has none of their own: the text of `config/forms/report.toml`.
pub const BUILT_IN: &str = include_str!("../../config/forms/report.toml");
