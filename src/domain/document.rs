//! A TOML document that is read key by key: what is wrong is collected with its place, nothing stops at the first fault, and a key that
//! nobody asks for is a fault too. The configuration and the form are read with it; each has its own words for what is wrong.

use std::borrow::Cow;
use std::cell::RefCell;
use std::collections::BTreeMap;
use std::fmt;
use std::ops::Range;
use std::path::{Path, PathBuf};

use toml::Spanned;
use toml::de::{DeTable, DeValue};

/// Where a setting was found, or looked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Place {
    /// In the file, at this line (counted from 1).
    Line {
        /// The file.
        file: PathBuf,
        /// The line, counted from 1.
        line: usize,
    },
    /// In the file, which does not mention it.
    File(PathBuf),
    /// In this environment variable.
    Variable(String),
}

impl Place {
    /// The line in the file, counted from 1, if it stands in one.
    pub const fn line(&self) -> Option<usize> {
        match self {
            Self::Line { line, .. } => Some(*line),
            Self::File(_) | Self::Variable(_) => None,
        }
    }
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Line { file, line } => write!(f, "{}:{line}", file.display()),
            Self::File(file) => write!(f, "{}", file.display()),
            Self::Variable(name) => f.write_str(name),
        }
    }
}

/// Something wrong in a document.
#[derive(Debug)]
pub(crate) struct Problem {
    /// The full name of the key, such as `hotline.numbers[0].number`; empty if it is about no single one.
    pub key: String,
    pub place: Place,
    pub fault: Fault,
}

/// What is wrong with a key.
#[derive(Debug)]
pub(crate) enum Fault {
    /// The document is not TOML.
    Syntax(String),
    Missing,
    /// Nobody knows it; these are known.
    Unknown(Vec<&'static str>),
    Wrong(String),
}

/// What was wrong so far.
pub(crate) type Problems = RefCell<Vec<Problem>>;

/// Reads a text as if it stood in `file`. Gives what `read` makes of it, or everything that is wrong.
pub(crate) fn read<'d, T>(
    text: &'d str,
    file: &'d Path,
    problems: &'d Problems,
    read: impl FnOnce(&mut Table<'d>) -> Option<T>,
) -> Result<T, Vec<Problem>> {
    let source = Source {
        file,
        text,
        variable: None,
        problems,
    };
    let value = match DeTable::parse(text) {
        Ok(table) => {
            let place = Place::File(file.to_owned());
            Table::new(source, String::new(), place, table.into_inner()).read(read)
        }
        Err(error) => {
            let place = source.place(error.span().unwrap_or_default());
            source.report("", place, Fault::Syntax(error.message().to_owned()))
        }
    };
    let problems = problems.take();
    value.filter(|_| problems.is_empty()).ok_or(problems)
}

/// What values come from.
#[derive(Clone, Copy)]
struct Source<'d> {
    file: &'d Path,
    text: &'d str,
    /// A variable of the environment, instead of the file.
    variable: Option<&'d str>,
    problems: &'d Problems,
}

impl<'d> Source<'d> {
    fn place(self, span: Range<usize>) -> Place {
        if let Some(name) = self.variable {
            return Place::Variable(name.to_owned());
        }
        let before = self.text.bytes().take(span.start);
        Place::Line {
            file: self.file.to_owned(),
            line: 1 + before.filter(|byte| *byte == b'\n').count(),
        }
    }

    fn folder(self) -> &'d Path {
        self.file.parent().unwrap_or(Path::new(""))
    }

    fn value(self, key: String, toml: Spanned<DeValue<'d>>) -> Value<'d> {
        Value {
            source: self,
            key,
            place: self.place(toml.span()),
            toml: toml.into_inner(),
        }
    }

    fn report<T>(self, key: &str, place: Place, fault: Fault) -> Option<T> {
        let key = key.to_owned();
        self.problems
            .borrow_mut()
            .push(Problem { key, place, fault });
        None
    }
}

/// A value, and where it stands.
#[derive(Clone)]
pub(crate) struct Value<'d> {
    source: Source<'d>,
    key: String,
    place: Place,
    toml: DeValue<'d>,
}

impl<'d> Value<'d> {
    /// Reports what is wrong with it. The message must not repeat it: a secret may have been pasted under the wrong key.
    pub fn wrong<T>(&self, message: impl Into<String>) -> Option<T> {
        let fault = Fault::Wrong(message.into());
        self.source.report(&self.key, self.place.clone(), fault)
    }

    /// The folder of the file, where relative paths start.
    pub fn folder(&self) -> &'d Path {
        self.source.folder()
    }

    pub fn text(&self) -> Option<&str> {
        self.toml.as_str()
    }

    pub fn boolean(&self) -> Option<bool> {
        self.toml.as_bool()
    }

    /// A whole number; in a variable, a text that is one.
    pub fn integer(&self) -> Option<i64> {
        match &self.toml {
            DeValue::Integer(number) => i64::from_str_radix(number.as_str(), number.radix()).ok(),
            DeValue::String(text) if self.source.variable.is_some() => text.trim().parse().ok(),
            _ => None,
        }
    }

    /// The values of a list; in a variable, TOML or texts with commas between.
    pub fn list(self) -> Option<Vec<Self>> {
        let items: Vec<_> = match self.toml {
            DeValue::Array(items) => items.into_iter().collect(),
            DeValue::String(Cow::Borrowed(text)) if self.source.variable.is_some() => {
                in_variable(text)?
            }
            _ => return None,
        };
        let items = items.into_iter().zip(0_usize..).map(|(item, index)| {
            let key = format!("{}[{index}]", self.key);
            self.source.value(key, item)
        });
        Some(items.collect())
    }

    /// Reads a table; `None` if it is none.
    pub fn table<T>(self, read: impl FnOnce(&mut Table<'d>) -> T) -> Option<T> {
        match self.toml {
            DeValue::Table(table) => {
                Some(Table::new(self.source, self.key, self.place, table).read(read))
            }
            _ => None,
        }
    }
}

