//! The queue of a caseworker whose team has ten thousand open reports.

use std::time::{Duration, Instant};

use kapea::domain::clock::Clock;
use kapea::domain::notice::NoticeList;
use kapea::domain::submission::SealedSubmission;
use kapea::domain::urgency::Urgency;
use kapea::seal::random;
use kapea::seal::receipt::Master;
use kapea::seal::sealing::{self, Draft};
use kapea::seal::totp::{self, TotpSeed};
use kapea::store::{self, KeyRow, NewEvent, Store, StoreError};

use crate::between;
use crate::http::Client;
use crate::process::Demo;

const REPORTS: usize = 10_000;
const BATCH: usize = 500;
const LOADS: usize = 1_000;
const CARD: &str = r#"{"language":"en","received_hour":0,"danger":null,"categories":[{"id":"hurting","label":"Someone is hurting a child"}],"excerpt":"A report that fills the queue, with about as many words as people write before they stop to think.","barred":[],"hints":[]}"#;

/// Fills the database, signs in, loads the first page again and again.
pub async fn measure(demo: &Demo) {
    fill(demo);
    let mut client = Client::connect(demo.staff).await.expect("the staff side");
    sign_in(demo, &mut client).await;
    let page = client.get("/queue").await.expect("the queue");
    assert!(
        page.status == 200 && page.body.contains("/claim"),
        "status {}",
        page.status
    );
    let before = demo.resident();
    let mut times = Vec::with_capacity(LOADS);
    for _ in 0..LOADS {
        let start = Instant::now();
        client.get("/queue").await.expect("the queue");
        times.push(start.elapsed());
    }
    times.sort();
    println!(
        "queue page of 50 out of {REPORTS}: p50 {:.1} ms, p95 {:.1} ms, {} B; {before} KiB resident before {LOADS} loads, {} KiB after",
        millis(times[LOADS / 2]),
        millis(times[LOADS * 95 / 100]),
        page.body.len(),
        demo.resident()
    );
}

/// Reports as intake makes them, but for the slow hash: nobody comes back for these.
fn fill(demo: &Demo) {
    let store = Store::open_path(&demo.database()).expect("the database");
    let key = store
        .blocking(|conn| {
            let channel = store::channel_find(conn, "main")?.ok_or(StoreError::NotFound)?;
            let mut keys = store::keys_of_team(conn, channel.team)?;
            keys.pop().ok_or(StoreError::NotFound)
        })
        .expect("the team's key");
    let due = Clock::system().now().quarter().next();
    for _ in 0..REPORTS / BATCH {
        let submissions: Vec<_> = (0..BATCH).map(|number| report(&key, number)).collect();
        store
            .blocking_write(|conn| -> Result<(), StoreError> {
                for submission in &submissions {
                    let (id, list) = (random::outbox_id(), NoticeList::Hotline);
                    let event = NewEvent {
                        id,
                        urgent: None,
                        list,
                        due,
                    };
                    store::report_insert_in_txn(conn, submission, &event)?;
                }
                Ok(())
            })
            .expect("stored");
    }
}

fn report(key: &KeyRow, number: usize) -> SealedSubmission {
    let now = Clock::system().now();
    sealing::seal_submission(&Draft {
        channel: "main",
        key: key.id,
        team: &key.recipient.parse().expect("a recipient"),
        answers: b"{}",
        summary: CARD.as_bytes(),
        master: &Master::from_bytes(random::bytes()),
        urgency: Urgency::ALL[number % Urgency::ALL.len()],
        day: now.day(),
        due: now.quarter(),
        retention: "undecided",
        mailbox_expires: now.day().plus(365),
    })
    .expect("sealed")
}

async fn sign_in(demo: &Demo, client: &mut Client) {
    let line = demo
        .table
        .iter()
        .find(|line| line.trim_start().starts_with("sokha"));
    let words: Vec<&str> = line.expect("sokha").split_whitespace().collect();
    let secret = data_encoding::BASE32_NOPAD
        .decode(words[2].as_bytes())
        .expect("base 32");
    let seed = TotpSeed::from_bytes(secret.try_into().expect("20 bytes"));
    let code = totp::current(&seed, Clock::system().now()).expect("a code");
    let page = client.get("/login").await.expect("the login page");
    let ticket = between(&page.body, "name=\"ticket\" value=\"", "\"").expect("a ticket");
    let passphrase = words[3..9].join("+");
    let form = format!("ticket={ticket}&lang=en&handle=sokha&passphrase={passphrase}&code={code}");
    let answer = client.post("/login", &form).await.expect("an answer");
    assert!(answer.status == 303, "status {}", answer.status);
}

fn millis(time: Duration) -> f64 {
    time.as_secs_f64() * 1_000.0
}
