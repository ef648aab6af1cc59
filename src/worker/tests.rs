//! The worker on a real database, with a mail server that lives in memory and a clock moved by hand.

mod damage;

use std::time::Duration;

use super::*;
use crate::domain::clock::Timestamp;
use crate::domain::ids::{OutboxId, ReportId, StaffId};
use crate::domain::mail_fault::{MailAnswer, MailFailure, MailStage};
use crate::domain::state::State;
use crate::mail::memory::Memory as Postbox;
use crate::mail::{Message, NoticeText};
use crate::seal::chain::CustodianPins;
use crate::seal::credentials::Credentials;
use crate::seal::random;
use crate::service::Reloadable;
use crate::service::prover::RowProver;
use crate::store::tests::fixture::{self, NOW, World};
use crate::store::*;

const HOUR: i64 = 3_600;
const REFUSED: MailFailure = MailFailure::refused();
const DOWN: MailFailure = MailFailure::unreachable();

/// What a server says no with.
fn answered(stage: MailStage, code: u16) -> MailFailure {
    let enhanced = None;
    MailFailure::answered(stage, MailAnswer { code, enhanced })
}

/// Secrets of the server, and no custodians.
fn new_keys() -> Changing {
    Changing::new(Reloadable {
        credentials: Arc::new(Credentials::made_on(
            crate::domain::clock::Day::from_number(20_780),
        )),
        pins: CustodianPins {
            threshold: 1,
            custodians: Vec::new(),
        },
    })
}

fn parts(world: &World, clock: &Clock, changing: Changing) -> Parts {
    Parts {
        name: "worker".to_owned(),
        store: world.store.clone(),
        clock: clock.clone(),
        audit_log: AuditLog::new(&changing.now().credentials),
        authority: Authority::default(),
        steps: Steps::default(),
        wake: Arc::default(),
        changing,
    }
}

struct Office {
    world: World,
    worker: Worker,
    postbox: Postbox,
    clock: Clock,
}

fn addresses(names: &[&str]) -> Vec<EmailAddress> {
    let address = |name: &&str| format!("{name}@example.org").parse().unwrap();
    names.iter().map(address).collect()
}

fn settings() -> WorkerSettings {
    WorkerSettings {
        hotline: addresses(&["hotline", "lead"]),
        on_call: addresses(&["oncall"]),
        on_call_backup: addresses(&["backup", "lead"]),
        alarm: Vec::new(),
        anchor: Vec::new(),
        anchor_hour: 12,
        urgent_repeat_minutes: 15,
        heartbeat_hour: 11,
        claim_idle_seconds: 900,
        tick: Duration::from_millis(20),
    }
}

impl Office {
    fn open() -> Self {
        Self::in_world(World::new(), Clock::manual(NOW), new_keys())
    }

    fn in_world(mut world: World, clock: Clock, changing: Changing) -> Self {
        let keys = changing.now().credentials.report_keys();
        world.prover = Arc::new(RowProver::new(keys));
        let postbox = Postbox::new();
        let text = NoticeText {
            subject: "subject".into(),
            body: "body\n".into(),
            ..NoticeText::default()
        };
        let worker = Worker::new(
            parts(&world, &clock, changing),
            Transport::Memory(postbox.clone()),
            Stationery::new("notices@example.org".parse().unwrap(), &text),
            settings(),
        );
        Self {
            world,
            worker,
            postbox,
            clock,
        }
    }

    /// One look at events and letters. Says who got mail, in order.
    async fn look(&self) -> Vec<String> {
        self.worker.tell().await.unwrap();
        self.recipients()
    }

    fn recipients(&self) -> Vec<String> {
        let name = |message: &Message| message.to().as_str().split('@').next().unwrap().to_owned();
        let mut names: Vec<String> = self.postbox.take().iter().map(name).collect();
        names.sort();
        names
    }

    fn counts(&self) -> (i64, i64) {
        self.world.read(outbox_counts)
    }

