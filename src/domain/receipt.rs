//! The receipt code: 22 random digits and 2 check digits (ISO 7064 MOD 97-10), as people write and type them.

use std::fmt;

use zeroize::Zeroizing;

use super::typed::{self, Alphabet};

mod disguise;

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
    /// It has no digit.
    #[error("no digit")]
    Empty,
    /// It has not 24 digits, and nothing says where.
    #[error("{digits} digits instead of 24")]
    Count {
        /// How many it has.
        digits: usize,
    },
    /// It is a list that hides a code, and one of its numbers has not six digits.
    #[error("line {line} has {digits} digits instead of six")]
    Line {
        /// Which number, from 1.
        line: usize,
        /// How many digits it has.
        digits: usize,
    },
    /// It has not 24 digits, and one group of those that were typed is no group of four.
    #[error("group {group} has {digits} digits instead of 4")]
    Group {
        /// Which, from 1.
        group: usize,
        /// How many digits it has.
        digits: usize,
    },
    /// Its check digits are not those of the rest.
    #[error("the check digits do not fit")]
    CheckDigits,
}

/// What a comparison of a code with a note of it found.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Retyped {
    /// The same code.
    Same,
    /// Another one.
    Differs {
        /// The first group that is not the same, from 1.
        group: usize,
    },
    /// A text that cannot be a code.
    NotACode(InvalidReceipt),
}

impl ReceiptCode {
    /// Reads a code as people write it (see [`typed`]).
    ///
    /// # Errors
    /// [`InvalidReceipt`] if it cannot be a code.
    pub fn parse(text: &str) -> Result<Self, InvalidReceipt> {
        let groups = typed::groups(text);
        let hidden = disguise::readings(&groups);
        let is_hidden = !hidden.is_empty();
        let mut readings = hidden.into_iter().chain(readings(text)).peekable();
        let is_counted = readings.peek().is_some();
        if let Some(code) = readings.find(|digits| has_check_digits(digits)) {
            return Ok(Self(code));
        }
        Err(
            if is_counted && (is_hidden || !disguise::is_list(&groups)) {
                InvalidReceipt::CheckDigits
            } else {
                miscounted(&groups)
            },
        )
    }

    /// The code whose first 22 digits are those of `payload`, reduced to 22 digits.
    pub fn from_payload(payload: u128) -> Self {
        let payload = payload % PAYLOAD_LIMIT;
        let check = check_digits(payload);
        Self(Zeroizing::new(format!("{payload:022}{check:02}")))
    }

    /// Compares this code with what was typed from the reporter's own note of it.
    pub fn compare(&self, text: &str) -> Retyped {
        let groups = typed::groups(text);
        if disguise::readings(&groups).contains(&self.0) {
            return Retyped::Same;
        }
        let Some(typed) = readings(text)
            .next()
            .filter(|_| !disguise::is_list(&groups))
        else {
            return Retyped::NotACode(miscounted(&groups));
        };
        let differing =
            (self.0.bytes().zip(typed.bytes())).position(|(ours, theirs)| ours != theirs);
        differing.map_or(Retyped::Same, |at| Retyped::Differs {
            group: at / GROUP + 1,
        })
    }

    /// All 24 digits.
    pub fn digits(&self) -> &str {
        &self.0
    }

    /// The 22 digits that are random.
    pub fn payload(&self) -> &str {
        self.0.get(..PAYLOAD_LENGTH).unwrap_or_default()
    }

