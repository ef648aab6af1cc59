//! Text from outside, made inert: what can be read stays as it was typed, what would act on the page or hide in it is named.
//!
//! A reporter's words are evidence, so nothing is removed, reordered or normalised. Characters that turn the reading direction,
//! take no room, or have no agreed look become marks such as `⟦U+202E⟧`, which the reader sees. Joiners stand where scripts and
//! emoji need them (see [`joiner`]); [`every_mark`] names those too. Escaping for HTML is the web's business; this module only says
//! which parts are text and which are marks.

mod joiner;

use std::fmt;
use std::iter::FusedIterator;

/// One part of a text: the characters as typed, or a character that is shown by its number.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Segment<'a> {
    /// Characters that show themselves.
    Text(&'a str),
    /// The same hidden or controlling character, so many times in a row.
    Mark(Mark),
}

/// A character that is named instead of obeyed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Mark {
    character: char,
    times: usize,
}

impl Mark {
    /// The character itself.
    #[cfg(test)]
    pub const fn character(self) -> char {
        self.character
    }

    /// How often it stands there in a row.
    #[cfg(test)]
    pub const fn times(self) -> usize {
        self.times
    }
}

impl fmt::Display for Mark {
    /// `⟦U+202E⟧`, or `⟦U+202E×12⟧` for a run.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "⟦U+{:04X}", u32::from(self.character))?;
        if self.times > 1 {
            write!(f, "×{}", self.times)?;
        }
        f.write_str("⟧")
    }
}

/// Cuts a text into segments. Put together again, marks for their characters, they are the text.
pub const fn segments(text: &str) -> Segments<'_> {
    Segments {
        text,
        at: 0,
        joiners: Joiners::Stand,
    }
}

/// [`segments`] in which joiners are named as well, wherever they stand.
pub const fn every_mark(text: &str) -> Segments<'_> {
    Segments {
        text,
        at: 0,
        joiners: Joiners::Marked,
    }
}

/// How many characters [`every_mark`] names and [`segments`] does not.
pub fn unseen(text: &str) -> usize {
    let named = |segments: Segments<'_>| {
        segments
            .map(|segment| match segment {
                Segment::Text(_) => 0,
                Segment::Mark(mark) => mark.times,
            })
            .sum::<usize>()
    };
    named(every_mark(text)).saturating_sub(named(segments(text)))
}

/// Whether a text has nothing that can be seen: spaces, hidden characters, fillers, accents without a letter.
pub fn is_blank(text: &str) -> bool {
    text.chars().all(|character| {
        character.is_whitespace()
            || is_control(character)
            || is_direction(character)
            || is_invisible(character)
            || takes_no_room(character)
    })
}

/// The segments of a text, in order.
#[derive(Debug, Clone)]
pub struct Segments<'a> {
    text: &'a str,
    at: usize,
    joiners: Joiners,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Joiners {
    Stand,
    Marked,
}

impl<'a> Iterator for Segments<'a> {
    type Item = Segment<'a>;

    fn next(&mut self) -> Option<Segment<'a>> {
        let (before, rest) = self.text.split_at_checked(self.at)?;
        let first = rest.chars().next()?;
        let end = self.end_of_text(before, rest);
        if end > 0 {
            self.at = self.at.saturating_add(end);
            return rest.get(..end).map(Segment::Text);
        }
        let times = run_of(first, rest);
        self.at = (self.at).saturating_add(times.saturating_mul(first.len_utf8()));
        Some(Segment::Mark(Mark {
            character: first,
            times,
        }))
    }
}

impl Segments<'_> {
    /// Where the first marked character stands, or the length. A carriage return before a line feed is how browsers end a line.
    fn end_of_text(&self, before: &str, rest: &str) -> usize {
        for (at, character) in rest.char_indices() {
            if !is_marked(character) {
                continue;
            }
            let (text, from) = rest.split_at(at);
            let ends_line = from.starts_with("\r\n");
            let stands = self.joiners == Joiners::Stand
                && joiner::stands(text.chars().rev().chain(before.chars().rev()), from);
            if !ends_line && !stands {
                return at;
            }
        }
        rest.len()
    }
}

