//! A clock that leaps, or is wrong at the start: nothing is destroyed on one reading of it, nobody is locked out, and nothing falls silent.

use std::path::Path;

use kapea::domain::clock::{Clock, Timestamp};
use kapea::domain::mail_fault::MailFailure;

use crate::anchors::{KEEPERS, anchors, mails};
use crate::support::binary::{Installation, program};
use crate::support::client::Page;
use crate::support::faketime;
use crate::support::reporter::{Reporter, code_of};
use crate::support::sql::{self, count, id_of};
use crate::support::staff::Session;
use crate::support::{TestApp, eventually};

const HOUR: i64 = 3_600;
const DAY: i64 = 24 * HOUR;
const YEAR: i64 = 365 * DAY;

const TOLD: &[(&str, &str)] = &[("danger", "over"), ("account", "Two years ago.")];
const URGENT: &[(&str, &str)] = &[("danger", "now"), ("account", "He is breaking the door.")];
const ALARM: &str = "alarm@hotline.example";
const ON_CALL: &str = "on-call@hotline.example";
const BACKUP: &str = "backup@hotline.example";
const SETTINGS: &[(&str, &str)] = &[("mail", "alarm = [\"alarm@hotline.example\"]")];
const DOWN: MailFailure = MailFailure::unreachable();
const DOUBTED: &str = "Nobody believes the machine";
const REMARK: &str = "ok, but the clock is not confirmed";

/// What a clock ends, and one of each in the house.
const ENDS: &[&str] = &[
    "mailboxes",
    "reports",
    "objects",
    "sessions",
    "invitations",
    "ticket_keys",
    "attempts",
];

/// A service in which everything that a clock may end is there.
struct House {
    app: TestApp,
    sokha: Session,
    code: String,
}

impl House {
    /// A report whose clock runs, its mailbox, somebody who is signed in, a link for a newcomer, a wrong code.
    async fn open() -> Self {
        let app = TestApp::start_with(SETTINGS).await;
        let code = app.reporter("en").file(TOLD).await;
        let sokha = app.sign_in("sokha").await;
        let report = sokha.queue("").await.remove(0);
        sokha.claim(&report).await.expect(303);
        sokha.act(&report, "mark-spam", "junk").await.expect(303);
        sokha.release(&report).await.expect(303);
        let admin = app.sign_in("admin").await;
        let team = admin.team("Hotline").await;
        admin
            .invite("vanna", "caseworker", Some(&team), false)
            .await;
        admin
            .post("/keys/sessions", &[("code", "00000x")])
            .await
            .expect(422);
        app.later(HOUR / 4).await;
        app.mailed();
        Self { app, sokha, code }
    }

    fn counts(&self) -> Vec<i64> {
        ENDS.iter().map(|table| count(&self.app, table)).collect()
    }
}

async fn ready(app: &TestApp) -> String {
    app.health.get("/readyz").await.expect(200).body()
}

async fn alarms(app: &TestApp) -> Page {
    let auditor = app.sign_in("auditor").await;
    auditor.get("/alarms").await.expect(200)
}

/// What stands still where a phone is: its code is of that moment, whatever the service goes by.
fn phone(at: Timestamp) -> Clock {
    Clock::manual(at)
}

