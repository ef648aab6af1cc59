//! What those who send an answer must know of it, left with it by those who made it.

use actix_web::HttpResponse;
use actix_web::body::BoxBody;
use zeroize::Zeroizing;

/// Marks a response whose body is what is meant to be sent, also where the status is an error.
#[derive(Debug, Clone, Copy)]
pub struct Final;

/// Marks a response that may be compressed. Never one that holds a secret together with anything a stranger can choose:
/// the compressed length would give it away. So: static files, and pages asked for by `GET` that echo nothing.
#[derive(Debug, Clone, Default)]
pub struct Compressible {
    /// What is new each time, such as a ticket. It is sent as it is, between what was compressed once.
    pub apart: Option<String>,
}

/// What somebody typed and is not saved, on its way to the page that gives it back.
pub type Words = Zeroizing<String>;

/// Left with a request: what was typed, for the page that says why it was not taken.
#[derive(Clone)]
pub struct Typed(pub Words);

/// Left with a request whose body nobody read.
pub struct Unread;

/// Marks a page of the staff's that holds others of ours in frames, and one of those: it can send nothing, wherever it is opened.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Framing {
    /// Holds others.
    Holds,
    /// Is held.
    Held,
}

/// See [`Framing`].
pub fn mark_framing(response: &mut HttpResponse<BoxBody>, framing: Framing) {
    response.extensions_mut().insert(framing);
}

/// See [`Final`].
pub fn mark_final(response: &mut HttpResponse<BoxBody>) {
    response.extensions_mut().insert(Final);
}

/// See [`Compressible`].
pub fn mark_compressible(response: &mut HttpResponse<BoxBody>, how: Compressible) {
    response.extensions_mut().insert(how);
}
