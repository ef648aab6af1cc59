//! Whether everything that must work does, and what to do next where it does not.

use askama::Template;

use super::request::StaffRequest;
use crate::service::admin::{ChannelClosed, ChannelView};
use crate::web::frame::PageFrame;
use crate::web::staff::answer::{Answer, ok};

#[derive(Template)]
#[template(path = "staff/status.html", whitespace = "minimize")]
struct Status<'a> {
    c: PageFrame<'a>,
    channels: Vec<Channel>,
    mail_waiting: String,
    mail_dead: String,
    any_dead: bool,
    members_waiting: String,
}

/// One channel.
struct Channel {
    id: String,
    team: String,
    class: &'static str,
    open: String,
    reason: String,
}

/// `GET /status`
pub async fn show(visit: StaffRequest) -> Answer {
    let status = visit.services().admin.status(&visit.caller).await?;
    let c = visit.chrome();
    ok(&Status {
        channels: status
            .channels
            .iter()
            .map(|channel| shown(&c, channel))
            .collect(),
        mail_waiting: c.t.number(status.mail_waiting),
        mail_dead: c.t.number(status.mail_dead),
        members_waiting: c
            .t
            .number(i64::try_from(status.members_waiting).unwrap_or(i64::MAX)),
        any_dead: status.mail_dead > 0,
        c,
    })
}

fn shown(c: &PageFrame<'_>, channel: &ChannelView) -> Channel {
    let reason = channel.closed.map(|closed| match closed {
        ChannelClosed::NoTeam => "staff-closed-no-team",
        ChannelClosed::NoKey => "staff-closed-no-key",
        ChannelClosed::NotSigned => "staff-closed-not-signed",
        ChannelClosed::NoCustodian => "staff-closed-no-custodian",
        ChannelClosed::Broken => "staff-closed-broken",
    });
    Channel {
        id: channel.id.clone(),
        team: channel.team.clone().unwrap_or_default(),
        class: if reason.is_none() { "open" } else { "closed" },
        open: c.t.text(if reason.is_none() {
            "staff-status-open"
        } else {
            "staff-status-closed"
        }),
        reason: reason.map(|id| c.t.text(id)).unwrap_or_default(),
    }
}
