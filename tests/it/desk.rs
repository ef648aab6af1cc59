//! Whose a report is, when they look again, and how it ends: over the pages that a caseworker has.

use crate::support::TestApp;
use crate::support::sql::{count, id_of, run, text};
use crate::support::staff::Session;

const URGENT: &[(&str, &str)] = &[("danger", "now"), ("account", "He is breaking the door.")];
const ORDINARY: &[(&str, &str)] = &[("danger", "over"), ("account", "It was two years ago.")];
const ON_CALL: &str = "on-call@hotline.example";
const HOTLINE: &str = "hotline@hotline.example";
const HOUR: i64 = 3_600;

/// A report, whoever has claimed it, and its reporter's code.
struct Desk {
    app: TestApp,
    sokha: Session,
    report: String,
    code: String,
}

async fn desk(told: &[(&str, &str)]) -> Desk {
    let app = TestApp::start().await;
    let code = app.reporter("en").file(told).await;
    app.worker.step().await;
    app.mailed();
    let sokha = app.sign_in("sokha").await;
    let report = sokha.queue("").await.remove(0);
    sokha.claim(&report).await.expect(303);
    Desk {
        app,
        sokha,
        report,
        code,
    }
}

impl Desk {
    fn state(&self) -> String {
        text(&self.app, "state", "reports")
    }

    fn id(&self, handle: &str) -> String {
        id_of(&self.app, handle)
    }

    async fn acts(&self, hours: u32) {
        let me = self.id("sokha");
        let done = self.sokha.act_upon(&self.report, &[&me], hours).await;
        done.expect(303);
    }

    async fn proposed(&self, kind: &str, pairs: &[(&str, &str)]) -> String {
        let done = self.sokha.propose(&self.report, kind, pairs).await;
        done.expect(303);
        self.sokha.proposals(&self.report).await.pop().unwrap()
    }

