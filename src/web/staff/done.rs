//! What has just been done, as a redirect carries it to the next page.

use crate::domain::named::named;
use crate::locale::Translator;
use crate::web::staff::answer::{Answer, see_other};

named! {
    /// Each has its sentence in the languages, as `done-NAME`.
    Done {
        Act = "act",
        ActedUpon = "acted-upon",
        Admitted = "admitted",
        Agreed = "agreed",
        AlarmSeen = "alarm-seen",
        Approved = "approved",
        Assigned = "assigned",
        Authenticator = "authenticator",
        Claimed = "claimed",
        Clock = "clock",
        CredentialOrdered = "credential-ordered",
        Disabled = "disabled",
        DisabledKept = "disabled-kept",
        Dismissed = "dismissed",
        Held = "held",
        Joined = "joined",
        Key = "key",
        Lead = "lead",
        MailArrived = "mail-arrived",
        MailTested = "mail-tested",
        Message = "message",
        Moved = "moved",
        Note = "note",
        Objected = "objected",
        Passphrase = "passphrase",
        Proposed = "proposed",
        RecoveryCode = "recovery-code",
        RecoveryRegistered = "recovery-registered",
        RecoverySigned = "recovery-signed",
        RecoveryTeam = "recovery-team",
        Refused = "refused",
        Released = "released",
        RenewalOrdered = "renewal-ordered",
        Restricted = "restricted",
        Retained = "retained",
        Retry = "retry",
        RotationAgain = "rotation-again",
        RotationCarried = "rotation-carried",
        RotationOrdered = "rotation-ordered",
        Rules = "rules",
        RulesStopped = "rules-stopped",
        RulesWished = "rules-wished",
        Shared = "shared",
        Shredded = "shredded",
        Signed = "signed",
        SignedOut = "signed-out",
        Team = "team",
        Urgency = "urgency",
    }
}

impl Done {
    /// On to that page, which says so.
    pub(super) fn at(self, page: &str) -> Answer {
        let and = if page.contains('?') { '&' } else { '?' };
        see_other(&format!("{page}{and}done={self}"))
    }

    /// On to the keys: it is ordered now, or was already.
    pub(super) fn ordered(self, new: bool) -> Answer {
        if new { self } else { Self::RotationAgain }.at("/keys")
    }

    /// In words.
    pub(super) fn text(self, t: &Translator) -> String {
        t.text(&format!("done-{self}"))
    }
}
