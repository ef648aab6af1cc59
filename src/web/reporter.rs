//! The reporters' side: no script needed, no cookie, one unchanging address for the form and one for the messages.

mod code;
mod front;
mod keepsake;
mod kept;
mod left;
mod mailbox;
mod offers;
mod picture;
mod questions;
mod reading;
mod report;
mod review;
pub mod shown;
mod telling;
mod voice;

use actix_web::web;

use super::access::{Port, Route, Verb};

/// The rows of the table of routes.
pub const ROUTES: &[Route] = &[
    Route::open(Port::Reporter, Verb::Get, "/", || web::to(front::choose)),
    Route::open(Port::Reporter, Verb::Get, "/{lang}", || {
        web::to(front::complete)
    }),
    Route::open(Port::Reporter, Verb::Get, "/{lang}/", || {
        web::to(front::show)
    }),
    Route::open(Port::Reporter, Verb::Post, "/{lang}/", || {
        web::to(left::front)
    }),
    Route::open(Port::Reporter, Verb::Get, "/{lang}/help", || {
        web::to(front::help)
    }),
    Route::open(Port::Reporter, Verb::Post, "/{lang}/help", || {
        web::to(left::help)
    }),
    Route::open(Port::Reporter, Verb::Get, "/leave", || {
        web::to(front::leave)
    }),
    Route::open(Port::Reporter, Verb::Get, "/face/{name}", || {
        web::to(front::face)
    }),
    Route::open(
        Port::Reporter,
        Verb::Get,
        "/voice/{language}/{name}",
        || web::to(voice::play),
    ),
    Route::open(Port::Reporter, Verb::Get, "/{lang}/later", || {
        web::to(front::later)
    }),
    Route::open(Port::Reporter, Verb::Get, "/arrived", || {
        web::to(code::arrived)
    }),
    Route::open(Port::Reporter, Verb::Get, "/{lang}/report", || {
        web::to(report::show)
    }),
    Route::open(Port::Reporter, Verb::Post, "/{lang}/report", || {
        web::to(report::take)
    }),
    Route::open(Port::Reporter, Verb::Get, "/{lang}/mailbox", || {
        web::to(mailbox::show)
    }),
    Route::open(Port::Reporter, Verb::Post, "/{lang}/mailbox", || {
        web::to(mailbox::take)
    }),
];
