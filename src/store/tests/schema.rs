//! The hand-kept schema is the migrated one, and every table is of the kind that tells no order.

use std::collections::BTreeMap;

use diesel::RunQueryDsl;
use diesel::sql_types::{BigInt, Text};

use super::fixture::World;
use crate::store::DbConnection;

/// Column name to type, whether it may be null, and whether it is in the primary key.
type Columns = BTreeMap<String, (String, bool, bool)>;

#[derive(diesel::QueryableByName)]
struct TableRow {
    #[diesel(sql_type = Text)]
    name: String,
    #[diesel(sql_type = BigInt)]
    wr: i64,
    #[diesel(sql_type = BigInt)]
    strict: i64,
}

#[derive(diesel::QueryableByName)]
struct ColumnRow {
    #[diesel(sql_type = Text)]
    name: String,
    #[diesel(sql_type = Text)]
    kind: String,
    #[diesel(sql_type = BigInt)]
    required: i64,
    #[diesel(sql_type = BigInt)]
    pk: i64,
}

fn tables(conn: &mut DbConnection) -> Vec<TableRow> {
    diesel::sql_query(
        "SELECT name, wr, strict FROM pragma_table_list WHERE schema = 'main'
         AND name NOT LIKE 'sqlite_%' AND name <> '__diesel_schema_migrations' ORDER BY name",
    )
    .load(conn)
    .expect("the list of tables")
}

fn migrated() -> BTreeMap<String, Columns> {
    let world = World::new();
    world.read(|conn| {
        let tables = tables(conn);
        let described = tables.into_iter().map(|table| {
            let query = format!(
                "SELECT name, type AS kind, \"notnull\" AS required, pk FROM pragma_table_info('{}')",
                table.name
            );
            let rows: Vec<ColumnRow> = diesel::sql_query(query).load(conn).expect("the columns");
            let columns = rows
                .into_iter()
                .map(|row| (row.name, (row.kind, row.required == 0, row.pk > 0)));
            (table.name, columns.collect())
        });
        Ok(described.collect())
    })
}

/// Reads `table! { name (keys) { column -> Type, } }`.
fn written_down() -> BTreeMap<String, Columns> {
    include_str!("../schema.rs")
        .split("diesel::table! {")
        .skip(1)
        .map(|text| {
            let (head, rest) = text.split_once('{').expect("a body");
            let (name, keys) = head.trim().split_once(" (").expect("a primary key");
            let keys: Vec<_> = keys.trim_end_matches(')').split(", ").collect();
            let (body, _) = rest.split_once('}').expect("an end");
            let columns = body.split(',').filter_map(|column| {
                let (name, kind) = column.trim().split_once(" -> ")?;
                let nullable = kind.strip_prefix("Nullable<");
                let kind = nullable.map_or(kind, |inner| inner.trim_end_matches('>'));
                let kind = match kind {
                    "Binary" => "BLOB",
                    "Text" => "TEXT",
                    "BigInt" | "Bool" => "INTEGER",
                    other => panic!("{other} has no column type"),
                };
                let described = (kind.to_owned(), nullable.is_some(), keys.contains(&name));
                Some((name.to_owned(), described))
            });
            (name.to_owned(), columns.collect())
        })
        .collect()
}

#[test]
fn the_schema_is_the_migrated_one() {
    let (written, migrated) = (written_down(), migrated());
    assert!(written.len() > 20, "the reader of schema.rs reads it");
    assert_eq!(written, migrated);
}

#[test]
fn no_table_has_a_hidden_counter() {
    let world = World::new();
    for table in world.read(|conn| Ok(tables(conn))) {
        assert_eq!((table.wr, table.strict), (1, 1), "{}", table.name);
    }
}
