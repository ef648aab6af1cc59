//! A real browser on the real program: what a reporter on a phone and a caseworker at a desk go through.

mod axe;
mod chromium;
mod desk;
mod firefox;
mod firefox_trace;
mod khmer;
mod profile;
mod service;
mod shift;
mod taps;
mod trace;

use std::net::SocketAddr;
use std::time::Duration;

use kapea::domain::language::Locale;
use serde_json::Value;
use tokio::net::{TcpListener, TcpStream};

use crate::support::client::Site;
use crate::support::eventually;
use crate::support::html::fold;
use chromium::{Browser, Setup};
use service::Demo;

const ACCOUNT: &str = "ខ្ញុំឮក្មេងប្រុសជិតខាងយំរាល់យប់ ហើយគាត់មានស្នាមជាំនៅដៃ។";
const ANSWER: &str = "អរគុណដែលបានប្រាប់យើង។ តើក្មេងនោះទៅសាលារៀនដែរឬទេ?";
/// Where the leave bar of the demonstration leads.
const ELSEWHERE: &str = "www.wikipedia.org";

#[tokio::test]
async fn a_report_in_khmer_is_sent_answered_and_read_without_script() {
    let demo = Demo::start();
    let reporter = Browser::without_script().await;
    write_report(&reporter, demo.public).await;
    let code = send_report(&reporter).await;
    let caseworker = Browser::without_script().await;
    sign_in(&caseworker, &demo, "sokha").await;
    answer(&caseworker).await;
    reporter.open(demo.public, "/km/mailbox").await;
    reporter.type_in("#code", &code).await;
    reporter.click("#enter button[value=enter]").await;
    assert_eq!(reporter.text(".message .text").await, ANSWER);
    // Nothing of it stays in the browser.
    let cookies = reporter.client.get_all_cookies().await.expect("an answer");
    assert!(cookies.is_empty(), "{cookies:?}");
}

/// Fills the form in, looks at the review, goes Back, finds everything as it was, and tells more.
async fn write_report(reporter: &Browser, public: SocketAddr) {
    reporter.open(public, "/km/").await;
    reporter.click(".door[href='/km/report']").await;
    reporter.click("label[for=q1-3]").await;
    reporter.type_in("textarea[name=account]", ACCOUNT).await;
    reporter.click("#form .row button[value=review]").await;
    reporter.find("form.review").await;
    reporter.client.back().await.expect("Back");
    assert_eq!(reporter.value("textarea[name=account]").await, ACCOUNT);
    assert!(reporter.has("#q1-3:checked").await, "the choice is gone");
    reporter.click("#form .row button[value=review]").await;
    reporter.click("button[value='edit:where']").await;
    reporter.type_in("textarea[name=place]", "ភូមិថ្មី").await;
    reporter.click("#form .row button[value=review]").await;
    let review = reporter.text("form.review").await;
    assert!(
        review.contains(ACCOUNT) && review.contains("ភូមិថ្មី"),
        "{review}"
    );
}

/// Sends from the review, and returns the code in Khmer numerals, with spaces between its groups.
async fn send_report(reporter: &Browser) -> String {
    reporter.click("form.review .row button[value=send]").await;
    let code = fold(&reporter.text(".code").await);
    let digits: Vec<char> = code.chars().filter(|c| !c.is_whitespace()).collect();
    assert_eq!(digits.len(), 24, "{code}");
    assert!(
        digits.iter().all(|digit| ('០'..='៩').contains(digit)),
        "{code}"
    );
    code
}

async fn sign_in(browser: &Browser, demo: &Demo, handle: &str) {
    let account = demo.account(handle);
    browser.open(demo.staff, "/").await;
    browser.type_in("#handle", &account.handle).await;
    browser.type_in("#passphrase", &account.passphrase).await;
    browser.type_in("#code", &account.code()).await;
    browser.click("form[action='/login'] button").await;
    browser.find("form[action='/logout']").await;
}

/// Finds the report in the queue by its first words, claims it, reads it, answers.
async fn answer(caseworker: &Browser) {
    let card = format!(
        "//li[contains(@class,'card')][.//p[@class='inert'][contains(.,'{}')]]",
        &first_words()
    );
    let claim = caseworker
        .find_by_path(&format!("{card}//form[contains(@action,'/claim')]/button"))
        .await;
    caseworker.click_on(claim).await;
    let answers = caseworker.text(".reading").await;
    assert!(answers.contains(ACCOUNT), "{answers}");
    caseworker.type_in("#message", ANSWER).await;
    caseworker.click("button[formaction$='/message']").await;
    let sent = format!("//ol[@class='history']//p[@class='inert'][contains(.,'{ANSWER}')]");
    caseworker.find_by_path(&sent).await;
}

/// As many as a card of the queue is sure to show.
fn first_words() -> String {
    ACCOUNT.chars().take(20).collect()
}

