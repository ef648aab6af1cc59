//! Where a zero-width character is part of how a script or an emoji is written, after RFC 5892 (CONTEXTJ), the Khmer section of the Unicode
//! standard and the emoji sequences of UTS 51.

const NON_JOINER: char = '\u{200C}';
const JOINER: char = '\u{200D}';
/// What a flag of a region is spelled with, behind a black flag, and the sign that ends it.
const TAGS: std::ops::RangeInclusive<char> = '\u{E0020}'..='\u{E007E}';
const CANCEL_TAG: char = '\u{E007F}';
const BLACK_FLAG: char = '\u{1F3F4}';
/// Tags of one flag at most.
const LONGEST_FLAG: usize = 8;

/// Whether the first character of `from` belongs there. `before` are the characters before it, the nearest first.
pub(super) fn stands(mut before: impl Iterator<Item = char>, from: &str) -> bool {
    let mut following = from.chars();
    match following.next() {
        Some(joiner @ (NON_JOINER | JOINER)) => before
            .next()
            .is_some_and(|last| joins(joiner, last, following.next())),
        Some(tag) if tag == CANCEL_TAG || TAGS.contains(&tag) => spells_a_flag(before, from),
        Some(_) | None => false,
    }
}

fn joins(joiner: char, last: char, next: Option<char>) -> bool {
    let in_script = is_joining(last) && next.is_some_and(is_joining);
    let in_emoji = joiner == JOINER
        && (is_picture(last) || matches!(last, '\u{FE0F}' | '\u{1F3FB}'..='\u{1F3FF}'))
        && next.is_some_and(is_picture);
    in_script || in_emoji || is_virama(last)
}

fn spells_a_flag(before: impl Iterator<Item = char>, from: &str) -> bool {
    let base = before
        .take(LONGEST_FLAG)
        .find(|character| !TAGS.contains(character));
    let end = from
        .chars()
        .take(LONGEST_FLAG)
        .find(|character| !TAGS.contains(character));
    base == Some(BLACK_FLAG) && end == Some(CANCEL_TAG)
}

/// Letters and signs of scripts that are shaped by their neighbours: Arabic and its kin, the scripts of India, Myanmar, Khmer, Mongolian.
const fn is_joining(character: char) -> bool {
    matches!(
        character,
        '\u{0620}'..='\u{065F}'
            | '\u{066E}'..='\u{06D3}'
            | '\u{06EE}'..='\u{06FF}'
            | '\u{0710}'..='\u{07FF}'
            | '\u{0840}'..='\u{08E1}'
            | '\u{08E3}'..='\u{0DFF}'
            | '\u{0F40}'..='\u{0FBC}'
            | '\u{1000}'..='\u{109F}'
            | '\u{1780}'..='\u{17B3}'
            | '\u{17B6}'..='\u{17D3}'
            | '\u{17DC}'..='\u{17DD}'
            | '\u{1807}'
            | '\u{180A}'
            | '\u{1820}'..='\u{18AA}'
            | '\u{1A20}'..='\u{1AAD}'
            | '\u{1B00}'..='\u{1BFF}'
            | '\u{1CD0}'..='\u{1CFA}'
            | '\u{A800}'..='\u{ABFF}'
            | '\u{FB50}'..='\u{FBFF}'
            | '\u{10A00}'..='\u{10A4F}'
            | '\u{11000}'..='\u{110BC}'
            | '\u{110C2}'
            | '\u{11100}'..='\u{11FFF}'
    )
}

/// Signs that bind the next letter to the one before, and behind which a joiner may end a word. Khmer's is U+17D2.
const fn is_virama(character: char) -> bool {
    matches!(
        character,
        '\u{094D}'
            | '\u{09CD}'
            | '\u{0A4D}'
            | '\u{0ACD}'
            | '\u{0B4D}'
            | '\u{0BCD}'
            | '\u{0C4D}'
            | '\u{0CCD}'
            | '\u{0D4D}'
            | '\u{0DCA}'
            | '\u{1039}'
            | '\u{103A}'
            | '\u{17D2}'
    )
}

/// Characters of which emoji are joined.
const fn is_picture(character: char) -> bool {
    matches!(
        character,
        '\u{2190}'..='\u{21FF}' | '\u{2300}'..='\u{23FF}' | '\u{25A0}'..='\u{27BF}' | '\u{2B00}'..='\u{2BFF}'
            | '\u{1F000}'..='\u{1F3FA}' | '\u{1F400}'..='\u{1FAFF}'
    )
}
