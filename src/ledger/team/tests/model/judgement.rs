//! What the model takes, and what it says the state is.

use super::{Model, Said, is_weaker, later, time};
use crate::domain::ids::StaffId;
use crate::ledger::rules::Rules;
use crate::ledger::statement::PublicKeys;
use crate::ledger::team::{TeamBody, TeamState, Word};
use crate::ledger::tests::is_recovery_key;
use crate::seal::keys::VerifyKey;

impl Model {
    fn count(&self, n: usize) -> usize {
        self.everybody().filter(|one| self.is_in(n, *one)).count()
    }

    fn may_have(&self, n: usize, rules: Rules) -> bool {
        let is_valid = Rules::new(
            u8::try_from(rules.approvals()).unwrap(),
            rules.delay_hours(),
        );
        is_valid.is_some() && rules.approvals() <= self.count(n)
    }

    fn may_enter(&self, said: &Said, who: StaffId, with: &PublicKeys) -> bool {
        let n = self.said.len();
        let rules = self.rules(n, time(said));
        let mut times = self
            .words(n, who)
            .into_iter()
            .filter_map(|at| match &self.said[at].body {
                TeamBody::Approve { keys, .. } if keys == with => Some(match rules.delay_hours() {
                    0 => time(&self.said[at]),
                    hours => later(&self.said[at], i64::from(hours)),
                }),
                _ => None,
            });
        let opens = times.nth(rules.approvals() - 1);
        opens.is_some_and(|opens| opens <= time(said))
    }

    fn may_set(&self, said: &Said, rules: Rules) -> bool {
        let n = self.said.len();
        let now = time(said);
        if !is_weaker(rules, self.rules(n, now)) {
            return self.may_lead(n, said.author);
        }
        let wish = self.wish(n).filter(|_| self.came(n, now).is_none());
        wish.is_some_and(|wish| {
            let is_second = self.leads(n, said.author) && self.said[wish].author != said.author;
            is_second && self.wished(wish) == rules
        })
    }

    /// Whether somebody may say that now, whoever signed.
    pub fn allows(&self, said: &Said) -> bool {
        let n = self.said.len();
        let Some(last) = self.said.last() else {
            return matches!(&said.body, TeamBody::Root { generation, .. } if generation.number == 1);
        };
        if time(said) < time(last) {
            return false;
        }
        let me = said.author;
        let am_in = self.is_in(n, me);
        match &said.body {
            TeamBody::Root { .. } => false,
            TeamBody::Approve { newcomer, .. } => am_in && !self.is_in(n, *newcomer),
            TeamBody::Object { newcomer } => am_in && !self.words(n, *newcomer).is_empty(),
            TeamBody::Admit {
                newcomer,
                keys,
                lead,
            } => {
                let is_led = self.everybody().any(|one| self.leads(n, one));
                let may_say = am_in && (!lead || !is_led || self.leads(n, me));
                may_say
                    && !self.is_in(n, *newcomer)
                    && self.may_enter(said, *newcomer, keys)
                    && self.are_new(keys)
            }
            TeamBody::Generation(next) => {
                let old = self.generation(n);
                am_in && next.number == old.number + 1 && self.is_new(next)
            }
            TeamBody::Exit { person, by } => {
                let is_there = self.is_in(n, *person) || !self.words(n, *person).is_empty();
                is_there && (by.is_some() || am_in && me == *person)
            }
            TeamBody::Lead { person, lead } => {
                let differs = self.is_in(n, *person) && self.leads(n, *person) != *lead;
                let mut others = self.everybody().filter(|one| one != person);
                let is_led = *lead || others.any(|one| self.leads(n, one));
                differs && is_led && self.may_lead(n, me)
            }
            TeamBody::Rules(rules) => self.may_have(n, *rules) && self.may_set(said, *rules),
            TeamBody::RulesWish(rules) => {
                let is_weaker = is_weaker(*rules, self.rules(n, time(said)));
                is_weaker && self.may_have(n, *rules) && self.may_lead(n, me)
            }
            TeamBody::RulesStop => {
                am_in && self.wish(n).is_some() && self.came(n, time(said)).is_none()
            }
            TeamBody::Recovery { on } => self.leads(n, me) && self.is_recoverable(n) != *on,
            TeamBody::Renew(keys) => am_in && self.are_new(keys),
            TeamBody::Recover { keys, .. } => {
                !am_in && self.is_recoverable(n) && self.are_new(keys)
            }
        }
    }

    /// Whose signatures a statement needs now; `None` if nobody's would do.
    pub fn signers(&self, said: &Said) -> Option<Vec<VerifyKey>> {
        let n = self.said.len();
        if let TeamBody::Root {
            keys, generation, ..
        } = &said.body
        {
            return (n == 0).then(|| vec![keys.verify_key, generation.keys.verify_key]);
        }
        if n == 0 {
            return None;
        }
        let newest = self.generation(n).keys.verify_key;
        let own = self.keys(n, said.author).map(|keys| keys.verify_key);
        Some(match &said.body {
            TeamBody::Exit { by: Some(by), .. } => vec![*by],
            TeamBody::Recover { recovery, .. } if is_recovery_key(recovery) => {
                vec![*recovery, newest]
            }
            TeamBody::Recover { .. } => return None,
            TeamBody::Generation(next) => vec![own?, newest, next.keys.verify_key],
            TeamBody::Renew(keys) => vec![own?, keys.verify_key],
            _ => vec![own?],
        })
    }

    /// Fails unless the state is what was said.
    pub fn must_agree_with(&self, state: &TeamState) {
        let n = self.said.len();
        let now = self.said[n - 1].at;
        let members: Vec<StaffId> = state.members.keys().copied().collect();
        let expected: Vec<StaffId> = self.everybody().filter(|one| self.is_in(n, *one)).collect();
        assert_eq!(members, expected);
        for (who, member) in &state.members {
            assert_eq!(Some(&member.keys), self.keys(n, *who).as_ref());
            assert_eq!(member.lead, self.leads(n, *who));
        }
        assert_eq!(state.at, now);
        assert_eq!(&state.generation, self.generation(n));
        assert_eq!(state.must_rotate, self.must_rotate(n));
        for number in 1..=state.generation.number {
            assert_eq!(
                state.is_held_outside(number),
                self.is_held_outside(n, number)
            );
        }
        assert_eq!(state.recovery, self.is_recoverable(n));
        for hours in [0, 24, 25, 169] {
            let then = now.start().plus(hours * 3_600);
            let rules = self.rules(n, time(&self.said[n - 1]) + hours * 4);
            assert_eq!(state.rules(then), rules);
            let wish = self.wish(n).filter(|wish| self.wished(*wish) != rules);
            let wish = wish.map(|at| (self.wished(at), self.said[at].author, self.said[at].at));
            let found = state.wish(then).map(|wish| (wish.rules, wish.by, wish.at));
            assert_eq!(found, wish);
        }
        for who in self.everybody() {
            let words = self
                .words(n, who)
                .into_iter()
                .map(|at| (self.said[at].author, self.said[at].at));
            let of = |(id, words): (&StaffId, &Vec<Word>)| (*id == who).then(|| words.clone());
            let found = state.all_words().find_map(of).unwrap_or_default();
            let found = found.iter().map(|word| (word.by, word.at));
            assert!(found.eq(words));
        }
    }
}
