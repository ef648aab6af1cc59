//! What somebody who has left and writes rows makes of a ledger.

use super::history::{History, one_of};
use super::moves::Pick;
use super::office::{PEOPLE, TEAM, THIEF, keys, person, public};
use super::writer::hex;
use crate::domain::ids::LedgerId;
use crate::ledger::rules::Rules;
use crate::ledger::statement::{Signed, Statement};
use crate::ledger::team::{Generation, TeamBody};
use crate::seal::keys::SigningKey;
use crate::seal::random;

impl History<'_> {
    /// A statement behind what stands there, as whoever has left could make it.
    pub fn laid(&mut self, what: Pick, name: Pick, by: Pick) -> Option<String> {
        let kept = self.kept();
        let leaver = &self.leavers[one_of(&(0..self.leavers.len()).collect::<Vec<_>>(), by / 4)?];
        let last = kept
            .iter()
            .rev()
            .find_map(|kept| Signed::<TeamBody>::parse(kept).ok())?;
        let thief = keys(THIEF);
        let (me, theirs) = (person(leaver.who), public(THIEF));
        let generation = Generation {
            number: self.newest().number + 1,
            key: random::key_id(),
            keys: theirs.clone(),
        };
        let body = match what % 9 {
            0 | 1 => TeamBody::Generation(generation),
            2 => TeamBody::Approve {
                newcomer: me,
                keys: theirs,
            },
            3 => TeamBody::Admit {
                newcomer: me,
                keys: theirs,
                lead: true,
            },
            4 => TeamBody::Renew(theirs),
            5 => TeamBody::Lead {
                person: me,
                lead: true,
            },
            6 => TeamBody::Exit {
                person: person(by % PEOPLE),
                by: Some(thief.verify_key()),
            },
            7 => TeamBody::Rules(Rules::USUAL),
            _ => TeamBody::Recover {
                keys: theirs,
                recovery: thief.verify_key(),
            },
        };
        let (own, newest) = (
            &leaver.signing[0],
            leaver.signing.last().unwrap_or(&leaver.signing[0]),
        );
        let signers: Vec<&SigningKey> = match by % 4 {
            0 => vec![own],
            1 => vec![own, newest, thief.signing()],
            2 => vec![thief.signing()],
            _ => vec![own, newest],
        };
        let place = (LedgerId::from(TEAM), last.head);
        let name = if name.is_multiple_of(2) {
            me
        } else {
            person(name % PEOPLE)
        };
        let signed = Statement::after(place, (name, last.statement.at), body)
            .sign(&signers)
            .unwrap();
        let (sequence, bytes) = (signed.head.sequence, hex(&signed.to_bytes()));
        Some(format!(
            "INSERT INTO statements VALUES (X'{TEAM}', {sequence}, X'{bytes}');"
        ))
    }

    /// The ledger as the service wrote it.
    pub fn covered(&self) -> String {
        let mut sql = format!("DELETE FROM statements WHERE ledger = X'{TEAM}';");
        for signed in &self.said {
            let (sequence, bytes) = (signed.head.sequence, hex(&signed.to_bytes()));
            sql += &format!("INSERT INTO statements VALUES (X'{TEAM}', {sequence}, X'{bytes}');");
        }
        sql
    }
}
