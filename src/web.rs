//! The two listeners: reporters on one port, staff on the other. The only place that names actix and askama.
//!
//! Imports `domain`, `service` and `locale`. Nothing here reads the peer's address, a forwarding header or the user agent.
//! Every response, also one that actix or a panic made, leaves through [`headers`], which knows the exact header table.

pub mod access;
mod address;
mod asker;
pub mod body;
pub mod budget;
mod compress;
pub mod demonstration;
pub mod error;
pub mod error_page;
pub mod face;
pub mod flow;
pub mod frame;
pub mod headers;
pub mod health;
mod marks;
mod metrics;
pub mod negotiate;
mod origin;
pub mod page;
pub mod reporter;
pub mod routes;
pub mod said;
pub mod staff;
pub mod state;
pub mod statics;
mod traces;
mod urlencoded;

use std::net::TcpListener;
use std::time::Duration;

use actix_http::HttpService;
use actix_service::{ServiceFactoryExt as _, fn_service, map_config};
use actix_web::dev::{AppConfig, Server};
use actix_web::middleware::from_fn;
use actix_web::rt::net::TcpStream;
use actix_web::{App, web};

use access::Port;
use flow::Flow;
use state::State;

/// How long the head of a request may take to arrive.
const HEAD_TIME: Duration = Duration::from_secs(20);
/// How long an open connection without a request is kept: long enough for a slow page and its stylesheet.
const KEEP_ALIVE: Duration = Duration::from_secs(30);
/// How long requests in flight are waited for when the process stops.
const STOP_SECONDS: u64 = 5;

/// Bytes of an answer that the kernel takes ahead of its reader; it doubles the number.
const SEND_BUFFER: usize = 64 << 10;
/// Milliseconds after which the kernel gives a reader up who confirms nothing.
const GONE: u32 = 60_000;

/// How many a server takes in.
#[derive(Debug, Clone, Copy)]
pub struct Crowd {
    /// Threads that serve.
    pub threads: usize,
    /// Connections at once on all of them; further ones wait until one ends.
    pub connections: usize,
}

/// A server for one port on a socket that is already bound. The caller awaits it and stops it.
pub fn server(
    port: Port,
    state: State,
    listener: TcpListener,
    crowd: Crowd,
) -> std::io::Result<Server> {
    let patience = state.settings.patience;
    let state = web::Data::new(state);
    // Connections take these over. What is in the kernel's hands is held for the reader too.
    rustix::net::sockopt::set_socket_send_buffer_size(&listener, SEND_BUFFER)?;
    rustix::net::sockopt::set_tcp_user_timeout(&listener, GONE)?;
    // A thread more than connections would let one in too many.
    let threads = crowd.threads.min(crowd.connections).max(1);
    let builder = Server::build();
    let stopping = builder.graceful_shutdown_signal();
    let server = builder
        .workers(threads)
        .max_concurrent_connections(crowd.connections.div_euclid(threads).max(1))
        .shutdown_timeout(STOP_SECONDS)
        .disable_signals()
        .listen(port.name(), listener, move || {
            let app = App::new()
                .configure(routes::register(port, state.clone()))
                // The last one named runs first: headers see what compression made.
                .wrap(from_fn(compress::compress))
                .wrap(from_fn(headers::set))
                .wrap(from_fn(traces::clear));
            let app = map_config(app, |()| AppConfig::default());
            let stopping = stopping.clone();
            let http = HttpService::build()
                .graceful_shutdown_signal(move || {
                    let stopping = stopping.clone();
                    async move { stopping.notified().await }
                })
                .keep_alive(KEEP_ALIVE)
                .client_request_timeout(HEAD_TIME)
                .h1(app);
            // Whose connection it is stays here.
            fn_service(move |stream: TcpStream| {
                // An answer goes at once: without this its second packet waits some 40 ms for the other side to say that the first has come.
                // A stream that is gone already says so when it is read.
                drop(stream.set_nodelay(true));
                std::future::ready(Ok((Flow::new(stream, patience.portion), None)))
            })
            .and_then(http)
        })?;
    Ok(server.run())
}
