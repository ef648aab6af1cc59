//! Codes as people type them: one forgiving reader for every kind.
//!
//! From paper, from a chat, read out on the telephone, with a label in front, in the digits of any script, with O for 0. What is
//! neither a symbol of the code nor looks like one drops out. Where a text can be read in several ways, all are given in the order of
//! their likelihood: a code has check digits, and says itself which reading is meant.

use zeroize::Zeroizing;

/// What a kind of code is written with.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Alphabet {
    /// 0 to 9.
    Digits,
    /// Crockford's 32 letters and digits, without I, L, O and U.
    Crockford,
}

/// As much of a text as is looked at, in scalar values: the longest code, spelled out with a sentence around it.
const LONGEST: usize = 512;

/// The readings of a text that have exactly `length` symbols, the likeliest first.
pub fn readings(
    text: &str,
    alphabet: Alphabet,
    length: usize,
) -> impl Iterator<Item = Zeroizing<String>> {
    let tokens = tokens(text);
    alphabet
        .ways()
        .iter()
        .flat_map(move |way| {
            let words = words(&tokens, *way);
            let whole = joined(&words);
            let mut found = vec![whole];
            found.extend((0..words.len()).map(|at| window(words.get(at..).unwrap_or(&[]), length)));
            found
        })
        .filter(move |reading| reading.len() == length)
}

/// The groups of digits that were typed, as they were set apart. Invisible characters set nothing apart.
pub fn groups(text: &str) -> Vec<Zeroizing<String>> {
    words(&tokens(text), Way::DigitsAndTheirLikes)
}

/// The digits that were typed, in groups of four, to be compared with a note of them.
pub fn in_fours(text: &str) -> Zeroizing<String> {
    let digits = joined(&groups(text));
    let mut fours = Zeroizing::new(String::with_capacity(digits.len() * 2));
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && index % 4 == 0 {
            fours.push(' ');
        }
        fours.push(digit);
    }
    fours
}

/// The value of a decimal digit of any script (Unicode's category Nd).
pub fn digit_value(character: char) -> Option<u8> {
    let code = u32::from(character);
    let at = ZEROS.partition_point(|zero| *zero <= code).checked_sub(1)?;
    let value = code.checked_sub(*ZEROS.get(at)?)?;
    u8::try_from(value).ok().filter(|value| *value < 10)
}

/// Whether a character is a zero-width or direction mark, as keyboards and copying leave them in text.
pub fn is_invisible(character: char) -> bool {
    matches!(character,
        '\u{ad}' | '\u{34f}' | '\u{61c}' | '\u{17b4}' | '\u{17b5}' | '\u{180e}' | '\u{200b}'..='\u{200f}'
        | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{20e3}' | '\u{fe00}'..='\u{fe0f}' | '\u{feff}')
}

/// One way to read what stands between spaces and signs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Way {
    /// Digits, and letters that look like one if they stand beside a digit: `1O24`, not the `o` of `code`.
    DigitsAndTheirLikes,
    /// Digits alone.
    Digits,
    /// Also words of nothing but look-alikes: `OO1O`.
    Likes,
    /// Every letter and digit that the alphabet has.
    Crockford,
}

impl Alphabet {
    const fn ways(self) -> &'static [Way] {
        match self {
            Self::Digits => &[Way::DigitsAndTheirLikes, Way::Digits, Way::Likes],
            Self::Crockford => &[Way::Crockford],
        }
    }
}

/// Letters and digits that stand together, without what is invisible.
fn tokens(text: &str) -> Vec<Zeroizing<String>> {
    let mut tokens = Vec::new();
    let mut token = Zeroizing::new(String::with_capacity(text.len()));
    for character in text.chars().take(LONGEST).filter(|c| !is_invisible(*c)) {
        if character.is_alphanumeric() {
            token.push(plain(character));
        } else if !token.is_empty() {
            tokens.push(token.clone());
            token.clear();
        }
    }
    if !token.is_empty() {
        tokens.push(token);
    }
    tokens
}

fn words(tokens: &[Zeroizing<String>], way: Way) -> Vec<Zeroizing<String>> {
    tokens
        .iter()
        .map(|token| word(token, way))
        .filter(|word| !word.is_empty())
        .collect()
}

fn word(token: &str, way: Way) -> Zeroizing<String> {
    let mut word = Zeroizing::new(String::with_capacity(token.len()));
    if way == Way::Crockford {
        word.extend(token.chars().filter_map(crockford));
        return word;
    }
    let has_digit = token.contains(|c: char| c.is_ascii_digit());
    let mut rest = token;
    while let Some(first) = rest.chars().next() {
        let of_digits = first.is_ascii_digit();
        let end = rest.find(|c: char| c.is_ascii_digit() != of_digits);
        let (run, after) = rest.split_at(end.unwrap_or(rest.len()));
        rest = after;
        let likes = match way {
            Way::DigitsAndTheirLikes => has_digit,
            Way::Likes => true,
            Way::Digits | Way::Crockford => false,
        };
        if of_digits {
            word.push_str(run);
        } else if likes && run.chars().all(|c| like(c).is_some()) {
            word.extend(run.chars().filter_map(like));
        }
    }
    word
}

/// The first words, as many as make `length` symbols; something shorter or longer if none do.
fn window(words: &[Zeroizing<String>], length: usize) -> Zeroizing<String> {
    let mut count = 0_usize;
    let several = words.iter().take_while(|word| {
        let wanted = count < length;
        count = count.saturating_add(word.len());
        wanted
    });
    joined(&several.cloned().collect::<Vec<_>>())
}

