//! The files as a whole: both languages say the same things, everything that is said is used, and the words are right.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

use super::*;
use crate::domain::clock::Day;

fn spoken(code: &str) -> Locale {
    code.parse().unwrap()
}

/// Without what tells lines where to break.
fn plain(text: &str) -> String {
    text.replace(['\u{200b}', '\u{2060}'], "")
}

/// Id and text of every message of a language.
fn messages(locale: Locale) -> BTreeMap<String, String> {
    let mut found: BTreeMap<String, String> = BTreeMap::new();
    for (file, text) in files::of(locale) {
        let mut current = None;
        for line in text.lines().filter(|line| !line.starts_with('#')) {
            if line.starts_with(|c: char| c.is_ascii_lowercase()) {
                let (id, value) = line
                    .split_once(" = ")
                    .unwrap_or_else(|| panic!("{file}: {line}"));
                assert!(
                    found.insert(id.to_owned(), value.to_owned()).is_none(),
                    "{file}: {id} twice"
                );
                current = Some(id.to_owned());
            } else if let Some(id) = &current {
                let value = found.get_mut(id).unwrap();
                value.push('\n');
                value.push_str(line);
            }
        }
    }
    found
}

/// The `$variables` of a message.
fn variables(text: &str) -> BTreeSet<&str> {
    let ends = |c: char| !c.is_ascii_alphanumeric() && c != '-';
    text.split('$')
        .skip(1)
        .filter_map(|rest| rest.split(ends).next())
        .collect()
}

/// The messages that a message contains, as `{ id }`.
fn references(text: &str) -> BTreeSet<&str> {
    text.split('{')
        .skip(1)
        .filter_map(|rest| rest.split_once('}'))
        .map(|(inside, _)| inside.trim())
        .filter(|inside| is_id(inside))
        .collect()
}

fn is_id(text: &str) -> bool {
    text.contains('-')
        && text.starts_with(|c: char| c.is_ascii_lowercase())
        && text
            .bytes()
            .all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-')
}

/// Text of every file under `folder` with one of these endings.
fn sources(folder: &str, endings: &[&str]) -> Vec<(PathBuf, String)> {
    let mut found = Vec::new();
    let mut folders = vec![Path::new(env!("CARGO_MANIFEST_DIR")).join(folder)];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).into_iter().flatten() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else if path
                .extension()
                .is_some_and(|e| endings.iter().any(|ending| e == *ending))
            {
                let text = fs::read_to_string(&path).unwrap();
                found.push((path, text));
            }
        }
    }
    found
}

/// Code and pages without the tests, and the built-in forms.
fn users() -> Vec<(PathBuf, String)> {
    let mut all = sources("src", &["rs", "html", "txt"]);
    all.retain(|(path, _)| {
        !path.ends_with("tests.rs") && !path.components().any(|part| part.as_os_str() == "tests")
    });
    all.extend(sources("templates", &["html", "txt"]));
    all.extend(sources("config/forms", &["toml"]));
    for (_, text) in &mut all {
        let code = text.find("#[cfg(test)]\nmod tests {").unwrap_or(text.len());
        text.truncate(code);
    }
    all
}

/// What stands in quotation marks in a text.
fn quoted(text: &str) -> impl Iterator<Item = &str> {
    text.split('"').filter(|part| is_id(part))
}

#[test]
fn dates_and_numbers_are_written_as_each_language_does() {
    let locales = Locales::load().unwrap();
    let (en, km) = (
        locales.translator(spoken("en")),
        locales.translator(spoken("km")),
    );
    let day = Day::from_number(20_780);
    assert_eq!(en.date(day), "23 November 2026");
    assert_eq!(plain(&km.date(day)), "២៣ វិច្ឆិកា ២០២៦");
    let long = [("max", 20_000_usize), ("over", 1)];
    let long = |words: &Translator| words.text_with("form-error-too-long", &long);
    assert!(long(en).contains("20,000 characters"));
    assert!(long(km).contains("២០.០០០"));
    assert!(
        km.text_with("help-call", &[("number", "1280")])
            .contains("1280")
    );
    assert!(
        en.text_with("form-error-summary", &[("count", 1_usize)])
            .contains("one answer")
    );
}

