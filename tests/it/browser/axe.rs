//! axe on every page in every language, as it stands and in the dark: nothing that WCAG 2.1 A or AA forbids.

use std::collections::BTreeSet;
use std::net::SocketAddr;
use std::sync::mpsc;

use kapea::domain::disk::Disk;
use kapea::domain::receipt::ReceiptCode;
use serde_json::Value;

use super::chromium::Browser;
use super::service::Demo;
use super::sign_in;
use crate::disk::PLENTY;
use crate::support::html::fold;
use crate::support::{TestApp, eventually};

const AXE: &str = include_str!("../../axe/axe.min.js");

/// What is folded is opened first. All there is to say of a fault fits in a line.
const LOOK: &str = "
    document.querySelectorAll('details').forEach(one => one.open = true);
    return axe.run(document, { resultTypes: ['violations'], runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa'] })
      .then(seen => ({ rules: seen.passes.length, faults: seen.violations.flatMap(rule =>
        rule.nodes.map(node => rule.id + ': ' + node.html.slice(0, 200) + ' ' + node.any.concat(node.all).map(check => check.message).join('; ').slice(0, 200))) }))";

/// A browser with axe on every page, and what it has found so far.
struct Auditor {
    browser: Browser,
    faults: Vec<String>,
    looked_at: BTreeSet<String>,
}

impl Auditor {
    async fn new() -> Self {
        let browser = Browser::with_script(None).await;
        browser.bring(AXE).await;
        Self {
            browser,
            faults: Vec::new(),
            looked_at: BTreeSet::new(),
        }
    }

    /// Looks at the page that is shown.
    async fn look(&mut self, page: &str) {
        // That page has the browser's own colours, of which axe takes the ground for white.
        let schemes = if page.ends_with("/later") { 1 } else { 2 };
        for scheme in ["light", "dark"].into_iter().take(schemes) {
            self.browser.prefers(scheme).await;
            let seen = self.browser.run(LOOK).await;
            assert!(seen["rules"].as_u64() > Some(5), "{page}: {seen}");
            let faults = seen["faults"].as_array().expect("a list").iter();
            let faults = faults.filter_map(Value::as_str);
            self.faults
                .extend(faults.map(|fault| format!("{page} ({scheme}): {fault}")));
        }
        self.looked_at.insert(page.to_owned());
    }

    async fn open(&mut self, at: SocketAddr, path: &str) {
        self.browser.open(at, path).await;
        self.look(path).await;
    }

    /// Presses a button and looks at the page that has what is named on it.
    async fn press(&mut self, button: &str, then: &str, page: &str) {
        self.browser.click(button).await;
        self.browser.find(then).await;
        self.look(page).await;
    }
}

#[tokio::test]
async fn no_page_for_reporters_shuts_anybody_out() {
    let demo = Demo::start();
    let mut auditor = Auditor::new().await;
    for lang in ["en", "km", "vi", "th", "zh-Hans", "ar-XB"] {
        for path in ["", "help", "later", "mailbox", "nothing-here"] {
            auditor.open(demo.public, &format!("/{lang}/{path}")).await;
        }
        let page = |name: &str| format!("{lang}, {name}");
        auditor
            .browser
            .open(demo.public, &format!("/{lang}/"))
            .await;
        let door = "button[value^='door:']";
        auditor.press(door, "#form .ask", &page("a door")).await;
        let send = "#form .row button[value=review]";
        auditor
            .browser
            .open(demo.public, &format!("/{lang}/report"))
            .await;
        auditor.browser.click("label[for=q1-1]").await;
        auditor.look(&page("form")).await;
        auditor
            .press(send, ".summary", &page("a form with a fault"))
            .await;
        auditor.browser.type_in("textarea[name=account]", "x").await;
        auditor
            .press(".top .help", "#kept", &page("help with words kept"))
            .await;
        auditor.browser.click("#kept button").await;
        auditor.press(send, "form.review", &page("review")).await;
        let section = "form.review .offer";
        auditor
            .press(section, "#form .ask", &page("a further section"))
            .await;
        auditor
            .press(send, "form.review", &page("review again"))
            .await;
        let code = "form.review .row button[value=send]";
        auditor.press(code, ".code", &page("code")).await;
        let code = fold(&auditor.browser.text(".code").await);
        auditor.browser.type_in("#typed", "1234").await;
        auditor
            .press("#check .row button", "#typed-error", &page("another code"))
            .await;
        auditor
            .browser
            .open(demo.public, &format!("/{lang}/mailbox"))
            .await;
        auditor.browser.type_in("#code", "1234").await;
        let enter = "#enter button[value=enter]";
        auditor
            .press(enter, "#code-error", &page("no such code"))
            .await;
        auditor
            .browser
            .run("document.querySelector('#code').value = ''")
            .await;
        auditor.browser.type_in("#code", &code).await;
        auditor.press(enter, "#text", &page("mailbox")).await;
        auditor
            .press(".offer", "#messages .ask", &page("telling more"))
            .await;
        let back = "#messages .row button[value=open]";
        auditor.press(back, "#text", &page("mailbox again")).await;
        auditor.browser.type_in("#text", "x").await;
        let write = "#messages .row button[value=write]";
        auditor
            .press(write, ".kept", &page("message written"))
            .await;
        let close = "button[value=close]";
        auditor
            .press(close, "button[value=close-sure]", &page("close?"))
            .await;
        let sure = "button[value=close-sure]";
        auditor.press(sure, "main > h1", &page("closed")).await;
    }
    assert_eq!(auditor.faults, [""; 0]);
    assert_eq!(auditor.looked_at.len(), 6 * 21);
}

/// From each person's first page wherever links lead, one page of each kind.
#[tokio::test]
async fn no_page_for_staff_shuts_anybody_out() {
    let demo = Demo::start();
    let mut auditor = Auditor::new().await;
    for lang in ["en", "km"] {
        for path in [
            "/login",
            "/forgotten",
            "/authenticator",
            "/demo/mail",
            "/no-such-page",
        ] {
            auditor
                .open(demo.staff, &format!("{path}?lang={lang}"))
                .await;
        }
    }
    for lang in ["en", "km"] {
        another_authenticator(&mut auditor, &demo, lang).await;
    }
    for handle in ["sokha", "admin", "custodian", "auditor"] {
        auditor.browser.open(demo.staff, "/login?lang=en").await;
        sign_in(&auditor.browser, &demo, handle).await;
        if auditor.browser.has(".card form[action$='/claim']").await {
            let claim = ".card form[action$='/claim'] button";
            auditor.press(claim, ".reading", "report claimed").await;
            let mend = "button[formaction$='/note']";
            auditor
                .press(mend, "#note[aria-invalid]", "report with a fault")
                .await;
        }
        for lang in ["en", "km"] {
            auditor.browser.open(demo.staff, "/account").await;
            if auditor
                .browser
                .run("return document.documentElement.lang")
                .await
                != lang
            {
                auditor
                    .browser
                    .click(&format!("form[action='/language'] [lang={lang}]"))
                    .await;
            }
            auditor.browser.find(&format!("html[lang={lang}]")).await;
            let mut seen = BTreeSet::new();
            let mut waiting = vec!["/".to_owned(), "/account/renew".to_owned()];
            while let Some(path) = waiting.pop() {
                if seen.insert(kind(&path)) {
                    auditor.browser.open(demo.staff, &path).await;
                    auditor
                        .look(&format!("{handle}, {lang}: {}", kind(&path)))
                        .await;
                    let links = auditor.browser.run(LINKS).await;
                    let links = links.as_array().expect("a list").iter();
                    waiting.extend(links.filter_map(Value::as_str).map(str::to_owned));
                }
            }
        }
        if handle == "admin" {
            invite(&mut auditor, &demo).await;
        }
        auditor.browser.open(demo.staff, "/account").await;
        auditor.browser.click("form[action='/logout'] button").await;
    }
    assert!(auditor.looked_at.len() > 60, "{:?}", auditor.looked_at);
    assert_eq!(auditor.faults, [""; 0]);
}

/// Pages that few see: the code has been shown, the mailbox has no place for a further one, the form is closed.
#[tokio::test(flavor = "multi_thread")]
async fn no_page_that_few_see_shuts_anybody_out() {
    let limits = ["check_permits = 1", "check_queue = 0"];
    let app = TestApp::start_with(&limits.map(|limit| ("limits", limit))).await;
    let mut auditor = Auditor::new().await;
    let at = app.public.address;
    let code = ReceiptCode::from_payload(1_234_567).grouped();
    let lane = app.lanes().receipt.clone();
    let (open, gate) = mpsc::channel::<()>();
    let held = tokio::spawn(async move { lane.run(move || gate.recv()).await });
    eventually("the one place is taken", async || {
        (app.lanes().receipt.turns().taken() == 1).then_some(())
    })
    .await;
    for lang in ["en", "km"] {
        auditor.browser.open(at, &format!("/{lang}/mailbox")).await;
        auditor.browser.type_in("#code", &code).await;
        let (enter, again) = (
            "#enter button[value=enter]",
            "#messages button[value=enter]",
        );
        auditor
            .press(enter, again, &format!("{lang}, mailbox busy"))
            .await;
    }
    drop(open);
    drop(held.await);
    for lang in ["en", "km"] {
        app.store.say_disk(Some(PLENTY));
        let path = format!("/{lang}/report");
        auditor.browser.open(at, &path).await;
        auditor.browser.click("label[for=q1-1]").await;
        auditor.browser.type_in("textarea[name=account]", "x").await;
        let review = "#form .row button[value=review]";
        auditor.browser.click(review).await;
        let send = "form.review .row button[value=send]";
        auditor.browser.click(send).await;
        let arrived = "//img[starts-with(@src,'/arrived?')]";
        auditor.browser.find_by_path(arrived).await;
        auditor.browser.again().await;
        assert!(!auditor.browser.has(".code").await);
        auditor.look(&format!("{lang}, code shown")).await;
        auditor.browser.open(at, &path).await;
        auditor.browser.type_in("textarea[name=account]", "x").await;
        app.store.say_disk(Some(Disk { free: 0, ..PLENTY }));
        let words = "textarea[readonly]";
        auditor
            .press(review, words, &format!("{lang}, closed with words"))
            .await;
        auditor.open(at, &path).await;
        assert!(!auditor.browser.has("form[action*=report]").await);
    }
    assert_eq!(auditor.faults, [""; 0]);
    assert_eq!(auditor.looked_at.len(), 2 * 4);
}

/// What is shown once to whoever has lost the telephone, and once more beside what was typed wrongly.
async fn another_authenticator(auditor: &mut Auditor, demo: &Demo, lang: &str) {
    let account = demo.account("sokha");
    let path = format!("/authenticator?lang={lang}");
    let browser = &auditor.browser;
    browser.open(demo.staff, &path).await;
    browser.type_in("#handle", &account.handle).await;
    browser.type_in("#passphrase", &account.passphrase).await;
    browser.type_in("#proof", &account.recovery_code).await;
    let button = "form[action='/authenticator'] button";
    let new = format!("{lang}: a new authenticator");
    auditor.press(button, ".qr", &new).await;
    auditor.browser.run(UNASKED).await;
    let wrong = format!("{new} with a fault");
    auditor.press(button, "[aria-invalid]", &wrong).await;
}

/// The browser asks for no field itself.
const UNASKED: &str = "document.querySelector('form.panel').noValidate = true";

/// What an invitation shows to whoever makes it, and to whoever it is for.
async fn invite(auditor: &mut Auditor, demo: &Demo) {
    auditor.browser.open(demo.staff, "/people").await;
    auditor.browser.type_in("#handle", "newcomer").await;
    let role = "input[name=role][value=auditor]";
    auditor.browser.click(role).await;
    let send = "form[action='/people/invite'] button";
    auditor.press(send, ".link-once", "invited").await;
    let link = auditor.browser.text(".link-once").await;
    let (_, path) = link.split_once("/join/").expect("a link to join");
    for lang in ["en", "km"] {
        let path = format!("/join/{}?lang={lang}", path.trim());
        auditor.browser.open(demo.staff, &path).await;
        auditor.look(&format!("join, {lang}")).await;
        let join = "form.panel button";
        let wrong = format!("join with a fault, {lang}");
        auditor.browser.run(UNASKED).await;
        auditor.press(join, "[aria-invalid]", &wrong).await;
    }
}

const LINKS: &str = "return [...document.querySelectorAll('main a[href], nav a[href]')]
    .filter(link => link.origin === location.origin && !link.hash && !link.hasAttribute('download')).map(link => link.pathname)";

/// A page of each kind: what is chosen by chance stands in one part of an address.
fn kind(path: &str) -> String {
    let parts = path.split('/').map(|part| {
        let is_drawn = part.len() > 20 || part.contains(|letter: char| letter.is_ascii_digit());
        if is_drawn { "…" } else { part }
    });
    parts.collect::<Vec<_>>().join("/")
}