fn joined(words: &[Zeroizing<String>]) -> Zeroizing<String> {
    // Reserved whole, so that no half of a code is left behind where the string grew.
    let length = words.iter().map(|word| word.len()).sum();
    let mut joined = Zeroizing::new(String::with_capacity(length));
    for word in words {
        joined.push_str(word);
    }
    joined
}

/// The Western digit or letter that a character of another script or width stands for; others stay.
fn plain(character: char) -> char {
    if let Some(value) = digit_value(character) {
        return char::from(b'0'.saturating_add(value));
    }
    match character {
        '\u{ff21}'..='\u{ff3a}' | '\u{ff41}'..='\u{ff5a}' => u32::from(character)
            .checked_sub(0xfee0)
            .and_then(char::from_u32)
            .unwrap_or(character),
        // Cyrillic and Greek letters that look like ours.
        'О' | 'о' | 'Ο' | 'ο' => 'O',
        'І' | 'і' | 'Ι' | 'ι' | 'ı' | 'ǀ' => 'I',
        'Ѕ' | 'ѕ' => 'S',
        'В' | 'Β' => 'B',
        'Ζ' => 'Z',
        other => other,
    }
}

/// The digit that a letter is taken for.
const fn like(letter: char) -> Option<char> {
    Some(match letter {
        'O' | 'o' => '0',
        'I' | 'i' | 'L' | 'l' => '1',
        'Z' | 'z' => '2',
        'S' | 's' => '5',
        'B' => '8',
        _ => return None,
    })
}

fn crockford(character: char) -> Option<char> {
    match character.to_ascii_uppercase() {
        'O' => Some('0'),
        'I' | 'L' => Some('1'),
        'U' => None,
        other => other.is_ascii_alphanumeric().then_some(other),
    }
}

/// Every script's zero in Unicode 16, in order; nine more digits follow each.
const ZEROS: [u32; 76] = [
    0x30, 0x660, 0x6f0, 0x7c0, 0x966, 0x9e6, 0xa66, 0xae6, 0xb66, 0xbe6, 0xc66, 0xce6, 0xd66,
    0xde6, 0xe50, 0xed0, 0xf20, 0x1040, 0x1090, 0x17e0, 0x1810, 0x1946, 0x19d0, 0x1a80, 0x1a90,
    0x1b50, 0x1bb0, 0x1c40, 0x1c50, 0xa620, 0xa8d0, 0xa900, 0xa9d0, 0xa9f0, 0xaa50, 0xabf0, 0xff10,
    0x104a0, 0x10d30, 0x10d40, 0x11066, 0x110f0, 0x11136, 0x111d0, 0x112f0, 0x11450, 0x114d0,
    0x11650, 0x116c0, 0x116d0, 0x116da, 0x11730, 0x118e0, 0x11950, 0x11bf0, 0x11c50, 0x11d50,
    0x11da0, 0x11f50, 0x16130, 0x16a60, 0x16ac0, 0x16b50, 0x16d70, 0x1ccf0, 0x1d7ce, 0x1d7d8,
    0x1d7e2, 0x1d7ec, 0x1d7f6, 0x1e140, 0x1e2f0, 0x1e4f0, 0x1e5f1, 0x1e950, 0x1fbf0,
];

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn first(text: &str, length: usize) -> Option<String> {
        readings(text, Alphabet::Digits, length)
            .next()
            .map(|reading| reading.to_string())
    }

    #[test]
    fn labels_and_signs_around_a_code_drop_out() {
        for text in [
            "123456",
            "123 456.",
            "Code: 123-456",
            "(123/456)",
            "code 12\u{200b}34\u{feff}56!",
            "លេខកូដ៖ ១២៣ ៤៥៦ ។",
            "1\u{fe0f}\u{20e3}2\u{fe0f}\u{20e3}3\u{fe0f}\u{20e3}456",
            "I23 4S6",
            "code123456",
            "१२३४५६",
            "𝟏𝟐𝟑𝟜𝟝𝟞",
        ] {
            assert_eq!(first(text, 6).as_deref(), Some("123456"), "{text}");
        }
    }

    #[test]
    fn a_number_in_the_label_is_told_from_the_code_by_its_length() {
        assert_eq!(first("SMS 2 of 3: 123 456", 6).as_deref(), Some("123456"));
        assert_eq!(first("OOIO 11", 6).as_deref(), Some("001011"));
        assert_eq!(first("12345", 6), None);
        assert_eq!(first("", 6), None);
    }

    #[test]
    fn groups_stand_as_they_were_typed() {
        let of = |text| {
            groups(text)
                .iter()
                .map(|group| group.to_string())
                .collect::<Vec<_>>()
        };
        assert_eq!(of("Code: 1234 56O 7"), ["1234", "560", "7"]);
        assert!(of("hello").is_empty());
    }

    /// Category Nd of Unicode 16, the version that the properties below are checked with, has so many.
    #[test]
    fn the_table_is_of_one_version_of_unicode() {
        let digits = ('\0'..=char::MAX).filter(|c| digit_value(*c).is_some());
        assert_eq!(digits.count(), 760);
    }

    proptest! {
        #[test]
        fn every_decimal_digit_of_unicode_is_read(text in "\\p{Nd}") {
            let digit = text.chars().next().unwrap();
            let value = digit_value(digit);
            prop_assert!(value.is_some_and(|value| value < 10), "{:x}", u32::from(digit));
        }

        #[test]
        fn nothing_else_is(text in "\\P{Nd}") {
            prop_assert_eq!(digit_value(text.chars().next().unwrap()), None);
        }

        #[test]
        fn any_text_has_readings_of_the_asked_length_or_none(text in any::<String>(), length in 1_usize..40) {
            for alphabet in [Alphabet::Digits, Alphabet::Crockford] {
                for reading in readings(&text, alphabet, length) {
                    prop_assert_eq!(reading.len(), length);
                }
            }
        }
    }
}
