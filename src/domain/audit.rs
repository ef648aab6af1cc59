//! What the audit log tells of: a closed list of events, each with what belongs to it, by ids and numbers and never by content.

use serde::{Deserialize, Serialize};

use super::alarm::AlarmKind;
use super::credential::CredentialOrder;
use super::ids::{KeyId, OutboxId, ProposalId, ReportId, RotationId, StaffId, TeamId};
use super::named::named;
use super::proposal::ProposalKind;
use super::retention::RetentionClass;
use super::rotation::RotationReason;
use super::staff::{Role, Way};
use super::state::State;
use super::urgency::Urgency;

/// Makes [`Detail`], and how each type becomes one.
macro_rules! details {
    ($($(#[$doc:meta])* $name:ident($type:ty)),+ $(,)?) => {
        /// Something that belongs to an event, as it is shown.
        #[derive(Debug, Clone, PartialEq, Eq)]
        pub enum Detail {
            $($(#[$doc])* $name($type),)+
            /// How many, or which.
            Number(i64),
        }

        $(impl ToDetail for $type {
            fn to_detail(&self) -> Option<Detail> {
                Some(Detail::$name(self.clone()))
            }
        })+
    };
}

/// Makes [`AuditEvent`] with its names, and the list of what belongs to each.
macro_rules! events {
    ($($(#[$doc:meta])* $name:ident = $text:literal { $($field:ident: $type:ty),* $(,)? }),+ $(,)?) => {
        /// What an entry tells of. The names are stored; each has its sentence in the languages, as `audit-event-NAME`, and each of its
        /// details a label, as `audit-detail-NAME`.
        #[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
        #[serde(tag = "event")]
        pub enum AuditEvent {
            $(
                $(#[$doc])*
                #[serde(rename = $text)]
                $name { $(
                    #[doc = concat!("Its label: `audit-detail-", stringify!($field), "`.")]
                    $field: $type
                ),* },
            )+
            /// One that a later version has written.
            #[serde(other, rename = "unknown")]
            Unknown,
        }

        impl AuditEvent {
            /// The names of all that this version writes.
            pub const NAMES: &'static [&'static str] = &[$($text),+];

            /// The names of what belongs to each of them.
            #[cfg(test)]
            pub const DETAILS: &'static [&'static [&'static str]] =
                &[$(&[$(stringify!($field)),*]),+];

            /// The name that is stored.
            pub const fn name(&self) -> &'static str {
                match self {
                    $(Self::$name { .. } => $text,)+
                    Self::Unknown => "unknown",
                }
            }

            /// What belongs to it, with the name of each.
            pub fn details(&self) -> Vec<(&'static str, Detail)> {
                match self {
                    $(Self::$name { $($field),* } => [
                        $((stringify!($field), ToDetail::to_detail($field))),*
                    ]
                    .into_iter()
                    .filter_map(|(name, shown): (&'static str, Option<Detail>)| Some((name, shown?)))
                    .collect(),)+
                    Self::Unknown => Vec::new(),
                }
            }
        }
    };
}

trait ToDetail {
    /// Nothing where there is nothing to say.
    fn to_detail(&self) -> Option<Detail>;
}

impl<T: ToDetail> ToDetail for Option<T> {
    fn to_detail(&self) -> Option<Detail> {
        self.as_ref().and_then(ToDetail::to_detail)
    }
}

impl ToDetail for i64 {
    fn to_detail(&self) -> Option<Detail> {
        Some(Detail::Number(*self))
    }
}

impl ToDetail for usize {
    fn to_detail(&self) -> Option<Detail> {
        Some(Detail::Number(i64::try_from(*self).unwrap_or(i64::MAX)))
    }
}

impl ToDetail for u32 {
    fn to_detail(&self) -> Option<Detail> {
        Some(Detail::Number(i64::from(*self)))
    }
}

details! {
    /// Somebody with an account.
    Person(StaffId),
    /// Several of them.
    People(Vec<StaffId>),
    /// A report.
    Report(ReportId),
    /// A team.
    Team(TeamId),
    /// The record of a key.
    Key(KeyId),
    /// The order to change a team's key.
    Rotation(RotationId),
    /// An act that two people decide.
    Proposal(ProposalId),
    /// A mail.
    Mail(OutboxId),
    /// What an alarm is about.
    Alarm(AlarmSubject),
    /// What two people decide.
    ProposalKind(ProposalKind),
    /// Why a report is kept.
    RetentionClass(RetentionClass),
    /// What an administrator can order to be changed.
    CredentialOrder(CredentialOrder),
    /// Why a team's key is changed.
    RotationReason(RotationReason),
    /// What somebody may do.
    Role(Role),
    /// How somebody proved who they are.
    Way(Way),
    /// Which part of a report.
    Part(ReportPart),
    /// How far a report has come.
    State(State),
    /// How urgent a report is.
    Urgency(Urgency),
    /// What is the same in every language: digits, names of files and sections, signatures.
    Text(String),
}

named! {
    /// Which part of a report did not open.
    ReportPart {
        /// What the queue shows of it.
        Card = "card",
        /// Answers, messages and notes.
        Contents = "contents",
        /// What was proposed to be decided by two.
        Proposals = "proposals",
    }
}

/// What has happened, and what it concerns.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct AlarmSubject {
    /// What has happened.
    pub kind: AlarmKind,
    /// As [`AlarmKind`] says.
    pub subject: String,
}

events! {
    /// An account was stopped.
    AccountClosed = "account-closed" { person: StaffId, kept: usize, lost: usize },
    /// An account was stopped whose key may be in wrong hands.
    AccountClosedCompromised = "account-closed-compromised" { person: StaffId, kept: usize, lost: usize },
    /// Somebody who was invited has chosen a passphrase.
    AccountMade = "account-made" { key: KeyId },
    /// An account begins anew, with other keys.
    AccountReset = "account-reset" { person: StaffId, lost: usize },
    /// A second person agreed.
    ActApproved = "act-approved" { report: ReportId, act: ProposalKind, proposal: ProposalId, proposer: StaffId },
    /// One person proposed what two decide.
    ActProposed = "act-proposed" { report: ReportId, act: ProposalKind, proposal: ProposalId },
    /// A second person did not agree.
    ActRefused = "act-refused" { report: ReportId, act: ProposalKind, proposal: ProposalId, proposer: StaffId },
    /// Whoever proposed it cannot read the report any more.
    ActVoid = "act-void" { report: ReportId, act: ProposalKind, proposal: ProposalId },
    /// Whoever proposed it took it back.
    ActWithdrawn = "act-withdrawn" { report: ReportId, act: ProposalKind, proposal: ProposalId },
    /// The report has a new key, and what waited was about the old one.
    ActsVoid = "acts-void" { report: ReportId, count: usize },
    /// Addresses were sealed to the newest key of the server.
    AddressesSealedAnew = "addresses-sealed-anew" { count: usize },
    /// Something that somebody must look into.
    AlarmRaised = "alarm-raised" { alarm: AlarmSubject },
    /// Somebody has looked into it.
    AlarmSeen = "alarm-seen" { alarm: AlarmSubject },
    /// Somebody set up another authenticator.
    AuthenticatorReplaced = "authenticator-replaced" { sessions: usize },
    /// Fills a day up, so that its acts cannot be counted from outside.
    Blank = "blank" {},
    /// A custodian signed who may receive a channel's reports. The digits are those of the team's first key.
    CharterSigned = "charter-signed" { channel: String, sequence: i64, digits: String },
    /// Fifteen idle minutes gave a report back.
    ClaimExpired = "claim-expired" { report: ReportId },
    /// A phone said the same as the machine's clock, which nobody believed. The reading is in UTC, to the minute.
    ClockConfirmed = "clock-confirmed" { reading: String },
    /// The configuration was read again.
    ConfigurationReloaded = "configuration-reloaded" { parts: String },
    /// The root of the server's secrets has a new version.
    CredentialChanged = "credential-changed" { version: u32 },
    /// An administrator ordered that.
    CredentialOrdered = "credential-ordered" { credential: CredentialOrder },
    /// Exports that were agreed on ran out.
    ExportsExpired = "exports-expired" { count: usize },
    /// Too many wrong codes in an hour.
    FactorRests = "factor-rests" { way: Way },
    /// A wrong code of somebody who is signed in or has typed the right passphrase.
    FactorWrong = "factor-wrong" { way: Way },
    /// What was set aside opened after all.
    GrantRetried = "grant-retried" { team: TeamId, grants: usize },
    /// A grant did not open.
    GrantSetAside = "grant-set-aside" { report: ReportId, key: KeyId },
    /// A report may be destroyed again.
    HoldLifted = "hold-lifted" { report: ReportId },
    /// A report must not be destroyed.
    HoldSet = "hold-set" { report: ReportId },
    /// Somebody who was invited has not come in time.
    InvitationExpired = "invitation-expired" { person: StaffId },
    /// Somebody said that a notice had reached them.
    MailArrived = "mail-arrived" {},
    /// A mail that was given up was removed.
    MailDismissed = "mail-dismissed" { mail: OutboxId },
    /// A notice to those on call was asked for, to see whether it arrives.
    MailTested = "mail-tested" {},
    /// A mail that was given up is tried again.
    MailTriedAgain = "mail-tried-again" { mail: OutboxId },
    /// Mailboxes of reporters ended on their day.
    MailboxesExpired = "mailboxes-expired" { count: usize },
    /// One of several words for a newcomer. The digits are those of the newcomer's key.
    MemberApproved = "member-approved" { team: TeamId, person: StaffId, digits: String },
    /// The team's keys were wrapped to a newcomer's.
    MemberLetIn = "member-let-in" { team: TeamId, person: StaffId, digits: String, words: usize },
    /// A member took back what others had said for a newcomer.
    MemberObjectedTo = "member-objected-to" { team: TeamId, person: StaffId, words: usize },
    /// A member's key is one that the team's key did not sign for.
    MemberUnvouched = "member-unvouched" { team: TeamId, person: StaffId },
    /// A caseworker wrote to the reporter.
    MessageWritten = "message-written" { report: ReportId },
    /// Nobody looked again at a report in time that somebody acted on: it is back in the queue.
    LookMissed = "look-missed" { report: ReportId },
    /// A caseworker wrote a note.
    NoteWritten = "note-written" { report: ReportId },
    /// Somebody's own key has reached its age.
    OwnKeyRenewalOrdered = "own-key-renewal-ordered" { person: StaffId },
    /// Somebody has a new key of their own.
    OwnKeyRenewed = "own-key-renewed" { before: KeyId, key: KeyId, wraps: usize, grants: usize },
    /// A passphrase was changed by whoever knew the old one.
    PassphraseChanged = "passphrase-changed" { sessions: usize },
    /// A passphrase was set with the recovery code.
    PassphraseRecovered = "passphrase-recovered" { sessions: usize },
    /// A passphrase is hashed with the newest pepper.
    PepperFollowed = "pepper-followed" { version: u32 },
    /// A newcomer was invited.
    PersonInvited = "person-invited" { person: StaffId, role: Role },
    /// The link of one who has not come was made anew, and the one before it ended.
    PersonInvitedAgain = "person-invited-again" { person: StaffId },
    /// Somebody has a new recovery code.
    RecoveryCodeChanged = "recovery-code-changed" {},
    /// Custodians tried their shares.
    RecoveryDrilled = "recovery-drilled" { key: KeyId },
    /// A recovery key to which nothing is wrapped any more.
    RecoveryKeyDestroyed = "recovery-key-destroyed" { key: KeyId, number: u32 },
    /// Another was registered before enough had signed it.
    RecoveryKeyForgotten = "recovery-key-forgotten" { key: KeyId },
    /// Enough custodians have signed it.
    RecoveryKeyInForce = "recovery-key-in-force" { key: KeyId, number: u32 },
    /// A new recovery key waits for signatures.
    RecoveryKeyRegistered = "recovery-key-registered" { key: KeyId, number: u32, recipient: String },
    /// A custodian signed a recovery key.
    RecoveryKeySigned = "recovery-key-signed" { key: KeyId, number: u32, recipient: String },
    /// Custodians let somebody in.
    RecoveryUsed = "recovery-used" { team: TeamId, person: StaffId, recipient: String, wraps: usize },
    /// A team's key can be recovered.
    RecoveryWrapMade = "recovery-wrap-made" { team: TeamId, key: KeyId, parent: KeyId },
    /// It cannot be with that recovery key any more.
    RecoveryWrapRemoved = "recovery-wrap-removed" { team: TeamId, key: KeyId, parent: KeyId },
    /// A lead handed a report to somebody.
    ReportAssigned = "report-assigned" { report: ReportId, person: StaffId },
    /// Somebody took a report.
    ReportClaimed = "report-claimed" { report: ReportId },
    /// A report left as a file. The digits are those of the key that opens it.
    ReportExported = "report-exported" { report: ReportId, proposal: ProposalId, digits: String },
    /// Another team reads a report, and the one that did no longer does.
    ReportMoved = "report-moved" { report: ReportId, team: TeamId },
    /// Parts of it were not what was sealed.
    ReportNotOpened = "report-not-opened" { report: ReportId, part: ReportPart, count: usize },
    /// Somebody opened a report.
    ReportRead = "report-read" { report: ReportId },
    /// A report came in.
    ReportReceived = "report-received" { report: ReportId, recipient: String },
    /// A restricted report needs a new key.
    ReportRekeyOrdered = "report-rekey-ordered" { report: ReportId },
    /// It has one.
    ReportRekeyed = "report-rekeyed" { report: ReportId, readers: usize },
    /// Its row was not as it was written; it was put back to where nothing is lost.
    ReportMended = "report-mended" { report: ReportId },
    /// Whoever had taken it gave it back.
    ReportReleased = "report-released" { report: ReportId },
    /// Only these read a report.
    ReportRestricted = "report-restricted" { report: ReportId, people: Vec<StaffId> },
    /// Another team reads a report too.
    ReportShared = "report-shared" { report: ReportId, team: TeamId },
    /// Nothing of it is left. What was there is committed to and signed.
    ReportShredded = "report-shredded" { report: ReportId, objects: i64, commitment: String, signature: String },
    /// A mailbox was closed by whoever has its code. It names no report.
    ReporterClosedMailbox = "reporter-closed-mailbox" {},
    /// A message was deleted by whoever has the mailbox's code. It names no report.
    ReporterDeletedMessage = "reporter-deleted-message" {},
    /// The reporter wrote to the team.
    ReporterWrote = "reporter-wrote" { report: ReportId },
    /// A lead decided how long a report is kept.
    RetentionSet = "retention-set" { report: ReportId, class: RetentionClass },
    /// A member made a team's next key.
    RotationBegun = "rotation-begun" { team: TeamId, order: RotationId, key: KeyId, members: usize },
    /// Everything is under the new key.
    RotationFinished = "rotation-finished" { team: TeamId, order: RotationId, grants: i64 },
    /// A team's key must be changed.
    RotationOrdered = "rotation-ordered" { team: TeamId, reason: RotationReason },
    /// Too many wrong codes in one session.
    SessionEndedWrongCodes = "session-ended-wrong-codes" { way: Way },
    /// An administrator ended the sessions of all.
    SessionsEnded = "sessions-ended" { count: usize },
    /// From here on nobody opens a report. The class is that of a clock; two people decided where there is none.
    ShredBegun = "shred-begun" { report: ReportId, class: Option<RetentionClass> },
    /// Sign-ins that failed within a quarter hour: for one account, or with handles that nobody has.
    SignInsFailed = "sign-ins-failed" { person: Option<StaffId>, count: u32 },
    /// Somebody signed in on the pages.
    SignedIn = "signed-in" {},
    /// Somebody signed in on the server's command line.
    SignedInAtTerminal = "signed-in-at-terminal" {},
    /// Somebody ended their session.
    SignedOut = "signed-out" {},
    /// A report came to be in another state.
    StateChanged = "state-changed" { report: ReportId, state: State },
    /// A key of a team under which nothing is left.
    TeamKeyDestroyed = "team-key-destroyed" { team: TeamId, key: KeyId, wraps: usize },
    /// The first member made the first key.
    TeamKeyMade = "team-key-made" { team: TeamId, key: KeyId, recipient: String },
    /// Somebody leads a team no longer.
    TeamLeadEnded = "team-lead-ended" { team: TeamId, person: StaffId },
    /// Somebody leads a team.
    TeamLeadMade = "team-lead-made" { team: TeamId, person: StaffId },
    /// A team and the channels that feed it.
    TeamMade = "team-made" { team: TeamId, channels: String },
    /// A lead does without recovery.
    TeamRecoveryOff = "team-recovery-off" { team: TeamId, wraps: usize },
    /// A lead allows recovery.
    TeamRecoveryOn = "team-recovery-on" { team: TeamId },
    /// A second lead agreed to weaker rules.
    TeamRulesAgreed = "team-rules-agreed" { team: TeamId, approvals: i64, hours: i64 },
    /// A lead set rules that are no weaker.
    TeamRulesSet = "team-rules-set" { team: TeamId, approvals: i64, hours: i64 },
    /// A member stopped weaker rules.
    TeamRulesStopped = "team-rules-stopped" { team: TeamId },
    /// A lead proposed weaker rules.
    TeamRulesWished = "team-rules-wished" { team: TeamId, approvals: i64, hours: i64 },
    /// The log's sign of life.
    Tick = "tick" {},
    /// The whole log was looked through.
    TrailChecked = "trail-checked" {},
    /// A page of the log was read.
    TrailRead = "trail-read" {},
    /// A report is more or less urgent.
    UrgencySet = "urgency-set" { report: ReportId, urgency: Urgency },
    /// What is in the database now was taken for true, whatever the witness file said. Both are numbers of entries.
    WitnessAccepted = "witness-accepted" { witnessed: i64, found: i64 },
}

impl AuditEvent {
    /// The report that it concerns.
    pub fn report(&self) -> Option<ReportId> {
        self.details()
            .into_iter()
            .find_map(|(_, detail)| match detail {
                Detail::Report(report) => Some(report),
                _ => None,
            })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_event_is_stored_by_its_name_and_one_of_a_later_version_is_told_as_such() {
        let report = ReportId::from_bytes([0xa5; 16]);
        let event = AuditEvent::ReportRead { report };
        let text = format!(r#"{{"event":"report-read","report":"{report}"}}"#);
        assert_eq!(serde_json::to_string(&event).unwrap(), text);
        assert_eq!(serde_json::from_str::<AuditEvent>(&text).unwrap(), event);
        assert_eq!(event.report(), Some(report));
        let later = r#"{"event":"report-sung","report":"x","key":[1]}"#;
        let later: AuditEvent = serde_json::from_str(later).unwrap();
        assert_eq!((later.name(), later.report()), ("unknown", None));
        // What lacks something that belongs to it is no event.
        let lacking = serde_json::from_str::<AuditEvent>(r#"{"event":"report-read"}"#);
        assert!(lacking.is_err());
    }
}