fn in_variable(text: &str) -> Option<Vec<Spanned<DeValue<'_>>>> {
    if text.trim_start().starts_with('[') {
        return match DeValue::parse(text.trim()).ok()?.into_inner() {
            DeValue::Array(items) => Some(items.into_iter().collect()),
            _ => None,
        };
    }
    let parts = text.split(',').map(str::trim);
    let parts = parts.filter(|part| !part.is_empty());
    Some(parts.map(loose).collect())
}

/// The text of a variable, which may stand for any type.
fn loose(text: &str) -> Spanned<DeValue<'_>> {
    Spanned::new(0..0, DeValue::String(text.into()))
}

/// One table while it is being read.
pub(crate) struct Table<'d> {
    source: Source<'d>,
    key: String,
    place: Place,
    /// Where each key stands, and its value.
    values: BTreeMap<String, (Place, Value<'d>)>,
    asked: Vec<&'static str>,
}

impl<'d> Table<'d> {
    fn new(source: Source<'d>, key: String, place: Place, toml: DeTable<'d>) -> Self {
        let mut table = Self {
            source,
            key,
            place,
            values: BTreeMap::new(),
            asked: Vec::new(),
        };
        for (name, value) in toml {
            let place = source.place(name.span());
            let value = source.value(table.full(name.get_ref()), value);
            let name = name.into_inner().into_owned();
            table.values.insert(name, (place, value));
        }
        table
    }

    fn read<T>(mut self, read: impl FnOnce(&mut Self) -> T) -> T {
        let result = read(&mut self);
        for (name, (place, value)) in &self.values {
            if !self.asked.contains(&name.as_str()) {
                let fault = Fault::Unknown(self.asked.clone());
                self.source.report::<()>(&value.key, place.clone(), fault);
            }
        }
        result
    }

    fn full(&self, key: &str) -> String {
        match self.key.as_str() {
            "" => key.to_owned(),
            table => format!("{table}.{key}"),
        }
    }

    /// Where it stands.
    pub const fn place(&self) -> &Place {
        &self.place
    }

    /// The keys that were asked for.
    pub fn asked(&self) -> &[&'static str] {
        &self.asked
    }

    /// The folder of the file, where relative paths start.
    pub fn folder(&self) -> &'d Path {
        self.source.folder()
    }

    /// The value of a key, if it is there.
    pub fn value(&mut self, key: &'static str) -> Option<Value<'d>> {
        self.asked.push(key);
        self.values.get(key).map(|(_, value)| value.clone())
    }

    /// The value of a key that must be there.
    pub fn required_value(&mut self, key: &'static str) -> Option<Value<'d>> {
        self.value(key).or_else(|| self.missing(key))
    }

    /// Reads the table of that name, an empty one if it is not there, with variables laid over it: variable, key and text.
    pub fn section<T>(
        &mut self,
        name: &'static str,
        laid: impl Iterator<Item = (&'d str, String, &'d str)>,
        read: impl FnOnce(&mut Self) -> T,
    ) -> T {
        let (place, toml) = match self.value(name) {
            None => (self.place.clone(), DeTable::default()),
            Some(value) => match value.toml {
                DeValue::Table(table) => (value.place, table),
                _ => {
                    value.wrong::<()>(format!("expected a section, [{name}]"));
                    (value.place, DeTable::default())
                }
            },
        };
        let mut table = Self::new(self.source, self.full(name), place, toml);
        for (variable, key, text) in laid {
            let source = Source {
                variable: Some(variable),
                ..self.source
            };
            let value = source.value(table.full(&key), loose(text));
            table.values.insert(key, (value.place.clone(), value));
        }
        table.read(read)
    }

    /// Whether a key is there with more than an empty text.
    pub fn has(&self, key: &str) -> bool {
        let value = self.values.get(key);
        value.is_some_and(|(_, value)| value.text() != Some(""))
    }

    /// Whether nothing was wrong with a key so far.
    pub fn is_sound(&self, key: &str) -> bool {
        let key = self.full(key);
        !self.source.problems.borrow().iter().any(|problem| {
            let rest = problem.key.strip_prefix(&key);
            rest.is_some_and(|rest| rest.is_empty() || rest.starts_with('['))
        })
    }

    /// Reports a key that must be there and is not.
    pub fn missing<T>(&self, key: &str) -> Option<T> {
        self.source
            .report(&self.full(key), self.place.clone(), Fault::Missing)
    }

    /// Reports something wrong with a key, where it stands or else its table.
    pub fn wrong(&self, key: &str, message: impl Into<String>) {
        let place = self.values.get(key).map_or(&self.place, |(place, _)| place);
        let fault = Fault::Wrong(message.into());
        self.source
            .report::<()>(&self.full(key), place.clone(), fault);
    }

    /// Reports at the first of several keys that together they break a rule, unless one of them is wrong by itself.
    pub fn rule(&self, keys: &[&str], kept: bool, message: impl Into<String>) {
        if let [first, ..] = keys
            && !kept
            && keys.iter().all(|key| self.is_sound(key))
        {
            self.wrong(first, message);
        }
    }

    /// Reports something wrong with the table as a whole.
    pub fn unfit(&self, message: impl Into<String>) {
        self.report("", self.place.clone(), Fault::Wrong(message.into()));
    }

    /// Reports something that stands elsewhere than in this table.
    pub fn report(&self, key: &str, place: Place, fault: Fault) {
        self.source.report::<()>(key, place, fault);
    }
}
