//! Keys and statements of a suite that has come, and none of an earlier one after them.

use crate::domain::ids::KeyId;
use crate::domain::suite::Suite;
use crate::ledger::Refused::*;
use crate::ledger::replay::Ledger;
use crate::ledger::statement::{PublicKeys, Signed, Statement};
use crate::ledger::team::{Generation, TeamBody, TeamState};
use crate::ledger::tests::{
    Book, LEDGER, NOTHING, generation, own, person, public, quarter, team_key,
};
use crate::seal::keys::{Seed, SigningKey, StaffKeys};

fn trial(number: u8) -> StaffKeys {
    StaffKeys::of(Suite::Trial, &Seed::from_bytes([number; 32]))
}

fn public_of(keys: &StaffKeys) -> PublicKeys {
    PublicKeys {
        recipient: keys.recipient(),
        verify_key: keys.verify_key(),
    }
}

fn next(number: u8, keys: PublicKeys) -> TeamBody {
    TeamBody::Generation(Generation {
        number: number.into(),
        key: KeyId::from_bytes([number; 16]),
        keys,
    })
}

/// The next statement of a suite, as it is kept and read.
fn said(
    ledger: &Ledger<TeamState>,
    suite: Suite,
    body: TeamBody,
    by: &[&SigningKey],
) -> Signed<TeamBody> {
    let statement = Statement::after((LEDGER, ledger.head), (person(1), quarter(1)), body);
    let signed = Statement { suite, ..statement }.sign(by).unwrap();
    Signed::parse(&signed.to_bytes()).unwrap()
}

#[test]
fn a_team_comes_to_a_suite_and_does_not_go_back() {
    let mut ledger = Book::of_three(LEDGER).read;
    let lead = crate::ledger::tests::keys(own(1, 0)).signing();
    let first = crate::ledger::tests::keys(team_key(1)).signing();
    let (second, mine) = (trial(200), trial(201));
    let body = next(2, public_of(&second));
    let signed = said(
        &ledger,
        Suite::Trial,
        body,
        &[lead, first, second.signing()],
    );
    assert_eq!(ledger.take(LEDGER, &signed, NOTHING), Ok(()));
    let body = TeamBody::Renew(public_of(&mine));
    let signed = said(&ledger, Suite::Trial, body, &[lead, mine.signing()]);
    assert_eq!(ledger.take(LEDGER, &signed, NOTHING), Ok(()));

    // A statement, a generation, somebody's own keys.
    let mine = mine.signing();
    let (third, old) = (generation(3), public(own(1, 1)));
    let (third_key, old_key) = (team_key(3), own(1, 1));
    let third_key = crate::ledger::tests::keys(third_key).signing();
    let old_key = crate::ledger::tests::keys(old_key).signing();
    for (suite, body, by) in [
        (Suite::X25519, TeamBody::Recovery { on: false }, vec![mine]),
        (
            Suite::Trial,
            TeamBody::Generation(third),
            vec![mine, second.signing(), third_key],
        ),
        (Suite::Trial, TeamBody::Renew(old), vec![mine, old_key]),
    ] {
        let signed = said(&ledger, suite, body, &by);
        assert_eq!(ledger.take(LEDGER, &signed, NOTHING), Err(OlderSuite));
    }
}

/// A first statement names two public keys.
#[test]
fn a_team_may_begin_in_it() {
    let (mine, first) = (trial(200), trial(201));
    let body = TeamBody::Root {
        is_audit: false,
        keys: public_of(&mine),
        lead: true,
        generation: Generation {
            number: 1,
            key: KeyId::from_bytes([1; 16]),
            keys: public_of(&first),
        },
    };
    let mut ledger = Ledger::default();
    let signed = said(
        &ledger,
        Suite::Trial,
        body,
        &[mine.signing(), first.signing()],
    );
    assert!(signed.to_bytes().len() > 4_096);
    assert_eq!(ledger.take(LEDGER, &signed, NOTHING), Ok(()));
}
