//! The rules of [`apply`](super::super::apply) in another style: nothing is kept but what was said, and each question is answered by going
//! through all of it again. `n` is how many statements are looked at.

mod judgement;

use crate::domain::ids::StaffId;
use crate::ledger::rules::Rules;
use crate::ledger::statement::{PublicKeys, Statement};
use crate::ledger::team::{Generation, TeamBody};
use crate::ledger::tests::person;

/// People in these histories, from 1.
pub const PEOPLE: u8 = 6;

pub type Said = Statement<TeamBody>;

/// What was said in a team, first to last.
#[derive(Default)]
pub struct Model {
    pub said: Vec<Said>,
    /// What [`Model::set`] comes to after each, so that it is not asked again for the same.
    set: Vec<Rules>,
}

/// Quarter hours since 1970.
pub fn time(said: &Said) -> i64 {
    said.at.seconds() / 900
}

/// The first quarter hour by whose beginning so many hours are over, whenever in its own the thing was said.
pub fn later(said: &Said, hours: i64) -> i64 {
    time(said) + 1 + hours * 4
}

/// With which keys somebody comes in.
pub fn entry(said: &Said, who: StaffId) -> Option<&PublicKeys> {
    match &said.body {
        TeamBody::Root { keys, .. } | TeamBody::Recover { keys, .. } => {
            (said.author == who).then_some(keys)
        }
        TeamBody::Admit { newcomer, keys, .. } => (*newcomer == who).then_some(keys),
        _ => None,
    }
}

fn goes(said: &Said, who: StaffId) -> bool {
    matches!(&said.body, TeamBody::Exit { person, .. } if *person == who)
}

pub fn differ(one: &PublicKeys, other: &PublicKeys) -> bool {
    one.recipient != other.recipient && one.verify_key != other.verify_key
}

pub fn is_weaker(rules: Rules, than: Rules) -> bool {
    rules.approvals() < than.approvals() || rules.delay_hours() < than.delay_hours()
}

impl Model {
    pub fn hear(&mut self, said: Said) {
        self.said.push(said);
        let set = self.set_by(self.said.len());
        self.set.push(set);
    }

    pub fn last<T>(&self, n: usize, find: impl Fn(&Said) -> Option<T>) -> Option<T> {
        self.said[..n].iter().rev().find_map(find)
    }

    /// Where a member came in.
    pub fn entrance(&self, n: usize, who: StaffId) -> Option<usize> {
        let moved = |said: &Said| entry(said, who).is_some() || goes(said, who);
        let last = self.said[..n].iter().rposition(moved)?;
        entry(&self.said[last], who).map(|_| last)
    }

    pub fn is_in(&self, n: usize, who: StaffId) -> bool {
        self.entrance(n, who).is_some()
    }

    /// The numbers of those who are in now.
    pub fn members(&self) -> Vec<u8> {
        (1..=PEOPLE)
            .filter(|one| self.is_in(self.said.len(), person(*one)))
            .collect()
    }

    /// The numbers of those who lead now.
    pub fn leading(&self) -> Vec<u8> {
        let leads = |one: &u8| self.leads(self.said.len(), person(*one));
        (1..=PEOPLE).filter(leads).collect()
    }

    pub fn keys(&self, n: usize, who: StaffId) -> Option<PublicKeys> {
        let from = self.entrance(n, who)?;
        let renewed = self.said[from..n]
            .iter()
            .rev()
            .find_map(|said| match &said.body {
                TeamBody::Renew(keys) if said.author == who => Some(keys.clone()),
                _ => None,
            });
        renewed.or_else(|| entry(&self.said[from], who).cloned())
    }

    pub fn leads(&self, n: usize, who: StaffId) -> bool {
        let Some(from) = self.entrance(n, who) else {
            return false;
        };
        let later = self.said[from..n]
            .iter()
            .rev()
            .find_map(|said| match said.body {
                TeamBody::Lead { person, lead } if person == who => Some(lead),
                _ => None,
            });
        later.unwrap_or_else(|| self.enters_leading(from))
    }

    pub fn enters_leading(&self, at: usize) -> bool {
        match self.said[at].body {
            TeamBody::Root { lead, .. } | TeamBody::Admit { lead, .. } => lead,
            _ => self.was_led(at) && !self.everybody().any(|one| self.leads(at, one)),
        }
    }

    /// Whether anybody has ever led it.
    pub fn was_led(&self, n: usize) -> bool {
        let leads = |said: &Said| match said.body {
            TeamBody::Root { lead, .. } | TeamBody::Admit { lead, .. } => lead,
            _ => matches!(said.body, TeamBody::Lead { .. }),
        };
        self.said[..n].iter().any(leads)
    }

    pub fn everybody(&self) -> impl Iterator<Item = StaffId> {
        (1..=PEOPLE).map(person)
    }

    pub fn may_lead(&self, n: usize, who: StaffId) -> bool {
        self.leads(n, who) || self.is_in(n, who) && !self.was_led(n)
    }

