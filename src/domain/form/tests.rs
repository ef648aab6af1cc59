//! The engine, with the built-in form and with small ones.

use proptest::prelude::*;

use super::*;
use crate::domain::clock::Timestamp;
use crate::domain::urgency::Urgency;

fn form() -> FormDefinition {
    FormDefinition::from_toml(BUILT_IN, &["main", "officials"]).unwrap()
}

fn fields(pairs: &[(&str, &str)]) -> Vec<(String, String)> {
    pairs
        .iter()
        .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()))
        .collect()
}

fn read(pairs: &[(&str, &str)]) -> Filled {
    Answers::read(&form(), &fields(pairs)).unwrap()
}

#[track_caller]
fn refuse(pairs: &[(&str, &str)], question: &str, message: &str) -> Filled {
    let invalid = Answers::read(&form(), &fields(pairs)).unwrap_err();
    let found: Vec<_> = invalid
        .errors
        .iter()
        .map(|e| (e.question.as_str(), e.message))
        .collect();
    assert_eq!(found, [(question, message)]);
    invalid.filled
}

fn words(id: &str) -> String {
    format!("<\u{200b}{id}>")
}

#[test]
fn one_sentence_or_one_link_is_a_report() {
    assert_eq!(
        read(&[("account", "a neighbour hits a child")]).urgency(&form()),
        Urgency::U2
    );
    assert_eq!(
        read(&[("link", "t.me/group (seen today)")]).text("link"),
        "t.me/group (seen today)"
    );
}

#[test]
fn an_empty_report_is_refused_at_the_account() {
    for pairs in [
        &[][..],
        &[("account", " \r\n\t ")],
        &[("danger", "now"), ("kind", "place")],
    ] {
        refuse(pairs, "account", "form-error-required");
    }
    assert!(refuse(&[("danger", "now")], "account", "form-error-required").has("danger", "now"));
}

#[test]
fn length_counts_scalar_values_after_line_ends() {
    let full = "ក".repeat(19_999);
    assert_eq!(
        read(&[("account", &format!("{full}\r\n"))])
            .text("account")
            .chars()
            .count(),
        20_000
    );
    let kept = refuse(
        &[("account", &format!("{full}xy"))],
        "account",
        "form-error-too-long",
    );
    assert_eq!(kept.text("account").chars().count(), 20_001);
    refuse(
        &[("account", "x"), ("place", &"y".repeat(2_001))],
        "place",
        "form-error-too-long",
    );
    read(&[("account", "x"), ("place", &"y".repeat(2_000))]);
}

#[test]
fn control_characters_are_taken_out_and_said_so() {
    for bad in ["\0", "\u{1b}", "\u{7f}", "\u{85}", "\u{9b}", "\u{8}"] {
        let kept = refuse(
            &[("account", &format!("a{bad}b"))],
            "account",
            "form-error-control",
        );
        assert_eq!(kept.text("account"), "ab");
    }
    let invalid = Answers::read(&form(), &fields(&[("account", "\0")])).unwrap_err();
    assert_eq!(invalid.errors.len(), 2);
}

#[test]
fn everything_else_is_kept_as_typed() {
    // A coeng order that normalisation would change, zero-width and direction marks, a decomposed letter.
    let typed = " ស្ត្រី ស្រ្តី\u{200b}\u{202e}evil\u{200d} e\u{301}\tx ";
    assert_eq!(read(&[("account", typed)]).text("account"), typed);
    assert_eq!(
        read(&[("account", "a\r\nb\rc\n")]).text("account"),
        "a\nb\nc\n"
    );
}

#[test]
fn options_are_checked_and_ordered() {
    let filled = read(&[
        ("account", "x"),
        ("kind", "place"),
        ("kind", "hurting"),
        ("kind", "place"),
    ]);
    assert_eq!(
        filled.value("kind"),
        Some(&Value::Options(vec!["hurting".into(), "place".into()]))
    );
    refuse(
        &[("account", "x"), ("danger", "never")],
        "danger",
        "form-error-option",
    );
    let kept = refuse(
        &[("account", "x"), ("kind", "nope"), ("kind", "place")],
        "kind",
        "form-error-option",
    );
    assert!(kept.has("kind", "place"));
    refuse(
        &[("account", "x"), ("danger", "now"), ("danger", "over")],
        "danger",
        "form-error-one",
    );
}

#[test]
fn without_its_condition_a_choice_goes_and_words_stay() {
    let unmet = read(&[
        ("account", "x"),
        ("contact", "code"),
        ("contact-how", "012 345 678"),
        ("contact-message", "yes"),
    ]);
    assert_eq!(unmet.text("contact-how"), "012 345 678");
    assert_eq!(unmet.value("contact-message"), None);
    let met = read(&[
        ("account", "x"),
        ("contact", "phone"),
        ("contact-message", "yes"),
    ]);
    assert!(met.has("contact-message", "yes"));
}