/// The code is kept apart from the passphrase: they must not come out of the printer on one sheet.
#[tokio::test]
async fn of_a_new_recovery_code_nothing_else_is_printed() {
    let demo = Demo::start();
    let browser = Browser::with_script(None).await;
    browser.open(demo.staff, "/forgotten").await;
    let (code, words) = (
        browser.text(".recovery-code").await,
        browser.text(".words").await,
    );
    let (printed, sees_more) = browser.printed("input, button, svg, .words, h1, nav").await;
    let lines: Vec<&str> = printed
        .lines()
        .filter(|line| !line.trim().is_empty())
        .collect();
    assert!(lines.len() == 2 && lines[1].trim() == code, "{lines:?}");
    assert!(!printed.contains(&words) && !sees_more, "{printed}");
}

#[tokio::test]
async fn leaving_covers_the_page_at_once_and_leaves_no_way_back() {
    let demo = Demo::start();
    // It accepts and says nothing: a very slow line.
    let line = TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let reporter =
        Browser::with_script(Some((ELSEWHERE, line.local_addr().expect("an address")))).await;
    for shift in [false, true] {
        reporter.open(demo.public, "/en/report").await;
        reporter
            .type_in("textarea[name=account]", "somebody comes in")
            .await;
        eventually("the page is complete", || async {
            (reporter.run("return document.readyState").await == "complete").then_some(())
        })
        .await;
        reporter.run(WATCH).await;
        if shift {
            let keys = "\u{e008}\u{e000}".repeat(3);
            reporter.type_in("textarea[name=account]", &keys).await;
        } else {
            reporter.click("#leave").await;
        }
        drop(asked(&line).await);
        release(&reporter, &line).await;
        let history = reporter.history().await;
        assert!(
            !history.iter().any(|url| url.contains("/report")),
            "{history:?}"
        );
        reporter.open(demo.public, "/en/help").await;
        assert_covered(&watched(&reporter).await);
    }
}

/// One Back after leaving shows an empty form: with script and without, whether the browser keeps pages or not.
#[tokio::test]
async fn back_after_leaving_shows_nothing_that_was_typed() {
    let demo = Demo::start();
    for (script, keeps_pages) in [(false, true), (false, false), (true, true)] {
        let reporter = Browser::with(&Setup {
            script,
            keeps_pages,
            ..Setup::default()
        })
        .await;
        reporter.open(demo.public, "/en/help").await;
        reporter.open(demo.public, "/en/report").await;
        reporter.click("label[for=q1-1]").await;
        reporter
            .type_in("textarea[name=account]", "somebody comes in")
            .await;
        // The other site cannot be reached from here: the browser then shows a page of its own that says so.
        drop(reporter.find("#leave").await.click().await);
        eventually("the page is left", || async {
            let url = reporter.client.current_url().await.expect("an address");
            (url.host_str() == Some(ELSEWHERE)).then_some(())
        })
        .await;
        reporter.client.back().await.expect("Back");
        let source = reporter.client.source().await.expect("a page");
        assert!(
            !source.contains("somebody comes in"),
            "{script} {keeps_pages}"
        );
        if reporter.has("textarea[name=account]").await {
            let typed = reporter.value("textarea[name=account]").await;
            assert_eq!(typed, "", "script: {script}, keeps pages: {keeps_pages}");
            assert!(
                !reporter.has("#q1-1:checked").await,
                "{script} {keeps_pages}"
            );
        }
    }
}

/// Exactly what a child who ticked "talks about dying" is told to tap, in a browser that keeps no page.
#[tokio::test]
async fn help_by_phone_and_back_keeps_the_words() {
    let demo = Demo::start();
    for keeps_pages in [false, true] {
        let reporter = Browser::with(&Setup {
            keeps_pages,
            ..Setup::default()
        })
        .await;
        reporter.open(demo.public, "/km/report").await;
        reporter.click("label[for=q1-1]").await;
        reporter.type_in("textarea[name=account]", ACCOUNT).await;
        assert!(reporter.has("#q1-1:checked").await);
        reporter.click(".top .help").await;
        reporter.find("#kept").await;
        assert!(reporter.has("a[href^='tel:']").await);
        reporter.click("#kept button").await;
        assert_eq!(reporter.value("textarea[name=account]").await, ACCOUNT);
        assert!(reporter.has("#q1-1:checked").await);
        reporter.click(".top .home").await;
        reporter.click("#kept button").await;
        assert_eq!(reporter.value("textarea[name=account]").await, ACCOUNT);
    }
}

/// Waits until the browser asks for the other site, and holds the request.
async fn asked(line: &TcpListener) -> TcpStream {
    let asked = tokio::time::timeout(Duration::from_secs(60), line.accept()).await;
    asked
        .expect("the browser goes elsewhere")
        .expect("a connection")
        .0
}

