//! Sessions in two halves: one in the cookie, one in the server's memory. A stolen database opens none, and neither does a cookie alone.

use std::fmt;
use std::sync::{Arc, PoisonError, RwLock, RwLockReadGuard};

use data_encoding::BASE64URL_NOPAD;
use secrecy::SecretString;
use zeroize::Zeroizing;

use super::SealError;
use super::aead;
use super::derive::{hkdf, sha256};
use super::keys::Seed;
use super::random;
use super::secret::Secret;
use crate::domain::clock::{Day, Timestamp};
use crate::domain::ids::StaffId;

const ID_LENGTH: usize = 16;
const COOKIE_LENGTH: usize = 48;

/// The server's half, made anew at each start. Wiped when dropped.
pub struct SessionRoot {
    number: u32,
    secret: Seed,
}

/// The root of today and that of yesterday: a session lives a day at most, so that a copy of the server's memory opens no older ones.
pub struct SessionRoots(RwLock<Roots>);

struct Roots {
    current: Arc<SessionRoot>,
    since: Day,
    previous: Option<Arc<SessionRoot>>,
}

/// What the row of a session says in clear; nothing of it can be changed without closing the session.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Binding {
    /// Whose session it is.
    pub staff: StaffId,
    /// The role, as one byte.
    pub role: u8,
    /// When it ends at the latest.
    pub expires: Timestamp,
}

/// A session that was just made.
pub struct NewSession {
    /// The value of the cookie. Goes to the browser and is not kept.
    pub cookie: SecretString,
    /// The key of the row.
    pub row_key: [u8; 32],
    /// The content of the row.
    pub blob: Vec<u8>,
}

struct Cookie(Secret<COOKIE_LENGTH>);

impl SessionRoot {
    /// A new one. `number` goes into the rows, so that a row of another root is told apart.
    pub fn random(number: u32) -> Self {
        Self {
            number,
            secret: Seed::random(),
        }
    }

    /// From a shared credential, where several replicas serve the same sessions.
    #[cfg(test)]
    pub fn from_bytes(number: u32, bytes: [u8; 32]) -> Self {
        Self {
            number,
            secret: Seed::from_bytes(bytes),
        }
    }

    /// Its number.
    pub const fn number(&self) -> u32 {
        self.number
    }

    fn key(&self, cookie: &Cookie) -> Secret<32> {
        let (id, half) = cookie.halves();
        let secret = Zeroizing::new([half, self.secret.expose().as_slice()].concat());
        hkdf(&secret, id, &[b"kapea/session/v1"])
    }

    fn associated(&self, row_key: &[u8; 32], binding: &Binding) -> Vec<u8> {
        let parts: [&[u8]; 6] = [
            b"kapea/session/v1",
            row_key,
            binding.staff.as_bytes(),
            &[binding.role],
            &binding.expires.seconds().to_be_bytes(),
            &self.number.to_be_bytes(),
        ];
        parts.concat()
    }
}

impl SessionRoots {
    /// A first one. Its number is any, so that rows of another process are not taken for ours.
    pub fn new(today: Day) -> Self {
        let number = u32::from_be_bytes(random::bytes());
        Self(RwLock::new(Roots {
            current: Arc::new(SessionRoot::random(number)),
            since: today,
            previous: None,
        }))
    }

    /// The root for new sessions, turned if the day has.
    pub fn current(&self, today: Day) -> Arc<SessionRoot> {
        self.turn(today);
        Arc::clone(&self.read().current)
    }

    /// The root of a row, if it is today's or yesterday's.
    pub fn of(&self, number: u32, today: Day) -> Option<Arc<SessionRoot>> {
        self.turn(today);
        let roots = self.read();
        std::iter::once(&roots.current)
            .chain(&roots.previous)
            .find(|root| root.number == number)
            .cloned()
    }

    /// The numbers of the current root and of the one before it, if that still opens, and the day the current one was made.
    pub fn state(&self, today: Day) -> (u32, Option<u32>, Day) {
        self.turn(today);
        let roots = self.read();
        let previous = roots.previous.as_ref().map(|root| root.number);
        (roots.current.number, previous, roots.since)
    }

    /// Forgets every root: no session opens any more.
    pub fn end_all(&self, today: Day) {
        let mut roots = self.0.write().unwrap_or_else(PoisonError::into_inner);
        roots.renew(today);
        roots.previous = None;
    }

