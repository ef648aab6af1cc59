//! What surrounds every page of either port: language, navigation, numbers to call, who is signed in. Templates know it as `c`.

use super::access::Port;
use super::said::Said;
use super::state::{HelpNumber, ReadyAnswer, Settings, State};
use super::statics;
use crate::domain::clock::{Day, Timestamp};
use crate::domain::language::Spoken;
use crate::domain::staff::Role;
use crate::locale::{Direction, Locale, Translator};
use crate::service::accounts::Notices;
use crate::service::alarms::AlarmCount;
use crate::service::damage::Damage;
use crate::service::triage::{DeskCounts, MOST_COUNTED};

/// Where an address has the code of a language.
const LANG: &str = "{lang}";

/// How the language switch of a page works. Its addresses are good for every language.
#[derive(Debug, Clone)]
pub enum Switch {
    /// There is none.
    None,
    /// A link to this address.
    Link(String),
    /// A button that sends the form of that id, so that nothing typed is lost.
    Button {
        /// Id of the form.
        form: &'static str,
        /// Where it goes.
        action: String,
        /// The page of the form, below the language: where whoever goes to another page comes back to.
        page: &'static str,
        /// Value of the field `step`.
        step: &'static str,
        /// Value of `step` when the Enter key sends the form: browsers then take its first button, which would be the switch.
        usual: &'static str,
    },
    /// A choice that is kept for whoever is signed in, on a page without words of theirs.
    Kept,
    /// The page's one form, `work`, is sent there and shown again as it is.
    Work(String),
}

impl Switch {
    /// A link to a page of the reporters', by what follows the language.
    pub fn to(rest: &str) -> Self {
        Self::Link(format!("/{LANG}/{rest}"))
    }

    /// A link to the same page of the staff's, for who is not signed in.
    pub fn here() -> Self {
        Self::Link(format!("?lang={LANG}"))
    }
}

/// The frame of one page.
pub struct PageFrame<'a> {
    /// The sentences of the page.
    pub t: &'a Translator,
    /// Those of what surrounds it: the reader's language, also where the page itself has to be in another.
    pub own: &'a Translator,
    /// The path of the page, on the staff's port.
    pub path: &'a str,
    /// Its address where that says more than the path.
    pub here: Option<String>,
    /// Who is signed in.
    pub who: Option<Who<'a>>,
    /// What has just been done.
    pub done: Option<String>,
    /// How many alarms concern the caller.
    pub alarms: AlarmCount,
    /// The language switch.
    pub switch: Switch,
    settings: &'a Settings,
    damage: &'a Damage,
    port: Port,
    now: Timestamp,
    is_inert: bool,
}

/// The caller, as the page's head shows them.
pub struct Who<'a> {
    /// Their handle.
    pub handle: &'a str,
    /// Their role, which decides on the navigation.
    pub role: Role,
    /// The role in words.
    pub role_name: String,
    /// What every form of theirs carries.
    pub csrf: &'a str,
    /// What every page tells them.
    pub notices: Notices,
    /// What waits for them; `None` where that cannot be read, or they have no desk.
    pub desk: Option<DeskCounts>,
}

/// One entry of the navigation.
pub struct NavItem {
    /// Where it leads.
    pub path: &'static str,
    /// What it says.
    pub label: String,
    /// How much waits there.
    pub count: Option<String>,
    /// Whether this is the page.
    pub current: bool,
}

impl<'a> PageFrame<'a> {
    /// What surrounds a page of `port` for nobody in particular.
    pub fn new(state: &'a State, port: Port, locale: Locale, switch: Switch) -> Self {
        Self {
            t: state.translator(locale),
            own: state.translator(locale),
            path: "/",
            here: None,
            who: None,
            done: None,
            alarms: AlarmCount::default(),
            switch,
            settings: &state.settings,
            damage: &state.services.damage,
            port,
            now: state.clock.now(),
            is_inert: false,
        }
    }

    /// The rows of a list that cannot be read. See [`Damage::rows`].
    pub fn unreadable(&self, table: &str) -> Vec<String> {
        self.damage.rows(table)
    }

