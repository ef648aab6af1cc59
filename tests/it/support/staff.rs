//! People with accounts: joining, signing in, and what each of them does on the staff side.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

use data_encoding::BASE32_NOPAD;
use kapea::domain::clock::{Clock, Timestamp};
use kapea::domain::receipt::western_digits;
use kapea::seal::totp::{self, TotpSeed};

use super::client::{Page, Site, fields};

/// Length of a one-time code's life.
const STEP: i64 = 30;
/// Seconds that a sign-in may take on a busy machine.
const MARGIN: i64 = 15;

/// Somebody with an account: what they know and what they carry. Clones are the same person.
#[derive(Debug, Clone)]
pub struct Person {
    pub handle: String,
    pub passphrase: String,
    pub recovery_code: String,
    totp: Arc<TotpSeed>,
    used: Arc<AtomicI64>,
}

/// A browser in which somebody is signed in.
#[derive(Debug, Clone)]
pub struct Session {
    pub site: Site,
    pub person: Person,
    pub cookie: String,
    pub csrf: String,
}

/// A person as they are written down, to be there again in a test of a later year.
#[derive(serde::Serialize, serde::Deserialize)]
pub struct Keepsake {
    handle: String,
    passphrase: String,
    recovery_code: String,
    /// The seed of the authenticator.
    totp: String,
    /// The last half minute whose code was used.
    used: i64,
}

impl Person {
    pub fn keepsake(&self) -> Keepsake {
        Keepsake {
            handle: self.handle.clone(),
            passphrase: self.passphrase.clone(),
            recovery_code: self.recovery_code.clone(),
            totp: self.totp.base32().to_string(),
            used: self.used.load(Ordering::SeqCst),
        }
    }

    pub fn of_keepsake(kept: &Keepsake) -> Self {
        let totp = BASE32_NOPAD.decode(kept.totp.as_bytes()).expect("a seed");
        Self {
            handle: kept.handle.clone(),
            passphrase: kept.passphrase.clone(),
            recovery_code: kept.recovery_code.clone(),
            totp: Arc::new(TotpSeed::from_bytes(totp.try_into().expect("20 bytes"))),
            used: Arc::new(AtomicI64::new(kept.used)),
        }
    }

    /// Stands where somebody will be put who has not joined yet.
    pub fn nobody() -> Self {
        Self {
            handle: String::new(),
            passphrase: String::new(),
            recovery_code: String::new(),
            totp: Arc::new(TotpSeed::random()),
            used: Arc::default(),
        }
    }

    /// Another authenticator and another paper.
    pub fn replace(&mut self, totp: TotpSeed, recovery_code: String) {
        self.totp = Arc::new(totp);
        self.recovery_code = recovery_code;
        self.used = Arc::default();
    }

    /// The same person at a copy of the installation, where other codes have been used.
    pub fn copied(&self) -> Self {
        Self {
            used: Arc::new(AtomicI64::new(self.used.load(Ordering::SeqCst))),
            ..self.clone()
        }
    }

    /// Takes up an invitation, with the passphrase that is offered or one's own.
    pub async fn join(site: &Site, clock: &Clock, token: &str, own: Option<&str>) -> Self {
        let path = format!("/join/{token}");
        let page = site.get_with(&path, ENGLISH).await.expect(200);
        let totp = authenticator(&page);
        let mut form = page.form_to(&path);
        let mut person = Self {
            handle: String::new(),
            passphrase: form.value("words").expect("words are offered").to_owned(),
            recovery_code: String::new(),
            totp: Arc::new(totp),
            used: Arc::new(AtomicI64::new(0)),
        };
        if let Some(own) = own {
            person.passphrase = own.to_owned();
            form.set("choice", "own").set("own", own);
        }
        person.recovery_code = page.document().of_class("recovery-code").concat();
        person.handle = page.document().of_element("strong").concat();
        form.set("noted", "yes")
            .set("code", &person.code(clock).await);
        site.post_with(&path, ENGLISH, &form.fields)
            .await
            .expect(303);
        assert!(!person.recovery_code.is_empty() && !person.handle.is_empty());
        person
    }

