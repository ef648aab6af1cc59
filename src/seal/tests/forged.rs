//! What somebody who can write to the database might try.

use super::*;
use crate::domain::ids::{MailItemId, ObjectId};
use crate::domain::sealed::Object;
use crate::domain::submission::EarlierKey;
use crate::seal::card::{Answers, MailboxContents, ReportContents};
use crate::seal::frame::{self, Auth, Place};
use crate::seal::keys::{ReporterAuthKey, Seed, StaffAuthKey};
use crate::seal::kind::Writer;
use crate::seal::{age_file, grant};

fn stranger() -> Identity {
    Identity::generate(Suite::X25519)
}

/// An object under the report's public key, which everybody may know, by someone who has not the reporter's key.
fn forged(fixture: &Fixture, kind: Kind, body: &[u8]) -> (ObjectId, Sealed<Object>) {
    let id = random::object_id();
    let place = Place::object(fixture.submission.report, id);
    let (staff, reporter) = (
        stranger().staff_auth(),
        ReporterAuthKey::new(Seed::random()),
    );
    let auth = match kind.writer() {
        Writer::Staff => Auth::Staff(&staff),
        Writer::Reporter => Auth::Reporter(&reporter),
    };
    let position = if kind.is_numbered() {
        at(0, 1)
    } else {
        at(0, 0)
    };
    let frame = frame::build(Suite::X25519, auth, place, (kind, position), body).unwrap();
    let recipient: Recipient = fixture.submission.recipient.parse().unwrap();
    (id, age_file::encrypt(&recipient, &frame).unwrap())
}

#[test]
fn a_changed_or_cut_grant_is_refused() {
    let fixture = Fixture::new();
    let submission = &fixture.submission;
    for grant in flipped(&submission.grant).chain(cut(&submission.grant)) {
        let outcome = opening::open_grant(
            fixture.team.identity(),
            &grant,
            submission.report,
            &submission.recipient,
            &[],
        );
        assert_eq!(outcome.unwrap_err(), SealError::NotOpened);
    }
}

#[test]
fn a_changed_or_cut_object_is_refused() {
    let fixture = Fixture::new();
    let report = fixture.report();
    let answers = fixture.answers();
    for sealed in flipped(&answers.sealed).chain(cut(&answers.sealed)) {
        let outcome = opening::open_object(&report, answers.id, &sealed);
        assert_eq!(outcome.unwrap_err(), SealError::NotOpened);
    }
    let card = fixture.card();
    for sealed in flipped(&card.sealed) {
        let outcome = opening::open_card(fixture.grant(), card.id, &sealed);
        assert_eq!(outcome.unwrap_err(), SealError::NotOpened);
    }
}

#[test]
fn a_changed_or_cut_mailbox_is_refused() {
    let fixture = Fixture::new();
    let card = &fixture.submission.mailbox.card;
    for card in flipped(card).chain(cut(card)) {
        let outcome = mailbox::open_card(&fixture.master, &card);
        assert_eq!(outcome.unwrap_err(), SealError::NotOpened);
    }
    let id = random::mail_item_id();
    let item = opening::seal_mail_item(&fixture.report(), id, at(0, 1), b"text").unwrap();
    let mailbox = fixture.mailbox();
    for item in flipped(&item).chain(cut(&item)) {
        let outcome = mailbox::open_item(&mailbox, id, &item);
        assert!(matches!(outcome, Err(SealError::NotOpened)));
    }
}

#[test]
fn an_object_under_another_id_is_refused() {
    let fixture = Fixture::new();
    let (card, answers) = (fixture.card(), fixture.answers());
    let report = fixture.report();
    let outcome = opening::open_object(&report, card.id, &answers.sealed);
    assert_eq!(outcome.unwrap_err(), SealError::WrongObject);
    let outcome = opening::open_card(fixture.grant(), answers.id, &card.sealed);
    assert_eq!(outcome.unwrap_err(), SealError::WrongObject);
    let outcome = opening::open_card(fixture.grant(), answers.id, &answers.sealed);
    assert_eq!(outcome.unwrap_err(), SealError::WrongKind);

    let item = opening::seal_mail_item(&report, random::mail_item_id(), at(0, 1), b"text").unwrap();
    let outcome = mailbox::open_item(&fixture.mailbox(), random::mail_item_id(), &item);
    assert!(matches!(outcome, Err(SealError::WrongObject)));
}

