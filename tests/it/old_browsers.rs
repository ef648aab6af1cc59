//! Whoever writes to us may hold a phone of 2018: what its browser does not know of our stylesheet must not be missed.

mod features;

use std::collections::BTreeSet;

use features::{KEYWORDS, NEWER, OLD};

/// Up to when a feature must have been in every browser, if nothing stands in for it.
const REPORTERS: u16 = 2018;
/// Staff have machines that still get security updates.
const STAFF: u16 = 2022;

/// A rule: what it stands in, whom it is for, what it says.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Rule {
    within: Vec<String>,
    selector: String,
    declarations: Vec<(String, String)>,
}

/// The rules of a stylesheet, in their order. Blocks in blocks are told apart by what they begin with.
fn rules(css: &str) -> Vec<Rule> {
    let mut plain = String::new();
    for part in css.split("/*").enumerate() {
        plain.push_str(match part {
            (0, text) => text,
            (_, text) => text.split_once("*/").map_or("", |(_, after)| after),
        });
    }
    let mut all = Vec::new();
    read_block(&mut plain.as_str(), &mut Vec::new(), &mut all);
    all
}

/// Up to the brace that closes the block.
fn read_block(css: &mut &str, within: &mut Vec<String>, all: &mut Vec<Rule>) {
    let mut declarations = Vec::new();
    while let Some(end) = end_of_piece(css) {
        let (piece, rest) = css.split_at(end);
        let (mark, rest) = rest.split_at(1);
        *css = rest;
        let piece = piece.split_whitespace().collect::<Vec<_>>().join(" ");
        if mark == "{" {
            within.push(piece);
            read_block(css, within, all);
            within.pop();
            continue;
        }
        if let Some((name, value)) = piece.split_once(':') {
            declarations.push((name.trim().to_owned(), value.trim().to_owned()));
        }
        if mark == "}" {
            break;
        }
    }
    if !declarations.is_empty() {
        let (selector, within) = within.split_last().expect("a declaration stands in a rule");
        all.push(Rule {
            within: within.to_vec(),
            selector: selector.clone(),
            declarations,
        });
    }
}

/// Where a declaration or what stands before a block ends: not in a text or in brackets.
fn end_of_piece(css: &str) -> Option<usize> {
    let (mut is_text, mut depth) = (false, 0_u32);
    css.char_indices().find_map(|(at, letter)| {
        match letter {
            '"' => is_text = !is_text,
            '(' if !is_text => depth += 1,
            ')' if !is_text => depth -= 1,
            '{' | '}' | ';' if !is_text && depth == 0 => return Some(at),
            _ => {}
        }
        None
    })
}

/// Since when all browsers have had it, and whether nothing is missed without it.
fn since(feature: &str) -> Result<(u16, bool), String> {
    if OLD.contains(&feature) {
        return Ok((0, true));
    }
    let newer = NEWER.iter().find(|(name, ..)| *name == feature);
    newer
        .map(|(_, year, without)| (*year, !without.is_empty()))
        .ok_or_else(|| format!("{feature} is in no table: add it with its year"))
}

/// What a declaration needs a browser to know.
fn features_of(rule: &Rule, name: &str, value: &str) -> BTreeSet<String> {
    let mut needed = BTreeSet::new();
    // Colours and lengths of our own, and letters that a font has.
    if name.starts_with("--") || name == "unicode-range" {
        return needed;
    }
    needed.insert(name.to_owned());
    let says = |this: &str| {
        let mut all = rule.declarations.iter();
        all.any(|(name, value)| name == "display" && value.ends_with(this))
    };
    if name.ends_with("gap") && says("flex") {
        needed.insert("gap in flex".to_owned());
    }
    let unquoted: String = value.split('"').step_by(2).collect();
    let ends = |letter: char| !letter.is_ascii_alphanumeric() && !"-.%#".contains(letter);
    let mut rest = unquoted.as_str();
    while let Some(start) = rest.find(|letter| !ends(letter)) {
        rest = &rest[start..];
        let (word, after) = rest.split_at(rest.find(ends).unwrap_or(rest.len()));
        rest = after;
        let is_number = |letter: char| letter.is_ascii_digit() || "-.".contains(letter);
        let unit = word.trim_start_matches(is_number);
        if word.starts_with("--") {
            continue;
        }
        if after.starts_with('(') {
            needed.insert(format!("{word}()"));
        } else if word.contains(|letter: char| letter.is_ascii_digit())
            && word.starts_with(is_number)
        {
            needed.extend((!unit.is_empty()).then(|| format!("1{unit}")));
        } else if KEYWORDS.contains(&(name, word)) || KEYWORDS.contains(&("*", word)) {
            needed.insert(format!("{name}: {word}"));
        }
    }
    needed
}

/// Two names for one thing: sides by the direction of the script as WebKit had them first.
fn thing(name: &str) -> String {
    let old = name.strip_prefix("-webkit-");
    match old.and_then(|name| name.split_once('-')) {
        Some((box_part, side)) if side.starts_with("start") || side.starts_with("end") => {
            format!("{box_part}-inline-{side}")
        }
        _ => name.to_owned(),
    }
}

