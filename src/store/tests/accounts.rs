//! People, what unlocks them, sessions, teams and keys.

use super::fixture::{NOW, World, bytes, confirmed, key_row, sealed, staff};
use crate::domain::keys::{KeyKind, KeyState};
use crate::domain::staff::{MemberState, StaffState, UnlockMethod};
use crate::store::*;

#[test]
fn an_invited_person_becomes_active_once() {
    let world = World::new();
    let id = world.caseworker("anna");
    world.write(|conn| staff_activate(conn, id, "age1anna", &[3; 32]));
    let anna = world
        .read(|conn| staff_by_handle(conn, "anna"))
        .expect("anna is there");
    assert_eq!(anna.state, StaffState::Active);
    assert_eq!(anna.recipient.as_deref(), Some("age1anna"));
    assert_eq!(anna.verify_key, Some([3; 32]));
    let again = world.try_write(|conn| staff_activate(conn, id, "age1other", &[4; 32]));
    assert!(matches!(again, Err(StoreError::Stale)));
    let taken = world.try_write(|conn| staff_insert(conn, &staff("anna")));
    assert!(matches!(taken, Err(StoreError::Conflict)));
}

#[test]
fn an_invitation_works_once_and_for_a_time() {
    let world = World::new();
    let staff = world.caseworker("anna");
    let invitation = Invitation {
        token_hash: bytes(),
        staff,
        expires_at: NOW.plus(60),
        secret_ct: None,
    };
    let token = &invitation.token_hash;
    world.write(|conn| invitation_put(conn, &invitation));
    assert!(
        world
            .read(|conn| invitation_find(conn, token, NOW))
            .is_some()
    );
    assert!(
        world
            .read(|conn| invitation_find(conn, token, NOW.plus(60)))
            .is_none()
    );
    assert!(!world.write(|conn| invitation_use(conn, token, NOW.plus(60))));
    assert!(world.write(|conn| invitation_use(conn, token, NOW)));
    assert!(!world.write(|conn| invitation_use(conn, token, NOW)));

    world.write(|conn| invitation_put(conn, &invitation));
    assert_eq!(
        world.read(invitations_pending),
        [(staff, invitation.expires_at)]
    );
    assert_eq!(
        world.write(|conn| invitations_expire(conn, confirmed(NOW.plus(60)))),
        [staff]
    );
}

#[test]
fn unlock_rows_are_replaced_and_second_factors_used_once() {
    let world = World::new();
    let staff = world.caseworker("anna");
    let mut row = UnlockRow {
        staff,
        method: UnlockMethod::Passphrase,
        salt: bytes(),
        pepper_version: 1,
        sealed: sealed(b"first"),
    };
    world.write(|conn| unlock_put(conn, &row));
    row.pepper_version = 2;
    world.write(|conn| unlock_put(conn, &row));
    let found = world
        .read(|conn| unlock_find(conn, staff, UnlockMethod::Passphrase))
        .expect("a row");
    assert_eq!((found.pepper_version, found.salt), (2, row.salt));
    assert!(
        world
            .read(|conn| unlock_find(conn, staff, UnlockMethod::Recovery))
            .is_none()
    );

    assert!(world.write(|conn| totp_use(conn, staff, 100)));
    assert!(!world.write(|conn| totp_use(conn, staff, 100)));
    assert!(!world.write(|conn| totp_use(conn, staff, 99)));
    assert!(world.write(|conn| totp_use(conn, staff, 101)));
}

fn session(staff: crate::domain::ids::StaffId) -> Session {
    Session {
        row_key: bytes(),
        staff,
        blob: vec![1, 2, 3],
        expires_at: NOW.plus(1_000),
        idle_expires_at: NOW.plus(100),
        n: 1,
    }
}