/// Whoever has a phone that says the same as the machine.
async fn sign_in_by_machine(app: &TestApp, handle: &str) -> Session {
    let person = app.people.get(handle);
    let machine = app.clock.doubted().expect("a doubt");
    person.sign_in(&app.staff, &phone(machine)).await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_leap_under_the_running_service_destroys_nothing_and_silences_nothing() {
    for (by, said) in [(YEAR, "2027-11-2"), (-YEAR, "2025-11-2")] {
        let house = House::open().await;
        let House { app, sokha, code } = &house;
        let before = house.counts();
        let form = app.reporter("en").fill(TOLD).await;

        app.clock.leap(by);
        app.worker.step().await;
        app.tend_clock().await;
        assert_eq!(house.counts(), before, "{by}");
        assert_eq!(app.mailed(), [ALARM], "{by}");
        assert_eq!(ready(app).await, REMARK);
        // Whoever is there goes on, and whoever comes gets in by the time that it is.
        sokha.get("/queue").await.expect(200);
        app.reporter("en").mailbox(code).await;
        code_of(&app.public.submit(&form, "send").await.expect(200));
        let page = alarms(app).await;
        page.says(DOUBTED).says(said).says("2026-11-23");
        assert_eq!(
            ready(app).await,
            REMARK,
            "a phone has said that it is not so"
        );
        app.reporter("en").file(URGENT).await;
        app.worker.step().await;
        assert!(app.mailed().contains(&ON_CALL.to_owned()), "{by}");
        app.later(20 * 60).await;
        assert!(app.mailed().contains(&BACKUP.to_owned()), "{by}");

        // It comes back: whatever repeats goes on, and nobody has used a code of another time.
        app.clock.leap(-by);
        assert_eq!(ready(app).await, "ok");
        app.later(20 * 60).await;
        assert!(app.mailed().contains(&ON_CALL.to_owned()), "{by}");
        for handle in ["sokha", "dara", "admin", "auditor"] {
            app.sign_in(handle).await;
        }
        app.clock.advance(DAY);
        app.worker.heartbeat().await.unwrap();
        app.worker.tell().await.unwrap();
        assert!(
            app.mailed().contains(&ALARM.to_owned()),
            "the day's sign of life"
        );
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_due_goes_when_the_time_is_confirmed_and_not_before() {
    let House { app, .. } = House::open().await;
    app.clock.leap(2 * HOUR);
    app.clock.advance(2 * YEAR);
    app.worker.step().await;
    for table in ["mailboxes", "reports", "sessions", "invitations"] {
        assert!(count(&app, table) > 0, "{table}");
    }
    app.clock.leap(-2 * HOUR);
    app.worker.step().await;
    for table in ["mailboxes", "reports", "sessions", "invitations"] {
        assert_eq!(count(&app, table), 0, "{table}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_start_far_ahead_closes_nothing_until_a_phone_says_the_same() {
    let House { app, code, .. } = House::open().await;
    let app = app.started_again(0, 2 * YEAR);
    app.worker.step().await;
    app.tend_clock().await;
    assert_eq!(ready(&app).await, REMARK);
    assert_eq!(count(&app, "mailboxes"), 1);
    assert_eq!(count(&app, "reports"), 1);
    // Its day has not come for certain.
    app.reporter("en").mailbox(&code).await;
    // A code of another time confirms nothing, and is none.
    let person = app.people.get("dara");
    let other = phone(app.clock.now().plus(-2 * YEAR));
    let refused = person.sign_in_or_not(&app.staff, &other).await;
    assert!(refused.is_err());
    assert_eq!(ready(&app).await, REMARK);

    sign_in_by_machine(&app, "sokha").await;
    assert_eq!(ready(&app).await, "ok");
    let confirmed = |told: &kapea::service::audit_log::AuditBody| {
        told.event.name() == "clock-confirmed" && told.by.is_some()
    };
    assert!(app.trail(0).iter().any(confirmed));
    app.worker.step().await;
    assert_eq!(count(&app, "reports"), 0);
    assert_eq!(count(&app, "mailboxes"), 0);
    app.reporter("en").try_code(&code).await.expect(422);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_start_after_a_short_rest_asks_nobody_and_after_a_long_one_one_phone() {
    let House { app, .. } = House::open().await;
    let app = app.started_again(HOUR, 0);
    assert_eq!(ready(&app).await, "ok");
    let app = app.started_again(3 * DAY, 0);
    assert_eq!(ready(&app).await, REMARK);
    app.reporter("en").file(TOLD).await;
    let today = app.clock.today().number();
    assert_eq!(count(&app, &format!("reports WHERE day = {today}")), 1);
    sign_in_by_machine(&app, "sokha").await;
    assert_eq!(ready(&app).await, "ok");
    // The next start knows it.
    let app = app.started_again(60, 0);
    assert_eq!(ready(&app).await, "ok");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_start_far_behind_goes_on_from_what_is_remembered_until_the_clock_is_set() {
    let House { app, .. } = House::open().await;
    let was = app.clock.now();
    let app = app.started_again(60, -YEAR);
    let now = app.clock.now();
    assert!(now >= was.quarter().start() && now <= was.plus(15 * 60 + 60));
    assert_eq!(ready(&app).await, REMARK);
    app.worker.step().await;
    alarms(&app).await.says(DOUBTED);
    app.clock.leap(YEAR);
    assert_eq!(ready(&app).await, "ok");
    app.sign_in("sokha").await;

    // Without a witness, the newest entry that the server wrote says which day it was.
    let folder = app.folder.path().join("data/witness/witness");
    std::fs::remove_file(folder).unwrap();
    let app = app.started_again(60, -YEAR);
    assert_eq!(app.clock.today(), was.day());
    assert_eq!(ready(&app).await, REMARK);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_administrator_confirms_what_their_phone_says_and_nothing_else() {
    let House { app, .. } = House::open().await;
    let admin = app.sign_in("admin").await;
    admin
        .get("/status")
        .await
        .expect(200)
        .says_nothing_of(DOUBTED);
    // The machine stood still for two hours, and no clock that counts noticed.
    app.clock.leap(2 * HOUR);
    let page = admin.get("/status").await.expect(200);
    page.says(DOUBTED).says("whoever runs it");
    assert!(!page.forms_to("/status/clock").is_empty());
    let code = admin.code(&app.clock).await;
    let page = admin.post("/status/clock", &[("code", &code)]).await;
    page.expect(422)
        .says("your phone says that the machine's clock is wrong");
    let page = admin.post("/status/clock", &[("code", "00000x")]).await;
    page.expect(422).says("This code is not right");
    assert_eq!(ready(&app).await, REMARK);
    let machine = app.clock.doubted().unwrap();
    let code = admin.code(&phone(machine)).await;
    let page = admin.post("/status/clock", &[("code", &code)]).await;
    assert_eq!(
        page.expect(303).header("location"),
        Some("/status?done=clock")
    );
    assert_eq!(ready(&app).await, "ok");
    assert_eq!(app.clock.now(), machine);
    let admin = app.sign_in("admin").await;
    admin
        .get("/status")
        .await
        .expect(200)
        .says_nothing_of(DOUBTED);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_confirmed_in_one_process_is_heard_in_the_other_and_only_then() {
    let House { app, .. } = House::open().await;
    let intake = app.another_process();
    assert!(intake.clock.confirmed().is_some());
    app.clock.leap(YEAR);
    for _ in 0..3 {
        // Whatever each of them writes meanwhile, it says no time.
        app.worker.step().await;
        app.tend_clock().await;
        intake.tend_clock().await;
        app.clock.advance(HOUR);
    }
    assert_eq!(intake.clock.confirmed(), None);
    assert_eq!(app.clock.confirmed(), None);
    sign_in_by_machine(&app, "admin").await;
    assert!(app.clock.confirmed().is_some());
    assert_eq!(intake.clock.confirmed(), None, "before it has looked");
    intake.tend_clock().await;
    assert_eq!(intake.clock.confirmed(), app.clock.confirmed());

    // What was confirmed by mistake is taken back in both.
    app.clock.leap(-YEAR);
    intake.tend_clock().await;
    assert_eq!(intake.clock.confirmed(), None);
    sign_in_by_machine(&app, "sokha").await;
    intake.tend_clock().await;
    assert_eq!(intake.clock.confirmed(), app.clock.confirmed());
    assert!(intake.clock.confirmed().is_some());
    app.worker.step().await;
    assert_eq!(count(&app, "alarms WHERE kind = 'witness-broken'"), 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_false_future_has_left_is_pulled_back() {
    let House { app, .. } = House::open().await;
    app.clock.leap(YEAR);
    // Somebody confirms it, and everybody works there for a while.
    let admin = sign_in_by_machine(&app, "admin").await;
    assert!(app.clock.confirmed().is_some());
    app.reporter("en").file(URGENT).await;
    app.later(20 * 60).await;
    app.clock.advance(DAY);
    app.worker.step().await;
    let admin = admin.person.sign_in(&app.staff, &app.clock).await;
    let id = id_of(&app, "dara");
    admin
        .post("/keys/sessions", &[("code", "00000x")])
        .await
        .expect(422);
    app.mailed();
    assert!(app.clock.confirmed().is_some());

    app.clock.leap(-YEAR);
    // Somebody who has used no code of that time confirms what is right.
    sign_in_by_machine(&app, "dara").await;
    app.worker.step().await;
    let now = app.clock.confirmed().expect("confirmed").now().seconds();
    for late in [
        format!("outbox WHERE due > {now} + 3 * 86400"),
        format!("outbox WHERE kind = 'delivery' AND first_due > {now}"),
        format!("totp_uses WHERE step > ({now} + 7200) / 30"),
        format!("attempts WHERE at > {now} + 7200"),
        format!("sessions WHERE expires_at > {now} + 2 * 86400"),
        format!("invitations WHERE expires_at > {now} + 20 * 86400"),
        format!("settings WHERE key LIKE '%_day' AND CAST(value AS INTEGER) > {now} / 86400 + 1"),
    ] {
        assert_eq!(count(&app, &late), 0, "{late}");
    }
    assert!(count(&app, &format!("totp_uses WHERE lower(hex(staff)) = '{id}'")) > 0);
    // Whoever was there then gets in, the urgent report is told of, and the day's sign of life goes out.
    admin.person.forget_codes(&app.clock);
    app.clock.advance(60);
    app.sign_in("admin").await;
    app.mailed();
    app.later(2 * HOUR).await;
    assert!(app.mailed().contains(&ON_CALL.to_owned()));
    app.clock.advance(DAY);
    app.worker.step().await;
    assert!(app.mailed().contains(&ALARM.to_owned()));
}

/// The hardware's clock is on local time, and the network is not there yet.
#[tokio::test(flavor = "multi_thread")]
async fn an_urgent_letter_of_a_clock_that_was_ahead_keeps_no_other_back() {
    for rest in [60, 3 * DAY] {
        let app = TestApp::start_with(SETTINGS).await;
        let app = app.started_again(rest, 4 * HOUR);
        app.mail.refuse("on-call", Some(DOWN));
        app.reporter("en").file(URGENT).await;
        app.worker.step().await;
        assert!(!app.mailed().contains(&ON_CALL.to_owned()), "{rest}");
        app.mail.refuse("on-call", None);
        // Set right; after days without the service nobody has confirmed that yet.
        app.clock.leap(-4 * HOUR);
        assert_eq!(app.clock.confirmed().is_some(), rest == 60);
        app.reporter("en").file(URGENT).await;
        app.worker.step().await;
        assert!(app.mailed().contains(&ON_CALL.to_owned()), "{rest}");
        let now = app.clock.now().seconds();
        let late = format!("outbox WHERE kind = 'delivery' AND first_due > {now}");
        assert_eq!(count(&app, &late), 0, "{rest}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_urgent_report_of_a_clock_that_was_ahead_is_told_of_again() {
    for rest in [60, 3 * DAY] {
        let app = TestApp::start_with(SETTINGS).await;
        let app = app.started_again(rest, 5 * HOUR);
        app.reporter("en").file(URGENT).await;
        app.worker.step().await;
        assert!(app.mailed().contains(&ON_CALL.to_owned()), "{rest}");
        app.clock.leap(-5 * HOUR);
        app.later(20 * 60).await;
        assert!(app.mailed().contains(&BACKUP.to_owned()), "{rest}");
    }
}

/// It is set right, and nobody has confirmed that yet: the sign of life goes out, and whoever comes to confirm it gets in.
#[tokio::test(flavor = "multi_thread")]
async fn a_clock_that_was_ahead_silences_nothing_and_locks_nobody_out() {
    let app = TestApp::start_with(SETTINGS).await;
    let app = app.started_again(3 * DAY, YEAR);
    app.later(DAY).await;
    assert!(app.mailed().contains(&ON_CALL.to_owned()), "of that time");
    let dara = app.people.get("dara");
    let wrong = phone(app.clock.now().plus(-30 * DAY));
    for _ in 0..11 {
        assert!(dara.sign_in_or_not(&app.staff, &wrong).await.is_err());
    }
    app.clock.leap(-YEAR);
    app.later(DAY).await;
    assert_eq!(app.clock.confirmed(), None);
    assert!(app.mailed().contains(&ON_CALL.to_owned()), "of this one");
    dara.forget_codes(&app.clock);
    sign_in_by_machine(&app, "dara").await;
    assert!(app.clock.confirmed().is_some());
}

/// Whoever takes reports goes by another time than whoever tells of them.
#[tokio::test(flavor = "multi_thread")]
async fn a_new_urgent_report_is_told_of_whatever_time_it_bears() {
    let app = TestApp::start_with(SETTINGS).await;
    app.reporter("en").file(URGENT).await;
    sql::run(
        &app,
        "UPDATE outbox SET due = due + 3600, first_due = first_due + 3600 WHERE kind = 'urgent'",
    );
    app.mail.refuse("on-call", Some(DOWN));
    app.worker.step().await;
    // By the time of whoever tells of it: others hear after half an hour.
    app.later(31 * 60).await;
    app.later(0).await;
    assert!(app.mailed().contains(&BACKUP.to_owned()));
    app.mail.refuse("on-call", None);
    app.later(HOUR).await;
    assert!(app.mailed().contains(&ON_CALL.to_owned()));
}

/// What is waited for is waited for as long as it was to be, also when the clock is put back and everybody believes it.
#[tokio::test(flavor = "multi_thread")]
async fn a_clock_that_is_put_back_makes_no_wait_longer() {
    for is_down in [false, true] {
        let app = TestApp::start_with(SETTINGS).await;
        app.mail.refuse("on-call", is_down.then_some(DOWN));
        app.reporter("en").file(URGENT).await;
        app.worker.step().await;
        assert_eq!(app.mailed().contains(&ON_CALL.to_owned()), !is_down);
        app.clock.leap(-50 * 60);
        assert!(app.clock.confirmed().is_some());
        app.mail.refuse("on-call", None);
        if !is_down {
            app.reporter("en").file(URGENT).await;
        }
        app.later(80).await;
        assert!(app.mailed().contains(&ON_CALL.to_owned()), "{is_down}");
    }
}

/// The log is read for years: a false day in it would make the right time look late, and a good entry forged.
#[tokio::test(flavor = "multi_thread")]
async fn no_day_that_nobody_has_confirmed_stays_in_the_log() {
    let House { app, code, .. } = House::open().await;
    let right = app.clock.today().number();
    let app = app.again(&[KEEPERS]).started_again(60, YEAR);
    app.reporter("en").file(URGENT).await;
    app.reporter("en").mailbox(&code).await;
    app.worker.step().await;
    app.later(HOUR).await;
    assert_eq!(ready(&app).await, REMARK);
    let anchors = anchors(&mails(&app));
    assert!(!anchors.is_empty(), "the day's anchor");
    for anchor in anchors {
        assert!(anchor.unwrap().day.number() <= right + 1);
    }
    let entries = count(&app, "audit");
    for late in [
        format!("audit WHERE day > {right} + 1"),
        format!("alarms WHERE day > {right} + 1"),
    ] {
        assert_eq!(count(&app, &late), 0, "{late}");
    }
    // Set right, the machine is believed at once, and the root may change.
    let app = app.started_again(60, -YEAR);
    assert_eq!(ready(&app).await, "ok");
    app.worker.step().await;
    assert!(count(&app, "audit") > entries);
    assert_eq!(count(&app, "alarms WHERE kind = 'audit-broken'"), 0);
}

/// A configuration in which a custodian's earlier key signs until that day.
fn with_earlier_key(file: &Path, until: &str) {
    let text = std::fs::read_to_string(file).unwrap();
    let text = text.split(", earlier = [").collect::<Vec<_>>();
    let text = match text[..] {
        [before, after] => format!("{before}{}", after.split_once(']').unwrap().1),
        _ => text.concat(),
    };
    let (before, key) = text.rsplit_once("verify_key = ").unwrap();
    let other = "A".repeat(43);
    let earlier = format!("\", earlier = [{{ verify_key = \"{other}\", until = \"{until}\" }}] }}");
    let key = key.replacen("\" }", &earlier, 1);
    std::fs::write(file, format!("{before}verify_key = {key}")).unwrap();
}

/// A board without a clock of its own wakes in the past, and a custodian has changed a key.
#[tokio::test(flavor = "multi_thread")]
async fn a_clock_that_is_behind_does_not_keep_the_service_from_its_start() {
    let app = TestApp::start().await;
    let file = app.folder.path().join("kapea.toml");
    with_earlier_key(&file, "2026-12-20");
    let app = app.again(&[]).started_again(60, -YEAR);
    app.reporter("en").file(URGENT).await;
    let admin = app.sign_in("admin").await;
    let page = admin.get("/status").await.expect(200);
    page.says_nothing_of("at the latest");
    // What is too late by the right time is said, and reports are taken.
    let file = app.folder.path().join("kapea.toml");
    with_earlier_key(&file, "2027-06-01");
    let app = app.again(&[]);
    app.reporter("en").file(URGENT).await;
    let admin = app.sign_in("admin").await;
    admin.get("/status").await.expect(200).says("at the latest");

    // The service manager looks at the configuration first.
    let installation = Installation::settled();
    with_earlier_key(&installation.config(), "9998-01-01");
    let mut check = program();
    check.args(["check-config", "--config"]);
    let output = check.arg(installation.config()).output().unwrap();
    let said = String::from_utf8_lossy(&output.stdout);
    assert!(output.status.success(), "{output:?}");
    assert!(
        said.contains("note: custodians.keys: until of an earlier key"),
        "{said}"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn the_real_programs_go_through_a_false_year() {
    let installation = Installation::settled();
    let by = installation.folder().join("by");
    let mut command = installation.command();
    if !faketime::moved_by(&mut command, &by) {
        return;
    }
    let served = installation.serve_as(command, 2).await;
    let reporter = Reporter {
        site: served.public(),
        lang: "en",
    };
    let code = reporter.file(TOLD).await;
    let read = |what: &str| sql::number(&mut sql::open(installation.database()), what);
    let until = async |what: String, is: i64| {
        eventually(&what, || {
            let found = read(&what) == is;
            async move { found.then_some(()) }
        })
        .await;
    };
    let people = &installation.people;
    let dara = people.get("dara");
    let session = dara.sign_in(&served.staff(), &Clock::system()).await;

    std::fs::write(&by, "+400d\n").unwrap();
    until("alarms WHERE kind = 'clock-leapt'".to_owned(), 1).await;
    for side in [served.health(), served.casework_health()] {
        assert_eq!(side.get("/readyz").await.expect(200).body(), REMARK);
    }
    // The round of the worker that raised it is over when the next one tells of this.
    reporter.file(URGENT).await;
    until(
        "outbox WHERE kind = 'urgent' AND attempts > 0".to_owned(),
        1,
    )
    .await;
    assert_eq!(read("mailboxes"), 2);
    assert_eq!(read("reports"), 2);
    reporter.mailbox(&code).await;
    session.get("/queue").await.expect(200);
    let sokha = people.get("sokha");
    sokha.sign_in(&served.staff(), &Clock::system()).await;

    std::fs::write(&by, "+0s\n").unwrap();
    for side in [served.health(), served.casework_health()] {
        let word = side.get("/readyz").await.expect(200).body();
        assert_ne!(word, REMARK);
    }
    session.get("/queue").await.expect(200);
    dara.sign_in(&served.staff(), &Clock::system()).await;
}
