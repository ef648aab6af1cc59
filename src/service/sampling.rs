//! The look at the beginning of each quarter hour, and the last day as it was seen by every process.

use std::collections::BTreeMap;

use super::context::Context;
use super::failing::failing;
use crate::domain::alarm::AlarmKind;
use crate::domain::clock::{Quarter, Timestamp};
use crate::domain::disk::Disk;
use crate::domain::sample::{LANES, MailSample, SAMPLES_A_DAY, Sample, Shed, Unclaimed, tens};
use crate::domain::state::State;
use crate::domain::urgency::Urgency;
use crate::seal::credentials::Credentials;
use crate::store::{self, DbConnection, StoreError, StoreResult};

/// Seconds of a quarter hour.
const QUARTER: i64 = 900;
/// What a day is kept in is as long as a multiple of this, so that its length does not tell the numbers.
const STEP: usize = 8 << 10;
/// Room is told in steps of so many bytes: a report takes less.
const ROOM_STEP: u64 = 16 << 20;

impl Context {
    /// Looks at everything, if that was not done in this quarter hour. For every minute, and before the first port is opened.
    pub async fn sample(&self) {
        if let Err(error) = self.try_sample().await {
            tracing::warn!(event = "database-failing", %error, "nobody could look at how the service is");
        }
    }

    async fn try_sample(&self) -> Result<(), StoreError> {
        let Some(process) = self.process else {
            return Ok(());
        };
        let (roles, quarter) = (process.roles.word(), self.clock.now().quarter());
        if self.samples.newest_at().is_none() {
            // A start within the quarter hour shows what was seen at its beginning: it would else tell of what came since.
            let (credentials, own) = (self.credentials(), roles.clone());
            let days = self.read(move |conn| days(conn, &credentials)).await;
            // Those that cannot be read any more are none.
            let days = store::unless_damaged(days)?;
            let own = days.into_iter().find(|(whose, _)| *whose == own);
            self.samples
                .go_on(own.map(|(_, day)| day).unwrap_or_default());
        }
        if self.samples.newest_at().flatten() == Some(quarter.seconds()) {
            return Ok(());
        }
        let context = self.clone();
        let mut sample = self.read(move |conn| context.look(conn, quarter)).await?;
        (sample.waited, sample.shed) = self.crowds();
        let day = serde_json::to_vec(&self.samples.put(sample)).map_err(other)?;
        let sealed = self
            .credentials()
            .pulse_seal(&store::day_name(&roles), &padded(day));
        let sealed = sealed.map_err(other)?;
        let put = move |txn: &mut store::WriteTxn<'_>| store::day_put(txn, &roles, &sealed);
        self.store.write(put).await
    }

    /// What is read of the database and of the disk. What cannot be read stays as it was seen before.
    fn look(&self, conn: &mut DbConnection, quarter: Quarter) -> StoreResult<Sample> {
        let before = self.samples.newest();
        let before = before.map(|(newest, _)| newest).unwrap_or_default();
        let processes = self.processes(conn);
        let silent = processes.map(|all| few(all.iter().filter(|one| one.is_silent).count()));
        let backup = store::backup_last(conn).map(|last| last.verified.map(|day| day.number()));
        let room = store::disk_at(&self.samples.folder);
        Ok(Sample {
            at: quarter.seconds(),
            unclaimed: or(unclaimed(conn, quarter), before.unclaimed)?,
            alike: or(alike(conn, quarter), before.alike)?,
            mail: or(self.mail(conn, quarter.start()), before.mail)?,
            room: room.map(in_steps),
            alarms: or(alarms(conn), before.alarms)?,
            silent: or(silent, before.silent)?,
            backup: or(backup, before.backup)?,
            ..Sample::default()
        })
    }

    fn mail(&self, conn: &mut DbConnection, start: Timestamp) -> StoreResult<MailSample> {
        let (late, oldest) = store::deliveries_late(conn, start.plus(-QUARTER).quarter())?;
        let (_, dead) = store::outbox_counts(conn)?;
        Ok(MailSample {
            late: few(late),
            oldest: oldest.map_or(0, |oldest| start.seconds() - oldest.seconds()),
            dead: few(dead),
            failing: few(failing(conn, &self.credentials())?.len()),
        })
    }