#[test]
fn sessions_end_when_idle_when_old_and_when_their_person_is_disabled() {
    let world = World::new();
    let staff = world.caseworker("anna");
    let (one, two) = (session(staff), session(staff));
    world.write(|conn| session_insert(conn, &one));
    world.write(|conn| session_insert(conn, &two));
    let live = |at| world.read(|conn| session_find(conn, &one.row_key, at));
    assert_eq!(live(NOW).expect("live").blob, one.blob);
    assert!(live(NOW.plus(100)).is_none());
    world.write(|conn| session_touch(conn, &one.row_key, NOW.plus(5_000)));
    assert!(live(NOW.plus(100)).is_some());
    assert!(live(NOW.plus(1_000)).is_none());
    let later = confirmed(NOW.plus(100));
    assert_eq!(world.write(|conn| sessions_expire(conn, later)), 1);

    world.write(|conn| staff_disable(conn, staff));
    assert!(live(NOW).is_none());
    assert_eq!(
        world.read(|conn| staff_find(conn, staff)).state,
        StaffState::Disabled
    );
}

#[test]
fn a_disabled_person_has_nothing_to_unlock_with() {
    let world = World::new();
    let staff = world.caseworker("anna");
    let row = UnlockRow {
        staff,
        method: UnlockMethod::Recovery,
        salt: bytes(),
        pepper_version: 1,
        sealed: sealed(b"secrets"),
    };
    world.write(|conn| unlock_put(conn, &row));
    world.write(|conn| staff_disable(conn, staff));
    assert!(
        world
            .read(|conn| unlock_find(conn, staff, UnlockMethod::Recovery))
            .is_none()
    );
}

#[test]
fn people_come_into_teams_step_by_step() {
    let world = World::new();
    let (zoe, anna) = (world.caseworker("zoe"), world.caseworker("anna"));
    for staff in [zoe, anna] {
        let row = Membership {
            team: world.team,
            staff,
            lead: staff == zoe,
            state: MemberState::Invited,
        };
        world.write(|conn| membership_insert(conn, &row));
    }
    let step = |from, to| world.try_write(|conn| membership_move(conn, world.team, anna, from, to));
    step(MemberState::Invited, MemberState::Waiting).expect("moved");
    assert!(matches!(
        step(MemberState::Invited, MemberState::Waiting),
        Err(StoreError::Stale)
    ));
    let team = world.read(|conn| memberships_of_team(conn, world.team));
    assert_eq!(team[0].staff, anna, "by handle");
    assert!(team[1].lead);
    let hers = world.read(|conn| memberships_of_staff(conn, anna));
    assert_eq!((hers[0].state, hers[0].lead), (MemberState::Waiting, false));
    assert!(world.write(|conn| membership_delete(conn, world.team, anna)));
    assert!(!world.write(|conn| membership_delete(conn, world.team, anna)));
}

#[test]
fn keys_go_one_way_and_open_one_another() {
    let world = World::new();
    let anna = world.caseworker("anna");
    let team = key_row(world.team, 2);
    let own = KeyRow {
        kind: KeyKind::Staff,
        owner: *anna.as_bytes(),
        ..key_row(world.team, 1)
    };
    let wrap = WrapRow {
        parent: own.id,
        child: team.id,
        sealed: sealed(b"wrap"),
    };
    world.write(|conn| {
        key_insert(conn, &team)?;
        key_insert(conn, &own)?;
        wrap_insert(conn, &wrap)
    });
    let opened = world.read(|conn| wraps_of_parent(conn, own.id));
    assert_eq!(opened[0].1, team);
    assert_eq!(world.read(|conn| wrap_parents(conn, team.id)), [own.id]);
    assert_eq!(world.read(|conn| keys_of_staff(conn, anna)), [own]);
    assert_eq!(world.read(|conn| keys_of_team(conn, world.team)).len(), 2);

    let faster = world.try_write(|conn| key_insert(conn, &key_row(world.team, 2)));
    assert!(matches!(faster, Err(StoreError::Conflict)));
    world.write(|conn| key_move(conn, team.id, KeyState::Active, KeyState::Retiring));
    for (from, to) in [
        (KeyState::Active, KeyState::Retiring),
        (KeyState::Retiring, KeyState::Active),
        (KeyState::Retiring, KeyState::Destroyed),
    ] {
        let refused = world.try_write(|conn| key_move(conn, team.id, from, to));
        assert!(matches!(refused, Err(StoreError::Stale)), "{from} {to}");
    }
    assert!(world.write(|conn| wrap_delete(conn, wrap.parent, wrap.child)));
}
