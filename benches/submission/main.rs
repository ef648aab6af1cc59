//! Whole submissions against the release build of this tree, measured from outside: `cargo bench --bench submission`.
//!
//! Starts `kapea demo` on a temporary folder, sends the form as a phone would (GET form, POST it, page with the code) over connections
//! that are kept as long as the server keeps them, and prints what `docs/benchmarks.md` quotes. The load generator shares the machine.

#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    reason = "a benchmark stops at the first surprise"
)]

#[expect(dead_code, reason = "another benchmark uses the rest")]
mod http;
#[expect(dead_code, reason = "another benchmark uses the rest")]
mod process;

use std::time::{Duration, Instant};

use http::{Client, between, submit};
use kapea::seal::receipt::{self, ReceiptCode};
use process::Demo;

const ONE_CLIENT: usize = 200;
const MANY_CLIENTS: usize = 64;
const MANY: usize = 1_280;
const BARE: usize = 120;

fn main() {
    let demo = Demo::start();
    println!(
        "machine: {} cores",
        std::thread::available_parallelism().map_or(1, usize::from)
    );
    println!("idle: {} KiB resident", demo.resident());
    first_page(&demo);

    let single = bare(1, BARE);
    println!(
        "bare argon2id 19 MiB, one thread: {:.1} ms",
        1_000.0 / single
    );
    let cores = std::thread::available_parallelism().map_or(1, usize::from);
    let all = bare(cores, BARE);
    println!("bare argon2id 19 MiB, {cores} threads: {all:.1}/s");

    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .unwrap();
    let mut times = runtime
        .block_on(client(demo.public, ONE_CLIENT))
        .expect("no error with one client");
    times.sort();
    println!(
        "1 client: p50 {:.0} ms, p95 {:.0} ms, {} submissions",
        millis(times[times.len() / 2]),
        millis(times[times.len() * 95 / 100]),
        times.len()
    );

    let (cpu, start) = (demo.cpu(), Instant::now());
    let (done, errors) = runtime.block_on(many(demo.public));
    let (seconds, cpu) = (
        start.elapsed().as_secs_f64(),
        demo.cpu().saturating_sub(cpu),
    );
    let rate = f64::from(done) / seconds;
    println!(
        "{MANY_CLIENTS} clients: {rate:.1}/s, {:.0} % of bare argon2id, {errors} errors of {}",
        100.0 * rate / all,
        done + errors
    );
    let per_report = 1_000.0 * cpu.as_secs_f64() / f64::from(done.max(1));
    println!(
        "server CPU a report: {per_report:.1} ms, of which argon2id {:.1} ms",
        1_000.0 * f64::from(u32::try_from(cores).unwrap()) / all
    );
    println!(
        "after {MANY_CLIENTS} clients: {} KiB resident, {} KiB at most",
        demo.resident(),
        demo.peak()
    );
}

/// argon2id evaluations a second of `threads` threads.
fn bare(threads: usize, each: usize) -> f64 {
    let start = Instant::now();
    std::thread::scope(|scope| {
        for _ in 0..threads {
            scope.spawn(|| {
                for _ in 0..each {
                    receipt::master(&ReceiptCode::from_payload(7), &[7; 16]).unwrap();
                }
            });
        }
    });
    let evaluations = u32::try_from(threads * each).unwrap();
    f64::from(evaluations) / start.elapsed().as_secs_f64()
}

/// One phone that sends one report after another.
async fn client(address: std::net::SocketAddr, reports: usize) -> Result<Vec<Duration>, String> {
    let mut client = Client::connect(address)
        .await
        .map_err(|error| error.to_string())?;
    let mut times = Vec::with_capacity(reports);
    for number in 0..reports {
        let start = Instant::now();
        submit(&mut client, &answers(number)).await?;
        times.push(start.elapsed());
    }
    Ok(times)
}

async fn many(address: std::net::SocketAddr) -> (u32, u32) {
    let clients = (0..MANY_CLIENTS).map(|_| async move {
        let mut counts = (0, 0);
        let mut client = Client::connect(address).await.unwrap();
        for number in 0..MANY / MANY_CLIENTS {
            match submit(&mut client, &answers(number)).await {
                Ok(()) => counts.0 += 1,
                Err(error) => {
                    eprintln!("error: {error}");
                    counts.1 += 1;
                }
            }
        }
        counts
    });
    let counts = futures_util::future::join_all(clients).await;
    counts
        .into_iter()
        .fold((0, 0), |sum, each| (sum.0 + each.0, sum.1 + each.1))
}

fn first_page(demo: &Demo) {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .unwrap();
    runtime.block_on(async {
        let mut client = Client::connect(demo.public).await.unwrap();
        let page = client.get("/en/").await.unwrap();
        let style = between(&page.body, "rel=\"stylesheet\" href=\"", "\"")
            .expect("a stylesheet")
            .to_owned();
        let html = client.compressed("/en/").await.unwrap();
        let css = client.compressed(&style).await.unwrap();
        println!("first page: {html} B of HTML and {css} B of CSS, gzipped");
    });
}

/// Of one of many reports.
fn answers(number: usize) -> String {
    format!(
        "danger=ongoing&kind=hurting&account=Report+{number}%3A+the+neighbour+hits+the+boy+every+evening."
    )
}

fn millis(time: Duration) -> f64 {
    time.as_secs_f64() * 1_000.0
}
