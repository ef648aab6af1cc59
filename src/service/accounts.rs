//! Signing in, sessions in two halves, and people's own secrets.

use secrecy::{ExposeSecret, SecretString};
use zeroize::Zeroizing;

use super::attempts;
use super::bulkhead::Bulkhead;
use super::caller::Refused;
use super::context::Context;
use super::devices::{self, Asker, DEVICE_DAYS, Device};
use super::error::Error;
use super::ways::{self, Sessions, as_row, as_unlock, is_current};
use crate::domain::audit::AuditEvent;
use crate::domain::clock::Timestamp;
use crate::domain::ids::StaffId;
use crate::domain::staff::{Handle, Role, StaffState, UnlockMethod, Way};
use crate::domain::suite::Suite;
use crate::seal::credentials::LiveKeys;
use crate::seal::keys::Seed;
use crate::seal::session::{self, Binding};
use crate::seal::totp::TotpSeed;
use crate::seal::unlock::{self, StaffSecret};
use crate::seal::{passphrase, random, ticket};
use crate::store::{self, Session, Staff, StoreError, UnlockRow};

pub use super::caller::{Caller, Notices};

const LOGIN: &str = "login";
const LOGIN_MINUTES: u32 = 60;
/// A session is written again at most this often when it is used.
const TOUCH_SECONDS: i64 = 60;

/// A new session.
pub struct NewSession {
    /// The value of the cookie: the caller's half.
    pub cookie: SecretString,
    /// The value of the cookie by which the device is known from now on.
    pub device: SecretString,
}

/// Why a cookie is not a session.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum AuthError {
    /// It is none, or it has ended.
    #[error("no session")]
    NoSession,
    /// The database does not answer.
    #[error("unavailable")]
    Unavailable,
}

/// See the module.
#[derive(Clone)]
pub struct Accounts {
    pub(super) context: Context,
}

impl Accounts {
    pub(super) fn new(context: Context) -> Self {
        Self { context }
    }

    /// The devices that a cookie shows; none if it is not ours.
    pub fn devices(&self, cookie: &str) -> Vec<Device> {
        devices::read(&self.device_keys(), cookie, self.context.clock.now())
    }

    fn device_keys(&self) -> LiveKeys {
        let today = self.context.clock.today();
        self.context.credentials().device_keys(today, DEVICE_DAYS)
    }

    /// The hidden field of the login form, so that a foreign page cannot sign somebody in.
    pub async fn login_ticket(&self) -> String {
        let keys = self.context.ticket_keys().await;
        ticket::issue(keys.newest(), LOGIN, self.context.clock.now())
    }

    /// Signs in. Whatever is wrong, the same time is spent and the same is said.
    ///
    /// # Errors
    /// [`Error`].
    pub async fn login(
        &self,
        known: &[Device],
        login_ticket: &str,
        handle: &str,
        passphrase: SecretString,
        code: &str,
    ) -> Result<NewSession, Error> {
        let now = self.context.clock.now();
        let keys = self.context.ticket_keys().await;
        ticket::check_any(&keys, LOGIN, login_ticket, now, LOGIN_MINUTES)
            .map_err(|_| Error::Expired)?;
        let (staff, secret) = self
            .proven(Asker::AtTheDoor(known), handle, passphrase.clone(), code)
            .await?;
        self.follow_pepper(staff.id, passphrase, &secret).await;
        // The code may have confirmed another time.
        let now = self.context.clock.now();
        let session = self.open_session(known, &staff, &secret, now).await?;
        self.context.devices.signed_in(known, staff.id);
        super::watch::at_sign_in(&self.context, staff.id).await;
        Ok(session)
    }

