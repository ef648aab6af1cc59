//! The recovery key from the first sheet of paper to the last: who makes it, who signs it, what it opens and what it does not; forgotten
//! passphrases, and accounts that begin anew.

mod ceremony;
mod crossing;
mod paper;
mod people;

use std::io::Write as _;
use std::path::PathBuf;
use std::process::Stdio;

use kapea::domain::clock::Clock;

use crate::support::binary::program;
use kapea::ledger::team::TeamBody;

use crate::support::client::Page;
use crate::support::ledger;
use crate::support::sql::{count, id_of as staff_id, run as run_sql, word};
use crate::support::staff::Session;
use crate::support::{TestApp, eventually};

/// Wraps of teams' keys to any recovery key.
const WRAPS: &str = "wraps JOIN keys ON keys.id = wraps.parent WHERE keys.kind = 'recovery'";

/// Wraps of the keys of teams that read reports.
const CASEWORK: &str = "wraps JOIN keys c ON c.id = wraps.child JOIN teams ON teams.id = c.owner WHERE teams.kind = 'casework'";

/// Only what caseworkers do is looked at: the auditors' key would wait for the auditor to come by.
fn auditors_do_without(app: &TestApp) {
    let team = ledger::team(app, "kind = 'audit'");
    let (auditor, keys) = ledger::insider(app, "auditor");
    let person = auditor.staff;
    for body in [
        TeamBody::Lead { person, lead: true },
        TeamBody::Recovery { on: false },
    ] {
        ledger::lay(app, team, person, &[keys.signing()], body);
    }
}

/// What a run of the program came to.
struct Ran {
    good: bool,
    said: String,
}

impl Ran {
    #[track_caller]
    fn expect(self, good: bool) -> Self {
        assert_eq!(self.good, good, "{}", self.said);
        self
    }

    #[track_caller]
    fn says(&self, text: &str) -> &Self {
        assert!(self.said.contains(text), "no {text:?} in:\n{}", self.said);
        self
    }
}

/// Runs `kapea recovery …` with answers typed in.
fn recovery(arguments: &[&str], typed: &[String]) -> Ran {
    let mut child = program()
        .arg("recovery")
        .args(arguments)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let mut answers = typed.join("\n");
    answers.push('\n');
    let mut input = child.stdin.take().unwrap();
    // A program that has refused does not read on.
    drop(input.write_all(answers.as_bytes()));
    drop(input);
    let output = child.wait_with_output().unwrap();
    Ran {
        good: output.status.success(),
        said: String::from_utf8([output.stdout, output.stderr].concat()).unwrap(),
    }
}

/// A recovery key as `kapea recovery create` printed it.
struct Printed {
    line: String,
    fingerprint: String,
    shares: Vec<Vec<String>>,
}

impl Printed {
    fn make(shares: usize, threshold: usize) -> Self {
        let (shares, threshold) = (shares.to_string(), threshold.to_string());
        let ran = recovery(
            &["create", "--shares", &shares, "--threshold", &threshold],
            &[],
        )
        .expect(true);
        Self::read(&ran.said)
    }

    fn read(said: &str) -> Self {
        let line = said
            .lines()
            .find(|line| line.starts_with("kapea-recovery-1 "))
            .expect("a public line");
        let fingerprint = said
            .lines()
            .find_map(|line| line.split_once("Fingerprint of the key: "))
            .expect("a fingerprint");
        let shares = said
            .split('\u{c}')
            .skip(1)
            .map(|page| {
                page.lines()
                    .filter_map(|line| line.split_once(":  "))
                    .filter(|(number, _)| number.trim().parse::<u8>().is_ok())
                    .map(|(_, digits)| digits.to_owned())
                    .collect()
            })
            .collect();
        Self {
            line: line.to_owned(),
            fingerprint: fingerprint.1.to_owned(),
            shares,
        }
    }

