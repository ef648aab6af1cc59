//! Receipt codes: how one is made, and the keys it leads to.

use std::fmt;

use zeroize::Zeroizing;

use super::SealError;
use super::credentials::ServerKey;
use super::derive::{hkdf, sha256};
use super::keys::{Identity, ReporterAuthKey, Seed};
use super::memory;
use super::secret::Secret;
use crate::domain::suite::Suite;

pub use crate::domain::receipt::{InvalidReceipt, ReceiptCode, Retyped};

/// What argon2id makes of a code: all keys of the reporter come from it. Wiped when dropped.
pub struct Master(Seed);

/// The code of the form with this nonce. The same form gives the same code, which is kept nowhere.
pub fn derive_code(ticket_key: &ServerKey, nonce: &[u8; 16]) -> ReceiptCode {
    let bytes = ticket_key.derive(&[b"kapea/receipt/code/v1", nonce]);
    let wide = bytes
        .iter()
        .take(16)
        .fold(0_u128, |number, byte| number << 8 | u128::from(*byte));
    // 2^128 is so far above 10^22 that no code is likelier than another by more than 2^-54.
    ReceiptCode::from_payload(wide)
}

/// The slow step, 19 MiB and some 18 ms: call it where blocking is allowed.
///
/// # Errors
/// [`SealError::Failed`] if argon2 does not run.
pub fn master(code: &ReceiptCode, salt: &[u8; 16]) -> Result<Master, SealError> {
    memory::receipt(code.payload().as_bytes(), salt).map(|key| Master(Seed::from(key)))
}

/// Gives back the memory that [`master`] keeps for its next run. For quiet times.
pub fn release_memory() {
    memory::release();
}

impl Master {
    /// The hash by which the mailbox is found.
    pub fn lookup(&self) -> [u8; 32] {
        sha256(&[self.derive(b"kapea/receipt/token").as_slice()])
    }

    /// The mailbox's key, M, of the suite that the mailbox is of.
    pub fn mailbox(&self, suite: Suite) -> Identity {
        Identity::from_seed(suite, &Seed::from(self.derive(b"kapea/receipt/mailbox")))
    }

    /// The reporter's authentication key, RK.
    pub fn auth(&self) -> ReporterAuthKey {
        ReporterAuthKey::new(Seed::from(self.derive(b"kapea/receipt/auth")))
    }

    /// For the mailbox ticket, where it travels sealed.
    pub fn to_bytes(&self) -> Zeroizing<[u8; 32]> {
        Zeroizing::new(*self.0.expose())
    }

    /// From the mailbox ticket.
    pub fn from_bytes(bytes: [u8; 32]) -> Self {
        Self(Seed::from_bytes(bytes))
    }

    fn derive(&self, label: &[u8]) -> Secret<32> {
        hkdf(self.0.expose(), b"", &[label])
    }
}

impl fmt::Debug for Master {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Master(..)")
    }
}

#[cfg(test)]
mod tests {
    use data_encoding::HEXLOWER;

    use super::*;

    const SALT: [u8; 16] = [3; 16];

    #[test]
    fn the_same_form_gives_the_same_code_and_another_form_another() {
        let key = ServerKey::from_bytes([5; 32]);
        let code = derive_code(&key, &[1; 16]);
        assert_eq!(code, derive_code(&key, &[1; 16]));
        assert_eq!(ReceiptCode::parse(code.digits()), Ok(code.clone()));
        assert_ne!(code, derive_code(&key, &[2; 16]));
        assert_ne!(code, derive_code(&ServerKey::from_bytes([6; 32]), &[1; 16]));
    }

    fn code() -> ReceiptCode {
        ReceiptCode::parse("123456789012345678901235").unwrap()
    }

    #[test]
    fn a_code_leads_elsewhere_under_another_salt_and_no_other_code_leads_there() {
        let lookup = master(&code(), &SALT).unwrap().lookup();
        assert_eq!(master(&code(), &SALT).unwrap().lookup(), lookup);
        let other = ReceiptCode::from_payload(1_234_567_890_123_456_789_013);
        assert_ne!(master(&other, &SALT).unwrap().lookup(), lookup);
        assert_ne!(master(&code(), &[4; 16]).unwrap().lookup(), lookup);
    }

    /// Codes are on paper: they must always lead to the same keys. Computed with other programs (argon2-cffi, Python cryptography).
    #[test]
    fn codes_lead_where_they_always_led() {
        let master = master(&code(), &SALT).unwrap();
        assert_eq!(
            HEXLOWER.encode(&master.lookup()),
            "d0a30e402efe87ce358fe61b5696b74cc590d8b49ef7bfaaeb7048c3fffd1ee5"
        );
        assert_eq!(
            master.mailbox(Suite::X25519).recipient().as_str(),
            "age1uqvd3cr0ltcwseah02g2uxwy5nvgqrm7mqg5tr7kvghysl8svenqnetq68"
        );
        assert_eq!(
            HEXLOWER.encode(&sha256(&[master.auth().expose()])),
            "6ea2184e1d971f0d095cd7dfa0ed24355cf6c9b0758f25dbf2b205511b37f855"
        );
        let code = derive_code(&ServerKey::from_bytes([5; 32]), &[1; 16]);
        assert_eq!(code.digits(), "394291026937591134370768");
    }

    #[test]
    fn a_master_travels_as_bytes() {
        let master = Master::from_bytes([8; 32]);
        assert_eq!(
            Master::from_bytes(*master.to_bytes()).lookup(),
            master.lookup()
        );
    }
}
