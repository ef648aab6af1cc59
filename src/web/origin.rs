//! Whether a request that changes something came from one of our own pages, as far as the browser says.

use actix_web::http::header::{self, HeaderMap, HeaderName};

/// Where the browser says that a form was sent from.
pub(super) const SITE: HeaderName = HeaderName::from_static("sec-fetch-site");

/// Whether the browser says that a form was sent from somebody else's page. For the reporters' side, where no token in the form can tell:
/// anybody can have a ticket.
///
/// `Sec-Fetch-Site` decides alone where it is there: a proxy may have changed `Host`, and nobody's words may be lost over that. Browsers
/// without it (before 2020; Safari before 16.4) send an `Origin`, which must name `own` or the host that was asked. Where both are absent
/// nothing can be told, and the form is taken.
pub(super) fn is_foreign(headers: &HeaderMap, own: &str) -> bool {
    let mut sites = headers.get_all(SITE).peekable();
    if sites.peek().is_some() {
        return !sites.all(|value| is_own_site(value.as_bytes()));
    }
    let own = authority(own.as_bytes());
    !headers.get_all(header::ORIGIN).all(|origin| {
        let named = authority(origin.as_bytes());
        named.is_some() && (same(named, own) || same(named, host(headers)))
    })
}

/// Refuses what a browser marks as coming from elsewhere.
///
/// `Sec-Fetch-Site` may be `same-origin`, or `none` for what the user started; `Origin` must name the host that was asked.
/// Both may be absent in old browsers and in programs: then the token in the form decides alone.
pub(super) fn is_ours(headers: &HeaderMap) -> bool {
    let same_site = headers
        .get_all(SITE)
        .all(|value| is_own_site(value.as_bytes()));
    let same_origin = headers
        .get_all(header::ORIGIN)
        .all(|origin| same(authority(origin.as_bytes()), host(headers)));
    same_site && same_origin
}

/// `none` is what the user started.
fn is_own_site(value: &[u8]) -> bool {
    matches!(value, b"same-origin" | b"none")
}

fn host(headers: &HeaderMap) -> Option<&[u8]> {
    headers.get(header::HOST).map(|host| host.as_bytes())
}

fn same(one: Option<&[u8]>, other: Option<&[u8]>) -> bool {
    one.zip(other)
        .is_some_and(|(one, other)| one.eq_ignore_ascii_case(other))
}

/// `host:port` of an origin. `null` and everything that is not http has none.
fn authority(origin: &[u8]) -> Option<&[u8]> {
    origin
        .strip_prefix(b"https://")
        .or_else(|| origin.strip_prefix(b"http://"))
}

#[cfg(test)]
mod tests {
    use actix_web::test::TestRequest;

    use super::*;

    fn judged(headers: &[(&'static str, &'static str)]) -> bool {
        let request = headers.iter().fold(
            TestRequest::post().insert_header(("Host", "staff.example:8081")),
            |request, header| request.append_header(*header),
        );
        is_ours(request.to_http_request().headers())
    }

    #[test]
    fn g4_our_own_pages_and_silent_browsers_may_post() {
        assert!(judged(&[]));
        assert!(judged(&[
            ("Sec-Fetch-Site", "same-origin"),
            ("Origin", "https://staff.example:8081")
        ]));
        assert!(judged(&[("Origin", "https://STAFF.example:8081")]));
        assert!(judged(&[("Sec-Fetch-Site", "none")]));
    }

    #[test]
    fn a_reporters_form_is_taken_unless_the_browser_says_that_it_is_foreign() {
        let foreign = |headers: &[(&'static str, &'static str)]| {
            let request = headers.iter().fold(
                TestRequest::post().insert_header(("Host", "127.0.0.1:8080")),
                |request, header| request.append_header(*header),
            );
            is_foreign(
                request.to_http_request().headers(),
                "https://report.example",
            )
        };
        for own in [
            vec![],
            vec![("Sec-Fetch-Site", "same-origin")],
            vec![("Sec-Fetch-Site", "none")],
            // Behind a proxy that puts a host of its own.
            vec![
                ("Sec-Fetch-Site", "same-origin"),
                ("Origin", "https://other.example"),
            ],
            vec![("Sec-Fetch-Site", "same-origin"), ("Origin", "null")],
            vec![("Origin", "https://Report.example")],
            vec![("Origin", "http://127.0.0.1:8080")],
        ] {
            assert!(!foreign(&own), "{own:?}");
        }
        for other in [
            vec![("Sec-Fetch-Site", "cross-site")],
            vec![("Sec-Fetch-Site", "same-site")],
            vec![("Sec-Fetch-Site", "")],
            vec![
                ("Sec-Fetch-Site", "same-origin"),
                ("Sec-Fetch-Site", "cross-site"),
            ],
            vec![("Origin", "null")],
            vec![("Origin", "")],
            vec![("Origin", "https://report.example.evil.example")],
            vec![("Origin", "https://report.example:444")],
            vec![
                ("Origin", "https://report.example"),
                ("Origin", "https://evil.example"),
            ],
        ] {
            assert!(foreign(&other), "{other:?}");
        }
    }

    #[test]
    fn g4_other_sites_may_not() {
        for headers in [
            vec![("Sec-Fetch-Site", "cross-site")],
            vec![("Sec-Fetch-Site", "same-site")],
            vec![
                ("Sec-Fetch-Site", "same-origin"),
                ("Sec-Fetch-Site", "cross-site"),
            ],
            vec![("Origin", "null")],
            vec![("Origin", "https://staff.example")],
            vec![("Origin", "https://staff.example:8081.evil.example")],
            vec![
                ("Origin", "https://staff.example:8081"),
                ("Origin", "https://evil.example"),
            ],
            vec![
                ("Sec-Fetch-Site", "same-origin"),
                ("Origin", "https://evil.example"),
            ],
        ] {
            assert!(!judged(&headers), "{headers:?}");
        }
    }
}
