//! The printed code that opens a person's secrets when the passphrase is lost: 128 random bits and 12 check bits,
//! in seven groups of four letters and digits (Crockford's alphabet, which has no I, L, O or U).

use std::fmt;

use secrecy::{ExposeSecret as _, SecretString};
use subtle::ConstantTimeEq as _;
use zeroize::Zeroizing;

use super::derive::sha256;
use super::secret::Secret;
use crate::domain::typed::{self, Alphabet};

const ALPHABET: &[u8; 32] = b"0123456789ABCDEFGHJKMNPQRSTVWXYZ";
const LENGTH: usize = 28;
const GROUP: usize = 4;
const CHECK_BITS: u32 = 12;

/// A recovery code. Shown once, never stored. Wiped when dropped.
pub struct RecoveryCode(Secret<16>);

/// The text is not a recovery code.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("not a recovery code")]
pub struct InvalidRecoveryCode;

/// A new code.
pub fn generate() -> RecoveryCode {
    RecoveryCode(Secret::random())
}

/// Reads a code as people write it (see [`typed`]): either case, O for 0, I or L for 1, signs and words around it.
///
/// # Errors
/// [`InvalidRecoveryCode`] if it has another length or letter, or its check does not fit.
pub fn parse(text: &str) -> Result<RecoveryCode, InvalidRecoveryCode> {
    typed::readings(text, Alphabet::Crockford, LENGTH)
        .find_map(|symbols| of_symbols(&symbols))
        .ok_or(InvalidRecoveryCode)
}

/// Whether what was typed back is the code: all of it, or its last two groups.
pub fn is_typed_back(code: &RecoveryCode, text: &str) -> bool {
    if let Ok(typed) = parse(text) {
        return bool::from(typed.0.ct_eq(code.0.as_slice()));
    }
    let printed = code.grouped();
    let symbols = Zeroizing::new(printed.expose_secret().replace(' ', ""));
    typed::readings(text, Alphabet::Crockford, 2 * GROUP).any(|end| symbols.ends_with(end.as_str()))
}

fn of_symbols(symbols: &str) -> Option<RecoveryCode> {
    let (mut bits, mut check) = (0_u128, 0_u16);
    for (index, symbol) in symbols.chars().enumerate() {
        let value = value(symbol)?;
        // 25 symbols and three bits are the code; the last 12 bits are the check.
        match index {
            0..25 => bits = bits << 5 | u128::from(value),
            25 => {
                bits = bits << 3 | u128::from(value >> 2);
                check = value & 3;
            }
            _ => check = check << 5 | value,
        }
    }
    let code = RecoveryCode(Secret::of(&Zeroizing::new(bits.to_be_bytes())));
    (code.check() == check).then_some(code)
}

impl RecoveryCode {
    /// As it is printed.
    pub fn grouped(&self) -> SecretString {
        let check = self.check();
        let bits = u128::from_be_bytes(*self.0);
        let mut text = Zeroizing::new(String::with_capacity(LENGTH + LENGTH / GROUP));
        for index in 0..LENGTH {
            if index > 0 && index % GROUP == 0 {
                text.push(' ');
            }
            text.push(symbol(bits, check, index));
        }
        SecretString::from(text.as_str())
    }

    /// The code of these bits.
    pub fn from_bytes(bits: [u8; 16]) -> Self {
        Self(Secret::of(&Zeroizing::new(bits)))
    }

    /// Its bits, to be sealed.
    pub fn expose(&self) -> &[u8; 16] {
        &self.0
    }

    fn check(&self) -> u16 {
        let [first, second, ..] = sha256(&[b"kapea/recovery-code/v1", self.0.as_slice()]);
        u16::from_be_bytes([first, second]) >> (u16::BITS - CHECK_BITS)
    }
}

impl fmt::Debug for RecoveryCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("RecoveryCode(..)")
    }
}

fn symbol(bits: u128, check: u16, index: usize) -> char {
    let value = match index {
        0..25 => bits >> (123 - 5 * index) & 31,
        25 => (bits & 7) << 2 | u128::from(check >> 10),
        26 => u128::from(check >> 5 & 31),
        _ => u128::from(check & 31),
    };
    usize::try_from(value)
        .ok()
        .and_then(|value| ALPHABET.get(value))
        .map_or('0', |byte| char::from(*byte))
}

fn value(symbol: char) -> Option<u16> {
    let at = ALPHABET
        .iter()
        .position(|byte| char::from(*byte) == symbol)?;
    u16::try_from(at).ok()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use secrecy::ExposeSecret;

    use super::*;

    fn code(bytes: [u8; 16]) -> RecoveryCode {
        RecoveryCode::from_bytes(bytes)
    }

    #[test]
    fn a_code_is_seven_groups_of_four() {
        let text = code([0xff; 16]).grouped();
        let groups: Vec<&str> = text.expose_secret().split(' ').collect();
        assert_eq!(groups.len(), 7);
        assert!(groups.iter().all(|group| group.len() == 4));
        assert!(text.expose_secret().starts_with("ZZZZ ZZZZ"));
    }

    #[test]
    fn what_is_no_code_is_refused() {
        for text in ["", "ZZZZ", "ZZZZ ZZZZ ZZZZ ZZZZ ZZZZ ZZZZ ZZZU"] {
            assert_eq!(parse(text).unwrap_err(), InvalidRecoveryCode);
        }
    }

    #[test]
    fn a_code_is_typed_back_whole_or_by_its_end() {
        let code = code([7; 16]);
        let text = code.grouped();
        let text = text.expose_secret();
        assert!(is_typed_back(&code, text));
        let end = text.get(25..).unwrap();
        for typed in [end.to_owned(), end.to_lowercase(), end.replace(' ', "-")] {
            assert!(is_typed_back(&code, &typed), "{typed}");
        }
        for typed in [
            "",
            text.get(..9).unwrap(),
            text.get(30..).unwrap(),
            "0000 0000",
        ] {
            assert!(!is_typed_back(&code, typed), "{typed}");
        }
    }

    proptest! {
        #[test]
        fn a_code_reads_back_however_it_is_written(bytes in any::<[u8; 16]>()) {
            let text = code(bytes).grouped();
            let text = text.expose_secret();
            let sloppy = text.to_lowercase().replace('0', "o").replace('1', "l").replace(' ', "-");
            for text in [text, &sloppy] {
                let read = parse(text).unwrap();
                prop_assert_eq!(read.expose(), &bytes);
            }
        }

        #[test]
        fn a_wrong_letter_is_noticed_but_for_one_in_four_thousand(bytes in any::<[u8; 16]>(), at in 0_usize..28) {
            let grouped = code(bytes).grouped();
            let mut letters: Vec<char> = grouped.expose_secret().chars().filter(|c| *c != ' ').collect();
            letters[at] = if letters[at] == 'Z' { 'Y' } else { 'Z' };
            let text: String = letters.into_iter().collect();
            if let Ok(other) = parse(&text) {
                prop_assert_ne!(other.expose(), &bytes);
            }
        }
    }
}
