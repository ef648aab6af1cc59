//! People's own keys: one's own, renewed from the account's page, and all of them on the administrator's page.

use serde::Deserialize;

use super::request::StaffRequest;
use super::words;
use crate::domain::clock::Day;
use crate::domain::ids::StaffId;
use crate::domain::staff::Role;
use crate::service::admin::{PeopleKeys, PersonKey};
use crate::service::renewal::OwnKey;
use crate::web::frame::PageFrame;
use crate::web::staff::answer::Answer;
use crate::web::staff::done::Done;

/// One's own key in words, for `staff/own_key.html`.
pub(super) struct OwnShown {
    pub(super) generation: String,
    pub(super) since: String,
    pub(super) due: String,
    pub(super) ordered: Option<String>,
    pub(super) may_renew: bool,
}

/// The people's part of the administrator's page, for `staff/people_keys.html`.
pub(super) struct PeopleShown {
    pub(super) people: Vec<PersonShown>,
    pub(super) rekeys: Option<String>,
}

/// One person's key in words.
pub(super) struct PersonShown {
    pub(super) staff: String,
    pub(super) handle: String,
    pub(super) role: String,
    pub(super) generation: String,
    pub(super) since: String,
    pub(super) due: String,
    pub(super) state: String,
    pub(super) who: String,
    pub(super) can_order: bool,
}

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

pub(super) fn own(c: &PageFrame<'_>, key: &OwnKey, today: Day) -> OwnShown {
    OwnShown {
        generation: number(c, key.generation),
        since: c.t.date(key.since),
        due: due(c, key.due, today),
        ordered: key
            .ordered
            .map(|day| c.with("renewal-ordered", "day", &c.t.date(day))),
        may_renew: key.may_renew,
    }
}

pub(super) fn people(c: &PageFrame<'_>, keys: &PeopleKeys, today: Day) -> PeopleShown {
    PeopleShown {
        people: keys
            .people
            .iter()
            .map(|key| person(c, key, today))
            .collect(),
        rekeys: (keys.rekeys > 0)
            .then(|| c.with("leaving-rekeys", "count", &c.t.number(keys.rekeys))),
    }
}

fn person(c: &PageFrame<'_>, key: &PersonKey, today: Day) -> PersonShown {
    let is_pinned = key.role == Role::Custodian;
    PersonShown {
        staff: key.staff.to_string(),
        role: words::role(c.t, key.role),
        generation: number(c, key.generation),
        since: c.t.date(key.since),
        due: due(c, key.due, today),
        state: match key.ordered {
            Some(day) => c.with("renewal-ordered", "day", &c.t.date(day)),
            None => c.t.text("renewal-state-active"),
        },
        who: if is_pinned {
            c.t.text("renewal-who-custodians")
        } else {
            key.handle.clone()
        },
        can_order: !is_pinned && key.ordered.is_none(),
        handle: key.handle.clone(),
    }
}

fn number(c: &PageFrame<'_>, generation: u32) -> String {
    c.t.text_with("rotation-number", &[("number", generation.into())])
}

fn due(c: &PageFrame<'_>, day: Day, today: Day) -> String {
    let date = c.t.date(day);
    if day < today {
        c.with("rotation-overdue", "day", &date)
    } else {
        date
    }
}
