//! What sentences need besides themselves: variables that somebody fills in, and other messages.

use std::collections::BTreeSet;

use fluent_bundle::FluentResource;
use fluent_syntax::ast::{Attribute, Entry, Expression, InlineExpression, Pattern, PatternElement};

/// A message or a term of a file, with everything that it names.
pub(super) struct Sentence<'a> {
    /// Its id; that of a term begins with a hyphen.
    pub(super) id: String,
    /// Variables, without their sign.
    pub(super) variables: BTreeSet<&'a str>,
    /// Ids of other messages and terms.
    pub(super) messages: BTreeSet<String>,
}

/// Every message and term of a file.
pub(super) fn sentences(file: &FluentResource) -> impl Iterator<Item = Sentence<'_>> {
    file.entries().filter_map(|entry| {
        let (id, value, attributes) = match entry {
            Entry::Message(message) => {
                let value = message.value.as_ref();
                (message.id.name.to_owned(), value, &message.attributes)
            }
            Entry::Term(term) => (
                format!("-{}", term.id.name),
                Some(&term.value),
                &term.attributes,
            ),
            _ => return None,
        };
        let mut sentence = Sentence {
            id,
            variables: BTreeSet::new(),
            messages: BTreeSet::new(),
        };
        sentence.look(value, attributes);
        Some(sentence)
    })
}

impl<'a> Sentence<'a> {
    fn look(&mut self, value: Option<&'a Pattern<&'a str>>, attributes: &'a [Attribute<&'a str>]) {
        let attributes = attributes.iter().map(|attribute| &attribute.value);
        for pattern in value.into_iter().chain(attributes) {
            self.pattern(pattern);
        }
    }

    fn pattern(&mut self, pattern: &'a Pattern<&'a str>) {
        for element in &pattern.elements {
            if let PatternElement::Placeable { expression } = element {
                self.expression(expression);
            }
        }
    }

    fn expression(&mut self, expression: &'a Expression<&'a str>) {
        match expression {
            Expression::Inline(inline) => self.inline(inline),
            Expression::Select { selector, variants } => {
                self.inline(selector);
                for variant in variants {
                    self.pattern(&variant.value);
                }
            }
        }
    }

    fn inline(&mut self, inline: &'a InlineExpression<&'a str>) {
        match inline {
            InlineExpression::VariableReference { id } => {
                self.variables.insert(id.name);
            }
            InlineExpression::MessageReference { id, .. } => {
                self.messages.insert(id.name.to_owned());
            }
            InlineExpression::TermReference { id, .. } => {
                self.messages.insert(format!("-{}", id.name));
            }
            InlineExpression::Placeable { expression } => self.expression(expression),
            InlineExpression::FunctionReference { arguments, .. } => {
                arguments.positional.iter().for_each(|one| self.inline(one));
            }
            InlineExpression::StringLiteral { .. } | InlineExpression::NumberLiteral { .. } => {}
        }
    }
}
