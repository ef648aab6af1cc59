//! Numbers as each language writes them.

use super::Locale;

/// The same text with Western digits written as the language writes digits. Text may hold anything else beside them.
///
/// Not for telephone numbers: keypads and posters show those in Western digits everywhere.
pub fn digits(locale: Locale, text: &str) -> String {
    text.chars()
        .map(|character| locale.digit(character))
        .collect()
}

/// A whole number, grouped in threes from five digits on, so that years and short counts stay plain.
pub(super) fn number(locale: Locale, value: i64) -> String {
    let plain = value.unsigned_abs().to_string();
    let mut grouped = String::new();
    if value < 0 {
        grouped.push('-');
    }
    for (position, digit) in plain.chars().enumerate() {
        let left = plain.len() - position;
        if position > 0 && left.is_multiple_of(3) && plain.len() > 4 {
            grouped.push(locale.group());
        }
        grouped.push(digit);
    }
    digits(locale, &grouped)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn spoken(code: &str) -> Locale {
        code.parse().unwrap()
    }

    #[test]
    fn digits_follow_the_language() {
        assert_eq!(digits(spoken("km"), "1234 5678-90"), "១២៣៤ ៥៦៧៨-៩០");
        assert_eq!(digits(spoken("en"), "1234 ៥"), "1234 ៥");
    }

    #[test]
    fn long_numbers_are_grouped() {
        assert_eq!(number(spoken("en"), 20_000), "20,000");
        assert_eq!(number(spoken("km"), 20_000), "២០.០០០");
        assert_eq!(number(spoken("en"), 2_026), "2026");
        assert_eq!(number(spoken("en"), -1_234_567), "-1,234,567");
        assert_eq!(number(spoken("en"), 0), "0");
    }
}
