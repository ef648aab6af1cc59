//! Passphrases: generated ones, and how strong a chosen one is.
//!
//! The words are the EFF's long list (CC BY 3.0 US), see `passphrase/README.md`.

use secrecy::SecretString;
use zeroize::Zeroizing;

use super::random;
use crate::domain::typed::is_invisible;

const WORDS: &str = include_str!("passphrase/eff_large_wordlist.txt");
const WORD_COUNT: u16 = 7_776;
const GENERATED: usize = 6;

/// The score of [`strength`] that a chosen passphrase must reach.
pub const REQUIRED_STRENGTH: u8 = 4;

/// Characters of a passphrase whose strength is estimated.
const MOST_ESTIMATED: usize = 100;

/// Six random words with spaces between them: 77 bits.
pub fn generate() -> SecretString {
    let mut phrase = Zeroizing::new(String::with_capacity(64));
    for position in 0..GENERATED {
        if position > 0 {
            phrase.push(' ');
        }
        let index = usize::from(random::below(WORD_COUNT));
        phrase.push_str(WORDS.lines().nth(index).unwrap_or_default());
    }
    SecretString::from(phrase.as_str())
}

/// How hard it is to guess, from 0 to 4, by zxcvbn. Only the beginning is looked at, for the effort grows much faster than the length: what
/// follows makes it no weaker.
pub fn strength(passphrase: &str) -> u8 {
    let cleaned = clean(passphrase);
    let beginning = cleaned
        .char_indices()
        .nth(MOST_ESTIMATED)
        .and_then(|(end, _)| cleaned.get(..end))
        .unwrap_or(&cleaned);
    zxcvbn::zxcvbn(beginning, &["kapea"]).score().into()
}

/// The passphrase as it is hashed: without invisible characters, and with single spaces. Not normalised in any other way, because
/// Unicode's composed form reorders Khmer marks.
pub(super) fn clean(passphrase: &str) -> Zeroizing<String> {
    let mut cleaned = Zeroizing::new(String::with_capacity(passphrase.len()));
    let mut gap = false;
    for character in passphrase
        .chars()
        .filter(|character| !is_invisible(*character))
    {
        if character.is_whitespace() {
            gap = !cleaned.is_empty();
            continue;
        }
        if gap {
            cleaned.push(' ');
            gap = false;
        }
        cleaned.push(character);
    }
    cleaned
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use secrecy::ExposeSecret;

    use super::*;

    #[test]
    fn the_list_has_as_many_different_words_as_five_dice_have_throws() {
        let words: HashSet<&str> = WORDS.lines().collect();
        assert_eq!(words.len(), usize::from(WORD_COUNT));
        assert_eq!(WORDS.lines().count(), usize::from(WORD_COUNT));
        assert!(words.iter().all(|word| word.len() >= 3));
    }

    #[test]
    fn generated_passphrases_are_six_words_and_strong() {
        let phrase = generate();
        assert_eq!(phrase.expose_secret().split(' ').count(), 6);
        assert_eq!(strength(phrase.expose_secret()), REQUIRED_STRENGTH);
        assert_ne!(phrase.expose_secret(), generate().expose_secret());
    }

    #[test]
    fn common_and_short_ones_are_weak() {
        for phrase in ["", "password", "kapea2026", "\u{200b}\u{200b}\u{200b}"] {
            assert!(strength(phrase) < 2, "{phrase}");
        }
    }

    #[test]
    fn only_what_cannot_be_seen_is_cleaned_away() {
        assert_eq!(clean("\u{feff} a \u{200b}\t b  ").as_str(), "a b");
        // Coeng and vowels stay in the order in which they were typed.
        assert_eq!(
            clean("\u{1780}\u{17d2}\u{1798}\u{17c2}").as_str(),
            "\u{1780}\u{17d2}\u{1798}\u{17c2}"
        );
    }
}
