//! Reads a form from its TOML file, and names everything that is wrong with it at once, with lines.

mod check;

use std::fmt;
use std::path::Path;

use super::definition::{
    Choice, Condition, FormDefinition, ICONS, Kind, LONG, LONGEST, Question, Said, Section, Shown,
    Stage, is_name,
};
use crate::domain::document::{self, Fault, Place, Problem, Problems, Table, Value};
use crate::domain::urgency::Urgency;
use crate::domain::voice::Voice;

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

impl From<Problem> for FormProblem {
    fn from(problem: Problem) -> Self {
        let name = problem.key.rsplit('.').next().unwrap_or_default();
        let (name, _) = name.split_once('[').unwrap_or((name, ""));
        Self {
            line: problem.place.line(),
            problem: match problem.fault {
                Fault::Missing => format!("`{name}` is missing"),
                Fault::Unknown(_) => format!("unknown key `{name}`"),
                Fault::Wrong(what) if !name.is_empty() => format!("`{name}` {what}"),
                Fault::Wrong(what) | Fault::Syntax(what) => what,
            },
        }
    }
}

/// A file that is no form.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FormFaults {
    /// Everything that is wrong in it.
    pub problems: Vec<FormProblem>,
    /// The messages that it names all the same.
    pub messages: Vec<String>,
}

impl FormDefinition {
    /// Reads a form. `channels` are those that exist.
    ///
    /// Returns: the form, or every problem found in it.
    pub fn from_toml(text: &str, channels: &[&str]) -> Result<Self, FormFaults> {
        let mut messages = Vec::new();
        let form = document::read(text, Path::new(""), &Problems::default(), |table| {
            let form = read_form(table, text, channels);
            messages = form.messages().into_iter().map(str::to_owned).collect();
            messages.retain(|id| !id.is_empty());
            Some(form)
        });
        form.map_err(|mut problems| {
            problems.sort_by_key(|problem| {
                let known = !matches!(problem.fault, Fault::Unknown(_));
                (problem.place.line(), known)
            });
            let problems = problems.into_iter().map(FormProblem::from).collect();
            FormFaults { problems, messages }
        })
    }
}

fn read_form(table: &mut Table<'_>, text: &str, channels: &[&str]) -> FormDefinition {
    // Where each question stands, in the order of the form, for the checks that look at the whole.
    let mut places = Vec::new();
    let form = FormDefinition {
        sections: tables(table, "sections", |section| {
            read_section(section, &mut places)
        }),
        id: name(table, "id"),
        version: table
            .required_value("version")
            .and_then(count)
            .unwrap_or_default(),
        channel: name(table, "channel"),
        source: text.to_owned(),
        edition: String::new(),
        voice: Voice::default(),
    };
    check::form(table, &form, &places, channels);
    form
}

fn read_section(table: &mut Table<'_>, places: &mut Vec<Place>) -> Section {
    Section {
        questions: tables(table, "questions", |question| {
            places.push(question.place().clone());
            read_question(question)
        }),
        id: name(table, "id"),
        label: name(table, "label"),
        help: optional_name(table, "help"),
        intro: optional_name(table, "intro"),
        says: match table.has("says") {
            true => tables(table, "says", |said| Said {
                question: name(said, "question"),
                option: name(said, "option"),
            }),
            false => Vec::new(),
        },
        stage: table
            .value("stage")
            .and_then(|stage| one_of(&stage, Stage::ALL, Stage::as_str))
            .unwrap_or(Stage::More),
    }
}

fn read_question(table: &mut Table<'_>) -> Question {
    let kind = table.required_value("kind");
    let kind = kind.and_then(|kind| one_of(&kind, Kind::ALL, Kind::as_str));
    let kind = kind.unwrap_or(Kind::Line);
    let required_group = optional_name(table, "required_group");
    let picked = matches!(kind, Kind::Choice | Kind::Choices);
    let options = if picked || table.has("options") {
        tables(table, "options", read_option)
    } else {
        Vec::new()
    };
    if !picked && table.has("options") {
        table.unfit("only kinds `choice` and `choices` have options");
    }
    if picked && table.has("max_chars") {
        table.unfit("kinds `choice` and `choices` have no `max_chars`");
    }
    let default = if kind == Kind::Text && required_group.is_some() {
        LONGEST
    } else {
        LONG
    };
    Question {
        id: name(table, "id"),
        kind,
        label: name(table, "label"),
        help: optional_name(table, "help"),
        options,
        condition: table.value("condition").and_then(read_condition),
        max_chars: table.value("max_chars").and_then(length).unwrap_or(default),
        required_group,
        card: table
            .value("card")
            .and_then(|line| one_of(&line, Shown::ALL, Shown::as_str)),
    }
}

