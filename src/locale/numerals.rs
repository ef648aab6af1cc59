//! Numbers as each language writes them.

use super::Locale;

/// The same text with Western digits written as the language writes digits. Text may hold anything else beside them.
///
/// Not for telephone numbers: keypads and posters show those in Western digits everywhere.
pub fn digits(locale: Locale, text: &str) -> String {
    match locale {
        Locale::En => text.to_owned(),
        Locale::Km => text.chars().map(khmer).collect(),
    }
}

/// A whole number, grouped in threes from five digits on, so that years and short counts stay plain.
pub(super) fn number(locale: Locale, value: i64) -> String {
    let plain = value.unsigned_abs().to_string();
    let separator = match locale {
        Locale::En => ',',
        Locale::Km => '.',
    };
    let mut grouped = String::new();
    if value < 0 {
        grouped.push('-');
    }
    for (position, digit) in plain.chars().enumerate() {
        let left = plain.len() - position;
        if position > 0 && left.is_multiple_of(3) && plain.len() > 4 {
            grouped.push(separator);
        }
        grouped.push(digit);
    }
    digits(locale, &grouped)
}

const fn khmer(character: char) -> char {
    match character {
        '0' => '០',
        '1' => '១',
        '2' => '២',
        '3' => '៣',
        '4' => '៤',
        '5' => '៥',
        '6' => '៦',
        '7' => '៧',
        '8' => '៨',
        '9' => '៩',
        other => other,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn digits_follow_the_language() {
        assert_eq!(digits(Locale::Km, "1234 5678-90"), "១២៣៤ ៥៦៧៨-៩០");
        assert_eq!(digits(Locale::En, "1234 ៥"), "1234 ៥");
    }

    #[test]
    fn long_numbers_are_grouped() {
        assert_eq!(number(Locale::En, 20_000), "20,000");
        assert_eq!(number(Locale::Km, 20_000), "២០.០០០");
        assert_eq!(number(Locale::En, 2_026), "2026");
        assert_eq!(number(Locale::En, -1_234_567), "-1,234,567");
        assert_eq!(number(Locale::En, 0), "0");
    }
}
