//! Destroying reports: by two people, by a clock, never under a legal hold; and what a crash leaves half done, the next start finishes.

use data_encoding::BASE64URL_NOPAD;
use diesel::connection::SimpleConnection as _;
use kapea::domain::audit::AuditEvent;
use kapea::domain::clock::Day;
use kapea::domain::ids::ReportId;
use kapea::seal::keys::Signature;
use kapea::seal::shred::statement;

use crate::support::TestApp;
use crate::support::sql::{self, connect as database, count, of_report as word};
use crate::support::staff::Session;

const DAY: i64 = 86_400;
const TOLD: &[(&str, &str)] = &[("danger", "over"), ("account", "told-once")];
/// Every table that may name a report.
const BESIDE: &[&str] = &[
    "reports",
    "objects",
    "grants",
    "claims",
    "proposals",
    "exports",
    "shreds",
    "quarantine",
    "rekeys",
];

/// Ciphertext of reports, as it lies in the database now: every object, grant and proposal.
fn ciphertexts(app: &TestApp) -> Vec<Vec<u8>> {
    let query = "SELECT sealed FROM objects UNION ALL SELECT sealed FROM grants UNION ALL SELECT sealed FROM proposals";
    sql::blobs(&mut database(app), query)
}

/// Which of these are in the raw bytes of the database's files. The middle of each: a page may cut a row in two.
fn found(app: &TestApp, ciphertexts: &[Vec<u8>]) -> usize {
    let mut raw = Vec::new();
    for suffix in ["", "-wal"] {
        let mut path = app.database().into_os_string();
        path.push(suffix);
        raw.extend(std::fs::read(path).unwrap_or_default());
    }
    let pieces = |text: &Vec<u8>| -> Vec<Vec<u8>> {
        // What follows the header, in pieces: an overflow page may begin anywhere.
        text[200..]
            .chunks_exact(24)
            .step_by(4)
            .map(<[u8]>::to_vec)
            .collect()
    };
    let is_there = |piece: &Vec<u8>| {
        raw.windows(piece.len())
            .any(|window| window == piece.as_slice())
    };
    ciphertexts
        .iter()
        .filter(|text| pieces(text).iter().any(is_there))
        .count()
}

fn assert_nothing_is_left(app: &TestApp, what: &str) {
    for table in BESIDE {
        assert_eq!(count(app, table), 0, "{what}: {table}");
    }
    assert_eq!(count(app, "outbox WHERE report IS NOT NULL"), 0, "{what}");
}

/// The entry that says that a report is gone, with its signature checked. How many objects it had.
fn assert_signed(app: &TestApp, report: &str, what: &str) -> i64 {
    let told = app.trail(0);
    let gone: Vec<_> = told
        .into_iter()
        .filter_map(|told| match told.event {
            AuditEvent::ReportShredded {
                report,
                objects,
                commitment,
                signature,
            } => Some((report, objects, commitment, signature)),
            _ => None,
        })
        .collect();
    let [(gone, objects, committed, signed)] = &gone[..] else {
        panic!("{what}: {} entries", gone.len());
    };
    let report: ReportId = report.parse().unwrap();
    assert_eq!(*gone, report);
    let commitment = data_encoding::HEXLOWER
        .decode(committed.as_bytes())
        .unwrap();
    let signature = BASE64URL_NOPAD.decode(signed.as_bytes()).unwrap();
    let signature = Signature::from_bytes(signature.try_into().unwrap());
    let day = sql::text(app, "CAST(max(day) AS TEXT)", "audit");
    let day = Day::from_number(day.parse().unwrap());
    let signed = statement(report, *objects, &commitment.try_into().unwrap(), day);
    app.audit_log()
        .verify_key()
        .verify(&signed, &signature)
        .unwrap_or_else(|error| panic!("{what}: {error}"));
    *objects
}

struct Office {
    app: TestApp,
    sokha: Session,
    dara: Session,
    report: String,
    code: String,
}

impl Office {
    async fn open() -> Self {
        Self::open_with(&[]).await
    }

    async fn open_with(extra: &[(&str, &str)]) -> Self {
        let app = TestApp::start_with(extra).await;
        let code = app.reporter("en").file(TOLD).await;
        let (sokha, dara) = (app.sign_in("sokha").await, app.sign_in("dara").await);
        let report = sokha.queue("").await.remove(0);
        sokha.claim(&report).await.expect(303);
        sokha
            .note(&report, &"a longer note ".repeat(400))
            .await
            .expect(303);
        sokha.message(&report, "a message").await.expect(303);
        Self {
            app,
            sokha,
            dara,
            report,
            code,
        }
    }

