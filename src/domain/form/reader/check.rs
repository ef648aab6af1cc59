//! What must hold for a form as a whole.

use std::collections::BTreeSet;

use super::{FormDefinition, Question, Section, Shown, Stage};
use crate::domain::document::{Fault, Place, Table};
use crate::domain::form::definition::is_taken;

/// `places` is where each question stands, in the order of the form.
pub(super) fn form(table: &Table<'_>, form: &FormDefinition, places: &[Place], channels: &[&str]) {
    let report = |place: &Place, problem| table.report("", place.clone(), Fault::Wrong(problem));
    if !form.channel.is_empty() && !channels.contains(&form.channel.as_str()) {
        table.unfit(format!("`channel`: there is no channel `{}`", form.channel));
    }
    let mut questions = form.questions();
    if !questions.any(Question::takes_account) {
        table.unfit("no question that takes words has a `required_group`: nothing could be told");
    }
    let mut sections = BTreeSet::new();
    for section in &form.sections {
        if !sections.insert(section.id.as_str()) {
            table.unfit(format!("there are two sections `{}`", section.id));
        }
    }
    if form.of_stage(Stage::First).next().is_none() {
        table.unfit("no section has `stage = \"first\"`: a report could not be begun");
    }
    for problem in groups(form) {
        table.unfit(problem);
    }
    for section in &form.sections {
        for problem in door(section, form) {
            table.unfit(format!("section `{}`{problem}", section.id));
        }
    }
    let mut earlier: Vec<&Question> = Vec::new();
    let sections = form.sections.iter();
    let asked =
        sections.flat_map(|section| section.questions.iter().map(move |one| (section, one)));
    for ((section, asked), place) in asked.zip(places) {
        if earlier.iter().any(|other| other.id == asked.id) {
            report(place, format!("there are two questions `{}`", asked.id));
        }
        let mut problems = options(asked, channels);
        problems.extend(condition(asked, &earlier));
        problems.extend(card(asked, &earlier));
        if asked.required_group.is_some() && section.stage == Stage::More {
            let first = ": a required group stands in a section of stage `first` or `door`";
            problems.push(first.to_owned());
        }
        if is_taken(&asked.id) {
            problems.push(": a field of the pages themselves is called that".to_owned());
        }
        for problem in problems {
            report(place, format!("question `{}`{problem}", asked.id));
        }
        earlier.push(asked);
    }
}

/// Whoever begins on the first screen or at a door must find there a question of every group that needs an answer.
fn groups(form: &FormDefinition) -> Vec<String> {
    let groups = form
        .questions()
        .filter_map(|one| one.required_group.as_deref());
    let groups: BTreeSet<&str> = groups.collect();
    let lacks = |sections: &[&Section], group: &str| {
        let mut questions = sections.iter().flat_map(|section| &section.questions);
        !questions.any(|one| one.required_group.as_deref() == Some(group))
    };
    let first: Vec<&Section> = form.of_stage(Stage::First).collect();
    let mut problems = Vec::new();
    for group in groups {
        if !first.is_empty() && lacks(&first, group) {
            problems.push(format!(
                "no section of stage `first` has a question of the required group `{group}`: it could not be answered there"
            ));
        }
        for door in form
            .of_stage(Stage::Door)
            .filter(|door| lacks(&[door], group))
        {
            problems.push(format!(
                "section `{}` has no question of the required group `{group}`: it could not be answered behind that door",
                door.id
            ));
        }
    }
    problems
}

fn door(section: &Section, form: &FormDefinition) -> Vec<String> {
    let mut problems = Vec::new();
    let is_door = section.stage == Stage::Door;
    if !is_door && (section.help.is_some() || !section.says.is_empty()) {
        problems.push(": only a section of stage `door` has `help` and `says`".to_owned());
    }
    if is_door && !section.questions.iter().any(Question::takes_account) {
        problems
            .push(": no question of this door has a `required_group` and takes words".to_owned());
    }
    for said in &section.says {
        let asked = form.question(&said.question);
        if asked.is_none_or(|asked| asked.option(&said.option).is_none()) {
            problems.push(format!(
                ": it says `{}`, which is no option of `{}`",
                said.option, said.question
            ));
        }
    }
    problems
}

fn options(asked: &Question, channels: &[&str]) -> Vec<String> {
    let mut problems = Vec::new();
    let mut seen = BTreeSet::new();
    for option in &asked.options {
        let id = option.id.as_str();
        if !seen.insert(id) {
            problems.push(format!(" has two options `{id}`"));
        }
        match option.routes_to.as_deref() {
            None if option.show_unrouted.is_some() => {
                problems.push(": `show_unrouted` without `routes_to`".to_owned());
            }
            Some(channel) if !channels.contains(&channel) => {
                problems.push(format!(": there is no channel `{channel}`"));
            }
            _ => {}
        }
    }
    problems
}

fn condition(asked: &Question, earlier: &[&Question]) -> Vec<String> {
    let mut problems = Vec::new();
    let Some(condition) = &asked.condition else {
        return problems;
    };
    if asked.required_group.is_some() {
        problems.push(": a required group cannot have a condition".to_owned());
    }
    let named = &condition.question;
    let Some(other) = earlier.iter().find(|other| other.id == *named) else {
        problems.push(format!(
            ": its condition names `{named}`, and no question before it is called that"
        ));
        return problems;
    };
    if condition.any_of.is_empty() {
        problems.push(": its condition can never be met".to_owned());
    }
    for option in &condition.any_of {
        if other.option(option).is_none() {
            problems.push(format!(
                ": its condition names `{option}`, which is no option of `{named}`"
            ));
        }
    }
    problems
}

fn card(asked: &Question, earlier: &[&Question]) -> Vec<String> {
    let mut problems = Vec::new();
    let Some(line) = asked.card else {
        return problems;
    };
    if (line == Shown::Excerpt) == asked.is_choice() {
        problems.push(": this kind cannot fill that line of the card".to_owned());
    }
    if line != Shown::Excerpt && earlier.iter().any(|other| other.card == Some(line)) {
        problems.push(": that line of the card is taken".to_owned());
    }
    problems
}