    fn claim(&self, report: ReportId, by: StaffId, now: Timestamp) {
        let seen = (State::Received, Version::from_number(1));
        let outcome = self.world.write(|conn| claim(conn, report, seen, by, now));
        assert!(matches!(outcome, ClaimOutcome::Claimed(_)));
    }
}

#[tokio::test]
async fn an_urgent_report_is_mailed_at_once_and_up_the_chain_until_claimed() {
    let office = Office::open();
    let anna = office.world.caseworker("anna");
    let report = office.world.urgent_report().report;
    assert_eq!(office.look().await, ["oncall"]);
    assert_eq!(office.look().await, Vec::<String>::new());
    office.clock.advance(900);
    assert_eq!(office.look().await, ["backup", "lead", "oncall"]);
    office.clock.advance(900);
    assert_eq!(office.look().await, ["backup", "hotline", "lead", "oncall"]);
    office.claim(report, anna, office.clock.now());
    office.clock.advance(900);
    assert_eq!(office.look().await, Vec::<String>::new());
    assert_eq!(office.counts(), (0, 0));
}

#[tokio::test]
async fn i2_fifty_ordinary_reports_in_a_slot_make_one_mail_a_person() {
    let office = Office::open();
    for _ in 0..50 {
        office.world.report();
    }
    assert_eq!(office.look().await, Vec::<String>::new(), "before the slot");
    office.clock.advance(900);
    assert_eq!(office.look().await, ["hotline", "lead"]);
    assert_eq!(office.counts(), (0, 0));
}

#[tokio::test]
async fn i2_nobody_is_mailed_twice_for_an_urgent_and_an_ordinary_report_of_one_look() {
    let office = Office::open();
    office.world.report();
    office.world.urgent_report();
    office.clock.advance(900);
    assert_eq!(office.look().await, ["hotline", "lead", "oncall"]);
}

#[tokio::test]
async fn i1_a_server_that_is_down_delays_and_neither_loses_nor_doubles() {
    let office = Office::open();
    office.world.urgent_report();
    office.postbox.fail_with(Some(DOWN));
    office.look().await;
    office.look().await;
    assert_eq!(office.postbox.attempts(), 1, "it backoff between two tries");
    // A rest is up to a quarter longer or shorter than it is called.
    office.clock.advance(80);
    office.look().await;
    assert_eq!(office.postbox.attempts(), 2);
    office.clock.advance(60);
    office.look().await;
    assert_eq!(office.postbox.attempts(), 2, "the second rest is longer");
    assert_eq!(office.counts(), (1, 0));
    office.postbox.fail_with(None);
    office.clock.advance(100);
    assert_eq!(office.look().await, ["oncall"]);
    assert_eq!(office.counts(), (0, 0));
}

#[tokio::test]
async fn an_outage_of_half_a_day_does_not_bury_people_in_mail() {
    let office = Office::open();
    office.world.urgent_report();
    office.world.report();
    office.postbox.fail_with(Some(DOWN));
    for _ in 0..48 {
        office.look().await;
        office.clock.advance(900);
    }
    office.postbox.fail_with(None);
    office.clock.advance(2 * HOUR);
    let told = office.look().await;
    for name in ["backup", "hotline", "lead", "oncall"] {
        let mails = told.iter().filter(|other| *other == name).count();
        assert!((1..=2).contains(&mails), "{name}: {mails}");
    }
}

#[tokio::test]
async fn a_new_process_tries_an_urgent_letter_at_once_with_the_same_message_id() {
    let office = Office::open();
    office.world.urgent_report();
    office.postbox.fail_with(Some(DOWN));
    office.look().await;
    let waiting = office.world.read(deliveries_waiting);
    let changing = office.worker.changing.clone();
    let restarted = Office::in_world(office.world, office.clock.clone(), changing);
    restarted.worker.tell().await.unwrap();
    let sent: Vec<OutboxId> = restarted.postbox.sent().iter().map(Message::id).collect();
    assert_eq!(sent, [waiting[0].id]);
}