#[test]
fn the_most_urgent_hint_wins_and_is_named() {
    let filled = read(&[
        ("account", "x"),
        ("danger", "over"),
        ("age", "under-13"),
        ("signs", "weapon"),
        ("kind", "threats"),
    ]);
    assert_eq!(filled.urgency(&form()), Urgency::U0);
    let reasons: Vec<_> = filled
        .reasons(&form())
        .into_iter()
        .map(|r| (r.urgency, r.option))
        .collect();
    assert_eq!(
        reasons,
        [
            (Urgency::U0, "weapon".to_owned()),
            (Urgency::U1, "threats".to_owned()),
            (Urgency::U2, "under-13".to_owned()),
            (Urgency::U3, "over".to_owned()),
        ]
    );
    assert_eq!(
        read(&[("account", "x"), ("danger", "over")]).urgency(&form()),
        Urgency::U3
    );
    assert_eq!(
        read(&[("account", "x"), ("danger", "now")]).urgency(&form()),
        Urgency::U0
    );
}

#[test]
fn officials_and_staff_route_away_and_police_does_not() {
    let form = form();
    assert_eq!(form.channels(), ["main", "officials"]);
    for (barred, channel) in [
        ("police", "main"),
        ("officials", "officials"),
        ("staff", "officials"),
        ("named", "main"),
    ] {
        assert_eq!(
            read(&[("account", "x"), ("barred", barred)]).channel(&form),
            channel
        );
    }
}

#[test]
fn a_closed_channel_promises_nothing() {
    let closed = form().with_channels(|name| (name == "main").then(|| "children".to_owned()));
    assert_eq!(closed.channels(), ["children"]);
    let staff = closed.question("barred").unwrap().option("staff").unwrap();
    assert_eq!(staff.show.as_deref(), Some("form-barred-same-team-notice"));
    assert_eq!(
        read(&[("account", "x"), ("barred", "staff")]).channel(&closed),
        "children"
    );
}

#[test]
fn the_card_is_short_and_says_what_the_queue_needs() {
    let filled = read(&[
        ("account", &"ស្រី ".repeat(200)),
        ("danger", "soon"),
        ("kind", "asking"),
        ("kind", "threats"),
        ("barred", "police"),
    ]);
    let card = filled.card(
        &form(),
        "km",
        Timestamp::from_seconds(1_795_392_000 + 5_000),
        &words,
    );
    assert_eq!(card.received_hour, 1_795_392_000 + 3_600);
    assert_eq!(card.danger.as_ref().unwrap().label, "<form-danger-soon>");
    assert_eq!(
        card.categories
            .iter()
            .map(|c| c.id.as_str())
            .collect::<Vec<_>>(),
        ["asking", "threats"]
    );
    assert_eq!(
        card.barred
            .iter()
            .map(|c| c.id.as_str())
            .collect::<Vec<_>>(),
        ["police"]
    );
    assert_eq!(
        card.hints
            .iter()
            .map(|h| h.urgency.as_str())
            .collect::<Vec<_>>(),
        ["U1", "U1"]
    );
    assert!(card.excerpt.chars().count() <= 141 && card.excerpt.ends_with('…'));
    assert!(CardSummary::parse(&card.to_json().unwrap()).unwrap() == card);
    let link = read(&[("link", "https://example.org")]);
    assert_eq!(
        link.card(&form(), "en", Timestamp::from_seconds(0), &words)
            .excerpt,
        "https://example.org"
    );
}

#[test]
fn sealed_answers_need_no_form_to_be_read() {
    let filled = read(&[("account", "ពាក្យ"), ("danger", "soon"), ("kind", "place")]);
    let json = filled
        .to_sealed_json(&form(), "ab12", "km", &words)
        .unwrap();
    let answers = SealedAnswers::parse(&json).unwrap();
    assert_eq!(
        (
            answers.form.as_str(),
            answers.digest.as_str(),
            answers.language.as_str()
        ),
        ("report", "ab12", "km")
    );
    let shown: Vec<_> = answers
        .answers
        .iter()
        .map(|a| (a.label.as_str(), a.lines()))
        .collect();
    assert_eq!(
        shown,
        [
            ("<form-danger>", vec!["<form-danger-soon>"]),
            ("<form-account>", vec!["ពាក្យ"]),
            ("<form-kind>", vec!["<form-kind-place>"]),
        ]
    );
    assert!(SealedAnswers::parse(b"{}").is_err());
}

