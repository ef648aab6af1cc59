//! What can be chosen on the queue's page.

use super::asked::Asked;
use crate::domain::state::State;
use crate::domain::urgency::Urgency;
use crate::locale::{Locale, Translator};
use crate::service::triage::{DeskCounts, Order, QueuePage, View};
use crate::web::frame::counted;
use crate::web::staff::form::SelectOption;
use crate::web::staff::typed::Choice;

/// A view, with how many reports it shows where that is known.
pub(super) struct ViewLink {
    pub(super) address: String,
    pub(super) label: String,
    pub(super) count: Option<String>,
    pub(super) is_current: bool,
}

/// What the form above the cards shows.
pub(super) struct Choices<'a> {
    pub(super) view: View,
    pub(super) states: Vec<SelectOption>,
    pub(super) urgencies: Vec<SelectOption>,
    /// Empty where all reports come through one form.
    pub(super) channels: Vec<SelectOption>,
    pub(super) languages: Vec<SelectOption>,
    pub(super) orders: Vec<SelectOption>,
    pub(super) from: String,
    pub(super) to: String,
    /// What was typed there and is no day.
    pub(super) is_no_day: [bool; 2],
    pub(super) is_compact: bool,
    pub(super) is_read_again: bool,
    pub(super) is_chosen: bool,
    asked: &'a Asked<'a>,
}

/// The views, each with its address.
pub(super) fn views(t: &Translator, asked: &Asked<'_>, counts: DeskCounts) -> Vec<ViewLink> {
    let views = View::ALL.into_iter().map(|view| ViewLink {
        address: asked.viewed(view),
        label: t.word("desk-view", view),
        count: match view {
            View::Waiting => Some(counts.waiting),
            View::ForMe => Some(counts.for_me),
            View::Mine | View::Unassigned | View::Late | View::Open => None,
        }
        .filter(|count| *count > 0)
        .map(|count| counted(t, count)),
        is_current: view == asked.view(),
    });
    views.collect()
}

impl<'a> Choices<'a> {
    pub(super) fn of(t: &Translator, asked: &'a Asked<'a>, queue: &QueuePage) -> Self {
        let channel = |id: &str, label: &str| SelectOption {
            value: id.to_owned(),
            label: label.to_owned(),
            chosen: asked.channel == id,
        };
        let any = SelectOption::none(t.text("desk-any"), asked.channel.is_empty());
        let channels = queue.channels.iter().map(|id| channel(id, id));
        let channels: Vec<SelectOption> = std::iter::once(any).chain(channels).collect();
        let chosen = asked.language.made();
        let languages = Locale::all().map(|locale| SelectOption {
            value: locale.code().to_owned(),
            label: locale.name().to_owned(),
            chosen: chosen == Some(locale),
        });
        let any = SelectOption::none(t.text("desk-any"), chosen.is_none());
        let order = asked.filter(t).order();
        Self {
            view: asked.view(),
            states: any_or(
                t,
                "desk-any",
                ("staff-state", &State::ALL),
                asked.state.made(),
            ),
            urgencies: any_or(
                t,
                "staff-urgency-any",
                ("staff-urgency", &Urgency::ALL),
                asked.urgency.made(),
            ),
            channels: channels
                .into_iter()
                .filter(|_| queue.channels.len() > 1)
                .collect(),
            languages: std::iter::once(any).chain(languages).collect(),
            orders: SelectOption::each(t, ("desk-order", &Order::ALL), Some(order)),
            from: asked
                .from
                .made()
                .map(|day| day.to_string())
                .unwrap_or_default(),
            to: asked
                .to
                .made()
                .map(|day| day.to_string())
                .unwrap_or_default(),
            is_no_day: [asked.from, asked.to].map(|day| day == Choice::Unknown),
            is_compact: asked.compact,
            is_read_again: asked.refresh,
            is_chosen: asked.is_chosen(),
            asked,
        }
    }

    /// Whether the form is open.
    pub(super) fn is_open(&self) -> bool {
        self.is_chosen || self.asked.order.made().is_some()
    }

    /// The same view with nothing chosen.
    pub(super) fn cleared(&self) -> String {
        self.asked.viewed(self.view)
    }
}

fn any_or<T: Copy + PartialEq + std::fmt::Display>(
    t: &Translator,
    any: &str,
    kinds: (&str, &[T]),
    chosen: Option<T>,
) -> Vec<SelectOption> {
    let any = SelectOption::none(t.text(any), chosen.is_none());
    [vec![any], SelectOption::each(t, kinds, chosen)].concat()
}
