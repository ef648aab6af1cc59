//! What a reporter or a caseworker wrote or was shown must not be found in Chromium's profile folder.

use std::net::SocketAddr;
use std::path::Path;

use super::ELSEWHERE;
use super::chromium::{Browser, Setup};
use super::profile::{Phone, files};
use super::service::Demo;
use super::sign_in;
use crate::support::eventually;
use crate::support::html::fold;

/// Words that stand nowhere else.
const ACCOUNT: &str = "zuviqet the neighbour";
const ACCOUNT_KM: &str = "ខ្ញុំឮក្មេងប្រុសជិតខាង";
const CONTACT: &str = "0977361482";
const MESSAGE: &str = "wobrelin again";
const NOTE: &str = "quandrip noted";
const PASSPHRASE: &str = "trelvin mostard ipple";

/// A browser that writes into it. Looked at after it has closed.
async fn browser(phone: &Phone, script: bool) -> Browser {
    Browser::with(&Setup {
        script,
        profile: Some(phone.path()),
        ..Setup::default()
    })
    .await
}

async fn type_report(reporter: &Browser, public: SocketAddr) {
    reporter.open(public, "/en/report").await;
    reporter
        .type_in(
            "textarea[name=account]",
            &format!("{ACCOUNT} {ACCOUNT_KM} {CONTACT}"),
        )
        .await;
}

const WORDS: [&str; 3] = [ACCOUNT, ACCOUNT_KM, CONTACT];

/// Each form holds the field that keeps its body off the disk, or a passphrase that must be given.
#[test]
fn no_form_is_written_down() {
    let templates = files(Path::new("src/web/templates"));
    let mut forms = 0;
    for (path, text) in templates {
        let text = String::from_utf8(text).expect("UTF-8");
        for form in text.split("<form").skip(1) {
            let form = form.split("</form>").next().unwrap_or_default();
            if !form.contains("method=\"post\"") {
                continue;
            }
            forms += 1;
            let has_passphrase = form.contains("type=\"password\" required");
            let holds = ["unstored.html", "sign_in.html"]
                .iter()
                .any(|part| form.contains(part));
            assert!(has_passphrase || holds, "{}: {form}", path.display());
        }
    }
    assert!(forms > 40, "{forms}");
}

/// Firefox writes down what is in a field while it is being typed, unless the field itself, and not its form, says that it must not. It
/// never does so with a passphrase; a handle and the code of half a minute may stand there.
#[test]
fn each_field_says_that_it_must_not_be_written_down() {
    let mut fields = 0;
    for (path, text) in files(Path::new("src/web/templates")) {
        let text = String::from_utf8(text).expect("UTF-8");
        for start in ["<input ", "<textarea ", "<select "] {
            for rest in text.split(start).skip(1) {
                let field = rest.split('<').next().unwrap_or_default();
                fields += 1;
                let may_stand = ["off", "username", "one-time-code"];
                let says = |word: &&str| field.contains(&format!("autocomplete=\"{word}\""));
                let kind = ["hidden", "password"]
                    .iter()
                    .any(|kind| field.contains(&format!("type=\"{kind}\"")));
                assert!(
                    kind || may_stand.iter().any(says),
                    "{}: {start}{field}",
                    path.display()
                );
            }
        }
    }
    assert!(fields > 100, "{fields}");
}

#[tokio::test]
async fn nothing_of_a_form_its_review_or_its_code_stays() {
    let demo = Demo::start();
    for script in [false, true] {
        let phone = Phone::new();
        let reporter = browser(&phone, script).await;
        type_report(&reporter, demo.public).await;
        review(&reporter).await;
        drop(reporter);
        phone.assert_without("/en/report", &WORDS, "review");
    }
    for left in [false, true] {
        let phone = Phone::new();
        let reporter = browser(&phone, false).await;
        type_report(&reporter, demo.public).await;
        review(&reporter).await;
        let code = send(&reporter).await;
        if left {
            leave(&reporter).await;
        }
        drop(reporter);
        let digits = code.replace(' ', "");
        let secrets = [&WORDS[..], &[code.as_str(), digits.as_str()]].concat();
        phone.assert_without("/en/report", &secrets, "code");
    }
}

