//! What is damaged in the database: told of to those who must look, and shown where it is missed.

use std::collections::BTreeSet;

use super::alarm;
use super::audit_log::AuditLog;
use super::context::Context;
use super::txn::Txn;
use crate::domain::alarm::AlarmKind;
use crate::domain::clock::Timestamp;
use crate::store::{self, DbConnection, Store, StoreError, StoreResult, WriteTxn};

/// See the module.
#[derive(Clone)]
pub struct Damage {
    context: Context,
}

impl Damage {
    pub(super) fn new(context: Context) -> Self {
        Self { context }
    }

    /// The rows of a table that could not be read when it was last listed, by their ids. An empty one stands for the rest of the list.
    pub fn rows(&self, table: &str) -> Vec<String> {
        let rows = self.context.store.unreadable(table);
        rows.iter().map(store::Unreadable::name).collect()
    }
}

impl Context {
    /// Has those told who must look into what cannot be read. For every minute.
    pub async fn tend_damage(&self) {
        tell(&self.store, &self.audit_log, self.clock.now()).await;
    }
}

/// The tables in which something cannot be read, as this process knows and as alarms say.
pub(super) fn tables(store: &Store, conn: &mut DbConnection) -> StoreResult<BTreeSet<String>> {
    let mut tables: BTreeSet<String> = store.damaged().into_keys().collect();
    let alarms = store::unless_damaged(store::alarms_open(conn))?.into_iter();
    let alarms = alarms.filter(|alarm| alarm.kind == AlarmKind::DataDamaged);
    tables.extend(alarms.map(|alarm| alarm.subject));
    Ok(tables)
}

/// Raises an alarm for each table in which something cannot be read: once a day. Says how many.
pub async fn tell(store: &Store, audit_log: &AuditLog, now: Timestamp) -> usize {
    let (mut raised, today) = (0, now.day().to_string());
    for (table, said) in store.damaged() {
        let subject = format!("{table} damaged");
        if !audit_log.authority().is_news(&subject, Some(&today)) {
            continue;
        }
        tracing::error!(
            event = "database-damaged",
            table,
            said,
            "ALARM: something in the database cannot be read"
        );
        match raise(store, audit_log, table, now).await {
            Ok(is_new) => raised += usize::from(is_new),
            Err(error) => {
                tracing::error!(event = "alarm-unraised", %error, "an alarm could not be raised");
                if !error.is_damage() {
                    audit_log.authority().is_news(&subject, None);
                }
            }
        }
    }
    raised
}

async fn raise(
    store: &Store,
    audit_log: &AuditLog,
    table: String,
    now: Timestamp,
) -> Result<bool, StoreError> {
    let log = audit_log.clone();
    let raise = move |txn: &mut WriteTxn<'_>| {
        Txn::new(&log, txn.reborrow(), now).raise(AlarmKind::DataDamaged, &table)
    };
    match store.write(raise).await {
        // It may be the alarm's own tables: a letter says that there is something to look into.
        Err(error) if error.is_damage() => {
            let day = now.day();
            let notice = move |txn: &mut WriteTxn<'_>| alarm::notice_in_txn(txn, day);
            store.write(notice).await.map(|()| false)
        }
        raised => raised,
    }
}
