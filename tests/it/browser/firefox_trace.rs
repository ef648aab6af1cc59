//! What [`super::trace`] says of Chromium, in Firefox, which keeps what is typed while it is being typed.

use std::net::SocketAddr;

use super::firefox::{Firefox, Setup};
use super::profile::Phone;
use super::service::Demo;
use super::{ACCOUNT as ACCOUNT_KM, ELSEWHERE};
use crate::support::eventually;
use crate::support::html::fold;

/// Words that stand nowhere else.
const ACCOUNT: &str = "zuviqet the neighbour";
const WORDS_KM: &str = "ខ្ញុំឮក្មេងប្រុសជិតខាង";
const CONTACT: &str = "0977361482";
const MESSAGE: &str = "wobrelin again";
const NOTE: &str = "quandrip noted";
const PASSPHRASE: &str = "trelvin mostard ipple";
const RECOVERY: &str = "ZRVQ 7K4M";

const WORDS: [&str; 3] = [ACCOUNT, WORDS_KM, CONTACT];

async fn type_report(reporter: &Firefox<'_>, public: SocketAddr) {
    reporter.open(public, "/en/report").await;
    reporter.click("label[for=q1-1]").await;
    let account = format!("{ACCOUNT} {WORDS_KM} {CONTACT}");
    reporter.type_in("textarea[name=account]", &account).await;
}

/// The code, as it is shown and as digits alone.
async fn send(reporter: &Firefox<'_>) -> [String; 2] {
    reporter.click("#form .row button[value=review]").await;
    reporter.find("form.review").await;
    reporter.click("form.review .row button[value=send]").await;
    let code = fold(&reporter.text(".code").await);
    let digits: String = code.chars().filter(char::is_ascii_digit).collect();
    assert_eq!(digits.len(), 24, "{code}");
    [code, digits]
}

/// To a site that cannot be reached from here: the browser then shows a page of its own that says so.
async fn leave(reporter: &Firefox<'_>) {
    reporter.click("#leave").await;
    eventually("the page is left", || async {
        reporter.url().await.contains(ELSEWHERE).then_some(())
    })
    .await;
}

/// Written, looked over, sent; then the phone is turned off, or the browser closed; then its tabs are opened again.
#[tokio::test]
async fn nothing_of_a_report_or_its_code_stays_or_comes_back() {
    let demo = Demo::start();
    for (script, quits) in [(false, false), (true, true), (false, true), (true, false)] {
        let phone = Phone::new();
        let setup = Setup {
            script,
            ..Setup::default()
        };
        let reporter = Firefox::with(&phone, setup).await;
        type_report(&reporter, demo.public).await;
        reporter.writes_down("form").await;
        phone.assert_without("/en/report", &WORDS, "form");
        reporter.click("#form .row button[value=review]").await;
        reporter.find("form.review").await;
        reporter.writes_down("review").await;
        phone.assert_without("/en/report", &WORDS, "review");
        reporter.click("form.review .row button[value=send]").await;
        let code = fold(&reporter.text(".code").await);
        let digits = code.replace(' ', "");
        reporter.writes_down("code").await;
        let secrets = [&WORDS[..], &[code.as_str(), digits.as_str()]].concat();
        phone.assert_without("/en/report", &secrets, "code");
        if quits {
            reporter.quit().await;
        } else {
            drop(reporter);
        }
        phone.assert_without("/en/report", &secrets, "the end");
        let reopens = Setup {
            reopens: true,
            ..setup
        };
        let reporter = Firefox::with(&phone, reopens).await;
        for page in reporter.tabs("/en/report").await {
            let groups = code.split(' ');
            let shows_code = groups.into_iter().all(|group| page.contains(group));
            assert!(!page.contains(ACCOUNT) && !shows_code, "{page}");
        }
        drop(reporter);
        phone.assert_without("/en/report", &secrets, "the tabs opened again");
    }
}