    /// The lines of a list of numbers that looks like something else: each group at the end of one, behind digits that say nothing.
    pub fn disguised(&self, random: [u8; disguise::NUMBERS]) -> Zeroizing<Vec<String>> {
        disguise::write(&self.0, random)
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

/// The text with the digits of every script as Western ones; everything else stays.
pub fn western_digits(text: &str) -> String {
    text.chars()
        .map(|character| {
            typed::digit_value(character)
                .and_then(|value| char::from_digit(u32::from(value), 10))
                .unwrap_or(character)
        })
        .collect()
}

/// The codes that a text may be, the likeliest first.
fn readings(text: &str) -> impl Iterator<Item = Zeroizing<String>> {
    typed::readings(text, Alphabet::Digits, LENGTH)
}

fn check_digits(payload: u128) -> u128 {
    98 - (payload * 100) % 97
}

/// Those that are written, 02 to 98: 00, 01 and 99 leave the same remainder as 97, 98 and 02.
fn has_check_digits(digits: &str) -> bool {
    let number = digits.parse::<u128>();
    number.is_ok_and(|number| number % 100 == check_digits(number / 100))
}

/// How the digits of a text were read, to be compared with a note of them: in fours, or as a list of numbers was typed.
pub fn as_read(text: &str) -> Zeroizing<String> {
    let groups = typed::groups(text);
    if !disguise::is_list(&groups) {
        return typed::in_fours(text);
    }
    let mut read = Zeroizing::new(String::with_capacity(text.len()));
    for group in groups {
        if !read.is_empty() {
            read.push(' ');
        }
        read.push_str(&group);
    }
    read
}

/// What is wrong with groups that do not come to 24 digits. One is named only where they were typed in fours at all.
fn miscounted(groups: &[Zeroizing<String>]) -> InvalidReceipt {
    let digits = groups.iter().map(|group| group.len()).sum();
    let fours = groups.iter().filter(|group| group.len() == GROUP).count();
    let odd = groups.iter().position(|group| group.len() != GROUP);
    if disguise::is_list(groups) {
        return match disguise::odd_line(groups) {
            Some((line, digits)) => InvalidReceipt::Line { line, digits },
            None => InvalidReceipt::Count { digits },
        };
    }
    match (digits, odd) {
        (0, _) => InvalidReceipt::Empty,
        (_, Some(at)) if groups.len() > 2 && fours * 2 >= groups.len() => InvalidReceipt::Group {
            group: at + 1,
            digits: groups.get(at).map_or(0, |group| group.len()),
        },
        _ => InvalidReceipt::Count { digits },
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const SEPARATORS: [&str; 20] = [
        "", "", "", " ", "\u{a0}", "-", "\u{2013}", "\u{200b}", "\u{feff}", "\n", "\u{2011}",
        "\u{200d}", ".", ",", "/", "_", "|", "\u{17d4}", "\u{2022}", ") (",
    ];
    const AROUND: [(&str, &str); 8] = [
        ("", ""),
        ("Code: ", "."),
        ("[", "]"),
        ("លេខកូដ៖ ", " ។"),
        ("my code is ", " thank you"),
        ("Kapea 1 = ", "!"),
        ("«", "»"),
        ("+", "\u{200e}"),
    ];

    /// A digit as some keyboard writes it, or a letter that looks like it.
    fn spelled(digit: char, script: u8) -> char {
        let value = digit.to_digit(10).unwrap();
        let zero = [0x30, 0x17e0, 0xff10, 0x660, 0x966, 0xe50, 0x1d7ce];
        let likes = ['O', 'l', 'Z', '3', '4', 'S', '6', '7', 'B', '9'];
        match zero.get(usize::from(script % 8)) {
            Some(zero) => char::from_u32(zero + value).unwrap(),
            None => likes[usize::try_from(value).unwrap()],
        }
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
        let count = |digits| InvalidReceipt::Count { digits };
        let group = |group, digits| InvalidReceipt::Group { group, digits };
        for (text, error) in [
            ("", InvalidReceipt::Empty),
            ("I have no code", InvalidReceipt::Empty),
            ("1234 5678", count(8)),
            ("1234567890123456789012350", count(25)),
            ("12345678901234567890123x", count(23)),
            ("1 2 3 4 5 6 7 8 9 0", count(10)),
            ("123456789012345678901236", InvalidReceipt::CheckDigits),
            ("1234 567 9012 3456 7890 1235", group(2, 3)),
            ("Code: 1234 5678 9012 3456 7890 12354.", group(6, 5)),
            ("1234 5678 9012 3456 7890 1", group(6, 1)),
        ] {
            assert_eq!(ReceiptCode::parse(text), Err(error), "{text}");
        }
    }

    #[test]
    fn a_note_of_a_code_is_compared_group_by_group() {
        let code = ReceiptCode::from_payload(1_234_567_890_123_456_789_012);
        for (text, found) in [
            ("1234-5678-9012-3456-7890-1235", Retyped::Same),
            ("១២៣៤ 5678 9OI2 3456 7890 1235.", Retyped::Same),
            (
                "1234 5678 9021 3456 7890 1235",
                Retyped::Differs { group: 3 },
            ),
            (
                "1234 5678 9012 3456 7890 1236",
                Retyped::Differs { group: 6 },
            ),
            ("", Retyped::NotACode(InvalidReceipt::Empty)),
            (
                "1234 5678 9012 3456 789 1235",
                Retyped::NotACode(InvalidReceipt::Group {
                    group: 5,
                    digits: 3,
                }),
            ),
        ] {
            assert_eq!(code.compare(text), found, "{text}");
        }
    }

    #[test]
    fn a_list_that_hides_a_code_is_read_however_it_was_copied() {
        let code = ReceiptCode::from_payload(1_234_567_890_123_456_789_012);
        for text in [
            "381234 905678 119012 453456 777890 201235",
            "381234905678119012453456777890201235",
            "1. 381234\r\n2. 905678\r\n3. 119012\r\n4. 453456\r\n5. 777890\r\n6. 201235",
            "138123429056783119012445345657778906201235",
            "38 1234, 90 5678, 11 9012, 45 3456, 77 7890, 20 1235",
            "1) 381,234 2) 905,678 3) 119,012 4) 453,456 5) 777,890 6) 201,235",
            "My scores 2026: 01. 381234 02. 905678 03. 119012 04. 453456 05. 777890 06. 201235",
            "123456 789012 345678 901235",
            "123456 789012 345678 901235 and 381234 905678",
        ] {
            assert_eq!(ReceiptCode::parse(text).as_ref(), Ok(&code), "{text}");
        }
        let line = |line, digits| InvalidReceipt::Line { line, digits };
        for (text, error) in [
            (
                "1. 381234 2. 90567 3. 119012 4. 453456 5. 777890 6. 201235",
                line(2, 5),
            ),
            ("381234 905678 119012 453456 777890 2012355", line(6, 7)),
            (
                "905678 381234 119012 453456 777890 201235",
                InvalidReceipt::CheckDigits,
            ),
            (
                "381234 905678 119012 453456 777890",
                InvalidReceipt::Count { digits: 30 },
            ),
        ] {
            assert_eq!(ReceiptCode::parse(text), Err(error), "{text}");
            assert_ne!(code.compare(text), Retyped::Same, "{text}");
        }
        assert_eq!(
            as_read("a 381234 b 905678 119012 453456 1").as_str(),
            "381234 905678 119012 453456 1"
        );
        assert_eq!(as_read("12345678").as_str(), "1234 5678");
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
            groups in prop::collection::vec((any::<u8>(), any::<bool>(), 0..SEPARATORS.len()), 6),
            around in 0..AROUND.len(),
        ) {
            let code = ReceiptCode::from_payload(payload);
            let mut text = AROUND[around].0.to_owned();
            for (index, digit) in code.digits().chars().enumerate() {
                let (script, alike, separator) = groups[index / 4];
                // Within a group one digit in two may be a letter that looks like it.
                let script = if script % 8 == 7 && (index % 2 == 0) != alike { 0 } else { script };
                text.push(spelled(digit, script));
                if index % 4 == 3 {
                    text.push_str(SEPARATORS[separator]);
                }
            }
            text.push_str(AROUND[around].1);
            prop_assert_eq!(ReceiptCode::parse(&text), Ok(code));
        }

        #[test]
        fn a_disguised_code_is_read_from_its_list(payload in any::<u128>(), random in any::<[u8; 6]>(), script in 0_u8..7) {
            let code = ReceiptCode::from_payload(payload);
            let lines = code.disguised(random);
            let mut text = "My scores\n".to_owned();
            for (index, line) in lines.iter().enumerate() {
                prop_assert!(line.len() == 6 && !line.starts_with('0'));
                let line: String = line.chars().map(|digit| spelled(digit, script)).collect();
                text.push_str(&format!("{}. {line}\n", index + 1));
            }
            prop_assert_eq!(ReceiptCode::parse(&text), Ok(code.clone()));
            prop_assert_eq!(ReceiptCode::parse(&lines.join(" ")), Ok(code));
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