#[tokio::test]
async fn nothing_of_the_messages_stays() {
    let demo = Demo::start();
    let reporter = Browser::without_script().await;
    type_report(&reporter, demo.public).await;
    review(&reporter).await;
    let code = send(&reporter).await;
    drop(reporter);
    let digits = code.replace(' ', "");
    for left in [false, true] {
        let phone = Phone::new();
        let reporter = browser(&phone, left).await;
        reporter.open(demo.public, "/en/mailbox").await;
        reporter.type_in("#code", &digits).await;
        reporter.click("#enter button[value=enter]").await;
        reporter.type_in("#text", MESSAGE).await;
        reporter.click("#messages .row button[value=write]").await;
        reporter.find(".kept").await;
        if left {
            leave(&reporter).await;
        }
        drop(reporter);
        let secrets = [code.as_str(), digits.as_str(), MESSAGE];
        phone.assert_without("/en/mailbox", &secrets, "messages");
    }
}

#[tokio::test]
async fn nothing_of_what_staff_read_and_write_stays() {
    let demo = Demo::start();
    let desk = Phone::new();
    let browser = browser(&desk, false).await;
    browser.open(demo.staff, "/").await;
    browser.type_in("#handle", "dara").await;
    browser.type_in("#passphrase", PASSPHRASE).await;
    browser.type_in("#code", "123456").await;
    browser.click("form[action='/login'] button").await;
    browser.find("form[action='/login'] .error, .problem").await;
    sign_in(&browser, &demo, "sokha").await;
    browser.click(".card form[action$='/claim'] button").await;
    let answers = browser.text(".reading").await;
    let read = answers.lines().map(str::trim).max_by_key(|line| line.len());
    let read = read.expect("an answer").to_owned();
    browser.type_in("#note", NOTE).await;
    browser.click("button[formaction$='/note']").await;
    let kept = format!("//ol[@class='history']//p[@class='inert'][contains(.,'{NOTE}')]");
    browser.find_by_path(&kept).await;
    drop(browser);
    desk.assert_without("/reports/", &[PASSPHRASE, NOTE, &read], "desk");
}

/// What shows once does not come back: by Back, by Reload, by opening the tabs of the last time again.
#[tokio::test]
async fn neither_the_words_nor_the_code_come_back() {
    let demo = Demo::start();
    for keeps_pages in [true, false] {
        let phone = Phone::new();
        let reporter = Browser::with(&Setup {
            keeps_pages,
            profile: Some(phone.path()),
            ..Setup::default()
        })
        .await;
        type_report(&reporter, demo.public).await;
        review(&reporter).await;
        let code = send(&reporter).await;
        let arrived = "//img[starts-with(@src,'/arrived?')]";
        reporter.find_by_path(arrived).await;
        let groups: Vec<&str> = code.split_whitespace().collect();
        let shows =
            |page: &str| page.contains(ACCOUNT) || groups.iter().all(|group| page.contains(group));
        reporter.again().await;
        let page = reporter.source().await;
        assert!(!shows(&page) && page.contains("shown only once"), "{page}");
        for _ in 0..2 {
            drop(reporter.client.back().await);
            reporter.again().await;
            let page = reporter.source().await;
            assert!(!shows(&page), "{page}");
        }
        drop(reporter);
        let reporter = Browser::with(&Setup {
            keeps_pages,
            profile: Some(phone.path()),
            reopens: true,
            ..Setup::default()
        })
        .await;
        for tab in reporter.client.windows().await.expect("tabs") {
            reporter.client.switch_to_window(tab).await.expect("a tab");
            let page = reporter.source().await;
            assert!(!shows(&page), "{page}");
        }
    }
}

async fn review(reporter: &Browser) {
    reporter.click("#form .row button[value=review]").await;
    reporter.find("form.review").await;
}

/// The code, with spaces between its groups.
async fn send(reporter: &Browser) -> String {
    reporter.click("form.review .row button[value=send]").await;
    fold(&reporter.text(".code").await)
}

/// To a site that cannot be reached from here: the browser then shows a page of its own that says so.
async fn leave(reporter: &Browser) {
    drop(reporter.find("#leave").await.click().await);
    eventually("the page is left", || async {
        let url = reporter.client.current_url().await.expect("an address");
        (url.host_str() == Some(ELSEWHERE)).then_some(())
    })
    .await;
}
