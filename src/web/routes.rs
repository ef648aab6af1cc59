//! The routes as one table. It registers them, and the test that walks every route with every role reads it.
//!
//! A path that is not in the table leads to the page it was meant for (303) or is a page that says so (404); a method that is not in it is
//! one with `Allow` (405). A form that the browser says was sent from another site is not read on the reporters' port: it gets what `GET`
//! gives.

use std::collections::BTreeMap;
use std::sync::Arc;

use actix_web::guard;
use actix_web::http::header::{ALLOW, HeaderValue};
use actix_web::{HttpRequest, HttpResponse, web};

use super::access::{Gate, Port, Route, Verb};
use super::error::WebError;
use super::state::State;
use super::{address, health, metrics, origin, reporter, staff, statics};
use crate::locale::Locale;

/// Static files and health, the same on both ports.
macro_rules! shared {
    ($port:expr) => {
        [
            Route::open($port, Verb::Get, "/static/{name}", || {
                web::to(statics::file)
            }),
            Route::open($port, Verb::Get, "/favicon.ico", || web::to(statics::icon)),
            Route::open($port, Verb::Get, "/robots.txt", || web::to(statics::robots)),
            Route::open($port, Verb::Get, "/healthz", || web::to(health::alive)),
        ]
    };
}

const SHARED: &[Route] = &shared!(Port::Reporter);
const SHARED_STAFF: &[Route] = &shared!(Port::Staff);

/// A question whose answer is work is answered to this machine alone: no proxy and no onion service leads here.
const HEALTH: &[Route] = &[
    Route::open(Port::Health, Verb::Get, "/healthz", || {
        web::to(health::alive)
    }),
    Route::open(Port::Health, Verb::Get, "/readyz", || {
        web::to(health::ready)
    }),
    Route::open(Port::Health, Verb::Get, "/metrics", || {
        web::to(metrics::show)
    }),
];

/// Every route of every port.
pub fn all() -> impl Iterator<Item = &'static Route> {
    HEALTH
        .iter()
        .chain(SHARED)
        .chain(SHARED_STAFF)
        .chain(reporter::ROUTES)
        .chain(staff::ROUTES)
}

/// Registers the routes of one port, with the state they use and the answers to everything else.
pub fn register(port: Port, state: web::Data<State>) -> impl FnOnce(&mut web::ServiceConfig) {
    move |config| {
        let own = Arc::from(state.settings.public_origin.as_str());
        config.app_data(state).app_data(web::Data::new(port));
        let mut by_path: BTreeMap<&'static str, Vec<&'static Route>> = BTreeMap::new();
        for route in all().filter(|route| route.port == port) {
            by_path.entry(route.path).or_default().push(route);
        }
        for (path, routes) in by_path {
            config.service(resource(path, &routes, &own));
        }
        config.default_service(web::to(nothing_here));
    }
}

fn resource(path: &'static str, routes: &[&'static Route], own: &Arc<str>) -> actix_web::Resource {
    let allow = allowed(routes);
    let foreign = routes
        .iter()
        .filter(|route| (route.port, route.verb) == (Port::Reporter, Verb::Get))
        .map(|route| foreign_post(route, Arc::clone(own)));
    foreign
        .chain(routes.iter().map(|route| guarded(route)))
        .fold(web::resource(path), actix_web::Resource::route)
        .app_data(Gate::of(routes))
        .default_service(web::to(move || {
            let allow = allow.clone();
            async move { not_allowed(allow) }
        }))
}

fn guarded(route: &Route) -> actix_web::Route {
    let made = (route.handler)();
    match route.verb {
        Verb::Get => made.guard(guard::Any(guard::Get()).or(guard::Head())),
        Verb::Post => made.guard(guard::Post()),
    }
}

/// What another site sends in a reporter's name is not looked at: the ticket would be the other site's, and so could the words be.
fn foreign_post(get: &Route, own: Arc<str>) -> actix_web::Route {
    (get.handler)()
        .guard(guard::Post())
        .guard(guard::fn_guard(move |context| {
            origin::is_foreign(context.head().headers(), &own)
        }))
}

fn allowed(routes: &[&'static Route]) -> HeaderValue {
    let has = |verb| routes.iter().any(|route| route.verb == verb);
    HeaderValue::from_static(match (has(Verb::Get), has(Verb::Post)) {
        (true, true) => "GET, HEAD, POST",
        (true, false) => "GET, HEAD",
        (false, _) => "POST",
    })
}

/// The page itself comes from [`super::asker::Asker`].
fn not_allowed(allow: HeaderValue) -> HttpResponse {
    HttpResponse::MethodNotAllowed()
        .insert_header((ALLOW, allow))
        .finish()
}

async fn nothing_here(_request: HttpRequest) -> Result<HttpResponse, WebError> {
    Err(WebError::NotFound)
}

/// The page that was meant by a path that leads to none, if there is one. `language` is for a path without one.
pub fn meant(port: Port, path: &str, language: Locale) -> Option<String> {
    let patterns: Vec<&str> = all()
        .filter(|route| route.port == port && route.verb == Verb::Get)
        .map(|route| route.path)
        .collect();
    address::mended(path, &patterns, language)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::web::access::Access;
    use std::collections::BTreeSet;

    #[test]
    fn every_row_is_there_once() {
        let rows: Vec<_> = all()
            .map(|route| (format!("{:?}", route.port), route.path, route.verb))
            .collect();
        let distinct: BTreeSet<_> = rows.iter().collect();
        assert_eq!(rows.len(), distinct.len());
    }

    #[test]
    fn nothing_on_the_public_port_needs_an_account() {
        for route in all().filter(|route| route.port == Port::Reporter) {
            assert_eq!(route.access, Access::Anyone, "{}", route.path);
        }
    }
}
