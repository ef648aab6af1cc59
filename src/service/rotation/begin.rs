//! The beginning of a change: the new generation, wrapped to the members that the team's ledger names, in one transaction.

use super::recovery;
use crate::domain::alarm::AlarmKind;
use crate::domain::audit::AuditEvent;
use crate::domain::ids::{StaffId, TeamId};
use crate::domain::keys::KeyState;
use crate::domain::rotation::RotationState;
use crate::domain::staff::StaffState;
use crate::ledger::team::{Generation, Member, TeamBody, TeamState};
use crate::seal::opening::{self, TeamSecrets};
use crate::seal::random;
use crate::service::error::Error;
use crate::service::keyring::{self, MemberKeys, generation_row, public_keys, public_of};
use crate::service::txn::Txn;
use crate::store::{self, KeyRow, WrapRow};

/// Makes the new generation and puts it in force. `false` if there is no order any more that has not begun.
///
/// # Errors
/// [`Error::Refused`] if the team's records do not verify, or the caller is not a member in good standing.
pub(super) fn begin_in_txn(
    txn: &mut Txn<'_>,
    hand: &MemberKeys,
    team: TeamId,
) -> Result<bool, Error> {
    let day = txn.today();
    let open = store::rotations_open(txn, team)?;
    if open.iter().any(|order| order.state == RotationState::Begun) {
        return Ok(false);
    }
    let Some(order) = open.into_iter().next() else {
        return Ok(false);
    };
    let state = txn.team(team)?;
    let ring = hand.keyring(txn, team)?.ok_or(Error::Refused)?;
    if !hand.is_in(&state) || !ring.fits(&state) {
        tracing::error!(event = "records-broken", %team, "ALARM: the team's ledger does not lead to a member who holds its key");
        return Err(Error::Refused);
    }

    let state = close_in_txn(txn, hand, (team, state))?;
    // Whoever has come to a suite does not go back, whatever this process would make anew.
    let suite = ring.active.secrets.identity().suite();
    let secrets = TeamSecrets::generate(suite.max(txn.authority().newest_suite()));
    let generation = Generation {
        number: state.generation.number.saturating_add(1),
        key: random::key_id(),
        keys: public_of(&secrets),
    };
    let signers = [
        hand.keys.signing(),
        ring.active.secrets.signing(),
        secrets.signing(),
    ];
    let body = TeamBody::Generation(generation.clone());
    let state = txn.say(team, hand.staff, &signers, body)?;
    store::key_move(
        txn,
        ring.active.row.id,
        KeyState::Active,
        KeyState::Retiring,
    )?;
    let row = generation_row(team, &generation, day);
    store::key_insert(txn, &row)?;
    for (staff, member) in &state.members {
        wrap_in_txn(txn, hand, (team, *staff, member), &row, &secrets)?;
    }
    if state.recovery {
        recovery::wrap_new_in_txn(txn, &row, &secrets)?;
    }
    store::rotation_begin(txn, order.id, generation.key)?;
    txn.record(
        hand.staff,
        AuditEvent::RotationBegun {
            team,
            order: order.id,
            key: generation.key,
            members: state.members.len(),
        },
    )?;
    Ok(true)
}

/// Whose account was closed while the ledger took nothing is still in it: they go before the new key is made.
fn close_in_txn(
    txn: &mut Txn<'_>,
    hand: &MemberKeys,
    (team, mut state): (TeamId, TeamState),
) -> Result<TeamState, Error> {
    let signing = hand.keys.signing();
    for person in state.members.keys().copied().collect::<Vec<_>>() {
        if store::staff_find(txn, person)?.state == StaffState::Disabled {
            let by = Some(signing.verify_key());
            let body = TeamBody::Exit { person, by };
            state = txn.say(team, hand.staff, &[signing], body)?;
        }
    }
    Ok(state)
}

/// One wrap. One's own is opened before it is kept. A member whose row has other keys than the ledger gets none, and it is told of them.
fn wrap_in_txn(
    txn: &mut Txn<'_>,
    hand: &MemberKeys,
    (team, staff, member): (TeamId, StaffId, &Member),
    row: &KeyRow,
    secrets: &TeamSecrets,
) -> Result<(), Error> {
    let own = store::staff_key_active(txn, staff)?;
    let own = own.filter(|own| public_keys(own).as_ref() == Some(&member.keys));
    let Some(own) = own else {
        tracing::error!(event = "records-broken", %team, %staff, "ALARM: a member's key is not the one in the team's ledger; it gets no wrap");
        txn.record(
            None,
            AuditEvent::MemberUnvouched {
                team,
                person: staff,
            },
        )?;
        txn.raise(AlarmKind::MemberUnvouched, &team.to_string())?;
        return Ok(());
    };
    let recipient = &member.keys.recipient;
    let sealed = opening::seal_wrap(recipient, row.id, row.generation, secrets)?;
    let wrap = WrapRow {
        parent: own.id,
        child: row.id,
        sealed,
    };
    if staff == hand.staff {
        keyring::open(hand.keys.identity(), &wrap, row).ok_or(Error::Unavailable)?;
    }
    Ok(store::wrap_insert(txn, &wrap)?)
}
