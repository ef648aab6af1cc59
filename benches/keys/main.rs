//! How fast a team's key is changed, and what submissions notice of it: `cargo bench --bench keys`.
//!
//! A file database with `synchronous=FULL`, true grants, the engine that members' sessions run. `KAPEA_BENCH_MILLION=1` adds
//! 1,000,000 reports, some twenty minutes of which most is filling the database.

#![expect(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "a benchmark stops at the first surprise"
)]

mod world;

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::{Duration, Instant};

use kapea::domain::form::Answers;
use kapea::domain::rotation::RotationReason;
use kapea::service::authority::Authority;
use kapea::service::due::BATCH;
use kapea::service::intake::FormStatus;
use kapea::service::rotation::order;
use kapea::store;
use world::{CHANNEL, World};

/// Who submit at once while a key is changed.
const CLIENTS: usize = 8;
/// Reports under the key that is changed meanwhile.
const BESIDE: usize = 60_000;
/// Statements of a long ledger.
const STATEMENTS: usize = 1_000;
const REPLAYS: u32 = 20;
const LOOKS: u32 = 2_000;
const USUAL: Duration = Duration::from_secs(10);

fn main() {
    let cores = std::thread::available_parallelism().map_or(1, usize::from);
    println!("machine: {cores} cores");
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .enable_all()
        .build()
        .unwrap();
    ledger();
    let mut sizes = vec![10_000, 100_000];
    if std::env::vars().any(|(name, _)| name == "KAPEA_BENCH_MILLION") {
        sizes.push(1_000_000);
    }
    for size in sizes {
        runtime.block_on(whole(size, RotationReason::Order));
        // Each report gets its next key on the way.
        runtime.block_on(whole(size, RotationReason::Leaving));
    }
    runtime.block_on(beside());
}

/// What a long ledger costs: read anew, and for a report whose channel leads to it.
fn ledger() {
    let world = World::new();
    world.say(STATEMENTS);
    let of_channel = |authority: &Authority| {
        let key = |conn: &mut store::DbConnection| authority.look(conn, CHANNEL);
        assert!(world.context.store.blocking(key).unwrap().sound().is_some());
    };
    let start = Instant::now();
    for _ in 0..REPLAYS {
        of_channel(&world.newcomer());
    }
    let replay = start.elapsed() / REPLAYS;
    let authority = world.newcomer();
    of_channel(&authority);
    let start = Instant::now();
    for _ in 0..LOOKS {
        of_channel(&authority);
    }
    let pinned = start.elapsed() / LOOKS;
    println!(
        "a ledger of {STATEMENTS} statements: replayed in {replay:.1?}, with its head pinned {pinned:.1?} a report"
    );
}

fn give_order(world: &World, reason: RotationReason) {
    world
        .context
        .blocking_write(|txn| order::order_in_txn(txn, world.team, reason, None))
        .unwrap();
}

/// A whole change with nothing else going on.
async fn whole(size: usize, reason: RotationReason) {
    let world = World::new();
    world.fill(size, reason == RotationReason::Leaving);
    let start = Instant::now();
    give_order(&world, reason);
    let order = start.elapsed();
    let start = Instant::now();
    world.services.rotation.slice(&world.hand).await.unwrap();
    let begin = start.elapsed();
    let memory = Watch::start();
    let start = Instant::now();
    let moved = world
        .services
        .rotation
        .run(&world.hand, BATCH)
        .await
        .unwrap();
    let seconds = start.elapsed().as_secs_f64();
    assert_eq!(moved, size);
    println!(
        "{size} grants, {reason}: order {:.0} ms, begin {:.0} ms, rest {seconds:.1} s, {:.0} grants/s, at most {} KiB resident",
        order.as_secs_f64() * 1_000.0,
        begin.as_secs_f64() * 1_000.0,
        f64::from(u32::try_from(size).unwrap()) / seconds,
        memory.most()
    );
}

