//! A report's way through all parts: sealed, opened by a team, answered, read by its reporter. And everything that must be refused on it.

mod forged;
mod framing;
mod fuzzing;
mod proposal;
mod stock_age;
mod vectors;

use super::keys::{Identity, Recipient, Seed, SigningKey};
use super::mailbox::OpenMailbox;
use super::opening::{KeyRecord, OpenGrant, OpenReport, TeamSecrets};
use super::receipt::Master;
use super::sealing::{Draft, content_digest, seal_reporter_message, seal_submission};
use super::{Kind, Position, SealError, Signer, mailbox, opening, random};
use crate::domain::clock::{Day, Timestamp};
use crate::domain::ids::StaffId;
use crate::domain::sealed::Sealed;
use crate::domain::submission::{SealedObject, SealedSubmission};
use crate::domain::suite::Suite;
use crate::domain::urgency::Urgency;

const ANSWERS: &[u8] = "{\"what\":\"អ្វីៗ something\"}".as_bytes();
const SUMMARY: &[u8] = b"{\"category\":\"neglect\"}";

/// A team, a reporter and the report between them.
pub(super) struct Fixture {
    pub(super) team: TeamSecrets,
    /// A caseworker's.
    pub(super) hand: SigningKey,
    pub(super) master: Master,
    pub(super) submission: SealedSubmission,
}

impl Fixture {
    pub(super) fn new() -> Self {
        let team = TeamSecrets::generate(Suite::X25519);
        let master = Master::from_bytes(random::bytes());
        let submission = seal(&team.identity().recipient(), &master, ANSWERS);
        Self {
            team,
            hand: SigningKey::from_seed(&Seed::random()),
            master,
            submission,
        }
    }

    pub(super) fn grant(&self) -> OpenGrant {
        opening::open_grant(
            self.team.identity(),
            &self.submission.grant,
            self.submission.report,
            &self.submission.recipient,
            &[],
        )
        .unwrap()
    }

    pub(super) fn card(&self) -> &SealedObject {
        &self.submission.objects[0]
    }

    pub(super) fn answers(&self) -> &SealedObject {
        &self.submission.objects[1]
    }

    pub(super) fn report(&self) -> OpenReport {
        opening::open_card(self.grant(), self.card().id, &self.card().sealed).unwrap()
    }

    /// The caseworker.
    pub(super) fn by(&self) -> Signer<'_> {
        Signer {
            staff: StaffId::from_bytes([7; 16]),
            key: &self.hand,
        }
    }

    pub(super) fn mailbox(&self) -> OpenMailbox {
        mailbox::open_card(&self.master, &self.submission.mailbox.card).unwrap()
    }
}

/// The place of something numbered, at that second.
pub(super) const fn at(seconds: u64, number: u32) -> Position {
    Position { seconds, number }
}

pub(super) fn seal(team: &Recipient, master: &Master, answers: &[u8]) -> SealedSubmission {
    let now = Timestamp::from_seconds(1_795_392_000);
    seal_submission(&Draft {
        channel: "public",
        key: random::key_id(),
        team,
        answers,
        summary: SUMMARY,
        master,
        urgency: Urgency::U1,
        day: now.day(),
        due: now.quarter(),
        retention: "undecided",
        is_alike: false,
        mailbox_expires: Day::from_number(22_000),
    })
    .unwrap()
}

/// The file with one bit of one byte changed, for every byte; what no longer has the form of a file is refused already.
pub(super) fn flipped<T>(sealed: &Sealed<T>) -> impl Iterator<Item = Sealed<T>> {
    (0..sealed.as_bytes().len()).filter_map(|at| {
        let mut bytes = sealed.as_bytes().to_vec();
        bytes[at] ^= 1 << (at % 8);
        Sealed::parse(bytes).ok()
    })
}

/// Every beginning of the file that still has the form of one.
pub(super) fn cut<T>(sealed: &Sealed<T>) -> impl Iterator<Item = Sealed<T>> {
    (0..sealed.as_bytes().len())
        .filter_map(|length| Sealed::parse(sealed.as_bytes()[..length].to_vec()).ok())
}

#[test]
fn the_team_reads_what_was_reported() {
    let fixture = Fixture::new();
    let report = fixture.report();
    assert_eq!(report.summary(), SUMMARY);
    assert_eq!(report.report(), fixture.submission.report);
    assert_eq!(report.lookup(), &fixture.submission.mailbox.lookup);
    let answers = fixture.answers();
    let opened = opening::open_object(&report, answers.id, &answers.sealed).unwrap();
    assert_eq!((opened.kind, opened.position), (Kind::Answers, at(0, 1)));
    assert_eq!(opened.body.as_slice(), ANSWERS);
}

#[test]
fn team_and_reporter_write_to_each_other() {
    let fixture = Fixture::new();
    let report = fixture.report();
    let id = random::mail_item_id();
    let item = opening::seal_mail_item(&report, id, at(5, 1), b"Are you safe?").unwrap();
    let mailbox = fixture.mailbox();
    assert_eq!(
        mailbox::open_item(&mailbox, id, &item)
            .map(|item| (item.position, item.body.to_vec()))
            .unwrap(),
        (at(5, 1), b"Are you safe?".to_vec())
    );
    let gone = mailbox::seal_gone(&mailbox, id, at(5, 1)).unwrap();
    let gone = mailbox::open_item(&mailbox, id, &gone).unwrap();
    assert_eq!((gone.position, gone.body.len()), (at(5, 1), 0));
    let reply = seal_reporter_message(&mailbox, random::object_id(), at(7, 2), b"Yes.").unwrap();
    let opened = opening::open_object(&report, reply.id, &reply.sealed).unwrap();
    assert_eq!(
        (opened.kind, opened.position),
        (Kind::ReporterMessage, at(7, 2))
    );
    assert_eq!(opened.body.as_slice(), b"Yes.");
}