    /// How many waited and were turned away since the last time, so that no number tells of a single visitor.
    fn crowds(&self) -> (BTreeMap<Shed, u32>, BTreeMap<Shed, u32>) {
        let lanes = &self.bulkheads;
        let lanes = [
            &lanes.report,
            &lanes.alike,
            &lanes.receipt,
            &lanes.colleague,
            &lanes.stranger,
        ];
        let lanes = || LANES.into_iter().zip(lanes);
        let waited = lanes().map(|(which, lane)| (which, tens(lane.turns().waited().take())));
        let refused = lanes().map(|(which, lane)| (which, lane.turns().refused()));
        let refused = refused.chain([
            (Shed::Memory, &self.samples.memory),
            (Shed::Storage, &self.samples.storage),
        ]);
        let shed = refused.map(|(which, count)| match which {
            // One report that may be lost is to be heard of.
            Shed::Report | Shed::Storage => (which, count.take().min(1)),
            _ => (which, count.take_tens()),
        });
        let shed: BTreeMap<_, _> = shed.collect();
        (waited.collect(), shed)
    }

    /// The last 24 hours, the oldest quarter hour first. `None` where a process that was there within them was not there.
    ///
    /// # Errors
    /// From the database.
    pub(super) fn last_day(&self, conn: &mut DbConnection) -> StoreResult<Vec<Option<Sample>>> {
        let days = days(conn, &self.credentials())?;
        let newest = self.clock.now().quarter().seconds();
        let quarters = (0..i64::try_from(SAMPLES_A_DAY).unwrap_or_default()).rev();
        let starts: Vec<i64> = quarters.map(|before| newest - before * QUARTER).collect();
        let at = |day: &[Sample], start| day.iter().rfind(|seen| seen.at == start).cloned();
        let there = |day: &Vec<Sample>| starts.iter().any(|start| at(day, *start).is_some());
        let days: Vec<_> = days.into_iter().map(|(_, day)| day).filter(there).collect();
        let merged = starts.iter().map(|start| {
            let seen = days.iter().map(|day| at(day, *start));
            seen.reduce(|one, other| Some(both(one?, other?))).flatten()
        });
        Ok(merged.collect())
    }
}

fn or<T>(found: StoreResult<T>, before: T) -> StoreResult<T> {
    Ok(store::unless_damaged(found.map(Some))?.unwrap_or(before))
}

fn unclaimed(
    conn: &mut DbConnection,
    quarter: Quarter,
) -> StoreResult<BTreeMap<Urgency, Unclaimed>> {
    let found = store::reports_unclaimed(conn, State::Received, quarter)?;
    let found = found.into_iter().map(|(urgency, count, due)| {
        let unclaimed = Unclaimed {
            count: few(count),
            overdue: (quarter.seconds() - due.seconds()).max(0),
        };
        (urgency, unclaimed)
    });
    Ok(found.collect())
}

fn alike(conn: &mut DbConnection, quarter: Quarter) -> StoreResult<u32> {
    let found = store::reports_unclaimed(conn, State::Alike, quarter)?;
    Ok(found.into_iter().map(|(_, count, _)| few(count)).sum())
}

fn alarms(conn: &mut DbConnection) -> StoreResult<BTreeMap<AlarmKind, u32>> {
    let mut open = BTreeMap::new();
    for alarm in store::alarms_open(conn)? {
        *open.entry(alarm.kind).or_default() += 1;
    }
    Ok(open)
}

/// What two processes saw: the database they share, and what each of them has turned away.
fn both(mut one: Sample, other: Sample) -> Sample {
    for (what, count) in other.shed {
        *one.shed.entry(what).or_default() += count;
    }
    one
}

/// By roles, what each process has seen. What does not open is nobody's.
fn days(
    conn: &mut DbConnection,
    credentials: &Credentials,
) -> StoreResult<Vec<(String, Vec<Sample>)>> {
    let rows = store::day_list(conn)?.into_iter();
    let opened = rows.filter_map(|(roles, sealed)| {
        let day = credentials
            .pulse_open(&store::day_name(&roles), &sealed)
            .ok()?;
        Some((roles, serde_json::from_slice(&day).ok()?))
    });
    Ok(opened.collect())
}

/// Spaces at the end of JSON mean nothing.
fn padded(mut day: Vec<u8>) -> Vec<u8> {
    day.resize(day.len().next_multiple_of(STEP), b' ');
    day
}

fn other(error: impl std::error::Error + Send + Sync + 'static) -> StoreError {
    StoreError::Other(Box::new(error))
}

fn few(count: impl TryInto<u32>) -> u32 {
    count.try_into().unwrap_or(u32::MAX)
}

fn in_steps(disk: Disk) -> Disk {
    Disk {
        free: disk.free / ROOM_STEP * ROOM_STEP,
        ..disk
    }
}
