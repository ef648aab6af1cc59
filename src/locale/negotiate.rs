//! Which language to start in, from what the browser asks for.

use super::Locale;

/// The best match for an `Accept-Language` header, or `default` when it names neither language or makes no sense.
///
/// Quality values count; of equals the first wins; a part that cannot be read is passed over.
pub fn negotiate(accept_language: Option<&str>, default: Locale) -> Locale {
    let mut best: Option<(u16, Locale)> = None;
    let parts = accept_language.unwrap_or_default().split(',').take(32);
    for (quality, locale) in parts.filter_map(|part| preference(part, default)) {
        if quality > 0 && best.is_none_or(|(so_far, _)| quality > so_far) {
            best = Some((quality, locale));
        }
    }
    best.map_or(default, |(_, locale)| locale)
}

fn preference(part: &str, default: Locale) -> Option<(u16, Locale)> {
    let mut pieces = part.split(';');
    let tag = pieces.next()?.trim();
    let primary = tag.split(['-', '_']).next()?;
    let locale = if primary == "*" {
        default
    } else {
        primary.to_ascii_lowercase().parse().ok()?
    };
    let quality = match pieces.find_map(|piece| piece.trim().strip_prefix("q=")) {
        Some(text) => thousandths(text.trim())?,
        None => 1000,
    };
    Some((quality, locale))
}

/// `0.85` as 850. At most three decimals, nothing above one.
fn thousandths(text: &str) -> Option<u16> {
    let (whole, fraction) = text.split_once('.').unwrap_or((text, ""));
    if fraction.len() > 3 || !fraction.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    let fraction: u16 = format!("{fraction:0<3}").parse().ok()?;
    match whole {
        "0" => Some(fraction),
        "1" if fraction == 0 => Some(1000),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn asks(header: &str, expected: Locale) {
        assert_eq!(negotiate(Some(header), Locale::Km), expected, "{header:?}");
    }

    #[test]
    fn the_highest_quality_wins() {
        asks("km-KH,km;q=0.9,en;q=0.8", Locale::Km);
        asks("en-US,en;q=0.9,km;q=0.8", Locale::En);
        asks("km;q=0.2, en;q=0.7", Locale::En);
        asks("fr, en ; q=0.3", Locale::En);
        asks("EN", Locale::En);
        asks("en;q=0, *", Locale::Km);
        asks("fr, *;q=0.1", Locale::Km);
    }

    #[test]
    fn nonsense_falls_back() {
        for header in [
            "",
            ";;;,,,",
            "en;q=",
            "en;q=2",
            "en;q=0.12345",
            "q=1",
            "\u{17e1}",
            "fr,de;q=0.5",
            "en;q=-1",
        ] {
            asks(header, Locale::Km);
        }
        assert_eq!(negotiate(None, Locale::En), Locale::En);
    }
}