    /// Somebody at a terminal: the same proof as for signing in, and no session.
    ///
    /// # Errors
    /// [`Error`].
    pub async fn at_terminal(
        &self,
        handle: &str,
        passphrase: SecretString,
        code: &str,
    ) -> Result<Caller, Error> {
        let (staff, secret) = self
            .proven(Asker::SignedIn, handle, passphrase.clone(), code)
            .await?;
        self.follow_pepper(staff.id, passphrase, &secret).await;
        let id = staff.id;
        let key = self
            .context
            .write(move |txn| -> Result<_, StoreError> {
                txn.record(id, AuditEvent::SignedInAtTerminal {})?;
                Ok(store::staff_key_active(txn, id)?.map(|key| key.id))
            })
            .await
            .map_err(|_| Error::Unavailable)?;
        Ok(Caller {
            staff: staff.id,
            handle: staff.handle,
            role: staff.role,
            csrf: String::new(),
            keys: secret.keys(),
            secret,
            key,
            notices: Notices::default(),
            session: None,
            refused: Refused::default(),
        })
    }

    /// The caller behind a cookie. What is asked for while nobody need be there does not prolong the session.
    ///
    /// # Errors
    /// [`AuthError`].
    pub async fn authenticate(&self, cookie: &str, is_attended: bool) -> Result<Caller, AuthError> {
        let row_key = session::row_key(cookie).map_err(|_| AuthError::NoSession)?;
        let csrf = session::csrf_token(cookie).map_err(|_| AuthError::NoSession)?;
        let now = self.context.clock.now();
        let idle = self.context.settings.session_idle_seconds;
        let found = self
            .context
            .read(move |conn| -> Result<_, StoreError> {
                let Some(row) = store::session_find(conn, &row_key, now)? else {
                    return Ok(None);
                };
                let staff = store::staff_find(conn, row.staff)?;
                let key = store::staff_key_active(conn, row.staff)?.map(|key| key.id);
                let renewal = store::renewal_ordered(conn, row.staff);
                let newcomer = store::newcomer_waits_for(conn, row.staff);
                let notices = Notices {
                    renewal: store::unless_damaged(renewal)?.is_some(),
                    newcomer: store::unless_damaged(newcomer)?,
                };
                Ok(Some((row, staff, key, notices)))
            })
            .await;
        let (row, staff, key, notices) = match found {
            Ok(Some(found)) => found,
            Ok(None) | Err(StoreError::NotFound) => return Err(AuthError::NoSession),
            Err(_) => return Err(AuthError::Unavailable),
        };
        if staff.state != StaffState::Active {
            return Err(AuthError::NoSession);
        }
        let binding = binding(&staff, row.expires_at);
        let root = self.context.session_roots.of(row.n, now.day());
        let payload = session::open_session(
            &*root.ok_or(AuthError::NoSession)?,
            cookie,
            &binding,
            &row.blob,
        )
        .map_err(|_| AuthError::NoSession)?;
        let secret = unpack(&payload).ok_or(AuthError::NoSession)?;
        if is_attended {
            self.touch(&row, now.plus(idle)).await;
        }
        Ok(Caller {
            staff: staff.id,
            handle: staff.handle,
            role: staff.role,
            csrf: csrf.expose_secret().to_owned(),
            keys: secret.keys(),
            secret,
            key,
            notices,
            session: Some(row_key),
            refused: Refused::default(),
        })
    }

    /// Ends the session of a cookie. Whatever the cookie is, nobody is signed in by it afterwards.
    pub async fn logout(&self, cookie: &str) {
        let Ok(row_key) = session::row_key(cookie) else {
            return;
        };
        let ended = self.context.write(move |txn| {
            let now = txn.now();
            let session = store::session_find(txn, &row_key, now)?;
            store::session_delete(txn, &row_key)?;
            match session {
                Some(session) => txn.record(session.staff, AuditEvent::SignedOut {}),
                None => Ok(()),
            }
        });
        let ended: Result<(), StoreError> = ended.await;
        if let Err(error) = ended {
            tracing::warn!(event = "put-off", %error, "a session could not be ended; it ends by itself");
        }
    }

    /// Six random words.
    pub fn generate_passphrase(&self) -> SecretString {
        passphrase::generate()
    }