#[test]
fn what_is_missing_shows_its_id_and_nothing_breaks() {
    let locales = Locales::load().unwrap();
    let en = locales.translator(spoken("en"));
    assert_eq!(en.text("no-such-message"), "[no-such-message]");
    assert!(en.text("form-error-too-long").contains("max"));
    assert_eq!(
        locales.missing(&["form-heading", "nothing"]),
        [(spoken("km"), "nothing"), (spoken("en"), "nothing")]
    );
}

#[test]
fn an_operators_words_go_over_ours() {
    let own = |text: &str| OwnFile {
        locale: spoken("en"),
        name: "own.ftl".to_owned(),
        text: text.to_owned(),
    };
    let locales =
        Locales::load_with(&[own("front-report = Tell us\nown-question = What else?\n")]).unwrap();
    assert_eq!(
        locales.translator(spoken("en")).text("front-report"),
        "Tell us"
    );
    assert_eq!(
        locales.translator(spoken("en")).text("own-question"),
        "What else?"
    );
    assert_eq!(
        locales.missing(&["own-question"]),
        [(spoken("km"), "own-question")]
    );
    assert_eq!(
        Locales::load_with(&[own("= no\n")]).unwrap_err().file,
        "own.ftl"
    );
}

#[test]
fn every_file_is_loaded() {
    for locale in Locale::all() {
        let loaded: BTreeSet<_> = files::of(locale)
            .iter()
            .map(|(name, _)| (*name).to_owned())
            .collect();
        let present: BTreeSet<_> = sources(&format!("locales/{locale}"), &["ftl"])
            .iter()
            .map(|(path, _)| format!("{locale}/{}", path.file_name().unwrap().to_string_lossy()))
            .collect();
        assert_eq!(loaded, present);
    }
}

#[test]
fn both_languages_have_the_same_messages_and_variables() {
    let (en, km) = (messages(spoken("en")), messages(spoken("km")));
    let only = |a: &BTreeMap<_, _>, b: &BTreeMap<_, _>| -> Vec<String> {
        a.keys()
            .filter(|id| !b.contains_key(*id))
            .cloned()
            .collect()
    };
    assert_eq!(
        (only(&en, &km), only(&km, &en)),
        (vec![], vec![]),
        "(only English, only Khmer)"
    );
    for (id, text) in &en {
        assert_eq!(variables(text), variables(&km[id]), "{id}");
        assert_eq!(references(text), references(&km[id]), "{id}");
        for reference in references(text) {
            assert!(en.contains_key(reference), "{id} contains {reference}");
        }
    }
}

#[test]
fn khmer_has_no_plural_branches_and_is_khmer() {
    for (id, text) in messages(spoken("km")) {
        // Whom a sentence speaks to is no plural.
        let counted = text.replace("{ $who ->", "");
        assert!(
            !counted.contains("[one]") && !counted.contains("->"),
            "{id}: Khmer has one plural form only"
        );
        let khmer = text.chars().any(|c| ('\u{1780}'..='\u{17ff}').contains(&c));
        let nothing_to_say = references(&text).len() + variables(&text).len() > 0;
        assert!(khmer || nothing_to_say, "{id} is not translated");
    }
}

#[test]
fn every_message_that_is_named_exists() {
    let known = messages(spoken("en"));
    let mut missing = BTreeSet::new();
    for (path, text) in users() {
        let named: Vec<&str> = if path.extension().is_some_and(|e| e == "toml") {
            let keys = [
                "label = \"",
                "help = \"",
                "intro = \"",
                "show = \"",
                "show_unrouted = \"",
                "show_sent = \"",
                "after = \"",
            ];
            keys.iter()
                .flat_map(|key| text.split(key).skip(1))
                .filter_map(|rest| rest.split('"').next())
                .collect()
        } else {
            // `t`, `n`, `w` and `d` are how pages ask (`web::page`).
            let calls = [".say(", ".text(", ".text_with(", ".t(", ".n(", ".w(", ".d("];
            let starts = calls.iter().flat_map(|call| text.split(call).skip(1));
            let called =
                starts.filter_map(|rest| rest.trim_start().strip_prefix('"')?.split('"').next());
            // Ids that reach a page through a variable are told by their prefix.
            let prefixes = [
                "common-", "closed-", "code-", "error-", "form-", "front-", "mailbox-", "review-",
            ];
            let is_code = path.extension().is_some_and(|e| e == "rs");
            let passed = quoted(&text)
                .filter(|id| is_code && prefixes.iter().any(|prefix| id.starts_with(prefix)));
            called.chain(passed).collect()
        };
        for id in named.into_iter().filter(|id| !known.contains_key(*id)) {
            missing.insert(format!("{id} in {}", path.display()));
        }
    }
    assert!(missing.is_empty(), "{missing:#?}");
}