    fn turn(&self, today: Day) {
        let since = self.read().since;
        if since < today || since > today.plus(1) {
            let mut roots = self.0.write().unwrap_or_else(PoisonError::into_inner);
            if roots.since < today {
                // What was sealed the day before yesterday or earlier has ended, whether anybody was here since or not.
                let is_yesterdays = roots.since.plus(1) == today;
                let last = roots.renew(today);
                roots.previous = is_yesterdays.then_some(last);
            } else if roots.since > today.plus(1) {
                // Of a day that did not come: it turns with the days all the same.
                roots.since = today;
            }
        }
    }

    fn read(&self) -> RwLockReadGuard<'_, Roots> {
        self.0.read().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Roots {
    /// Gives back the root that was current.
    fn renew(&mut self, today: Day) -> Arc<SessionRoot> {
        let number = self.current.number.wrapping_add(1);
        self.since = today;
        std::mem::replace(&mut self.current, Arc::new(SessionRoot::random(number)))
    }
}

impl Cookie {
    fn parse(text: &str) -> Result<Self, SealError> {
        let decoded = BASE64URL_NOPAD.decode(text.as_bytes());
        let bytes = decoded
            .map(Zeroizing::new)
            .map_err(|_| SealError::NotOpened)?;
        let bytes = bytes
            .as_slice()
            .try_into()
            .map_err(|_| SealError::NotOpened)?;
        Ok(Self(Secret::of(bytes)))
    }

    fn halves(&self) -> (&[u8], &[u8]) {
        self.0.split_at(ID_LENGTH)
    }

    fn row_key(&self) -> [u8; 32] {
        sha256(&[self.halves().0])
    }
}

/// Makes a session that holds `payload`.
///
/// # Errors
/// [`SealError::Failed`] if encryption fails.
pub fn new_session(
    root: &SessionRoot,
    binding: &Binding,
    payload: &[u8],
) -> Result<NewSession, SealError> {
    let cookie = Cookie(Secret::random());
    let row_key = cookie.row_key();
    let blob = aead::seal(
        &root.key(&cookie),
        &root.associated(&row_key, binding),
        payload,
    )?;
    Ok(NewSession {
        cookie: SecretString::from(BASE64URL_NOPAD.encode(cookie.0.as_slice())),
        row_key,
        blob,
    })
}

/// The key of the row that belongs to a cookie.
///
/// # Errors
/// [`SealError::NotOpened`] if it is not a cookie of ours.
pub fn row_key(cookie: &str) -> Result<[u8; 32], SealError> {
    Cookie::parse(cookie).map(|cookie| cookie.row_key())
}

/// Opens a session for one request. Whether it has expired is for the caller to see.
///
/// # Errors
/// [`SealError::NotOpened`] if cookie, row and root do not belong together, or the row was changed.
pub fn open_session(
    root: &SessionRoot,
    cookie: &str,
    binding: &Binding,
    blob: &[u8],
) -> Result<Zeroizing<Vec<u8>>, SealError> {
    let cookie = Cookie::parse(cookie)?;
    aead::open(
        &root.key(&cookie),
        &root.associated(&cookie.row_key(), binding),
        blob,
    )
}

/// The token that forms of this session carry.
///
/// # Errors
/// [`SealError::NotOpened`] if it is not a cookie of ours.
pub fn csrf_token(cookie: &str) -> Result<SecretString, SealError> {
    let cookie = Cookie::parse(cookie)?;
    let (id, half) = cookie.halves();
    let token = hkdf(half, id, &[b"kapea/csrf/v1"]);
    Ok(SecretString::from(BASE64URL_NOPAD.encode(token.as_slice())))
}

impl fmt::Debug for SessionRoot {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "SessionRoot({})", self.number)
    }
}

impl fmt::Debug for SessionRoots {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("SessionRoots(..)")
    }
}

impl fmt::Debug for NewSession {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("NewSession(..)")
    }
}

#[cfg(test)]
mod tests {
    use secrecy::ExposeSecret;

    use super::*;

    fn binding() -> Binding {
        Binding {
            staff: random::staff_id(),
            role: 1,
            expires: Timestamp::from_seconds(1_000),
        }
    }

    #[test]
    fn a_session_opens_with_cookie_row_and_root() {
        let (root, binding) = (SessionRoot::random(1), binding());
        let session = new_session(&root, &binding, b"seed").unwrap();
        let cookie = session.cookie.expose_secret();
        assert_eq!(row_key(cookie), Ok(session.row_key));
        let payload = open_session(&root, cookie, &binding, &session.blob).unwrap();
        assert_eq!(payload.as_slice(), b"seed");
    }