#[tokio::test]
async fn what_is_put_off_for_three_days_becomes_a_dead_letter() {
    let office = Office::open();
    office.world.report();
    office.clock.advance(900);
    let deferred = answered(MailStage::Recipient, 451);
    office.postbox.fail_with(Some(deferred));
    for _ in 0..(3 * 24 - 1) {
        office.look().await;
        assert_eq!(office.counts(), (2, 0));
        office.clock.advance(HOUR);
    }
    let failing = office.world.read(deliveries_failing);
    assert_eq!(failing[0].fault, Some(deferred));
    office.clock.advance(6 * HOUR);
    office.look().await;
    assert_eq!(office.counts(), (0, 2));
    let attempts = office.postbox.attempts();
    assert!((20..=200).contains(&attempts), "{attempts}");
}

#[tokio::test]
async fn a_refusal_for_good_is_final_at_once_and_one_line_an_address() {
    let office = Office::open();
    office.postbox.fail_with(Some(REFUSED));
    for round in 0..3 {
        office.world.report();
        office.clock.advance(900);
        office.look().await;
        assert_eq!(office.counts(), (0, 2), "round {round}");
    }
    let dead = office.world.read(dead_letters);
    assert!(dead.iter().all(|dead| dead.fault == Some(REFUSED)));
    assert!(
        dead.iter()
            .all(|dead| dead.first_due == NOW.quarter().next()),
        "since the first"
    );
    // A password that is wrong is put right in one place: nothing is lost to it.
    let password = answered(MailStage::SignIn, 535);
    office.postbox.fail_with(Some(password));
    office.world.report();
    office.clock.advance(900);
    office.look().await;
    assert_eq!(office.counts(), (2, 2));
}

/// B3: what is left of an outage does not stand in the way of a new urgent report.
#[tokio::test]
async fn a_new_urgent_report_goes_at_once_after_hours_of_outage() {
    let office = Office::open();
    office.world.urgent_report();
    office.postbox.fail_with(Some(DOWN));
    for _ in 0..(6 * 60) {
        office.look().await;
        office.clock.advance(60);
    }
    office.postbox.fail_with(None);
    let resting = office
        .worker
        .memory()
        .backoff
        .resting(office.clock.moment());
    assert!(!resting.is_empty(), "it rests");
    office.world.urgent_report();
    assert!(office.look().await.contains(&"oncall".to_owned()));
}

/// B7: the first rings at once, the others together while nobody has claimed one.
#[tokio::test]
async fn many_urgent_reports_ring_at_once_and_then_bundled() {
    let office = Office::open();
    let first = office.world.urgent_report().report;
    assert_eq!(office.look().await, ["oncall"]);
    let mut rang = Vec::new();
    for second in 1..=1_500 {
        office.clock.advance(1);
        if second <= 60 || second % 60 == 0 {
            office.world.urgent_report();
        }
        if office.look().await.contains(&"oncall".to_owned()) {
            rang.push(second);
        }
    }
    // After 1, 5 and 15 minutes, and the repeats of the earlier ones in their slots.
    assert_eq!(rang[..2], [60, 360]);
    assert!((3..=5).contains(&rang.len()), "{rang:?}");
    // Whoever is on call has taken all of them: the next rings at once.
    let anna = office.world.caseworker("anna");
    let now = office.clock.now();
    office.world.write(|txn| {
        let waiting: Vec<Event> = events_due(
            txn,
            Wanted::Urgent,
            (now.plus(2 * HOUR), now.plus(2 * HOUR)),
        )?;
        for event in waiting {
            let seen = (State::Received, Version::from_number(1));
            claim(txn, event.urgent.unwrap_or(first), seen, anna, now)?;
        }
        StoreResult::Ok(())
    });
    office.clock.advance(1);
    office.world.urgent_report();
    assert_eq!(office.look().await, ["oncall"]);
}