    pub fn generation(&self, n: usize) -> &Generation {
        let found = self.said[..n]
            .iter()
            .rev()
            .find_map(|said| match &said.body {
                TeamBody::Root { generation, .. } | TeamBody::Generation(generation) => {
                    Some(generation)
                }
                _ => None,
            });
        found.unwrap()
    }

    /// Whether no generation so far has anything of this one.
    pub fn is_new(&self, next: &Generation) -> bool {
        self.said.iter().all(|said| match &said.body {
            TeamBody::Root {
                generation: old, ..
            }
            | TeamBody::Generation(old) => old.key != next.key && differ(&old.keys, &next.keys),
            _ => true,
        })
    }

    /// Whether nobody who is in has anything of these keys.
    pub fn are_new(&self, keys: &PublicKeys) -> bool {
        let theirs = |one| self.keys(self.said.len(), one);
        self.everybody()
            .filter_map(theirs)
            .all(|theirs| differ(&theirs, keys))
    }

    pub fn must_rotate(&self, n: usize) -> bool {
        let left = |at: usize| match &self.said[at].body {
            TeamBody::Exit { person, .. } => self.is_in(at, *person),
            _ => false,
        };
        let rotated = |said: &Said| matches!(said.body, TeamBody::Generation(_));
        let from = self.said[..n].iter().rposition(rotated).unwrap_or(0);
        (from..n).any(left)
    }

    /// Whether one of the changes that ended this generation or a later one was due because somebody had gone.
    pub fn is_held_outside(&self, n: usize, number: u32) -> bool {
        (1..n).any(|at| match &self.said[at].body {
            TeamBody::Generation(next) => next.number > number && self.must_rotate(at),
            _ => false,
        })
    }

    pub fn is_recoverable(&self, n: usize) -> bool {
        let switched = self.last(n, |said| match said.body {
            TeamBody::Recovery { on } => Some(on),
            _ => None,
        });
        switched.unwrap_or(true)
    }

    /// Where the words for a newcomer stand that nothing has made void since.
    pub fn words(&self, n: usize, who: StaffId) -> Vec<usize> {
        let is_void = |at: usize| {
            self.said[at + 1..n].iter().any(|later| match &later.body {
                TeamBody::Approve { newcomer, .. } => {
                    *newcomer == who && later.author == self.said[at].author
                }
                TeamBody::Object { newcomer } => *newcomer == who,
                TeamBody::Generation(_) => true,
                TeamBody::Exit { person, .. } => [who, self.said[at].author].contains(person),
                _ => entry(later, who).is_some(),
            })
        };
        let is_word = |at: &usize| matches!(&self.said[*at].body, TeamBody::Approve { newcomer, .. } if *newcomer == who);
        (0..n).filter(is_word).filter(|at| !is_void(*at)).collect()
    }

    /// The rules as they were set last, by somebody or by waiting.
    pub fn set_by(&self, n: usize) -> Rules {
        let found = (1..n).rev().find_map(|at| match self.said[at].body {
            TeamBody::Rules(rules) => Some(rules),
            _ => self.came(at, time(&self.said[at])),
        });
        found.unwrap_or(Rules::USUAL)
    }

    pub fn wished(&self, at: usize) -> Rules {
        match self.said[at].body {
            TeamBody::RulesWish(rules) => rules,
            _ => unreachable!("no wish"),
        }
    }

    /// Where the wish stands that is neither stopped nor met.
    pub fn wish(&self, n: usize) -> Option<usize> {
        let is_wish = |said: &Said| matches!(said.body, TeamBody::RulesWish(_));
        let wish = self.said[..n].iter().rposition(is_wish)?;
        let by = self.said[wish].author;
        let ends = |at: usize| match &self.said[at].body {
            TeamBody::Rules(_) | TeamBody::RulesStop | TeamBody::Lead { .. } => true,
            TeamBody::Exit { person, .. } => *person == by || self.leads(at, *person),
            _ => false,
        };
        let is_over = |at: usize| ends(at) || self.comes(at, wish) <= time(&self.said[at]);
        (wish + 1..n).all(|at| !is_over(at)).then_some(wish)
    }

    /// When a wish comes into force by waiting.
    pub fn comes(&self, n: usize, wish: usize) -> i64 {
        let by = self.said[wish].author;
        let another = self.everybody().any(|one| one != by && self.leads(n, one));
        if another || !self.may_lead(n, by) {
            return i64::MAX;
        }
        let hours = self.set[wish].delay_hours().max(24);
        later(&self.said[wish], i64::from(hours))
    }

    /// The wish that has come into force by that time, with nothing said since.
    pub fn came(&self, n: usize, now: i64) -> Option<Rules> {
        let wish = self.wish(n)?;
        (self.comes(n, wish) <= now).then(|| self.wished(wish))
    }

    pub fn rules(&self, n: usize, now: i64) -> Rules {
        self.came(n, now).unwrap_or(self.set[n - 1])
    }
}
