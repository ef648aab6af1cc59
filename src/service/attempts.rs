//! The one place where a code or passphrase of somebody is found right or wrong.
//!
//! It is looked at in the transaction that counts it, so that many at once are no more than the same number one after the other.
//! Five wrong ones end the session; ten in an hour rest the way in for a quarter of an hour, and then a right one is refused too.
//! Both are told in the audit log and by an alarm.

use super::caller::{Caller, Refusal};
use super::context::Context;
use super::error::Error;
use super::txn::Txn;
use crate::domain::alarm::AlarmKind;
use crate::domain::audit::AuditEvent;
use crate::domain::clock::Clock;
use crate::domain::ids::StaffId;
use crate::domain::staff::{ATTEMPT_SECONDS as HOUR, Way};
use crate::seal::random;
use crate::seal::totp::{self, TotpSeed};
use crate::store::{self, StoreError, StoreResult};

/// Seconds for which a way in rests.
const REST: i64 = 900;
/// Wrong ones in [`HOUR`] after which it rests.
const MOST_IN_HOUR: usize = 10;
/// Wrong ones, without a right one between them, that end a session.
const MOST_IN_SESSION: i64 = 5;

/// Who tries, and where.
struct Trial {
    staff: StaffId,
    way: Way,
    session: Option<[u8; 32]>,
    proof: Proof,
}

/// What is looked at.
enum Proof {
    /// Six digits, and the seed that they should be of: `None` if what came before them was wrong already.
    Digits {
        seed: Option<TotpSeed>,
        code: String,
    },
    /// A printed code, and whether it opened what it should.
    Paper(bool),
}

enum Outcome {
    Right,
    Wrong,
    Refused(Refusal),
}

enum Look {
    Right,
    /// It was right once. No guess, so it does not count: two clicks are no attack.
    Used,
    Wrong,
}

/// Whether `code` is the caller's current second factor, used for the first time.
///
/// # Errors
/// From the database.
pub(super) async fn second_factor(
    context: &Context,
    caller: &Caller,
    code: &str,
) -> Result<(), Error> {
    match of_caller(context, caller, Some(&caller.secret.totp), code).await? {
        true => Ok(()),
        false => Err(Error::WrongCode),
    }
}

/// The same, of a seed that something else of the caller's opened; `None` if it did not open.
///
/// # Errors
/// From the database.
pub(super) async fn of_caller(
    context: &Context,
    caller: &Caller,
    seed: Option<&TotpSeed>,
    code: &str,
) -> Result<bool, StoreError> {
    let trial = Trial {
        staff: caller.staff,
        way: if caller.session.is_some() {
            Way::Session
        } else {
            Way::SignIn
        },
        session: caller.session,
        proof: Proof::Digits {
            seed: seed.map(TotpSeed::share),
            code: code.to_owned(),
        },
    };
    match tried(context, trial).await? {
        Outcome::Right => Ok(true),
        Outcome::Wrong => Ok(false),
        Outcome::Refused(refusal) => {
            // One request may try once; a second refusal would say the same.
            caller.refused.0.get_or_init(|| refusal);
            Ok(false)
        }
    }
}

/// Of somebody without a session. It is not said why not: that would tell that what came before the code was right.
///
/// # Errors
/// From the database.
pub(super) async fn at_the_door(
    context: &Context,
    staff: StaffId,
    way: Way,
    seed: Option<&TotpSeed>,
    code: &str,
) -> Result<bool, StoreError> {
    let trial = Trial {
        staff,
        way,
        session: None,
        proof: Proof::Digits {
            seed: seed.map(TotpSeed::share),
            code: code.to_owned(),
        },
    };
    Ok(matches!(tried(context, trial).await?, Outcome::Right))
}

/// Of somebody without a session, by the printed code alone. `opens` is whether it opened what the passphrase opens.
///
/// # Errors
/// From the database.
pub(super) async fn of_paper(
    context: &Context,
    staff: StaffId,
    opens: bool,
) -> Result<bool, StoreError> {
    let trial = Trial {
        staff,
        way: Way::Recovery,
        session: None,
        proof: Proof::Paper(opens),
    };
    Ok(matches!(tried(context, trial).await?, Outcome::Right))
}

/// Whether an authenticator has taken over a seed that is on the same page. There is nothing to guess, and nothing is counted.
pub(super) fn of_shown(seed: &TotpSeed, code: &str, clock: &Clock) -> bool {
    let mut readings = [Some(clock.now()), clock.doubted()].into_iter().flatten();
    readings.any(|now| totp::check(seed, code, now).is_some())
}

