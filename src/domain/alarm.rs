//! What auditors, custodians and leads must hear of because nobody may be able to hide it.

use super::named::named;

named! {
    /// What has happened.
    AlarmKind {
        /// The records of who may receive a channel's reports do not verify. Subject: the channel.
        ChainBroken = "chain-broken",
        /// The records of a team's own keys do not verify. Subject: the team.
        TeamBroken = "team-broken",
        /// A member's key was not vouched for by the team's key. Subject: the team.
        MemberUnvouched = "member-unvouched",
        /// A grant did not open when its key was changed, and was set aside. Subject: the team.
        GrantSetAside = "grant-set-aside",
        /// A report, or something in it, does not open although its reader holds the key. Subject: the key.
        ReportBroken = "report-broken",
        /// A report's row, or the queue's copy of it, is not as it was written. Subject: `reports`.
        ReportForged = "report-forged",
        /// Reports that the log knows of are not there, or the other way around. Subject: `reports`.
        ReportsVanished = "reports-vanished",
        /// Something in the database cannot be read any more. Subject: the table.
        DataDamaged = "data-damaged",
        /// The disk is nearly full. Subject: `disk`.
        DiskLow = "disk-low",
        /// The disk refuses something to the database. Subject: what.
        DiskRefuses = "disk-refuses",
        /// The tables or triggers of the database are not those of this version. Subject: `database`.
        SchemaChanged = "schema-changed",
        /// The recovery key's record is not signed by enough custodians, or was exchanged. Subject: the key.
        RecoveryBroken = "recovery-broken",
        /// The recovery key was used to let somebody in. Subject: the team.
        RecoveryUsed = "recovery-used",
        /// The audit log is not as it was signed. Subject: the entry.
        AuditBroken = "audit-broken",
        /// Somebody has set up another authenticator. Subject: the account.
        AuthenticatorReplaced = "authenticator-replaced",
        /// Ten wrong codes or passphrases in an hour. Subject: the account.
        FactorRests = "factor-rests",
        /// Five wrong codes or passphrases ended a session. Subject: the account.
        SessionEnded = "session-ended",
        /// A process works with an old copy of the server's credentials. Subject: what it does.
        CredentialsOld = "credentials-old",
        /// The machine's clock does not go with what is remembered, or has leapt. Subject: what it said, and what was counted.
        ClockLeapt = "clock-leapt",
        /// What is remembered outside the database is missing, or contradicts it. Subject: the file.
        WitnessBroken = "witness-broken",
    }
}

/// Something that is wrong, before it is told of.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Fault {
    /// What it is.
    pub kind: AlarmKind,
    /// The channel, or the id of the team or key.
    pub subject: String,
    /// How it is wrong: another way is another fault.
    pub why: String,
}
