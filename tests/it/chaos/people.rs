//! Who goes on whatever happens: reporters, a caseworker, an administrator. Whoever sees no page, or one that says that it did not work, does
//! the same again, and counts as done what a page has said.

use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};

use kapea::domain::clock::Clock;
use reqwest::Method;
use tokio::sync::watch;

use crate::support::binary::Installation;
use crate::support::canary::plain;
use crate::support::client::{Page, Site, encode};
use crate::support::dice::Dice;
use crate::support::eventually;
use crate::support::html::Form;
use crate::support::reporter::{code_of, fill};
use crate::support::smtp::Server;
use crate::support::sql;
use crate::support::staff::{Person, Session};

/// Reports that each reporter files in a round.
const FILED: usize = 4;
/// Reports that the caseworker takes up in a round.
const TAKEN: usize = 3;
/// How often the administrator looks in a round.
const LOOKS: usize = 4;

pub const ON_CALL: &str = "on-call@hotline.example";

/// Where the service is now.
#[derive(Clone)]
pub struct Doors {
    pub public: Site,
    pub staff: Site,
}

/// What a page has shown of a report.
pub struct Told {
    pub code: String,
    pub is_urgent: bool,
    /// Mails that those on call had before it was sent for the first time.
    pub mails_before: usize,
    /// Messages that a page said were sent.
    pub messages: Vec<String>,
}

/// What the people saw.
#[derive(Default)]
pub struct Seen {
    /// By the account that was typed.
    pub told: BTreeMap<String, Told>,
    /// Reports that somebody may have claimed.
    pub claimed: BTreeSet<String>,
    /// Answers that a page said were sent, by report.
    pub answers: BTreeMap<String, Vec<String>>,
}

/// Where somebody of the staff sits.
pub struct Desk {
    person: Person,
    database: PathBuf,
    session: tokio::sync::Mutex<Option<Session>>,
}

impl Desk {
    pub fn of(installation: &Installation, handle: &str) -> Arc<Self> {
        Arc::new(Self {
            person: installation.people.get(handle).clone(),
            database: installation.database(),
            session: tokio::sync::Mutex::default(),
        })
    }

    /// As whoever is signed in.
    pub async fn session(&self, site: &Site) -> Session {
        let mut session = self.session.lock().await;
        if let Some(session) = &*session {
            return session.clone();
        }
        // A one-time code counts once, and people are signed out often here.
        sql::run_in(&self.database, "DELETE FROM totp_uses");
        let clock = Clock::system();
        self.person.forget_codes(&clock);
        let new = self.person.sign_in(site, &clock).await;
        *session = Some(new.clone());
        new
    }

    async fn forget(&self, cookie: &str) {
        let mut session = self.session.lock().await;
        session.take_if(|session| session.cookie == cookie);
    }
}

/// The people, and what they share.
pub struct Town {
    pub doors: watch::Sender<Option<Doors>>,
    pub seen: Mutex<Seen>,
    pub server: Server,
    numbers: AtomicUsize,
}

/// Several lines of words, so that half of it would be seen.
fn account(number: usize) -> String {
    let middle = "<b>word &amp; ".repeat(100);
    let stem = plain("account");
    format!("{stem}-{number} ក្មេង {middle} {stem}-{number}-end")
}

impl Town {
    pub fn new(server: Server) -> Self {
        Self {
            doors: watch::Sender::new(None),
            seen: Mutex::default(),
            server,
            numbers: AtomicUsize::new(0),
        }
    }

    /// Codes that were shown so far.
    pub fn shown(&self) -> usize {
        self.seen.lock().unwrap().told.len()
    }

    /// What they saw, when all have ended.
    pub fn take_seen(&self) -> Seen {
        std::mem::take(&mut self.seen.lock().unwrap())
    }

    /// Mails to those on call so far, by the mail server's record.
    pub fn mails(&self) -> usize {
        let taken = self.server.taken(0).into_iter();
        taken
            .filter(|mail| mail.recipients.iter().any(|to| to == ON_CALL))
            .count()
    }

    /// Sends the same until there is a page, and none that says that it did not work.
    async fn ask(&self, method: Method, path: &str, fields: Option<&[(String, String)]>) -> Page {
        let content = [("content-type", "application/x-www-form-urlencoded")];
        let headers = &content[..usize::from(fields.is_some())];
        let page = eventually(path, async || {
            let site = self.doors.borrow().clone()?.public;
            let body = fields.map(|fields| encode(fields).into_bytes());
            let page = site.try_send(method.clone(), path, headers, body).await;
            page.ok().filter(|page| page.status != 503)
        });
        page.await.expect(200)
    }

    async fn open(&self, path: &str) -> Page {
        self.ask(Method::GET, path, None).await
    }

    async fn press(&self, form: &Form, step: &str) -> Page {
        let mut form = form.clone();
        form.add("step", step);
        self.ask(Method::POST, &form.action, Some(&form.fields))
            .await
    }

    /// Files a report, and counts it when its code is shown.
    pub async fn file(&self, is_urgent: bool) -> (String, String) {
        let account = account(self.numbers.fetch_add(1, Ordering::SeqCst));
        let mails_before = self.mails();
        let mut form = self.open("/en/report").await.form("form");
        let danger = if is_urgent { "now" } else { "over" };
        fill(&mut form, &[("danger", danger), ("account", &account)]);
        let code = code_of(&self.press(&form, "send").await);
        let told = Told {
            code: code.clone(),
            is_urgent,
            mails_before,
            messages: Vec::new(),
        };
        self.seen.lock().unwrap().told.insert(account.clone(), told);
        (account, code)
    }