fn read_option(table: &mut Table<'_>) -> Choice {
    Choice {
        id: name(table, "id"),
        label: name(table, "label"),
        icon: table
            .value("icon")
            .and_then(|icon| one_of(&icon, ICONS, |name| name))
            .map(str::to_owned),
        urgency: table
            .value("urgency")
            .and_then(|value| one_of(&value, Urgency::ALL, Urgency::as_str)),
        routes_to: optional_name(table, "routes_to"),
        show: optional_name(table, "show"),
        show_unrouted: optional_name(table, "show_unrouted"),
        show_sent: optional_name(table, "show_sent"),
        after: optional_name(table, "after"),
        who: optional_name(table, "who"),
        show_numbers: table
            .value("show_numbers")
            .and_then(|value| {
                value
                    .boolean()
                    .or_else(|| value.wrong("must be true or false"))
            })
            .unwrap_or_default(),
    }
}

fn read_condition(value: Value<'_>) -> Option<Condition> {
    let condition = value.clone().table(|table| Condition {
        question: name(table, "question"),
        any_of: table
            .required_value("any_of")
            .and_then(texts)
            .unwrap_or_default(),
    });
    condition.or_else(|| value.wrong("must be a table { question, any_of }"))
}

/// The tables of a list that must not be empty: `[[key]]` or `key = [{ … }]`.
fn tables<'d, T>(
    table: &mut Table<'d>,
    key: &'static str,
    mut read: impl FnMut(&mut Table<'d>) -> T,
) -> Vec<T> {
    let mut found = Vec::new();
    if let Some(list) = table.value(key) {
        for item in list.clone().list().unwrap_or_else(|| vec![list]) {
            let read = item.clone().table(&mut read);
            found.extend(read.or_else(|| item.wrong("must be a list of tables")));
        }
    }
    if found.is_empty() {
        table.unfit(format!("`{key}` must not be empty"));
    }
    found
}

/// A required name: of a question, an option, a message, a channel.
fn name(table: &mut Table<'_>, key: &'static str) -> String {
    table
        .required_value(key)
        .and_then(read_name)
        .unwrap_or_default()
}

fn optional_name(table: &mut Table<'_>, key: &'static str) -> Option<String> {
    table.value(key).and_then(read_name)
}

fn read_name(value: Value<'_>) -> Option<String> {
    let name = text(&value)?;
    if is_name(name) {
        return Some(name.to_owned());
    }
    value.wrong("must be small letters, digits and hyphens, and start with a letter")
}

fn text<'v>(value: &'v Value<'_>) -> Option<&'v str> {
    value.text().or_else(|| value.wrong("must be a text"))
}

fn texts(value: Value<'_>) -> Option<Vec<String>> {
    let items = value.clone().list();
    let texts = items.and_then(|items| {
        let texts = items.iter().map(|item| item.text().map(str::to_owned));
        texts.collect()
    });
    texts.or_else(|| value.wrong("must be a list of texts"))
}

fn count(value: Value<'_>) -> Option<u32> {
    let count = value
        .integer()
        .and_then(|number| u32::try_from(number).ok());
    let count = count.filter(|count| *count > 0);
    count.or_else(|| value.wrong("must be a whole number above 0"))
}

fn length(value: Value<'_>) -> Option<usize> {
    let length = value
        .integer()
        .and_then(|number| usize::try_from(number).ok());
    let length = length.filter(|length| (1..=LONGEST).contains(length));
    length.or_else(|| value.wrong(format!("must be a whole number from 1 to {LONGEST}")))
}

fn one_of<T: Copy, const N: usize>(
    value: &Value<'_>,
    all: [T; N],
    name: fn(T) -> &'static str,
) -> Option<T> {
    let given = text(value)?;
    all.into_iter().find(|one| name(*one) == given).or_else(|| {
        let names = all.map(name).join(", ");
        value.wrong(format!("must be one of {names}"))
    })
}
