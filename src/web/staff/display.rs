//! Foreign text on a page: escaped, hidden characters named, nothing in it alive.

use std::fmt;

use askama::filters::HtmlSafe;

use crate::domain::inert::{Segment, segments};

/// Text from outside. Writes itself as HTML; stands in an element with the class `inert`, which isolates its direction and
/// keeps its line breaks.
#[derive(Debug, Clone, Copy)]
pub(super) struct Inert<'a>(pub(super) &'a str);

// Sound because `Display` below escapes every character that means something in HTML text and in quoted attributes.
impl HtmlSafe for Inert<'_> {}

impl fmt::Display for Inert<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for segment in segments(self.0) {
            match segment {
                Segment::Text(text) => write_escaped(text, f)?,
                Segment::Mark(mark) => write!(f, "<span class=\"mark\">{mark}</span>")?,
            }
        }
        Ok(())
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

    proptest! {
        #[test]
        fn g7_only_marks_bring_markup(text in any::<String>()) {
            let html = Inert(&text).to_string();
            let bare = html.replace("<span class=\"mark\">", "").replace("</span>", "");
            prop_assert!(!bare.contains(['<', '>', '"', '\'']), "{bare}");
        }
    }
}
