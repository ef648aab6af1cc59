//! What a request leaves in the memory of the process that has answered it: nothing.
//!
//! The server keeps requests to use them again, with their headers, and each header holds the whole of what was read with it. A connection
//! that is kept open holds what was last read and written.

use actix_web::body::BoxBody;
use actix_web::dev::{ServiceRequest, ServiceResponse};
use actix_web::http::ConnectionType;
use actix_web::http::header::{self, HeaderMap, HeaderName, HeaderValue};
use actix_web::middleware::Next;

use super::marks::Compressible;
use super::statics::Immutable;
use crate::domain::stack;

/// The headers that anything here looks at. Those that tell who somebody is are not among them.
const READ: [HeaderName; 9] = [
    header::ACCEPT_ENCODING,
    header::ACCEPT_LANGUAGE,
    header::CONTENT_ENCODING,
    header::CONTENT_LENGTH,
    header::CONTENT_TYPE,
    header::HOST,
    header::ORIGIN,
    header::RANGE,
    super::origin::SITE,
];

/// Runs everything else, and clears up after it.
pub async fn clear(
    mut request: ServiceRequest,
    next: Next<BoxBody>,
) -> Result<ServiceResponse<BoxBody>, actix_web::Error> {
    let_go(&mut request);
    let mut answer = next.call(request).await;
    if let Ok(answer) = &mut answer
        && !is_everybody_s(answer)
    {
        let head = answer.response_mut().head_mut();
        head.set_connection_type(ConnectionType::Close);
    }
    stack::wipe();
    answer
}

/// Copies of the headers that are read, in the place of all of them. Cookies are read now, into what ends with the request.
fn let_go(request: &mut ServiceRequest) {
    // What is no cookie is missed by whoever looks for one.
    let _parsed = request.cookies().is_ok();
    let mut read = HeaderMap::with_capacity(READ.len());
    for name in READ {
        for value in request.headers().get_all(&name) {
            // Bytes that were a header are one again.
            if let Ok(copy) = HeaderValue::from_bytes(value.as_bytes()) {
                read.append(name.clone(), copy);
            }
        }
    }
    *request.headers_mut() = read;
}

/// Whether it is the same for everybody, and answers nothing that was typed.
fn is_everybody_s(answer: &ServiceResponse<BoxBody>) -> bool {
    let marks = answer.response().extensions();
    marks.contains::<Immutable>() || marks.contains::<Compressible>()
}
