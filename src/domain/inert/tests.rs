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

fn unmarked(all: Segments<'_>) -> String {
    all.filter_map(|segment| match segment {
        Segment::Text(text) => Some(text.replace("\r\n", "\n")),
        Segment::Mark(_) => None,
    })
    .collect()
}

fn rebuilt(all: Segments<'_>) -> String {
    all.map(|segment| match segment {
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
        "ប៉\u{200C}ី ក\u{17D2}\u{200D}រ ស៊\u{200C}ើ",
        "👩\u{200D}👧 👩🏽\u{200D}🚀 ❤\u{FE0F}\u{200D}🔥 🏴\u{E0067}\u{E0062}\u{E0073}\u{E0063}\u{E0074}\u{E007F}",
        "می\u{200C}خواهم ක්\u{200D}ෂ",
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
        ("ក\u{200C} ខ", "ក⟦U+200C⟧ ខ"),
        ("ក\u{200D}\u{200D}ខ", "ក⟦U+200D×2⟧ខ"),
        ("\u{200D}👧", "⟦U+200D⟧👧"),
        ("👩\u{200C}👧", "👩⟦U+200C⟧👧"),
        ("🏴\u{E0067}\u{E0062}", "🏴⟦U+E0067⟧⟦U+E0062⟧"),
        ("a\u{E0067}\u{E007F}", "a⟦U+E0067⟧⟦U+E007F⟧"),
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

#[test]
fn blank_is_what_nobody_can_see() {
    for text in [
        "",
        " \n\t",
        "\u{200B}\u{200B}",
        "\u{3164}",
        "\u{2800} \u{FEFF}",
        "\u{301}",
        "\u{202E}\u{2066}",
    ] {
        assert!(is_blank(text), "{text:?}");
    }
    for text in [
        ".",
        "?",
        "ក",
        "\u{200B}ក",
        "☎\u{FE0F}",
        "0",
        "ា",
        "\u{F8FF}",
    ] {
        assert!(!is_blank(text), "{text:?}");
    }
}

proptest! {
    #[test]
    fn every_hidden_character_of_unicode_is_blank(
        text in r"[\p{Default_Ignorable_Code_Point}\p{White_Space}\p{Cc}\p{Cf}]{0,9}",
    ) {
        prop_assert!(is_blank(&text), "{:?}", text);
    }

    #[test]
    fn letters_digits_and_signs_are_not(text in r"[[\p{L}\p{N}\p{P}\p{S}]--[\p{Default_Ignorable_Code_Point}\x{2800}\x{1D159}\x{13430}-\x{1345F}]]") {
        prop_assert!(!is_blank(&text), "{:?}", text);
    }

    #[test]
    fn g7_nothing_is_lost_or_moved(text in hostile()) {
        prop_assert_eq!(rebuilt(segments(&text)), text.clone());
        prop_assert_eq!(rebuilt(every_mark(&text)), text);
    }

    #[test]
    fn g7_no_marked_character_is_shown_as_itself(text in hostile()) {
        prop_assert!(!unmarked(every_mark(&text)).contains(is_marked));
        // What stands all the same is a joiner or the spelling of a flag, and is counted.
        let standing = unmarked(segments(&text));
        let standing: Vec<char> = standing.chars().filter(|c| is_marked(*c)).collect();
        let joiner = |c: &char| matches!(c, '\u{200C}' | '\u{200D}' | '\u{E0020}'..='\u{E007F}');
        prop_assert!(standing.iter().all(joiner), "{:?}", standing);
        prop_assert_eq!(standing.len(), unseen(&text));
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
