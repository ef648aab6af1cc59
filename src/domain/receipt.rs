//! The receipt code: 22 random digits and 2 check digits (ISO 7064 MOD 97-10), as people write and type them.

use std::fmt;

use zeroize::Zeroizing;

const LENGTH: usize = 24;
const PAYLOAD_LENGTH: usize = 22;
const GROUP: usize = 4;
/// One more than the greatest payload.
const PAYLOAD_LIMIT: u128 = 10_u128.pow(22);

/// The code a reporter keeps to come back. Shown once, never stored.
#[derive(Clone, PartialEq, Eq)]
pub struct ReceiptCode(Zeroizing<String>);

/// Why a text is not a receipt code. Says nothing about whether a mailbox exists.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum InvalidReceipt {
    /// It has a character that no code has.
    #[error("a character that no code has")]
    Character,
    /// It has not 24 digits.
    #[error("not 24 digits")]
    Length,
    /// Its check digits are not those of the rest.
    #[error("the check digits do not fit")]
    CheckDigits,
}

impl ReceiptCode {
    /// Reads a code as people write it: Western, Khmer or full-width digits, with spaces, dashes or invisible characters anywhere.
    ///
    /// # Errors
    /// [`InvalidReceipt`] if it cannot be a code.
    pub fn parse(text: &str) -> Result<Self, InvalidReceipt> {
        let digits = clean(text);
        if !digits.bytes().all(|byte| byte.is_ascii_digit()) {
            return Err(InvalidReceipt::Character);
        }
        if digits.len() != LENGTH {
            return Err(InvalidReceipt::Length);
        }
        let number: u128 = digits.parse().map_err(|_| InvalidReceipt::Length)?;
        if number % 97 != 1 {
            return Err(InvalidReceipt::CheckDigits);
        }
        Ok(Self(digits))
    }

    /// The code whose first 22 digits are those of `payload`, reduced to 22 digits.
    pub fn from_payload(payload: u128) -> Self {
        let payload = payload % PAYLOAD_LIMIT;
        let check = 98 - (payload * 100) % 97;
        Self(Zeroizing::new(format!("{payload:022}{check:02}")))
    }

    /// All 24 digits.
    pub fn digits(&self) -> &str {
        &self.0
    }

    /// The 22 digits that are random.
    pub fn payload(&self) -> &str {
        self.0.get(..PAYLOAD_LENGTH).unwrap_or_default()
    }

    /// Six groups of four Western digits.
    pub fn grouped(&self) -> String {
        let mut text = String::with_capacity(LENGTH + LENGTH / GROUP);
        for (index, digit) in self.0.chars().enumerate() {
            if index > 0 && index % GROUP == 0 {
                text.push(' ');
            }
            text.push(digit);
        }
        text
    }
}

impl fmt::Debug for ReceiptCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("ReceiptCode(..)")
    }
}

/// The text with Khmer and full-width digits as Western ones; everything else stays.
pub fn western_digits(text: &str) -> String {
    text.chars().map(western_digit).collect()
}

/// The text with Western digits and without spaces, dashes and invisible characters.
pub fn clean(text: &str) -> Zeroizing<String> {
    // Reserved whole, so that no half of a code is left behind where the string grew.
    let mut cleaned = Zeroizing::new(String::with_capacity(text.len()));
    for character in text.chars().filter(|character| !is_separator(*character)) {
        cleaned.push(western_digit(character));
    }
    cleaned
}

/// Whether a character may stand between the digits of a code and means nothing: spaces, dashes, and what cannot be seen.
pub fn is_separator(character: char) -> bool {
    character.is_whitespace()
        || is_invisible(character)
        || matches!(
            character,
            '-' | '\u{ad}' | '\u{58a}' | '\u{5be}' | '\u{2010}'
                ..='\u{2015}'
                    | '\u{2043}'
                    | '\u{2212}'
                    | '\u{2e3a}'
                    | '\u{2e3b}'
                    | '\u{301c}'
                    | '\u{30fc}'
                    | '\u{fe58}'
                    | '\u{fe63}'
                    | '\u{ff0d}'
        )
}

