//! Where a line of Khmer may not break. Its words stand without spaces. Writers part them with U+200B, and browsers then still look into
//! each word with a dictionary of theirs, which finds ends where there are none: one line in eight ended inside a word. So the clusters of
//! a word are joined with U+2060. Neither is seen or spoken.

use std::borrow::Cow;

/// A line must not break here.
const JOINER: char = '\u{2060}';
/// Where there are fewer characters, Chromium found ends of words only where there are some. So that there are few joiners: each is three
/// bytes, and a voice that reads the page has to pass over it.
const SHORTEST: usize = 6;
/// What is longer is no word, but a sentence whose words nobody has parted: browsers may do it.
pub(super) const LONGEST: usize = 14;
/// Sentences of mails, which are plain text with line ends of their own.
const MAILS: [&str; 2] = ["mail-", "anchor-mail-"];

/// The Fluent file with the words of its sentences joined. What stands in braces is Fluent's.
pub(super) fn joined(file: &str) -> Cow<'_, str> {
    if !file.contains(is_khmer) {
        return file.into();
    }
    let mut all = String::with_capacity(file.len() * 2);
    let mut depth = 0_usize;
    for line in file.split_inclusive('\n') {
        let is_plain = line.starts_with('#') || MAILS.iter().any(|id| line.starts_with(id));
        let mut word = String::new();
        for letter in line.chars() {
            if is_khmer(letter) && depth == 0 && !is_plain {
                word.push(letter);
                continue;
            }
            join(&std::mem::take(&mut word), &mut all);
            match letter {
                '{' => depth += 1,
                '}' => depth = depth.saturating_sub(1),
                _ => {}
            }
            all.push(letter);
        }
        join(&word, &mut all);
    }
    all.into()
}

fn join(word: &str, all: &mut String) {
    if word.chars().count() > LONGEST {
        all.push_str(word);
        return;
    }
    let mut characters = 0;
    for cluster in clusters(word) {
        let length = cluster.chars().count();
        if characters > 0 && characters + length >= SHORTEST {
            all.push(JOINER);
            characters = 0;
        }
        all.push_str(cluster);
        characters += length;
    }
}

/// Consonants, each with what is written around it, which nothing parts.
fn clusters(word: &str) -> impl Iterator<Item = &str> {
    let mut previous = ' ';
    let starts = word.char_indices().filter_map(|(place, letter)| {
        let begins = place == 0 || is_base(letter) && previous != '\u{17d2}';
        previous = letter;
        begins.then_some(place)
    });
    let starts: Vec<usize> = starts.collect();
    let ends: Vec<usize> = starts.iter().copied().skip(1).chain([word.len()]).collect();
    let spans = starts.into_iter().zip(ends);
    spans.filter_map(|(start, end)| word.get(start..end))
}

fn is_base(letter: char) -> bool {
    matches!(letter, '\u{1780}'..='\u{17b3}' | '\u{17d7}')
}

pub(super) fn is_khmer(letter: char) -> bool {
    matches!(letter, '\u{1780}'..='\u{17d3}' | '\u{17d7}' | '\u{17dd}')
}

#[cfg(test)]
mod tests {
    use super::*;

    /// With `|` where a line may break and `-` where it must not.
    #[track_caller]
    fn reads(line: &str, expected: &str) {
        let joined = joined(&line.replace('|', "\u{200b}")).into_owned();
        let shown = joined.replace('\u{200b}', "|").replace(JOINER, "-");
        assert_eq!(shown, expected);
    }

    #[test]
    fn words_are_joined_between_clusters() {
        reads("a = ផ្ញើ|របាយការណ៍|ថ្មី។ បានឮ\n", "a = ផ្ញើ|របាយ-ការណ៍|ថ្មី។ បានឮ\n");
        reads("a = កុំព្យូទ័រ", "a = កុំ-ព្យូ-ទ័រ");
    }

    #[test]
    fn what_is_no_word_of_ours_stays() {
        for line in [
            "# កុំព្យូទ័រ|របស់អ្នក\n",
            "mail-notice-subject = កុំព្យូទ័ររបស់អ្នក\n",
            "a = English, 24 { $day } “{ common-help }”\n",
            "a = { $count ->\n    [one] កុំព្យូទ័រ\n   *[other] កុំព្យូទ័រ\n }\n",
            "a = អ្នកអាចប្រើលេខកូដនេះត្រឡប់មកអានចម្លើយរបស់យើង\n",
        ] {
            reads(line, &line.replace('\u{200b}', "|"));
        }
    }
}