/// Hangs up on the browser until it gives in and shows that the other site cannot be reached.
async fn release(reporter: &Browser, line: &TcpListener) {
    let gone = eventually("the page is left", || async {
        let url = reporter.client.current_url().await.expect("an address");
        (url.host_str() == Some(ELSEWHERE)).then_some(())
    });
    let hang_up = async {
        loop {
            drop(line.accept().await);
        }
    };
    tokio::select! {
        () = gone => {}
        () = hang_up => {}
    }
}

/// Notes what is to be seen right after the click or the key has been dealt with: in the same task, before any answer can come.
/// Nothing can be asked of a page that is being left, so it is kept for later.
const WATCH: &str = "const note = () => {
      const root = document.documentElement, point = document.elementFromPoint(180, 300);
      sessionStorage.setItem('seen', JSON.stringify({ white: getComputedStyle(root).backgroundColor, title: document.title,
        shown: [...document.body.querySelectorAll('*')].filter(e => e.checkVisibility()).length, point: point ? point.tagName : 'HTML' }));
    };
    addEventListener('click', note);
    addEventListener('keyup', note);";

fn assert_covered(seen: &Value) {
    assert_eq!(seen["white"], "rgb(255, 255, 255)", "{seen}");
    assert_eq!(seen["shown"], 0, "{seen}");
    assert_eq!(seen["point"], "HTML", "{seen}");
    assert_eq!(seen["title"], "\u{200b}", "{seen}");
}

/// What [`WATCH`] noted.
async fn watched(reporter: &Browser) -> Value {
    eventually("the other page is there", || async {
        let noted = reporter
            .run("return location.pathname === '/en/help' && sessionStorage.getItem('seen')")
            .await;
        noted
            .as_str()
            .map(|seen| serde_json::from_str(seen).expect("JSON"))
    })
    .await
}

/// The hours, whom to ask for, what to say if someone else answers: asked of whoever wants to be called.
#[tokio::test]
async fn whoever_asks_to_be_called_is_asked_how_that_is_safe() {
    let demo = Demo::start();
    let reporter = Browser::without_script().await;
    let asked =
        "return [...document.querySelectorAll('.follow')].filter(e => e.checkVisibility()).length";
    for lang in ["km", "en"] {
        let path = format!("/{lang}/report");
        reporter.open(demo.public, &path).await;
        reporter.type_in("textarea[name=account]", "x").await;
        reporter.click("#form .row button[value=review]").await;
        reporter.click("button[value='edit:contact']").await;
        for (picked, questions) in [("code", 0), ("chat", 3), ("phone", 6)] {
            let option = format!("input[value={picked}] + label");
            reporter.click(&option).await;
            assert_eq!(reporter.run(asked).await, questions, "{lang}: {picked}");
        }
        reporter.type_in("[name=contact-say]", "the library").await;
        reporter.click("#form .row button[value=review]").await;
        let review = reporter.text("form.review").await;
        assert!(review.contains("the library"), "{review}");
    }
}

/// `kapea form preview`: what is saved is asked, and a fault leaves the form as it was.
#[tokio::test]
async fn a_form_is_gone_through_while_it_is_written() {
    let folder = tempfile::tempdir().expect("a folder");
    let save = |name: &str, text: &str| {
        std::fs::write(folder.path().join(name), text).expect("written");
    };
    let form = include_str!("../../config/forms/report.toml");
    save("report.toml", form);
    let demo = Demo::asking(Some(folder.path()));
    let site = Site::new(demo.public);
    let asks = async |words: &str| {
        eventually(words, || async {
            let page = site.get("/en/report").await.expect(200);
            page.text().contains(words).then_some(())
        })
        .await;
    };
    asks("What is happening?").await;
    save("en.ftl", "form-account = What did the heron see?\n");
    asks("What did the heron see?").await;
    save(
        "report.toml",
        &form.replacen("kind = \"choice\"", "kind = \"chioce\"", 1),
    );
    let desk = Browser::without_script().await;
    sign_in(&desk, &demo, "admin").await;
    eventually("the fault is told of", || async {
        desk.open(demo.staff, "/form").await;
        desk.has(".problem pre").await.then_some(())
    })
    .await;
    asks("What did the heron see?").await;
}

#[tokio::test]
async fn no_page_has_anything_to_complain_of_on_the_console() {
    let demo = Demo::start();
    let browser = Browser::with_script(None).await;
    drop(browser.console().await);
    for lang in ["en", "km"] {
        for path in ["", "help", "report", "mailbox"] {
            let path = format!("/{lang}/{path}");
            browser.open(demo.public, &path).await;
            browser.find("#leave").await;
            assert_eq!(browser.console().await, [""; 0], "{path}");
        }
    }
    browser.type_in("#code", "1234").await;
    browser.click("#enter button[value=enter]").await;
    browser.find("#code-error").await;
    let mut complaints = browser.console().await;
    complaints.retain(|one| !one.contains("status of 422"));
    assert_eq!(complaints, [""; 0]);
    sign_in(&browser, &demo, "sokha").await;
    browser.click(".card a.read").await;
    browser.find(".reading .account").await;
    assert_eq!(browser.console().await, [""; 0]);
}

