//! Many at once.

use std::sync::{Arc, Barrier, Mutex, mpsc};

use diesel::connection::SimpleConnection;
use futures_util::FutureExt;

use super::fixture::{AnyRow, NOW, World, ordinary};
use crate::domain::state::State;
use crate::store::aside;
use crate::store::*;

#[test]
fn of_four_who_claim_at_once_one_wins() {
    let world = World::new();
    let people: Vec<_> = ["a", "b", "c", "d"]
        .map(|handle| world.caseworker(handle))
        .into();
    for _ in 0..10 {
        let id = world.report().report;
        let start = Arc::new(Barrier::new(people.len()));
        let threads: Vec<_> = people
            .iter()
            .map(|by| {
                let (store, start, by) = (world.store.clone(), Arc::clone(&start), *by);
                std::thread::spawn(move || {
                    start.wait();
                    let seen = (State::Received, Version::from_number(1));
                    let outcome = store.blocking_write(|conn| {
                        conn.prove_with(Arc::new(AnyRow));
                        claim(conn, id, seen, by, NOW)
                    });
                    (by, outcome.expect("no error"))
                })
            })
            .collect();
        let outcomes: Vec<_> = threads
            .into_iter()
            .map(|t| t.join().expect("ran"))
            .collect();
        let winners: Vec<_> = outcomes
            .iter()
            .filter(|(_, outcome)| matches!(outcome, ClaimOutcome::Claimed(_)))
            .collect();
        assert_eq!(winners.len(), 1, "{outcomes:?}");
        for (by, outcome) in &outcomes {
            if by != &winners[0].0 {
                assert_eq!(outcome, &ClaimOutcome::HeldBy(winners[0].0));
            }
        }
    }
}

/// A read that is followed by a write, a hundred times at once: on SQLite a plain transaction fails here, on PostgreSQL it
/// loses updates.
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_hundred_increments_at_once_are_a_hundred() {
    let world = World::new();
    let increments = (0..100).map(|_| {
        let store = world.store.clone();
        tokio::spawn(async move {
            store
                .write(|conn| {
                    let count =
                        setting_find(conn, "count")?.map_or(0, |n| n.parse().expect("a number"));
                    let next: u32 = count + 1;
                    setting_put(conn, "count", &next.to_string())
                })
                .await
        })
    });
    for increment in increments.collect::<Vec<_>>() {
        increment.await.expect("ran").expect("no error");
    }
    let count = world.read(|conn| setting_find(conn, "count"));
    assert_eq!(count.as_deref(), Some("100"));
}

