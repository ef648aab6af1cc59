//! What must hold for a form as a whole.

use std::collections::BTreeSet;

use super::reader::{Reader, Span};
use crate::domain::form::definition::{FormDefinition, Question, Shown, Skip};

/// Where each question stands, in the order of the form, for the checks that look at the whole.
pub(super) struct Places {
    pub(super) questions: Vec<Span>,
}

pub(super) fn form(
    reader: &mut Reader<'_>,
    form: &FormDefinition,
    places: &Places,
    channels: &[&str],
) {
    if !form.channel.is_empty() && !channels.contains(&form.channel.as_str()) {
        reader.problem(
            None,
            format!("`channel`: there is no channel `{}`", form.channel),
        );
    }
    if !form
        .questions()
        .any(|question| question.required_group.is_some())
    {
        reader.problem(
            None,
            "no question has a `required_group`: an empty report could be sent",
        );
    }
    let mut sections = BTreeSet::new();
    for section in &form.sections {
        if !sections.insert(section.id.as_str()) {
            reader.problem(None, format!("there are two sections `{}`", section.id));
        }
    }
    let mut earlier: Vec<&Question> = Vec::new();
    for (asked, place) in form.questions().zip(&places.questions) {
        if earlier.iter().any(|other| other.id == asked.id) {
            reader.problem(
                place.clone(),
                format!("there are two questions `{}`", asked.id),
            );
        }
        options(reader, asked, place, channels);
        condition(reader, asked, place, &earlier);
        card(reader, asked, place, &earlier);
        earlier.push(asked);
    }
}

fn options(reader: &mut Reader<'_>, asked: &Question, place: &Span, channels: &[&str]) {
    let mut seen = BTreeSet::new();
    for option in &asked.options {
        if !seen.insert(option.id.as_str()) {
            let problem = format!("question `{}` has two options `{}`", asked.id, option.id);
            reader.problem(place.clone(), problem);
        }
        if Skip::from_id(&option.id).is_some() {
            let problem = format!(
                "question `{}`: `{}` is offered everywhere by itself",
                asked.id, option.id
            );
            reader.problem(place.clone(), problem);
        }
        if option.show_unrouted.is_some() && option.routes_to.is_none() {
            let problem = format!(
                "question `{}`: `show_unrouted` without `routes_to`",
                asked.id
            );
            reader.problem(place.clone(), problem);
        }
        if let Some(channel) = option
            .routes_to
            .as_deref()
            .filter(|channel| !channels.contains(channel))
        {
            let problem = format!("question `{}`: there is no channel `{channel}`", asked.id);
            reader.problem(place.clone(), problem);
        }
    }
}

fn condition(reader: &mut Reader<'_>, asked: &Question, place: &Span, earlier: &[&Question]) {
    let Some(condition) = &asked.condition else {
        return;
    };
    if asked.required_group.is_some() {
        let problem = format!(
            "question `{}`: a required group cannot have a condition",
            asked.id
        );
        reader.problem(place.clone(), problem);
    }
    let Some(other) = earlier.iter().find(|other| other.id == condition.question) else {
        let problem = format!(
            "question `{}`: its condition names `{}`, and no question before it is called that",
            asked.id, condition.question
        );
        reader.problem(place.clone(), problem);
        return;
    };
    if condition.any_of.is_empty() {
        let problem = format!("question `{}`: its condition can never be met", asked.id);
        reader.problem(place.clone(), problem);
    }
    for option in &condition.any_of {
        let skips = other.is_choice() && other.can_skip() && Skip::from_id(option).is_some();
        if other.option(option).is_none() && !skips {
            let problem = format!(
                "question `{}`: its condition names `{option}`, which is no option of `{}`",
                asked.id, other.id
            );
            reader.problem(place.clone(), problem);
        }
    }
}

fn card(reader: &mut Reader<'_>, asked: &Question, place: &Span, earlier: &[&Question]) {
    let Some(line) = asked.card else { return };
    if (line == Shown::Excerpt) == asked.is_choice() {
        let problem = format!(
            "question `{}`: this kind cannot fill that line of the card",
            asked.id
        );
        reader.problem(place.clone(), problem);
    }
    if line != Shown::Excerpt && earlier.iter().any(|other| other.card == Some(line)) {
        let problem = format!("question `{}`: that line of the card is taken", asked.id);
        reader.problem(place.clone(), problem);
    }
}
