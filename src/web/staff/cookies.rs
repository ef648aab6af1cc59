//! The three cookies of the staff port: the session, the devices that are known, and the language.

use actix_web::HttpRequest;
use actix_web::cookie::{Cookie, SameSite, time::Duration};

use crate::locale::Locale;
use crate::service::DEVICE_DAYS;

/// How cookies are named and sent. Decided by the configuration of the listener, never by a header of the request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CookieStyle {
    /// Over TLS: `__Host-` names and `Secure`.
    Secure,
    /// Over plain HTTP on the loopback, for the demonstration alone: browsers would refuse the others.
    Loopback,
}

impl CookieStyle {
    const fn session_name(self) -> &'static str {
        match self {
            Self::Secure => "__Host-kapea",
            Self::Loopback => "kapea",
        }
    }

    const fn language_name(self) -> &'static str {
        match self {
            Self::Secure => "__Host-kapea-lang",
            Self::Loopback => "kapea-lang",
        }
    }

    const fn device_name(self) -> &'static str {
        match self {
            Self::Secure => "__Host-kapea-device",
            Self::Loopback => "kapea-device",
        }
    }

    /// The devices that a request shows, as the cookie has them.
    pub(super) fn device(self, request: &HttpRequest) -> Option<String> {
        request
            .cookie(self.device_name())
            .map(|cookie| cookie.value().to_owned())
    }

    /// The cookie by which a device is known after a sign-in. It opens nothing.
    pub(super) fn keep_device(self, value: &str) -> Cookie<'static> {
        let mut cookie = self.build(self.device_name(), value.to_owned());
        cookie.set_max_age(Duration::days(DEVICE_DAYS));
        cookie
    }

    /// The session cookie of a request.
    pub(super) fn session(self, request: &HttpRequest) -> Option<String> {
        request
            .cookie(self.session_name())
            .map(|cookie| cookie.value().to_owned())
            .filter(|value| !value.is_empty())
    }

    /// The cookie that starts a session. It ends with the browser; the server ends it sooner.
    pub(super) fn start_session(self, value: &str) -> Cookie<'static> {
        self.build(self.session_name(), value.to_owned())
    }

    /// The cookie that takes the session away.
    pub(super) fn end_session(self) -> Cookie<'static> {
        let mut cookie = self.build(self.session_name(), String::new());
        cookie.make_removal();
        cookie
    }

    /// The language that was chosen on these pages.
    pub(super) fn language(self, request: &HttpRequest) -> Option<Locale> {
        let kept: Locale = request.cookie(self.language_name())?.value().parse().ok()?;
        Some(kept).filter(|locale| locale.is_complete())
    }

    /// The cookie that keeps the chosen language for a year.
    pub(super) fn keep_language(self, locale: Locale) -> Cookie<'static> {
        let mut cookie = self.build(self.language_name(), locale.code().to_owned());
        cookie.set_max_age(Duration::days(365));
        cookie
    }

    fn build(self, name: &'static str, value: String) -> Cookie<'static> {
        Cookie::build(name, value)
            .path("/")
            .http_only(true)
            .same_site(SameSite::Strict)
            .secure(self == Self::Secure)
            .finish()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn g4_cookies_are_host_bound_strict_and_out_of_reach_of_scripts() {
        assert_eq!(
            CookieStyle::Secure.start_session("abc").to_string(),
            "__Host-kapea=abc; HttpOnly; SameSite=Strict; Secure; Path=/"
        );
        assert_eq!(
            CookieStyle::Loopback.start_session("abc").to_string(),
            "kapea=abc; HttpOnly; SameSite=Strict; Path=/"
        );
    }
}
