//! What a statement changes in a team, by whose signatures, and what its author may not say.

use super::{Generation, Member, TeamBody, TeamState, Wish, Word};
use crate::domain::clock::Quarter;
use crate::domain::ids::StaffId;
use crate::ledger::Refused;
use crate::ledger::replay::State;
use crate::ledger::rules::Rules;
use crate::ledger::statement::{PublicKeys, Signed, Statement};
use crate::seal::keys::VerifyKey;

impl State for TeamState {
    type Body = TeamBody;

    fn at(&self) -> Quarter {
        self.at
    }

    fn signers(
        before: Option<&Self>,
        signed: &Signed<TeamBody>,
        is_recovery_key: &dyn Fn(&VerifyKey) -> bool,
    ) -> Result<Vec<VerifyKey>, Refused> {
        let Some(state) = before else {
            let root = root(signed)?;
            let founder = root.members.values().map(|first| first.keys.verify_key);
            return Ok(founder.chain([root.generation.keys.verify_key]).collect());
        };
        signers(state, &signed.statement, is_recovery_key)
    }

    fn apply(state: &mut Option<Self>, signed: &Signed<TeamBody>) -> Result<(), Refused> {
        let statement = &signed.statement;
        let Some(state) = state else {
            *state = Some(root(signed)?);
            return Ok(());
        };
        let before = (state.rules, state.wish, state.at);
        // What has come into force by waiting stays, whatever changes now.
        state.rules = state.rules(statement.at.start());
        state.wish = state.wish.filter(|wish| wish.rules != state.rules);
        state.at = statement.at;
        let changed = state.change(statement);
        match changed {
            Ok(()) => state.note_signers(),
            Err(_) => (state.rules, state.wish, state.at) = before,
        }
        changed
    }
}

fn root(signed: &Signed<TeamBody>) -> Result<TeamState, Refused> {
    let TeamBody::Root {
        is_audit,
        keys,
        lead,
        generation,
    } = &signed.statement.body
    else {
        return Err(Refused::OutOfOrder);
    };
    if generation.number != 1 {
        return Err(Refused::WrongGeneration);
    }
    let first = Member {
        keys: keys.clone(),
        lead: *lead,
    };
    let mut state = TeamState {
        is_audit: *is_audit,
        root: signed.head.digest,
        members: [(signed.statement.author, first)].into(),
        generation: generation.clone(),
        past: Vec::new(),
        left: [].into(),
        led: *lead,
        must_rotate: false,
        recovery: true,
        at: signed.statement.at,
        rules: Rules::USUAL,
        wish: None,
        words: [].into(),
        signers: [].into(),
    };
    state.note_signers();
    Ok(state)
}

/// Whose signatures a statement needs, first to last.
fn signers(
    state: &TeamState,
    statement: &Statement<TeamBody>,
    is_recovery_key: &dyn Fn(&VerifyKey) -> bool,
) -> Result<Vec<VerifyKey>, Refused> {
    let author = || {
        state
            .member(statement.author)
            .map(|own| own.keys.verify_key)
    };
    let newest = state.generation.keys.verify_key;
    Ok(match &statement.body {
        TeamBody::Exit { by: Some(by), .. } => vec![*by],
        TeamBody::Generation(next) => vec![author()?, newest, next.keys.verify_key],
        TeamBody::Renew(keys) => vec![author()?, keys.verify_key],
        TeamBody::Recover { recovery, .. } if is_recovery_key(recovery) => vec![*recovery, newest],
        TeamBody::Recover { .. } => return Err(Refused::NoRecovery),
        _ => vec![author()?],
    })
}

/// Whose keys have come to a suite do not go back to an earlier one.
fn must_not_be_older(next: &PublicKeys, now: &PublicKeys) -> Result<(), Refused> {
    let is_older = next.recipient.suite() < now.recipient.suite();
    (!is_older).then_some(()).ok_or(Refused::OlderSuite)
}

