//! The record of a recovery key: nothing is wrapped to one that the custodians did not sign.

use super::chain::{ChainError, CustodianPins, check_signatures};
use super::keys::{Recipient, Signature, SigningKey, VerifyKey, fingerprint};
use crate::domain::ids::KeyId;

/// A recovery key, as custodians sign it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RecoveryRecord {
    /// Counts the recovery keys from 1; the highest that is signed counts.
    pub number: u32,
    /// The id of the key.
    pub key: KeyId,
    /// What teams' keys are wrapped to.
    pub recipient: Recipient,
    /// What checks its signatures.
    pub verify_key: VerifyKey,
}

impl RecoveryRecord {
    /// What custodians sign: `"kapea/recovery/v1" ‖ number (4) ‖ key id (16) ‖ verify key (32) ‖ recipient`.
    pub fn to_bytes(&self) -> Vec<u8> {
        let parts: [&[u8]; 5] = [
            b"kapea/recovery/v1",
            &self.number.to_be_bytes(),
            self.key.as_bytes(),
            self.verify_key.as_bytes(),
            self.recipient.as_str().as_bytes(),
        ];
        parts.concat()
    }

    /// A custodian's signature.
    pub fn sign(&self, custodian: &SigningKey) -> Signature {
        custodian.sign(&self.to_bytes())
    }

    /// Checks that enough of the pinned custodians signed exactly this.
    ///
    /// # Errors
    /// [`ChainError`].
    pub fn verify(
        &self,
        pins: &CustodianPins,
        signatures: &[(VerifyKey, Signature)],
    ) -> Result<(), ChainError> {
        check_signatures(pins, &self.to_bytes(), signatures)
    }

    /// 30 digits, to be compared with what was printed when the key was made.
    pub fn fingerprint(&self) -> String {
        fingerprint(&self.recipient, &self.verify_key)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::seal::chain::Custodian;
    use crate::seal::keys::{Seed, StaffKeys};

    #[test]
    fn a_record_counts_with_enough_signatures_over_exactly_it() {
        let [first, second, stranger] = [(); 3].map(|()| SigningKey::from_seed(&Seed::random()));
        let pins = CustodianPins {
            threshold: 2,
            custodians: [&first, &second]
                .map(|key| Custodian {
                    name: String::new(),
                    key: key.verify_key(),
                    previous: None,
                })
                .to_vec(),
        };
        let keys = StaffKeys::from_seed(&Seed::random());
        let record = RecoveryRecord {
            number: 3,
            key: KeyId::from_bytes([1; 16]),
            recipient: keys.recipient(),
            verify_key: keys.verify_key(),
        };
        let by = |key: &SigningKey| (key.verify_key(), record.sign(key));
        let both = [by(&first), by(&second)];
        assert_eq!(record.verify(&pins, &both), Ok(()));
        for (signatures, error) in [
            (vec![], ChainError::Unsigned),
            (vec![by(&first)], ChainError::Unsigned),
            (vec![by(&first), by(&first)], ChainError::Unsigned),
            (vec![by(&first), by(&stranger)], ChainError::WrongSigner),
        ] {
            assert_eq!(record.verify(&pins, &signatures), Err(error));
        }
        let thief = StaffKeys::from_seed(&Seed::random());
        for changed in [
            RecoveryRecord {
                number: 4,
                ..record.clone()
            },
            RecoveryRecord {
                key: KeyId::from_bytes([2; 16]),
                ..record.clone()
            },
            RecoveryRecord {
                recipient: thief.recipient(),
                ..record.clone()
            },
            RecoveryRecord {
                verify_key: thief.verify_key(),
                ..record.clone()
            },
        ] {
            assert_eq!(changed.verify(&pins, &both), Err(ChainError::WrongSigner));
        }
        let none = CustodianPins {
            threshold: 1,
            custodians: vec![],
        };
        assert_eq!(record.verify(&none, &both), Err(ChainError::Pins));
    }
}
