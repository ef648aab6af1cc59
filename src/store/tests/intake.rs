//! A report comes in; its mailbox is used and closed.

use super::fixture::{NOW, World, bytes, confirmed, key_row, mail_item, object, ordinary, sealed};
use crate::domain::clock::Timestamp;
use crate::domain::ids::{KeyId, MailItemId};
use crate::domain::keys::KeyState;
use crate::domain::state::State;
use crate::store::*;

#[test]
fn a_report_comes_in_whole() {
    let world = World::new();
    let sent = world.report();

    let (report, grant) = world.read(|conn| report_find(conn, sent.report, &[world.key]));
    assert_eq!(report.state, State::Received);
    assert_eq!(report.recipient, sent.recipient);
    assert_eq!(report.card, sent.objects[0].id);
    assert_eq!(grant.sealed, sent.grant);

    let objects = world.read(|conn| objects_of_report(conn, sent.report));
    assert_eq!(objects.len(), 2);
    for object in &sent.objects {
        let found = objects.iter().find(|row| row.id == object.id);
        assert_eq!(found.expect("stored").sealed, object.sealed);
    }
    let card = world.read(|conn| mailbox_card(conn, &sent.mailbox.lookup, NOW.day()));
    assert_eq!(card, Some(sent.mailbox.card));
    let later = Timestamp::from_seconds(NOW.seconds() + 3_600);
    assert_eq!(
        world
            .write(|conn| events_due(conn, Wanted::Ordinary, (later, later)))
            .len(),
        1
    );
}

#[test]
fn the_same_form_twice_is_one_report() {
    let world = World::new();
    let first = world.report();
    let mut second = world.submission();
    second.mailbox.lookup = first.mailbox.lookup;

    let outcome = world.try_write(|conn| report_insert(conn, &second, &ordinary()));
    assert!(matches!(outcome, Err(StoreError::Conflict)));
    assert_eq!(world.reports(), 1, "nothing of the second is there");
}

/// A caller takes a conflict for "sent before" and shows a code for it: nothing else may be one.
#[test]
fn no_other_trouble_looks_like_a_form_sent_twice() {
    let world = World::new();
    let first = world.report();
    let mut same_id = world.submission();
    same_id.report = first.report;
    let mut no_channel = world.submission();
    no_channel.channel = "elsewhere".to_owned();
    let mut no_card = world.submission();
    no_card.objects.clear();
    for submission in [same_id, no_channel, no_card] {
        let outcome = world.try_write(|conn| report_insert(conn, &submission, &ordinary()));
        let error = outcome.expect_err("refused");
        assert!(!matches!(error, StoreError::Conflict), "{error}");
    }
}

#[test]
fn without_a_grant_a_report_is_not_there() {
    let world = World::new();
    let sent = world.report();
    let other = KeyId::from_bytes(bytes());
    for holding in [vec![], vec![other]] {
        let outcome = world
            .store
            .blocking(|conn| report_find(conn, sent.report, &holding));
        assert!(matches!(outcome, Err(StoreError::NotFound)));
    }
}

#[test]
fn a_second_team_gets_a_grant_of_its_own_only_under_an_active_key() {
    let world = World::new();
    let sent = world.report();
    let active = key_row(world.team, 2);
    let pending = KeyRow {
        state: KeyState::Pending,
        ..key_row(world.team, 3)
    };
    world.write(|conn| {
        key_insert(conn, &active)?;
        key_insert(conn, &pending)?;
        grant_insert(conn, sent.report, active.id, &sealed(b"second"))
    });
    let outcome =
        world.try_write(|conn| grant_insert(conn, sent.report, pending.id, &sealed(b"third")));
    assert!(matches!(outcome, Err(StoreError::Stale)));
    let mut keys = world.read(|conn| grant_keys(conn, sent.report));
    keys.sort();
    let mut expected = vec![world.key, active.id];
    expected.sort();
    assert_eq!(keys, expected);
}

#[test]
fn objects_are_added() {
    let world = World::new();
    let sent = world.report();
    let note = object(2, b"note");
    world.write(|conn| object_insert(conn, sent.report, "age1recipient", &note));
    assert_eq!(
        world
            .read(|conn| objects_of_report(conn, sent.report))
            .len(),
        3
    );
    let again = world.try_write(|conn| object_insert(conn, sent.report, "age1recipient", &note));
    assert!(matches!(again, Err(StoreError::Conflict)));
    for taken in [2, 4] {
        let other = object(taken, b"other");
        let outcome =
            world.try_write(|conn| object_insert(conn, sent.report, "age1recipient", &other));
        assert!(matches!(outcome, Err(StoreError::Stale)), "number {taken}");
    }
    let other = object(3, b"other");
    let late = world.try_write(|conn| object_insert(conn, sent.report, "age1old", &other));
    assert!(
        matches!(late, Err(StoreError::Stale)),
        "sealed to an old key"
    );
}

#[test]
fn what_is_deleted_is_gone_from_the_files() {
    let world = World::new();
    let sent = world.report();
    let lookup = sent.mailbox.lookup;
    let (one, two) = (mail_item(1, b"MARK-ONE"), mail_item(2, b"MARK-TWO"));
    for item in [&one, &two] {
        assert!(world.write(|conn| mail_item_insert(conn, &lookup, item)));
    }
    assert_eq!(world.read(|conn| mail_items(conn, &lookup)).len(), 2);
    assert!(world.contains(b"MARK-ONE"));

    let again = world.try_write(|conn| mail_item_insert(conn, &lookup, &mail_item(2, b"again")));
    assert!(
        matches!(again, Err(StoreError::Stale)),
        "its number is taken"
    );
    let (gone, unknown) = (sealed(b"gone"), MailItemId::from_bytes(bytes()));
    assert!(world.write(|conn| mail_item_delete(conn, &lookup, one.id, &gone)));
    assert!(!world.write(|conn| mail_item_delete(conn, &lookup, unknown, &gone)));
    assert_eq!(world.read(|conn| mail_items(conn, &lookup)).len(), 2);
    assert!(world.read(journal_scrub));
    assert!(!world.contains(b"MARK-ONE"));
    assert!(world.contains(b"MARK-TWO"));

    assert!(world.write(|conn| mailbox_close(conn, &lookup)));
    assert!(world.read(journal_scrub));
    for gone in [b"MARK-TWO".as_slice(), b"mailbox card", &lookup] {
        assert!(!world.contains(gone));
    }
    assert!(!world.write(|conn| mail_item_insert(conn, &lookup, &two)));
    assert!(world.contains(b"answers"), "the report itself stays");
}

#[test]
fn mailboxes_expire_by_the_day() {
    let world = World::new();
    let sent = world.report();
    let last = sent.mailbox.expires.plus(-1);
    let lookup = sent.mailbox.lookup;
    assert_eq!(
        world.write(|conn| mailboxes_expire(conn, confirmed(last.start()))),
        0
    );
    assert!(
        world
            .read(|conn| mailbox_card(conn, &lookup, last))
            .is_some()
    );
    assert!(
        world
            .read(|conn| mailbox_card(conn, &lookup, last.plus(1)))
            .is_none()
    );
    let day = confirmed(last.plus(1).start());
    assert_eq!(world.write(|conn| mailboxes_expire(conn, day)), 1);
}
