//! The header table: the same on every response of a port, whatever made it.

use std::panic::AssertUnwindSafe;

use actix_web::body::{BoxBody, MessageBody};
use actix_web::dev::{ServiceRequest, ServiceResponse};
use actix_web::error::InternalError;
use actix_web::http::header::{self, HeaderMap, HeaderName, HeaderValue};
use actix_web::http::{ConnectionType, StatusCode};
use actix_web::middleware::Next;
use actix_web::{Error, HttpResponse};
use futures_util::FutureExt;

use super::access::Port;
use super::asker::Asker;
use super::marks::Framing;
use super::statics::Immutable;

/// Nothing but our own files, no frames, no base, forms only to ourselves.
pub const CONTENT_SECURITY_POLICY: &str = "default-src 'none'; style-src 'self'; img-src 'self'; font-src 'self'; \
     media-src 'self'; script-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'";

/// Staff pages have one script of our own, for keys and numbers, which asks nobody but us.
pub const STAFF_CONTENT_SECURITY_POLICY: &str = "default-src 'none'; style-src 'self'; img-src 'self'; font-src 'self'; \
     script-src 'self'; connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'";

/// The same for a page that holds others of ours in frames.
const HOLDING_POLICY: &str = "default-src 'none'; style-src 'self'; img-src 'self'; font-src 'self'; \
     form-action 'self'; base-uri 'none'; frame-ancestors 'none'; frame-src 'self'";

/// And for those in the frames: nothing is sent from them.
const HELD_POLICY: &str = "default-src 'none'; style-src 'self'; img-src 'self'; font-src 'self'; \
     form-action 'none'; base-uri 'none'; frame-ancestors 'self'; sandbox allow-same-origin";

/// Every feature a browser can lend to a page, lent to nobody.
pub const PERMISSIONS_POLICY: &str = "accelerometer=(), autoplay=(), browsing-topics=(), \
     camera=(), clipboard-read=(), clipboard-write=(), display-capture=(), encrypted-media=(), \
     fullscreen=(), gamepad=(), geolocation=(), gyroscope=(), hid=(), identity-credentials-get=(), \
     idle-detection=(), keyboard-map=(), local-fonts=(), magnetometer=(), microphone=(), midi=(), \
     otp-credentials=(), payment=(), picture-in-picture=(), publickey-credentials-create=(), \
     publickey-credentials-get=(), screen-wake-lock=(), serial=(), storage-access=(), usb=(), \
     window-management=(), xr-spatial-tracking=()";

/// Headers of every response, for both ports.
pub const ALWAYS: [(HeaderName, &str); 6] = [
    (header::REFERRER_POLICY, REFERRER_POLICY),
    (header::CONTENT_SECURITY_POLICY, CONTENT_SECURITY_POLICY),
    (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
    (header::CROSS_ORIGIN_OPENER_POLICY, "same-origin"),
    (header::CROSS_ORIGIN_RESOURCE_POLICY, "same-origin"),
    (header::PERMISSIONS_POLICY, PERMISSIONS_POLICY),
];

/// Other sites learn nothing of where somebody came from. Not `no-referrer`: under it browsers send `Origin: null` with a form, and our own
/// forms could not be told from others.
pub const REFERRER_POLICY: &str = "same-origin";

/// `None` if it panicked. Nothing half done is left: everything durable is one transaction elsewhere.
async fn caught<T>(call: impl Future<Output = T>) -> Option<T> {
    AssertUnwindSafe(call).catch_unwind().await.ok()
}

/// Runs everything else, and sets the table on what comes out.
pub async fn set<B>(
    request: ServiceRequest,
    next: Next<B>,
) -> Result<ServiceResponse<BoxBody>, Error>
where
    B: MessageBody + 'static,
{
    let asker = Asker::of(&request);
    let port = asker.port();
    match caught(next.call(request)).await {
        Some(Ok(response)) => {
            let (request, response) = response.map_into_boxed_body().into_parts();
            let response = asker.weighed(asker.answered(&request, response));
            Ok(ServiceResponse::new(request, table(port, response)))
        }
        Some(Err(error)) => {
            let status = error.as_response_error().status_code();
            Err(InternalError::from_response("", last(table(port, asker.page(status)))).into())
        }
        None => {
            let page = asker.page(StatusCode::INTERNAL_SERVER_ERROR);
            Err(InternalError::from_response("", last(table(port, page))).into())
        }
    }
}

/// The connection ends with it: it holds what was typed before something broke.
fn last(mut response: HttpResponse) -> HttpResponse {
    let head = response.head_mut();
    head.set_connection_type(ConnectionType::Close);
    response
}

fn table(port: Port, mut response: HttpResponse) -> HttpResponse {
    let immutable = response.extensions().contains::<Immutable>();
    let framing = response.extensions().get::<Framing>().copied();
    fill(port, response.headers_mut());
    if let Some(framing) = framing.filter(|_| port == Port::Staff) {
        let policy = HeaderValue::from_static(match framing {
            Framing::Holds => HOLDING_POLICY,
            Framing::Held => HELD_POLICY,
        });
        let headers = response.headers_mut();
        headers.insert(header::CONTENT_SECURITY_POLICY, policy);
    }
    hold(immutable, response.headers_mut());
    response
}

/// What we have not compressed is to be compressed by nobody on the way: its length is padded, or it holds a secret, or it is not worth it.
/// nginx leaves alone what names an encoding, and others what says `no-transform`.
fn hold(immutable: bool, headers: &mut HeaderMap) {
    let cache = if immutable {
        "public, max-age=31536000, immutable"
    } else {
        "no-store, no-transform"
    };
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static(cache));
    if !headers.contains_key(header::CONTENT_ENCODING) {
        headers.insert(
            header::CONTENT_ENCODING,
            HeaderValue::from_static("identity"),
        );
    }
}

fn fill(port: Port, headers: &mut HeaderMap) {
    for (name, value) in ALWAYS {
        headers.insert(name, HeaderValue::from_static(value));
    }
    if port == Port::Staff {
        headers.insert(
            header::CONTENT_SECURITY_POLICY,
            HeaderValue::from_static(STAFF_CONTENT_SECURITY_POLICY),
        );
    }
    headers.remove(header::SERVER);
    headers.remove(header::ETAG);
    headers.remove(header::LAST_MODIFIED);
    if port == Port::Reporter {
        headers.remove(header::SET_COOKIE);
    }
}
