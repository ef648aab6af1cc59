//! Whether everything that must work does, and what to do next where it does not.

use askama::Template;

use super::request::StaffRequest;
use crate::service::admin;
use crate::web::frame::PageFrame;
use crate::web::staff::answer::{Answer, ok};

#[derive(Template)]
#[template(path = "staff/status.html", whitespace = "minimize")]
struct Status<'a> {
    c: PageFrame<'a>,
    status: admin::Status,
}

/// `GET /status`
pub async fn show(visit: StaffRequest) -> Answer {
    let status = visit.services().admin.status(&visit.caller).await?;
    let c = visit.chrome();
    ok(&Status { status, c })
}
