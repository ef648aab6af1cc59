//! Pages of the staff port: signing in, the queue, one report, and what custodians, administrators and auditors do.
//!
//! Every handler takes a [`request::StaffRequest`], which exists only for a caller who is signed in, has the role that the route
//! table asks for, and — when the request changes something — came from one of our own pages. Only signing in and joining
//! do without. No page here has or needs a script.

mod account;
mod admission;
mod alarms;
mod answer;
mod audit;
mod authenticator;
mod charters;
mod cookies;
mod demo;
mod display;
mod done;
mod fields;
mod forgotten;
mod form;
mod join;
mod keys;
mod language;
mod login;
mod mail;
mod own_change;
mod people;
mod qr;
mod queue;
mod recovery;
mod renewal;
mod report;
mod request;
mod request_context;
mod reset;
mod sheet;
mod start;
mod status;
mod team;
mod team_recovery;
mod teams;
mod told;
mod typed;
pub(crate) mod words;

use actix_web::web;

use super::access::{Access, Port, Route, Verb};
use crate::domain::staff::Role;

pub use request::{PublicRequest, StaffRequest};
pub use request_context::{end_session, language, page_path};

const CASEWORKER: Access = Access::Roles(&[Role::Caseworker]);
/// Auditors are a team too: of the key that opens the audit log.
const MEMBER: Access = Access::Roles(&[Role::Caseworker, Role::Auditor]);
/// Whoever renews a key of their own: a custodian's is pinned in the configuration file, and the account's page says so.
const UNPINNED: Access = Access::Roles(&[Role::Caseworker, Role::Auditor, Role::Administrator]);
const CUSTODIAN: Access = Access::Roles(&[Role::Custodian]);
const ADMINISTRATOR: Access = Access::Roles(&[Role::Administrator]);
const RECOVERY: Access = Access::Roles(&[Role::Custodian, Role::Administrator]);
/// Leads among the caseworkers; the others are told that there is no such page.
const ALARMS: Access = Access::Roles(&[Role::Caseworker, Role::Custodian, Role::Auditor]);
const WATCHERS: Access = Access::Roles(&[Role::Custodian, Role::Auditor]);
const AUDITOR: Access = Access::Roles(&[Role::Auditor]);
const TRAIL: Access = Access::Roles(&[Role::Administrator, Role::Auditor]);

const fn get(path: &'static str, access: Access, handler: fn() -> actix_web::Route) -> Route {
    Route {
        port: Port::Staff,
        verb: Verb::Get,
        path,
        access,
        handler,
    }
}

const fn post(path: &'static str, access: Access, handler: fn() -> actix_web::Route) -> Route {
    Route {
        port: Port::Staff,
        verb: Verb::Post,
        path,
        access,
        handler,
    }
}

