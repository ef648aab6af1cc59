//! Reads a form from its TOML file, and names everything that is wrong with it at once, with lines.

mod check;
mod reader;

use toml_edit::{Document, TableLike};

use super::definition::{
    Choice, Condition, FormDefinition, Kind, LONG, LONGEST, Question, Section, Shown,
};
use check::Places;
use reader::{Reader, Span};

pub use reader::FormProblem;

impl FormDefinition {
    /// Reads a form. `channels` are those that exist.
    ///
    /// Returns: the form, or every problem found in it.
    pub fn from_toml(text: &str, channels: &[&str]) -> Result<Self, Vec<FormProblem>> {
        let mut reader = Reader::new(text);
        let document = match Document::parse(text) {
            Ok(document) => document,
            Err(error) => {
                reader.problem(error.span(), error.message());
                return Err(reader.into_problems());
            }
        };
        let form = read_form(&mut reader, document.as_table(), text);
        check::form(&mut reader, &form.0, &form.1, channels);
        let problems = reader.into_problems();
        if problems.is_empty() {
            Ok(form.0)
        } else {
            Err(problems)
        }
    }
}

fn read_form(
    reader: &mut Reader<'_>,
    table: &dyn TableLike,
    text: &str,
) -> (FormDefinition, Places) {
    reader.only(table, &["id", "version", "channel", "sections"]);
    let mut places = Places {
        questions: Vec::new(),
    };
    let mut sections = Vec::new();
    for (section, span) in reader.tables(table, "sections", &None) {
        sections.push(read_section(reader, section, &span, &mut places));
    }
    let form = FormDefinition {
        id: reader.name(table, "id", &None),
        version: reader
            .required(table, "version", &None, Reader::count)
            .unwrap_or_default(),
        channel: reader.name(table, "channel", &None),
        sections,
        source: text.to_owned(),
    };
    (form, places)
}

fn read_section(
    reader: &mut Reader<'_>,
    table: &dyn TableLike,
    span: &Span,
    places: &mut Places,
) -> Section {
    reader.only(table, &["id", "label", "intro", "questions"]);
    let mut questions = Vec::new();
    for (question, span) in reader.tables(table, "questions", span) {
        questions.push(read_question(reader, question, &span));
        places.questions.push(span);
    }
    Section {
        id: reader.name(table, "id", span),
        label: reader.name(table, "label", span),
        intro: reader.optional_name(table, "intro"),
        questions,
    }
}

fn read_question(reader: &mut Reader<'_>, table: &dyn TableLike, span: &Span) -> Question {
    reader.only(
        table,
        &[
            "id",
            "kind",
            "label",
            "help",
            "options",
            "condition",
            "max_chars",
            "required_group",
            "card",
        ],
    );
    let kind = reader
        .required(table, "kind", span, read_kind)
        .unwrap_or(Kind::Line);
    let required_group = reader.optional_name(table, "required_group");
    let picked = matches!(kind, Kind::Choice | Kind::Choices);
    let options = if table.contains_key("options") || picked {
        let options = reader.tables(table, "options", span);
        options
            .into_iter()
            .map(|(option, span)| read_option(reader, option, &span))
            .collect()
    } else {
        Vec::new()
    };
    if !picked && table.contains_key("options") {
        reader.problem(
            span.clone(),
            "only kinds `choice` and `choices` have options",
        );
    }
    if picked && table.contains_key("max_chars") {
        reader.problem(
            span.clone(),
            "kinds `choice` and `choices` have no `max_chars`",
        );
    }
    let default = if kind == Kind::Text && required_group.is_some() {
        LONGEST
    } else {
        LONG
    };
    Question {
        id: reader.name(table, "id", span),
        kind,
        label: reader.name(table, "label", span),
        help: reader.optional_name(table, "help"),
        options,
        condition: read_condition(reader, table),
        max_chars: reader
            .optional(table, "max_chars", read_length)
            .unwrap_or(default),
        required_group,
        card: reader.optional(table, "card", read_card),
    }
}

fn read_option(reader: &mut Reader<'_>, table: &dyn TableLike, span: &Span) -> Choice {
    reader.only(
        table,
        &[
            "id",
            "label",
            "urgency",
            "routes_to",
            "show",
            "show_unrouted",
            "show_numbers",
        ],
    );
    Choice {
        id: reader.name(table, "id", span),
        label: reader.name(table, "label", span),
        urgency: reader.optional(table, "urgency", |reader, item| {
            Reader::string(reader, item)?
                .parse()
                .map_err(|_| "must be one of U0, U1, U2, U3".to_owned())
        }),
        routes_to: reader.optional_name(table, "routes_to"),
        show: reader.optional_name(table, "show"),
        show_unrouted: reader.optional_name(table, "show_unrouted"),
        show_numbers: reader
            .optional(table, "show_numbers", |_, item| {
                item.as_bool()
                    .ok_or_else(|| "must be true or false".to_owned())
            })
            .unwrap_or_default(),
    }
}

fn read_condition(reader: &mut Reader<'_>, table: &dyn TableLike) -> Option<Condition> {
    let item = table.get("condition")?;
    let span = item.span();
    let Some(condition) = item.as_table_like() else {
        reader.problem(span, "`condition` must be a table { question, any_of }");
        return None;
    };
    reader.only(condition, &["question", "any_of"]);
    Some(Condition {
        question: reader.name(condition, "question", &span),
        any_of: reader
            .required(condition, "any_of", &span, Reader::strings)
            .unwrap_or_default(),
    })
}

fn read_kind(reader: &Reader<'_>, item: &toml_edit::Item) -> Result<Kind, String> {
    match reader.string(item)?.as_str() {
        "choice" => Ok(Kind::Choice),
        "choices" => Ok(Kind::Choices),
        "line" => Ok(Kind::Line),
        "text" => Ok(Kind::Text),
        "link" => Ok(Kind::Link),
        _ => Err("must be one of choice, choices, line, text, link".to_owned()),
    }
}

fn read_card(reader: &Reader<'_>, item: &toml_edit::Item) -> Result<Shown, String> {
    match reader.string(item)?.as_str() {
        "danger" => Ok(Shown::Danger),
        "categories" => Ok(Shown::Categories),
        "excerpt" => Ok(Shown::Excerpt),
        "barred" => Ok(Shown::Barred),
        _ => Err("must be one of danger, categories, excerpt, barred".to_owned()),
    }
}

fn read_length(reader: &Reader<'_>, item: &toml_edit::Item) -> Result<usize, String> {
    reader
        .count(item)
        .ok()
        .and_then(|count| usize::try_from(count).ok())
        .filter(|count| *count <= LONGEST)
        .ok_or_else(|| format!("must be a whole number from 1 to {LONGEST}"))
}
