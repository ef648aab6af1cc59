//! Random things to say: right ones and wrong ones.

use proptest::prelude::*;

use super::model::{Model, PEOPLE, Said};
use crate::domain::ids::KeyId;
use crate::ledger::rules::Rules;
use crate::ledger::statement::Statement;
use crate::ledger::team::{Generation, TeamBody};
use crate::ledger::tests::{
    ADMINISTRATOR, Book, LEDGER, RECOVERY, STRANGER, generation, keys, own, person, public,
    quarter, team_key,
};

/// The most that is said in a history.
const LONGEST: usize = 30;

/// Something to say, before it is known what there is to say it of.
#[derive(Debug, Clone)]
pub struct Move {
    kind: u8,
    who: u8,
    whom: u8,
    /// Which of a person's keys; what is wrong with a generation; which rules.
    which: u8,
    flag: bool,
    wait: i64,
    signed: u8,
}

pub fn moves() -> impl Strategy<Value = Vec<Move>> {
    // Approvals, admissions and exits most: they make who is there.
    let kind = prop::sample::select(vec![
        1, 1, 1, 2, 2, 2, 2, 3, 4, 5, 5, 6, 7, 8, 8, 9, 9, 10, 11, 12, 13,
    ]);
    let wait = prop::sample::select(vec![0, 0, 0, 0, 0, 1, 4, 5, 96, 97, 98, 700, -1]);
    let (who, whom) = (0_u8..32, 0_u8..32);
    let one = (kind, who, whom, 0_u8..24, any::<bool>(), wait, 0_u8..24);
    let one = one.prop_map(|(kind, who, whom, which, flag, wait, signed)| Move {
        kind,
        who,
        whom,
        which,
        flag,
        wait,
        signed,
    });
    prop::collection::vec(one, 1..LONGEST)
}

/// Rules, valid and not.
fn rules(which: u8) -> Rules {
    const ALL: [[u8; 2]; 12] = [
        [1, 0],
        [1, 24],
        [2, 0],
        [2, 24],
        [1, 1],
        [2, 168],
        [1, 168],
        [2, 1],
        [0, 0],
        [3, 0],
        [1, 169],
        [255, 255],
    ];
    borsh::from_slice(&ALL[usize::from(which) % ALL.len()]).unwrap()
}

/// One of these people, mostly; anybody else, sometimes.
fn one_of(people: &[u8], number: u8) -> u8 {
    let number = usize::from(number);
    let anybody = || u8::try_from(number).unwrap() % PEOPLE + 1;
    if number < 24 && !people.is_empty() {
        people[number % people.len()]
    } else {
        anybody()
    }
}

impl Move {
    fn who(&self, model: &Model) -> u8 {
        let leads = model.leading();
        match self.kind {
            6..=8 | 10 => one_of(&leads, self.who),
            _ => one_of(&model.members(), self.who),
        }
    }

    fn whom(&self, model: &Model) -> u8 {
        let n = model.said.len();
        let members = model.members();
        let outside: Vec<u8> = (1..=PEOPLE).filter(|one| !members.contains(one)).collect();
        let waiting: Vec<u8> = outside
            .iter()
            .copied()
            .filter(|one| !model.words(n, person(*one)).is_empty())
            .collect();
        match self.kind {
            1 => one_of(&outside, self.whom),
            2 | 3 => one_of(&waiting, self.whom),
            _ => one_of(&members, self.whom),
        }
    }

    /// Mostly somebody's first keys, so that people mean the same ones.
    fn version(&self) -> u8 {
        self.which.saturating_sub(20)
    }

    /// Whose keys are said to be somebody's: theirs, mostly.
    fn whose(&self, one: u8) -> u8 {
        if self.which == 19 { 1 } else { one }
    }

    fn generation(&self, model: &Model) -> Generation {
        let old = model.generation(model.said.len());
        let number = u8::try_from(old.number).unwrap();
        let mut next = generation(number + 1);
        match self.which {
            0 => next.number = old.number,
            1 => next.number = old.number + 2,
            2 => next.key = old.key,
            3 => next.keys.recipient = old.keys.recipient.clone(),
            4 => next.keys.verify_key = old.keys.verify_key,
            5 => next.keys = public(team_key(1)),
            6 => next.key = KeyId::from_bytes([0; 16]),
            _ => {}
        }
        next
    }