/// Submissions without and with a change going on.
async fn beside() {
    let world = World::new();
    world.fill(BESIDE, false);
    let usual = submissions(&world, USUAL, || false).await;
    give_order(&world, RotationReason::Order);
    let done = Arc::new(AtomicBool::new(false));
    let changing = {
        let (rotation, hand, done) = (
            world.services.rotation.clone(),
            Arc::clone(&world.hand),
            Arc::clone(&done),
        );
        tokio::spawn(async move {
            let moved = rotation.run(&hand, BATCH).await.unwrap();
            done.store(true, Ordering::SeqCst);
            moved
        })
    };
    let during = submissions(&world, Duration::from_secs(600), || {
        done.load(Ordering::SeqCst)
    })
    .await;
    let moved = changing.await.unwrap();
    println!(
        "{CLIENTS} clients, usual: {:.1} submissions/s, {} errors",
        usual.rate, usual.errors
    );
    println!(
        "{CLIENTS} clients, while {moved} grants go over in {:.0} s: {:.1} submissions/s = {:.0} %, {} errors",
        during.seconds,
        during.rate,
        100.0 * during.rate / usual.rate,
        during.errors
    );
}

struct Outcome {
    rate: f64,
    errors: u64,
    seconds: f64,
}

async fn submissions(world: &World, most: Duration, ended: impl Fn() -> bool) -> Outcome {
    let (done, errors) = (Arc::new(AtomicU64::new(0)), Arc::new(AtomicU64::new(0)));
    let stop = Arc::new(AtomicBool::new(false));
    let clients: Vec<_> = (0..CLIENTS)
        .map(|_| {
            let intake = world.services.intake.clone();
            let (done, errors, stop) = (Arc::clone(&done), Arc::clone(&errors), Arc::clone(&stop));
            tokio::spawn(async move {
                let fields = [("danger", "over"), ("account", "Two years ago.")]
                    .map(|(name, value)| (name.to_owned(), value.to_owned()));
                while !stop.load(Ordering::SeqCst) {
                    let FormStatus::Open { ticket } = intake.form_status().await else {
                        panic!("the form is closed");
                    };
                    let form = intake.form().await;
                    let filled = Answers::read(&form, &fields).unwrap();
                    let outcome = intake.submit(&ticket, (&form, "en"), filled).await;
                    let counter = if outcome.is_ok() { &done } else { &errors };
                    counter.fetch_add(1, Ordering::SeqCst);
                }
            })
        })
        .collect();
    let start = Instant::now();
    while start.elapsed() < most && !ended() {
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    let seconds = start.elapsed().as_secs_f64();
    let count = done.load(Ordering::SeqCst);
    stop.store(true, Ordering::SeqCst);
    for client in clients {
        client.await.unwrap();
    }
    Outcome {
        rate: f64::from(u32::try_from(count).unwrap()) / seconds,
        errors: errors.load(Ordering::SeqCst),
        seconds,
    }
}

/// The most memory that this process has had resident since the watch began.
struct Watch {
    most: Arc<AtomicU64>,
    stop: Arc<AtomicBool>,
}

impl Watch {
    fn start() -> Self {
        let (most, stop) = (
            Arc::new(AtomicU64::new(0)),
            Arc::new(AtomicBool::new(false)),
        );
        let (writer, stopped) = (Arc::clone(&most), Arc::clone(&stop));
        std::thread::spawn(move || {
            while !stopped.load(Ordering::SeqCst) {
                writer.fetch_max(resident(), Ordering::SeqCst);
                std::thread::sleep(Duration::from_millis(50));
            }
        });
        Self { most, stop }
    }

    fn most(self) -> u64 {
        self.stop.store(true, Ordering::SeqCst);
        self.most.load(Ordering::SeqCst)
    }
}

fn resident() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap();
    let line = status
        .lines()
        .find(|line| line.starts_with("VmRSS:"))
        .unwrap();
    line.split_whitespace().collect::<Vec<_>>()[1]
        .parse()
        .unwrap()
}
