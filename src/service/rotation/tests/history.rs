//! What is, beside what should be: who was let in and who went, as the service itself has written it, and what came of it.

use std::collections::BTreeSet;

use super::Done;
use super::moves::{Move, Pick, Write};
use super::office::{FIRST, Office, PEOPLE, TEAM, THIEF, hand, keys, own_key, person};
use super::writer::{Columns, hex};
use crate::domain::ids::{KeyId, ReportId, StaffId};
use crate::domain::sealed::{Sealed, Wrap};
use crate::ledger::statement::Signed;
use crate::ledger::team::{Generation, TeamBody};
use crate::seal::SealError;
use crate::seal::keys::{Identity, SigningKey};
use crate::seal::opening;
use crate::service::rotation::outcome::Step;
use crate::store;
use crate::store::tests::fixture;

/// Of reports: what of one was spoilt may keep it from its next key.
const OF_REPORTS: [&str; 7] = [
    "epochs",
    "grants",
    "mailboxes",
    "objects",
    "quarantine",
    "reports",
    "shreds",
];

/// Somebody who has left, with all that they held.
pub struct Leaver {
    pub who: usize,
    /// What opens for them: their own and the team's.
    held: Vec<Identity>,
    pub signing: Vec<SigningKey>,
    /// Public keys of the reports that they could open.
    reports: BTreeSet<String>,
}

pub struct History<'a> {
    office: &'a mut Office,
    columns: Columns,
    /// What the service has taken into the team's ledger.
    pub said: Vec<Signed<TeamBody>>,
    pub leavers: Vec<Leaver>,
    /// Whether the writer has changed anything; anything of a report.
    is_spoilt: bool,
    has_spoilt_reports: bool,
    done: Done,
}

impl<'a> History<'a> {
    pub fn begin(office: &'a mut Office) -> Self {
        office.begin_again();
        office.copy();
        let columns = Columns::of(office);
        let mut history = Self {
            office,
            columns,
            said: Vec::new(),
            leavers: Vec::new(),
            is_spoilt: false,
            has_spoilt_reports: false,
            done: Done::new(),
        };
        history.hear(&[]);
        history
    }

    fn did(&mut self, what: &'static str) {
        *self.done.entry(what).or_default() += 1;
    }

    // What should be.

    pub fn newest(&self) -> &Generation {
        self.generations().next_back().unwrap()
    }

    fn generations(&self) -> impl DoubleEndedIterator<Item = &Generation> {
        let said = self.said.iter();
        said.filter_map(|signed| match &signed.statement.body {
            TeamBody::Root { generation, .. } | TeamBody::Generation(generation) => {
                Some(generation)
            }
            _ => None,
        })
    }

    fn members(&self) -> Vec<usize> {
        let stands = |who: &usize| {
            let about = |signed: &Signed<TeamBody>| match &signed.statement.body {
                TeamBody::Root { .. } => (signed.statement.author == person(*who)).then_some(true),
                TeamBody::Admit { newcomer, .. } => (*newcomer == person(*who)).then_some(true),
                TeamBody::Exit { person: gone, .. } => (*gone == person(*who)).then_some(false),
                _ => None,
            };
            self.said.iter().rev().find_map(about) == Some(true)
        };
        (0..PEOPLE).filter(stands).collect()
    }

    /// Whether there is a generation that was made after they went.
    fn is_shut_out(&self, who: usize) -> bool {
        let place = |find: &dyn Fn(&TeamBody) -> bool| {
            self.said
                .iter()
                .rposition(|signed| find(&signed.statement.body))
        };
        let gone = place(
            &|body| matches!(body, TeamBody::Exit { person: gone, .. } if *gone == person(who)),
        );
        let made = place(&|body| matches!(body, TeamBody::Generation(_)));
        gone.is_some() && gone < made
    }

    pub fn kept(&mut self) -> Vec<Vec<u8>> {
        store::statements_from(&mut self.office.conn, TEAM.into(), 1).unwrap_or_default()
    }

