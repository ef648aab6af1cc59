//! The two listeners: reporters on one port, staff on the other. The only place that names actix and askama.
//!
//! Imports `domain`, `service` and `locale`. Nothing here reads the peer's address, a forwarding header or the user agent.
//! Every response, also one that actix or a panic made, leaves through [`headers`], which knows the exact header table.

mod address;
pub mod body;
pub mod error;
pub mod headers;
pub mod health;
pub mod negotiate;
mod origin;
pub mod page;
pub mod reporter;
pub mod routes;
pub mod staff;
pub mod state;
pub mod statics;

use std::net::TcpListener;
use std::time::Duration;

use actix_web::dev::Server;
use actix_web::middleware::{Compress, from_fn};
use actix_web::{App, HttpServer, web};

use routes::Port;
use state::State;

/// How long the head of a request may take to arrive.
const HEAD_TIME: Duration = Duration::from_secs(20);
/// How long an open connection without a request is kept: long enough for a slow page and its stylesheet.
const KEEP_ALIVE: Duration = Duration::from_secs(30);
/// How long requests in flight are waited for when the process stops.
const STOP_SECONDS: u64 = 30;
/// Connections at once on one worker thread.
const CONNECTIONS: usize = 2_000;

/// A server for one port on a socket that is already bound. The caller awaits it and stops it.
pub fn server(port: Port, state: State, listener: TcpListener) -> std::io::Result<Server> {
    let state = web::Data::new(state);
    let server = HttpServer::new(move || {
        App::new()
            .configure(routes::register(port, state.clone()))
            .wrap(from_fn(staff::pages))
            // The last one named runs first: headers see what compression made.
            .wrap(from_fn(headers::hold_back))
            .wrap(Compress::default())
            .wrap(from_fn(headers::set))
    })
    .client_request_timeout(HEAD_TIME)
    .keep_alive(KEEP_ALIVE)
    .max_connections(CONNECTIONS)
    .shutdown_timeout(STOP_SECONDS)
    .disable_signals()
    .listen(listener)?;
    Ok(server.run())
}
