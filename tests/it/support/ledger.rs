//! Statements as somebody makes them who has keys and writes to the database.

use kapea::domain::clock::Quarter;
use kapea::domain::ids::{LedgerId, StaffId, TeamId};
use kapea::ledger::statement::{Body, Head, PublicKeys, Signed, Statement};
use kapea::ledger::team::{Generation, TeamBody, TeamState};
use kapea::seal::keys::{SigningKey, StaffKeys};
use kapea::seal::random;
use kapea::store;

use super::TestApp;
use super::oracle::{Holder, Oracle};
use super::sql::{run, text};

/// Somebody with their keys, whatever the service lets them do.
pub fn insider(app: &TestApp, handle: &str) -> (Holder, StaffKeys) {
    let holder = Oracle::of(&app.database()).holder(app.people.get(handle));
    let keys = StaffKeys::from_seed(&holder.seed);
    (holder, keys)
}

/// A team by a condition on its row.
pub fn team(app: &TestApp, which: &str) -> TeamId {
    let id = text(app, "lower(hex(id))", &format!("teams WHERE {which}"));
    id.parse().expect("an id")
}

/// What a team's ledger comes to for somebody who reads it now.
pub fn state(app: &TestApp, team: TeamId) -> TeamState {
    let context = app.beside();
    let read = |conn: &mut _| context.authority.team(conn, team);
    let ledger = context.store.blocking(read).expect("read");
    ledger.state.clone().expect("a team")
}

/// The public halves of a person's keys, or of a generation that has such keys.
pub fn public(of: &StaffKeys) -> PublicKeys {
    PublicKeys {
        recipient: of.recipient(),
        verify_key: of.verify_key(),
    }
}

/// A team's first statement, by somebody with these keys: as it is kept.
pub fn root(team: TeamId, own: &StaffKeys, generation: &StaffKeys) -> Vec<u8> {
    let body = TeamBody::Root {
        is_audit: false,
        keys: public(own),
        lead: true,
        generation: Generation {
            number: 1,
            key: random::key_id(),
            keys: public(generation),
        },
    };
    let place = (team.into(), Head::default());
    let by = (random::staff_id(), Quarter::from_seconds(0));
    let signed = Statement::after(place, by, body).sign(&[own.signing(), generation.signing()]);
    signed.expect("signed").to_bytes()
}

/// The office's ledger.
pub fn office(app: &TestApp) -> LedgerId {
    let found = app.store.blocking(store::installation_find).expect("read");
    found.expect("an installation").into()
}

/// Lays a statement at the end of a ledger, whatever its rules say of it.
pub fn lay<B: Body>(
    app: &TestApp,
    ledger: impl Into<LedgerId>,
    author: StaffId,
    keys: &[&SigningKey],
    body: B,
) {
    let ledger = ledger.into();
    let read = |conn: &mut _| store::statements_from(conn, ledger, 1);
    let kept = app.store.blocking(read).expect("read");
    let last = kept.last().map(|last| Signed::<B>::parse(last));
    let last = last.expect("a statement").expect("a statement");
    let place = (ledger, last.head);
    let by = (author, last.statement.at);
    let suite = last.statement.suite;
    let statement = Statement::after(place, by, body);
    let signed = Statement { suite, ..statement }.sign(keys).expect("signed");
    let hex = data_encoding::HEXUPPER.encode(&signed.to_bytes());
    let sequence = signed.head.sequence;
    run(
        app,
        &format!("INSERT INTO statements VALUES (X'{ledger}', {sequence}, X'{hex}')"),
    );
}