    /// What the service has added to the ledger, after `before`. Of what somebody else laid there it takes exits alone.
    fn hear(&mut self, before: &[Vec<u8>]) {
        let (last, kept) = (
            self.said.last().map_or(0, |signed| signed.head.sequence),
            self.kept(),
        );
        let Some(until) = kept.iter().rposition(|kept| !before.contains(kept)) else {
            return;
        };
        for kept in &kept[..=until] {
            let Ok(signed) = Signed::<TeamBody>::parse(kept) else {
                continue;
            };
            if signed.head.sequence > last {
                let is_exit = matches!(signed.statement.body, TeamBody::Exit { .. });
                assert!(
                    is_exit || !before.contains(kept),
                    "the service goes on from {signed:?}"
                );
                self.said.push(signed);
            }
        }
    }

    // What is.

    fn texts(&mut self, sql: &str) -> Vec<String> {
        fixture::texts(&mut self.office.conn, sql)
    }

    fn blobs(&mut self, sql: &str) -> Vec<Vec<u8>> {
        fixture::blobs(&mut self.office.conn, sql)
    }

    /// Everything that is sealed to a key of a person, a team or a report.
    fn sealed(&mut self) -> BTreeSet<Vec<u8>> {
        let all = "SELECT sealed FROM wraps UNION SELECT sealed FROM grants UNION SELECT sealed FROM epochs UNION SELECT sealed FROM quarantine";
        self.blobs(all).into_iter().collect()
    }

    /// What the ledger comes to for the service is never less than what it has written, and never another key.
    fn must_stand(&mut self) {
        let authority = self.office.authority();
        let Ok(ledger) = authority.team(&mut self.office.conn, TEAM) else {
            assert!(self.is_spoilt);
            return;
        };
        // After a start a list that does not lead to what was seen is refused as a whole.
        let Some(state) = ledger.state.as_ref() else {
            assert!(self.is_spoilt);
            return;
        };
        assert_eq!(
            &state.generation,
            self.newest(),
            "another generation counts"
        );
        let members: BTreeSet<StaffId> = self.members().into_iter().map(person).collect();
        let found: BTreeSet<StaffId> = state.members.keys().copied().collect();
        assert!(found.is_subset(&members), "{found:?} are in");
        assert!(self.is_spoilt || found == members);
    }

    /// Does what the service does. Nothing of what it seals opens for a thief, or for whoever is shut out.
    fn serve<T, E>(&mut self, work: impl FnOnce(&mut Office) -> Result<T, E>) -> Result<T, E> {
        let (before, kept) = (self.sealed(), self.kept());
        let done = work(self.office);
        if done.is_ok() {
            self.hear(&kept);
        }
        let new: Vec<Vec<u8>> = self.sealed().difference(&before).cloned().collect();
        let mut shut_out = vec![keys(THIEF).identity()];
        for leaver in &self.leavers {
            if self.is_shut_out(leaver.who) {
                shut_out.extend(&leaver.held);
            }
        }
        for sealed in &new {
            let sealed = Sealed::<Wrap>::parse(sealed.clone()).expect("sealed");
            for key in &shut_out {
                let opened = opening::read_wrap(key, &sealed, KeyId::from_bytes([0; 16]), 0).err();
                assert_eq!(
                    opened,
                    Some(SealError::NotOpened),
                    "whoever has left opens what is sealed now"
                );
            }
        }
        if !new.is_empty() && shut_out.len() > 1 {
            self.did("withheld");
        }
        done
    }

    fn refuse(&mut self) {
        assert!(self.is_spoilt, "refused, and nothing was changed");
        self.did("refused");
    }

    pub fn apply(&mut self, one: &Move) {
        match one {
            Move::File => self.file(),
            Move::Admit { by, who } => self.admit(*by, *who),
            Move::Leave { who } => self.leave(*who),
            Move::Order => match self.office.order() {
                Ok(_) => {}
                Err(_) => self.refuse(),
            },
            Move::Steps { by, most } => self.steps(*by, *most),
            Move::Restart { cut } => {
                let next = self
                    .said
                    .last()
                    .map_or(1, |signed| signed.head.sequence + 1);
                self.office.restart(cut.then_some(next));
                self.did("restarted");
            }
            Move::Look => self.look(),
            Move::Copy => self.office.copy(),
            Move::Write(write) => self.write(write),
        }
        self.must_stand();
    }

    /// To the newest generation, whatever lies in the database; or it is told that it cannot be kept now.
    fn file(&mut self) {
        let receiver = self.office.receiver();
        let Ok(receiver) = receiver else {
            return self.refuse();
        };
        let receiver = receiver.expect("a form that was open stays so");
        assert_eq!(receiver.recipient, self.newest().keys.recipient);
        match self.serve(|office| office.file(&receiver)) {
            Ok(()) => self.did("filed"),
            Err(_) => self.refuse(),
        }
    }