/// Whether a character is a zero-width or direction mark, as keyboards and copying leave them in text.
pub fn is_invisible(character: char) -> bool {
    matches!(character,
        '\u{34f}' | '\u{61c}' | '\u{17b4}' | '\u{17b5}' | '\u{180e}' | '\u{200b}'..='\u{200f}'
        | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{fe00}'..='\u{fe0f}' | '\u{feff}')
}

fn western_digit(character: char) -> char {
    let zero = match character {
        '\u{17e0}'..='\u{17e9}' => 0x17e0,
        '\u{ff10}'..='\u{ff19}' => 0xff10,
        other => return other,
    };
    u32::from(character)
        .checked_sub(zero)
        .and_then(|value| char::from_digit(value, 10))
        .unwrap_or(character)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const SEPARATORS: [&str; 12] = [
        "", "", "", " ", "\u{a0}", "-", "\u{2013}", "\u{200b}", "\u{feff}", "\n", "\u{2011}",
        "\u{200d}",
    ];

    /// A digit as some keyboard writes it.
    fn spelled(digit: char, script: u8) -> char {
        let value = digit.to_digit(10).unwrap();
        let zero = [0x30, 0x17e0, 0xff10][usize::from(script % 3)];
        char::from_u32(zero + value).unwrap()
    }

    #[test]
    fn the_check_digits_are_those_of_the_standard() {
        // An IBAN's digits follow the same rule: the whole number leaves 1 when divided by 97.
        let code = ReceiptCode::from_payload(1_234_567_890_123_456_789_012);
        assert_eq!(code.digits(), "123456789012345678901235");
        assert_eq!(code.payload(), "1234567890123456789012");
        assert_eq!(code.grouped(), "1234 5678 9012 3456 7890 1235");
    }

    #[test]
    fn what_cannot_be_a_code_is_refused_by_name() {
        for (text, error) in [
            ("", InvalidReceipt::Length),
            ("1234 5678", InvalidReceipt::Length),
            ("1234567890123456789012350", InvalidReceipt::Length),
            ("123456789012345678901236", InvalidReceipt::CheckDigits),
            ("12345678901234567890123x", InvalidReceipt::Character),
            ("\u{661}23456789012345678901235", InvalidReceipt::Character),
        ] {
            assert_eq!(ReceiptCode::parse(text), Err(error), "{text}");
        }
    }

    #[test]
    fn other_digits_become_western_and_the_rest_stays() {
        assert_eq!(western_digits("\u{17e0}\u{17e9} \u{ff11} x5"), "09 1 x5");
    }

    #[test]
    fn a_code_says_nothing_in_debug() {
        assert_eq!(
            format!("{:?}", ReceiptCode::from_payload(5)),
            "ReceiptCode(..)"
        );
    }

    proptest! {
        #[test]
        fn a_code_is_read_however_it_is_written(
            payload in any::<u128>(),
            spelling in prop::collection::vec((any::<u8>(), 0..SEPARATORS.len()), 24),
        ) {
            let code = ReceiptCode::from_payload(payload);
            let mut text = String::new();
            for (digit, (script, separator)) in code.digits().chars().zip(spelling) {
                text.push(spelled(digit, script));
                text.push_str(SEPARATORS[separator]);
            }
            prop_assert_eq!(ReceiptCode::parse(&text), Ok(code));
        }

        #[test]
        fn a_wrong_digit_or_two_exchanged_ones_are_noticed(
            payload in any::<u128>(), at in 0_usize..24, wrong in 0_u8..10,
        ) {
            let code = ReceiptCode::from_payload(payload);
            let mut digits = code.digits().as_bytes().to_vec();
            let kept = digits[at];
            digits[at] = b'0' + wrong;
            if digits[at] != kept {
                let text = String::from_utf8(digits.clone()).unwrap();
                prop_assert_eq!(ReceiptCode::parse(&text), Err(InvalidReceipt::CheckDigits));
            }
            digits[at] = kept;
            if at > 0 && digits[at] != digits[at - 1] {
                digits.swap(at, at - 1);
                let text = String::from_utf8(digits).unwrap();
                prop_assert_eq!(ReceiptCode::parse(&text), Err(InvalidReceipt::CheckDigits));
            }
        }

        #[test]
        fn any_text_is_read_or_refused(text in any::<String>()) {
            if let Ok(code) = ReceiptCode::parse(&text) {
                prop_assert_eq!(code.digits().len(), 24);
            }
        }
    }
}
