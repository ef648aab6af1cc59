//! The beginning of a change: the new generation, wrapped to the members that the old one vouches for, in one transaction.

use super::recovery;
use crate::domain::alarm::AlarmKind;
use crate::domain::audit::AuditEvent;
use crate::domain::clock::Day;
use crate::domain::ids::TeamId;
use crate::domain::keys::{KeyKind, KeyState};
use crate::domain::rotation::RotationState;
use crate::domain::staff::MemberState;
use crate::domain::submission::SUITE_X25519;
use crate::seal::chain::{CustodianPins, Generation};
use crate::seal::opening::KeyRecord;
use crate::seal::opening::{self, TeamSecrets};
use crate::seal::random;
use crate::service::error::Error;
use crate::service::keyring::{MemberKeys, TeamKeyring};
use crate::service::txn::Txn;
use crate::service::vouched::{Vouched, check_chain, known};
use crate::store::{self, KeyRow, StoreError, WrapRow, WriteTxn};

/// Makes the new generation and puts it in force. `false` if there is no order any more that has not begun.
///
/// # Errors
/// [`Error::Refused`] if the team's records do not verify, or the caller is not a member in good standing.
pub(super) fn begin_in_txn(
    txn: &mut Txn<'_>,
    pins: &CustodianPins,
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
    let ring = hand.keyring(txn, team)?.ok_or(Error::Refused)?;
    check_chain(txn, pins, team, &ring)?;
    let members = vouched(txn, team, &ring)?;
    if !members.iter().any(|known| known.member.staff == hand.staff) {
        tracing::error!(%team, "ALARM: the team's key does not vouch for a member who holds it");
        return Err(Error::Refused);
    }

    let secrets = TeamSecrets::generate();
    let generation = Generation {
        team,
        number: ring.active.row.generation.saturating_add(1),
        key: random::key_id(),
        recipient: secrets.identity().recipient(),
        verify_key: secrets.signing().verify_key(),
        members: members.iter().map(|known| known.member.staff).collect(),
    };
    let signature = generation.sign(ring.active.secrets.signing());
    store::key_move(
        txn,
        ring.active.row.id,
        KeyState::Active,
        KeyState::Retiring,
    )?;
    store::key_insert(txn, &row(&generation, *signature.as_bytes(), day))?;
    for known in &members {
        wrap_in_txn(txn, hand, known, &generation, &secrets)?;
        let word = known.member.sign(secrets.signing());
        let staff = known.member.staff;
        store::membership_vouch(txn, team, staff, word.as_bytes(), generation.key)?;
    }
    recovery::wrap_new_in_txn(txn, pins, &generation, &secrets)?;
    store::rotation_begin(txn, order.id, generation.key)?;
    txn.record(
        hand.staff,
        AuditEvent::RotationBegun {
            team,
            order: order.id,
            key: generation.key,
            members: members.len(),
        },
    )?;
    Ok(true)
}

/// Members whose keys the active generation has signed. The others get no wrap, and it is told of them.
fn vouched(
    txn: &mut Txn<'_>,
    team: TeamId,
    ring: &TeamKeyring,
) -> Result<Vec<Vouched>, StoreError> {
    let signer = ring.active.secrets.signing().verify_key();
    let mut members = Vec::new();
    for membership in store::memberships_of_team(txn, team)? {
        if membership.state != MemberState::Member {
            continue;
        }
        if let Some(known) = known(txn, &membership, &signer)? {
            members.push(known);
            continue;
        }
        tracing::error!(%team, staff = %membership.staff, "ALARM: nobody vouched for a member's key; it gets no wrap");
        txn.record(
            None,
            AuditEvent::MemberUnvouched {
                team,
                person: membership.staff,
            },
        )?;
        let kind = AlarmKind::MemberUnvouched;
        txn.raise(kind, &team.to_string())?;
    }
    Ok(members)
}

/// One wrap. One's own is opened before it is kept.
fn wrap_in_txn(
    conn: &mut WriteTxn<'_>,
    hand: &MemberKeys,
    known: &Vouched,
    generation: &Generation,
    secrets: &TeamSecrets,
) -> Result<(), Error> {
    let sealed = opening::seal_wrap(
        &known.member.recipient,
        generation.key,
        generation.number,
        secrets,
    )
    .map_err(|_| Error::Unavailable)?;
    if known.member.staff == hand.staff {
        let record = KeyRecord {
            key: generation.key,
            generation: generation.number,
            recipient: generation.recipient.as_str(),
            verify_key: generation.verify_key.as_bytes(),
        };
        opening::open_wrap(hand.keys.identity(), &sealed, &record)
            .map_err(|_| Error::Unavailable)?;
    }
    let row = WrapRow {
        parent: known.key,
        child: generation.key,
        sealed,
    };
    Ok(store::wrap_insert(conn, &row)?)
}

fn row(generation: &Generation, signature: [u8; 64], day: Day) -> KeyRow {
    KeyRow {
        id: generation.key,
        kind: KeyKind::Team,
        owner: *generation.team.as_bytes(),
        generation: generation.number,
        suite: SUITE_X25519,
        recipient: generation.recipient.to_string(),
        verify_key: *generation.verify_key.as_bytes(),
        state: KeyState::Active,
        signature: Some(signature),
        members: generation.members.clone(),
        from: day,
    }
}