    fn admit(&mut self, by: Pick, who: Pick) {
        let members = self.members();
        let waiting: Vec<usize> = (FIRST..PEOPLE)
            .filter(|who| {
                !members.contains(who) && !self.leavers.iter().any(|leaver| leaver.who == *who)
            })
            .collect();
        let (Some(by), Some(who)) = (one_of(&members, by), one_of(&waiting, who)) else {
            return;
        };
        match self.serve(|office| office.admit(by, who)) {
            Ok(()) => self.did("admitted"),
            // Somebody who was closed while nothing was taken into the ledger is still in it, and holds nothing.
            Err(_) => self.refuse(),
        }
    }

    fn leave(&mut self, who: Pick) {
        let mut members = self.members();
        members.retain(|who| !self.leavers.iter().any(|leaver| leaver.who == *who));
        let Some(who) = one_of(&members, who) else {
            return;
        };
        let leaver = self.everything(who);
        match self.serve(|office| office.close(who)) {
            Ok(()) => {
                self.leavers.push(leaver);
                self.did("closed");
            }
            Err(_) => self.refuse(),
        }
    }

    /// What somebody holds, by this database and the copy.
    fn everything(&mut self, who: usize) -> Leaver {
        let mut held = vec![keys(who).identity().share()];
        let mut signing = vec![keys(who).signing().share()];
        for wrap in self.blobs("SELECT sealed FROM main.wraps UNION SELECT sealed FROM old.wraps") {
            let Ok(sealed) = Sealed::<Wrap>::parse(wrap) else {
                continue;
            };
            // Whatever its row says of it.
            for generation in self.generations() {
                let own = keys(who).identity();
                if let Ok(secrets) =
                    opening::read_wrap(own, &sealed, generation.key, generation.number)
                {
                    held.push(secrets.identity().share());
                    signing.push(secrets.signing().share());
                }
            }
        }
        let mut reports = BTreeSet::new();
        for report in self
            .texts("SELECT lower(hex(id)) || ' ' || recipient FROM reports WHERE length(id) = 16")
        {
            let (id, recipient) = report.split_once(' ').unwrap();
            let report: ReportId = id.parse().unwrap();
            for grant in self.blobs(&format!("SELECT sealed FROM grants WHERE report = X'{id}'")) {
                let Ok(sealed) = Sealed::parse(grant) else {
                    continue;
                };
                let opens = |key: &Identity| {
                    opening::open_grant(key, &sealed, report, recipient, &[]).is_ok()
                };
                if held.iter().any(opens) {
                    reports.insert(recipient.to_owned());
                }
            }
        }
        Leaver {
            who,
            held,
            signing,
            reports,
        }
    }

    fn steps(&mut self, by: Pick, most: u8) {
        let Some(by) = one_of(&self.members(), by) else {
            return;
        };
        for _ in 0..most {
            let epochs = self.blobs("SELECT report FROM epochs").len();
            match self.serve(|office| office.step(by)) {
                Ok(Step::Idle) => return,
                Ok(Step::Begun) => {
                    self.did("begun");
                    self.must_be_wrapped();
                }
                Ok(Step::Moved { .. }) => self.did("moved"),
                Ok(Step::Finished) => self.did("finished"),
                Ok(Step::Recovery) => unreachable!("there is no recovery key"),
                Err(_) => return self.refuse(),
            }
            if self.blobs("SELECT report FROM epochs").len() > epochs {
                self.did("next key");
            }
        }
    }

    /// To the members and to nobody else.
    fn must_be_wrapped(&mut self) {
        let key = self.newest().key;
        let parents = self.texts(&format!(
            "SELECT lower(hex(parent)) FROM wraps WHERE child = X'{key}'"
        ));
        let parents: BTreeSet<String> = parents.into_iter().collect();
        let members: BTreeSet<String> = self
            .members()
            .into_iter()
            .map(|who| own_key(who).to_string())
            .collect();
        assert!(self.is_spoilt || parents == members);
    }

