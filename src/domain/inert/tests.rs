use proptest::prelude::*;

use super::*;

fn shown(text: &str) -> String {
    segments(text)
        .map(|segment| match segment {
            Segment::Text(text) => text.to_owned(),
            Segment::Mark(mark) => mark.to_string(),
        })
        .collect()
}

fn rebuilt(text: &str) -> String {
    segments(text)
        .map(|segment| match segment {
            Segment::Text(text) => text.to_owned(),
            Segment::Mark(mark) => mark.character().to_string().repeat(mark.times()),
        })
        .collect()
}

#[test]
fn g7_plain_text_of_both_languages_is_left_alone() {
    for text in [
        "",
        "He said\r\nshe said\n\ttabbed",
        "ក្មេង\u{200B}ស្រី\u{200B}ម្នាក់ អាយុ ១២ ឆ្នាំ ៕",
        "emoji ☎\u{FE0F} 🙂 https://example.org/<script>&amp;",
        "⟦U+202E⟧",
    ] {
        assert_eq!(shown(text), text);
        assert!(segments(text).count() <= 1, "{text}");
    }
}

#[test]
fn g7_what_hides_or_turns_is_named() {
    for (text, expected) in [
        ("gpj.\u{202E}exe", "gpj.⟦U+202E⟧exe"),
        ("a\u{2066}b\u{2069}", "a⟦U+2066⟧b⟦U+2069⟧"),
        ("\u{200E}\u{200F}\u{061C}", "⟦U+200E⟧⟦U+200F⟧⟦U+061C⟧"),
        ("pay\u{200D}\u{200C}pal", "pay⟦U+200D⟧⟦U+200C⟧pal"),
        ("\u{FEFF}start", "⟦U+FEFF⟧start"),
        ("bell\u{7}\u{1b}[31m", "bell⟦U+0007⟧⟦U+001B⟧[31m"),
        ("lone\rreturn", "lone⟦U+000D⟧return"),
        ("\r\r\n", "⟦U+000D⟧\r\n"),
        ("tag\u{E0041}\u{E0041}", "tag⟦U+E0041×2⟧"),
        ("\u{F8FF}\u{FFFF}", "⟦U+F8FF⟧⟦U+FFFF⟧"),
        ("soft\u{AD}hyphen", "soft⟦U+00AD⟧hyphen"),
    ] {
        assert_eq!(shown(text), expected);
    }
}

/// Ordinary letters mixed with what an attacker would send.
fn hostile() -> impl Strategy<Value = String> {
    let character = prop_oneof![
        any::<char>(),
        prop::char::range('\u{2000}', '\u{206F}'),
        prop::char::range('\u{1780}', '\u{17FF}'),
        prop::char::range('\u{E0000}', '\u{E007F}'),
        prop::sample::select(vec![
            '\r', '\n', '\t', '\0', '<', '&', '\u{FEFF}', '\u{61C}'
        ]),
    ];
    prop::collection::vec(character, 0..200).prop_map(|all| all.into_iter().collect())
}

proptest! {
    #[test]
    fn g7_nothing_is_lost_or_moved(text in hostile()) {
        prop_assert_eq!(rebuilt(&text), text);
    }

    #[test]
    fn g7_no_marked_character_is_shown_as_itself(text in hostile()) {
        let shown = shown(&text).replace("\r\n", "\n");
        prop_assert!(!shown.chars().any(is_marked), "{:?}", shown);
    }

    #[test]
    fn g7_segments_alternate_or_change(text in hostile()) {
        let all: Vec<_> = segments(&text).collect();
        for pair in all.windows(2) {
            let both_text = matches!(pair, [Segment::Text(_), Segment::Text(_)]);
            prop_assert!(!both_text);
        }
    }
}