    /// Sets a new passphrase. All sessions of the person end, this one too.
    ///
    /// # Errors
    /// [`Error::WrongCode`] if the old passphrase or the code is wrong.
    pub async fn change_passphrase(
        &self,
        caller: &Caller,
        old: SecretString,
        new: SecretString,
        code: &str,
    ) -> Result<(), Error> {
        let lane = &self.context.bulkheads.colleague;
        let new = strong(lane, new).await?;
        let secret = self.confirm(caller, old, code).await?;
        let (staff, keys) = (caller.staff, secret.keys());
        let row = self.passphrase_row(lane, staff, new, secret).await?;
        self.context
            .write(move |txn| {
                let own = (staff, &keys);
                ways::put_in_txn(txn, own, &[row], Sessions::End, |sessions| {
                    AuditEvent::PassphraseChanged { sessions }
                })
            })
            .await
            .map_err(Error::from)
    }

    /// An account in use, and one of its ways in.
    pub(super) async fn account(
        &self,
        handle: &str,
        method: UnlockMethod,
    ) -> Result<Option<(Staff, UnlockRow)>, StoreError> {
        let handle: Option<Handle> = handle.parse().ok();
        self.context
            .read(move |conn| -> Result<_, StoreError> {
                let Some(handle) = handle else {
                    return Ok(None);
                };
                let Some(staff) = store::staff_by_handle(conn, handle.as_str())? else {
                    return Ok(None);
                };
                let row = store::unlock_find(conn, staff.id, method)?;
                Ok(row
                    .filter(|_| staff.state == StaffState::Active)
                    .map(|row| (staff, row)))
            })
            .await
    }

    /// The account and its secrets, `None` if handle or passphrase is wrong. Costs one argon2id either way.
    pub(super) async fn unlock(
        &self,
        asker: Asker<'_>,
        handle: &str,
        passphrase: SecretString,
    ) -> Result<Option<(Staff, StaffSecret)>, Error> {
        let found = self.account(handle, UnlockMethod::Passphrase).await;
        let found = found.map_err(|_| Error::Unavailable)?;
        let (credentials, today) = (self.context.credentials(), self.context.clock.today());
        let account = found.as_ref().map(|(staff, _)| staff.id);
        self.context
            .lane(asker, account)
            .run(move || {
                // A row whose pepper is gone, or has been out of force for too long, is no row.
                let found = found.and_then(|(staff, row)| {
                    let pepper = credentials.pepper_version(row.pepper_version, today).ok()?;
                    Some((staff, row, pepper))
                });
                let Some((staff, row, pepper)) = found else {
                    drop(unlock::dummy_open(&passphrase, credentials.pepper()));
                    return None;
                };
                let opened =
                    unlock::open_with_passphrase(&as_unlock(row), &passphrase, staff.id, pepper);
                opened.ok().map(|secret| (staff, secret))
            })
            .await
            .map_err(|_| Error::Busy)
    }

    /// The account and its secrets, by passphrase and code. A wrong passphrase goes the same way as a wrong code, and counts for nobody:
    /// whoever knows no more than a handle keeps nobody out.
    async fn proven(
        &self,
        asker: Asker<'_>,
        handle: &str,
        passphrase: SecretString,
        code: &str,
    ) -> Result<(Staff, StaffSecret), Error> {
        let found = self.unlock(asker, handle, passphrase).await?;
        let (staff, totp) = match &found {
            Some((staff, secret)) => (staff.id, Some(&secret.totp)),
            None => {
                let found = self.account(handle, UnlockMethod::Passphrase).await;
                let person = found.ok().flatten().map(|(staff, _)| staff.id);
                let now = self.context.clock.now();
                self.context.audit_log.sign_in_failed(person, now);
                (random::staff_id(), None)
            }
        };
        // Strangers who know a passphrase do not rest the way of the person's own devices.
        let way = if asker.knows(staff) {
            Way::KnownDevice
        } else {
            Way::SignIn
        };
        let is_right = attempts::at_the_door(&self.context, staff, way, totp, code)
            .await
            .map_err(|_| Error::Unavailable)?;
        found.filter(|_| is_right).ok_or(Error::WrongCode)
    }

