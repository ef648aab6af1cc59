//! Foreign text on a page: escaped, hidden characters named, nothing in it alive.

use std::fmt;

use askama::filters::HtmlSafe;

use crate::domain::inert::{Segment, every_mark, segments, unseen};

/// Text from outside. Writes itself as HTML; stands in an element with the class `inert`, which isolates its direction and
/// keeps its line breaks.
#[derive(Debug, Clone, Copy)]
pub(super) struct Inert<'a>(pub(super) &'a str);

impl<'a> Inert<'a> {
    /// How many characters stand in it that nobody sees.
    pub(super) fn unseen(&self) -> usize {
        unseen(self.0)
    }

    /// The same text with a mark for each of them.
    pub(super) const fn every_mark(&self) -> EveryMark<'a> {
        EveryMark(self.0)
    }
}

/// [`Inert`] in which every hidden character is named.
#[derive(Debug, Clone, Copy)]
pub(super) struct EveryMark<'a>(&'a str);

// VerifiedLog for the same reason as `Inert`.
impl HtmlSafe for EveryMark<'_> {}

impl fmt::Display for EveryMark<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        every_mark(self.0).try_for_each(|segment| write_segment(segment, f))
    }
}

/// [`Inert`] for the queue, where fifty stand on a page: after so many marks the rest is left to the report's own page, so that
/// nobody can swell the queue with hidden characters.
#[derive(Debug, Clone, Copy)]
pub(super) struct BriefInert<'a>(pub(super) &'a str);

/// Marks in one brief text.
const BRIEF_MARKS: usize = 12;

// VerifiedLog for the same reason as `Inert`.
impl HtmlSafe for BriefInert<'_> {}

impl fmt::Display for BriefInert<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut marks = 0_usize;
        for segment in segments(self.0) {
            marks = marks.saturating_add(usize::from(matches!(segment, Segment::Mark(_))));
            if marks > BRIEF_MARKS {
                return f.write_str("…");
            }
            write_segment(segment, f)?;
        }
        Ok(())
    }
}

// VerifiedLog because `Display` below escapes every character that means something in HTML text and in quoted attributes.
impl HtmlSafe for Inert<'_> {}

impl fmt::Display for Inert<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        segments(self.0).try_for_each(|segment| write_segment(segment, f))
    }
}

fn write_segment(segment: Segment<'_>, f: &mut fmt::Formatter<'_>) -> fmt::Result {
    match segment {
        Segment::Text(text) => write_escaped(text, f),
        Segment::Mark(mark) => write!(f, "<span class=\"mark\">{mark}</span>"),
    }
}

/// HTML that was made here, not by anybody outside: the picture of a QR code.
#[derive(Debug, Clone)]
pub(super) struct OwnHtml(pub(super) String);

impl HtmlSafe for OwnHtml {}

impl fmt::Display for OwnHtml {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

fn write_escaped(text: &str, f: &mut fmt::Formatter<'_>) -> fmt::Result {
    let mut rest = text;
    while let Some(at) = rest.find(['&', '<', '>', '"', '\'']) {
        let (plain, special) = rest.split_at(at);
        f.write_str(plain)?;
        let mut characters = special.chars();
        f.write_str(match characters.next() {
            Some('&') => "&amp;",
            Some('<') => "&lt;",
            Some('>') => "&gt;",
            Some('"') => "&quot;",
            Some('\'') => "&#39;",
            Some(_) | None => "",
        })?;
        rest = characters.as_str();
    }
    f.write_str(rest)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn g7_nothing_in_foreign_text_comes_alive() {
        let text = "<script>alert(1)</script> \"'&amp; https://example.org \u{202E}cod.exe";
        assert_eq!(
            Inert(text).to_string(),
            "&lt;script&gt;alert(1)&lt;/script&gt; &quot;&#39;&amp;amp; https://example.org \
             <span class=\"mark\">⟦U+202E⟧</span>cod.exe"
        );
    }

    #[test]
    fn a_flood_of_hidden_characters_does_not_swell_the_queue() {
        let text = "a\u{202E}\u{202D}".repeat(70);
        let html = BriefInert(&text).to_string();
        assert!(html.len() < 1_000 && html.ends_with('…'), "{html}");
        assert_eq!(
            BriefInert("a\u{202E}b").to_string(),
            Inert("a\u{202E}b").to_string()
        );
    }

    proptest! {
        #[test]
        fn g7_only_marks_bring_markup(text in any::<String>()) {
            let html = format!("{}{}", Inert(&text), Inert(&text).every_mark());
            let bare = html.replace("<span class=\"mark\">", "").replace("</span>", "");
            prop_assert!(!bare.contains(['<', '>', '"', '\'']), "{bare}");
        }
    }
}
