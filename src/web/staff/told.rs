//! What was said in a team's ledger, in words.

use super::words;
use crate::domain::staff::StaffName;
use crate::locale::Translator;
use crate::service::authority::{Rules, Said, Told};

/// What was said, in a sentence.
pub(super) fn sentence(t: &Translator, told: &Told) -> String {
    let name = |name: &Option<StaffName>| match name {
        Some(name) => words::name(t, name),
        None => t.text("ledger-nobody"),
    };
    let (by, person) = (name(&told.by), name(&told.person));
    let is_own = told.person.is_none();
    let say = |id: &str| {
        let args = [("by", &by), ("person", &person)];
        t.text_with(id, &args)
    };
    let rules = |id: &str, rules: &Rules| {
        let approvals = t.number(rules.approvals());
        let hours = t.number(rules.delay_hours());
        let args = [("by", &by), ("approvals", &approvals), ("hours", &hours)];
        t.text_with(id, &args)
    };
    match &told.said {
        Said::Root { .. } => say("ledger-root"),
        Said::Approve { .. } => say("ledger-approve"),
        Said::Object { .. } => say("ledger-object"),
        Said::Admit { lead: true, .. } => say("ledger-admit-lead"),
        Said::Admit { lead: false, .. } => say("ledger-admit"),
        Said::Generation(generation) => {
            let number = t.number(generation.number);
            let args = [("by", &by), ("number", &number)];
            t.text_with("ledger-generation", &args)
        }
        Said::Exit { .. } if is_own => say("ledger-leave"),
        Said::Exit { .. } => say("ledger-exit"),
        Said::Lead { lead: true, .. } => say("ledger-lead"),
        Said::Lead { .. } if is_own => say("ledger-step-down"),
        Said::Lead { .. } => say("ledger-lead-off"),
        Said::Rules(set) => rules("ledger-rules", set),
        Said::RulesWish(wished) => rules("ledger-rules-wish", wished),
        Said::RulesStop => say("ledger-rules-stop"),
        Said::Recovery { on: true } => say("ledger-recovery-on"),
        Said::Recovery { on: false } => say("ledger-recovery-off"),
        Said::Renew(_) => say("ledger-renew"),
        Said::Recover { .. } => say("ledger-recover"),
    }
}
