//! Why a notice did not leave, in a language.

use super::Translator;
use crate::domain::mail_fault::MailFailure;

impl Translator {
    /// One sentence of advice, and how far it came.
    pub fn mail_failure(&self, failure: &MailFailure) -> String {
        let advice = self.word("mail-fault", failure.fault);
        match self.mail_stage(failure) {
            Some(stage) => format!("{advice} {stage}"),
            None => advice,
        }
    }

    /// How far it came, and what the server answered in numbers.
    fn mail_stage(&self, failure: &MailFailure) -> Option<String> {
        let stage = self.word("mail-stage", failure.stage?);
        Some(match failure.answer {
            Some(answer) => {
                let said = [("stage", &stage), ("answer", &answer.to_string())];
                self.text_with("mail-how-answered", &said)
            }
            None => self.text_with("mail-how-far", &[("stage", &stage)]),
        })
    }
}
