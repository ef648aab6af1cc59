//! Which algorithms something is sealed and signed with.

use borsh::io::{Error, ErrorKind, Read, Result, Write};
use borsh::{BorshDeserialize, BorshSerialize};

/// A suite of algorithms. What is sealed is of its reader's key's suite, and that key's text says which: no column of the database does. A
/// later one is stronger: where it has come, nothing goes back to an earlier one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Suite {
    /// age X25519, Ed25519, SHA-256.
    X25519,
    /// Stands in tests for one that is to come, with the sizes of age's `mlkem768x25519`. No release knows it: those have no debug
    /// assertions.
    #[cfg(debug_assertions)]
    Trial,
}

impl Suite {
    /// What new keys are made of.
    pub const NEWEST: Self = Self::X25519;
    const ALL: &'static [Self] = &[
        Self::X25519,
        #[cfg(debug_assertions)]
        Self::Trial,
    ];

    /// As it stands in whatever is sealed or signed.
    pub const fn byte(self) -> u8 {
        match self {
            Self::X25519 => 1,
            #[cfg(debug_assertions)]
            Self::Trial => 0xff,
        }
    }

    /// The one with this byte, if it is known.
    pub fn from_byte(byte: u8) -> Option<Self> {
        Self::find(|suite| suite.byte() == byte)
    }

    /// The one that a public key is of, by the letters that it begins with: `age1…`.
    pub fn of_recipient(text: &str) -> Option<Self> {
        let (prefix, _) = text.rsplit_once('1')?;
        Self::find(|suite| suite.prefix() == prefix)
    }

    /// What its public keys begin with, before the `1` that Bech32 has there.
    pub const fn prefix(self) -> &'static str {
        match self {
            Self::X25519 => "age",
            #[cfg(debug_assertions)]
            Self::Trial => "age1trial",
        }
    }

    /// The tag of its stanza in an age file, and how many bytes its one argument has.
    pub const fn stanza(self) -> (&'static str, usize) {
        match self {
            Self::X25519 => ("X25519", 32),
            #[cfg(debug_assertions)]
            Self::Trial => ("trial", 1_120),
        }
    }

    /// The first one for which that is so.
    pub fn find(is_it: impl Fn(&Self) -> bool) -> Option<Self> {
        Self::ALL.iter().copied().find(is_it)
    }
}

/// What new keys are made of.
impl Default for Suite {
    fn default() -> Self {
        Self::NEWEST
    }
}

impl BorshSerialize for Suite {
    fn serialize<W: Write>(&self, writer: &mut W) -> Result<()> {
        self.byte().serialize(writer)
    }
}

impl BorshDeserialize for Suite {
    fn deserialize_reader<R: Read>(reader: &mut R) -> Result<Self> {
        let byte = u8::deserialize_reader(reader)?;
        Self::from_byte(byte).ok_or_else(|| Error::new(ErrorKind::InvalidData, "unknown suite"))
    }
}
