//! Every place that asks what time it is, and what hangs on the answer. One that is not in the table fails, and so does a part of the store
//! that deletes by a time that nobody has confirmed.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;

use syn::visit::Visit;

use super::{assert_none, root, rust_files};

/// What the answer does.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum By {
    /// Something runs down, repeats or is refused. It goes on at the pace of the monotonic clock when the machine's leaps.
    Pace,
    /// It is written down or shown, and ends nothing.
    Said,
    /// Something is destroyed, or closes for good: only by a time that is confirmed or has come for certain.
    Confirmed,
    /// Somebody on the machine runs a command and sees what it does.
    Operator,
    /// The clock itself, and who tells whether it is right.
    Clock,
}

use By::{Clock, Confirmed, Operator, Pace, Said};

/// By file: how often it asks, and for what.
#[rustfmt::skip]
const ASKED: &[(&str, usize, &[By], &str)] = &[
    ("app.rs", 3, &[Said, Pace], "pins, the first session root, the day of what a crash left"),
    ("app/reload.rs", 1, &[Said], "whether the pins read anew hold today"),
    ("app/running.rs", 2, &[Said, Confirmed], "the last sign-ins that failed; the witness's time"),
    ("cli/backup.rs", 1, &[Operator], "the day in a backup's name"),
    ("cli/check_config.rs", 1, &[Operator], "whether the pins hold today"),
    ("cli/credentials.rs", 1, &[Operator], "the day of a root's next version, from which the one before runs out"),
    ("cli/custodian.rs", 3, &[Operator], "until when a word holds"),
    ("cli/demo.rs", 2, &[Operator], "the demonstration"),
    ("cli/demo/people.rs", 4, &[Operator], "the demonstration"),
    ("cli/demo/show.rs", 1, &[Operator], "the demonstration"),
    ("cli/doctor.rs", 1, &[Operator], "what the machine's clock says"),
    ("cli/doctor/certificate.rs", 1, &[Operator], "whether a certificate is good"),
    ("cli/doctor/data.rs", 1, &[Operator], "how old the last backup is"),
    ("cli/init.rs", 1, &[Operator], "until when the first invitations hold"),
    ("cli/invite.rs", 1, &[Operator], "until when an invitation holds"),
    ("cli/mail_test.rs", 1, &[Operator], "the date of a letter"),
    ("cli/offline.rs", 1, &[Operator], "whether the pins hold today"),
    ("cli/recovery.rs", 1, &[Operator], "until when a request holds"),
    ("cli/restore/told.rs", 1, &[Operator], "what has changed since"),
    ("cli/witness.rs", 1, &[Operator], "the time that is taken for true"),
    ("domain/clock/trusted.rs", 2, &[Clock], ""),
    ("service/accounts.rs", 9, &[Pace], "sessions, tickets, devices, peppers"),
    ("service/admin.rs", 6, &[Pace, Said], "until when invitations hold; a letter's next day; whether the clock is right"),
    ("service/admin/arrival.rs", 2, &[Said], "from when on a notice to those on call is due, and the day on which one arrived"),
    ("service/admin/founding.rs", 1, &[Said], "the day somebody joined"),
    ("service/admin/leaving.rs", 1, &[Said], "the time of a statement"),
    ("service/admin/renewals.rs", 2, &[Confirmed, Said], "whether a person's key has reached its age"),
    ("service/admin/reset.rs", 2, &[Pace], "until when a link holds"),
    ("service/admission.rs", 2, &[Pace], "whether a newcomer has waited long enough"),
    ("service/admission/change.rs", 3, &[Pace], "whether a newcomer has waited long enough"),
    ("service/admission/door.rs", 1, &[Pace], "whether a newcomer has waited long enough"),
    ("service/attempts.rs", 6, &[Pace, Clock], "codes, and how long a way rests; a phone that says the same as the machine"),
    ("service/audit_log.rs", 1, &[Confirmed], "the witness's time"),
    ("service/authenticator.rs", 2, &[Pace], "how long a page holds"),
    ("service/authority/memory.rs", 3, &[Pace, Confirmed], "whether a statement is from the future; the day of what stays in the log, by a time that has come for certain"),
    ("service/claims.rs", 7, &[Pace], "which claims are idle, when an urgent report is told of again"),
    ("service/context.rs", 4, &[Pace], "pins, keys of forms, attempts of a device"),
    ("service/credentials.rs", 3, &[Said], "days of orders and changes; the next session root"),
    ("service/credentials/view.rs", 3, &[Said], "ages that are shown"),
    ("service/custody.rs", 2, &[Pace], "whether a custodian's key is pinned today"),
    ("service/damage.rs", 1, &[Said], "the day of an alarm"),
    ("service/disk.rs", 1, &[Said], "the day of an alarm"),
    ("service/due.rs", 1, &[Pace], "what waits for somebody's keys"),
    ("service/enrolment.rs", 3, &[Pace, Said], "whether an invitation holds; the day of a key"),
    ("service/intake.rs", 10, &[Pace, Said, Confirmed, Clock], "forms and their tickets, a report's day and dues; whether a mailbox is over, by a time that has come for certain"),
    ("service/mailbox.rs", 5, &[Pace, Said, Confirmed], "tickets, the time of a message; whether a mailbox is over, by a time that has come for certain"),
    ("service/once.rs", 1, &[Pace], "how long a page holds"),
    ("service/pending.rs", 2, &[Pace], "how long a page holds"),
    ("service/proof.rs", 1, &[Said], "the due of a report that was mended"),
    ("service/pulse.rs", 6, &[Pace, Said], "whether a process is silent, and for how long its work fails"),
    ("service/readiness.rs", 2, &[Pace], "the day of what is taken back"),
    ("service/recovery.rs", 3, &[Said, Pace], "days of records; whether a custodian's key is pinned today"),
    ("service/recovery/ceremony.rs", 1, &[Said], "the day of a record"),
    ("service/renewal.rs", 1, &[Said], "the day of a key"),
    ("service/rotation/begin.rs", 1, &[Said], "the day of a key"),
    ("service/rotation/engine.rs", 3, &[Said], "days of keys and orders"),
    ("service/rotation/order.rs", 2, &[Said, Confirmed], "the day of an order; whether a team's key has reached its age"),
    ("service/sampling.rs", 2, &[Said], "the quarter hour of what was seen"),
    ("service/shred.rs", 1, &[Said], "the day on which two people decided, or what was begun is finished"),
    ("service/time.rs", 2, &[Clock], ""),
    ("service/triage/access.rs", 3, &[Pace, Said], "that a claim is used; the time of what is written"),
    ("service/triage/acts.rs", 6, &[Pace, Said], "that a claim is used; the time of what is written"),
    ("service/triage/approve.rs", 2, &[Pace, Said], "until when an export waits; from when a class counts"),
    ("service/triage/export.rs", 1, &[Pace], "whether an export still waits"),
    ("service/triage/proposals.rs", 4, &[Said, Confirmed], "the day of a proposal; whether a mailbox is over, by a time that has come for certain"),
    ("service/triage/resting.rs", 1, &[Pace], "when somebody looks again"),
    ("service/triage/queue.rs", 4, &[Said], "what is due to be looked at again, late, or rests"),
    ("service/triage/retention.rs", 2, &[Said], "from when a class counts"),
    ("service/triage/view.rs", 2, &[Pace, Confirmed], "that a claim is used; whether a mailbox is over, by a time that has come for certain"),
    ("service/txn.rs", 4, &[Said], "when a transaction began"),
    ("store/look.rs", 1, &[Confirmed], "reports that rest for longer than anybody could have said come back"),
    ("store/future.rs", 1, &[Confirmed], "what a false future has left"),
    ("store/attempt.rs", 1, &[Confirmed], "attempts that count no more are deleted"),
    ("store/mailbox.rs", 3, &[Confirmed], "mailboxes are deleted"),
    ("store/proposal.rs", 3, &[Confirmed], "exports are deleted"),
    ("store/retention.rs", 2, &[Confirmed], "reports whose clock has run out"),
    ("store/session.rs", 1, &[Confirmed], "sessions are deleted"),
    ("store/staff.rs", 1, &[Confirmed], "invitations are deleted"),
    ("store/ticket.rs", 1, &[Confirmed], "keys of forms are deleted"),
    ("web/frame.rs", 1, &[Said], "what a page says"),
    ("web/reporter/mailbox.rs", 1, &[Said], "whether an answer is late"),
    ("web/staff/queue.rs", 1, &[Said], "how long a report has waited"),
    ("web/staff/report/view.rs", 1, &[Said], "in how long something is due"),
    ("worker/look.rs", 2, &[Pace, Confirmed], "reports at which nobody has looked in time come back"),
    ("worker.rs", 1, &[Said], "when a transaction began"),
    ("worker/anchor.rs", 1, &[Pace], "the day's anchor"),
    ("worker/deliver.rs", 6, &[Pace, Confirmed], "letters that are due, leases; when one is given up, by a time that has come for certain"),
    ("worker/expand.rs", 3, &[Pace], "notices that are due"),
    ("worker/expire.rs", 12, &[Pace, Confirmed], "the log's ticks, the daily looks and the minute's; idle claims; what is deleted"),
    ("worker/heartbeat.rs", 1, &[Pace], "the day's sign of life"),
    ("worker/pull_back.rs", 2, &[Confirmed], "what a false future has left"),
    ("worker/runner.rs", 1, &[Pace], "since when a step fails"),
    ("worker/shred.rs", 3, &[Said, Confirmed], "reports whose clock has run out; exports"),
    ("worker/watch.rs", 7, &[Pace, Confirmed, Clock], "daily looks, repeats; the witness's time, roots that prove no more; the day of the file's check"),
];