impl TeamState {
    /// Each of these refuses before it changes anything.
    fn change(&mut self, statement: &Statement<TeamBody>) -> Result<(), Refused> {
        let author = statement.author;
        match &statement.body {
            TeamBody::Root { .. } => Err(Refused::OutOfOrder),
            TeamBody::Approve { newcomer, keys } => self.approve(statement, *newcomer, keys),
            TeamBody::Object { newcomer } => self.object(author, *newcomer),
            TeamBody::Admit {
                newcomer,
                keys,
                lead,
            } => self.admit(statement, *newcomer, keys, *lead),
            TeamBody::Generation(next) => self.rotate(author, next),
            TeamBody::Exit { person, by } => self.exit(author, *person, by.is_some()),
            TeamBody::Lead { person, lead } => self.lead(author, *person, *lead),
            TeamBody::Rules(rules) => self.set_rules(author, *rules),
            TeamBody::RulesWish(rules) => self.wish_rules(statement, *rules),
            TeamBody::RulesStop => self.stop_rules(author),
            TeamBody::Recovery { on } => self.set_recovery(author, *on),
            TeamBody::Renew(keys) => self.renew(author, keys),
            TeamBody::Recover { keys, .. } => self.recover(author, keys),
        }
    }

    fn note_signers(&mut self) {
        for (person, member) in &self.members {
            let keys = self.signers.entry(*person).or_default();
            if !keys.contains(&member.keys.verify_key) {
                keys.push(member.keys.verify_key);
            }
        }
    }

    fn member(&self, person: StaffId) -> Result<&Member, Refused> {
        self.members.get(&person).ok_or(Refused::NotAMember)
    }

    fn must_lead(&self, person: StaffId) -> Result<(), Refused> {
        self.member(person)?;
        self.may_lead(person).then_some(()).ok_or(Refused::NotALead)
    }

    fn must_wait(&self, person: StaffId) -> Result<(), Refused> {
        let is_in = self.members.contains_key(&person);
        (!is_in).then_some(()).ok_or(Refused::WrongStanding)
    }

    fn approve(
        &mut self,
        statement: &Statement<TeamBody>,
        newcomer: StaffId,
        keys: &PublicKeys,
    ) -> Result<(), Refused> {
        self.member(statement.author)?;
        self.must_wait(newcomer)?;
        let words = self.words.entry(newcomer).or_default();
        words.retain(|word| word.by != statement.author);
        words.push(Word {
            by: statement.author,
            keys: keys.clone(),
            at: statement.at,
        });
        Ok(())
    }

    fn object(&mut self, author: StaffId, newcomer: StaffId) -> Result<(), Refused> {
        self.member(author)?;
        let words = self.words.remove(&newcomer);
        words.map(|_| ()).ok_or(Refused::WrongStanding)
    }

    fn admit(
        &mut self,
        statement: &Statement<TeamBody>,
        newcomer: StaffId,
        keys: &PublicKeys,
        lead: bool,
    ) -> Result<(), Refused> {
        self.member(statement.author)?;
        self.must_wait(newcomer)?;
        if lead && self.leads().next().is_some() {
            self.must_lead(statement.author)?;
        }
        let now = statement.at.start();
        let opens = self.opens(newcomer, keys, now).ok_or(Refused::TooFew)?;
        if opens > now {
            return Err(Refused::TooEarly);
        }
        self.let_in(newcomer, keys, lead)
    }

    fn let_in(&mut self, person: StaffId, keys: &PublicKeys, lead: bool) -> Result<(), Refused> {
        self.must_be_new(keys)?;
        self.words.remove(&person);
        let keys = keys.clone();
        self.members.insert(person, Member { keys, lead });
        self.led |= lead;
        Ok(())
    }

    /// One key is one person.
    fn must_be_new(&self, keys: &PublicKeys) -> Result<(), Refused> {
        let mut known = self.members.values();
        let is_new = !known.any(|member| member.keys.have_in_common(keys));
        is_new.then_some(()).ok_or(Refused::KnownKeys)
    }

    fn rotate(&mut self, author: StaffId, next: &Generation) -> Result<(), Refused> {
        self.member(author)?;
        let is_next = Some(next.number) == self.generation.number.checked_add(1);
        if !is_next {
            return Err(Refused::WrongGeneration);
        }
        let is_known =
            |old: &Generation| old.key == next.key || old.keys.have_in_common(&next.keys);
        if self.generations().any(is_known) {
            return Err(Refused::KnownKeys);
        }
        must_not_be_older(&next.keys, &self.generation.keys)?;
        let old = std::mem::replace(&mut self.generation, next.clone());
        if std::mem::take(&mut self.must_rotate) {
            self.left.insert(old.number);
        }
        self.past.push(old);
        self.words.clear();
        Ok(())
    }

