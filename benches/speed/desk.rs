//! A caseworker's side of a demo: a database filled from outside, and a session in it.

use std::sync::Arc;

use data_encoding::HEXLOWER;
use diesel::connection::SimpleConnection;
use diesel::{Connection, SqliteConnection};
use kapea::domain::clock::Clock;
use kapea::domain::ids::ReportId;
use kapea::domain::notice::NoticeList;
use kapea::domain::submission::SealedSubmission;
use kapea::domain::urgency::Urgency;
use kapea::seal::credentials::Credentials;
use kapea::seal::keys::{Seed, SigningKey};
use kapea::seal::random;
use kapea::seal::receipt::Master;
use kapea::seal::sealing::{self, Draft};
use kapea::seal::totp::{self, TotpSeed};
use kapea::service::prover::RowProver;
use kapea::store::{self, KeyRow, NewEvent, Prover, Store, StoreError};

use crate::http::{Client, between};
use crate::process::Demo;

const BATCH: usize = 1_000;
const CARD: &str = r#"{"language":"en","received_hour":0,"danger":null,"categories":[{"id":"hurting","label":"Someone is hurting a child"}],"excerpt":"A report that fills the queue, with about as many words as people write before they stop to think.","barred":[],"hints":[]}"#;

/// So many more open reports as intake makes them, but for the slow hash: nobody comes back for these.
pub fn fill(demo: &Demo, reports: usize) {
    let store = Store::open_path(&demo.database()).expect("the database");
    let key = store
        .blocking(|conn| {
            let channel = store::channel_find(conn, "main")?.ok_or(StoreError::NotFound)?;
            let mut keys = store::keys_of_team(conn, channel.team)?;
            keys.pop().ok_or(StoreError::NotFound)
        })
        .expect("the team's key");
    let due = Clock::system().now().quarter().next();
    for _ in 0..reports / BATCH {
        let submissions = batch(&key);
        store
            .blocking_write(|conn| -> Result<(), StoreError> {
                conn.prove_with(Arc::new(prover(demo)));
                for submission in &submissions {
                    let event = NewEvent {
                        id: random::outbox_id(),
                        urgent: None,
                        list: NoticeList::Hotline,
                        due,
                    };
                    store::report_insert(conn, submission, &event)?;
                }
                Ok(())
            })
            .expect("stored");
    }
    // The notices of a hundred thousand reports at once are no part of any ordinary minute.
    sql(demo, "DELETE FROM outbox WHERE kind = 'ordinary'");
}

/// As the service proves reports' rows; what is decided about them is signed with a key of the benchmark.
fn prover(demo: &Demo) -> RowProver {
    let text = std::fs::read_to_string(demo.credentials()).expect("credentials");
    let credentials = Credentials::parse(&text).expect("credentials");
    RowProver::signing(credentials.report_keys(), decider())
}

fn decider() -> SigningKey {
    SigningKey::from_seed(&Seed::from_bytes([1; 32]))
}

/// Gives these reports another state, as if people had done so one by one.
pub fn move_all(demo: &Demo, state: &str, of: &str) {
    let key = HEXLOWER.encode(decider().verify_key().as_bytes());
    let set = format!("UPDATE reports SET state = '{state}', state_key = x'{key}' WHERE {of}");
    sql(demo, &set);
    let (store, prover) = (
        Store::open_path(&demo.database()).expect("the database"),
        prover(demo),
    );
    let mut from = ReportId::default();
    loop {
        let ids = store.blocking(|conn| store::report_ids_from(conn, from, 1_000));
        let (ids, _) = ids.expect("reports");
        let Some(last) = ids.last() else { return };
        from = *last;
        let rows = ids.iter().map(|id| {
            let row = store.blocking(|conn| store::report_by_id(conn, *id));
            row.expect("a report")
        });
        let rows: Vec<_> = rows.collect();
        let proven: Vec<String> = rows
            .iter()
            .filter_map(|row| Some((row.id, prover.prove(row)?)))
            .map(|(id, proof)| {
                let proof = HEXLOWER.encode(&proof);
                format!("UPDATE reports SET proof = x'{proof}' WHERE id = x'{id}';")
            })
            .collect();
        sql(
            demo,
            &format!("BEGIN IMMEDIATE; {} COMMIT;", proven.concat()),
        );
    }
}

/// Something that is done to the database from outside.
pub fn sql(demo: &Demo, statement: &str) {
    let path = demo.database();
    let mut conn = SqliteConnection::establish(path.to_str().expect("UTF-8")).expect("opened");
    conn.batch_execute("PRAGMA busy_timeout = 60000")
        .and_then(|()| conn.batch_execute(statement))
        .expect("done");
}

fn batch(key: &KeyRow) -> Vec<SealedSubmission> {
    let halves: Vec<_> = std::thread::scope(|scope| {
        let hands: Vec<_> = (0..2)
            .map(|_| scope.spawn(|| (0..BATCH / 2).map(|n| report(key, n)).collect::<Vec<_>>()))
            .collect();
        hands
            .into_iter()
            .map(|hand| hand.join().expect("sealed"))
            .collect()
    });
    halves.into_iter().flatten().collect()
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
        is_alike: false,
        mailbox_expires: now.day().plus(365),
    })
    .expect("sealed")
}

/// A connection on which a caseworker of the demo is signed in. A second factor is good for one use: `again` is such a session.
pub async fn sign_in(demo: &Demo) -> Client {
    let mut client = Client::connect(demo.staff).await.expect("the staff side");
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
    client
}

/// Takes a report and writes so many notes about it.
pub async fn note(client: &mut Client, report: &str, notes: usize) {
    for number in 0..notes {
        let page = client.get("/account").await.expect("a page").body;
        let csrf = between(&page, "name=\"csrf\" value=\"", "\"").expect("a token");
        if number == 0 {
            let claim = format!("{report}/claim");
            let answer = client.post(&claim, &format!("csrf={csrf}")).await;
            assert!(answer.expect("an answer").status < 400);
        }
        let form = format!("csrf={csrf}&note=Asked+the+school+again,+for+the+{number}th+time.");
        let answer = client.post(&format!("{report}/note"), &form).await;
        assert_eq!(answer.expect("an answer").status, 303);
    }
}
