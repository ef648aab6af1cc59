//! `/`: to the page where a role's work begins.

use super::request::StaffRequest;
use crate::domain::staff::Role;
use crate::web::staff::answer::{Answer, see_other};

/// `GET /`
pub async fn start(visit: StaffRequest) -> Answer {
    see_other(match visit.caller.role {
        Role::Caseworker => "/queue",
        Role::Custodian => "/charters",
        Role::Administrator => "/status",
        Role::Auditor => "/audit",
    })
}
