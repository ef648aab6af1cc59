//! A configuration file as a tree of values that know their line.

use std::ops::Range;
use std::path::{Path, PathBuf};

use toml_edit::{Document, Item, TableLike, Value};

use super::error::{ConfigError, Place};

/// A value and where it stands.
#[derive(Clone)]
pub(super) struct Node {
    pub place: Place,
    pub value: Setting,
}

/// What the file says, before anybody asks which type it should have.
#[derive(Clone)]
pub(super) enum Setting {
    Text(String),
    Integer(i64),
    List(Vec<Node>),
    Table(Vec<Entry>),
    /// From the environment: a text that may stand for any type.
    Loose(String),
    /// A truth value, a fraction or a date: no setting has such a type.
    Other,
}

/// A key and its value.
#[derive(Clone)]
pub(super) struct Entry {
    pub key: String,
    pub place: Place,
    pub node: Node,
}

/// Parses a whole file. TOML that cannot be parsed is one error, at its line.
pub(super) fn parse(text: &str, file: &Path) -> Result<Vec<Entry>, ConfigError> {
    let lines = Lines {
        text,
        origin: Origin::File(file.to_owned()),
    };
    match Document::parse(text) {
        Ok(document) => Ok(lines.entries(document.as_table())),
        Err(error) => Err(ConfigError {
            key: String::new(),
            place: lines.place(error.span()),
            message: format!("not TOML: {}", error.message()),
        }),
    }
}

/// Parses a list given in an environment variable, as TOML; `None` if it is not.
pub(super) fn parse_list(text: &str, place: &Place) -> Option<Vec<Node>> {
    let document = format!("list = {text}");
    let parsed = Document::parse(document.as_str()).ok()?;
    let lines = Lines {
        text: document.as_str(),
        origin: Origin::Same(place.clone()),
    };
    let entry = lines.entries(parsed.as_table()).into_iter().next()?;
    match entry.node.value {
        Setting::List(nodes) => Some(nodes),
        _ => None,
    }
}

struct Lines<'a> {
    text: &'a str,
    origin: Origin,
}

enum Origin {
    File(PathBuf),
    Same(Place),
}

impl Lines<'_> {
    fn place(&self, span: Option<Range<usize>>) -> Place {
        match (&self.origin, span) {
            (Origin::Same(place), _) => place.clone(),
            (Origin::File(file), None) => Place::File(file.clone()),
            (Origin::File(file), Some(span)) => Place::Line {
                file: file.clone(),
                line: 1 + self
                    .text
                    .bytes()
                    .take(span.start)
                    .filter(|byte| *byte == b'\n')
                    .count(),
            },
        }
    }

    fn entries(&self, table: &dyn TableLike) -> Vec<Entry> {
        table
            .iter()
            .filter_map(|(name, item)| {
                let key = table.key(name).and_then(toml_edit::Key::span);
                let place = self.place(key.or_else(|| item.span()));
                Some(Entry {
                    key: name.to_owned(),
                    node: self.item(item, &place)?,
                    place,
                })
            })
            .collect()
    }

    fn item(&self, item: &Item, at: &Place) -> Option<Node> {
        let value = match item {
            Item::None => return None,
            Item::Value(value) => return Some(self.value(value)),
            Item::Table(table) => Setting::Table(self.entries(table)),
            Item::ArrayOfTables(tables) => Setting::List(
                tables
                    .iter()
                    .map(|table| Node {
                        place: self.place(table.span()),
                        value: Setting::Table(self.entries(table)),
                    })
                    .collect(),
            ),
        };
        Some(Node {
            place: at.clone(),
            value,
        })
    }

    fn value(&self, value: &Value) -> Node {
        let setting = match value {
            Value::String(text) => Setting::Text(text.value().clone()),
            Value::Integer(number) => Setting::Integer(*number.value()),
            Value::Array(array) => {
                Setting::List(array.iter().map(|value| self.value(value)).collect())
            }
            Value::InlineTable(table) => Setting::Table(self.entries(table)),
            Value::Boolean(_) | Value::Float(_) | Value::Datetime(_) => Setting::Other,
        };
        Node {
            place: self.place(value.span()),
            value: setting,
        }
    }
}