    /// What the worker finds: nothing while nothing was changed, and everything that says another thing than the ledger did.
    fn look(&mut self) {
        self.did("looked");
        let lies = self.lies();
        let Ok(faults) = self.office.faults() else {
            return self.refuse();
        };
        assert!(self.is_spoilt || faults.is_empty(), "{faults:?}");
        // What the service goes on from is told of when it does, and hidden from then on.
        let is_told = !faults.is_empty() || !self.texts("SELECT kind FROM alarms").is_empty();
        if let Some(lie) = lies {
            assert!(is_told, "nobody is told: {lie}");
            self.did("told");
        }
    }

    /// What the database says otherwise than the service wrote it.
    fn lies(&mut self) -> Option<&'static str> {
        let kept = self.kept();
        if kept != self.said.iter().map(Signed::to_bytes).collect::<Vec<_>>() {
            return Some("other statements");
        }
        let generations = self.generations();
        let newest = self.newest().number;
        let said: BTreeSet<String> = generations
            .map(|one| {
                let verify_key = hex(one.keys.verify_key.as_bytes());
                format!(
                    "{} {} {verify_key} {}",
                    one.number,
                    one.keys.recipient,
                    i32::from(one.number == newest)
                )
            })
            .collect();
        let rows = format!(
            "SELECT generation || ' ' || recipient || ' ' || hex(verify_key) || ' ' || (state = 'active') FROM keys WHERE kind = 'team' AND owner = X'{TEAM}'"
        );
        if self.texts(&rows).into_iter().collect::<BTreeSet<_>>() != said {
            return Some("other keys of the team");
        }
        let rows = format!(
            "SELECT lower(hex(staff)) FROM memberships WHERE team = X'{TEAM}' AND state = 'member'"
        );
        let members: BTreeSet<String> = self
            .members()
            .into_iter()
            .map(|who| person(who).to_string())
            .collect();
        if self.texts(&rows).into_iter().collect::<BTreeSet<_>>() != members {
            return Some("other members");
        }
        let owes = self
            .leavers
            .iter()
            .any(|leaver| !self.is_shut_out(leaver.who));
        let orders = self.texts("SELECT state FROM rotations WHERE state <> 'done'");
        (owes && orders.is_empty()).then_some("a key that is due is not ordered")
    }

    fn write(&mut self, write: &Write) {
        let (sql, table, what) = match write {
            Write::Lay { what, name, keys } => match self.laid(*what, *name, *keys) {
                Some(sql) => (sql, "statements".to_owned(), "laid"),
                None => return,
            },
            Write::Cover => (self.covered(), "statements".to_owned(), "covered"),
            other => {
                let (sql, table) = self.columns.statement(other);
                let what = match other {
                    Write::PutBack { .. } => "put back",
                    Write::Older { .. } => "older",
                    Write::OwnKey { .. } => "own key",
                    Write::Reason { .. } | Write::NoOrders => "reason",
                    _ => "row",
                };
                (sql, table, what)
            }
        };
        if self.office.overwrite(&sql) {
            self.is_spoilt = true;
            self.has_spoilt_reports |= OF_REPORTS.contains(&table.as_str());
            self.did(what);
        }
    }

    /// Those who are in come by until there is nothing left to do.
    pub fn end(mut self) -> Done {
        self.look();
        for who in self.members() {
            if hand(who).keyring(&mut self.office.conn, TEAM).is_ok() {
                self.steps(who, 60);
            }
        }
        self.must_stand();
        self.must_have_moved_on();
        self.file();
        self.done
    }

    /// What was opened by whoever is shut out has another key by now, unless it was kept from it.
    fn must_have_moved_on(&mut self) {
        let newest = self.newest().key;
        let left = self.blobs(&format!(
            "SELECT report FROM grants WHERE key <> X'{newest}'"
        ));
        if self.has_spoilt_reports || !left.is_empty() {
            return;
        }
        let now: BTreeSet<String> = self
            .texts("SELECT recipient FROM reports")
            .into_iter()
            .collect();
        for leaver in &self.leavers {
            if self.is_shut_out(leaver.who) {
                let kept: Vec<&String> = leaver.reports.intersection(&now).collect();
                assert!(
                    kept.is_empty(),
                    "whoever has left has the key of what is written now"
                );
            }
        }
    }
}

pub fn one_of(people: &[usize], pick: Pick) -> Option<usize> {
    (!people.is_empty()).then(|| people[pick % people.len()])
}