    /// Whether anybody on call heard within so many hours, a quarter of an hour at a time.
    async fn rings_within(&self, hours: i64) -> bool {
        let mut rang = false;
        for _ in 0..4 * hours {
            self.app.later(HOUR / 4).await;
            rang |= self.app.mailed().iter().any(|to| to == ON_CALL);
        }
        rang
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_somebody_acts_on_rings_nobody_until_a_look_is_missed() {
    let desk = desk(URGENT).await;
    desk.acts(4).await;
    desk.sokha.release(&desk.report).await.expect(303);
    assert_eq!(desk.state(), "acted_upon");
    // It is nobody's next task, and there for whoever asks for it.
    assert!(desk.sokha.queue("").await.is_empty());
    assert_eq!(desk.sokha.queue("?state=acted_upon").await.len(), 1);
    assert!(!desk.rings_within(4).await, "somebody acts on it");
    assert!(desk.rings_within(1).await, "nobody looked");
    assert_eq!(desk.state(), "received");
    // It stays theirs, so that whoever takes it knows whom to ask.
    let dara = desk.app.sign_in("dara").await;
    let page = dara.get("/queue").await.expect(200);
    page.says("Theirs: sokha").says("Take it:").says("late");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_look_in_time_keeps_it_quiet() {
    let desk = desk(URGENT).await;
    desk.acts(4).await;
    desk.sokha.release(&desk.report).await.expect(303);
    for _ in 0..3 {
        assert!(!desk.rings_within(3).await);
        let sokha = desk.app.sign_in("sokha").await;
        sokha.claim(&desk.report).await.expect(303);
        let me = desk.id("sokha");
        sokha.act_upon(&desk.report, &[&me], 4).await.expect(303);
        sokha.release(&desk.report).await.expect(303);
    }
    assert_eq!(desk.state(), "acted_upon");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_report_that_is_not_urgent_comes_back_with_a_notice_to_the_hotline() {
    let desk = desk(ORDINARY).await;
    desk.acts(24).await;
    desk.sokha.release(&desk.report).await.expect(303);
    desk.app.later(23 * HOUR).await;
    desk.app.mailed();
    assert_eq!(desk.state(), "acted_upon");
    desk.app.later(2 * HOUR).await;
    desk.app.later(HOUR).await;
    assert_eq!(desk.state(), "received");
    let mailed = desk.app.mailed();
    assert!(mailed.iter().any(|to| to == HOTLINE), "{mailed:?}");
    assert!(mailed.iter().all(|to| to != ON_CALL), "{mailed:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_word_of_the_reporter_has_the_look_come_sooner() {
    let desk = desk(URGENT).await;
    desk.acts(12).await;
    desk.sokha.release(&desk.report).await.expect(303);
    let mailbox = desk.app.reporter("en").mailbox(&desk.code).await;
    mailbox.write("He is back.").await.expect(200);
    // Whoever acts on it has as long to read this as anybody has for a new report.
    assert_eq!(desk.state(), "acted_upon");
    assert!(desk.rings_within(1).await, "nobody read it");
    // Having it in hand for a moment is no act; saying anew that one acts on it is.
    let me = desk.id("dara");
    for acts in [true, false] {
        let dara = desk.app.sign_in("dara").await;
        dara.claim(&desk.report).await.expect(303);
        if acts {
            dara.act_upon(&desk.report, &[&me], 12).await.expect(303);
        }
        dara.release(&desk.report).await.expect(303);
        let mailbox = desk.app.reporter("en").mailbox(&desk.code).await;
        mailbox.write("He is here again.").await.expect(200);
        dara.claim(&desk.report).await.expect(303);
        if acts {
            dara.act_upon(&desk.report, &[&me], 12).await.expect(303);
        }
        dara.release(&desk.report).await.expect(303);
        assert_eq!(desk.rings_within(1).await, !acts);
    }
    assert_eq!(desk.state(), "received");
}

/// From a page on which what the reporter has written since does not stand, nobody says that they act on it.
#[tokio::test(flavor = "multi_thread")]
async fn nobody_acts_on_a_page_that_is_older_than_the_reporters_word() {
    for rests in [false, true] {
        let desk = desk(URGENT).await;
        if rests {
            desk.acts(4).await;
        }
        let (version, me) = (desk.sokha.version(&desk.report).await, desk.id("sokha"));
        let mailbox = desk.app.reporter("en").mailbox(&desk.code).await;
        mailbox
            .write("They have left for the border.")
            .await
            .expect(200);
        let path = format!("/reports/{}/rest", desk.report);
        let words = ("rest-reason", "we know enough");
        let mut pairs = vec![("version", version.as_str()), ("rest-hours", "12"), words];
        pairs.push(("rest-staff", &me));
        let page = desk.sokha.post(&path, &pairs).await.expect(409);
        page.says("They have left for the border").says(words.1);
    }
}

/// Somebody acts on what it was; that it is worse, nobody has said that they act on.
#[tokio::test(flavor = "multi_thread")]
async fn what_becomes_more_urgent_while_it_rests_is_somebodys_to_say_anew() {
    let desk = desk(ORDINARY).await;
    // Within the longest for which the new urgency may rest.
    desk.acts(12).await;
    let raised = desk.sokha.urgency(&desk.report, "U0", "a new threat").await;
    raised.expect(303);
    desk.sokha.release(&desk.report).await.expect(303);
    assert_eq!(desk.state(), "acted_upon");
    assert!(desk.rings_within(1).await);
}

/// How long a report is kept stands in nobody's way.
#[tokio::test(flavor = "multi_thread")]
async fn a_report_that_is_kept_for_long_is_asked_about_and_answered_and_left() {
    for (what, state) in [
        ("word", "received"),
        ("week", "received"),
        ("leaver", "received"),
    ] {
        let desk = desk(ORDINARY).await;
        let kept = [
            ("class", "child_identified"),
            ("until", "2045-06-01"),
            ("reason", "she is twelve"),
        ];
        desk.sokha
            .decide(&desk.report, "retain", &kept)
            .await
            .expect(303);
        let dara = desk.app.sign_in("dara").await;
        desk.sokha.release(&desk.report).await.expect(303);
        dara.claim(&desk.report).await.expect(303);
        dara.act(&desk.report, "ask-reporter", "Which school?")
            .await
            .expect(303);
        dara.release(&desk.report).await.expect(303);
        assert_eq!(desk.state(), "needs_information");
        match what {
            "word" => {
                let mailbox = desk.app.reporter("en").mailbox(&desk.code).await;
                mailbox.write("The one by the river.").await.expect(200);
            }
            "week" => desk.app.later(8 * 24 * HOUR).await,
            _ => {
                let admin = desk.app.sign_in("admin").await;
                let leaves = [("staff", desk.id("dara"))];
                let leaves = leaves.each_ref().map(|(name, id)| (*name, id.as_str()));
                admin.post("/people/disable", &leaves).await.expect(303);
            }
        }
        assert_eq!(desk.state(), state, "{what}");
        let until = text(
            &desk.app,
            "CAST(retain_until IS NOT NULL AS TEXT)",
            "reports",
        );
        assert_eq!(until, "1", "{what}: it is kept as it was decided");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_done_for_a_child_is_not_left_to_a_clock() {
    let desk = desk(ORDINARY).await;
    desk.acts(24).await;
    let closing = |class: &'static str| {
        [
            ("outcome", "child_safe"),
            ("safety", "With her aunt."),
            ("untold", "The mailbox may be watched."),
            ("class", class),
        ]
    };
    for (class, status, said) in [
        ("no_action", 422, "it must be kept for longer"),
        ("", 422, "Please choose one"),
        ("referred", 303, ""),
    ] {
        let page = desk
            .sokha
            .propose(&desk.report, "close", &closing(class))
            .await;
        page.expect(status).says(said);
    }
}

/// Somebody who writes at that moment is not interrupted, and nobody holds a look up for long by holding the report.
#[tokio::test(flavor = "multi_thread")]
async fn whoever_has_it_in_hand_when_the_look_is_due_keeps_it_for_half_an_hour() {
    let desk = desk(URGENT).await;
    desk.acts(1).await;
    let due = text(&desk.app, "CAST(due AS TEXT)", "reports");
    let due: i64 = due.parse().unwrap();
    while desk.app.clock.now().seconds() < due + HOUR {
        desk.app.later(300).await;
        let past = desk.app.clock.now().seconds() - due;
        if past >= HOUR / 2 {
            assert_eq!(desk.state(), "received");
            assert_eq!(count(&desk.app, "claims"), 0);
            assert!(desk.rings_within(1).await);
            return;
        }
        assert_eq!(desk.state(), "acted_upon", "{past} s after it was due");
        let kept = desk
            .sokha
            .note(&desk.report, &format!("at it: {past}"))
            .await;
        kept.expect(303);
    }
    panic!("it never came back");
}

/// What was asked and then turns out to be junk is given back, by its holder and by the clock.
#[tokio::test(flavor = "multi_thread")]
async fn what_was_asked_and_is_spam_is_given_back() {
    let desk = desk(ORDINARY).await;
    let asked = desk.sokha.act(&desk.report, "ask-reporter", "Where?").await;
    asked.expect(303);
    let marked = desk
        .sokha
        .act(&desk.report, "mark-spam", "an advertisement")
        .await;
    marked.expect(303);
    desk.app.clock.advance(16 * 60);
    assert_eq!(desk.app.worker.step().await, [""; 0]);
    assert_eq!(count(&desk.app, "claims"), 0);
    let sokha = desk.app.sign_in("sokha").await;
    sokha.claim(&desk.report).await.expect(303);
    sokha.release(&desk.report).await.expect(303);
    assert_eq!(desk.state(), "suspected_spam");
}

#[tokio::test(flavor = "multi_thread")]
async fn it_comes_back_when_nobody_is_left_whose_it_is() {
    for (is_mine_too, state) in [(true, "acted_upon"), (false, "received")] {
        let desk = desk(URGENT).await;
        let (sokha, dara) = (desk.id("sokha"), desk.id("dara"));
        let people = [dara.as_str(), sokha.as_str()];
        let people = &people[..1 + usize::from(is_mine_too)];
        let done = desk.sokha.act_upon(&desk.report, people, 12).await;
        done.expect(303);
        desk.sokha.release(&desk.report).await.expect(303);
        let admin = desk.app.sign_in("admin").await;
        let leaves = [("staff", dara.as_str())];
        admin.post("/people/disable", &leaves).await.expect(303);
        assert_eq!(desk.state(), state);
        desk.app.worker.step().await;
        let rings = desk.app.mailed().iter().any(|to| to == ON_CALL);
        assert_eq!(rings, !is_mine_too);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_wrong_is_said_beside_the_field_and_nothing_typed_is_lost() {
    let desk = desk(URGENT).await;
    let path = format!("/reports/{}/rest", desk.report);
    let (version, me) = (desk.sokha.version(&desk.report).await, desk.id("sokha"));
    let words = ("rest-reason", "the police are on their way");
    let note = ("note", "a note beside it");
    for (pairs, status, said) in [
        (vec![("rest-hours", "4")], 422, "Please choose one"),
        (vec![("rest-staff", me.as_str())], 422, "Please choose one"),
        (
            vec![("rest-staff", &me), ("rest-hours", "720")],
            422,
            "must be looked at sooner",
        ),
        (
            vec![
                ("rest-staff", "00112233445566778899aabbccddeeff"),
                ("rest-hours", "4"),
            ],
            422,
            "one to sixteen people",
        ),
    ] {
        let mut all = vec![("version", version.as_str()), words, note];
        all.extend(pairs);
        let page = desk.sokha.post(&path, &all).await.expect(status);
        page.says(said).says(words.1).says(note.1);
        assert_eq!(desk.state(), "in_triage");
    }
    // Not somebody else's to say.
    let dara = desk.app.sign_in("dara").await;
    let done = dara.act_upon(&desk.report, &[&me], 4).await;
    done.expect(409);
    assert_eq!(desk.state(), "in_triage");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_end_needs_an_outcome_a_word_on_safety_and_one_to_the_reporter_or_why_not() {
    let desk = desk(ORDINARY).await;
    desk.acts(24).await;
    let whole = [
        ("outcome", "child_helped"),
        ("safety", "With her aunt, seen by a nurse."),
        ("class", "referred"),
        ("message", "Thank you. Somebody has looked after her."),
        ("untold", ""),
    ];
    for (missing, said) in [
        ("outcome", "Please choose one"),
        ("safety", "what is known of the child"),
        ("message", "or here why there is none"),
    ] {
        let pairs = whole.map(|(name, value)| (name, if name == missing { "" } else { value }));
        let page = desk.sokha.propose(&desk.report, "close", &pairs).await;
        page.expect(422).says(said);
    }
    let proposal = desk.proposed("close", &whole).await;
    let dara = desk.app.sign_in("dara").await;
    let page = dara.read(&desk.report).await.expect(200);
    page.says("The child was found and gets help")
        .says("With her aunt");
    dara.approve(&desk.report, &proposal, &desk.app.clock)
        .await
        .expect(303);
    assert_eq!(desk.state(), "closed");
    assert!(dara.queue("").await.is_empty());
    let page = dara.read(&desk.report).await.expect(200);
    page.says("The child was found and gets help")
        .says("With her aunt");
    let mailbox = desk.app.reporter("en").mailbox(&desk.code).await;
    assert_eq!(mailbox.messages(), [whole[3].1]);
    mailbox
        .write("Thank you. It has begun again.")
        .await
        .expect(200);
    assert_eq!(desk.state(), "received");
    assert_eq!(dara.queue("").await.len(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_passed_on_comes_back_to_be_asked_after() {
    let desk = desk(ORDINARY).await;
    let page = desk
        .sokha
        .propose(&desk.report, "refer", &[("hours", "336"), ("to", " ")]);
    page.await.expect(422).says("to whom it is passed on");
    let pairs = [("hours", "336"), ("to", "Provincial office, Ms Chan")];
    let proposal = desk.proposed("refer", &pairs).await;
    let dara = desk.app.sign_in("dara").await;
    dara.read(&desk.report).await.expect(200).says(pairs[1].1);
    dara.approve(&desk.report, &proposal, &desk.app.clock)
        .await
        .expect(303);
    assert_eq!(desk.state(), "referred");
    dara.read(&desk.report).await.expect(200).says(pairs[1].1);
    desk.app.later(13 * 24 * HOUR).await;
    assert_eq!(desk.state(), "referred");
    desk.app.later(2 * 24 * HOUR).await;
    assert_eq!(desk.state(), "received");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_lead_alone_makes_a_case() {
    let desk = desk(ORDINARY).await;
    let (sokha, dara) = (desk.id("sokha"), desk.id("dara"));
    let people = [
        ("hours", "720"),
        ("people", sokha.as_str()),
        ("people", &dara),
    ];
    let other = desk.app.sign_in("dara").await;
    // Who leads proposes, and somebody who does not cannot make it one.
    desk.proposed("promote", &people).await;
    let proposal = desk.sokha.proposals(&desk.report).await.remove(0);
    let page = other
        .approve(&desk.report, &proposal, &desk.app.clock)
        .await;
    page.expect(409)
        .says("Only a lead can make a report a case");
    assert_eq!(desk.state(), "in_triage");
    desk.sokha.refuse(&desk.report, &proposal).await.expect(303);
    desk.sokha.release(&desk.report).await.expect(303);
    other.claim(&desk.report).await.expect(303);
    other
        .propose(&desk.report, "promote", &people)
        .await
        .expect(303);
    let proposal = other.proposals(&desk.report).await.remove(0);
    let page = desk.sokha.approve(&desk.report, &proposal, &desk.app.clock);
    page.await.expect(303);
    assert_eq!(desk.state(), "promoted");
    assert_eq!(count(&desk.app, "assignments"), 2);
    let page = other.read(&desk.report).await.expect(200);
    page.says("A case").says("Theirs: ");
    assert!(
        ["sokha, dara", "dara, sokha"]
            .iter()
            .any(|two| page.text().contains(two))
    );
}

/// Whoever writes to the database alone silences nobody by it, and has nobody's report look as if it were in good hands.
#[tokio::test(flavor = "multi_thread")]
async fn no_row_that_somebody_writes_quietens_a_report() {
    for forged in [
        "UPDATE reports SET state = 'acted_upon', look_again = due + 864000, due = due + 864000",
        "UPDATE reports SET look_again = look_again + 864000",
        "UPDATE reports SET due = due + 864000",
        "UPDATE reports SET assignees = x'00112233445566778899aabbccddeeff'",
        "UPDATE reports SET state = 'closed'",
        "INSERT INTO claims SELECT reports.id, staff.id, reports.due / 60 + 44 FROM reports, staff WHERE handle = 'dara'",
    ] {
        let desk = desk(URGENT).await;
        let is_new = forged.contains("acted_upon");
        if !is_new {
            desk.acts(4).await;
        }
        desk.sokha.release(&desk.report).await.expect(303);
        let is_claim = forged.starts_with("INSERT");
        if is_claim {
            // A quarter of an hour before the look, as far ahead as a claim may be.
            desk.app.later(4 * HOUR).await;
        }
        run(&desk.app, forged);
        desk.app.worker.look_at_reports().await.unwrap();
        if is_claim {
            // Any claim may be true, and none puts a look off for long.
            assert!(desk.rings_within(1).await, "{forged}");
            continue;
        }
        assert_eq!(desk.state(), "received", "{forged}");
        let told = text(&desk.app, "urgency", "reports");
        assert_eq!(told, "U0", "{forged}");
        desk.app.worker.step().await;
        assert!(desk.app.mailed().iter().any(|to| to == ON_CALL), "{forged}");
    }
}