/// Nobody was reached: nothing is bundled behind a letter that has not left.
#[tokio::test]
async fn a_letter_that_has_not_left_keeps_no_new_report_back() {
    let office = Office::open();
    office.postbox.fail_with(Some(DOWN));
    for _ in 0..4 {
        office.world.urgent_report();
        office.look().await;
        office.clock.advance(1);
    }
    office.postbox.fail_with(None);
    office.world.urgent_report();
    assert_eq!(office.look().await, ["oncall"]);
}

/// B4: others hear of it, once, when those on call cannot be reached.
#[tokio::test]
async fn when_urgent_mail_does_not_leave_the_next_list_hears() {
    let office = Office::open();
    office.world.urgent_report();
    office.postbox.refuse("oncall", Some(REFUSED));
    let told = office.look().await;
    let told = [told, office.look().await].concat();
    assert_eq!(
        told,
        ["backup", "lead"],
        "at once, if it was refused for good"
    );

    let office = Office::open();
    office.world.urgent_report();
    office.postbox.refuse("oncall", Some(DOWN));
    let mut told = Vec::new();
    for _ in 0..14 {
        told.extend(office.look().await);
        office.clock.advance(60);
    }
    assert_eq!(told, [""; 0], "it may pass");
    for _ in 0..30 {
        told.extend(office.look().await);
        office.clock.advance(60);
    }
    assert!(told.contains(&"backup".to_owned()) && told.contains(&"lead".to_owned()));
}

/// A mail server that takes a connection and says nothing holds up neither the next urgent notice nor the end.
#[tokio::test]
async fn a_letter_that_hangs_holds_nobody_up() {
    let office = Office::open();
    office.postbox.hang("oncall");
    office.world.urgent_report();
    let bell = Arc::clone(&office.worker.wake);
    let (postbox, world) = (office.postbox.clone(), &office.world);
    let end = async {
        bell.notify_one();
        while postbox.attempts() == 0 {
            tokio::task::yield_now().await;
        }
        // One in hand hangs; what is written for others goes.
        let letter = |id| NewEvent {
            id,
            urgent: None,
            list: NoticeList::Backup,
            due: NOW.quarter(),
        };
        world.write(|txn| event_insert(txn, &letter(random::outbox_id())));
        while postbox.sent().len() < 2 {
            tokio::task::yield_now().await;
        }
    };
    office.worker.run(end).await;
    assert_eq!(office.recipients(), ["backup", "lead"]);
    assert_eq!(office.counts().0, 1, "it goes again");
}

/// Ordinary mail that hangs keeps nobody from hearing that urgent mail does not leave.
#[tokio::test]
async fn others_hear_while_other_mail_hangs() {
    let office = Office::open();
    office.postbox.hang("hotline");
    office.postbox.refuse("oncall", Some(REFUSED));
    office.world.report();
    office.clock.advance(900);
    let bell = Arc::clone(&office.worker.wake);
    let (postbox, world) = (office.postbox.clone(), &office.world);
    let end = async {
        while postbox.attempts() == 0 {
            tokio::task::yield_now().await;
        }
        world.urgent_report();
        bell.notify_one();
        let is_told = |postbox: &Postbox| {
            let sent = postbox.sent();
            sent.iter()
                .any(|letter| letter.to().as_str().starts_with("backup@"))
        };
        while !is_told(&postbox) {
            tokio::task::yield_now().await;
        }
    };
    tokio::time::timeout(Duration::from_secs(20), office.worker.run(end))
        .await
        .expect("others have heard");
}

#[tokio::test]
async fn an_address_that_cannot_be_opened_is_not_lost_silently() {
    let office = Office::open();
    let letter = NewDelivery {
        id: random::outbox_id(),
        list: NoticeList::Hotline,
        address_ct: b"sealed under a key that is gone".to_vec(),
    };
    office
        .world
        .write(|conn| delivery_insert(conn, &letter, NOW.quarter()));
    office.look().await;
    assert_eq!(office.counts(), (1, 0));
    office.clock.advance(4 * 24 * HOUR);
    office.look().await;
    assert_eq!(office.counts(), (0, 1));
}

