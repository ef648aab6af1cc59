//! A language that nobody speaks: English in Arabic letters. Tests see with it what runs from right to left; no release has it.

/// Latin letters by sound, as far as there is one.
const LETTERS: &str = "abcdefghijklmnopqrstuvwxyz";
const ARABIC: &str = "ابكديفغهيجقلمنوبقرستوفوكيز";

/// The sentences of an English file, letter for letter, without touching what Fluent reads.
pub(super) fn of(english: &str) -> String {
    let mut depth = 0_usize;
    let mut written = String::with_capacity(english.len() * 2);
    for line in english.lines() {
        let is_comment = line.starts_with('#');
        let starts = if is_comment {
            line.len()
        } else if line.starts_with(|first: char| first.is_ascii_lowercase()) {
            line.find('=').unwrap_or(line.len())
        } else {
            0
        };
        for (place, letter) in line.char_indices() {
            match letter {
                _ if place < starts => written.push(letter),
                '{' => {
                    depth += 1;
                    written.push(letter);
                }
                '}' => {
                    depth = depth.saturating_sub(1);
                    written.push(letter);
                }
                _ if depth > 0 => written.push(letter),
                _ => written.push(arabic(letter)),
            }
        }
        written.push('\n');
    }
    written
}

fn arabic(letter: char) -> char {
    let place = LETTERS
        .chars()
        .position(|latin| latin.eq_ignore_ascii_case(&letter));
    let found = place.and_then(|place| ARABIC.chars().nth(place));
    found.unwrap_or(letter)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_fluent_reads_stays() {
        assert_eq!(
            of("# a\nfront-lead = Ab { $day } “{ common-help }”\n    c\n"),
            "# a\nfront-lead = اب { $day } “{ common-help }”\n    ك\n"
        );
    }
}
