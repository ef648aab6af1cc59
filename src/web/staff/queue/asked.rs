//! What an address asks of the queue, and addresses of its pages. A report's page keeps it, so that whoever comes back is where they were.

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use serde::Deserialize;

use crate::domain::clock::Day;
use crate::domain::ids::ReportId;
use crate::domain::state::State;
use crate::domain::urgency::Urgency;
use crate::locale::{Locale, Translator};
use crate::service::triage::{Order, QueueFilter, Turn, View};
use crate::web::error::WebError;
use crate::web::staff::fields::Fields;
use crate::web::staff::request::UNATTENDED;
use crate::web::staff::typed::Choice;

/// What stands for itself in a value.
const VALUE: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'_').remove(b'.');

/// What is asked. What is unknown is as good as nothing.
#[derive(Clone, Default, Deserialize)]
#[serde(default)]
pub(in crate::web::staff) struct Asked<'a> {
    pub(super) view: Choice<View>,
    pub(super) state: Choice<State>,
    pub(super) urgency: Choice<Urgency>,
    pub(super) channel: &'a str,
    pub(super) language: Choice<Locale>,
    pub(super) from: Choice<Day>,
    pub(super) to: Choice<Day>,
    pub(super) order: Choice<Order>,
    /// One line a report.
    pub(super) compact: bool,
    /// The page is read again every minute.
    pub(super) refresh: bool,
    page: Choice<u32>,
    after: &'a str,
    before: &'a str,
}

impl<'a> Asked<'a> {
    /// What stands in the address of a page.
    ///
    /// # Errors
    /// [`WebError`] if that is none of ours.
    pub(in crate::web::staff) fn of(fields: &'a Fields) -> Result<Self, WebError> {
        fields.read()
    }

    /// The view.
    pub(super) fn view(&self) -> View {
        self.view.made().unwrap_or_default()
    }

    /// The page's number, from 1.
    pub(super) fn page(&self) -> u32 {
        self.page.made().unwrap_or(1).clamp(1, 1_000_000)
    }

    /// Whether anything was chosen beside the view.
    pub(super) fn is_chosen(&self) -> bool {
        self.state.made().is_some()
            || self.urgency.made().is_some()
            || !self.channel.is_empty()
            || self.language.made().is_some()
            || self.from != Choice::Missing
            || self.to != Choice::Missing
    }

    /// A link carries a place, and the number of the page for the eye. A number alone finds the first pages.
    fn turn(&self) -> Turn {
        match (self.after, self.before) {
            ("", "") => Turn::Number(self.page().saturating_sub(1)),
            ("", place) => Turn::Before(place.to_owned()),
            (place, _) => Turn::After(place.to_owned()),
        }
    }

    /// For the use case.
    pub(in crate::web::staff) fn filter(&self, t: &Translator) -> QueueFilter {
        QueueFilter {
            view: self.view(),
            state: self.state.made(),
            urgency: self.urgency.made(),
            channel: Some(self.channel.to_owned()).filter(|channel| !channel.is_empty()),
            language: self.language.made().map(|one| one.code().to_owned()),
            from: self.from.made(),
            to: self.to.made(),
            zone: t.time_zone(),
            order: self.order.made(),
            turn: self.turn(),
        }
    }

    /// The address of this page.
    pub(in crate::web::staff) fn address(&self) -> String {
        let place = match (self.after, self.before) {
            ("", "") => None,
            ("", place) => Some(("before", place)),
            (place, _) => Some(("after", place)),
        };
        self.with(self.view(), self.page(), place)
    }

    /// The address at which the page is read again by itself: nobody need be there.
    pub(super) fn again(&self) -> String {
        format!("{}&{}=yes", self.address(), UNATTENDED)
    }

    /// The address of another page of this choice.
    pub(super) fn turned(&self, page: u32, direction: &str, place: &str) -> String {
        self.with(self.view(), page, Some((direction, place)))
    }

    /// The address of another view: nothing else chosen stays but how it looks.
    pub(super) fn viewed(&self, view: View) -> String {
        let plain = Self {
            compact: self.compact,
            refresh: self.refresh,
            ..Self::default()
        };
        plain.with(view, 1, None)
    }

    /// What a report's page carries of it, as the value of `list`.
    pub(in crate::web::staff) fn carried(&self) -> String {
        let address = self.address();
        let query = address.split_once('?').map_or("", |(_, query)| query);
        query.to_owned()
    }

    /// The address of a report's page that carries it.
    pub(in crate::web::staff) fn report(&self, report: &ReportId) -> String {
        match self.carried().as_str() {
            "" => format!("/reports/{report}"),
            list => {
                let list = utf8_percent_encode(list, VALUE);
                format!("/reports/{report}?list={list}")
            }
        }
    }

    fn with(&self, view: View, page: u32, place: Option<(&str, &str)>) -> String {
        let day = |day: &Choice<Day>| day.made().map(|day| day.to_string());
        let number = page.to_string();
        let given = [
            ("view", (view != View::default()).then(|| view.to_string())),
            ("state", self.state.made().map(|state| state.to_string())),
            ("urgency", self.urgency.made().map(|one| one.to_string())),
            ("channel", Some(self.channel.to_owned())),
            (
                "language",
                self.language.made().map(|one| one.code().to_owned()),
            ),
            ("from", day(&self.from)),
            ("to", day(&self.to)),
            ("order", self.order.made().map(|order| order.to_string())),
            ("compact", self.compact.then(|| "yes".to_owned())),
            ("refresh", self.refresh.then(|| "yes".to_owned())),
            ("page", (page > 1 || place.is_some()).then_some(number)),
            (
                place.map_or("after", |(direction, _)| direction),
                place.map(|(_, place)| place.to_owned()),
            ),
        ];
        let given = given.into_iter().filter_map(|(name, value)| {
            let value = value.filter(|value| !value.is_empty())?;
            Some(format!("{name}={}", utf8_percent_encode(&value, VALUE)))
        });
        let given: Vec<String> = given.collect();
        match given.is_empty() {
            true => "/queue".to_owned(),
            false => format!("/queue?{}", given.join("&")),
        }
    }
}
