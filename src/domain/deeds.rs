//! The closed list of what the audit log tells of. Each has its sentence in the languages, as `deed-NAME`.

/// All of them, in the order of the alphabet.
pub const DEEDS: &[&str] = &[
    "account-closed",
    "account-closed-compromised",
    "account-made",
    "account-reset",
    "act",
    "act-approved",
    "act-proposed",
    "act-refused",
    "act-void",
    "act-withdrawn",
    "addresses-sealed-anew",
    "alarm-raised",
    "alarm-seen",
    "authenticator-replaced",
    "blank",
    "charter-signed",
    "claim-expired",
    "configuration-reloaded",
    "credential-changed",
    "credential-ordered",
    "credential-pruned",
    "exports-expired",
    "factor-rests",
    "grant-retried",
    "grant-set-aside",
    "hold-lifted",
    "hold-set",
    "mail-dismissed",
    "mail-tried-again",
    "mailboxes-expired",
    "member-approved",
    "member-let-in",
    "member-objected-to",
    "member-unvouched",
    "message-written",
    "note-written",
    "own-key-renewal-ordered",
    "own-key-renewed",
    "passphrase-changed",
    "passphrase-recovered",
    "pepper-followed",
    "person-invited",
    "person-invited-again",
    "recovery-code-changed",
    "recovery-drilled",
    "recovery-key-destroyed",
    "recovery-key-forgotten",
    "recovery-key-in-force",
    "recovery-key-registered",
    "recovery-key-signed",
    "recovery-used",
    "recovery-wrap-made",
    "recovery-wrap-removed",
    "report-assigned",
    "report-claimed",
    "report-exported",
    "report-moved",
    "report-not-opened",
    "report-read",
    "report-received",
    "report-rekey-ordered",
    "report-rekeyed",
    "report-released",
    "report-restricted",
    "report-shared",
    "report-shredded",
    "reporter-closed-mailbox",
    "reporter-deleted-message",
    "reporter-wrote",
    "retention-set",
    "rotation-begun",
    "rotation-finished",
    "rotation-ordered",
    "session-ended-wrong-codes",
    "sessions-ended",
    "shred-begun",
    "signed-in",
    "state-changed",
    "team-key-destroyed",
    "team-key-made",
    "team-made",
    "team-recovery-off",
    "team-recovery-on",
    "team-rules-agreed",
    "team-rules-set",
    "team-rules-stopped",
    "team-rules-wished",
    "tick",
    "trail-checked",
    "trail-read",
    "urgency-set",
];

/// The name as it is in the list. `None` for what is not in it.
pub fn known(name: &str) -> Option<&'static str> {
    let place = DEEDS.binary_search(&name).ok()?;
    DEEDS.get(place).copied()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_name_is_found() {
        for name in DEEDS {
            assert_eq!(known(name), Some(*name));
        }
        assert_eq!(known("something-else"), None);
    }
}