/// The same through `run`, where writers meet at the database's own lock.
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn writers_that_do_not_queue_wait_at_the_lock() {
    let world = World::new();
    let increments = (0..40).map(|_| {
        let store = world.store.clone();
        tokio::spawn(async move {
            store
                .run(|conn| {
                    write_transaction(conn, |conn| {
                        let count = setting_find(conn, "count")?
                            .map_or(0, |n| n.parse().expect("a number"));
                        let next: u32 = count + 1;
                        setting_put(conn, "count", &next.to_string())
                    })
                })
                .await
        })
    });
    for increment in increments.collect::<Vec<_>>() {
        increment.await.expect("ran").expect("no error");
    }
    let count = world.read(|conn| setting_find(conn, "count"));
    assert_eq!(count.as_deref(), Some("40"));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn sixty_four_reports_at_once_all_come_in() {
    let world = World::new();
    let sent: Vec<_> = (0..64)
        .map(|_| {
            let (store, submission) = (world.store.clone(), world.submission());
            tokio::spawn(async move {
                store
                    .write(move |conn| {
                        conn.prove_with(Arc::new(AnyRow));
                        report_insert(conn, &submission, &ordinary())
                    })
                    .await
            })
        })
        .collect();
    for report in sent {
        report.await.expect("ran").expect("no error");
    }
    assert_eq!(world.reports(), 64);
}

#[test]
fn a_locked_database_is_busy_not_broken() {
    let world = World::new();
    let error = world
        .try_write(|_| {
            // The writer holds the lock; a second connection gives up after a moment.
            world.store.blocking(|second| {
                second.batch_execute("PRAGMA busy_timeout = 20")?;
                let outcome = write_transaction(second, |_| Ok::<(), StoreError>(()));
                second.batch_execute("PRAGMA busy_timeout = 5000")?;
                outcome
            })
        })
        .expect_err("locked");
    assert!(matches!(error, StoreError::Busy), "{error}");
}

#[test]
fn a_full_disk_is_full_not_broken_and_undoes_the_transaction() {
    let world = World::new();
    let error = world
        .store
        .blocking(|conn| {
            conn.batch_execute("PRAGMA max_page_count = 1")?;
            let outcome = write_transaction(conn, |conn| {
                setting_put(conn, "one", "1")?;
                setting_put(conn, "big", &"x".repeat(2_000_000))
            });
            conn.batch_execute("PRAGMA max_page_count = 4294967294")?;
            outcome
        })
        .expect_err("full");
    assert!(matches!(error, StoreError::Full), "{error}");
    assert_eq!(world.read(|conn| setting_find(conn, "one")), None);
    world.read(write_probe);
}

#[tokio::test]
async fn a_panic_in_a_use_case_is_an_error_and_leaves_a_working_store() {
    let world = World::new();
    for _ in 0..DEFAULT_POOL {
        let outcome: StoreResult<()> = world.store.write(|_| panic!("a mistake")).await;
        assert!(matches!(outcome, Err(StoreError::Other(_))));
    }
    world
        .store
        .write(|conn| setting_put(conn, "after", "1"))
        .await
        .expect("works");
}

/// Something that the staff do and that does not end before `end` is dropped.
fn held(
    staff: &Store,
    started: &mpsc::Sender<()>,
) -> (mpsc::Sender<()>, impl Future<Output = ()> + use<>) {
    let (end, ended) = mpsc::channel::<()>();
    let (staff, started) = (staff.clone(), started.clone());
    let held = async move {
        let work = move |_: &mut DbConnection| {
            started.send(()).expect("the test waits");
            assert!(
                ended.recv().is_err(),
                "the end is that nobody is there any more"
            );
            StoreResult::Ok(())
        };
        staff.run(work).await.expect("ran");
    };
    (end, held)
}

#[tokio::test]
async fn reporters_and_mail_do_not_wait_for_the_staff() {
    let world = World::new();
    let staff = world.store.on_behalf_of(Side::Staff);
    let (started, running) = mpsc::channel();
    let mut ends = Vec::new();
    for _ in 0..DEFAULT_POOL {
        let (end, held) = held(&staff, &started);
        ends.push((end, tokio::spawn(held)));
    }
    // Two run at once at least; the others have their turn and wait for a thread.
    let _running = aside(move || {
        (0..2).for_each(|_| running.recv().unwrap());
        running
    })
    .await
    .expect("the staff take what they can");
    // And they wait to write, too.
    let writes: Vec<_> = (0..8)
        .map(|_| {
            let staff = staff.clone();
            tokio::spawn(async move { staff.write(|txn| staff_list(txn)).await })
        })
        .collect();
    for side in [Side::Public, Side::Background] {
        let other = world.store.on_behalf_of(side);
        other.write(|txn| staff_list(txn)).await.expect("written");
        other.run(staff_list).await.expect("read");
    }
    let (ends, held): (Vec<_>, Vec<_>) = ends.into_iter().unzip();
    drop(ends);
    for held in held {
        held.await.expect("ended");
    }
    for write in writes {
        write.await.expect("joined").expect("written");
    }
}

#[tokio::test]
async fn a_report_waits_for_one_write_of_the_staff_however_many_wait() {
    let world = World::new();
    let (staff, public) = (world.store.clone(), world.store.on_behalf_of(Side::Public));
    let order = Arc::new(Mutex::new(Vec::new()));
    let write = |store: &Store, who: &'static str, gate: Option<mpsc::Receiver<()>>| {
        let (store, order) = (store.clone(), Arc::clone(&order));
        Box::pin(async move {
            let work = move |_: &mut WriteTxn<'_>| {
                if let Some(gate) = gate {
                    assert!(gate.recv().is_err(), "opened by going away");
                }
                order.lock().expect("whole").push(who);
                StoreResult::Ok(())
            };
            store.write(work).await
        })
    };
    let (end, gate) = mpsc::channel::<()>();
    let mut all = vec![write(&staff, "staff", Some(gate))];
    all.extend((0..10).map(|_| write(&staff, "staff", None)));
    all.push(write(&public, "public", None));
    for each in &mut all {
        assert!(each.now_or_never().is_none(), "each takes its place");
    }
    drop(end);
    for done in futures_util::future::join_all(all).await {
        done.expect("written");
    }
    let order = order.lock().expect("whole");
    let place = order.iter().position(|who| *who == "public");
    assert!(place <= Some(2), "{order:?}");
}