/// Every page of a report and of its mailbox, in every language that there is.
#[tokio::test]
async fn the_keyboard_reaches_everything_and_nothing_it_reaches_is_hidden() {
    let demo = Demo::start();
    let browser = Browser::with_script(None).await;
    for locale in Locale::every() {
        for path in ["", "help", "mailbox", "report"] {
            let path = format!("/{locale}/{path}");
            browser.open(demo.public, &path).await;
            walk(&browser, &path).await;
        }
        assert_eq!(browser.run("return innerWidth").await, 360);
        browser.type_in("textarea[name=account]", "x").await;
        let send = "#form .row button[value=review]";
        for (button, then) in [
            (send, "form.review"),
            ("form.review .offer", "#form .ask"),
            (send, "form.review"),
            ("form.review .row button[value=send]", ".code"),
            (".offer", "#messages .ask"),
            ("#messages .row button[value=open]", "#text"),
        ] {
            browser.click(button).await;
            browser.find(then).await;
            walk(&browser, &format!("{locale}, {then}")).await;
        }
    }
}

/// From the head of a page to its foot, key by key.
async fn walk(browser: &Browser, page: &str) {
    // From the top, also where a field has the focus from the start.
    let top = "document.body.tabIndex = -1; document.body.focus()";
    browser.run(top).await;
    let expected = stops(browser).await;
    assert!(expected.len() > 4, "{page}: {expected:?}");
    let mut reached: Vec<String> = Vec::new();
    // Radio buttons of one name are one stop. Twice as many as expected, in case something unexpected is reached.
    for _ in 0..expected.len() * 2 {
        let focused = browser.client.active_element().await.expect("an element");
        focused.send_keys("\u{e004}").await.expect("Tab");
        let seen = browser.run(&format!("{NAMES}{FOCUSED}")).await;
        let Some(name) = seen["name"].as_str() else {
            break;
        };
        assert_eq!(
            seen["hit"], true,
            "{page}: {name} has the focus, and something lies over it: {seen}"
        );
        assert_eq!(
            seen["marked"], true,
            "{page}: {name} does not show that it has the focus: {seen}"
        );
        if !reached.iter().any(|known| known == name) {
            reached.push(name.to_owned());
        }
        if name == "leave" {
            break;
        }
    }
    assert_eq!(reached.first().map(String::as_str), Some("#main"), "{page}");
    assert_eq!(reached, expected, "{page}");
}

/// What there is to reach, in the order in which it stands.
async fn stops(browser: &Browser) -> Vec<String> {
    let script = "const all = [...document.querySelectorAll('a[href], button, input, textarea, select, summary')]
           .filter(e => e.type !== 'hidden' && e.ariaHidden !== 'true' && (e.checkVisibility() || e.classList.contains('skip')));
         return [...new Set(all.map(name))]";
    let found = browser.run(&format!("{NAMES}{script}")).await;
    let names = found.as_array().expect("a list").iter();
    names.filter_map(Value::as_str).map(str::to_owned).collect()
}

/// What to call an element; radio buttons of one group are called the same.
const NAMES: &str = "const name = e => e.type === 'radio' ? 'radio ' + e.name
    : e.id || e.getAttribute('href') || [e.name + '=' + e.value, e.getAttribute('formaction')].filter(Boolean).join(' ');\n";

/// Whether what has the focus can be seen: in view, nothing over it, and marked.
const FOCUSED: &str = "const e = document.activeElement;
    if (!e || e === document.body) return { name: null };
    const shown = e.labels && e.labels.length && getComputedStyle(e).opacity === '0' ? e.labels[0] : e;
    const box = shown.getBoundingClientRect();
    const x = (Math.max(box.left, 0) + Math.min(box.right, innerWidth)) / 2;
    const y = (Math.max(box.top, 0) + Math.min(box.bottom, innerHeight)) / 2;
    const at = document.elementFromPoint(x, y);
    const style = getComputedStyle(e), label = e.labels && e.labels[0] ? getComputedStyle(e.labels[0]) : style;
    const row = e.parentElement ? getComputedStyle(e.parentElement) : style;
    return { name: name(e), at: at && at.outerHTML.slice(0, 80), box,
      hit: !!at && (at === shown || shown.contains(at) || at.contains(e) && at.tagName === 'LABEL'),
      marked: [style, label, row].some(s => s.outlineStyle !== 'none' && parseFloat(s.outlineWidth) >= 2) }";