/// What else is asked "now": what a running service has in force.
const NO_CLOCKS: &[&str] = &[
    "changing",
    "exchange",
    "forms",
    "pinned",
    "sentences",
    "self.0",
];

/// Ways to ask.
const WAYS: &[&str] = &[
    ".now()",
    ".moment()",
    ".today()",
    ".confirmed()",
    ".at_least()",
    ".doubted()",
    ".standing()",
];

#[test]
fn every_place_that_asks_the_time_says_what_hangs_on_it() {
    let source = root().join("src");
    let mut found = BTreeMap::new();
    for file in rust_files(&source) {
        let name = file.strip_prefix(&source).unwrap().display().to_string();
        let is_test = name.split('/').any(|part| part.starts_with("tests"));
        let count = asked(&fs::read_to_string(&file).unwrap());
        if count > 0 && !is_test {
            found.insert(name, count);
        }
    }
    let table: BTreeMap<String, usize> = ASKED
        .iter()
        .map(|(file, count, ..)| ((*file).to_owned(), *count))
        .collect();
    let mut wrong = Vec::new();
    for file in table.keys().chain(found.keys()).collect::<BTreeSet<_>>() {
        let (said, is) = (table.get(file), found.get(file));
        if said != is {
            wrong.push(format!(
                "{file}: {is:?} places ask the time, the table has {said:?}"
            ));
        }
    }
    assert_none(&wrong);
    for (file, _, by, what) in ASKED {
        assert!(
            !by.is_empty() && (*by == [Clock] || !what.is_empty()),
            "{file}"
        );
    }
}

