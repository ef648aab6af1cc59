//! SECURITY.md lists what stands in clear. The list and the real schema are the same, or this fails.

use std::collections::BTreeSet;

use kapea::store::Store;

/// Columns that hold an age file, a row sealed with a server credential, or a hash.
const SEALED: [&str; 24] = [
    "activities.sealed",
    "audit.body",
    "audit.commitment",
    "audit.leaf",
    "audit.mac",
    "epochs.sealed",
    "exports.sealed",
    "grants.sealed",
    "invitations.secret_ct",
    "invitations.token_hash",
    "mail_items.lookup",
    "mail_items.sealed",
    "mailboxes.card",
    "mailboxes.lookup",
    "objects.sealed",
    "outbox.address_ct",
    "processes.sealed",
    "proposals.sealed",
    "quarantine.sealed",
    "sessions.blob",
    "sessions.row_key",
    "ticket_keys.sealed",
    "unlocks.sealed",
    "wraps.sealed",
];

#[test]
fn every_clear_column_is_written_down() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("kapea.db");
    drop(Store::open_path(&path).unwrap());
    let mut conn = crate::support::sql::open(path);
    let columns: BTreeSet<String> = crate::support::sql::texts(
        &mut conn,
        "SELECT m.name || '.' || c.name FROM sqlite_master m JOIN pragma_table_info(m.name) c \
         WHERE m.type = 'table' AND m.name NOT LIKE '\\_\\_%' ESCAPE '\\' AND m.name NOT LIKE 'sqlite\\_%' ESCAPE '\\'",
    )
    .into_iter()
    .collect();
    let sealed: BTreeSet<String> = SEALED.iter().map(|name| (*name).to_owned()).collect();
    assert!(
        sealed.is_subset(&columns),
        "{:?} are in no table",
        sealed.difference(&columns)
    );
    let clear: BTreeSet<String> = columns.difference(&sealed).cloned().collect();
    let listed = listed();
    assert_eq!(
        clear.difference(&listed).collect::<Vec<_>>(),
        Vec::<&String>::new(),
        "not in SECURITY.md"
    );
    assert_eq!(
        listed.difference(&clear).collect::<Vec<_>>(),
        Vec::<&String>::new(),
        "only in SECURITY.md"
    );
}

fn listed() -> BTreeSet<String> {
    let text = include_str!("../../SECURITY.md");
    let (_, rest) = text.split_once("<!-- clear-columns:begin -->").unwrap();
    let (table, _) = rest.split_once("<!-- clear-columns:end -->").unwrap();
    let first_cells = table
        .lines()
        .filter_map(|line| line.strip_prefix('|')?.split('|').next());
    first_cells
        .flat_map(|cell| cell.split('`').skip(1).step_by(2))
        .map(str::to_owned)
        .collect()
}
