//! The file itself: its mode, its address, its copies.

use std::os::unix::fs::PermissionsExt;

use super::fixture::World;
use crate::store::*;

#[test]
fn only_the_owner_reads_the_files() {
    let world = World::new();
    world.report();
    let mut seen = Vec::new();
    for entry in std::fs::read_dir(world.folder.path()).expect("the folder") {
        let entry = entry.expect("an entry");
        let mode = entry.metadata().expect("metadata").permissions().mode();
        assert_eq!(mode & 0o777, 0o600, "{:?}", entry.file_name());
        seen.push(entry.file_name().into_string().expect("a name"));
    }
    assert!(seen.contains(&"kapea.db-wal".to_owned()), "{seen:?}");
}

#[test]
fn opening_again_finds_what_was_there() {
    let world = World::new();
    let sent = world.report();
    let again = Store::open_path(&world.path()).expect("opened");
    again
        .blocking(|conn| report_by_id(conn, sent.report))
        .expect("there");
}

#[test]
fn a_copy_is_read_and_not_changed() {
    let world = World::new();
    let sent = world.report();
    let copy = tempfile::TempDir::new().expect("a folder");
    for entry in std::fs::read_dir(world.folder.path()).expect("the folder") {
        let entry = entry.expect("an entry");
        std::fs::copy(entry.path(), copy.path().join(entry.file_name())).expect("copied");
    }
    let path = copy.path().join("kapea.db");
    let store = Store::open_read_only(Location::Sqlite(path.clone())).expect("opened");
    store
        .blocking(|conn| report_find(conn, sent.report, &[world.key]))
        .expect("what was only in the journal is seen");
    let refused = store.blocking(write_probe);
    assert!(matches!(refused, Err(StoreError::ReadOnly)), "{refused:?}");
    let missing = Store::open_read_only(Location::Sqlite(copy.path().join("other.db")));
    assert!(matches!(missing, Err(StoreError::NotFound)));
    assert!(!copy.path().join("other.db").exists());
}

#[test]
fn a_copy_without_journal_in_a_folder_that_cannot_be_written_is_read() {
    let world = World::new();
    let sent = world.report();
    assert!(world.read(journal_scrub));
    let copy = tempfile::TempDir::new().expect("a folder");
    let path = copy.path().join("kapea.db");
    std::fs::copy(world.path(), &path).expect("copied");
    let mode = |bits| std::fs::Permissions::from_mode(bits);
    std::fs::set_permissions(&path, mode(0o400)).expect("set");
    std::fs::set_permissions(copy.path(), mode(0o500)).expect("set");
    let store = Store::open_read_only(Location::Sqlite(path)).expect("opened");
    store
        .blocking(|conn| report_by_id(conn, sent.report))
        .expect("there");
    std::fs::set_permissions(copy.path(), mode(0o700)).expect("set");
}

#[test]
fn the_probe_writes() {
    let world = World::new();
    world.read(write_probe);
    let first = world.read(|conn| setting_find(conn, "probe"));
    world.read(write_probe);
    assert_ne!(world.read(|conn| setting_find(conn, "probe")), first);
}

#[test]
fn every_connection_is_set_up() {
    use diesel::RunQueryDsl;
    use diesel::sql_types::BigInt;

    #[derive(diesel::QueryableByName)]
    struct Value {
        #[diesel(sql_type = BigInt)]
        value: i64,
    }
    let world = World::new();
    for (pragma, expected) in [
        ("foreign_keys", 1),
        ("synchronous", 2),
        ("secure_delete", 1),
        ("temp_store", 2),
        ("busy_timeout", 5_000),
    ] {
        let column = if pragma == "busy_timeout" {
            "timeout"
        } else {
            pragma
        };
        let query = format!("SELECT {column} AS value FROM pragma_{pragma}");
        let found: Value = world.read(|conn| Ok(diesel::sql_query(query).get_result(conn)?));
        assert_eq!(found.value, expected, "{pragma}");
    }
    assert!(world.path().with_extension("db-wal").exists());
}

#[tokio::test]
async fn the_disk_is_looked_at_once_for_all_who_open_a_form_within_seconds() {
    let world = World::new();
    let source = &world.store.source;
    let seen = source.disk_lately().await;
    assert!(seen.is_some());
    std::fs::remove_file(world.path()).expect("removed");
    assert_eq!(source.disk(), None, "another look finds nothing");
    assert_eq!(source.disk_lately().await, seen);
}