    /// The code that the authenticator shows, or of a step beside it that has not been used; otherwise time goes on.
    pub async fn code(&self, clock: &Clock) -> String {
        loop {
            let seconds = clock.now().seconds();
            let now = seconds.div_euclid(STEP);
            // Where time goes on by itself, a code that ends soon may be too old when it arrives.
            let oldest = if goes_on_by_itself(clock) {
                (seconds - STEP + MARGIN).div_euclid(STEP)
            } else {
                now - 1
            };
            let step = (self.used.load(Ordering::SeqCst) + 1).max(oldest);
            if step <= now + 1 {
                self.used.store(step, Ordering::SeqCst);
                return totp::current(&self.totp, Timestamp::from_seconds(step * STEP))
                    .expect("a code");
            }
            // Moves a manual clock; with the system's there is nothing for it but to wait for the next code, as people do.
            clock.advance(STEP);
            if clock.now().seconds().div_euclid(STEP) == now {
                tokio::time::sleep(std::time::Duration::from_millis(200)).await;
            }
        }
    }

    /// The code that is shown now may be used again: whoever runs the test has emptied the service's memory of used ones.
    pub fn forget_codes(&self, clock: &Clock) {
        let now = clock.now().seconds().div_euclid(STEP);
        self.used.store(now - 1, Ordering::SeqCst);
    }

    /// The page that answers a sign-in.
    pub async fn try_sign_in(&self, site: &Site, passphrase: &str, code: &str) -> Page {
        let mut form = site
            .get_with("/login", ENGLISH)
            .await
            .expect(200)
            .form_to("/login");
        form.set("handle", &self.handle)
            .set("passphrase", passphrase)
            .set("code", code);
        site.post("/login", &form.fields).await
    }

    pub async fn sign_in(&self, site: &Site, clock: &Clock) -> Session {
        let session = self.sign_in_or_not(site, clock).await;
        session.unwrap_or_else(|page| panic!("not signed in: {} {}", page.status, page.text()))
    }

    /// Signs in; the page that says why not, if it does not come about.
    pub async fn sign_in_or_not(&self, site: &Site, clock: &Clock) -> Result<Session, Page> {
        let code = self.code(clock).await;
        let page = self.try_sign_in(site, &self.passphrase, &code).await;
        if page.status != 303 {
            return Err(page);
        }
        let cookie = page
            .headers
            .get_all("set-cookie")
            .iter()
            .filter_map(|value| value.to_str().ok())
            .filter_map(|value| value.split(';').next())
            .map(str::to_owned)
            .collect::<Vec<_>>()
            .join("; ");
        let mut session = Session {
            site: site.clone(),
            person: self.clone(),
            cookie,
            csrf: String::new(),
        };
        let account = session.get("/account").await;
        let form = account.forms_to("/logout").pop();
        match form.as_ref().and_then(|form| form.value("csrf")) {
            Some(csrf) => csrf.clone_into(&mut session.csrf),
            None => return Err(account),
        }
        Ok(session)
    }
}

/// Whether it is the system's: a manual clock has a hand.
fn goes_on_by_itself(clock: &Clock) -> bool {
    format!("{clock:?}") == format!("{:?}", Clock::system())
}

/// What somebody's phone reads off the page for joining.
pub fn authenticator(page: &Page) -> TotpSeed {
    let shown = western_digits(&page.document().of_class("secret").concat());
    let secret: String = shown.chars().filter(|c| !c.is_whitespace()).collect();
    let bytes = BASE32_NOPAD.decode(secret.as_bytes()).expect("base32");
    TotpSeed::from_bytes(bytes.as_slice().try_into().expect("twenty bytes"))
}

/// Snapshots and assertions on staff pages are in English.
const ENGLISH: &[(&str, &str)] = &[("accept-language", "en")];

impl Session {
    fn headers(&self) -> Vec<(&str, &str)> {
        vec![("cookie", &self.cookie), ("accept-language", "en")]
    }

    pub async fn get(&self, path: &str) -> Page {
        self.site.get_with(path, &self.headers()).await
    }