impl FusedIterator for Segments<'_> {}

/// How often `first` stands at the start; of carriage returns, the one that ends a line is not counted.
fn run_of(first: char, text: &str) -> usize {
    let run = text.chars().take_while(|next| *next == first).count();
    let ends_line = first == '\r' && text.chars().nth(run) == Some('\n');
    run.saturating_sub(usize::from(ends_line))
}

/// Whether a character is named instead of shown, unless it is a joiner in its place.
///
/// U+200B stays as it is: Khmer is written without spaces and uses it to say where a line may break. U+FE0E and U+FE0F
/// choose between the text and the picture form of an emoji and stay too.
pub const fn is_marked(character: char) -> bool {
    if matches!(character, '\t' | '\n' | '\u{200B}') {
        return false;
    }
    is_control(character)
        || is_direction(character)
        || is_invisible(character)
        || has_no_look(character)
}

/// C0 and C1 controls, line and paragraph separators.
const fn is_control(character: char) -> bool {
    matches!(character, '\0'..='\u{1F}' | '\u{7F}'..='\u{9F}' | '\u{2028}' | '\u{2029}')
}

/// Marks, embeddings, overrides and isolates of the bidirectional algorithm.
const fn is_direction(character: char) -> bool {
    matches!(
        character,
        '\u{061C}' | '\u{200E}' | '\u{200F}' | '\u{202A}'..='\u{202E}' | '\u{2066}'..='\u{2069}'
    )
}

/// Format characters, fillers and selectors that take no room or pass for a space.
const fn is_invisible(character: char) -> bool {
    matches!(
        character,
        '\u{00AD}'
            | '\u{034F}'
            | '\u{0600}'..='\u{0605}'
            | '\u{06DD}'
            | '\u{070F}'
            | '\u{0890}'..='\u{0891}'
            | '\u{08E2}'
            | '\u{115F}'..='\u{1160}'
            | '\u{17B4}'..='\u{17B5}'
            | '\u{180B}'..='\u{180F}'
            | '\u{200C}'..='\u{200D}'
            | '\u{2060}'..='\u{2065}'
            | '\u{206A}'..='\u{206F}'
            | '\u{2800}'
            | '\u{3164}'
            | '\u{FE00}'..='\u{FE0D}'
            | '\u{FEFF}'
            | '\u{FFA0}'
            | '\u{FFF0}'..='\u{FFFB}'
            | '\u{110BD}'
            | '\u{110CD}'
            | '\u{13430}'..='\u{1345F}'
            | '\u{1BCA0}'..='\u{1BCA3}'
            | '\u{1D173}'..='\u{1D17A}'
            | '\u{E0000}'..='\u{E0FFF}'
    )
}

/// What [`is_invisible`] leaves alone because it belongs to the character before it, and what is drawn as nothing.
const fn takes_no_room(character: char) -> bool {
    matches!(
        character,
        '\u{0300}'..='\u{036F}'
            | '\u{1AB0}'..='\u{1AFF}'
            | '\u{1DC0}'..='\u{1DFF}'
            | '\u{200B}'
            | '\u{20D0}'..='\u{20FF}'
            | '\u{FE0E}'..='\u{FE0F}'
            | '\u{FE20}'..='\u{FE2F}'
            | '\u{16FE4}'
            | '\u{1D159}'
    )
}

/// Private use and noncharacters: what they look like is anybody's choice.
const fn has_no_look(character: char) -> bool {
    matches!(
        character,
        '\u{E000}'..='\u{F8FF}'
            | '\u{FDD0}'..='\u{FDEF}'
            | '\u{FFFE}'..='\u{FFFF}'
            | '\u{1FFFE}'..='\u{1FFFF}'
            | '\u{2FFFE}'..='\u{2FFFF}'
            | '\u{F0000}'..='\u{10FFFF}'
    )
}

#[cfg(test)]
mod tests;