#[tokio::test]
async fn everybody_gets_one_heartbeat_a_day() {
    let office = Office::open();
    assert_eq!(office.worker.heartbeat().await.unwrap(), 0, "not its hour");
    office.clock.advance(HOUR);
    assert_eq!(office.worker.heartbeat().await.unwrap(), 4);
    assert_eq!(office.worker.heartbeat().await.unwrap(), 0);
    assert_eq!(office.look().await, ["backup", "hotline", "lead", "oncall"]);
    let restarted = Office::in_world(office.world, office.clock, new_keys());
    assert_eq!(restarted.worker.heartbeat().await.unwrap(), 0);
    restarted.clock.advance(24 * HOUR);
    assert_eq!(restarted.worker.heartbeat().await.unwrap(), 4);
}

#[tokio::test]
async fn rows_of_the_outbox_hold_no_time_finer_than_a_quarter_hour_and_no_address() {
    let office = Office::open();
    office.clock.advance(137);
    office.world.urgent_report();
    office.world.report();
    office.postbox.fail_with(Some(DOWN));
    for _ in 0..5 {
        office.look().await;
        office.clock.advance(301);
    }
    for letter in office.world.read(deliveries_waiting) {
        assert_eq!(letter.due.seconds() % 900, 0);
        assert_eq!(letter.first_due.seconds() % 900, 0);
    }
    assert!(!office.world.contains(b"example.org"));
}

#[tokio::test]
async fn an_idle_claim_goes_back_and_the_on_call_list_hears_again() {
    let office = Office::open();
    let anna = office.world.caseworker("anna");
    let report = office.world.urgent_report().report;
    office.claim(report, anna, NOW);
    assert_eq!(office.look().await, Vec::<String>::new());
    assert_eq!(office.worker.expire_claims().await.unwrap(), 0);
    office.clock.advance(960);
    assert_eq!(office.worker.expire_claims().await.unwrap(), 1);
    assert_eq!(office.look().await, ["oncall"]);
}

#[tokio::test]
async fn sessions_invitations_and_mailboxes_end() {
    let office = Office::open();
    let anna = office.world.caseworker("anna");
    office.world.report();
    let soon = NOW.plus(60);
    office.world.write(|conn| {
        let invitation = Invitation {
            token_hash: fixture::bytes(),
            staff: anna,
            expires_at: soon,
            secret_ct: None,
        };
        invitation_put(conn, &invitation)?;
        session_insert(
            conn,
            &Session {
                row_key: fixture::bytes(),
                staff: anna,
                blob: vec![1],
                expires_at: soon,
                idle_expires_at: soon,
                n: 1,
            },
        )
    });
    let nothing = Expired {
        sessions: 0,
        invitations: 0,
    };
    assert_eq!(office.worker.expire_sessions().await.unwrap(), nothing);
    assert_eq!(office.worker.expire_mailboxes().await.unwrap(), 0);
    office.clock.advance(100 * 24 * HOUR);
    let all = Expired {
        sessions: 1,
        invitations: 1,
    };
    assert_eq!(office.worker.expire_sessions().await.unwrap(), all);
    assert_eq!(office.worker.expire_mailboxes().await.unwrap(), 1);
}

#[tokio::test]
async fn the_loop_ends_when_told_and_a_ring_wakes_it() {
    let mut office = Office::open();
    office.worker.settings.tick = Duration::from_secs(3_600);
    let bell = Arc::clone(&office.worker.wake);
    let postbox = office.postbox.clone();
    let ring = async {
        tokio::time::sleep(Duration::from_millis(200)).await;
        office.world.urgent_report();
        bell.notify_one();
        while postbox.sent().is_empty() {
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
    };
    tokio::time::timeout(Duration::from_secs(20), office.worker.run(ring))
        .await
        .expect("the ring was heard and the loop ended");
    assert_eq!(office.recipients(), ["oncall"]);
}
