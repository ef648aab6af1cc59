//! A ledger's state as lines of text: what vectors say of it, and what `docs/ledger.py` prints.

use crate::ledger::office::{Decision, OfficeState};
use crate::ledger::rules::Rules;
use crate::ledger::statement::PublicKeys;
use crate::ledger::team::{Generation, TeamState};
use crate::seal::chain::CustodianPins;

fn keys(keys: &PublicKeys) -> String {
    format!("{} {}", keys.recipient, keys.verify_key)
}

fn rules(rules: Rules) -> String {
    format!("{} after {} h", rules.approvals(), rules.delay_hours())
}

fn hex(bytes: &[u8]) -> String {
    data_encoding::HEXLOWER.encode(bytes)
}

/// What a team is.
pub fn of_team(state: &TeamState) -> Vec<String> {
    let Generation {
        number,
        key,
        keys: of,
    } = &state.generation;
    let now = state.at.start();
    let mut lines = vec![
        format!("root {}", hex(&state.root)),
        format!("is_audit {}", state.is_audit),
        format!("at {}", state.at.seconds()),
        format!("generation {number} {key} {}", keys(of)),
        format!("must_rotate {}", state.must_rotate),
        format!("recovery {}", state.recovery),
        format!("rules {}", rules(state.rules(now))),
    ];
    if let Some(wish) = state.wish(now) {
        let (by, at) = (wish.by, wish.at.seconds());
        lines.push(format!("wish {} by {by} at {at}", rules(wish.rules)));
    }
    for (id, member) in &state.members {
        let lead = if member.lead { " lead" } else { "" };
        lines.push(format!("member {id} {}{lead}", keys(&member.keys)));
    }
    for (newcomer, words) in state.all_words() {
        for word in words {
            let (by, at) = (word.by, word.at.seconds());
            lines.push(format!(
                "word for {newcomer} {} by {by} at {at}",
                keys(&word.keys)
            ));
        }
    }
    lines
}

fn of_decision<T>(
    what: &str,
    decision: &Decision<'_, T>,
    say: impl Fn(&T) -> String,
) -> Vec<String> {
    let mut lines = Vec::new();
    lines.extend(
        decision
            .before
            .iter()
            .map(|it| format!("{what} before {}", say(it))),
    );
    lines.extend(
        decision
            .current
            .iter()
            .map(|it| format!("{what} current {}", say(it))),
    );
    lines.extend(decision.open.last().iter().map(|(it, by)| {
        let mut by: Vec<String> = by.values().map(ToString::to_string).collect();
        by.sort();
        format!("{what} newest {} by {}", say(it), by.join(" "))
    }));
    lines
}

/// What custodians have decided about a channel and about the recovery key.
pub fn of_office(state: &OfficeState, pins: &CustodianPins, channel: &str) -> Vec<String> {
    let charter = state.charter(pins, channel);
    let mut lines = of_decision("charter", &charter, |charter| {
        format!("{} {}", charter.team, hex(&charter.root))
    });
    let recovery = state.recovery(pins);
    lines.extend(of_decision("recovery", &recovery, |recovery| {
        format!("{} {}", recovery.key, keys(&recovery.keys))
    }));
    lines
}
