//! What a caseworker sends from a report's page: it is one form, and each of its parts has a button.

use serde::Deserialize;

use crate::domain::clock::Day;
use crate::domain::ids::{ProposalId, ReportId, StaffId, TeamId};
use crate::domain::outcome::Outcome;
use crate::domain::proposal::ProposalKind;
use crate::domain::retention::RetentionClass;
use crate::domain::state::Transition;
use crate::domain::urgency::Urgency;
use crate::locale::Locale;
use crate::web::error::WebError;
use crate::web::staff::request::StaffRequest;
use crate::web::staff::typed::Choice;

/// The page's form.
#[derive(Default, Deserialize)]
#[serde(default, rename_all = "kebab-case")]
pub(super) struct WorkForm<'a> {
    pub(super) lang: Choice<Locale>,
    pub(super) version: Choice<i64>,
    /// The number of the newest thing that stands on the page.
    pub(super) read: Choice<u32>,
    pub(super) message: &'a str,
    /// An answer that was made ready, to be put into the message.
    pub(super) ready: &'a str,
    pub(super) note: &'a str,
    pub(super) urgency: Choice<Urgency>,
    pub(super) urgency_reason: &'a str,
    pub(super) rest_staff: Vec<Choice<StaffId>>,
    pub(super) rest_hours: Choice<u32>,
    pub(super) rest_reason: &'a str,
    pub(super) act: Choice<Transition>,
    pub(super) act_reason: &'a str,
    pub(super) linked: &'a str,
    pub(super) assign_staff: Choice<StaffId>,
    pub(super) share_team: Choice<TeamId>,
    pub(super) share_reason: &'a str,
    pub(super) restrict_staff: Vec<Choice<StaffId>>,
    pub(super) restrict_reason: &'a str,
    pub(super) kind: Choice<ProposalKind>,
    pub(super) proposal: Choice<ProposalId>,
    pub(super) export: Choice<ProposalId>,
    pub(super) hold_reason: &'a str,
}

impl WorkForm<'_> {
    /// The number of the state that the caller saw.
    pub(super) fn version(&self) -> i64 {
        self.version.made().unwrap_or(-1)
    }
}

/// Which report, and what was sent about it.
pub(super) fn sent(visit: &StaffRequest) -> Result<(ReportId, WorkForm<'_>), WebError> {
    Ok((visit.part("id")?, visit.form()?))
}

/// One part that proposes or decides; its fields are named after it: `PART-reason`.
#[derive(Default, Deserialize)]
#[serde(default)]
pub(super) struct DecisionForm<'a> {
    pub(super) reason: &'a str,
    pub(super) urgency: Choice<Urgency>,
    pub(super) class: Choice<RetentionClass>,
    pub(super) until: Choice<Day>,
    pub(super) message: &'a str,
    pub(super) recipient: &'a str,
    pub(super) outcome: Choice<Outcome>,
    pub(super) safety: &'a str,
    pub(super) untold: &'a str,
    pub(super) to: &'a str,
    pub(super) people: Vec<Choice<StaffId>>,
    pub(super) hours: Choice<u32>,
}

/// A message to the reporter.
pub(super) const MESSAGE: &str = "message";
/// A note for colleagues.
pub(super) const NOTE: &str = "note";
/// Another urgency.
pub(super) const URGENCY: &str = "urgency";
/// An act that changes the state.
pub(super) const ACT: &str = "act";
/// Somebody acts on it, and looks again.
pub(super) const REST: &str = "rest";
/// A colleague who is to have the report.
pub(super) const ASSIGN: &str = "assign";
/// Another team, beside this one or in its place.
pub(super) const SHARE: &str = "share";
/// Who alone may read it.
pub(super) const RESTRICT: &str = "restrict";
/// The retention class.
pub(super) const RETAIN: &str = "retain";
/// A legal hold.
pub(super) const HOLD: &str = "hold";

/// The id of the input that takes a part's words.
pub(super) fn text_of(part: &str) -> String {
    match part {
        MESSAGE | NOTE => part.to_owned(),
        part => format!("{part}-reason"),
    }
}
