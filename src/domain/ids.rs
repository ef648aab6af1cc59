//! Random 128-bit identifiers, one type each, so that a team id cannot stand where a report id is meant.
//!
//! Written as 32 lower-case hexadecimal digits. They carry neither time nor order, unlike UUIDv7 or a counter.

use std::fmt;
use std::str::FromStr;

use data_encoding::HEXLOWER;

use super::named::serde_as_text;

/// The text was not 32 hexadecimal digits.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("not an identifier of 32 hexadecimal digits")]
pub struct InvalidId;

macro_rules! id_type {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        #[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default, borsh::BorshSerialize, borsh::BorshDeserialize)]
        pub struct $name([u8; 16]);

        impl $name {
            /// Wraps 16 random bytes.
            pub const fn from_bytes(bytes: [u8; 16]) -> Self {
                Self(bytes)
            }

            /// The 16 bytes.
            pub const fn as_bytes(&self) -> &[u8; 16] {
                &self.0
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                HEXLOWER.encode_display(&self.0).fmt(f)
            }
        }

        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                write!(f, concat!(stringify!($name), "({})"), self)
            }
        }

        impl FromStr for $name {
            type Err = InvalidId;

            fn from_str(text: &str) -> Result<Self, InvalidId> {
                let mut id = [0; 16];
                if text.len() != HEXLOWER.encode_len(id.len()) {
                    return Err(InvalidId);
                }
                HEXLOWER
                    .decode_mut(text.as_bytes(), &mut id)
                    .map_err(|_| InvalidId)?;
                Ok(Self(id))
            }
        }

        serde_as_text!($name);
    };
}

id_type!(
    /// A report.
    ReportId
);
id_type!(
    /// A sealed object: answers, card, message or note of one report.
    ObjectId
);
id_type!(
    /// A key record: a team generation, or a person's key.
    KeyId
);
id_type!(
    /// A team of caseworkers.
    TeamId
);
id_type!(
    /// A list of signed statements: a team's has the team's id, the office's the installation's.
    LedgerId
);
id_type!(
    /// An order to change a team's key.
    RotationId
);
id_type!(
    /// An alarm.
    AlarmId
);
id_type!(
    /// An act that waits for a second person.
    ProposalId
);
id_type!(
    /// A person with an account.
    StaffId
);
id_type!(
    /// An outbox row.
    OutboxId
);
id_type!(
    /// A message lying in a mailbox.
    MailItemId
);
id_type!(
    /// An installation.
    InstallationId
);

impl From<TeamId> for LedgerId {
    fn from(team: TeamId) -> Self {
        Self(team.0)
    }
}

impl From<InstallationId> for LedgerId {
    fn from(installation: InstallationId) -> Self {
        Self(installation.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_and_back_is_the_same_id() {
        let id = ReportId::from_bytes([0xa5; 16]);
        assert_eq!(id.to_string().parse(), Ok(id));
    }

    #[test]
    fn other_texts_are_refused() {
        for text in [
            "",
            "a5",
            &"A5".repeat(16),
            &"g0".repeat(16),
            &"a5".repeat(17),
        ] {
            assert_eq!(text.parse::<ReportId>(), Err(InvalidId), "{text}");
        }
    }
}
