//! Whom a team's key vouches for, as long as the team's records lead to that key.

use super::keyring::TeamKeyring;
use super::receivers;
use crate::domain::ids::{KeyId, TeamId};
use crate::domain::staff::StaffState;
use crate::seal::chain::CustodianPins;
use crate::seal::keys::{Signature, VerifyKey};
use crate::seal::member::Member;
use crate::service::error::Error;
use crate::store::{self, DbConnection, Membership, StoreError};

/// A member that the team's active generation vouches for, and their own key.
pub(super) struct Vouched {
    pub(super) member: Member,
    pub(super) key: KeyId,
}

/// The generation that the member opened must be the one that the signed records end with.
pub(super) fn check_chain(
    conn: &mut DbConnection,
    pins: &CustodianPins,
    team: TeamId,
    ring: &TeamKeyring,
) -> Result<(), Error> {
    match receivers::active_generation(conn, pins, team)? {
        Ok(newest)
            if newest.key == ring.active.row.id
                && newest.verify_key == ring.active.secrets.signing().verify_key() =>
        {
            Ok(())
        }
        outcome => {
            let error = outcome.err().map(|error| error.to_string());
            tracing::error!(%team, error, "ALARM: the team's key records do not verify; its key is not changed");
            Err(Error::Refused)
        }
    }
}

/// A member's keys, if this generation of the team has signed them.
pub(super) fn known(
    conn: &mut DbConnection,
    membership: &Membership,
    signer: &VerifyKey,
) -> Result<Option<Vouched>, StoreError> {
    let staff = membership.staff;
    if store::staff_find(conn, staff)?.state != StaffState::Active {
        return Ok(None);
    }
    let own = store::staff_key_active(conn, staff)?;
    let (Some(own), Some(signature)) = (own, membership.signature) else {
        return Ok(None);
    };
    let Ok(recipient) = own.recipient.parse() else {
        return Ok(None);
    };
    let member = Member {
        team: membership.team,
        staff,
        recipient,
        verify_key: VerifyKey::from_bytes(own.verify_key),
    };
    let holds = member
        .verify(signer, &Signature::from_bytes(signature))
        .is_ok();
    Ok(holds.then_some(Vouched {
        member,
        key: own.id,
    }))
}