    fn body(&self, model: &Model) -> TeamBody {
        let (who, whom) = (self.who(model), self.whom(model));
        let lead = self.flag && self.which.is_multiple_of(2);
        match self.kind {
            _ if model.said.is_empty() && self.which > 0 => TeamBody::Root {
                is_audit: self.flag,
                keys: public(own(who, 0)),
                lead: self.which > 9,
                generation: generation(if self.which == 1 { 2 } else { 1 }),
            },
            1 => TeamBody::Approve {
                newcomer: person(whom),
                keys: public(own(self.whose(whom), self.version())),
            },
            2 => TeamBody::Admit {
                newcomer: person(whom),
                keys: public(own(self.whose(whom), self.version())),
                lead,
            },
            3 => TeamBody::Object {
                newcomer: person(whom),
            },
            4 if !model.said.is_empty() => TeamBody::Generation(self.generation(model)),
            5 => TeamBody::Exit {
                person: person(if self.flag { whom } else { who }),
                by: self
                    .which
                    .is_multiple_of(3)
                    .then(|| keys(ADMINISTRATOR).verify_key()),
            },
            6 => TeamBody::Lead {
                person: person(whom),
                lead: self.flag,
            },
            7 => TeamBody::Rules(match model.wish(model.said.len()) {
                Some(wish) if self.flag => model.wished(wish),
                _ => rules(self.which),
            }),
            8 => TeamBody::RulesWish(rules(self.which)),
            9 if model.wish(model.said.len()).is_none() && self.flag => {
                TeamBody::RulesWish(rules(self.which))
            }
            9 => TeamBody::RulesStop,
            10 => TeamBody::Recovery { on: self.flag },
            11 => TeamBody::Renew(public(own(who, self.which % 4))),
            12 => TeamBody::Recover {
                keys: public(own(self.whose(who), self.version())),
                recovery: keys(if self.which == 7 { STRANGER } else { RECOVERY }).verify_key(),
            },
            _ => TeamBody::Root {
                is_audit: false,
                keys: public(own(who, 0)),
                lead: true,
                generation: generation(1),
            },
        }
    }

    pub fn statement(&self, model: &Model, book: &Book) -> Said {
        let now = model
            .said
            .last()
            .map_or(100_000, |last| last.at.seconds() / 900);
        let now = quarter(u32::try_from((now + self.wait).max(0)).unwrap());
        let body = self.body(model);
        Statement::after((LEDGER, book.head()), (person(self.who(model)), now), body)
    }

    /// Numbers of the keys that sign: in most moves those that must.
    pub fn signers(&self, model: &Model, said: &Said) -> Vec<u8> {
        let number = |key| (0..=STRANGER).find(|number| keys(*number).verify_key() == key);
        let right = model.signers(said).unwrap_or_default();
        let mut by: Vec<u8> = right.into_iter().filter_map(number).collect();
        let newest = model
            .said
            .last()
            .map(|_| model.generation(model.said.len()).number);
        let newest = team_key(u8::try_from(newest.unwrap_or(1)).unwrap());
        match self.signed {
            0 => by.reverse(),
            1 => by.push(newest),
            2 => drop(by.pop()),
            3 => by = vec![own(self.whom(model), 0)],
            4 => by = vec![own(self.who(model), self.which % 4)],
            5 => by = vec![own(self.who(model), 0), newest - 1, newest + 1],
            6 => by = vec![RECOVERY, newest],
            7 => by = vec![STRANGER; by.len()],
            _ => {}
        }
        by
    }
}

/// Half of the histories are of a team that is there already.
pub fn begun(moves: &[Move]) -> (Model, Book) {
    let (mut model, mut book) = (Model::default(), Book::new(LEDGER));
    if moves[0].flag {
        book = Book::of_three(LEDGER);
        let said = book.kept.iter().map(|signed| signed.statement.clone());
        said.for_each(|said| model.hear(said));
    }
    (model, book)
}
