//! One history: whatever is possible, drawn at random.

use std::collections::BTreeSet;

use super::model::{Need, Stand};
use super::office::{Office, PEOPLE};
use crate::support::dice::Dice;

const MOST_CASES: usize = 4;

pub struct History {
    office: Option<Office>,
    dice: Dice,
    /// Who works here still: sokha leads, and stays.
    staff: Vec<usize>,
}

impl History {
    pub async fn begin(dice: Dice) -> Self {
        let mut history = Self {
            office: Some(Office::open().await),
            dice,
            staff: (0..PEOPLE.len()).collect(),
        };
        history.come().await;
        history
    }

    pub async fn go_on(&mut self) {
        match self.below(20) {
            0..2 => self.come().await,
            2 => self.leave().await,
            3 => self.restart(),
            4..7 => self.write().await,
            7..10 => self.few_minutes().await,
            10..14 => self.pass().await,
            _ => self.work().await,
        }
        let office = self.office();
        office.check_bells();
        office.check_queue().await;
    }

    /// Nobody does anything any more: whatever was put off comes back, and what is urgent rings.
    pub async fn end(mut self) {
        println!("nobody does anything");
        let office = self.office();
        office.pass(1).await;
        office.pass(1).await;
        let now = office.now();
        let looks = office.cases.iter().filter(|case| !case.rings());
        let next = looks.map(|case| case.next(now)).min();
        if let Some(next) = next.filter(|next| *next < i64::MAX) {
            office.pass((next - now) / 900 + 2).await;
        }
        office.check_queue().await;
    }

    const fn office(&mut self) -> &mut Office {
        self.office.as_mut().expect("an office")
    }

    fn below(&mut self, end: usize) -> usize {
        let end = u64::try_from(end).unwrap();
        usize::try_from(self.dice.below(end)).unwrap()
    }

    fn one<T: Copy>(&mut self, of: &[T]) -> T {
        of[self.below(of.len())]
    }

    async fn come(&mut self) {
        if self.office().cases.len() == MOST_CASES {
            return self.pass().await;
        }
        let need = self.one(&Need::ALL);
        println!("{need:?} comes in");
        self.office().file(need).await;
    }

    async fn write(&mut self) {
        let case = self.case();
        println!("the reporter of {case} writes");
        self.office().hear(case).await;
    }

    async fn pass(&mut self) {
        let quarters = self.one(&[1, 1, 2, 4, 16, 48, 96, 288, 960]);
        println!("{quarters} quarter hours pass");
        self.office().pass(quarters).await;
    }

    async fn few_minutes(&mut self) {
        println!("a few minutes pass");
        self.office().few_minutes().await;
    }

    async fn leave(&mut self) {
        if self.staff.len() < PEOPLE.len() {
            return self.pass().await;
        }
        let who = self.one(&[1, 2]);
        println!("{who} leaves");
        self.staff.retain(|person| *person != who);
        self.office().leave(who).await;
    }

    fn restart(&mut self) {
        println!("the service restarts");
        let office = self.office.take().expect("an office");
        self.office = Some(office.restarted());
    }

    fn case(&mut self) -> usize {
        let cases = self.office().cases.len();
        self.below(cases)
    }

    /// Somebody does something with a report; takes it first, if nobody has it.
    async fn work(&mut self) {
        let case = self.case();
        if self.office().cases[case].holder.is_none() {
            let staff = self.staff.clone();
            let who = self.one(&staff);
            println!("{who} takes {case}");
            self.office().claim(case, who).await;
            if self.below(3) == 0 {
                return;
            }
        }
        let (stand, holder) = {
            let case = &self.office().cases[case];
            (case.stand, case.holder)
        };
        let (who, _) = holder.expect("somebody has it");
        match (self.below(7), stand) {
            (0, _) => {
                println!("{who} gives {case} back");
                self.office().release(case, who).await;
            }
            (1, Stand::Held) => self.decide(case, who, "ask-reporter").await,
            (2, Stand::Held | Stand::Asked) => self.decide(case, who, "mark-spam").await,
            (3, Stand::Held) => self.close(case, who, "no_action").await,
            (3, Stand::Acted) => self.close(case, who, "close").await,
            (_, Stand::Held | Stand::Asked | Stand::Acted) => self.act(case, who).await,
            (_, Stand::Spam | Stand::Closed) => self.decide(case, who, "resume").await,
            #[expect(clippy::unreachable, reason = "nobody has what waits")]
            (_, Stand::Waits) => unreachable!(),
        }
    }

    async fn decide(&mut self, case: usize, who: usize, act: &str) {
        println!("{who} decides on {case}: {act}");
        self.office().decide(case, who, act).await;
    }

    async fn close(&mut self, case: usize, who: usize, kind: &str) {
        let staff: Vec<usize> = self.staff.iter().copied().filter(|s| *s != who).collect();
        let other = self.one(&staff);
        println!("{who} and {other} close {case}: {kind}");
        self.office().close(case, (who, other), kind).await;
    }

    async fn act(&mut self, case: usize, who: usize) {
        let hours: Vec<u32> = self.office().cases[case].need.hours().collect();
        let hours = self.one(&hours);
        let staff = self.staff.clone();
        let (first, second) = (self.one(&staff), self.one(&staff));
        let owners = BTreeSet::from([first, second]);
        println!("{who} has {owners:?} act on {case}, to look in {hours} hours");
        self.office().act(case, who, owners, hours).await;
    }
}
