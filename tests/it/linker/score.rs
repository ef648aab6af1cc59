//! How often a guess was right, and how often chance is.

use std::collections::BTreeMap;
use std::fmt;

/// So many standard deviations are no chance any more.
const FAR: f64 = 4.0;

/// See the module.
#[derive(Debug, Clone, Copy, Default)]
pub struct Score {
    guesses: u32,
    right: f64,
    expected: f64,
    variance: f64,
}

impl Score {
    /// One guess, which is right by chance that often.
    pub fn guess(&mut self, is_right: bool, chance: f64) {
        self.expect(f64::from(u8::from(is_right)), chance);
    }

    /// One guess that is right that often.
    pub fn expect(&mut self, right: f64, chance: f64) {
        self.guesses += 1;
        self.right += right;
        self.expected += chance;
        self.variance += chance * (1.0 - chance);
    }

    /// So many of a permutation were right: by chance it is one, whatever its length, with a variance of one.
    fn permutation(&mut self, length: u32, right: u32) {
        self.guesses += length;
        self.right += f64::from(right);
        self.expected += 1.0;
        self.variance += 1.0;
    }

    /// Neither more nor less often than by chance: a guess that is always wrong tells as much.
    pub fn is_chance(&self) -> bool {
        (self.right - self.expected).abs() <= FAR * self.variance.sqrt()
    }
}

impl fmt::Display for Score {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "{:.0} of {} right, {:.0} ± {:.0} by chance",
            self.right,
            self.guesses,
            self.expected,
            FAR * self.variance.sqrt()
        )
    }
}

/// The reports and mailboxes of a day, each with what puts it in an order.
pub struct Pairs {
    reports: Vec<(Vec<u8>, String)>,
    mailboxes: Vec<(Vec<u8>, String)>,
    truth: BTreeMap<String, String>,
}

impl Pairs {
    pub fn new<'a>(of: impl Iterator<Item = ((Vec<u8>, Vec<u8>), (&'a str, &'a str))>) -> Self {
        let mut pairs = Self {
            reports: Vec::new(),
            mailboxes: Vec::new(),
            truth: BTreeMap::new(),
        };
        for ((by_report, by_mailbox), (report, mailbox)) in of {
            pairs.reports.push((by_report, report.to_owned()));
            pairs.mailboxes.push((by_mailbox, mailbox.to_owned()));
            pairs.truth.insert(report.to_owned(), mailbox.to_owned());
        }
        pairs
    }

    /// The first of one side goes with the first of the other.
    pub fn linked(mut self, score: &mut Score) {
        self.reports.sort();
        self.mailboxes.sort();
        let guessed = self.reports.iter().zip(&self.mailboxes);
        let right = guessed.filter(|((_, report), (_, mailbox))| self.truth[report] == *mailbox);
        let right = u32::try_from(right.count()).unwrap();
        score.permutation(u32::try_from(self.reports.len()).unwrap(), right);
    }
}

/// Of each two that differ, the one that is before the other came first.
pub fn ordered(came: &[(Vec<u8>, i64)], score: &mut Score) {
    for (at, (place, second)) in came.iter().enumerate() {
        for (other_place, other_second) in &came[at + 1..] {
            if place != other_place && second != other_second {
                score.guess((place < other_place) == (second < other_second), 0.5);
            }
        }
    }
}

/// From which length on it is the one language or the other, as somebody learns it who knows some.
#[derive(Debug, Default)]
pub struct Threshold(Vec<(Vec<u8>, bool)>);

impl Threshold {
    pub fn learn(&mut self, size: Vec<u8>, is_khmer: bool) {
        self.0.push((size, is_khmer));
    }

    pub fn guess(&self, size: &[u8]) -> bool {
        let right = |least: &[u8]| {
            let fits =
                |(size, is_khmer): &&(Vec<u8>, bool)| (size.as_slice() >= least) == *is_khmer;
            self.0.iter().filter(fits).count()
        };
        let best = self.0.iter().max_by_key(|(least, _)| right(least));
        best.is_some_and(|(least, _)| size >= least.as_slice())
    }
}