/// The routes of the staff port.
pub const ROUTES: &[Route] = &[
    get("/", Access::SignedIn, || web::to(start::start)),
    get("/login", Access::Anyone, || web::to(login::form)),
    post("/login", Access::Anyone, || web::to(login::submit)),
    post("/logout", Access::SignedIn, || web::to(login::out)),
    get("/join/{token}", Access::Anyone, || web::to(join::form)),
    post("/join/{token}", Access::Anyone, || web::to(join::submit)),
    get("/forgotten", Access::Anyone, || web::to(forgotten::form)),
    post("/forgotten", Access::Anyone, || web::to(forgotten::submit)),
    get("/authenticator", Access::Anyone, || {
        web::to(authenticator::form)
    }),
    post("/authenticator", Access::Anyone, || {
        web::to(authenticator::submit)
    }),
    post("/language", Access::SignedIn, || web::to(language::choose)),
    get("/account", Access::SignedIn, || web::to(account::form)),
    post("/account/passphrase", Access::SignedIn, || {
        web::to(account::passphrase)
    }),
    get("/account/recovery", Access::SignedIn, || {
        web::to(own_change::recovery_code)
    }),
    post("/account/recovery", Access::SignedIn, || {
        web::to(own_change::set_recovery_code)
    }),
    get("/account/renew", UNPINNED, || web::to(own_change::key)),
    post("/account/renew", UNPINNED, || {
        web::to(own_change::renew_key)
    }),
    get("/queue", CASEWORKER, || web::to(queue::show)),
    get("/reports/{id}", CASEWORKER, || web::to(report::show)),
    post("/reports/{id}/keep", CASEWORKER, || web::to(report::keep)),
    post("/reports/{id}/claim", CASEWORKER, || web::to(report::claim)),
    post("/reports/{id}/release", CASEWORKER, || {
        web::to(report::release)
    }),
    post("/reports/{id}/urgency", CASEWORKER, || {
        web::to(report::urgency)
    }),
    post("/reports/{id}/note", CASEWORKER, || web::to(report::note)),
    post("/reports/{id}/message", CASEWORKER, || {
        web::to(report::message)
    }),
    post("/reports/{id}/ask", CASEWORKER, || web::to(report::ask)),
    post("/reports/{id}/act", CASEWORKER, || web::to(report::act)),
    post("/reports/{id}/assign", CASEWORKER, || {
        web::to(report::access::assign)
    }),
    post("/reports/{id}/share", CASEWORKER, || {
        web::to(report::access::share)
    }),
    post("/reports/{id}/move", CASEWORKER, || {
        web::to(report::access::hand_over)
    }),
    post("/reports/{id}/restrict", CASEWORKER, || {
        web::to(report::access::restrict)
    }),
    post("/reports/{id}/propose", CASEWORKER, || {
        web::to(report::decide::propose)
    }),
    post("/reports/{id}/approve", CASEWORKER, || {
        web::to(report::decide::approve)
    }),
    post("/reports/{id}/refuse", CASEWORKER, || {
        web::to(report::decide::refuse)
    }),
    post("/reports/{id}/export", CASEWORKER, || {
        web::to(report::decide::export)
    }),
    post("/reports/{id}/retain", CASEWORKER, || {
        web::to(report::decide::retain)
    }),
    post("/reports/{id}/hold", CASEWORKER, || {
        web::to(report::decide::hold)
    }),
    get("/team", MEMBER, || web::to(team::show)),
    post("/team/admit", MEMBER, || web::to(admission::approve)),
    post("/team/let-in", MEMBER, || web::to(admission::let_in)),
    post("/team/lead", CASEWORKER, || web::to(admission::set_lead)),
    post("/team/object", MEMBER, || web::to(admission::object)),
    post("/team/rules", CASEWORKER, || web::to(admission::set_rules)),
    post("/team/rules-confirm", CASEWORKER, || {
        web::to(admission::confirm_rules)
    }),
    post("/team/rules-stop", CASEWORKER, || {
        web::to(admission::stop_rules)
    }),
    post("/team/rotate", MEMBER, || web::to(keys::carry_on)),
    get("/team/recovery", CASEWORKER, || {
        web::to(team_recovery::show)
    }),
    post("/team/recovery", CASEWORKER, || web::to(team_recovery::set)),
    get("/charters", CUSTODIAN, || web::to(charters::show)),
    post("/charters/sign", CUSTODIAN, || web::to(charters::sign)),
    get("/recovery", RECOVERY, || web::to(recovery::show)),
    post("/recovery/register", CUSTODIAN, || {
        web::to(recovery::register)
    }),
    post("/recovery/sign", CUSTODIAN, || web::to(recovery::sign)),
    get("/status", ADMINISTRATOR, || web::to(status::show)),
    get("/people", ADMINISTRATOR, || web::to(people::show)),
    post("/people/invite", ADMINISTRATOR, || web::to(people::invite)),
    post("/people/invite-again", ADMINISTRATOR, || {
        web::to(people::invite_again)
    }),
    post("/people/disable", ADMINISTRATOR, || {
        web::to(people::disable)
    }),
    get("/people/reset", ADMINISTRATOR, || web::to(reset::show)),
    post("/people/reset", ADMINISTRATOR, || web::to(reset::submit)),
    get("/teams", ADMINISTRATOR, || web::to(teams::show)),
    post("/teams", ADMINISTRATOR, || web::to(teams::create)),
    get("/keys", ADMINISTRATOR, || web::to(keys::show)),
    post("/keys/rotate", ADMINISTRATOR, || web::to(keys::order)),
    post("/keys/renew", ADMINISTRATOR, || web::to(renewal::order)),
    post("/keys/server", ADMINISTRATOR, || {
        web::to(keys::order_server)
    }),
    post("/keys/sessions", ADMINISTRATOR, || {
        web::to(keys::end_sessions)
    }),
    get("/mail", ADMINISTRATOR, || web::to(mail::show)),
    post("/mail/retry", ADMINISTRATOR, || web::to(mail::retry)),
    post("/mail/dismiss", ADMINISTRATOR, || web::to(mail::dismiss)),
    get("/alarms", ALARMS, || web::to(alarms::show)),
    post("/alarms/see", WATCHERS, || web::to(alarms::see)),
    get("/audit", TRAIL, || web::to(audit::show)),
    post("/audit/check", AUDITOR, || web::to(audit::check)),
    // Answers 404 unless this is a demonstration.
    get("/demo/mail", Access::Anyone, || web::to(demo::mails)),
];
