//! Answers that are told once the report is with its team: a message like any other.

use zeroize::Zeroizing;

use super::definition::Section;
use super::filled::{Filled, Value};
use super::sealed::plain;

impl Filled {
    /// Questions and answers of one section as the lines of a message. `words` gives the sentence of a message id in the reporter's language.
    pub fn message(&self, section: &Section, words: &dyn Fn(&str) -> String) -> Zeroizing<String> {
        let mut message = Zeroizing::new(String::new());
        for question in &section.questions {
            let answer = match self.value(&question.id) {
                Some(Value::Text(text)) => text.clone(),
                Some(Value::Options(picked)) => {
                    let picked = picked.iter().filter_map(|id| question.option(id));
                    let lines = picked.map(|option| plain(&words(&option.label)));
                    Zeroizing::new(lines.collect::<Vec<_>>().join("\n"))
                }
                None => continue,
            };
            if !message.is_empty() {
                message.push_str("\n\n");
            }
            message.push_str(&plain(&words(&question.label)));
            message.push('\n');
            message.push_str(&answer);
        }
        message
    }
}