#[test]
fn debug_says_nothing() {
    let filled = read(&[("account", "canary"), ("danger", "now")]);
    let json = filled.to_sealed_json(&form(), "", "en", &words).unwrap();
    let shown = format!("{filled:?}{:?}", SealedAnswers::parse(&json).unwrap());
    assert!(
        !shown.contains("canary") && !shown.contains("now"),
        "{shown}"
    );
}

#[test]
fn the_built_in_form_asks_in_order_and_can_be_read_back() {
    let form = form();
    assert_eq!(form.questions().next().unwrap().id, "danger");
    let filled = read(&[
        ("account", "x\ny"),
        ("danger", "over"),
        ("kind", "place"),
        ("kind", "other"),
        ("when", " "),
    ]);
    assert_eq!(filled.answers().len(), 3);
    assert_eq!(Answers::read(&form, &filled.fields()).unwrap(), filled);
}

/// Every problem of one file, in order.
fn problems(text: &str) -> Vec<String> {
    FormDefinition::from_toml(text, &["main"])
        .unwrap_err()
        .problems
        .iter()
        .map(ToString::to_string)
        .collect()
}

#[test]
fn every_problem_of_a_form_is_named_at_once() {
    let text = include_str!("tests/wrong.toml");
    let expected = [
        "`channel`: there is no channel `elsewhere`",
        "no question that takes words has a `required_group`: nothing could be told",
        "there are two sections `one`",
        "no section has `stage = \"first\"`: a report could not be begun",
        "line 1: `id` must be small letters, digits and hyphens, and start with a letter",
        "line 2: `version` must be a whole number above 0",
        "line 4: unknown key `colour`",
        "line 10: kinds `choice` and `choices` have no `max_chars`",
        "line 10: question `danger` has two options `now`",
        "line 10: question `danger`: there is no channel `nowhere`",
        "line 17: `urgency` must be one of U0, U1, U2, U3",
        "line 20: unknown key `shout`",
        "line 20: `id` is missing",
        "line 21: `options` must be a list of tables",
        "line 24: there are two questions `danger`",
        "line 24: question `danger`: its condition names `later`, and no question before it is called that",
        "line 24: question `danger`: this kind cannot fill that line of the card",
        "line 24: question `danger`: that line of the card is taken",
        "line 26: `kind` must be one of choice, choices, line, text, link",
        "line 31: `label` is missing",
        "line 31: question `account`: its condition names `never`, which is no option of `danger`",
        "line 34: `max_chars` must be a whole number from 1 to 20000",
        "line 35: `help` must be a text",
        "line 38: `questions` must not be empty",
        "line 41: `stage` must be one of first, door, more",
    ];
    assert_eq!(problems(text), expected);
}

#[test]
fn what_is_required_stands_on_the_first_screen() {
    let later = BUILT_IN.replacen("id = \"account\"\nstage = \"first\"", "id = \"account\"", 1);
    let problems = |text: &str| {
        let faults = FormDefinition::from_toml(text, &["main", "officials"]).unwrap_err();
        let problems = faults.problems.iter();
        problems.map(|one| one.problem.clone()).collect::<Vec<_>>()
    };
    assert_eq!(
        problems(&later),
        [
            "no section of stage `first` has a question of the required group `account`: it could not be answered there",
            "question `account`: a required group stands in a section of stage `first` or `door`",
            "question `link`: a required group stands in a section of stage `first` or `door`",
        ]
    );
    let apart = "required_group = \"account\"";
    let elsewhere = BUILT_IN.replacen(apart, "required_group = \"other\"", 1);
    for problem in problems(&elsewhere) {
        assert!(problem.contains("of the required group `"), "{problem}");
    }
    let none = BUILT_IN.replace("stage = \"first\"\n", "");
    let none = problems(&none);
    assert!(none[0].contains("a report could not be begun"), "{none:?}");
    assert_eq!(
        problems(&BUILT_IN.replacen("id = \"when\"", "id = \"step\"", 1)),
        ["question `step`: a field of the pages themselves is called that"]
    );
}

#[test]
fn a_form_speaks_to_whoever_it_is_about_and_says_back_what_was_said() {
    let form = form();
    let plain = read(&[("account", "x"), ("signs", "weapon")]);
    assert_eq!((plain.who(&form), plain.notices(&form)), ("other", vec![]));
    let filled = read(&[
        ("account", "x"),
        ("danger", "now"),
        ("relation", "me"),
        ("signs", "dying"),
        ("kind", "threats"),
    ]);
    assert_eq!(filled.who(&form), "me");
    assert_eq!(
        filled.notices(&form),
        ["form-danger-now-after", "form-signs-dying-after"]
    );
    let lasting = filled.lasting(&form);
    let kept = Answers::read(&form, &lasting).unwrap_err().filled;
    assert_eq!(kept.who(&form), "me");
    assert_eq!(kept.notices(&form), filled.notices(&form));
    assert_eq!(lasting.len(), 3);
}