fn asked(text: &str) -> usize {
    let text = text.split("#[cfg(test)]\nmod tests {").next().unwrap();
    let lines = text
        .lines()
        .map(|line| line.split("//").next().unwrap_or_default());
    let text: String = lines
        .flat_map(str::chars)
        .filter(|c| !c.is_whitespace())
        .collect();
    let ways = WAYS.iter().flat_map(|way| text.match_indices(way));
    let asks = ways.filter(|(at, way)| {
        *way != ".now()" || !NO_CLOCKS.iter().any(|other| text[..*at].ends_with(other))
    });
    asks.count()
}

/// What deletes rows although no time that it is given decides which.
const DECIDED_ELSEWHERE: &[(&str, &str)] = &[
    (
        "shred_begin",
        "the day is written down; who calls it has decided",
    ),
    (
        "events_due",
        "an urgent event whose report waits for nobody",
    ),
    ("alarm_raise", "a row that somebody has laid there"),
    (
        "grant_quarantine",
        "a grant that does not open is set aside",
    ),
    ("invitation_use", "whoever was invited has come"),
    ("report_mend", "a claim on a report that is put back"),
    ("ticket_key_put", "the key of the same day, by another"),
];

/// A function of the store that takes a time and deletes.
#[derive(Default)]
struct Deletes {
    by_time: BTreeSet<String>,
    by_confirmed: BTreeSet<String>,
}

impl<'ast> Visit<'ast> for Deletes {
    fn visit_item_fn(&mut self, item: &'ast syn::ItemFn) {
        let (mut given, mut does) = (Words::default(), Words::default());
        given.visit_signature(&item.sig);
        does.visit_block(&item.block);
        let has = |name: &str| given.0.contains(name);
        let names = if has("Confirmed") {
            &mut self.by_confirmed
        } else if ["Timestamp", "Day", "Quarter"].into_iter().any(has) {
            &mut self.by_time
        } else {
            return;
        };
        if does.0.contains("delete") {
            names.insert(item.sig.ident.to_string());
        }
    }
}

#[derive(Default)]
struct Words(BTreeSet<String>);

impl<'ast> Visit<'ast> for Words {
    fn visit_ident(&mut self, word: &'ast syn::Ident) {
        self.0.insert(word.to_string());
    }
}

#[test]
fn what_deletes_by_a_time_takes_one_that_is_confirmed() {
    let mut deletes = Deletes::default();
    for file in rust_files(&root().join("src/store")) {
        if file.iter().any(|part| part == "tests") {
            continue;
        }
        deletes.visit_file(&syn::parse_file(&fs::read_to_string(&file).unwrap()).unwrap());
    }
    let excused: BTreeSet<String> = DECIDED_ELSEWHERE
        .iter()
        .map(|(name, _)| (*name).to_owned())
        .collect();
    assert_eq!(deletes.by_time, excused);
    for name in [
        "attempts_expire",
        "export_expire",
        "invitations_expire",
        "mailboxes_expire",
        "pull_back",
        "sessions_expire",
        "ticket_keys_expire",
    ] {
        assert!(deletes.by_confirmed.contains(name), "{name}");
    }
}
