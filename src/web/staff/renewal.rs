//! People's own keys: one's own, renewed from the account's page, and all of them on the administrator's page.

use serde::Deserialize;

use super::request::StaffRequest;
use crate::domain::ids::StaffId;
use crate::web::staff::answer::Answer;
use crate::web::staff::done::Done;

/// Whose key.
#[derive(Deserialize)]
struct OrderForm {
    staff: StaffId,
}

/// `POST /keys/renew`
pub async fn order(visit: StaffRequest) -> Answer {
    let OrderForm { staff } = visit.form()?;
    let admin = &visit.services().admin;
    let new = admin.order_renewal(&visit.caller, staff).await?;
    Done::RenewalOrdered.ordered(new)
}