#[test]
fn staff_add_only_what_staff_write() {
    let fixture = Fixture::new();
    let (report, by) = (fixture.report(), fixture.by());
    let seal =
        |kind| opening::seal_object(&report, random::object_id(), (kind, at(3, 2)), by, b"text");
    for kind in [Kind::StaffMessage, Kind::Note, Kind::Decision] {
        let object = seal(kind).unwrap();
        let opened = opening::open_object(&report, object.id, &object.sealed).unwrap();
        assert_eq!((opened.kind, opened.position), (kind, at(3, 2)));
        let said = opened.said.unwrap();
        assert_eq!(said.author, by.staff);
        assert!(said.is_signed_with(&fixture.hand.verify_key()));
        assert!(!said.is_signed_with(&Fixture::new().hand.verify_key()));
    }
    for kind in [
        Kind::Card,
        Kind::Answers,
        Kind::ReporterMessage,
        Kind::MailItem,
        Kind::Proposal,
    ] {
        assert_eq!(seal(kind), Err(SealError::WrongKind));
    }
}

#[test]
fn the_code_opens_the_conversation_and_never_the_report() {
    let fixture = Fixture::new();
    let mailbox = fixture.master.mailbox(Suite::X25519);
    for object in &fixture.submission.objects {
        let outcome = super::age_file::decrypt(&mailbox, &object.sealed);
        assert_eq!(outcome, Err(SealError::NotOpened));
    }
    let outcome = super::age_file::decrypt(&mailbox, &fixture.submission.grant);
    assert_eq!(outcome, Err(SealError::NotOpened));
}

#[test]
fn a_form_sent_twice_is_known_by_its_digest() {
    let fixture = Fixture::new();
    let mailbox = fixture.mailbox();
    assert_eq!(mailbox.report(), fixture.submission.report);
    assert_eq!(mailbox.lookup(), &fixture.master.lookup());
    assert_eq!(mailbox.digest(), &content_digest(mailbox.auth(), ANSWERS));
    assert_ne!(mailbox.digest(), &content_digest(mailbox.auth(), b"other"));
}

#[test]
fn a_miss_opens_a_card_as_a_hit_does() {
    let dummy = mailbox::dummy_card().unwrap();
    assert!(mailbox::open_card(dummy.master(), dummy.card()).is_ok());
}

#[test]
fn a_grant_for_another_holder_opens_the_same_report() {
    let fixture = Fixture::new();
    let other = Identity::generate(Suite::X25519);
    let grant = opening::regrant(&fixture.grant(), &other.recipient()).unwrap();
    let opened = opening::open_grant(
        &other,
        &grant,
        fixture.submission.report,
        &fixture.submission.recipient,
        &[],
    )
    .unwrap();
    let card = fixture.card();
    assert!(opening::open_card(opened, card.id, &card.sealed).is_ok());
}

#[test]
fn a_wrap_gives_the_teams_secrets_to_its_holder() {
    let (team, holder, key) = (
        TeamSecrets::generate(Suite::X25519),
        Identity::generate(Suite::X25519),
        random::key_id(),
    );
    let wrap = opening::seal_wrap(&holder.recipient(), key, 3, &team).unwrap();
    let (recipient, verify_key) = (
        team.identity().recipient(),
        *team.signing().verify_key().as_bytes(),
    );
    let record = KeyRecord {
        key,
        generation: 3,
        recipient: recipient.as_str(),
        verify_key: &verify_key,
    };
    let opened = opening::open_wrap(&holder, &wrap, &record).unwrap();
    assert_eq!(opened.identity().recipient(), team.identity().recipient());
    assert_eq!(opened.signing().verify_key(), team.signing().verify_key());
    let other = TeamSecrets::generate(Suite::X25519);
    let (other_recipient, other_verify_key) = (
        other.identity().recipient(),
        *other.signing().verify_key().as_bytes(),
    );
    let lies = [
        KeyRecord {
            key: random::key_id(),
            ..record
        },
        KeyRecord {
            generation: 4,
            ..record
        },
        KeyRecord {
            recipient: other_recipient.as_str(),
            ..record
        },
        KeyRecord {
            verify_key: &other_verify_key,
            ..record
        },
    ];
    for lie in lies {
        let outcome = opening::open_wrap(&holder, &wrap, &lie);
        assert_eq!(outcome.unwrap_err(), SealError::WrongKey, "{lie:?}");
    }
    let stranger = opening::open_wrap(&Identity::generate(Suite::X25519), &wrap, &record);
    assert_eq!(stranger.unwrap_err(), SealError::NotOpened);
    for wrap in flipped(&wrap).chain(cut(&wrap)) {
        assert!(opening::open_wrap(&holder, &wrap, &record).is_err());
    }
}