    async fn open_session(
        &self,
        known: &[Device],
        staff: &Staff,
        secret: &StaffSecret,
        now: Timestamp,
    ) -> Result<NewSession, Error> {
        let device = devices::renewed(self.device_keys().newest(), known, staff.id, now)?;
        let settings = &self.context.settings;
        let expires = now.plus(settings.session_seconds);
        let root = self.context.session_roots.current(now.day());
        let new = session::new_session(&root, &binding(staff, expires), &pack(secret))?;
        let row = Session {
            row_key: new.row_key,
            staff: staff.id,
            blob: new.blob,
            expires_at: expires,
            idle_expires_at: now.plus(settings.session_idle_seconds),
            n: root.number(),
        };
        let (actor, keys) = (staff.id, secret.keys());
        self.context
            .write(move |txn| -> Result<(), StoreError> {
                is_current(txn, actor, &keys)?;
                store::session_insert(txn, &row)?;
                txn.record(actor, AuditEvent::SignedIn {})
            })
            .await
            .map_err(|error| match error {
                StoreError::Stale => Error::WrongCode,
                _ => Error::Unavailable,
            })?;
        Ok(NewSession {
            cookie: new.cookie,
            device: device.into(),
        })
    }

    async fn touch(&self, row: &Session, idle_expires_at: Timestamp) {
        if idle_expires_at < row.idle_expires_at.plus(TOUCH_SECONDS) {
            return;
        }
        let row_key = row.row_key;
        let touched = self
            .context
            .store
            .write(move |conn| store::session_touch(conn, &row_key, idle_expires_at))
            .await;
        if let Err(error) = touched {
            tracing::warn!(event = "put-off", %error, "a session could not be prolonged");
        }
    }

    /// Passphrase and fresh code of somebody who is signed in.
    pub(super) async fn confirm(
        &self,
        caller: &Caller,
        passphrase: SecretString,
        code: &str,
    ) -> Result<StaffSecret, Error> {
        let unlocked = self.unlock(Asker::SignedIn, &caller.handle, passphrase);
        let unlocked = unlocked.await?;
        let secret = unlocked.map(|(_, secret)| secret);
        let totp = secret.as_ref().map(|secret| &secret.totp);
        let is_right = attempts::of_caller(&self.context, caller, totp, code).await?;
        secret.filter(|_| is_right).ok_or(Error::WrongCode)
    }

    /// The unlock row of a passphrase: one argon2id in that lane.
    pub(super) async fn passphrase_row(
        &self,
        lane: &Bulkhead,
        staff: StaffId,
        passphrase: SecretString,
        secret: StaffSecret,
    ) -> Result<UnlockRow, Error> {
        let credentials = self.context.credentials();
        let unlock = lane.run(move || {
            unlock::create_with_passphrase(&passphrase, staff, credentials.pepper(), &secret)
        });
        Ok(as_row(staff, UnlockMethod::Passphrase, unlock.await??))
    }
}

/// The same passphrase, if it is strong enough. Found out in the lane: the estimate takes its time.
///
/// # Errors
/// [`Error::WeakPassphrase`], [`Error::Busy`].
pub(super) async fn strong(lane: &Bulkhead, chosen: SecretString) -> Result<SecretString, Error> {
    lane.run(move || {
        let strength = passphrase::strength(chosen.expose_secret());
        (strength >= passphrase::REQUIRED_STRENGTH).then_some(chosen)
    })
    .await?
    .ok_or(Error::WeakPassphrase)
}

fn binding(staff: &Staff, expires: Timestamp) -> Binding {
    let role = match staff.role {
        Role::Caseworker => 1,
        Role::Custodian => 2,
        Role::Administrator => 3,
        Role::Auditor => 4,
    };
    Binding {
        staff: staff.id,
        role,
        expires,
    }
}

/// What a session row holds: the suite of the person's keys, their seed, then the seed of the second factor.
pub(super) fn pack(secret: &StaffSecret) -> Zeroizing<Vec<u8>> {
    let parts: [&[u8]; 3] = [
        &[secret.suite.byte()],
        secret.seed.expose(),
        secret.totp.expose(),
    ];
    Zeroizing::new(parts.concat())
}

pub(super) fn unpack(payload: &[u8]) -> Option<StaffSecret> {
    let (suite, payload) = payload.split_first()?;
    let (seed, totp) = payload.split_first_chunk::<32>()?;
    Some(StaffSecret {
        suite: Suite::from_byte(*suite)?,
        seed: Seed::from_bytes(*seed),
        totp: TotpSeed::from_bytes(totp.try_into().ok()?),
    })
}
