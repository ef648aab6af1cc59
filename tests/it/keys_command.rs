//! `kapea keys`: the chain as it is seen from outside, and a change of a key from a member's own terminal.

use std::io::Write as _;
use std::process::{Output, Stdio};

use diesel::connection::SimpleConnection as _;
use diesel::prelude::*;
use kapea::domain::clock::Clock;
use kapea::seal::keys::{Seed, StaffKeys};

use crate::support::binary::{Installation, program};

fn verify(installation: &Installation, more: &[&str]) -> (bool, String) {
    let output = program()
        .args(["keys", "verify", "--config"])
        .arg(installation.config())
        .args(more)
        .output()
        .unwrap();
    let text = [output.stdout, output.stderr].concat();
    (output.status.success(), String::from_utf8(text).unwrap())
}

fn database(installation: &Installation) -> SqliteConnection {
    crate::support::sql::open(installation.database())
}

async fn rotate(installation: &Installation, handle: &str) -> Output {
    let person = installation.people.get(handle);
    let code = person.code(&Clock::system()).await;
    let mut child = program()
        .args(["keys", "rotate-team", "--handle", handle, "--config"])
        .arg(installation.config())
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let answers = format!("{}\n{code}\n", person.passphrase);
    child
        .stdin
        .take()
        .unwrap()
        .write_all(answers.as_bytes())
        .unwrap();
    child.wait_with_output().unwrap()
}

fn order(installation: &Installation) {
    database(installation)
        .batch_execute(
            "INSERT INTO rotations SELECT randomblob(16), id, 'order', 20000, 'ordered', NULL, NULL FROM teams WHERE kind = 'casework'",
        )
        .unwrap();
}

/// What the next run is to be given.
fn heads(said: &str) -> Vec<String> {
    let heads = said.lines().filter_map(|line| line.split_once("--head "));
    heads.map(|(_, head)| head.to_owned()).collect()
}

fn given(heads: &[String]) -> Vec<&str> {
    let all = heads.iter().flat_map(|head| ["--head", head.as_str()]);
    all.collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_member_changes_the_key_from_a_terminal() {
    let installation = Installation::settled();
    let (good, before) = verify(&installation, &[]);
    assert!(good, "{before}");
    let heads = heads(&before);
    assert_eq!(heads.len(), 3, "the office and two teams: {before}");
    order(&installation);
    let output = rotate(&installation, "sokha").await;
    let said = String::from_utf8(output.stdout).unwrap();
    assert!(
        output.status.success(),
        "{said} {:?}",
        String::from_utf8(output.stderr)
    );
    assert!(said.contains("generation 2"), "{said}");
    let (good, after) = verify(&installation, &given(&heads));
    assert!(good, "{after}");
    assert!(after.contains("generation 2 (in force"), "{after}");
    assert!(after.contains("generation 1 (destroyed"), "{after}");
    // The custodian has an account and no team's key.
    order(&installation);
    assert!(!rotate(&installation, "custodian").await.status.success());
}

#[test]
fn tampering_with_the_chain_is_named_from_outside() {
    let thief = StaffKeys::from_seed(&Seed::random());
    let thief_recipient = thief.recipient();
    let cases = [
        (
            "replaced key".to_owned(),
            format!("UPDATE keys SET recipient = '{thief_recipient}' WHERE kind = 'team'"),
            "the table of keys is not what the ledger says",
        ),
        (
            "inserted generation".to_owned(),
            format!(
                "INSERT INTO keys SELECT randomblob(16), kind, owner, 2, '{thief_recipient}', randomblob(32), 'active', from_day \
                 FROM keys WHERE kind = 'team'"
            ),
            "the table of keys is not what the ledger says",
        ),
        (
            "inserted member".to_owned(),
            "INSERT INTO memberships SELECT m.team, s.id, 1, 'member' FROM memberships m, staff s WHERE s.handle = 'admin' LIMIT 1".to_owned(),
            "the table of members is not what the ledger says",
        ),
        (
            "another statement".to_owned(),
            "UPDATE statements SET signed = randomblob(300) WHERE sequence = 1".to_owned(),
            "not a statement",
        ),
        (
            "no statements".to_owned(),
            "DELETE FROM statements".to_owned(),
            "the table of keys is not what the ledger says",
        ),
        (
            "another word".to_owned(),
            "UPDATE statements SET signed = randomblob(300) WHERE ledger NOT IN (SELECT id FROM teams)".to_owned(),
            "the office's ledger does not hold: not a statement",
        ),
        (
            "another team's ledger".to_owned(),
            "UPDATE statements SET signed = (SELECT o.signed FROM statements o JOIN teams t ON t.id = o.ledger WHERE t.kind = 'audit' \
             AND o.sequence = 1) WHERE sequence = 1 AND ledger = (SELECT id FROM teams WHERE kind = 'casework')"
                .to_owned(),
            "the team's ledger does not hold: a statement of another ledger",
        ),
    ];
    for (what, sql, said) in cases {
        let installation = Installation::settled();
        database(&installation).batch_execute(&sql).unwrap();
        let (good, text) = verify(&installation, &[]);
        assert!(!good, "{what}: {text}");
        assert!(
            text.contains(&format!("DOES NOT HOLD: {said}")),
            "{what}: {text}"
        );
    }
}

#[test]
fn a_ledger_that_leads_elsewhere_is_named_by_where_it_ended_before() {
    let installation = Installation::settled();
    let (good, text) = verify(&installation, &[]);
    let heads = heads(&text);
    assert!(good && verify(&installation, &given(&heads)).0, "{text}");
    for head in &heads {
        let (ledger, _) = head.split_once(':').unwrap();
        for other in [
            format!("{ledger}:1:{}", "00".repeat(32)),
            format!("{ledger}:99:{}", "00".repeat(32)),
        ] {
            let (good, text) = verify(&installation, &["--head", &other]);
            assert!(
                !good && text.contains("DOES NOT HOLD: the list is shorter"),
                "{text}"
            );
        }
    }
    assert!(!verify(&installation, &["--head", "nonsense"]).0);
    // What custodians said is gone, as if nobody had ever signed: whoever knows how far it went is told.
    let sql = "DELETE FROM statements WHERE ledger NOT IN (SELECT id FROM teams)";
    database(&installation).batch_execute(sql).unwrap();
    let (good, text) = verify(&installation, &[]);
    assert!(good && text.contains("not in force yet"), "{text}");
    let (good, text) = verify(&installation, &given(&heads));
    assert!(
        !good && text.contains("DOES NOT HOLD: the list is shorter"),
        "{text}"
    );
}
