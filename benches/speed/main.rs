//! What pages and the idle service cost by the number of reports that are not shown: `cargo bench --bench speed`.
//!
//! Measures a process of its own from outside. Processor time is that of the server alone. With `KAPEA_BENCH_LARGE=1` also for 100,000
//! reports; with `KAPEA_BENCH_PROGRAM` another build than this one.

#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    reason = "a benchmark stops at the first surprise"
)]

mod desk;
#[path = "../submission/http.rs"]
mod http;
#[expect(dead_code, reason = "another benchmark uses the rest")]
#[path = "../submission/process.rs"]
mod process;

use std::time::{Duration, Instant};

use http::{Client, between, submit};
use process::Demo;

/// Loads of each page.
const LOADS: u32 = 60;
/// Reports of each kind.
const REPORTS: u32 = 100;
/// How long nothing is done.
const IDLE: Duration = Duration::from_secs(30);
/// How long submissions are counted.
const RUSH: Duration = Duration::from_secs(10);
const STAFF: usize = 8;

#[tokio::main(flavor = "current_thread")]
async fn main() {
    let demo = Demo::start();
    kept_connection(&demo).await;
    let mut sizes = vec![10_000];
    if std::env::var_os("KAPEA_BENCH_LARGE").is_some() {
        sizes.push(100_000);
    }
    let mut filled = 0;
    let staff = desk::sign_in(&demo).await;
    for size in sizes {
        desk::fill(&demo, size - filled);
        filled = size;
        println!("\n{size} open reports");
        pages(&demo, &staff).await;
        let last = deepest(&demo, &staff, size).await;
        reports(&demo).await;
        idle(&demo).await;
        let report = report(&demo, &staff).await;
        let mut client = staff.again(demo.staff).await.unwrap();
        for (name, more) in [
            ("a report", 0),
            ("the same with 100 notes", 100),
            ("with 500", 400),
        ] {
            desk::note(&mut client, &report, more).await;
            page(&demo, &mut client, name, &report).await;
        }
        let paths = ["/queue?state=no_action", "/queue?urgency=U3", &last];
        rush(&demo, &staff, &paths).await;
        // A page that writes, and one that neither reads nor writes.
        rush(&demo, &staff, &[&report, "/login"]).await;
        let most = "id NOT IN (SELECT id FROM reports ORDER BY id LIMIT 20)";
        desk::move_all(&demo, "no_action", most);
        println!("\n20 open reports among {size} closed ones");
        pages(&demo, &staff).await;
        rush(&demo, &staff, &["/queue", "/queue?state=in_triage"]).await;
        desk::move_all(&demo, "received", most);
    }
    println!("\n{} KiB resident", demo.resident());
}

/// What a phone waits for the second page on a connection, as browsers ask for it.
async fn kept_connection(demo: &Demo) {
    println!("compressed, on a kept connection, one client");
    for path in ["/en/", "/km/", "/en/report", "/km/report"] {
        let mut client = Client::connect(demo.public).await.unwrap();
        let (mut times, mut size) = (Vec::new(), 0);
        let before = demo.cpu();
        for _ in 0..200 {
            let start = Instant::now();
            size = client.compressed(path).await.unwrap();
            times.push(start.elapsed());
        }
        let cpu = demo.cpu().saturating_sub(before) / 200;
        times.sort();
        println!(
            "  {path}: p50 {:.2} ms, p95 {:.2} ms, {:.2} ms of CPU, {size} B",
            millis(times[100]),
            millis(times[190]),
            millis(cpu)
        );
    }
}

async fn pages(demo: &Demo, staff: &Client) {
    let mut staff = staff.again(demo.staff).await.unwrap();
    for path in [
        "/queue",
        "/queue?urgency=U3",
        "/queue?state=received",
        "/queue?state=in_triage",
        "/queue?state=no_action",
        "/queue?state=no_action&urgency=U2",
    ] {
        page(demo, &mut staff, path, path).await;
    }
}

async fn page(demo: &Demo, staff: &mut Client, name: &str, path: &str) {
    let (before, start) = (demo.cpu(), Instant::now());
    let mut cards = 0;
    for _ in 0..LOADS {
        let answer = staff.get(path).await.unwrap();
        assert_eq!(answer.status, 200, "{path}");
        cards = answer.body.matches("<li class=\"card").count();
    }
    println!(
        "  {name}: {:.1} ms of CPU, {:.1} ms, {cards} cards",
        millis(demo.cpu().saturating_sub(before) / LOADS),
        millis(start.elapsed() / LOADS)
    );
}