#[test]
fn nothing_opens_under_another_report() {
    let (one, two) = (Fixture::new(), Fixture::new());
    let report = one.report();
    let foreign = two.answers();
    let outcome = opening::open_object(&report, foreign.id, &foreign.sealed);
    assert_eq!(outcome.unwrap_err(), SealError::NotOpened);

    let open = |report, recipient: &str| {
        opening::open_grant(
            one.team.identity(),
            &one.submission.grant,
            report,
            recipient,
            &[],
        )
        .unwrap_err()
    };
    assert_eq!(
        open(two.submission.report, &one.submission.recipient),
        SealError::WrongReport
    );
    assert_eq!(
        open(one.submission.report, &two.submission.recipient),
        SealError::WrongKey
    );
    let outcome = mailbox::open_card(&one.master, &two.submission.mailbox.card);
    assert_eq!(outcome.unwrap_err(), SealError::NotOpened);
}

#[test]
fn an_object_by_a_stranger_is_refused() {
    let fixture = Fixture::new();
    let report = fixture.report();
    for kind in [Kind::ReporterMessage, Kind::Note, Kind::Answers] {
        let (id, sealed) = forged(&fixture, kind, b"please meet me");
        let outcome = opening::open_object(&report, id, &sealed);
        assert_eq!(outcome.unwrap_err(), SealError::Unauthenticated);
    }
}

/// Whoever has the receipt knows the reporter's key and the report's public key, and nothing else of the report's.
#[test]
fn what_staff_write_is_not_made_with_a_receipt() {
    let fixture = Fixture::new();
    let report = fixture.report();
    let staff = StaffAuthKey::new(Seed::from_bytes(*fixture.master.auth().expose()));
    let recipient: Recipient = fixture.submission.recipient.parse().unwrap();
    for kind in [
        Kind::Answers,
        Kind::Note,
        Kind::StaffMessage,
        Kind::Decision,
    ] {
        let id = random::object_id();
        let place = Place::object(fixture.submission.report, id);
        let body = [[7; 80].as_slice(), b"{}"].concat();
        let frame = frame::build(
            Suite::X25519,
            Auth::Staff(&staff),
            place,
            (kind, at(0, 2)),
            &body,
        )
        .unwrap();
        let sealed = age_file::encrypt(&recipient, &frame).unwrap();
        let outcome = opening::open_object(&report, id, &sealed);
        assert_eq!(outcome.unwrap_err(), SealError::Unauthenticated, "{kind:?}");
    }
}

/// Even with the report's own key: the card names the answers that came.
#[test]
fn second_answers_are_refused() {
    let fixture = Fixture::new();
    let report = fixture.report();
    let staff = report.grant().identities().next().unwrap().staff_auth();
    let recipient: Recipient = fixture.submission.recipient.parse().unwrap();
    for id in [random::object_id(), fixture.answers().id] {
        let place = Place::object(fixture.submission.report, id);
        let frame = frame::build(
            Suite::X25519,
            Auth::Staff(&staff),
            place,
            (Kind::Answers, at(0, 1)),
            b"{}",
        )
        .unwrap();
        let sealed = age_file::encrypt(&recipient, &frame).unwrap();
        let outcome = opening::open_object(&report, id, &sealed);
        assert_eq!(outcome.unwrap_err(), SealError::WrongObject);
    }
}

#[test]
fn a_message_to_the_reporter_by_a_stranger_is_refused() {
    let fixture = Fixture::new();
    let id: MailItemId = random::mail_item_id();
    let place = Place::mail_item(fixture.submission.report, id);
    let reporter = ReporterAuthKey::new(Seed::random());
    let auth = Auth::Reporter(&reporter);
    let frame = frame::build(
        Suite::X25519,
        auth,
        place,
        (Kind::MailItem, at(0, 1)),
        b"meet me",
    )
    .unwrap();
    let item =
        age_file::encrypt(&fixture.master.mailbox(Suite::X25519).recipient(), &frame).unwrap();
    let outcome = mailbox::open_item(&fixture.mailbox(), id, &item);
    assert!(matches!(outcome, Err(SealError::Unauthenticated)));
}

#[test]
fn a_message_to_one_reporter_is_not_shown_to_the_same_one_under_another_report() {
    // One person with one code has one report; a message that names another report was copied there.
    let fixture = Fixture::new();
    let id = random::mail_item_id();
    let place = Place::mail_item(random::report_id(), id);
    let auth = fixture.master.auth();
    let auth = Auth::Reporter(&auth);
    let frame = frame::build(
        Suite::X25519,
        auth,
        place,
        (Kind::MailItem, at(0, 1)),
        b"text",
    )
    .unwrap();
    let item =
        age_file::encrypt(&fixture.master.mailbox(Suite::X25519).recipient(), &frame).unwrap();
    let outcome = mailbox::open_item(&fixture.mailbox(), id, &item);
    assert!(matches!(outcome, Err(SealError::WrongReport)));
}

