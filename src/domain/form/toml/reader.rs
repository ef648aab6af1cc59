//! Takes values out of TOML tables and remembers what was wrong, with its line.

use std::fmt;
use std::ops::Range;
use toml_edit::{Item, TableLike};

/// Something wrong in a form's file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FormProblem {
    /// Where, if that can be said.
    pub line: Option<usize>,
    /// What.
    pub problem: String,
}

impl fmt::Display for FormProblem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.line {
            Some(line) => write!(f, "line {line}: {}", self.problem),
            None => f.write_str(&self.problem),
        }
    }
}

/// Bytes of the file that a value stands in.
pub(super) type Span = Option<Range<usize>>;

pub(super) struct Reader<'a> {
    text: &'a str,
    problems: Vec<FormProblem>,
}

impl<'a> Reader<'a> {
    pub(super) const fn new(text: &'a str) -> Self {
        Self {
            text,
            problems: Vec::new(),
        }
    }

    /// What was wrong, in the order of the file.
    pub(super) fn into_problems(mut self) -> Vec<FormProblem> {
        self.problems.sort_by_key(|problem| problem.line);
        self.problems
    }

    pub(super) fn problem(&mut self, span: Span, problem: impl Into<String>) {
        let line = span.map(|span| {
            let before = self.text.bytes().take(span.start);
            before
                .filter(|byte| *byte == b'\n')
                .count()
                .saturating_add(1)
        });
        self.problems.push(FormProblem {
            line,
            problem: problem.into(),
        });
    }

    /// Refuses keys other than these.
    pub(super) fn only(&mut self, table: &dyn TableLike, known: &[&str]) {
        for (key, item) in table.iter().filter(|(key, _)| !known.contains(key)) {
            let span = table
                .key(key)
                .and_then(toml_edit::Key::span)
                .or_else(|| item.span());
            self.problem(span, format!("unknown key `{key}`"));
        }
    }

    pub(super) fn required<T>(
        &mut self,
        table: &dyn TableLike,
        key: &str,
        at: &Span,
        read: impl Fn(&Self, &Item) -> Result<T, String>,
    ) -> Option<T> {
        if table.get(key).is_none() {
            self.problem(at.clone(), format!("`{key}` is missing"));
        }
        self.optional(table, key, read)
    }

    pub(super) fn optional<T>(
        &mut self,
        table: &dyn TableLike,
        key: &str,
        read: impl Fn(&Self, &Item) -> Result<T, String>,
    ) -> Option<T> {
        let item = table.get(key)?;
        match read(self, item) {
            Ok(value) => Some(value),
            Err(problem) => {
                self.problem(item.span(), format!("`{key}` {problem}"));
                None
            }
        }
    }

    /// A required name: of a question, an option, a message, a channel.
    pub(super) fn name(&mut self, table: &dyn TableLike, key: &str, at: &Span) -> String {
        self.required(table, key, at, Self::read_name)
            .unwrap_or_default()
    }

    pub(super) fn optional_name(&mut self, table: &dyn TableLike, key: &str) -> Option<String> {
        self.optional(table, key, Self::read_name)
    }

    fn read_name(&self, item: &Item) -> Result<String, String> {
        let name = self.string(item)?;
        let proper = name.starts_with(|c: char| c.is_ascii_lowercase())
            && name.len() <= 100
            && name
                .bytes()
                .all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-');
        if proper {
            Ok(name)
        } else {
            Err("must be small letters, digits and hyphens, and start with a letter".to_owned())
        }
    }

    pub(super) fn string(&self, item: &Item) -> Result<String, String> {
        item.as_str()
            .map(str::to_owned)
            .ok_or_else(|| "must be a text".to_owned())
    }

    pub(super) fn strings(&self, item: &Item) -> Result<Vec<String>, String> {
        item.as_array()
            .and_then(|array| {
                array
                    .iter()
                    .map(|value| value.as_str().map(str::to_owned))
                    .collect()
            })
            .ok_or_else(|| "must be a list of texts".to_owned())
    }

    pub(super) fn count(&self, item: &Item) -> Result<u32, String> {
        item.as_integer()
            .and_then(|number| u32::try_from(number).ok())
            .filter(|number| *number > 0)
            .ok_or_else(|| "must be a whole number above 0".to_owned())
    }

    /// The tables of a required list: `[[key]]` or `key = [{ … }]`.
    pub(super) fn tables<'t>(
        &mut self,
        table: &'t dyn TableLike,
        key: &str,
        at: &Span,
    ) -> Vec<(&'t dyn TableLike, Span)> {
        let mut found: Vec<(&dyn TableLike, Span)> = Vec::new();
        match table.get(key) {
            Some(Item::ArrayOfTables(tables)) => {
                found.extend(tables.iter().map(|table| (table_like(table), table.span())));
            }
            Some(Item::Value(toml_edit::Value::Array(array))) => {
                for value in array {
                    match value.as_inline_table() {
                        Some(inline) => found.push((inline, value.span())),
                        None => {
                            self.problem(value.span(), format!("`{key}` must be a list of tables"))
                        }
                    }
                }
            }
            Some(other) => self.problem(other.span(), format!("`{key}` must be a list of tables")),
            None => {}
        }
        if found.is_empty() {
            self.problem(at.clone(), format!("`{key}` must not be empty"));
        }
        found
    }
}

fn table_like(table: &toml_edit::Table) -> &dyn TableLike {
    table
}