    async fn proposed(&self) -> String {
        self.sokha
            .propose(&self.report, "shred", &[])
            .await
            .expect(303);
        self.sokha.proposals(&self.report).await.remove(0)
    }

    /// Marked as spam, and given back.
    async fn marked_as_spam(self) -> Self {
        self.sokha
            .act(&self.report, "mark-spam", "an advertisement")
            .await
            .expect(303);
        self.sokha.release(&self.report).await.expect(303);
        self
    }

    /// A day at a time, as the worker would live through them. Time moves far, so that sessions end.
    async fn days(&self, days: i64) {
        self.app.clock.advance(days * DAY);
        self.app.worker.shred().await.unwrap();
    }

    fn is_there(&self) -> bool {
        count(&self.app, "reports") == 1
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn two_people_destroy_a_report_and_nothing_of_it_is_in_the_files() {
    let office = Office::open().await;
    let Office {
        app,
        sokha,
        dara,
        report,
        code,
    } = &office;
    let proposal = office.proposed().await;
    let before = ciphertexts(app);
    // Card, answers, note, message; a grant; the proposal itself.
    assert_eq!(before.len(), 6);
    assert_eq!(found(app, &before), 6, "the search finds what is there");
    dara.approve(report, &proposal, &app.clock)
        .await
        .expect(303);

    assert_nothing_is_left(app, "after approval");
    assert_eq!(found(app, &before), 0);
    assert_eq!(assert_signed(app, report, "after approval"), 4);
    for session in [sokha, dara] {
        let gone = session.read(report).await.expect(404);
        let none = session.read(&"ab".repeat(16)).await;
        assert_eq!(gone.body(), none.body());
        assert!(session.queue("").await.is_empty());
    }
    // Its mailbox went in the same act, and the code is one like any other.
    app.reporter("en").try_code(code).await.expect(422);
    assert_eq!(count(app, "mailboxes"), 0);
    assert_eq!(count(app, "mail_items"), 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_crash_leaves_half_destroyed_is_finished_by_a_look_or_a_start() {
    for starts in [false, true] {
        let mut gone_at = Vec::new();
        for commits in 0..9 {
            let office = Office::open().await;
            let Office {
                app, dara, report, ..
            } = &office;
            let proposal = office.proposed().await;
            let (version, one_time) = (dara.version(report).await, dara.code(&app.clock).await);
            let before = ciphertexts(app);
            app.store.fail_after_commits(Some(commits));
            let status = dara
                .approve_with(report, &proposal, &version, &one_time)
                .await
                .status;
            app.store.fail_after_commits(None);
            let what = format!("cut after {commits} commits, answered {status}");
            let begun = app
                .trail(0)
                .iter()
                .any(|told| told.event.name() == "shred-begun");
            let report = report.clone();
            let app = if starts {
                office.app.restart()
            } else {
                office.app.worker.shred().await.unwrap();
                office.app
            };
            if begun {
                assert_nothing_is_left(&app, &what);
                assert_eq!(found(&app, &before), 0, "{what}");
                assert_signed(&app, &report, &what);
            } else {
                assert_eq!(count(&app, "reports"), 1, "{what}");
                assert_eq!(count(&app, "proposals"), 1, "{what}");
                let dara = app.sign_in("dara").await;
                dara.read(&report).await.expect(200).says("told-once");
            }
            gone_at.push(begun);
        }
        // Before, between each pair of steps, and after all of them.
        assert!(
            gone_at.contains(&false) && gone_at.iter().filter(|gone| **gone).count() >= 4,
            "{gone_at:?}"
        );
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_reader_of_the_log_only_delays_the_end() {
    let office = Office::open().await;
    let Office {
        app, dara, report, ..
    } = &office;
    let proposal = office.proposed().await;
    let (version, code) = (dara.version(report).await, dara.code(&app.clock).await);
    let before = ciphertexts(app);
    // Somebody reads a state of the database from before, and goes on doing so.
    let reader = &mut database(app);
    reader
        .batch_execute("BEGIN; SELECT count(*) FROM objects")
        .unwrap();
    let open = sql::blobs(reader, "SELECT sealed FROM objects");
    assert_eq!(open.len(), 4);
    dara.approve_with(report, &proposal, &version, &code)
        .await
        .expect(303);
    assert_eq!(
        count(app, "shreds"),
        1,
        "not done while the log holds what was deleted"
    );
    assert!(
        !app.trail(0)
            .iter()
            .any(|told| told.event.name() == "report-shredded")
    );
    dara.read(report).await.expect(404);
    reader.batch_execute("COMMIT").unwrap();
    assert_eq!(app.worker.shred().await.unwrap(), 1);
    assert_nothing_is_left(app, "after the reader");
    assert_eq!(found(app, &before), 0);
    assert_signed(app, report, "after the reader");
}

#[tokio::test(flavor = "multi_thread")]
async fn spam_goes_when_its_days_are_over() {
    let office = Office::open().await.marked_as_spam().await;
    let Office { app, report, .. } = &office;
    assert_eq!(word(app, "retention"), "spam");
    office.days(29).await;
    assert!(office.is_there());
    let dara = app.sign_in("dara").await;
    dara.read(report).await.expect(200).says("until");
    // The policy's thirty, and at most seven drawn at random.
    office.days(9).await;
    assert_nothing_is_left(app, "after the clock");
    assert_signed(app, report, "after the clock");
    let dara = app.sign_in("dara").await;
    dara.read(report).await.expect(404);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_days_are_those_of_the_configuration() {
    let settings = ("retention", "spam_days = 3\njitter_days = 0");
    let office = Office::open_with(&[settings]).await.marked_as_spam().await;
    office.days(2).await;
    assert!(office.is_there());
    office.days(1).await;
    assert!(!office.is_there());
}

#[tokio::test(flavor = "multi_thread")]
async fn whatever_the_reporter_writes_stops_the_clock() {
    let office = Office::open().await.marked_as_spam().await;
    let Office { app, code, .. } = &office;
    office.days(29).await;
    app.reporter("en")
        .mailbox(code)
        .await
        .write("It is true.")
        .await
        .expect(200);
    assert_eq!(word(app, "state || ' ' || retention"), "received undecided");
    office.days(400).await;
    assert!(office.is_there());
}

#[tokio::test(flavor = "multi_thread")]
async fn what_somebody_has_in_hand_does_not_go() {
    let office = Office::open().await.marked_as_spam().await;
    let Office { app, report, .. } = &office;
    app.clock.advance(60 * DAY);
    let dara = app.sign_in("dara").await;
    dara.claim(report).await.expect(303);
    app.worker.shred().await.unwrap();
    assert!(office.is_there());
    dara.release(report).await.expect(303);
    app.worker.shred().await.unwrap();
    assert!(!office.is_there());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_hold_is_above_every_clock_and_lifting_it_starts_the_clock_anew() {
    let office = Office::open().await.marked_as_spam().await;
    let Office {
        app, sokha, report, ..
    } = &office;
    sokha
        .decide(report, "hold", &[("reason", "asked for")])
        .await
        .expect(303);
    office.days(300).await;
    assert!(office.is_there());
    let (sokha, dara) = (app.sign_in("sokha").await, app.sign_in("dara").await);
    sokha.propose(report, "lift_hold", &[]).await.expect(303);
    let proposal = dara.proposals(report).await.remove(0);
    dara.approve(report, &proposal, &app.clock)
        .await
        .expect(303);
    app.worker.shred().await.unwrap();
    assert!(office.is_there(), "not the same night");
    office.days(38).await;
    assert!(!office.is_there());
}

#[tokio::test(flavor = "multi_thread")]
async fn no_action_is_looked_at_again_before_it_goes() {
    let office = Office::open().await;
    let Office {
        app,
        sokha,
        dara,
        report,
        ..
    } = &office;
    sokha
        .propose(report, "no_action", &[("class", "no_action")])
        .await
        .expect(303);
    let proposal = dara.proposals(report).await.remove(0);
    dara.approve(report, &proposal, &app.clock)
        .await
        .expect(303);
    office.days(373).await;
    assert!(office.is_there());
    let (sokha, dara) = (app.sign_in("sokha").await, app.sign_in("dara").await);
    sokha
        .get("/queue")
        .await
        .expect(200)
        .says("Due to be looked at again");
    // Leads are told; others have nothing to do there.
    dara.get("/queue")
        .await
        .expect(200)
        .says_nothing_of("Due to be looked at again");
    sokha
        .decide(
            report,
            "retain",
            &[("class", "referred"), ("reason", "kept after all")],
        )
        .await
        .expect(303);
    office.days(400).await;
    assert!(office.is_there());
    let sokha = app.sign_in("sokha").await;
    sokha
        .decide(
            report,
            "retain",
            &[("class", "no_action"), ("reason", "not kept")],
        )
        .await
        .expect(303);
    office.days(365 + 30 + 7).await;
    assert!(!office.is_there());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_lead_sets_how_long_and_what_fits() {
    let office = Office::open().await;
    let Office {
        app,
        sokha,
        dara,
        report,
        ..
    } = &office;
    let child = [("class", "child_identified"), ("reason", "she is twelve")];
    dara.decide(report, "retain", &child).await.expect(404);
    sokha
        .decide(report, "retain", &child)
        .await
        .expect(422)
        .says("a day in the future");
    for day in [
        "2020-01-01",
        "2031-01-01",
        "2026-02-30",
        "soon",
        "2200-01-01",
    ] {
        let pairs = [child[0], child[1], ("until", day)];
        sokha
            .decide(report, "retain", &pairs)
            .await
            .expect(422)
            .says("a day in the future");
    }
    for class in ["", "forever"] {
        sokha
            .decide(report, "retain", &[("class", class), ("reason", "x")])
            .await
            .expect(422);
    }
    // No clock that destroys by itself runs on a report that is open.
    for class in ["spam", "no_action", "suspected_illegal"] {
        sokha
            .decide(report, "retain", &[("class", class), ("reason", "x")])
            .await
            .expect(409);
    }
    sokha
        .decide(
            report,
            "retain",
            &[child[0], ("until", "2045-06-01"), ("reason", " ")],
        )
        .await
        .expect(422);
    sokha
        .decide(
            report,
            "retain",
            &[child[0], child[1], ("until", "2045-06-01")],
        )
        .await
        .expect(303);
    dara.read(report)
        .await
        .expect(200)
        .says("she is twelve")
        .says("A child is identified");
    let review = word(
        app,
        "CAST(review_day - (SELECT max(day) FROM audit) AS TEXT)",
    );
    assert_eq!(review, "1826", "five years");
    // Its day passes, and it is there: that takes two people.
    office.days(30 * 366).await;
    assert!(office.is_there());
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_locked_waits_for_two_people() {
    let office = Office::open().await;
    let Office {
        app, dara, report, ..
    } = &office;
    dara.act(report, "lock", "").await.expect(303);
    assert_eq!(word(app, "retention"), "suspected_illegal");
    office.days(20 * 366).await;
    assert!(office.is_there());
    let (sokha, dara) = (app.sign_in("sokha").await, app.sign_in("dara").await);
    assert!(sokha.proposal_form(report, "export").await.is_none());
    sokha
        .propose(report, "export", &[("recipient", "age1")])
        .await
        .expect(409);
    dara.propose(report, "shred", &[]).await.expect(409);
    sokha
        .propose(report, "shred", &[("reason", "handed over")])
        .await
        .expect(303);
    let proposal = dara.proposals(report).await.remove(0);
    dara.approve(report, &proposal, &app.clock)
        .await
        .expect(303);
    assert_nothing_is_left(app, "locked");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_reporter_who_comes_back_is_not_left_writing_to_nobody() {
    let office = Office::open().await.marked_as_spam().await;
    let Office { app, code, .. } = &office;
    office.days(60).await;
    assert!(!office.is_there());
    // A clock cannot tell whose mailbox it was: it is there, and closes when its reporter writes into it.
    let mailbox = app.reporter("en").mailbox(code).await;
    let page = mailbox.write("Is anybody there?").await.expect(422);
    page.says("Is anybody there?");
    app.reporter("en").try_code(code).await.expect(422);
    assert_eq!(count(app, "mailboxes"), 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn nothing_is_written_into_a_report_that_is_half_destroyed() {
    let office = Office::open().await.marked_as_spam().await;
    let Office { app, code, .. } = &office;
    app.clock.advance(60 * DAY);
    let mailbox = app.reporter("en").mailbox(code).await;
    app.store.fail_after_commits(Some(1));
    app.worker.shred().await.unwrap_err();
    app.store.fail_after_commits(None);
    assert_eq!(count(app, "shreds"), 1);
    let objects = count(app, "objects");
    // The reporter keeps the words and learns that nobody reads them.
    mailbox
        .write("Is anybody there?")
        .await
        .expect(422)
        .says("Is anybody there?");
    assert_eq!(count(app, "objects"), objects);
    app.worker.shred().await.unwrap();
    assert_nothing_is_left(app, "after the second look");
}
