//! The server's own keys on the administrator's page: how old, how far a change is, who must act and with which command.

use crate::domain::clock::Day;
use crate::domain::credential::{CredentialKind, CredentialOrder};
use crate::service::credentials::{CustodianView, ServerKeyName, ServerKeyView, ServerKeysView};
use crate::web::error::WebError;
use crate::web::frame::PageFrame;
use crate::web::staff::request::StaffRequest;

/// What the page shows of the server's keys.
pub(super) struct Section {
    pub(super) keys: Vec<ServerKeyRow>,
    pub(super) custodians: Vec<Custodian>,
    pub(super) threshold: String,
}

/// One key in words.
pub(super) struct ServerKeyRow {
    pub(super) name: String,
    pub(super) explained: String,
    pub(super) version: Option<String>,
    pub(super) since: String,
    pub(super) due: String,
    pub(super) state: String,
    pub(super) counts: Option<String>,
    pub(super) waiting: Option<String>,
    pub(super) who: String,
    pub(super) command: Option<&'static str>,
    /// The value of the form that orders it.
    pub(super) order: Option<&'static str>,
    /// Whether it is the one that the button ends all sessions with.
    pub(super) is_sessions: bool,
}

/// One custodian's pin in words.
pub(super) struct Custodian {
    pub(super) name: String,
    pub(super) verify_key: String,
    pub(super) fingerprint: String,
    pub(super) since: String,
    pub(super) due: String,
    pub(super) state: String,
    pub(super) counts: String,
}

pub(super) async fn section(visit: &StaffRequest, c: &PageFrame<'_>) -> Result<Section, WebError> {
    let place = visit.place();
    let service = &place.services().credentials;
    let view = service.overview(&visit.caller).await?;
    let ServerKeysView {
        keys,
        custodians,
        threshold,
    } = view;
    let today = place.state.clock.today();
    let threshold = i64::try_from(threshold).unwrap_or(i64::MAX);
    Ok(Section {
        keys: keys.iter().map(|key| shown(c, key, today)).collect(),
        custodians: custodians
            .iter()
            .map(|own| custodian(c, own, today))
            .collect(),
        threshold: c.t.number(threshold),
    })
}

fn shown(c: &PageFrame<'_>, key: &ServerKeyView, today: Day) -> ServerKeyRow {
    let words = Words::of(key.name);
    let is_ordered = key.ordered.is_some();
    ServerKeyRow {
        name: c.t.text(words.name),
        explained: c.t.text(words.explained),
        version: (key.version > 0).then(|| c.t.number(key.version.into())),
        since: since(c, key.since, today),
        due: due_on(c, key.due, today),
        state: state(c, key),
        counts: counts(c, key),
        waiting: waiting(c, key),
        who: c.t.text(words.who),
        command: words.command,
        order: words
            .order
            .map(CredentialOrder::as_str)
            .filter(|_| !is_ordered),
        is_sessions: key.name == ServerKeyName::Sessions,
    }
}

fn due_on(c: &PageFrame<'_>, day: Option<Day>, today: Day) -> String {
    match day {
        Some(day) => c.due(day, today),
        None => c.t.text("credentials-unknown"),
    }
}

fn since(c: &PageFrame<'_>, since: Option<Day>, today: Day) -> String {
    let Some(since) = since else {
        return c.t.text("credentials-unknown");
    };
    let days = today.number().saturating_sub(since.number()).max(0);
    c.t.text_with(
        "credentials-age",
        &[
            ("day", c.t.date(since).as_str().into()),
            ("days", c.t.number(days).as_str().into()),
        ],
    )
}

fn state(c: &PageFrame<'_>, key: &ServerKeyView) -> String {
    let under_way = match key.ends {
        _ if key.earlier == 0 => c.t.text("credentials-state-one"),
        Some(day) => c.with("credentials-state-until", "day", &c.t.date(day)),
        None => c.t.text("credentials-state-both"),
    };
    match key.ordered {
        Some(ordered) => {
            let day = c.t.date(ordered.day);
            let given = c.with("credentials-state-ordered", "day", &day);
            format!("{given} {under_way}")
        }
        None => under_way,
    }
}

