//! Choosing the language of the pages.

use actix_web::HttpResponse;
use serde::Deserialize;

use super::request::StaffRequest;
use super::typed::Choice;
use crate::locale::Locale;
use crate::web::staff::answer::{Answer, redirect};

/// Which language, and on which page.
#[derive(Default, Deserialize)]
#[serde(default)]
pub(super) struct LanguageForm<'a> {
    to: &'a str,
    pub(super) lang: Choice<Locale>,
}

/// `POST /language`
pub async fn choose(visit: StaffRequest) -> Answer {
    let LanguageForm { to, lang } = visit.form()?;
    let mut response = redirect(if is_own_path(to) { to } else { "/" });
    if let Some(locale) = lang.made() {
        keep(&visit, locale, &mut response);
    }
    Ok(response)
}

/// Has the browser remember the language.
pub(super) fn keep(visit: &StaffRequest, locale: Locale, response: &mut HttpResponse) {
    let cookie = visit.place().cookies().keep_language(locale);
    if response.add_cookie(&cookie).is_err() {
        tracing::error!(
            event = "page-failing",
            "the language cookie could not be set"
        );
    }
}

/// A path on this server, and nothing that a browser could read as another one.
fn is_own_path(path: &str) -> bool {
    path.starts_with('/')
        && !path.starts_with("//")
        && path
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || b"/-_.?&=%".contains(&byte))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_own_paths_are_followed() {
        assert!(is_own_path("/reports/00ff"));
        assert!(is_own_path("/queue?view=mine&after=a-_b"));
        for path in [
            "",
            "//evil.example",
            "https://evil.example",
            "/\\evil.example",
            "/a\r\nb",
        ] {
            assert!(!is_own_path(path), "{path}");
        }
    }
}
