//! `kill -9` at any moment: every code that was shown opens its conversation and stands for a whole report, and nothing is half.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::AtomicUsize;
use std::time::Duration;

use kapea::domain::clock::Clock;
use kapea::seal::random;
use tokio::sync::Mutex;

use crate::support::binary::Installation;
use crate::support::eventually;
use crate::support::reporter::Reporter;
use crate::support::sender::{CRASH_ROUNDS, Seen, rounds, send_until_gone};
use crate::support::sql;

/// Reports that are sent at once.
const CLIENTS: usize = 4;
/// How often the process is killed, unless `KAPEA_CRASH_ROUNDS` says so.
const ROUNDS: usize = 40;

fn assert_sound(installation: &Installation) {
    let mut conn = sql::open(installation.database());
    assert_eq!(sql::texts(&mut conn, "PRAGMA integrity_check"), ["ok"]);
    let half = "reports WHERE (SELECT count(*) FROM objects WHERE report = reports.id) <> 2 \
                OR (SELECT count(*) FROM grants WHERE report = reports.id) <> 1";
    assert_eq!(sql::number(&mut conn, half), 0, "reports are half there");
}

#[tokio::test(flavor = "multi_thread")]
async fn every_code_that_was_shown_opens_a_whole_report_after_kill_9() {
    let installation = Installation::settled();
    installation.set(&[("log", "level = \"info\"")]);
    let numbers = Arc::new(AtomicUsize::new(0));
    let seen = Arc::new(Mutex::new(Seen::default()));
    for _ in 0..rounds(CRASH_ROUNDS, ROUNDS) {
        let mut served = installation.serve().await;
        let clients: Vec<_> = (0..CLIENTS)
            .map(|_| {
                tokio::spawn(send_until_gone(
                    served.public(),
                    Arc::clone(&numbers),
                    Arc::clone(&seen),
                    usize::MAX,
                ))
            })
            .collect();
        let before = seen.lock().await.shown.len();
        eventually("a code is shown in this round", || {
            let seen = Arc::clone(&seen);
            async move { (seen.lock().await.shown.len() > before).then_some(()) }
        })
        .await;
        let moment = u64::try_from(random::jitter(250)).unwrap();
        tokio::time::sleep(Duration::from_millis(moment)).await;
        served.kill();
        for client in clients {
            client.await.unwrap();
        }
        assert_sound(&installation);
    }
    let mut seen = std::mem::take(&mut *seen.lock().await);
    assert!(
        !seen.unanswered.is_empty(),
        "no kill met a report on its way"
    );

    let served = installation.serve().await;
    let reporter = Reporter {
        site: served.public(),
        lang: "en",
    };
    seen.settle(&reporter.site).await;
    for code in seen.shown.values() {
        reporter.try_code(code).await.expect(200).form("messages");
    }
    let caseworker = installation
        .people
        .get("sokha")
        .sign_in(&served.staff(), &Clock::system())
        .await;
    let reports = caseworker.whole_queue().await;
    let mut read: BTreeMap<String, usize> = BTreeMap::new();
    for report in &reports {
        caseworker.claim(report).await.expect(303);
        let page = caseworker.read(report).await.expect(200);
        let texts = page.document().of_class("inert");
        let account = texts
            .iter()
            .find(|text| text.starts_with("begin-"))
            .expect("an account")
            .clone();
        *read.entry(account).or_default() += 1;
        caseworker.release(report).await.expect(303);
    }
    for account in seen.shown.keys() {
        assert_eq!(
            read.get(account),
            Some(&1),
            "{:.20} is there whole, once",
            account
        );
    }
    assert_eq!(read.len(), reports.len(), "nothing is there twice");
    assert!(
        read.keys().all(|account| account.ends_with("-account")),
        "nothing is half"
    );
}
