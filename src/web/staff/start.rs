//! `/`: to the page where a role's work begins.

use actix_web::HttpResponse;

use super::problem::see_other;
use super::visit::Visit;
use crate::domain::staff::Role;

/// `GET /`
pub async fn start(visit: Visit) -> HttpResponse {
    see_other(match visit.caller.role {
        Role::Caseworker => "/queue",
        Role::Custodian => "/charters",
        Role::Administrator => "/status",
        Role::Auditor => "/audit",
    })
}