    /// A form of our own pages: with the token.
    pub async fn post(&self, path: &str, pairs: &[(&str, &str)]) -> Page {
        let mut all = fields(pairs);
        all.push(("csrf".to_owned(), self.csrf.clone()));
        self.post_fields(path, &all).await
    }

    pub async fn post_fields(&self, path: &str, all: &[(String, String)]) -> Page {
        let all = named(path, all.to_vec());
        self.site.post_with(path, &self.headers(), &all).await
    }

    /// Sends a page of the account that asks for passphrase and code, with the end of the new recovery code, and gives that.
    pub async fn change_own(&self, path: &str, clock: &Clock) -> (Page, String) {
        let page = self.get(path).await.expect(200);
        let mut form = page.form_to(path);
        form.set("passphrase", &self.person.passphrase)
            .set("code", &self.code(clock).await);
        let printed = page.document().of_class("recovery-code").concat();
        (self.post_fields(path, &form.fields).await, printed)
    }

    pub async fn code(&self, clock: &Clock) -> String {
        self.person.code(clock).await
    }

    // Administrator --------------------------------------------------------------------------------------------------

    /// Makes a team for these channels and gives its id.
    pub async fn make_team(&self, name: &str, channels: &[&str]) -> String {
        let mut pairs = vec![("name", name)];
        pairs.extend(channels.iter().map(|channel| ("channel", *channel)));
        self.post("/teams", &pairs).await.expect(303);
        self.team(name).await
    }

    /// The id of a team, as the form for invitations names it.
    pub async fn team(&self, name: &str) -> String {
        let page = self.get("/people").await.expect(200);
        let document = page.document();
        let ids = document.attributes("option", "value");
        let names = document.of_element("option");
        ids.into_iter()
            .zip(names)
            .find(|(_, label)| label.trim() == name)
            .map(|(id, _)| id)
            .unwrap_or_else(|| panic!("no team {name}"))
    }

    /// The token of a new invitation.
    pub async fn invite(&self, handle: &str, role: &str, team: Option<&str>, lead: bool) -> String {
        let mut pairs = vec![
            ("handle", handle),
            ("role", role),
            ("team", team.unwrap_or_default()),
        ];
        if lead {
            pairs.push(("lead", "yes"));
        }
        let page = self.post("/people/invite", &pairs).await.expect(200);
        let link = page.document().of_class("link-once").join("");
        link.rsplit('/').next().expect("a link").to_owned()
    }

    // Custodian ------------------------------------------------------------------------------------------------------

    /// Signs everything that waits.
    pub async fn sign_charters(&self, clock: &Clock) {
        let page = self.get("/charters").await.expect(200);
        let forms = page.forms_to("/charters/sign");
        assert!(!forms.is_empty(), "nothing to sign:\n{}", page.text());
        for mut form in forms {
            form.set("compared", "yes")
                .set("code", &self.code(clock).await);
            self.post_fields("/charters/sign", &form.fields)
                .await
                .expect(303);
        }
    }

    // Caseworker -----------------------------------------------------------------------------------------------------

    /// Lets everybody in who waits to join the team.
    pub async fn admit_all(&self, clock: &Clock) -> usize {
        let forms = self.get("/team").await.expect(200).forms_to("/team/admit");
        for mut form in forms.clone() {
            form.set("compared", "yes")
                .set("code", &self.code(clock).await);
            self.post_fields("/team/admit", &form.fields)
                .await
                .expect(303);
        }
        forms.len()
    }

    /// The ids of the reports on a page of the queue, in its order.
    pub async fn queue(&self, query: &str) -> Vec<String> {
        let page = self.get(&format!("/queue{query}")).await.expect(200);
        Self::reports_on(&page)
    }

    /// The reports that a page of the queue shows, in its order.
    pub fn reports_on(page: &Page) -> Vec<String> {
        let mut ids: Vec<String> = Vec::new();
        for address in page.document().attributes("a", "href") {
            if let Some(rest) = address.strip_prefix("/reports/")
                && let Some(id) = rest.split('?').next()
                && !ids.iter().any(|known| known == id)
            {
                ids.push(id.to_owned());
            }
        }
        ids
    }