#[test]
fn every_message_is_used() {
    let known = messages(spoken("en"));
    let users = users();
    let mut used: BTreeSet<&str> = users.iter().flat_map(|(_, text)| quoted(text)).collect();
    used.extend(known.values().flat_map(|text| references(text)));
    let words = crate::web::staff::words::ids();
    for word in &words {
        assert!(known.contains_key(word), "{word} has no sentence");
    }
    used.extend(words.iter().map(String::as_str));
    let unused: Vec<_> = known
        .keys()
        .filter(|id| !used.contains(id.as_str()))
        .collect();
    assert!(unused.is_empty(), "{unused:#?}");
}

/// Words that blame a child, or that the Terminology Guidelines (ECPAT, second edition, 2025) ask to leave behind.
#[test]
fn no_banned_terms() {
    let banned = [
        "child porn",
        "kiddie porn",
        "child prostitut",
        "child sex",
        "underage",
        "under-age",
        "sex tour",
        "real victim",
        "genuine victim",
        "alleged victim",
        "sex with a child",
        "why did you",
        "consented",
        "molest",
        "claims that",
        "rescue",
    ];
    for (id, text) in messages(spoken("en")) {
        let text = text.to_lowercase();
        for term in banned {
            assert!(!text.contains(term), "{id} says {term:?}");
        }
        assert!(!text.contains('!'), "{id} shouts");
    }
    // The Khmer words for "prostitution", "prostitute" and "pornography" have no place beside a child.
    for (id, text) in messages(spoken("km")) {
        let text = text.replace('\u{200b}', "");
        for term in ["ពេស្យា", "អាសអាភាស", "ស្រីពេស្យា", "អាសគ្រាម"]
        {
            assert!(!text.contains(term), "{id} says {term:?}");
        }
    }
}

/// Spellings and turns of phrase that were found wrong or misleading; `locales/km/TERMS.md` says what stands instead, and why.
#[test]
fn rejected_khmer_words() {
    let rejected = [
        "ទូរសព្ទ",
        "វិនដូ",
        "តំណភ្ជាប់",
        "រូបរាងកាយ",
        "គិលានុបដ្ឋាក",
        "ថាម៉េច",
        "ថ្មីជានិច្ច",
        "អាចនៅរក្សាទុក",
        "អ្នកអានរបាយការណ៍",
        "អ្នកជួយរក",
        "មានគ្រោះថ្នាក់",
        "មិនត្រូវឱ្យដឹង",
        "មានអ្វីត្រូវបានផ្ញើ",
        "ចាកចេញភ្លាម",
        "កូនសោដែលមានតែ",
        "មុនគេ",
        "ឈប់ប្រើបាន",
        "វានឹងត្រូវបាន",
    ];
    for (id, text) in messages(spoken("km")) {
        let text = text.replace('\u{200b}', "");
        for words in rejected {
            assert!(!text.contains(words), "{id} says {words:?}");
        }
    }
}

/// Long Khmer strings tell the browser where lines may break; nothing else hides in any string. Mails are plain text and
/// carry their own line ends.
#[test]
fn hidden_characters_are_word_breaks_in_khmer_only() {
    for locale in Locale::all() {
        for (id, text) in messages(locale) {
            let hidden = |c: char| matches!(c, '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{feff}' | '\u{ad}');
            let found: Vec<char> = text.chars().filter(|c| hidden(*c)).collect();
            assert!(
                found
                    .iter()
                    .all(|c| locale == spoken("km") && *c == '\u{200b}'),
                "{id}"
            );
            let longest = text
                .split(|c: char| !khmer::is_khmer(c))
                .map(|piece| piece.chars().count())
                .max();
            assert!(
                locale != spoken("km")
                    || id.starts_with("mail-")
                    || longest <= Some(khmer::LONGEST),
                "{id}: no word break in {longest:?} characters"
            );
        }
    }
}