    /// What surrounds a page for reporters.
    pub fn public(state: &'a State, locale: Locale, switch: Switch) -> Self {
        Self::new(state, Port::Reporter, locale, switch)
    }

    /// The same for the form, which languages may lack that have the first pages: it is then asked in English.
    pub fn of_form(state: &'a State, locale: Locale, switch: Switch) -> Self {
        Self {
            t: state.locales.borrowed(locale),
            ..Self::public(state, locale, switch)
        }
    }

    /// What surrounds the staff's page at that path for nobody in particular.
    pub fn staff(state: &'a State, locale: Locale, path: &'a str) -> Self {
        let switch = Switch::here();
        Self {
            path,
            ..Self::new(state, Port::Staff, locale, switch)
        }
    }

    /// For somebody who is signed in.
    pub fn signed_in(self, who: Who<'a>, alarms: AlarmCount) -> Self {
        Self {
            who: Some(who),
            alarms,
            switch: Switch::Kept,
            ..self
        }
    }

    /// Without a language switch: the page is shown only once.
    pub fn once(self) -> Self {
        Self {
            switch: Switch::None,
            ..self
        }
    }

    /// As it is shown to those who keep the form: all of it, and nothing in it can be used.
    pub fn inert(self) -> Self {
        Self {
            is_inert: true,
            ..self
        }
    }

    /// See [`PageFrame::inert`].
    pub const fn is_inert(&self) -> bool {
        self.is_inert
    }

    /// Says what has just been done.
    pub fn said(self, done: String) -> Self {
        Self {
            done: Some(done),
            ..self
        }
    }

    /// What every form of the caller's carries.
    pub fn csrf(&self) -> &str {
        self.who.as_ref().map_or("", |who| who.csrf)
    }

    /// Whether reporters see this page.
    pub fn is_public(&self) -> bool {
        self.port == Port::Reporter
    }

    /// Whether this is a demonstration.
    pub const fn is_demo(&self) -> bool {
        self.settings.demo
    }

