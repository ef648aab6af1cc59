//! At the end: what the people were told, and what is there.

use std::collections::BTreeMap;

use super::house::House;
use super::people::{Desk, Seen, Town};
use crate::support::canary::Search;
use crate::support::{eventually, sql};

/// A report as the caseworker reads it.
struct Read {
    id: String,
    /// What reporters have typed, and what else stands there as it was typed.
    texts: Vec<String>,
}

fn of<'a>(texts: &'a [String], word: &'a str) -> impl Iterator<Item = &'a String> {
    texts.iter().filter(move |text| text.contains(word))
}

/// Everything is put right, and compared.
pub async fn assert_whole(mut house: House) {
    house.restart().await;
    house.is_ready(true).await;
    all_are_told(&house).await;
    let (mails, seen) = (house.town.mails(), house.town.take_seen());
    let sokha = Desk::of(&house.installation, "sokha");
    let reports = read_all(&house.town, &sokha).await;
    println!("{} codes, {mails} mails to those on call", seen.told.len());
    assert_kept(&seen, &reports);
    assert_heard(&seen, &reports, mails);
    assert_mailboxes(&house.town, &seen, &reports).await;
    assert_sound(&house);
    assert_dark(&house);
}

/// Every urgent report has led to a letter, and every letter to those on call has left.
async fn all_are_told(house: &House) {
    let database = house.installation.database();
    eventually("those on call have heard of everything", async || {
        let mut conn = sql::open(&database);
        let new = sql::number(&mut conn, "outbox WHERE kind = 'urgent' AND attempts = 0");
        let letters = "outbox WHERE kind = 'delivery' AND list = 'oncall'";
        (new + sql::number(&mut conn, letters) == 0).then_some(())
    })
    .await;
}

async fn read_all(town: &Town, sokha: &Desk) -> Vec<Read> {
    let mut all = Vec::new();
    let site = town.doors.borrow().clone().expect("it runs").staff;
    for id in sokha.session(&site).await.whole_queue().await {
        town.act(sokha, &id, "claim").await;
        let page = town.read(sokha, &id).await;
        let texts = page.document().of_class("inert");
        all.push(Read { id, texts });
    }
    all
}

/// Each code stands for one report, with the words that were sent and all messages that a page said were sent, each once.
fn assert_kept(seen: &Seen, reports: &[Read]) {
    let mut read: BTreeMap<&str, Vec<&Read>> = BTreeMap::new();
    for report in reports {
        let accounts: Vec<_> = of(&report.texts, "-account-").collect();
        assert_eq!(accounts.len(), 1, "{accounts:?}");
        read.entry(accounts[0]).or_default().push(report);
    }
    for (account, told) in &seen.told {
        let found = read.remove(account.as_str()).unwrap_or_default();
        assert_eq!(found.len(), 1, "{account:.40} is there whole, once");
        let mut messages: Vec<_> = of(&found[0].texts, "-message-").collect();
        let mut sent: Vec<_> = told.messages.iter().collect();
        messages.sort();
        sent.sort();
        assert_eq!(messages, sent, "{account:.40}");
        let answers: Vec<_> = of(&found[0].texts, "-answer-").collect();
        let sent: Vec<_> = seen
            .answers
            .get(&found[0].id)
            .into_iter()
            .flatten()
            .collect();
        assert_eq!(answers, sent, "{account:.40}");
    }
    assert!(read.is_empty(), "nobody was told of {:?}", read.keys());
}

/// After it was sent those on call had a mail, for each urgent report that nobody has claimed.
fn assert_heard(seen: &Seen, reports: &[Read], mails: usize) {
    let mut unclaimed = 0;
    for (account, told) in seen.told.iter().filter(|(_, told)| told.is_urgent) {
        let mut of_account = reports.iter().filter(|read| read.texts.contains(account));
        let report = of_account.next().expect("it is there");
        if !seen.claimed.contains(&report.id) {
            unclaimed += 1;
            assert!(mails > told.mails_before, "nobody heard of {account:.40}");
        }
    }
    assert!(unclaimed > 0, "each urgent report was claimed");
}

/// Each code opens, and shows what the team has answered.
async fn assert_mailboxes(town: &Town, seen: &Seen, reports: &[Read]) {
    let mut answered = 0;
    for (account, told) in &seen.told {
        let page = town.mailbox(&told.code).await;
        page.form("messages");
        let mut of_account = reports.iter().filter(|read| read.texts.contains(account));
        let report = of_account.next().expect("it is there");
        let answers = seen.answers.get(&report.id).cloned().unwrap_or_default();
        assert_eq!(page.document().of_class("text"), answers, "{account:.40}");
        answered += answers.len();
    }
    assert!(answered > 0, "nobody was answered");
}

/// Database, log and ledgers hold, by our own commands.
fn assert_sound(house: &House) {
    let mut conn = sql::open(house.installation.database());
    assert_eq!(sql::texts(&mut conn, "PRAGMA integrity_check"), ["ok"]);
    for table in ["quarantine", "outbox WHERE state = 'dead'"] {
        assert_eq!(sql::number(&mut conn, table), 0, "{table}");
    }
    for words in [["audit", "verify"], ["keys", "verify"]] {
        let (is_good, said) = house.command(&words);
        assert!(is_good, "{words:?}: {said}");
    }
    let (_, said) = house.command(&["doctor", "--json"]);
    let end = said.rfind(']').expect("JSON");
    let lines: Vec<serde_json::Value> = serde_json::from_str(&said[..=end]).expect("JSON");
    for check in ["database", "ledgers", "audit log"] {
        let line = lines.iter().find(|line| line["check"] == check);
        let line = line.expect("a line");
        assert_eq!(line["verdict"], "good", "{line}");
    }
}

/// Not a word of anybody is in the files, the log or the mails.
fn assert_dark(house: &House) {
    let search = Search::new();
    let (files, found) = search.folder(house.installation.folder());
    assert!(files > 5 && found.is_empty(), "{found:#?}");
    for mail in house.town.server.taken(1) {
        let hits = search.hits(mail.content().as_bytes());
        assert!(hits.is_empty(), "{hits:?}");
    }
}
