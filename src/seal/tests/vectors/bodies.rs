//! What stands in bodies as JSON: the answers and the summary of a report. Later versions must read what earlier ones sealed.

use super::{Format, Given, Made, Read, refused};
use crate::domain::form::{CardSummary, SealedAnswers};

pub(super) fn formats() -> Vec<Format> {
    vec![
        Format::text("answers", read_answers, answers),
        Format::text("summary", read_summary, summaries),
    ]
}

fn written(json: Vec<u8>) -> Read {
    Read {
        says: vec![String::from_utf8(json.clone()).unwrap()],
        again: Some(json),
    }
}

fn read_answers(_: &Given, bytes: &[u8]) -> Result<Read, String> {
    let answers = SealedAnswers::parse(bytes).or_else(refused)?;
    Ok(written(serde_json::to_vec(&answers).unwrap()))
}

fn answers() -> Vec<Made> {
    let given = Given::default();
    let good = concat!(
        r#"{"format":1,"form":"report","version":3,"digest":"00","language":"km","answers":["#,
        r#"{"question":"account","label_id":"form-account","label":"What","value":{"text":"កុមារ \"x\""}},"#,
        r#"{"question":"danger","label_id":"form-danger","label":"Danger","value":{"options":[{"id":"now","label_id":"form-danger-now","label":"Now"}]}},"#,
        r#"{"question":"kind","label_id":"form-kind","label":"Kind","value":{"options":[{"id":"a","label_id":"form-a","label":"A"}]}}]}"#,
    );
    let bad = |name, from: &str, to: &str| {
        assert!(good.contains(from), "{from}");
        Made::bad(name, &given, good.replacen(from, to, 1), "Unreadable")
    };
    vec![
        Made::good("good", &given, good),
        bad("unknown-format", "\"format\":1", "\"format\":2"),
        bad("format-left-out", "\"format\":1,", ""),
        bad("unknown-value", "{\"text\":", "{\"file\":"),
        bad("two-values", "{\"text\":", "{\"options\":[],\"text\":"),
        bad("key-twice", "\"version\":3", "\"version\":3,\"version\":4"),
        bad("cut", "]}", "]"),
        bad("trailing-byte", "]}}]}", "]}}]}x"),
        Made::bad("not-json", &given, "report", "Unreadable"),
    ]
}

fn read_summary(_: &Given, bytes: &[u8]) -> Result<Read, String> {
    let summary = CardSummary::parse(bytes).or_else(refused)?;
    Ok(written(summary.to_json().or_else(refused)?.to_vec()))
}

fn summaries() -> Vec<Made> {
    let given = Given::default();
    let good = concat!(
        r#"{"language":"en","received_hour":1795392000,"danger":{"id":"yes","label":"Yes"},"#,
        r#""categories":[{"id":"a","label":"A"}],"excerpt":"first words…","barred":[],"#,
        r#""hints":[{"urgency":"U1","question":"danger","answer":{"id":"yes","label":"Yes"}}]}"#,
    );
    let bad = |name, from: &str, to: &str| {
        assert!(good.contains(from), "{from}");
        Made::bad(name, &given, good.replacen(from, to, 1), "Unreadable")
    };
    vec![
        Made::good("good", &given, good),
        Made::good(
            "good-without-danger",
            &given,
            good.replace(
                r#"{"id":"yes","label":"Yes"},"categories""#,
                r#"null,"categories""#,
            ),
        ),
        bad("excerpt-left-out", "\"excerpt\":\"first words…\",", ""),
        bad("hour-as-text", "1795392000", "\"1795392000\""),
        bad("trailing-byte", "}}]}", "}}]}x"),
    ]
}
