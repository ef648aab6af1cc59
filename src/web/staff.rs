//! Pages of the staff port: signing in, the queue, one report, and what custodians, administrators and auditors do.
//!
//! Every handler takes a [`request::StaffRequest`], which exists only for a caller who is signed in, has the role that the route
//! table asks for, and — when the request changes something — came from one of our own pages. Only signing in and joining
//! do without. No page here has or needs a script.

mod account;
mod admission;
mod alarms;
mod answer;
mod asked_form;
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
mod glossary;
mod join;
mod keys;
mod language;
mod last_day;
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

use actix_web::web::to;

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
    get("/", Access::SignedIn, || to(start::start)),
    get("/login", Access::Anyone, || to(login::form)),
    post("/login", Access::Anyone, || to(login::submit)),
    post("/logout", Access::SignedIn, || to(login::out)),
    get("/join/{token}", Access::Anyone, || to(join::form)),
    post("/join/{token}", Access::Anyone, || to(join::submit)),
    get("/forgotten", Access::Anyone, || to(forgotten::form)),
    post("/forgotten", Access::Anyone, || to(forgotten::submit)),
    get("/authenticator", Access::Anyone, || to(authenticator::form)),
    post("/authenticator", Access::Anyone, || {
        to(authenticator::submit)
    }),
    post("/language", Access::SignedIn, || to(language::choose)),
    get("/account", Access::SignedIn, || to(account::form)),
    post("/account/mail", Access::SignedIn, || to(mail::got)),
    post("/account/passphrase", Access::SignedIn, || {
        to(account::passphrase)
    }),
    get("/account/recovery", Access::SignedIn, || {
        to(own_change::recovery_code)
    }),
    post("/account/recovery", Access::SignedIn, || {
        to(own_change::set_recovery_code)
    }),
    get("/account/renew", UNPINNED, || to(own_change::key)),
    post("/account/renew", UNPINNED, || to(own_change::renew_key)),
    get("/queue", CASEWORKER, || to(queue::show)),
    get("/queue/counts", CASEWORKER, || to(queue::counts)),
    get("/glossary", CASEWORKER, || to(glossary::show)),
    get("/reports/{id}", CASEWORKER, || to(report::show)),
    post("/reports/{id}/keep", CASEWORKER, || to(report::keep)),
    post("/reports/{id}/claim", CASEWORKER, || to(report::claim)),
    post("/reports/{id}/release", CASEWORKER, || to(report::release)),
    post("/reports/{id}/urgency", CASEWORKER, || to(report::urgency)),
    post("/reports/{id}/note", CASEWORKER, || to(report::note)),
    post("/reports/{id}/message", CASEWORKER, || to(report::message)),
    post("/reports/{id}/ask", CASEWORKER, || to(report::ask)),
    post("/reports/{id}/rest", CASEWORKER, || to(report::rest)),
    post("/reports/{id}/act", CASEWORKER, || to(report::act)),
    post("/reports/{id}/assign", CASEWORKER, || {
        to(report::access::assign)
    }),
    post("/reports/{id}/share", CASEWORKER, || {
        to(report::access::share)
    }),
    post("/reports/{id}/move", CASEWORKER, || {
        to(report::access::hand_over)
    }),
    post("/reports/{id}/restrict", CASEWORKER, || {
        to(report::access::restrict)
    }),
    post("/reports/{id}/propose", CASEWORKER, || {
        to(report::decide::propose)
    }),
    post("/reports/{id}/approve", CASEWORKER, || {
        to(report::decide::approve)
    }),
    post("/reports/{id}/refuse", CASEWORKER, || {
        to(report::decide::refuse)
    }),
    post("/reports/{id}/export", CASEWORKER, || {
        to(report::decide::export)
    }),
    post("/reports/{id}/retain", CASEWORKER, || {
        to(report::decide::retain)
    }),
    post("/reports/{id}/hold", CASEWORKER, || {
        to(report::decide::hold)
    }),
    get("/team", MEMBER, || to(team::show)),
    post("/team/admit", MEMBER, || to(admission::approve)),
    post("/team/let-in", MEMBER, || to(admission::let_in)),
    post("/team/lead", CASEWORKER, || to(admission::set_lead)),
    post("/team/object", MEMBER, || to(admission::object)),
    post("/team/rules", CASEWORKER, || to(admission::set_rules)),
    post("/team/rules-confirm", CASEWORKER, || {
        to(admission::confirm_rules)
    }),
    post("/team/rules-stop", CASEWORKER, || to(admission::stop_rules)),
    post("/team/rotate", MEMBER, || to(keys::carry_on)),
    get("/team/recovery", CASEWORKER, || to(team_recovery::show)),
    post("/team/recovery", CASEWORKER, || to(team_recovery::set)),
    get("/charters", CUSTODIAN, || to(charters::show)),
    post("/charters/sign", CUSTODIAN, || to(charters::sign)),
    get("/recovery", RECOVERY, || to(recovery::show)),
    post("/recovery/register", CUSTODIAN, || to(recovery::register)),
    post("/recovery/sign", CUSTODIAN, || to(recovery::sign)),
    post("/status/clock", ADMINISTRATOR, || to(status::confirm_clock)),
    get("/status", ADMINISTRATOR, || to(status::show)),
    get("/people", ADMINISTRATOR, || to(people::show)),
    post("/people/invite", ADMINISTRATOR, || to(people::invite)),
    post("/people/invite-again", ADMINISTRATOR, || {
        to(people::invite_again)
    }),
    post("/people/disable", ADMINISTRATOR, || to(people::disable)),
    get("/people/reset", ADMINISTRATOR, || to(reset::show)),
    post("/people/reset", ADMINISTRATOR, || to(reset::submit)),
    get("/teams", ADMINISTRATOR, || to(teams::show)),
    post("/teams", ADMINISTRATOR, || to(teams::create)),
    get("/form", ADMINISTRATOR, || to(asked_form::show)),
    get("/form/{language}", ADMINISTRATOR, || {
        to(asked_form::of_language)
    }),
    get("/form/{language}/{section}", ADMINISTRATOR, || {
        to(asked_form::screen)
    }),
    get("/keys", ADMINISTRATOR, || to(keys::show)),
    post("/keys/rotate", ADMINISTRATOR, || to(keys::order)),
    post("/keys/renew", ADMINISTRATOR, || to(renewal::order)),
    post("/keys/server", ADMINISTRATOR, || to(keys::order_server)),
    post("/keys/sessions", ADMINISTRATOR, || to(keys::end_sessions)),
    get("/mail", ADMINISTRATOR, || to(mail::show)),
    post("/mail/test", ADMINISTRATOR, || to(mail::test)),
    post("/mail/retry", ADMINISTRATOR, || to(mail::retry)),
    post("/mail/dismiss", ADMINISTRATOR, || to(mail::dismiss)),
    get("/alarms", ALARMS, || to(alarms::show)),
    post("/alarms/see", WATCHERS, || to(alarms::see)),
    get("/audit", TRAIL, || to(audit::show)),
    post("/audit/check", AUDITOR, || to(audit::check)),
    // Answers 404 unless this is a demonstration.
    get("/demo/mail", Access::Anyone, || to(demo::mails)),
];
