//! Addresses as posters, chats and keyboards leave them: with a full stop or a bracket behind, in capitals, with a stroke too many,
//! without the language. They lead to the page that was meant.

use percent_encoding::percent_decode_str;

use crate::locale::Locale;

/// The longest address that is looked at, in bytes.
const LONGEST: usize = 200;

/// The address of the page that was meant, if it is one of `patterns` and not the address itself. `language` is for an address without one.
pub(super) fn mended(path: &str, patterns: &[&str], language: Locale) -> Option<String> {
    if path.len() > LONGEST {
        return None;
    }
    let decoded = percent_decode_str(path).decode_utf8().ok()?;
    if decoded.contains(char::is_control) {
        return None;
    }
    let parts: Vec<&str> = decoded
        .split('/')
        .map(|part| part.trim_matches(is_stray))
        .filter(|part| !part.is_empty())
        .collect();
    if parts.is_empty() {
        return None;
    }
    let find = |parts: &[&str]| {
        let fitting = patterns.iter().filter_map(|pattern| fitted(pattern, parts));
        // `/en/` rather than `/en`, which only leads there.
        fitting.max_by_key(String::len)
    };
    let found = find(&parts).or_else(|| {
        let code = language.code();
        find(&std::iter::once(code).chain(parts).collect::<Vec<_>>())
    });
    found.filter(|found| found != path)
}

/// No page's name and no token begins or ends with it.
fn is_stray(character: char) -> bool {
    !(character.is_ascii_alphanumeric() || matches!(character, '-' | '_'))
}

/// The address of `pattern` with these parts.
fn fitted(pattern: &str, parts: &[&str]) -> Option<String> {
    let names: Vec<&str> = pattern.split('/').filter(|name| !name.is_empty()).collect();
    if names.len() != parts.len() {
        return None;
    }
    let mut address = String::with_capacity(LONGEST);
    for (name, part) in names.iter().zip(parts) {
        address.push('/');
        match *name {
            "{lang}" => address.push_str(language(part)?.code()),
            name if name.starts_with('{') => {
                address.push_str(part.split(is_stray).next().filter(|whole| whole == part)?);
            }
            name if name.eq_ignore_ascii_case(part) => address.push_str(name),
            _ => return None,
        }
    }
    if pattern.ends_with('/') {
        address.push('/');
    }
    Some(address)
}

/// A language as people write it: the country is often taken for the language.
fn language(part: &str) -> Option<Locale> {
    Locale::meant(part)
}

#[cfg(test)]
mod tests {
    use super::*;

    const PATTERNS: [&str; 6] = [
        "/",
        "/{lang}/",
        "/{lang}/help",
        "/{lang}/report",
        "/join/{token}",
        "/robots.txt",
    ];

    fn led(path: &str) -> Option<String> {
        mended(path, &PATTERNS, "km".parse().unwrap())
    }

    #[test]
    fn what_posters_and_chats_make_of_an_address_leads_to_its_page() {
        for path in [
            "/km/report/",
            "/KM/Report",
            "/km/report.",
            "/km/report),",
            "//km//report//",
            "/km/report%29",
            "/km/report%20",
            "/(km/report)",
            "/km/report%E1%9F%94",
            "/km/report%E2%80%8B",
            "/kh/report",
            "/report",
            "/REPORT/",
            "/km/report/%22",
        ] {
            assert_eq!(led(path).as_deref(), Some("/km/report"), "{path}");
        }
        for (path, page) in [
            ("/EN", "/en/"),
            ("/zh-hans/help", "/zh-Hans/help"),
            ("/vn", "/vi/"),
            ("/en/.", "/en/"),
            ("/en/HELP!", "/en/help"),
            ("/join/aB-c_9.", "/join/aB-c_9"),
            ("/JOIN/aB-c_9/", "/join/aB-c_9"),
        ] {
            assert_eq!(led(path).as_deref(), Some(page), "{path}");
        }
    }

    #[test]
    fn what_was_not_meant_for_a_page_leads_nowhere() {
        for path in [
            "/km/report",
            "/en/",
            "/",
            "/km/reports",
            "/fr/report",
            "/km/report/more",
            "/.",
            "/..%5c..%5c",
            "/en/%00",
            "/en/%FF",
            "/wp-login.php",
            "/join/a%20b",
            "/join/a%2Fevil.example",
        ] {
            assert_eq!(led(path), None, "{path}");
        }
        assert_eq!(led(&format!("/km/{}report", "/".repeat(300))), None);
    }

    proptest::proptest! {
        #[test]
        fn every_address_leads_to_a_page_of_ours_or_nowhere(path in "[/a-zA-Z.%{}0-9:\\\\]{0,30}") {
            if let Some(found) = led(&path) {
                assert!(found.starts_with('/') && !found.starts_with("//"), "{found}");
                assert_eq!(led(&found), None, "{found}");
            }
        }
    }
}
