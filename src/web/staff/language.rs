//! Choosing the language of the pages.

use actix_web::HttpResponse;

use super::frame::Answer;
use super::problem::redirect;
use super::request::StaffRequest;
use crate::locale::Locale;

/// `POST /language`
pub async fn choose(visit: StaffRequest) -> Answer {
    let to = visit.fields.get("to");
    let mut response = redirect(if is_own_path(to) { to } else { "/" });
    if let Ok(locale) = visit.fields.get("lang").parse() {
        keep(&visit, locale, &mut response);
    }
    Ok(response)
}

/// Has the browser remember the language.
pub(super) fn keep(visit: &StaffRequest, locale: Locale, response: &mut HttpResponse) {
    let cookie = visit.place().cookies().keep_language(locale);
    if response.add_cookie(&cookie).is_err() {
        tracing::error!("the language cookie could not be set");
    }
}

/// A path on this server, and nothing that a browser could read as another one.
fn is_own_path(path: &str) -> bool {
    path.starts_with('/')
        && !path.starts_with("//")
        && path
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || b"/-_.".contains(&byte))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_own_paths_are_followed() {
        assert!(is_own_path("/reports/00ff"));
        for path in [
            "",
            "//evil.example",
            "https://evil.example",
            "/\\evil.example",
            "/a\r\nb",
            "/a?b",
        ] {
            assert!(!is_own_path(path), "{path}");
        }
    }
}