fn counts(c: &PageFrame<'_>, key: &ServerKeyView) -> Option<String> {
    let id = match key.name {
        ServerKeyName::Credential(CredentialKind::Pepper) => "credentials-counts-accounts",
        ServerKeyName::Credential(CredentialKind::Contact) => "credentials-counts-addresses",
        ServerKeyName::Sessions => "credentials-counts-sessions",
        ServerKeyName::Credential(
            CredentialKind::Ticket | CredentialKind::Audit | CredentialKind::Salt,
        ) => {
            let earlier = i64::try_from(key.earlier).unwrap_or(i64::MAX);
            let earlier = c.t.number(earlier);
            return Some(c.with("credentials-counts-versions", "count", &earlier));
        }
        ServerKeyName::Mail => return None,
    };
    let (moved, total) = (c.t.number(key.moved), c.t.number(key.total));
    let numbers = [
        ("moved", moved.as_str().into()),
        ("total", total.as_str().into()),
    ];
    Some(c.t.text_with(id, &numbers))
}

/// Who is locked out unless they sign in before.
fn waiting(c: &PageFrame<'_>, key: &ServerKeyView) -> Option<String> {
    let day = key.ends.map(|day| c.t.date(day));
    let handles = key.waiting.join(", ");
    if handles.is_empty() {
        return None;
    }
    Some(match day {
        Some(day) => c.t.text_with(
            "credentials-waiting",
            &[
                ("handles", handles.as_str().into()),
                ("day", day.as_str().into()),
            ],
        ),
        None => c.with("credentials-locked-out", "handles", &handles),
    })
}

fn custodian(c: &PageFrame<'_>, view: &CustodianView, today: Day) -> Custodian {
    let (signed, charters) = (c.t.number(view.signed), c.t.number(view.charters));
    Custodian {
        name: view.name.clone(),
        verify_key: view.verify_key.clone(),
        fingerprint: view.fingerprint.clone(),
        since: since(c, view.since, today),
        due: due_on(c, view.due, today),
        state: match view.until {
            Some(day) => c.with("credentials-custodian-until", "day", &c.t.date(day)),
            None => c.t.text("credentials-custodian-one"),
        },
        counts: c.t.text_with(
            "credentials-custodian-counts",
            &[
                ("signed", signed.as_str().into()),
                ("charters", charters.as_str().into()),
            ],
        ),
    }
}

/// What the page says of a key, whatever its state.
struct Words {
    name: &'static str,
    explained: &'static str,
    who: &'static str,
    command: Option<&'static str>,
    order: Option<CredentialOrder>,
}

/// The name of a secret of the server; without a kind, of the login at the mail server.
pub(in crate::web::staff) const fn credential_name(kind: Option<CredentialKind>) -> &'static str {
    match kind {
        Some(kind) => Words::of_credential(kind).name,
        None => Words::of(ServerKeyName::Mail).name,
    }
}

impl Words {
    const fn of(name: ServerKeyName) -> Self {
        let (name, explained, who, command, order) = match name {
            ServerKeyName::Credential(kind) => return Self::of_credential(kind),
            ServerKeyName::Sessions => (
                "credentials-sessions",
                "credentials-sessions-explained",
                "credentials-who-itself",
                None,
                None,
            ),
            ServerKeyName::Mail => (
                "credentials-mail",
                "credentials-mail-explained",
                "credentials-who-mail",
                Some("systemctl reload kapea"),
                Some(CredentialOrder::Mail),
            ),
        };
        Self {
            name,
            explained,
            who,
            command,
            order,
        }
    }

    const fn of_credential(kind: CredentialKind) -> Self {
        let (name, explained, who, command) = match kind {
            CredentialKind::Pepper => (
                "credentials-pepper",
                "credentials-pepper-explained",
                "credentials-who-everybody",
                "kapea credentials rotate pepper",
            ),
            CredentialKind::Contact => (
                "credentials-contact",
                "credentials-contact-explained",
                "credentials-who-operator",
                "kapea credentials rotate contact",
            ),
            CredentialKind::Ticket => (
                "credentials-ticket",
                "credentials-ticket-explained",
                "credentials-who-operator",
                "kapea credentials rotate ticket",
            ),
            CredentialKind::Audit => (
                "credentials-audit",
                "credentials-audit-explained",
                "credentials-who-operator",
                "kapea credentials rotate audit",
            ),
            CredentialKind::Salt => (
                "credentials-salt",
                "credentials-salt-explained",
                "credentials-who-operator",
                "kapea credentials rotate salt",
            ),
        };
        Self {
            name,
            explained,
            who,
            command: Some(command),
            order: Some(CredentialOrder::of(kind)),
        }
    }
}
