//! A day with two hundred reports and two people, who take whatever stands on top.

use std::collections::BTreeSet;

use super::model::{DAY, Need, Stand, quarter};
use super::office::Office;
use crate::support::dice::Dice;

const REPORTS: usize = 200;
/// Seconds between two things that happen.
const TICK: i64 = 180;
const TICKS_A_QUARTER: usize = 5;
/// Reports come in for so many ticks.
const OPEN: usize = 180;

pub struct Shift {
    office: Office,
    dice: Dice,
    tick: usize,
    /// What each of the two has before them.
    desks: [Option<usize>; 2],
}

impl Shift {
    pub async fn begin(dice: Dice) -> Self {
        Self {
            office: Office::open().await,
            dice,
            tick: 0,
            desks: [None; 2],
        }
    }

    pub fn goes_on(&self) -> bool {
        let cases = &self.office.cases;
        cases.len() < REPORTS || !cases.iter().all(|case| case.is_settled())
    }

    pub async fn go_on(&mut self) {
        self.tick += 1;
        while self.office.cases.len() < (REPORTS * self.tick).div_ceil(OPEN).min(REPORTS) {
            let need = match self.dice.below(20) {
                0..2 => Need::U0,
                2..7 => Need::U1,
                7..14 => Need::U2,
                _ => Need::U3,
            };
            self.office.file(need).await;
        }
        let who = self.tick % 2;
        if let Some(case) = self.desks[who].take() {
            self.decide(case, who).await;
        }
        self.desks[who] = self.take(who).await;
        if self.tick.is_multiple_of(4 * TICKS_A_QUARTER) {
            self.office.check_queue().await;
        }
        self.office.app.clock.advance(TICK);
        if self.tick.is_multiple_of(TICKS_A_QUARTER) {
            self.office.quarter().await;
        }
        let began = self.office.cases[0].came;
        assert!(
            self.office.now() < began + DAY,
            "two people are done in a day"
        );
    }

    pub async fn end(mut self) {
        let office = &mut self.office;
        for case in &office.cases {
            assert!(case.taken > 0 && case.is_settled(), "{case:?}");
        }
        // What rests comes back at its look; what nobody looks at in the days after it rings, where it is urgent.
        for _ in 0..3 {
            let now = office.now();
            let quiet = office.cases.iter().filter(|case| !case.rings());
            let next = quiet.map(|case| case.next(now)).min().unwrap();
            if next < i64::MAX {
                office.pass((next - now).div_euclid(900) + 2).await;
                office.check_queue().await;
            }
        }
        let back = office.cases.iter().any(|case| case.stand == Stand::Waits);
        assert!(back, "nothing has come back");
    }

    /// The first on the first page that nobody has and that does not wait for its reporter.
    async fn take(&mut self, who: usize) -> Option<usize> {
        let worker = self.office.worker(who).await;
        let queue = worker.queue("").await;
        let number = |report: &String| {
            let mut known = self.office.reports.iter();
            known.position(|(id, _)| id == report).expect("known")
        };
        let waits = |case: &usize| self.office.cases[*case].stand == Stand::Waits;
        let top = queue.iter().map(number).find(waits)?;
        self.check_top(top);
        self.office.claim(top, who).await;
        Some(top)
    }

    fn check_top(&self, top: usize) {
        let top = &self.office.cases[top];
        let day = |at: i64| at.div_euclid(DAY);
        // Of what is not urgent the row says the day alone, so that nobody learns from it when a report came.
        let grain = |at: i64| match top.need.rings() {
            true => quarter(at),
            false => day(at) * DAY,
        };
        for case in &self.office.cases {
            if case.stand == Stand::Waits {
                assert!(top.need <= case.need, "{case:?} waits behind {top:?}");
            }
            if case.stand == Stand::Waits && case.need == top.need {
                let (first, then) = ((day(top.came), top.due), (day(case.came), case.due));
                assert!(first <= then, "{case:?} waits behind {top:?}");
            }
            if top.taken > 0 && case.need == top.need && grain(case.came) < grain(top.came) {
                assert!(case.taken > 0, "{top:?} is taken again before {case:?}");
            }
        }
    }

    async fn decide(&mut self, case: usize, who: usize) {
        let need = self.office.cases[case].need;
        match self.dice.below(20) {
            0..4 => self.office.decide(case, who, "mark-spam").await,
            4..6 => self.office.decide(case, who, "ask-reporter").await,
            looks => {
                let hours: Vec<u32> = need.hours().collect();
                // Soon, or as late as it may be.
                let nth = if looks < 12 { 1 } else { hours.len() - 1 };
                let owners = BTreeSet::from([who]);
                self.office.act(case, who, owners, hours[nth]).await;
            }
        }
        if self.dice.below(2) == 0 {
            self.office.release(case, who).await;
        }
    }
}
