//! The first words of a text, cut where no written character comes apart.

/// At most `limit` scalar values of `text` on one line, with `…` if something was left out.
pub(super) fn excerpt(text: &str, limit: usize) -> String {
    let line = text.split_whitespace().collect::<Vec<_>>().join(" ");
    let characters: Vec<char> = line.chars().collect();
    let Some(head) = characters.get(..limit).filter(|_| characters.len() > limit) else {
        return line;
    };
    let mut end = (1..=limit)
        .rev()
        .find(|at| can_cut(characters.get(at.saturating_sub(1)), characters.get(*at)))
        .unwrap_or(limit);
    // Prefer the end of a word if one is near: a space, or the zero-width space that Khmer uses between words.
    let near = limit.saturating_sub(limit / 3);
    if let Some(gap) = (near..end)
        .rev()
        .find(|at| head.get(*at).is_some_and(|c| is_gap(*c)))
    {
        end = gap;
    }
    let mut short: String = head.iter().take(end).collect();
    short.push('…');
    short
}

const fn is_gap(character: char) -> bool {
    matches!(character, ' ' | '\u{200b}')
}

/// Whether the text may be cut between these two. Khmer stacks a consonant under another with U+17D2, which binds both ways.
fn can_cut(before: Option<&char>, after: Option<&char>) -> bool {
    let binds_next = matches!(
        before,
        Some('\u{17d2}' | '\u{200d}' | '\u{1f1e6}'..='\u{1f1ff}')
    );
    let joins_last = after.is_some_and(|c| joins(*c));
    !binds_next && !joins_last
}

/// Signs that belong to the character before them, for the scripts and emoji this service meets.
const fn joins(character: char) -> bool {
    matches!(
        character,
        '\u{17b4}'..='\u{17d3}' | '\u{17dd}'        // Khmer vowels, signs, the stacking sign
        | '\u{0300}'..='\u{036f}'                    // combining accents
        | '\u{0e31}' | '\u{0e34}'..='\u{0e3a}' | '\u{0e47}'..='\u{0e4e}' // Thai
        | '\u{0eb1}' | '\u{0eb4}'..='\u{0ebc}' | '\u{0ec8}'..='\u{0ece}' // Lao
        | '\u{200c}' | '\u{200d}' | '\u{20d0}'..='\u{20ff}'
        | '\u{fe00}'..='\u{fe0f}' | '\u{fe20}'..='\u{fe2f}'
        | '\u{1f1e6}'..='\u{1f1ff}' | '\u{1f3fb}'..='\u{1f3ff}' // flags, skin tones
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn short_text_is_whole_and_on_one_line() {
        assert_eq!(excerpt("  a\n\nb\tc ", 140), "a b c");
        assert_eq!(excerpt("", 140), "");
    }

    #[test]
    fn long_text_ends_at_a_word() {
        assert_eq!(excerpt("one two three four five", 10), "one two…");
        assert_eq!(excerpt(&"x".repeat(20), 12), format!("{}…", "x".repeat(12)));
    }

    #[test]
    fn khmer_stacks_stay_together() {
        // ខ្មែរ is KHA COENG MO AE RO: neither the coeng nor the vowel may start or end a piece.
        let text = "ខ្មែរ".repeat(8);
        for limit in 1..text.chars().count() {
            let short = excerpt(&text, limit);
            let kept: Vec<char> = short.chars().filter(|c| *c != '…').collect();
            if limit >= 4 {
                assert!(matches!(kept.last(), Some('ែ' | 'រ')), "{limit} {short:?}");
            }
        }
    }

    #[test]
    fn a_flood_of_marks_still_ends() {
        let text = format!("a{}", "\u{0301}".repeat(500));
        assert!(excerpt(&text, 140).chars().count() <= 141);
    }
}
