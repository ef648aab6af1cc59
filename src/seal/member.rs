//! The word of a team for a member's keys: a new generation is wrapped only to keys that somebody who held the team's key has let in.
//!
//! Without it, whoever can write to the database would put another public key beside a member's name and wait for the next change.

use super::keys::{BadSignature, Recipient, Signature, SigningKey, VerifyKey};
use crate::domain::ids::{StaffId, TeamId};

/// A member and their public keys.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Member {
    /// The team.
    pub team: TeamId,
    /// Who.
    pub staff: StaffId,
    /// What is sealed to them.
    pub recipient: Recipient,
    /// What checks their signatures.
    pub verify_key: VerifyKey,
}

impl Member {
    /// What a generation of the team signs: `"kapea/member/v1" ‖ team (16) ‖ staff (16) ‖ verify key (32) ‖ recipient`.
    pub fn to_bytes(&self) -> Vec<u8> {
        let parts: [&[u8]; 5] = [
            b"kapea/member/v1",
            self.team.as_bytes(),
            self.staff.as_bytes(),
            self.verify_key.as_bytes(),
            self.recipient.as_str().as_bytes(),
        ];
        parts.concat()
    }

    /// The word of a generation.
    pub fn sign(&self, generation: &SigningKey) -> Signature {
        generation.sign(&self.to_bytes())
    }

    /// Checks the word of a generation.
    ///
    /// # Errors
    /// [`BadSignature`] if it is over anything else, or by another key.
    pub fn verify(
        &self,
        generation: &VerifyKey,
        signature: &Signature,
    ) -> Result<(), BadSignature> {
        generation.verify(&self.to_bytes(), signature)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::seal::keys::{Seed, StaffKeys};

    #[test]
    fn a_word_is_for_one_member_of_one_team_with_these_keys() {
        let team = SigningKey::from_seed(&Seed::random());
        let [own, other] = [(); 2].map(|()| StaffKeys::from_seed(&Seed::random()));
        let member = Member {
            team: TeamId::from_bytes([1; 16]),
            staff: StaffId::from_bytes([2; 16]),
            recipient: own.recipient(),
            verify_key: own.verify_key(),
        };
        let signature = member.sign(&team);
        let holds = |member: &Member| member.verify(&team.verify_key(), &signature).is_ok();
        assert!(holds(&member));
        assert!(member.verify(&other.verify_key(), &signature).is_err());
        for changed in [
            Member {
                team: TeamId::from_bytes([3; 16]),
                ..member.clone()
            },
            Member {
                staff: StaffId::from_bytes([3; 16]),
                ..member.clone()
            },
            Member {
                recipient: other.recipient(),
                ..member.clone()
            },
            Member {
                verify_key: other.verify_key(),
                ..member.clone()
            },
        ] {
            assert!(!holds(&changed), "{changed:?}");
        }
    }
}
