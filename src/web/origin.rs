//! Whether a request that changes something came from one of our own pages, as far as the browser says.

use actix_web::HttpRequest;
use actix_web::http::header::{self, HeaderName};

/// Refuses what a browser marks as coming from elsewhere.
///
/// `Sec-Fetch-Site` may be `same-origin`, or `none` for what the user started; `Origin` must name the host that was asked.
/// Both may be absent in old browsers and in programs: then the token in the form decides alone.
pub(super) fn is_ours(request: &HttpRequest) -> bool {
    let site = HeaderName::from_static("sec-fetch-site");
    let same_site = request
        .headers()
        .get_all(site)
        .all(|value| matches!(value.as_bytes(), b"same-origin" | b"none"));
    let host = request
        .headers()
        .get(header::HOST)
        .map(|host| host.as_bytes());
    let same_origin = request.headers().get_all(header::ORIGIN).all(|origin| {
        authority(origin.as_bytes())
            .is_some_and(|named| host.is_some_and(|host| named.eq_ignore_ascii_case(host)))
    });
    same_site && same_origin
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
        is_ours(&request.to_http_request())
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
