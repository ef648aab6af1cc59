//! Somebody who has the database's columns, its file, two backups that follow one another and the times of the files, and guesses: which
//! mailbox is which report's, which report came first and at what time of the day, in which language it was written, who looked into a
//! mailbox. Over two hundred days of an ordinary office each guess is right no more often than by chance, but for what SECURITY.md names.

mod copies;
mod score;

use std::collections::BTreeMap;

use kapea::domain::clock::Day;
use kapea::domain::form::Answers;
use kapea::seal::random::jitter;
use kapea::service::intake::FormStatus;

use crate::support::TestApp;
use copies::{Copy, live, night};
use score::{Pairs, Score, Threshold};

const DAYS: usize = 200;
const DAY: i64 = 86_400;
/// While there are few rows in all, those of one day share a page.
const FIRST_DAYS: usize = 10;
/// What SECURITY.md says is not closed.
const LEFT: [&str; 4] = [
    "conversation by two backups",
    "language of a report",
    "link by place in today's file, first days",
    "order by place in today's file, first days",
];

/// A report as it truly was.
struct Truth {
    report: String,
    lookup: String,
    code: String,
    /// Second of its day.
    second: i64,
    is_khmer: bool,
}

/// One sentence, again and again: from twenty letters to some two and a half thousand, half of them shorter than two hundred and fifty.
fn words(is_khmer: bool) -> String {
    let sentence = if is_khmer {
        "អ្នកជិតខាងវាយក្មេងប្រុសរាល់ល្ងាច "
    } else {
        "The neighbour hits the boy every evening. "
    };
    let least = 20 << jitter(6);
    let letters = usize::try_from(least + jitter(least)).unwrap();
    sentence.chars().cycle().take(letters).collect()
}

async fn file(app: &TestApp, second: i64) -> Truth {
    let is_khmer = jitter(1) == 1;
    let before = copies::keys(app);
    let intake = &app.services.intake;
    let FormStatus::Open { ticket } = intake.form_status().await else {
        panic!("the form is closed");
    };
    let form = intake.form().await;
    let fields = [("danger", "over".to_owned()), ("account", words(is_khmer))];
    let fields = fields.map(|(name, value)| (name.to_owned(), value));
    let filled = Answers::read(&form, &fields).unwrap_or_else(|_| panic!("answers"));
    let language = if is_khmer { "km" } else { "en" };
    let receipt = intake.submit(&ticket, (&form, language), filled).await;
    let code = receipt.unwrap().code.digits().to_owned();
    let now = copies::keys(app);
    let new = |of: usize| now[of].difference(&before[of]).next().unwrap().clone();
    Truth {
        report: new(0),
        lookup: new(1),
        code,
        second,
        is_khmer,
    }
}

/// Somebody looks into a mailbox, and perhaps writes and keeps a copy of what they wrote.
async fn visit(app: &TestApp, truth: &Truth, writes: bool) {
    let mailbox = &app.services.mailbox;
    let open = mailbox.enter(&truth.code).await;
    let open = open.unwrap_or_else(|_| panic!("a mailbox"));
    if writes {
        let tickets = (open.ticket.as_str(), open.write_ticket.as_str());
        let written = mailbox.write(tickets, "And again.", true).await;
        assert!(written.is_ok_and(|open| open.written.is_some()));
    }
}

/// A day, and what was found after it.
struct Found<'a> {
    number: usize,
    new: &'a [Truth],
    old: &'a [Truth],
    /// The backup of the night before, the file before this night and after it, and this night's backup.
    before: &'a Copy,
    today: &'a Copy,
    file: &'a Copy,
    after: &'a Copy,
}

/// What is guessed, and how often it was right.
#[derive(Default)]
struct Scores {
    of: BTreeMap<&'static str, Score>,
    report_sizes: Threshold,
    mailbox_sizes: Threshold,
}

/// By what a guess orders the rows of a day.
type By = fn(&Copy, &str) -> Vec<u8>;

impl Scores {
    fn of(&mut self, what: &'static str) -> &mut Score {
        self.of.entry(what).or_default()
    }

    fn guess(&mut self, found: &Found<'_>) {
        let (after, file) = (found.after, found.file);
        self.link(
            "link by place in the backup",
            found,
            after,
            (Copy::place, Copy::place),
        );
        self.link(
            "link by place in the file",
            found,
            file,
            (Copy::place, Copy::place),
        );
        self.link(
            "link by length",
            found,
            after,
            (Copy::report_size, Copy::mailbox_size),
        );
        self.order("order by place in the backup", found, after, Copy::place);
        self.order("order by place in the file", found, file, Copy::place);
        self.order("order by days", found, after, Copy::report_days);
        if found.number < FIRST_DAYS {
            self.link(LEFT[2], found, found.today, (Copy::place, Copy::place));
            self.order(LEFT[3], found, found.today, Copy::place);
            self.order(
                "order by place in the file, first days",
                found,
                file,
                Copy::place,
            );
        }
        for truth in found.new {
            let due = after.due_second(&truth.report);
            let is_late = (due >= DAY / 2, truth.second >= DAY / 2);
            self.of("hour").guess(is_late.0 == is_late.1, 0.5);
        }
        self.languages(found);
        self.conversations(found);
    }

    /// Which mailbox is which report's: the first of one side goes with the first of the other.
    fn link(&mut self, what: &'static str, found: &Found<'_>, copy: &Copy, by: (By, By)) {
        let pairs = found.new.iter().map(|it| {
            let of = (by.0(copy, &it.report), by.1(copy, &it.lookup));
            (of, (it.report.as_str(), it.lookup.as_str()))
        });
        Pairs::new(pairs).linked(self.of(what));
    }

