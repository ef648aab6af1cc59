//! Which language to start in, from what the browser asks for.

use super::Locale;

/// The best match for an `Accept-Language` header among the languages that are offered, or `default` when it names none of the languages or makes no sense.
///
/// Quality values count; of equals the first wins; a part that cannot be read is passed over.
pub fn negotiate(
    accept_language: Option<&str>,
    offered: fn(Locale) -> bool,
    default: Locale,
) -> Locale {
    let mut best: Option<(u16, Locale)> = None;
    let parts = accept_language.unwrap_or_default().split(',').take(32);
    for (quality, locale) in parts.filter_map(|part| preference(part, offered, default)) {
        if quality > 0 && best.is_none_or(|(so_far, _)| quality > so_far) {
            best = Some((quality, locale));
        }
    }
    best.map_or(default, |(_, locale)| locale)
}

fn preference(part: &str, offered: fn(Locale) -> bool, default: Locale) -> Option<(u16, Locale)> {
    let mut pieces = part.split(';');
    let tag = pieces.next()?.trim();
    let primary = tag.split(['-', '_']).next()?;
    let locale = if primary == "*" {
        default
    } else {
        let meant = Locale::meant(tag).or_else(|| Locale::meant(primary))?;
        Some(meant).filter(|locale| offered(*locale))?
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
    fn asks(header: &str, expected: &str) {
        let found = negotiate(Some(header), |_| true, "km".parse().unwrap());
        assert_eq!(found.code(), expected, "{header:?}");
    }

    #[test]
    fn the_highest_quality_wins() {
        asks("km-KH,km;q=0.9,en;q=0.8", "km");
        asks("en-US,en;q=0.9,km;q=0.8", "en");
        asks("km;q=0.2, en;q=0.7", "en");
        asks("fr, en ; q=0.3", "en");
        asks("EN", "en");
        asks("en;q=0, *", "km");
        asks("zh-CN,zh;q=0.9,en;q=0.8", "zh-Hans");
        asks("th-TH", "th");
        asks("fr, *;q=0.1", "km");
    }

    #[test]
    fn what_is_not_offered_is_passed_over() {
        let [en, km] = ["en", "km"].map(|code| code.parse().unwrap());
        let found = negotiate(Some("vi,en;q=0.5"), Locale::is_complete, km);
        assert_eq!(found, en);
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
            asks(header, "km");
        }
        let en = "en".parse().unwrap();
        assert_eq!(negotiate(None, |_| true, en), en);
    }
}