#[tokio::test]
async fn nothing_of_the_messages_stays_or_comes_back() {
    let demo = Demo::start();
    let phone = Phone::new();
    let reporter = Firefox::with(&phone, Setup::default()).await;
    type_report(&reporter, demo.public).await;
    let [code, digits] = send(&reporter).await;
    drop(reporter);
    for script in [false, true] {
        let phone = Phone::new();
        let setup = Setup {
            script,
            ..Setup::default()
        };
        let reporter = Firefox::with(&phone, setup).await;
        reporter.open(demo.public, "/en/mailbox").await;
        reporter.type_in("#code", &digits).await;
        reporter.writes_down("entering").await;
        let secrets = [code.as_str(), digits.as_str(), MESSAGE];
        phone.assert_without("/en/mailbox", &secrets, "entering");
        reporter.click("#enter button[value=enter]").await;
        reporter.type_in("#text", MESSAGE).await;
        let ticket = reporter.value("#messages input[name=ticket]").await;
        reporter.writes_down("writing").await;
        let secrets = [&secrets[..], &[ticket.as_str()]].concat();
        phone.assert_without("/en/mailbox", &secrets, "writing");
        reporter.click("#messages .row button[value=write]").await;
        reporter.find(".kept").await;
        reporter.writes_down("written").await;
        phone.assert_without("/en/mailbox", &secrets, "written");
        if script {
            leave(&reporter).await;
            reporter.quit().await;
        } else {
            drop(reporter);
        }
        phone.assert_without("/en/mailbox", &secrets, "the end");
        if !script {
            let reopens = Setup {
                reopens: true,
                ..setup
            };
            let reporter = Firefox::with(&phone, reopens).await;
            for page in reporter.tabs("/en/mailbox").await {
                assert!(!page.contains(MESSAGE), "{page}");
            }
        }
    }
}

#[tokio::test]
async fn nothing_of_what_staff_read_and_write_stays() {
    let demo = Demo::start();
    let desk = Phone::new();
    let browser = Firefox::with(&desk, Setup::default()).await;
    let account = demo.account("sokha");
    browser.open(demo.staff, "/forgotten").await;
    let made = browser.text(".recovery-code").await;
    browser.type_in("#recovery", RECOVERY).await;
    browser.writes_down("forgotten").await;
    desk.assert_without("/forgotten", &[RECOVERY, &made], "forgotten");
    for (passphrase, then) in [
        (PASSPHRASE, "form[action='/login'] .error, .problem"),
        (account.passphrase.as_str(), "ol.cards"),
    ] {
        browser.open(demo.staff, "/").await;
        browser.type_in("#handle", &account.handle).await;
        browser.type_in("#passphrase", passphrase).await;
        browser.type_in("#code", &account.code()).await;
        browser.click("form[action='/login'] button").await;
        browser.find(then).await;
    }
    browser.click(".card form[action$='/claim'] button").await;
    let answers = browser.text(".reading").await;
    let read = answers.lines().map(str::trim).max_by_key(|line| line.len());
    let read = read.expect("an answer").to_owned();
    browser.type_in("#message", MESSAGE).await;
    browser.type_in("#note", NOTE).await;
    browser.writes_down("writing").await;
    let secrets = [
        PASSPHRASE,
        &account.passphrase,
        NOTE,
        MESSAGE,
        &read,
        RECOVERY,
        &made,
    ];
    desk.assert_without("/reports/", &secrets, "writing");
    browser.click("button[formaction$='/note']").await;
    browser.find("ol.history").await;
    browser.writes_down("written").await;
    desk.assert_without("/reports/", &secrets, "written");
    browser.quit().await;
    desk.assert_without("/reports/", &secrets, "the end");
}

/// One Back after leaving shows an empty form, or the page before it.
#[tokio::test]
async fn back_after_leaving_shows_nothing_that_was_typed() {
    let demo = Demo::start();
    for (script, forgets_pages) in [(false, false), (false, true), (true, false)] {
        let phone = Phone::new();
        let setup = Setup {
            script,
            forgets_pages,
            ..Setup::default()
        };
        let reporter = Firefox::with(&phone, setup).await;
        reporter.open(demo.public, "/en/help").await;
        type_report(&reporter, demo.public).await;
        leave(&reporter).await;
        reporter.back().await;
        reporter.find("#leave").await;
        assert!(!reporter.source().await.contains(ACCOUNT));
        let form = "textarea[name=account]";
        assert_ne!(
            reporter.has(form).await,
            script,
            "what leaves by script leaves no way back"
        );
        if !script {
            assert_eq!(reporter.value(form).await, "");
            assert!(!reporter.has("#q1-1:checked").await);
        }
    }
}

#[tokio::test]
async fn help_by_phone_and_back_keeps_the_words() {
    let demo = Demo::start();
    for script in [false, true] {
        let phone = Phone::new();
        let setup = Setup {
            script,
            ..Setup::default()
        };
        let reporter = Firefox::with(&phone, setup).await;
        reporter.open(demo.public, "/km/report").await;
        reporter.click("label[for=q1-1]").await;
        reporter.type_in("textarea[name=account]", ACCOUNT_KM).await;
        for way in [".top .help", ".top .home"] {
            reporter.click(way).await;
            reporter.find("#kept").await;
            assert!(reporter.has("a[href^='tel:']").await);
            reporter.click("#kept button").await;
            assert_eq!(reporter.value("textarea[name=account]").await, ACCOUNT_KM);
            assert!(reporter.has("#q1-1:checked").await);
        }
    }
}
