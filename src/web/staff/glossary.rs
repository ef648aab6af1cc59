//! What the words of the desk mean, and its keys.

use askama::Template;

use super::request::StaffRequest;
use super::words;
use crate::domain::state::State;
use crate::domain::urgency::Urgency;
use crate::web::frame::PageFrame;
use crate::web::staff::answer::{Answer, ok};

#[derive(Template)]
#[template(path = "staff/glossary.html", whitespace = "minimize")]
struct Glossary<'a> {
    c: PageFrame<'a>,
    /// Each with the time in which somebody takes it, and decides.
    urgencies: Vec<(Urgency, String, String)>,
}

/// `GET /glossary`
pub async fn show(visit: StaffRequest) -> Answer {
    let c = visit.chrome();
    let urgencies = Urgency::ALL.map(|urgency| {
        let time = |seconds| words::span(c.t, seconds);
        (
            urgency,
            time(urgency.claim_within()),
            time(urgency.decide_within()),
        )
    });
    ok(&Glossary {
        urgencies: urgencies.to_vec(),
        c,
    })
}