async fn tried(context: &Context, trial: Trial) -> Result<Outcome, StoreError> {
    let clock = context.clock.clone();
    let looked = move |txn: &mut Txn<'_>| try_in_txn(txn, &clock, &trial);
    context.write(looked).await
}

fn try_in_txn(txn: &mut Txn<'_>, clock: &Clock, trial: &Trial) -> StoreResult<Outcome> {
    let now = txn.now();
    if let Some(session) = &trial.session
        && store::session_find(txn, session, now)?.is_none()
    {
        return Ok(Outcome::Refused(Refusal::Gone));
    }
    let mut before = store::attempts_after(txn, trial.staff, trial.way, now.plus(-HOUR))?;
    // By a clock that was ahead: whoever signs in to say which time it is must not wait for that one.
    before.retain(|at| *at <= now);
    if let Some(last) = before.first().filter(|_| before.len() >= MOST_IN_HOUR) {
        let left = last.plus(REST).seconds().saturating_sub(now.seconds());
        if left > 0 {
            return Ok(Outcome::Refused(rests(left)));
        }
    }
    match look_in_txn(txn, clock, trial)? {
        Look::Used => return Ok(Outcome::Wrong),
        Look::Right => {
            if let Some(session) = &trial.session {
                store::session_right(txn, session)?;
            }
            return Ok(Outcome::Right);
        }
        Look::Wrong => {}
    }
    store::attempt_insert(txn, &random::bytes(), trial.staff, trial.way, now)?;
    trial.record_in_txn(txn)?;
    let is_over = before.len().saturating_add(1) >= MOST_IN_HOUR;
    if is_over {
        tell_in_txn(txn, trial, AlarmKind::FactorRests)?;
    }
    if let Some(session) = &trial.session
        && store::session_wrong(txn, session)? >= MOST_IN_SESSION
    {
        store::session_delete(txn, session)?;
        tell_in_txn(txn, trial, AlarmKind::SessionEnded)?;
        return Ok(Outcome::Refused(Refusal::Ended));
    }
    Ok(if is_over {
        Outcome::Refused(rests(REST))
    } else {
        Outcome::Wrong
    })
}

impl Trial {
    /// A wrong code of somebody who has proved something else before is an entry: there are few before the way rests. What a stranger
    /// can do is counted, and [`super::accounts`] counts who failed to sign in.
    fn record_in_txn(&self, txn: &mut Txn<'_>) -> StoreResult<()> {
        let way = self.way;
        if self.session.is_some() || matches!(self.proof, Proof::Digits { seed: Some(_), .. }) {
            return txn.record(self.staff, AuditEvent::FactorWrong { way });
        }
        if way == Way::Recovery {
            let person = match store::staff_find(txn, self.staff) {
                Ok(staff) => Some(staff.id),
                Err(StoreError::NotFound) => None,
                Err(error) => return Err(error),
            };
            txn.audit_log().sign_in_failed(person, txn.now());
        }
        Ok(())
    }
}

/// A code counts once: the step it belongs to is remembered, and only later ones are taken. While the time is unconfirmed, a code of what
/// the machine's clock says is right too: whose phone says the same confirms it.
fn look_in_txn(txn: &mut Txn<'_>, clock: &Clock, trial: &Trial) -> StoreResult<Look> {
    let (now, doubted) = (txn.now(), clock.doubted());
    let of = |at| match &trial.proof {
        Proof::Paper(_) => None,
        Proof::Digits { seed, code } => seed.as_ref().and_then(|seed| totp::check(seed, code, at)),
    };
    if matches!(trial.proof, Proof::Paper(true)) {
        return Ok(Look::Right);
    }
    let by_machine = doubted.and_then(|machine| Some((machine, of(machine)?)));
    let Some(step) = by_machine.map_or_else(|| of(now), |(_, step)| Some(step)) else {
        return Ok(Look::Wrong);
    };
    if !store::totp_use(txn, trial.staff, step)? {
        return Ok(Look::Used);
    }
    if let Some((machine, _)) = by_machine {
        txn.confirm_clock(clock, trial.staff, machine)?;
    }
    Ok(Look::Right)
}

fn tell_in_txn(txn: &mut Txn<'_>, trial: &Trial, kind: AlarmKind) -> StoreResult<()> {
    let way = trial.way;
    let event = match kind {
        AlarmKind::SessionEnded => AuditEvent::SessionEndedWrongCodes { way },
        _ => AuditEvent::FactorRests { way },
    };
    txn.record(trial.staff, event)?;
    txn.raise(kind, &trial.staff.to_string())?;
    Ok(())
}

fn rests(seconds: i64) -> Refusal {
    Refusal::Rests {
        minutes: seconds.saturating_add(59).div_euclid(60),
    }
}