#[test]
fn a_card_with_another_mailbox_is_refused() {
    let fixture = Fixture::new();
    let attacker = Master::from_bytes(random::bytes());
    let body = ReportContents {
        lookup: attacker.lookup(),
        auth: attacker.auth(),
        mailbox: attacker.mailbox(Suite::X25519).recipient(),
        answers: Answers::of(fixture.answers().id, ANSWERS),
        summary: SUMMARY,
    }
    .to_bytes();
    let id = random::object_id();
    let place = Place::object(fixture.submission.report, id);
    // With the report's own key even.
    let grant = fixture.grant();
    let staff = grant.identities().next().unwrap().staff_auth();
    let frame = frame::build(
        Suite::X25519,
        Auth::Staff(&staff),
        place,
        (Kind::Card, at(0, 0)),
        &body,
    )
    .unwrap();
    let recipient: Recipient = fixture.submission.recipient.parse().unwrap();
    let card = age_file::encrypt(&recipient, &frame).unwrap();
    let outcome = opening::open_card(fixture.grant(), id, &card);
    assert_eq!(outcome.unwrap_err(), SealError::WrongBinding);
}

#[test]
fn a_grant_of_another_key_is_refused() {
    let fixture = Fixture::new();
    let contents = grant::Contents {
        report: fixture.submission.report,
        binding: [0; 32],
        secret: (Suite::X25519, Seed::random()),
    };
    let forged = grant::seal(&fixture.team.identity().recipient(), &contents).unwrap();
    let outcome = opening::open_grant(
        fixture.team.identity(),
        &forged,
        fixture.submission.report,
        &fixture.submission.recipient,
        &[],
    );
    assert_eq!(outcome.unwrap_err(), SealError::WrongKey);
}

#[test]
fn a_mailbox_card_by_a_stranger_is_refused() {
    let fixture = Fixture::new();
    let contents = MailboxContents {
        recipient: Identity::generate(Suite::X25519).recipient(),
        digest: [0; 32],
    };
    let mailbox = fixture.master.mailbox(Suite::X25519).recipient();
    let card = contents
        .seal(
            &mailbox,
            &ReporterAuthKey::new(Seed::random()),
            random::report_id(),
        )
        .unwrap();
    let outcome = mailbox::open_card(&fixture.master, &card);
    assert_eq!(outcome.unwrap_err(), SealError::Unauthenticated);
}

/// Earlier keys lie where anybody can lay one who knows the newest public key: the grant says which there are.
#[test]
fn no_other_earlier_key_is_laid_under_a_report() {
    let fixture = Fixture::new();
    let (team, report) = (fixture.team.identity(), fixture.report());
    let next = opening::next_key(&report, 2, &[team.recipient()]).unwrap();
    let id = fixture.submission.report;
    let open = |earlier: &[EarlierKey]| {
        let grant = &next.grants[0];
        let grant = opening::open_grant(team, grant, id, next.recipient.as_str(), earlier)?;
        opening::open_card(grant, fixture.card().id, &fixture.card().sealed)
    };
    let open = |earlier: &[EarlierKey]| open(earlier).map(|open| open.summary().to_vec());
    let before = std::slice::from_ref(&next.before);
    assert_eq!(open(before), Ok(SUMMARY.to_vec()));
    assert_eq!(open(&[]), Err(SealError::NotOpened));
    let mine = Identity::generate(Suite::X25519);
    let contents = grant::Contents {
        report: id,
        binding: [0; 32],
        secret: (Suite::X25519, mine.seed().share()),
    };
    let laid = |after: &Recipient| EarlierKey {
        until: next.before.until,
        recipient: mine.recipient().to_string(),
        sealed: grant::seal(after, &contents).unwrap(),
    };
    let beneath = laid(report.grant().recipient());
    assert_eq!(
        open(&[next.before.clone(), beneath]),
        Err(SealError::WrongBinding)
    );
    let between = laid(&next.recipient);
    let under = EarlierKey {
        until: next.before.until,
        recipient: next.before.recipient.clone(),
        sealed: opening::regrant(report.grant(), &mine.recipient()).unwrap(),
    };
    assert_eq!(open(&[between, under]), Err(SealError::WrongBinding));
}
