//! A member's word that a newcomer's key is the newcomer's: signed, because later another member's session acts upon it.
//!
//! Without it, whoever can write to the database would put two names beside a key of their own and wait for the next visit.

use super::keys::{BadSignature, Recipient, Signature, SigningKey, VerifyKey};
use crate::domain::clock::Quarter;
use crate::domain::ids::{KeyId, StaffId, TeamId};

/// What a member vouches for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Approval {
    /// Into which team.
    pub team: TeamId,
    /// The team's active generation: whoever was let in before it changed may have left since.
    pub generation: KeyId,
    /// Who comes.
    pub newcomer: StaffId,
    /// What is sealed to them.
    pub recipient: Recipient,
    /// What checks their signatures.
    pub verify_key: VerifyKey,
    /// When the digits were compared.
    pub at: Quarter,
}

impl Approval {
    /// `"kapea/approval/v1" ‖ team (16) ‖ generation (16) ‖ newcomer (16) ‖ verify key (32) ‖ time (8) ‖ recipient`.
    pub(super) fn to_bytes(&self) -> Vec<u8> {
        let at = self.at.seconds().to_be_bytes();
        let parts: [&[u8]; 7] = [
            b"kapea/approval/v1",
            self.team.as_bytes(),
            self.generation.as_bytes(),
            self.newcomer.as_bytes(),
            self.verify_key.as_bytes(),
            &at,
            self.recipient.as_str().as_bytes(),
        ];
        parts.concat()
    }

    /// The word of a member.
    pub fn sign(&self, member: &SigningKey) -> Signature {
        member.sign(&self.to_bytes())
    }

    /// Checks the word of a member.
    ///
    /// # Errors
    /// [`BadSignature`] if it is over anything else, or by another key.
    pub fn verify(&self, member: &VerifyKey, signature: &Signature) -> Result<(), BadSignature> {
        member.verify(&self.to_bytes(), signature)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::seal::keys::{Seed, StaffKeys};

    #[test]
    fn a_word_is_for_one_key_one_team_one_generation_and_one_time() {
        let [member, newcomer, other] = [(); 3].map(|()| StaffKeys::from_seed(&Seed::random()));
        let word = Approval {
            team: TeamId::from_bytes([1; 16]),
            generation: KeyId::from_bytes([2; 16]),
            newcomer: StaffId::from_bytes([3; 16]),
            recipient: newcomer.recipient(),
            verify_key: newcomer.verify_key(),
            at: Quarter::from_seconds(900),
        };
        let signature = word.sign(member.signing());
        let holds = |word: &Approval| word.verify(&member.verify_key(), &signature).is_ok();
        assert!(holds(&word));
        assert!(word.verify(&other.verify_key(), &signature).is_err());
        let mut changed = [(); 6].map(|()| word.clone());
        changed[0].team = TeamId::from_bytes([9; 16]);
        changed[1].generation = KeyId::from_bytes([9; 16]);
        changed[2].newcomer = StaffId::from_bytes([9; 16]);
        changed[3].recipient = other.recipient();
        changed[4].verify_key = other.verify_key();
        changed[5].at = Quarter::from_seconds(1_800);
        for word in changed {
            assert!(!holds(&word), "{word:?}");
        }
    }
}