    /// The mailbox of a code, opened.
    pub async fn mailbox(&self, code: &str) -> Page {
        let mut form = self.open("/en/mailbox").await.form("enter");
        form.set("code", code);
        self.press(&form, "enter").await
    }

    /// A message into the mailbox of a report.
    async fn write(&self, account: &str, code: &str) {
        let number = self.numbers.fetch_add(1, Ordering::SeqCst);
        let text = plain(&format!("message-{number}-end"));
        let mut form = self.mailbox(code).await.form("messages");
        form.set("text", &text);
        self.press(&form, "write").await.says(&text);
        let mut seen = self.seen.lock().unwrap();
        seen.told.get_mut(account).unwrap().messages.push(text);
    }

    pub async fn report(self: Arc<Self>, mut dice: Dice) {
        for _ in 0..FILED {
            let (account, code) = self.file(dice.below(3) == 0).await;
            for _ in 0..dice.below(3) {
                self.write(&account, &code).await;
            }
        }
    }

    /// A page of the staff's. Whoever has been signed out signs in again and goes on.
    pub async fn desk(
        &self,
        desk: &Desk,
        method: Method,
        path: &str,
        fields: Option<&[(String, String)]>,
    ) -> Page {
        let content = ("content-type", "application/x-www-form-urlencoded");
        eventually(path, async || {
            let site = self.doors.borrow().clone()?.staff;
            let session = desk.session(&site).await;
            let cookie = session.cookie.as_str();
            let headers = [("cookie", cookie), ("accept-language", "en"), content];
            let body = fields.map(|fields| {
                let mut fields = fields.to_vec();
                fields.retain(|(name, _)| name != "csrf");
                fields.push(("csrf".to_owned(), session.csrf.clone()));
                encode(&fields).into_bytes()
            });
            let headers = &headers[..if body.is_some() { 3 } else { 2 }];
            let page = site.try_send(method.clone(), path, headers, body).await;
            let page = page.ok()?;
            let has_ended = page.status == 401
                || page
                    .header("location")
                    .is_some_and(|to| to.starts_with("/login"));
            if has_ended {
                desk.forget(cookie).await;
            }
            (page.status != 503 && !has_ended).then_some(page)
        })
        .await
    }

    /// A button without words. Whoever presses it again may hear that it is done already.
    pub async fn act(&self, desk: &Desk, report: &str, what: &str) {
        let path = format!("/reports/{report}/{what}");
        let page = self.desk(desk, Method::POST, &path, Some(&[])).await;
        assert!([303, 409].contains(&page.status), "{path}: {}", page.text());
    }

    pub async fn read(&self, desk: &Desk, report: &str) -> Page {
        let path = format!("/reports/{report}");
        let page = self.desk(desk, Method::GET, &path, None).await;
        page.expect(200)
    }

    pub async fn work(self: Arc<Self>, desk: Arc<Desk>, mut dice: Dice) {
        for _ in 0..TAKEN {
            let mut waiting = eventually("something waits", async || {
                let waiting = self.waiting(&desk).await;
                (!waiting.is_empty()).then_some(waiting)
            })
            .await;
            let report = dice.draw(&mut waiting);
            self.seen.lock().unwrap().claimed.insert(report.clone());
            self.act(&desk, &report, "claim").await;
            self.reply(&desk, &report).await;
            if dice.below(2) == 0 {
                self.act(&desk, &report, "release").await;
            }
        }
    }

    /// Reports that nobody has taken up, on whatever page of the queue: after half an hour its first is full of what is taken up.
    pub async fn waiting(&self, desk: &Desk) -> Vec<String> {
        let (mut waiting, mut next) = (Vec::new(), Some("/queue".to_owned()));
        while let Some(path) = next {
            let page = self.desk(desk, Method::GET, &path, None).await.expect(200);
            waiting.extend(Session::reports_on(&page));
            next = page.turn("after");
        }
        let seen = self.seen.lock().unwrap();
        waiting.retain(|report| !seen.claimed.contains(report));
        waiting
    }

    async fn reply(&self, desk: &Desk, report: &str) {
        let text = plain(&format!("answer-{report}-end"));
        let path = format!("/reports/{report}/message");
        // Where the reporter has written since the page was opened, that is to be read first.
        loop {
            let mut form = self.read(desk, report).await.form("work");
            form.set("message", &text);
            let page = self
                .desk(desk, Method::POST, &path, Some(&form.fields))
                .await;
            if page.status != 409 {
                page.expect(303);
                break;
            }
        }
        let mut seen = self.seen.lock().unwrap();
        seen.answers
            .entry(report.to_owned())
            .or_default()
            .push(text);
    }

    pub async fn look(self: Arc<Self>, desk: Arc<Desk>) {
        for _ in 0..LOOKS {
            self.status(&desk).await.says("Waiting to go out");
        }
    }

    pub async fn status(&self, desk: &Desk) -> Page {
        let page = self.desk(desk, Method::GET, "/status", None).await;
        page.expect(200)
    }
}
