//! What surrounds every page: language, navigation, who is signed in.

use actix_web::HttpResponse;
use actix_web::http::StatusCode;
use askama::Template;

use super::request_context::RequestContext;
use crate::domain::clock::{Day, Timestamp};
use crate::domain::staff::Role;
use crate::locale::{Locale, Translator};
use crate::service::accounts::Notices;
use crate::service::alarms::AlarmCount;
use crate::web::error::WebError;
use crate::web::{page, statics};

/// The frame of one page. Templates know it as `c`.
pub(super) struct PageFrame<'a> {
    /// The sentences.
    pub(super) t: &'a Translator,
    /// The path of the page.
    pub(super) path: &'a str,
    /// Who is signed in.
    pub(super) who: Option<Who<'a>>,
    /// Whether this is the demonstration.
    pub(super) demo: bool,
    /// What has just been done.
    pub(super) done: Option<String>,
    /// How many alarms concern the caller.
    pub(super) alarms: AlarmCount,
    /// Where the page's one form, `work`, is shown again as it is: there another language takes its words along.
    pub(super) form: Option<String>,
    /// When the page was made.
    pub(super) now: Timestamp,
    /// Whether the language can be switched. Not where the page is shown only once.
    pub(super) switch: bool,
}

/// The caller, as the page's head shows them.
pub(super) struct Who<'a> {
    pub(super) handle: &'a str,
    pub(super) role: Role,
    pub(super) role_name: String,
    pub(super) csrf: &'a str,
    pub(super) notices: Notices,
}

/// One entry of the navigation.
pub(super) struct NavItem {
    pub(super) path: &'static str,
    pub(super) label: String,
    pub(super) current: bool,
}

impl<'a> PageFrame<'a> {
    /// What surrounds a page for nobody in particular.
    pub(super) fn of(place: &'a RequestContext) -> Self {
        Self {
            t: place.translator(),
            path: &place.path,
            who: None,
            demo: place.state.settings.demo,
            done: None,
            alarms: AlarmCount::default(),
            form: None,
            now: place.state.clock.now(),
            switch: true,
        }
    }

    /// Says what has just been done.
    pub(super) fn said(mut self, done: String) -> Self {
        self.done = Some(done);
        self
    }

    /// What every form of the caller's carries.
    pub(super) fn csrf(&self) -> &str {
        self.who.as_ref().map_or("", |who| who.csrf)
    }

    /// In which zone the page's times are.
    pub(super) fn zone(&self) -> String {
        let zone = self.t.zone(self.now);
        self.t.text_with("staff-zone", &[("zone", (&zone).into())])
    }

    /// A day by which something is due, and whether that is past.
    pub(super) fn due(&self, day: Day, today: Day) -> String {
        let date = self.t.date(day);
        if day < today {
            self.with("rotation-overdue", "day", &date)
        } else {
            date
        }
    }

    /// The pages that the caller's role is for.
    pub(super) fn nav(&self) -> Vec<NavItem> {
        let pages: &[(&'static str, &'static str)] = match self.who.as_ref().map(|who| who.role) {
            Some(Role::Caseworker) => &[("/queue", "staff-nav-queue"), ("/team", "staff-nav-team")],
            Some(Role::Custodian) => &[
                ("/charters", "staff-nav-charters"),
                ("/recovery", "recovery-nav"),
                ("/alarms", "alarm-nav"),
            ],
            Some(Role::Administrator) => &[
                ("/status", "staff-nav-status"),
                ("/people", "staff-nav-people"),
                ("/teams", "staff-nav-teams"),
                ("/keys", "rotation-nav"),
                ("/recovery", "recovery-nav"),
                ("/mail", "staff-nav-mail"),
                ("/audit", "staff-nav-audit"),
            ],
            Some(Role::Auditor) => &[
                ("/audit", "staff-nav-audit"),
                ("/alarms", "alarm-nav"),
                ("/team", "staff-nav-team"),
            ],
            None => &[],
        };
        pages
            .iter()
            .map(|(path, id)| NavItem {
                path,
                label: self.t.text(id),
                current: *path == self.path,
            })
            .collect()
    }

    /// A sentence with one word in it.
    pub(super) fn with(&self, id: &str, name: &str, word: &str) -> String {
        self.t.text_with(id, &[(name, word.into())])
    }

    /// That there are alarms, for those who have a page of them.
    pub(super) fn alarm_line(&self) -> String {
        let count = i64::try_from(self.alarms.count).unwrap_or(i64::MAX);
        self.t.text_with(
            "alarm-banner",
            &[("count", self.t.number(count).as_str().into())],
        )
    }

    /// Which page of several this is.
    pub(super) fn page_label(&self, number: &u32) -> String {
        self.t
            .text_with("staff-page-number", &[("page", (*number).into())])
    }

    /// Where a file of ours lies.
    pub(super) fn asset(&self, name: &str) -> String {
        statics::address(name)
    }

    /// The code of the other language.
    pub(super) fn other_code(&self) -> &'static str {
        self.t.locale().other().code()
    }

    /// The other language, in its own words: the one thing on a page that is not in the page's language.
    pub(super) fn other_name(&self) -> &'static str {
        match self.t.locale().other() {
            Locale::En => "English",
            Locale::Km => "ខ្មែរ",
        }
    }
}

/// What a handler answers with.
pub type Answer = Result<HttpResponse, WebError>;

/// A page that is as it should be.
pub(super) fn ok(template: &impl Template) -> Answer {
    html(StatusCode::OK, template)
}

/// A page with another status.
pub(super) fn html(status: StatusCode, template: &impl Template) -> Answer {
    Ok(page::html(status, template))
}