    #[test]
    fn the_root_turns_with_the_day_and_yesterdays_still_opens() {
        let day = Day::from_number(20_780);
        let roots = SessionRoots::new(day);
        let first = roots.current(day).number();
        assert_eq!(roots.current(day).number(), first);
        let second = roots.current(day.plus(1)).number();
        assert_ne!(second, first);
        assert!(roots.of(first, day.plus(1)).is_some());
        assert!(roots.of(second, day.plus(1)).is_some());
        assert!(roots.of(first, day.plus(2)).is_none());
        assert!(roots.of(second, day.plus(2)).is_some());
        // Nobody came for two days: what is left has ended.
        let third = roots.current(day.plus(2)).number();
        assert!(roots.of(third, day.plus(4)).is_none());
        // A clock that is put back does not turn it.
        let last = roots.current(day.plus(4)).number();
        assert_eq!(roots.current(day).number(), last);
        roots.end_all(day.plus(4));
        assert!(roots.of(last, day.plus(4)).is_none());
    }

    #[test]
    fn a_session_is_bound_to_everything_its_row_says() {
        let (root, binding) = (SessionRoot::from_bytes(1, [4; 32]), binding());
        let session = new_session(&root, &binding, b"seed").unwrap();
        let cookie = session.cookie.expose_secret();
        let later = Binding {
            expires: binding.expires.plus(1),
            ..binding
        };
        let promoted = Binding { role: 2, ..binding };
        let other = Binding {
            staff: random::staff_id(),
            ..binding
        };
        for changed in [later, promoted, other] {
            let outcome = open_session(&root, cookie, &changed, &session.blob);
            assert_eq!(outcome, Err(SealError::NotOpened), "{changed:?}");
        }
        let renumbered = SessionRoot::from_bytes(2, [4; 32]);
        let restarted = SessionRoot::random(1);
        for root in [renumbered, restarted] {
            let outcome = open_session(&root, cookie, &binding, &session.blob);
            assert_eq!(outcome, Err(SealError::NotOpened));
        }
    }

    #[test]
    fn neither_half_of_a_cookie_may_change() {
        let (root, binding) = (SessionRoot::random(1), binding());
        let session = new_session(&root, &binding, b"seed").unwrap();
        let bytes = BASE64URL_NOPAD
            .decode(session.cookie.expose_secret().as_bytes())
            .unwrap();
        for at in 0..bytes.len() {
            let mut changed = bytes.clone();
            changed[at] ^= 1;
            let cookie = BASE64URL_NOPAD.encode(&changed);
            let outcome = open_session(&root, &cookie, &binding, &session.blob);
            assert_eq!(outcome, Err(SealError::NotOpened));
            assert_eq!(row_key(&cookie) == Ok(session.row_key), at >= ID_LENGTH);
        }
        for cookie in ["", "AAAA", "not base64"] {
            assert_eq!(row_key(cookie), Err(SealError::NotOpened));
        }
    }

    #[test]
    fn a_changed_or_cut_row_is_refused() {
        let (root, binding) = (SessionRoot::random(1), binding());
        let session = new_session(&root, &binding, b"seed").unwrap();
        for at in 0..session.blob.len() {
            let mut changed = session.blob.clone();
            changed[at] ^= 1;
            for blob in [&changed, &session.blob[..at].to_vec()] {
                let outcome = open_session(&root, session.cookie.expose_secret(), &binding, blob);
                assert_eq!(outcome, Err(SealError::NotOpened));
            }
        }
    }

    #[test]
    fn the_form_token_is_of_one_session() {
        let root = SessionRoot::random(1);
        let one = new_session(&root, &binding(), b"").unwrap();
        let two = new_session(&root, &binding(), b"").unwrap();
        let token = csrf_token(one.cookie.expose_secret()).unwrap();
        let of = |cookie: &str| csrf_token(cookie).map(|token| token.expose_secret().to_owned());
        assert_eq!(
            of(one.cookie.expose_secret()).unwrap(),
            token.expose_secret()
        );
        assert_ne!(
            of(two.cookie.expose_secret()).unwrap(),
            token.expose_secret()
        );
        assert!(of("").is_err());
        assert!(!one.cookie.expose_secret().contains(token.expose_secret()));
    }
}