    /// The organisation's name.
    pub fn organisation(&self) -> &'a str {
        self.settings.name.said_in(self.t.locale())
    }

    /// The numbers to call.
    pub fn numbers(&self) -> &'a [HelpNumber] {
        &self.settings.numbers
    }

    /// Answers to reporters that are ready to be sent.
    pub fn answers(&self) -> &'a [ReadyAnswer] {
        &self.settings.answers
    }

    /// In which zone the page's times are.
    pub fn zone(&self) -> String {
        self.with("staff-zone", "zone", self.t.zone(self.now))
    }

    /// A day by which something is due, and whether that is past.
    pub fn due(&self, day: &Day) -> String {
        let date = self.t.date(*day);
        if *day < self.now.day() {
            self.with("rotation-overdue", "day", &date)
        } else {
            date
        }
    }

    /// The pages that the caller's role is for.
    pub fn nav(&self) -> Vec<NavItem> {
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
                ("/form", "staff-nav-form"),
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
                count: (*path == "/queue").then(|| self.desk_line().unwrap_or_default()),
                current: *path == self.path,
            })
            .collect()
    }

    /// What waits for the caller.
    pub fn desk(&self) -> Option<DeskCounts> {
        self.who.as_ref().and_then(|who| who.desk)
    }

    /// How much waits for anybody, and of that for the caller.
    pub fn desk_line(&self) -> Option<String> {
        let Some(DeskCounts { waiting, for_me }) = self.desk() else {
            return Some(self.t.text("desk-nav-unread"));
        };
        let id = match (waiting, for_me) {
            (0, 0) => return None,
            (_, 0) => "desk-nav-waiting",
            (0, _) => "desk-nav-for-me",
            _ => "desk-nav-both",
        };
        let (waiting, mine) = (counted(self.t, waiting), counted(self.t, for_me));
        let said = [("waiting", &waiting), ("mine", &mine)];
        Some(self.t.text_with(id, &said))
    }

    /// Whether the page has the keys and the numbers of a desk.
    pub fn has_desk(&self) -> bool {
        matches!(&self.who, Some(who) if who.role == Role::Caseworker) && !self.is_inert
    }

    /// The keys that do something on a desk's pages, where the browser runs their script.
    pub const fn keys(&self) -> &'static [(&'static str, &'static str)] {
        &[
            ("?", "keys-help"),
            ("j", "keys-next-card"),
            ("k", "keys-previous-card"),
            ("o", "keys-open"),
            ("t", "keys-take"),
            ("g", "keys-release"),
            ("n", "keys-next"),
            ("p", "keys-previous"),
            ("u", "keys-list"),
            ("w", "keys-words"),
            ("m", "keys-message"),
            ("e", "keys-note"),
        ]
    }

    /// What stands before the title of a page so that its tab says it: how much waits.
    pub fn title_count(&self) -> String {
        let Some(DeskCounts { waiting, for_me }) = self.desk() else {
            return String::new();
        };
        match waiting.saturating_add(for_me) {
            0 => String::new(),
            all => format!("({}) ", counted(self.t, all)),
        }
    }

    /// A sentence for an element.
    pub fn say(&self, id: &str) -> Said {
        Said::text(self.t, id)
    }

    /// What an operator has given in some languages, for an element.
    pub fn given(&self, spoken: &Spoken) -> Said {
        Said::given(self.t, spoken)
    }

    /// A sentence with one word in it.
    pub fn with(&self, id: &str, name: &str, word: impl AsRef<str>) -> String {
        self.t.text_with(id, &[(name, word.as_ref())])
    }

    /// A day in the past, and how many days ago that was.
    pub fn age(&self, day: &Day) -> String {
        let days = self.now.day().number().saturating_sub(day.number());
        let (day, days) = (self.t.date(*day), self.t.number(days.max(0)));
        let said = [("day", &day), ("days", &days)];
        self.t.text_with("credentials-age", &said)
    }

    /// A day. By reference, as all of these: templates lend what they show.
    pub fn date(&self, day: &Day) -> String {
        self.t.date(*day)
    }

    /// A day and a time of it, where the organisation is.
    pub fn moment(&self, at: &Timestamp) -> String {
        self.t.moment(*at)
    }

    /// A whole number.
    pub fn number<N: Copy + TryInto<i64>>(&self, value: &N) -> String {
        self.t.number(*value)
    }

    /// That there are alarms, for those who have a page of them.
    pub fn alarm_line(&self) -> String {
        let count = self.t.number(self.alarms.count);
        self.with("alarm-banner", "count", &count)
    }

    /// Which page of several this is.
    pub fn page_label(&self, number: &u32) -> String {
        self.t.text_with("staff-page-number", &[("page", *number)])
    }

    /// Where a file of ours lies.
    pub fn asset(&self, name: &str) -> String {
        statics::address(name)
    }

    /// Where the stylesheet with the organisation's colour lies, if it has one.
    pub fn colour(&self) -> Option<String> {
        self.settings.face.colour()
    }

    /// Where the organisation's mark lies.
    pub fn mark(&self) -> String {
        self.settings.face.mark()
    }

    /// Which way the script of what surrounds the page runs, as its `dir` attribute; empty where it is the usual way.
    pub fn dir(&self) -> &'static str {
        match self.own.locale().direction() {
            Direction::LeftToRight => "",
            Direction::RightToLeft => " dir=rtl",
        }
    }

    /// The language of the page itself, where it is another than the reader's.
    pub fn borrowed(&self) -> Option<Locale> {
        let spoken = self.t.spoken();
        (spoken != self.own.locale()).then_some(spoken)
    }

    /// The other languages that this page can be read in.
    pub fn others(&self) -> Vec<Locale> {
        let here = self.own.locale();
        let others = Locale::all().filter(|locale| *locale != here);
        others
            .filter(|locale| self.is_public() || locale.is_complete())
            .collect()
    }

    /// The first of them: by its name the readers of all know the list for what it is.
    pub fn nearest(&self) -> Option<Locale> {
        self.others().first().copied()
    }

    /// An address of the language switch in a language.
    pub fn address(&self, pattern: &str, locale: &Locale) -> String {
        pattern.replace(LANG, locale.code())
    }
}

/// A number that is not counted on beyond a bound.
pub fn counted(t: &Translator, count: usize) -> String {
    match count {
        MOST_COUNTED.. => t.text("desk-count-most"),
        _ => t.number(count),
    }
}
