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

#[tokio::test(flavor = "multi_thread")]
async fn a_member_changes_the_key_from_a_terminal() {
    let installation = Installation::settled();
    let (good, before) = verify(&installation, &[]);
    assert!(good, "{before}");
    assert!(before.contains("--seen main:1:1"), "{before}");
    order(&installation);
    let output = rotate(&installation, "sokha").await;
    let said = String::from_utf8(output.stdout).unwrap();
    assert!(
        output.status.success(),
        "{said} {:?}",
        String::from_utf8(output.stderr)
    );
    assert!(said.contains("generation 2"), "{said}");
    let (good, after) = verify(&installation, &["--seen", "main:1:1"]);
    assert!(good, "{after}");
    assert!(after.contains("--seen main:1:2"), "{after}");
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
                "INSERT INTO keys SELECT randomblob(16), kind, owner, 2, suite, '{thief_recipient}', randomblob(32), 'active', from_day \
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
            "the team's ledger does not begin with the key that was signed for",
        ),
        (
            "replaced charter".to_owned(),
            "UPDATE charters SET verify_key = randomblob(32)".to_owned(),
            "signed by someone who may not",
        ),
        (
            "inserted charter".to_owned(),
            "INSERT INTO charters SELECT channel, 2, team, verify_key FROM charters WHERE channel = 'main'".to_owned(),
            "unsigned",
        ),
        (
            "removed charter".to_owned(),
            "DELETE FROM charters".to_owned(),
            "no charter",
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
    let head = text.split("--head ").nth(1).unwrap().lines().next();
    let head = head.unwrap();
    assert!(good && verify(&installation, &["--head", head]).0, "{text}");
    let (team, _) = head.split_once(':').unwrap();
    for other in [
        format!("{team}:1:{}", "00".repeat(32)),
        format!("{team}:99:{}", "00".repeat(32)),
    ] {
        let (good, text) = verify(&installation, &["--head", &other]);
        assert!(
            !good && text.contains("DOES NOT HOLD: the list is shorter"),
            "{text}"
        );
    }
    assert!(!verify(&installation, &["--head", "nonsense"]).0);
}
