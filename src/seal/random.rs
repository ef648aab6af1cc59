//! Randomness from the operating system, and the ids made of it.

use crate::domain::ids::{
    InstallationId, KeyId, MailItemId, ObjectId, OutboxId, ProposalId, ReportId, RotationId,
    StaffId, TeamId,
};

/// `N` random bytes.
#[expect(
    clippy::expect_used,
    reason = "without the system's randomness nothing may go on: no id, no key, no nonce would be safe"
)]
pub fn bytes<const N: usize>() -> [u8; N] {
    let mut bytes = [0; N];
    getrandom::fill(&mut bytes).expect("the operating system gives random bytes");
    bytes
}

/// A new report id.
pub fn report_id() -> ReportId {
    ReportId::from_bytes(bytes())
}

/// A new object id.
pub fn object_id() -> ObjectId {
    ObjectId::from_bytes(bytes())
}

/// A new key id.
pub fn key_id() -> KeyId {
    KeyId::from_bytes(bytes())
}

/// A new team id.
pub fn team_id() -> TeamId {
    TeamId::from_bytes(bytes())
}

/// A new staff id.
pub fn staff_id() -> StaffId {
    StaffId::from_bytes(bytes())
}

/// A new id of an order to change a key.
pub fn rotation_id() -> RotationId {
    RotationId::from_bytes(bytes())
}

/// A new id of an act that waits for a second person.
pub fn proposal_id() -> ProposalId {
    ProposalId::from_bytes(bytes())
}

/// A new report id to begin a walk at.
pub fn report_place() -> ReportId {
    ReportId::from_bytes(bytes())
}

/// A new outbox id.
pub fn outbox_id() -> OutboxId {
    OutboxId::from_bytes(bytes())
}

/// A new installation id.
pub fn installation_id() -> InstallationId {
    InstallationId::from_bytes(bytes())
}

/// A new mail item id.
pub fn mail_item_id() -> MailItemId {
    MailItemId::from_bytes(bytes())
}

/// A number from 0 to `max`, both included; 0 if `max` is not positive.
pub fn jitter(max: i64) -> i64 {
    let Some(count) = u64::try_from(max).ok().and_then(|max| max.checked_add(1)) else {
        return 0;
    };
    i64::try_from(u64::from_be_bytes(bytes()) % count).unwrap_or(0)
}

/// A uniform number below `bound`, which must not be 0.
pub(super) fn below(bound: u16) -> u16 {
    let accepted = u16::MAX - u16::MAX % bound;
    loop {
        let number = u16::from_be_bytes(bytes());
        if number < accepted {
            return number % bound;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_differ() {
        assert_ne!(report_id(), report_id());
    }

    #[test]
    fn jitter_stays_within_its_bounds() {
        assert_eq!(jitter(0), 0);
        assert_eq!(jitter(-5), 0);
        assert!((0..1_000).all(|_| (0..=7).contains(&jitter(7))));
        assert!((0..1_000).any(|_| jitter(7) == 7));
    }

    #[test]
    fn numbers_below_a_bound_reach_all_of_it() {
        let mut seen = [false; 6];
        for _ in 0..1_000 {
            seen[usize::from(below(6))] = true;
        }
        assert_eq!(seen, [true; 6]);
    }
}