/// The last page: by its number where pages have one, by turning them all where they do not.
async fn deepest(demo: &Demo, staff: &Client, size: usize) -> String {
    let mut staff = staff.again(demo.staff).await.unwrap();
    let first = staff.get("/queue").await.unwrap().body;
    let mut path = next(&first).expect("another page");
    if !path.contains("after=") {
        path = path.replace("page=2", &format!("page={}", size / 50));
    } else {
        while let Some(further) = next(&staff.get(&path).await.unwrap().body) {
            path = further;
        }
    }
    page(demo, &mut staff, "the last page", &path).await;
    path
}

/// The page of some report.
async fn report(demo: &Demo, staff: &Client) -> String {
    let queue = staff.again(demo.staff).await.unwrap().get("/queue").await;
    let queue = queue.expect("the queue").body;
    let id = between(&queue, "href=\"/reports/", "\"").expect("a report");
    format!("/reports/{id}")
}

fn next(page: &str) -> Option<String> {
    let link = between(page, "rel=\"next\" href=\"", "\"")?;
    Some(link.replace("&amp;", "&").replace("&#38;", "&"))
}

/// What an urgent report costs, and an ordinary one.
async fn reports(demo: &Demo) {
    let mut client = Client::connect(demo.public).await.unwrap();
    for (name, danger) in [("an ordinary report", "over"), ("an urgent report", "now")] {
        let before = demo.cpu();
        for _ in 0..REPORTS {
            submit(&mut client, &answers(danger)).await.unwrap();
        }
        // What it sets off in the background counts too.
        tokio::time::sleep(Duration::from_secs(2)).await;
        let cpu = demo.cpu().saturating_sub(before) / REPORTS;
        println!("  {name}: {:.1} ms of CPU", millis(cpu));
    }
}

async fn idle(demo: &Demo) {
    let before = demo.cpu();
    tokio::time::sleep(IDLE).await;
    let cpu = demo.cpu().saturating_sub(before).as_secs_f64() * 60.0 / IDLE.as_secs_f64();
    println!("  idle: {:.0} ms of CPU a minute", cpu * 1_000.0);
}

/// Submissions by eight phones, alone and beside eight connections of the staff that ask as fast as they can.
async fn rush(demo: &Demo, staff: &Client, paths: &[&str]) {
    for path in paths {
        // Just before: what others do on the machine changes from minute to minute.
        let (usual, _) = submissions(demo).await;
        let mut loads = Vec::new();
        for _ in 0..STAFF {
            let mut other = staff.again(demo.staff).await.unwrap();
            let path = (*path).to_owned();
            loads.push(tokio::spawn(async move {
                while other.get(&path).await.is_ok_and(|page| page.status == 200) {}
                eprintln!("a staff connection was refused");
            }));
        }
        let (before, start) = (demo.others(), Instant::now());
        let (rate, worst) = submissions(demo).await;
        let others =
            demo.others().saturating_sub(before).as_secs_f64() / start.elapsed().as_secs_f64();
        for load in loads {
            load.abort();
        }
        let name: String = path.chars().take(60).collect();
        println!(
            "  beside {STAFF} connections on {name}: {rate:.1} of {usual:.1} a second, {:.0} %, worst wait {:.1} s, {others:.2} processors taken by others",
            100.0 * rate / usual,
            worst.as_secs_f64()
        );
    }
}

async fn submissions(demo: &Demo) -> (f64, Duration) {
    let start = Instant::now();
    let phones = (0..8).map(|_| async {
        let mut client = Client::connect(demo.public).await.unwrap();
        let (mut done, mut worst) = (0, Duration::ZERO);
        while start.elapsed() < RUSH {
            let begun = Instant::now();
            match submit(&mut client, &answers("over")).await {
                Ok(()) => done += 1,
                Err(error) => eprintln!("error: {error}"),
            }
            worst = worst.max(begun.elapsed());
        }
        (done, worst)
    });
    let done = futures_util::future::join_all(phones).await;
    let seconds = start.elapsed().as_secs_f64();
    let sum: u32 = done.iter().map(|phone| phone.0).sum();
    let worst = done.iter().map(|phone| phone.1).max().unwrap_or_default();
    (f64::from(sum) / seconds, worst)
}

/// Of a report of this urgency.
fn answers(danger: &str) -> String {
    format!("danger={danger}&kind=hurting&account=The+neighbour+hits+the+boy+every+evening.")
}

fn millis(time: Duration) -> f64 {
    time.as_secs_f64() * 1_000.0
}
