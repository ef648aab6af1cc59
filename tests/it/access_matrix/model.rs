//! What should be: plain sets, and no key.

use std::collections::{BTreeMap, BTreeSet};

use kapea::domain::ids::ReportId;

use super::fixture::{MEMBERS, TEAMS};

/// Who or what an act is about: whatever is there at that place, counted around.
pub type Pick = usize;

/// How far somebody is with their team.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Standing {
    /// Their account was reset: they have no key at all.
    Invited,
    Waiting,
    Member,
    Gone,
}

#[derive(Debug)]
pub struct Worker {
    pub handle: &'static str,
    pub team: usize,
    pub lead: bool,
    /// Whether the administrators want them to.
    pub should_lead: bool,
    pub standing: Standing,
}

/// Who may open a report.
#[derive(Debug, Clone, Default)]
pub struct Readers {
    pub teams: BTreeSet<usize>,
    pub people: BTreeSet<&'static str>,
    /// The one reader there was, whose account had to be closed at once: for their recovery code alone.
    pub kept: Option<&'static str>,
}

/// How a team is with the recovery key.
#[derive(Debug, Clone, Copy, Default)]
pub struct Recovery {
    /// The lead has decided to do without.
    pub is_off: bool,
    /// A member has come by since it was wanted.
    pub is_wrapped: bool,
}

pub struct Model {
    pub workers: Vec<Worker>,
    pub reports: BTreeMap<ReportId, Readers>,
    pub recovery: [Recovery; 2],
    /// Restricted reports of which somebody compromised may have the key.
    pub rekeys: BTreeSet<ReportId>,
}

impl Model {
    pub fn new() -> Self {
        let workers = TEAMS.iter().enumerate().flat_map(|(team, (_, people))| {
            people.iter().map(move |(handle, lead)| Worker {
                handle,
                team,
                lead: *lead,
                should_lead: *lead,
                standing: if MEMBERS.contains(handle) {
                    Standing::Member
                } else {
                    Standing::Waiting
                },
            })
        });
        Self {
            workers: workers.collect(),
            reports: BTreeMap::new(),
            recovery: [Recovery::default(); 2],
            rekeys: BTreeSet::new(),
        }
    }

    pub fn worker(&self, pick: Pick) -> &Worker {
        &self.workers[pick % self.workers.len()]
    }

    pub fn report(&self, pick: Pick) -> Option<ReportId> {
        let count = self.reports.len().max(1);
        self.reports.keys().nth(pick % count).copied()
    }

    /// Somebody and a report: three times in four a pair that may decide about it, so that histories get somewhere.
    pub fn pair(&self, by: Pick, report: Pick) -> Option<(Pick, ReportId)> {
        let may = |at: &(usize, ReportId)| self.decides(&self.workers[at.0], at.1);
        let pairs: Vec<_> = (0..self.workers.len())
            .flat_map(|at| self.reports.keys().map(move |report| (at, *report)))
            .filter(may)
            .collect();
        if by.is_multiple_of(4) || pairs.is_empty() {
            return Some((by, self.report(report)?));
        }
        Some(pairs[report % pairs.len()])
    }

    /// Somebody and somebody else, three times in four one who may let the other in.
    pub fn host_and_guest(&self, by: Pick, who: Pick) -> (Pick, Pick) {
        let count = self.workers.len();
        let pairs: Vec<_> = (0..count * count)
            .map(|at| (at / count, at % count))
            .filter(|(host, guest)| self.lets_in(*host, *guest))
            .collect();
        if by.is_multiple_of(4) || pairs.is_empty() {
            return (by, who);
        }
        pairs[who % pairs.len()]
    }

    /// The member who lets somebody in: a lead is let in by a lead, where there is one.
    pub fn host(&self, by: Pick, guest: Pick) -> Pick {
        let (host, guest) = (self.worker(by), self.worker(guest));
        if !guest.should_lead || host.lead || host.team != guest.team {
            return by;
        }
        self.lead(guest.team).unwrap_or(by)
    }

    /// Somebody who leads a team.
    pub fn lead(&self, team: usize) -> Option<Pick> {
        self.workers.iter().position(|worker| {
            worker.team == team && worker.lead && worker.standing == Standing::Member
        })
    }

    pub fn lets_in(&self, host: Pick, guest: Pick) -> bool {
        let (host, guest) = (self.worker(host), self.worker(guest));
        host.standing == Standing::Member
            && guest.standing == Standing::Waiting
            && host.team == guest.team
    }

    pub fn may_read(&self, handle: &str, readers: &Readers) -> bool {
        let worker = self.workers.iter().find(|worker| worker.handle == handle);
        worker.is_some_and(|worker| {
            worker.standing == Standing::Member
                && (readers.teams.contains(&worker.team) || readers.people.contains(handle))
        })
    }

    /// What somebody can derive.
    pub fn derives(&self, handle: &str) -> BTreeSet<ReportId> {
        let may = |(_, readers): &(&ReportId, &Readers)| {
            self.may_read(handle, readers) || readers.kept == Some(handle)
        };
        let reports = self.reports.iter().filter(may);
        reports.map(|(report, _)| *report).collect()
    }

    /// Whether somebody leads and can open the report: only they decide who else may.
    pub fn decides(&self, worker: &Worker, report: ReportId) -> bool {
        worker.lead && self.may_read(worker.handle, &self.reports[&report])
    }

    pub fn is_last_reader(&self, handle: &str) -> bool {
        self.reports.values().any(|readers| {
            readers.teams.is_empty() && readers.people.len() == 1 && readers.people.contains(handle)
        })
    }

    /// What the recovery key derives.
    pub fn recovers(&self) -> BTreeSet<ReportId> {
        let wraps = |team: &usize| self.recovery[*team].is_wrapped;
        let may = |(_, readers): &(&ReportId, &Readers)| readers.teams.iter().any(wraps);
        let reports = self.reports.iter().filter(may);
        reports.map(|(report, _)| *report).collect()
    }

    /// Whether a team's key would be out of everybody's reach without somebody.
    pub fn is_alone(&self, worker: &Worker) -> bool {
        let others = self.workers.iter().filter(|other| {
            other.handle != worker.handle
                && other.team == worker.team
                && other.standing == Standing::Member
        });
        worker.standing == Standing::Member
            && others.count() == 0
            && !self.recovery[worker.team].is_wrapped
    }

    /// A member's keys have come by: the team is with the recovery key as its lead wants it.
    pub fn came_by(&mut self, pick: Pick) {
        let worker = self.worker(pick);
        if worker.standing == Standing::Member {
            let recovery = &mut self.recovery[worker.team];
            recovery.is_wrapped = !recovery.is_off;
        }
    }

    pub fn stand(&mut self, pick: Pick, standing: Standing) {
        self.worker_mut(pick).standing = standing;
    }

    pub fn worker_mut(&mut self, pick: Pick) -> &mut Worker {
        let count = self.workers.len();
        &mut self.workers[pick % count]
    }

    /// Somebody of whom something is so, three times in four; anybody otherwise.
    pub fn one_who(&self, pick: Pick, fits: impl Fn(&Worker) -> bool) -> Pick {
        let fitting: Vec<Pick> = (0..self.workers.len())
            .filter(|at| fits(&self.workers[*at]))
            .collect();
        if pick.is_multiple_of(4) || fitting.is_empty() {
            return pick;
        }
        fitting[pick % fitting.len()]
    }
}