    /// The lines of these shares, as somebody types them.
    fn typed(&self, shares: &[usize]) -> Vec<String> {
        shares
            .iter()
            .flat_map(|share| self.shares[*share].clone())
            .collect()
    }
}

fn config(app: &TestApp) -> String {
    let path: PathBuf = app.folder.path().join("kapea.toml");
    path.to_str().unwrap().to_owned()
}

async fn register(custodian: &Session, clock: &Clock, line: &str) -> Page {
    let page = custodian.get("/recovery").await.expect(200);
    let mut form = page.form_to("/recovery/register");
    form.set("line", line)
        .set("code", &custodian.code(clock).await);
    custodian
        .post_fields("/recovery/register", &form.fields)
        .await
}

/// Signs whatever waits for this custodian.
async fn sign(custodian: &Session, clock: &Clock) -> Page {
    let page = custodian.get("/recovery").await.expect(200);
    let mut form = page.form_to("/recovery/sign");
    form.set("compared", "yes")
        .set("code", &custodian.code(clock).await);
    custodian.post_fields("/recovery/sign", &form.fields).await
}

/// A key that the custodian has registered and signed.
async fn in_force(app: &TestApp) -> Printed {
    let printed = Printed::make(3, 2);
    let custodian = app.sign_in("custodian").await;
    register(&custodian, &app.clock, &printed.line)
        .await
        .expect(303);
    sign(&custodian, &app.clock).await.expect(303);
    printed
}

/// Opens pages as somebody who works, until the number of rows is as it should be.
async fn works_until(app: &TestApp, session: &Session, what: &str, rows: i64) {
    eventually(what, async || {
        session.get("/queue").await.expect(200);
        (count(app, what) == rows).then_some(())
    })
    .await;
}

async fn reset(app: &TestApp, admin: &Session, handle: &str, accept_loss: bool) -> Page {
    let path = format!("/people/reset?staff={}", staff_id(app, handle));
    let page = admin.get(&path).await.expect(200);
    let mut form = page.form_to("/people/reset");
    form.set("code", &admin.code(&app.clock).await);
    if accept_loss {
        form.set("lost", "yes");
    }
    let done = admin.post_fields("/people/reset", &form.fields).await;
    // A second click, whose answer is the one that is seen.
    if done.status == 200 {
        let again = admin.post_fields("/people/reset", &form.fields).await;
        assert_eq!(token(&again.expect(200)), token(&done));
    }
    done
}

/// The token in the link that a page shows once.
fn token(page: &Page) -> String {
    let link = page.document().of_class("link-once").join("");
    link.rsplit('/').next().expect("a link").to_owned()
}

async fn file(app: &TestApp, count: usize) {
    for number in 0..count {
        let account = format!("account-{number}-told");
        app.reporter("en")
            .file(&[("danger", "over"), ("account", &account)])
            .await;
    }
}

async fn assert_reads(session: &Session, reports: usize) {
    let queue = session.whole_queue().await;
    assert_eq!(queue.len(), reports);
    for report in queue {
        session.read(&report).await.expect(200).says("-told");
    }
}

fn classes(app: &TestApp) -> Vec<String> {
    app.trail(0)
        .into_iter()
        .map(|told| told.event.name().to_owned())
        .collect()
}

#[track_caller]
fn assert_told(app: &TestApp, expected: &[&str]) {
    let told = classes(app);
    for class in expected {
        assert!(
            told.iter().any(|known| known == class),
            "no {class} in {told:?}"
        );
    }
}

async fn hand_of(
    app: &TestApp,
    session: &Session,
) -> std::sync::Arc<kapea::service::keyring::MemberKeys> {
    let cookie = session.cookie.split("; ").next().unwrap();
    let cookie = cookie.split_once('=').unwrap().1;
    let caller = app.services.accounts.authenticate(cookie, true).await;
    kapea::service::keyring::MemberKeys::of(&caller.unwrap()).expect("a member")
}