    fn exit(&mut self, author: StaffId, person: StaffId, by_another: bool) -> Result<(), Refused> {
        if !by_another {
            self.member(author)?;
            if author != person {
                return Err(Refused::WrongSigner);
            }
        }
        let leaver = self.members.remove(&person);
        let waited = self.words.remove(&person);
        if leaver.is_none() && waited.is_none() {
            return Err(Refused::WrongStanding);
        }
        for words in self.words.values_mut() {
            words.retain(|word| word.by != person);
        }
        self.words.retain(|_, words| !words.is_empty());
        // Weaker rules that waited for this lead's word must be wished anew: else whoever closes that account would bring them into force.
        let is_lead = leaver.as_ref().is_some_and(|leaver| leaver.lead);
        self.wish = self.wish.filter(|wish| !is_lead && wish.by != person);
        self.must_rotate |= leaver.is_some();
        Ok(())
    }

    fn lead(&mut self, author: StaffId, person: StaffId, lead: bool) -> Result<(), Refused> {
        self.must_lead(author)?;
        let is_last = !lead && self.leads().all(|one| one == person);
        let member = self.members.get_mut(&person).ok_or(Refused::NotAMember)?;
        if member.lead == lead {
            return Err(Refused::WrongStanding);
        }
        if is_last {
            return Err(Refused::LastLead);
        }
        member.lead = lead;
        self.led = true;
        self.wish = None;
        Ok(())
    }

    fn set_rules(&mut self, author: StaffId, rules: Rules) -> Result<(), Refused> {
        self.may_have(rules)?;
        if rules.is_at_least(self.rules) {
            self.must_lead(author)?;
        } else {
            let wish = self.wish.filter(|wish| wish.rules == rules);
            let wish = wish.ok_or(Refused::WrongStanding)?;
            if !self.may_confirm(author, &wish) {
                return Err(Refused::NotALead);
            }
        }
        self.rules = rules;
        self.wish = None;
        Ok(())
    }

    fn wish_rules(&mut self, statement: &Statement<TeamBody>, rules: Rules) -> Result<(), Refused> {
        self.may_have(rules)?;
        self.must_lead(statement.author)?;
        if rules.is_at_least(self.rules) {
            return Err(Refused::WrongStanding);
        }
        self.wish = Some(Wish {
            rules,
            by: statement.author,
            at: statement.at,
        });
        Ok(())
    }

    fn may_have(&self, rules: Rules) -> Result<(), Refused> {
        let fits = rules.are_valid() && rules.approvals() <= self.members.len();
        fits.then_some(()).ok_or(Refused::InvalidRules)
    }

    fn stop_rules(&mut self, author: StaffId) -> Result<(), Refused> {
        self.member(author)?;
        let wish = self.wish.take();
        wish.map(|_| ()).ok_or(Refused::WrongStanding)
    }

    fn set_recovery(&mut self, author: StaffId, on: bool) -> Result<(), Refused> {
        if !self.member(author)?.lead {
            return Err(Refused::NotALead);
        }
        if self.recovery == on {
            return Err(Refused::WrongStanding);
        }
        self.recovery = on;
        Ok(())
    }

    fn renew(&mut self, author: StaffId, keys: &PublicKeys) -> Result<(), Refused> {
        self.member(author)?;
        self.must_be_new(keys)?;
        let own = self.members.get_mut(&author).ok_or(Refused::NotAMember)?;
        must_not_be_older(keys, &own.keys)?;
        own.keys = keys.clone();
        Ok(())
    }

    fn recover(&mut self, person: StaffId, keys: &PublicKeys) -> Result<(), Refused> {
        self.must_wait(person)?;
        if !self.recovery {
            return Err(Refused::NoRecovery);
        }
        let leads = self.led && self.leads().next().is_none();
        self.let_in(person, keys, leads)
    }
}