/// The newest feature of a declaration that is newer than `year`, if nothing is as old in its place.
fn fault(rule: &Rule, at: usize, year: u16) -> Option<String> {
    let newest = |(name, value): &(String, String)| {
        let needed = features_of(rule, name, value).into_iter();
        needed
            .map(|feature| match since(&feature) {
                Ok((of, missed_by_nobody)) if of <= year || missed_by_nobody => None,
                Ok((of, _)) => Some(format!("{feature} ({of})")),
                Err(problem) => Some(problem),
            })
            .find_map(|fault| fault)
    };
    let (before, this) = (rule.declarations.get(..at)?, rule.declarations.get(at)?);
    let fault = newest(this)?;
    let stands_in =
        |other: &(String, String)| thing(&other.0) == thing(&this.0) && newest(other).is_none();
    (!before.iter().any(stands_in)).then_some(fault)
}

/// What stands in the way of whoever reads the selector or the block around it.
fn faults_outside(rule: &Rule, year: u16) -> Vec<String> {
    let mut needed = BTreeSet::new();
    for around in &rule.within {
        let name = around.split([' ', '(']).next().unwrap_or_default();
        // Nesting: a rule in a rule.
        needed.insert(if name.starts_with('@') {
            name.to_owned()
        } else {
            "&".to_owned()
        });
        if around.contains(['<', '>']) {
            needed.insert("@media <".to_owned());
        }
    }
    let name = rule.selector.split(' ').next().unwrap_or_default();
    if name.starts_with('@') {
        needed.insert(name.to_owned());
    } else {
        for part in rule
            .selector
            .split(':')
            .skip(1)
            .filter(|part| !part.is_empty())
        {
            let end = part.find(|letter: char| !letter.is_ascii_alphabetic() && letter != '-');
            needed.insert(format!(":{}", &part[..end.unwrap_or(part.len())]));
        }
    }
    let problems = needed.iter().filter_map(|feature| match since(feature) {
        Ok((of, missed_by_nobody)) if of <= year || missed_by_nobody => None,
        Ok((of, _)) => Some(format!("{feature} ({of})")),
        Err(problem) => Some(problem),
    });
    problems.collect()
}

/// Everything in a stylesheet that is newer than a year, has no older declaration before it and asks nobody with `@supports`.
fn faults(css: &str, year: u16) -> Vec<String> {
    let mut found = Vec::new();
    for rule in rules(css) {
        if rule
            .within
            .iter()
            .any(|around| around.starts_with("@supports"))
        {
            continue;
        }
        let inside = (0..rule.declarations.len()).filter_map(|at| fault(&rule, at, year));
        let problems = faults_outside(&rule, year).into_iter().chain(inside);
        found.extend(problems.map(|problem| format!("{}: {problem}", rule.selector)));
    }
    found
}

fn sheet(name: &str) -> String {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/src/web/static/");
    std::fs::read_to_string(format!("{folder}{name}")).expect("a stylesheet")
}

#[test]
fn a_phone_of_2018_misses_nothing_of_the_reporters_pages() {
    let css = sheet("style.css");
    assert!(rules(&css).len() > 150);
    assert_eq!(faults(&css, REPORTERS), [""; 0]);
}

#[test]
fn a_machine_of_2022_misses_nothing_of_the_staffs_pages() {
    let css = sheet("staff.css");
    assert!(rules(&css).len() > 100);
    assert_eq!(faults(&css, STAFF), [""; 0]);
}

#[test]
fn what_is_newer_is_found() {
    for css in [
        ".a { position: fixed; inset: 0; }",
        ".a { display: flex; gap: 1rem; }",
        ".a { aspect-ratio: 1; }",
        ".a:is(.b, .c) { color: red; }",
        ".a:focus-visible { outline: 1px solid; }",
        ".a:has(> b) { color: red; }",
        ".a { width: clamp(1rem, 2vw, 3rem); }",
        ".a { width: min(15rem, 100%); }",
        ".a { margin-inline-start: 1rem; }",
        ".a { color: color-mix(in srgb, red, blue); }",
        "@layer a { .a { color: red; } }",
        ".a { .b { color: red; } }",
        ".a { & b { color: red; } color: red; }",
        ".a { min-height: 100dvh; }",
        "@media (width >= 40rem) { .a { color: red; } }",
        ".a { overflow-wrap: anywhere; }",
        ".a { overflow-wrap: anywhere; overflow-wrap: break-word; }",
        ".a { width: fit-content; }",
        ".a { colour: red; }",
    ] {
        assert_eq!(
            faults(css, REPORTERS).len(),
            1,
            "{css}: {:?}",
            faults(css, REPORTERS)
        );
    }
    for css in [
        ".a { overflow-wrap: break-word; overflow-wrap: anywhere; }",
        ".a { -webkit-margin-start: 1rem; margin-inline-start: 1rem; }",
        ".a { padding: 1rem; padding: calc(1rem + env(safe-area-inset-bottom, 0px)); }",
        "@supports selector(:has(*)) { .a:has(b) { color: red; } }",
        ".a { display: grid; gap: 1rem; content: \"clamp(a) { inset: 0 }\"; } /* inset: 0 */",
    ] {
        assert_eq!(faults(css, REPORTERS), [""; 0], "{css}");
    }
}