    /// Every report of the queue, over all its pages.
    pub async fn whole_queue(&self) -> Vec<String> {
        let mut page = self.get("/queue").await.expect(200);
        let mut all = Self::reports_on(&page);
        while let Some(next) = page.turn("after") {
            page = self.get(&next).await.expect(200);
            all.extend(Self::reports_on(&page));
        }
        all
    }

    pub async fn read(&self, report: &str) -> Page {
        self.get(&format!("/reports/{report}")).await
    }

    pub async fn claim(&self, report: &str) -> Page {
        self.post(&format!("/reports/{report}/claim"), &[]).await
    }

    pub async fn note(&self, report: &str, text: &str) -> Page {
        self.post(&format!("/reports/{report}/note"), &[("text", text)])
            .await
    }

    pub async fn message(&self, report: &str, text: &str) -> Page {
        self.post(&format!("/reports/{report}/message"), &[("text", text)])
            .await
    }

    pub async fn release(&self, report: &str) -> Page {
        self.post(&format!("/reports/{report}/release"), &[]).await
    }

    /// The number of the state that the report's page carries.
    pub async fn version(&self, report: &str) -> String {
        let page = self.read(report).await.expect(200);
        let forms = page.document().forms();
        forms
            .iter()
            .find_map(|form| form.value("version"))
            .expect("a version")
            .to_owned()
    }

    pub async fn urgency(&self, report: &str, urgency: &str, reason: &str) -> Page {
        let version = self.version(report).await;
        let pairs = [
            ("version", version.as_str()),
            ("urgency", urgency),
            ("reason", reason),
        ];
        self.post(&format!("/reports/{report}/urgency"), &pairs)
            .await
    }

    /// These act on it, and look again in so many hours.
    pub async fn act_upon(&self, report: &str, people: &[&str], hours: u32) -> Page {
        let (version, hours) = (self.version(report).await, hours.to_string());
        let mut pairs = vec![("version", version.as_str()), ("hours", hours.as_str())];
        pairs.extend(people.iter().map(|id| ("staff", *id)));
        self.post(&format!("/reports/{report}/rest"), &pairs).await
    }

    pub async fn act(&self, report: &str, act: &str, reason: &str) -> Page {
        let version = self.version(report).await;
        let (what, field) = match act {
            "ask-reporter" => ("ask", "text"),
            _ => ("act", "reason"),
        };
        let pairs = [("version", version.as_str()), ("act", act), (field, reason)];
        self.post(&format!("/reports/{report}/{what}"), &pairs)
            .await
    }
}

/// A report's page is one form, in which each part's fields are named after the part. Tests name them as if they stood alone.
pub fn named(path: &str, fields: Vec<(String, String)>) -> Vec<(String, String)> {
    let Some((_, what)) = path
        .strip_prefix("/reports/")
        .and_then(|rest| rest.split_once('/'))
    else {
        return fields;
    };
    if fields.iter().any(|(name, _)| name == "once") {
        // The page's own form.
        return fields;
    }
    let value = |name: &str| {
        let mut of_name = fields.iter().filter(|(field, _)| field == name);
        of_name.next().map(|(_, value)| value.clone())
    };
    let part = match what {
        "propose" => value("kind").unwrap_or_default(),
        "approve" | "refuse" => value("proposal").unwrap_or_default(),
        "export" => value("export").unwrap_or_default(),
        "move" => "share".to_owned(),
        "ask" => "message".to_owned(),
        what => what.to_owned(),
    };
    let long = |name: &str| match (name, what) {
        ("text", "note" | "message" | "ask") => part.clone(),
        ("code", _) => format!("code-{part}"),
        ("urgency", "urgency") | ("message", "message" | "ask") => name.to_owned(),
        (
            "reason" | "urgency" | "class" | "until" | "recipient" | "message" | "staff" | "team"
            | "hours" | "people" | "outcome" | "safety" | "untold" | "to",
            _,
        ) => format!("{part}-{name}"),
        _ => name.to_owned(),
    };
    let pairs = fields.iter();
    pairs
        .map(|(name, value)| {
            let long = long(name);
            let is_there = fields.iter().any(|(name, _)| *name == long);
            (if is_there { name.clone() } else { long }, value.clone())
        })
        .collect()
}