    fn order(&mut self, what: &'static str, found: &Found<'_>, copy: &Copy, by: By) {
        let came = found.new.iter().map(|it| (by(copy, &it.report), it.second));
        score::ordered(&came.collect::<Vec<_>>(), self.of(what));
    }

    /// Half of the days teach which length goes with which language.
    fn languages(&mut self, found: &Found<'_>) {
        for truth in found.new {
            let report = found.after.report_size(&truth.report);
            let mailbox = found.after.mailbox_size(&truth.lookup);
            if found.number < DAYS / 2 {
                self.report_sizes.learn(report, truth.is_khmer);
                self.mailbox_sizes.learn(mailbox, truth.is_khmer);
                continue;
            }
            let report = self.report_sizes.guess(&report) == truth.is_khmer;
            let mailbox = self.mailbox_sizes.guess(&mailbox) == truth.is_khmer;
            self.of(LEFT[1]).guess(report, 0.5);
            self.of("language of a mailbox").guess(mailbox, 0.5);
        }
    }

    /// What grew on both sides between two backups is one conversation, as far as it is alone.
    fn conversations(&mut self, found: &Found<'_>) {
        let differs = |it: &&Truth| found.after.mailbox_differs(found.before, &it.lookup);
        let grown: Vec<_> = found.old.iter().filter(differs).collect();
        let share = |of: usize| 1.0 / f64::from(u32::try_from(of).unwrap());
        for truth in &grown {
            assert!(found.after.report_differs(found.before, &truth.report));
            let score = self.of(LEFT[0]);
            score.expect(share(grown.len()), share(found.old.len()));
        }
    }

    /// In one dump alone: of a month's reports and the mailboxes that end together, the earlier go with the earlier.
    fn months(&mut self, dump: &Copy, truths: &[Truth]) {
        let mut months: BTreeMap<Day, Vec<&Truth>> = BTreeMap::new();
        for truth in truths {
            let ends = dump.day(&truth.report).plus(365).month_start_or_next();
            months.entry(ends).or_default().push(truth);
        }
        for month in months.values() {
            let pairs = month.iter().map(|it| {
                let of = (dump.report_days(&it.report), dump.mailbox_days(&it.lookup));
                (of, (it.report.as_str(), it.lookup.as_str()))
            });
            Pairs::new(pairs).linked(self.of("link by days in one dump"));
        }
    }

    /// One mailbox was looked into, another was not; neither was written into.
    fn visits(&mut self, found: &Found<'_>, visited: &Truth, other: &Truth) {
        for (truth, came) in [(visited, true), (other, false)] {
            let differs = found.after.mailbox_differs(found.before, &truth.lookup);
            self.of("visited").guess(differs == came, 0.5);
        }
    }
}

fn any(of: usize) -> usize {
    usize::try_from(jitter(i64::try_from(of).unwrap() - 1)).unwrap()
}

/// Reports of a day at their times.
async fn reports(app: &TestApp, truths: &mut Vec<Truth>) {
    let midnight = app.clock.now().seconds();
    let mut seconds: Vec<i64> = (0..2 + jitter(2)).map(|_| jitter(DAY - 120)).collect();
    seconds.sort_unstable();
    for second in seconds {
        app.clock
            .advance(midnight + second - app.clock.now().seconds());
        app.sample().await;
        truths.push(file(app, second).await);
    }
}

/// Somebody looks into a mailbox, and on some days others write. Which was looked into only, and one of which nobody thought.
async fn visits(app: &TestApp, old: &[Truth]) -> Option<(usize, usize)> {
    if old.is_empty() {
        return None;
    }
    let (visited, other) = (any(old.len()), any(old.len()));
    visit(app, &old[visited], false).await;
    let mut is_still = visited != other;
    for _ in 0..jitter(2) {
        let writes = any(old.len());
        is_still &= writes != visited && writes != other;
        visit(app, &old[writes], true).await;
    }
    is_still.then_some((visited, other))
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_has_it_all_links_no_better_than_chance() {
    let app = TestApp::start().await;
    app.clock
        .advance(DAY - app.clock.now().seconds().rem_euclid(DAY));
    app.worker.step().await;
    let (mut scores, mut truths) = (Scores::default(), Vec::new());
    let mut before = night(&app, 0);
    for number in 0..DAYS {
        let old = truths.len();
        reports(&app, &mut truths).await;
        let still = visits(&app, &truths[..old]).await;
        app.clock.advance(60);
        app.sample().await;
        app.worker.step().await;
        let today = live(&app);
        app.clock
            .advance(DAY - app.clock.now().seconds().rem_euclid(DAY));
        app.worker.step().await;
        let after = night(&app, number + 1);
        let found = Found {
            number,
            new: &truths[old..],
            old: &truths[..old],
            before: &before,
            today: &today,
            file: &live(&app),
            after: &after,
        };
        scores.guess(&found);
        if let Some((visited, other)) = still {
            scores.visits(&found, &truths[visited], &truths[other]);
        }
        before = after;
    }
    scores.months(&before, &truths);
    let all = scores.of.iter();
    let told = |(what, score)| format!("{what}: {score}");
    println!("{}", all.clone().map(told).collect::<Vec<_>>().join("\n"));
    let better = all.filter(|(what, score)| !score.is_chance() && !LEFT.contains(what));
    assert_eq!(better.map(told).collect::<Vec<_>>(), Vec::<String>::new());
}
