//! The typed reader: each section asks for its keys; what is wrong or left over is collected, nothing stops at the first error.

use std::path::{Path, PathBuf};

use super::environment::Environment;
use super::error::{ConfigError, Place};
use super::suggest::nearest;
use super::tree::{Entry, Node, Setting};
use super::value::FromSetting;

/// The whole configuration while it is being read.
pub(super) struct Reader {
    file: PathBuf,
    /// Relative paths start here.
    base: PathBuf,
    sections: Vec<Entry>,
    asked: Vec<&'static str>,
    pub(super) errors: Vec<ConfigError>,
}

/// One table while it is being read.
pub(super) struct Section<'r> {
    errors: &'r mut Vec<ConfigError>,
    prefix: String,
    place: Place,
    base: PathBuf,
    entries: Vec<Entry>,
    asked: Vec<&'static str>,
}

impl Reader {
    /// Over the entries of a file, with those of the environment laid on top.
    pub(super) fn new(file: &Path, entries: Vec<Entry>, environment: &Environment) -> Self {
        let base = file.parent().map(Path::to_owned).unwrap_or_default();
        let mut reader = Self {
            file: file.to_owned(),
            base,
            sections: entries,
            asked: Vec::new(),
            errors: Vec::new(),
        };
        for (variable, section, key, value) in environment.overrides() {
            reader.lay(variable, section, key, value);
        }
        reader
    }

    /// Reads one section; a missing one reads as empty.
    pub(super) fn section<T>(
        &mut self,
        name: &'static str,
        read: impl FnOnce(&mut Section<'_>) -> Option<T>,
    ) -> Option<T> {
        self.asked.push(name);
        let entry = take(&mut self.sections, name);
        let (place, entries) = match entry.map(|entry| (entry.place, entry.node.value)) {
            None => (Place::File(self.file.clone()), Vec::new()),
            Some((place, Setting::Table(entries))) => (place, entries),
            Some((place, _)) => {
                self.errors.push(ConfigError {
                    key: name.to_owned(),
                    place,
                    message: format!("expected a section, [{name}]"),
                });
                return None;
            }
        };
        let mut section = Section {
            errors: &mut self.errors,
            prefix: name.to_owned(),
            place,
            base: self.base.clone(),
            entries,
            asked: Vec::new(),
        };
        let result = read(&mut section);
        section.finish();
        result
    }

    /// Reports the sections nobody asked for, and variables that were meant as overrides.
    pub(super) fn finish(mut self, environment: &Environment) -> Vec<ConfigError> {
        for entry in &self.sections {
            self.errors.push(ConfigError {
                key: entry.key.clone(),
                place: entry.place.clone(),
                message: unknown("section", &entry.key, &self.asked),
            });
        }
        for name in environment.malformed(&self.asked) {
            self.errors.push(ConfigError {
                key: String::new(),
                place: Place::Variable(name.to_owned()),
                message: "between section and key there must be two underscores".to_owned(),
            });
        }
        // In the order of the file, then what it lacks, then the environment.
        self.errors
            .sort_by_key(|error| (error.rank(), error.line()));
        self.errors
    }

    fn lay(&mut self, variable: &str, section: String, key: String, value: &str) {
        let place = Place::Variable(variable.to_owned());
        let node = Node {
            place: place.clone(),
            value: Setting::Loose(value.to_owned()),
        };
        let entry = Entry {
            key,
            place: place.clone(),
            node,
        };
        match self.sections.iter_mut().find(|known| known.key == section) {
            None => self.sections.push(Entry {
                key: section,
                place: place.clone(),
                node: Node {
                    place,
                    value: Setting::Table(vec![entry]),
                },
            }),
            Some(known) => {
                if let Setting::Table(entries) = &mut known.node.value {
                    entries.retain(|other| other.key != entry.key);
                    entries.push(entry);
                }
            }
        }
    }
}

impl<'r> Section<'r> {
    /// Over one table of a list.
    pub(super) fn of_table(
        errors: &'r mut Vec<ConfigError>,
        prefix: &str,
        place: &Place,
        entries: Vec<Entry>,
    ) -> Self {
        Self {
            errors,
            prefix: prefix.to_owned(),
            place: place.clone(),
            base: PathBuf::new(),
            entries,
            asked: Vec::new(),
        }
    }

    /// A key that must be there.
    pub(super) fn required<T: FromSetting>(&mut self, key: &'static str) -> Option<T> {
        match self.take(key) {
            Some(entry) => self.convert(&entry),
            None => {
                self.missing(key);
                None
            }
        }
    }

    /// A key that has a default.
    pub(super) fn or<T: FromSetting>(&mut self, key: &'static str, default: T) -> Option<T> {
        match self.take(key) {
            Some(entry) => self.convert(&entry),
            None => Some(default),
        }
    }

    /// A key that may be left out; an empty text counts as left out. The outer `None` is an error.
    pub(super) fn optional<T: FromSetting>(&mut self, key: &'static str) -> Option<Option<T>> {
        match self.take(key) {
            Some(entry) if entry.node.is_empty_text() => Some(None),
            Some(entry) => self.convert(&entry).map(Some),
            None => Some(None),
        }
    }

    /// A path with a default; a relative one starts at the folder of the configuration file.
    pub(super) fn path(&mut self, key: &'static str, default: &str) -> Option<PathBuf> {
        self.or(key, PathBuf::from(default))
            .map(|path| self.base.join(path))
    }

    /// A path that may be left out.
    pub(super) fn optional_path(&mut self, key: &'static str) -> Option<Option<PathBuf>> {
        let path: Option<PathBuf> = self.optional(key)?;
        Some(path.map(|path| self.base.join(path)))
    }

    /// Reports something that is wrong with a key, or with several together.
    pub(super) fn refuse(&mut self, key: &str, place: Place, message: impl Into<String>) {
        self.errors.push(ConfigError {
            key: format!("{}.{key}", self.prefix),
            place,
            message: message.into(),
        });
    }

    /// Reports a key that must be there and is not.
    pub(super) fn missing(&mut self, key: &str) {
        self.refuse(key, self.place.clone(), "missing, and it has no default");
    }

    /// Where a key stands, or else its section. Ask before the key is read.
    pub(super) fn place_of(&self, key: &str) -> Place {
        self.entries
            .iter()
            .find(|entry| entry.key == key)
            .map_or_else(|| self.place.clone(), |entry| entry.place.clone())
    }

    /// Reports the keys nobody asked for.
    pub(super) fn finish(mut self) {
        for entry in std::mem::take(&mut self.entries) {
            let message = unknown("key", &entry.key, &self.asked);
            self.refuse(&entry.key, entry.place, message);
        }
    }

    fn convert<T: FromSetting>(&mut self, entry: &Entry) -> Option<T> {
        let key = format!("{}.{}", self.prefix, entry.key);
        T::from_setting(&entry.node, &key, self.errors)
    }

    fn take(&mut self, key: &'static str) -> Option<Entry> {
        self.asked.push(key);
        take(&mut self.entries, key)
    }
}

fn take(entries: &mut Vec<Entry>, key: &str) -> Option<Entry> {
    let index = entries.iter().position(|entry| entry.key == key)?;
    Some(entries.remove(index))
}

fn unknown(what: &str, name: &str, known: &[&str]) -> String {
    match nearest(name, known) {
        Some(near) => format!("unknown {what}; did you mean \"{near}\"?"),
        None => format!("unknown {what}; known are {}", known.join(", ")),
    }
}