#[test]
fn a_section_becomes_a_message_of_questions_and_answers() {
    let form = form().once_sent();
    let filled = read(&[
        ("account", "not again"),
        ("child", "two lines\r\nof words"),
        ("told", "police"),
        ("told", "close"),
    ]);
    let section = form.section("people").unwrap();
    assert_eq!(
        *filled.message(section, &words),
        "<form-child>\ntwo lines\nof words\n\n<form-told>\n<form-told-close>\n<form-told-police>"
    );
    assert_eq!(*filled.message(form.section("you").unwrap(), &words), "");
}

#[test]
fn once_sent_an_answer_routes_nowhere_and_promises_nothing() {
    let sent = form().once_sent();
    assert_eq!(sent.channels(), ["main"]);
    let staff = sent.question("barred").unwrap().option("staff").unwrap();
    assert_eq!(staff.show.as_deref(), Some("form-barred-sent-notice"));
    assert!(staff.show_numbers);
}

#[test]
fn what_is_not_toml_is_one_problem() {
    assert_eq!(problems("id = \n").len(), 1);
    assert!(problems("id = \n").first().unwrap().starts_with("line 1: "));
    assert!(problems("").len() >= 4);
}

/// Names the form knows, names it does not, and values of all sorts.
fn soup() -> impl Strategy<Value = Vec<(String, String)>> {
    let names: Vec<String> = form().questions().map(|q| q.id.clone()).collect();
    let ids: Vec<String> = form()
        .questions()
        .flat_map(|q| q.options.iter().map(|o| o.id.clone()))
        .collect();
    let name = prop_oneof![9 => proptest::sample::select(names), 1 => any::<String>()];
    let value = prop_oneof![
        4 => proptest::sample::select(ids),
        3 => any::<String>(),
        2 => "[ក-៹\u{200b}\u{202e} \r\n]{0,300}",
        1 => proptest::collection::vec(any::<u8>(), 0..300).prop_map(|b| String::from_utf8_lossy(&b).into_owned()),
    ];
    proptest::collection::vec((name, value), 0..40)
}

proptest! {
    #[test]
    fn whatever_is_not_asked_is_left_over_and_nothing_is_lost(fields in soup(), picks in any::<bool>()) {
        let looks = std::cell::Cell::new(0);
        let parted = form().part(&fields, |_| {
            looks.set(looks.get() + 1);
            picks
        });
        // A stranger decides how many fields there are: no more than a look for each, and one for each name that is left.
        prop_assert!(looks.get() <= 2 * fields.len());
        let left: usize = parted.gone.iter().map(|answer| match &answer.value {
            Value::Text(text) => text.len(),
            Value::Options(picked) => picked.iter().map(String::len).sum(),
        }).sum();
        let asked: usize = parted.asked.iter().map(|(_, value)| value.len()).sum();
        let typed: usize = fields.iter().map(|(_, value)| value.len()).sum();
        let blank: usize = fields.iter().map(|(_, value)| value).filter(|value| crate::domain::inert::is_blank(value)).map(String::len).sum();
        prop_assert!(asked + left + blank >= typed, "{} {} {} {}", asked, left, blank, typed);
    }

    #[test]
    fn no_fields_make_it_panic(fields in soup()) {
        let form = form();
        let filled = Answers::read(&form, &fields).unwrap_or_else(|invalid| invalid.filled);
        filled.card(&form, "km", Timestamp::from_seconds(0), &words).to_json().unwrap();
        // Whatever could not be taken has been said: what is left is accepted, or only lacks or exceeds something.
        if let Err(again) = Answers::read(&form, &filled.fields()) {
            for error in again.errors {
                prop_assert!(["form-error-required", "form-error-too-long", "form-error-one"].contains(&error.message));
            }
        }
    }

    #[test]
    fn sealing_changes_nothing(fields in soup(), account in "\\PC{1,200}") {
        let form = form();
        let mut fields = fields;
        fields.push(("account".to_owned(), account));
        let filled = Answers::read(&form, &fields).unwrap_or_else(|invalid| invalid.filled);
        let json = filled.to_sealed_json(&form, "00", "en", &words).unwrap();
        let sealed = SealedAnswers::parse(&json).unwrap();
        prop_assert_eq!(sealed.answers.len(), filled.answers().len());
        for answer in filled.answers() {
            let same = match (&answer.value, sealed.value(&answer.question).unwrap()) {
                (Value::Text(typed), SealedValue::Text(kept)) => typed == kept,
                (Value::Options(picked), SealedValue::Options(kept)) => {
                    picked.iter().eq(kept.iter().map(|choice| &choice.id))
                }
                _ => false,
            };
            prop_assert!(same);
        }
    }
}
