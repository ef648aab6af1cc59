//! What a reporter or a caseworker wrote or was shown must not be found in the browser's profile folder, where the next person who
//! holds the phone, or a tool, finds what the browser keeps to open its tabs again.

use std::fs;
use std::io::Read as _;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};

use data_encoding::BASE64;
use tempfile::TempDir;

use super::ELSEWHERE;
use super::chromium::{Browser, Setup};
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

/// A profile folder, looked at after the browser has closed.
struct Phone {
    folder: TempDir,
}

impl Phone {
    fn new() -> Self {
        Self {
            folder: tempfile::tempdir().expect("a folder"),
        }
    }

    async fn browser(&self, script: bool) -> Browser {
        Browser::with(&Setup {
            script,
            profile: Some(self.folder.path()),
            ..Setup::default()
        })
        .await
    }

    /// That the browser has written down where it was, and nothing of these words.
    fn assert_without(&self, address: &str, secrets: &[&str], step: &str) {
        let files = files(self.folder.path());
        let found = |word: &str| -> Vec<&PathBuf> {
            let shapes = shapes(word);
            let holds = |bytes: &[u8]| shapes.iter().any(|shape| contains(bytes, shape));
            let held = files.iter().filter(|(_, bytes)| {
                holds(bytes) || unpacked(bytes).iter().any(|inner| holds(inner))
            });
            held.map(|(path, _)| path).collect()
        };
        let session = found(address);
        assert!(
            session.iter().any(|path| path.ends_with_session()),
            "{step}: {address} is not in what the browser kept, so that nothing is shown by looking there"
        );
        for secret in secrets {
            let places = found(secret);
            assert!(places.is_empty(), "{step}: {secret} is in {places:?}");
        }
    }
}

trait SessionFile {
    fn ends_with_session(&self) -> bool;
}

impl SessionFile for &PathBuf {
    fn ends_with_session(&self) -> bool {
        self.parent()
            .is_some_and(|folder| folder.ends_with("Sessions"))
    }
}

/// The words as a browser may have written them: UTF-8, UTF-16, base64 at any place of a group of three, percent-encoded.
fn shapes(word: &str) -> Vec<Vec<u8>> {
    let utf16: Vec<u8> = word.encode_utf16().flat_map(u16::to_le_bytes).collect();
    let mut shapes = vec![word.as_bytes().to_vec(), utf16.clone()];
    for text in [word.as_bytes(), &utf16] {
        for skipped in 0..3_usize {
            let before = vec![0; skipped];
            let encoded = BASE64.encode(&[&before, text].concat());
            // What lies at either edge depends on what is beside it.
            let (start, end) = (if skipped == 0 { 0 } else { 4 }, encoded.len() - 4);
            shapes.push(encoded.as_bytes()[start..end].to_vec());
        }
    }
    let form: String = form_urlencoded(word);
    for text in [form.replace('+', "%20"), form] {
        shapes.push(text.encode_utf16().flat_map(u16::to_le_bytes).collect());
        shapes.push(text.into_bytes());
    }
    shapes
}

fn form_urlencoded(word: &str) -> String {
    let byte = |byte: u8| match byte {
        b' ' => "+".to_owned(),
        byte if byte.is_ascii_alphanumeric() => char::from(byte).to_string(),
        byte => format!("%{byte:02X}"),
    };
    word.bytes().map(byte).collect()
}

/// Everything in it that is a gzip or zlib stream. Snappy and LZ4 leave words that stand once as they are.
fn unpacked(bytes: &[u8]) -> Vec<Vec<u8>> {
    let starts = bytes.windows(2).enumerate();
    let starts = starts.filter_map(|(at, start)| match start {
        [0x1f, 0x8b] => inflated(flate2::read::GzDecoder::new(&bytes[at..])),
        [0x78, 0x01 | 0x5e | 0x9c | 0xda] => inflated(flate2::read::ZlibDecoder::new(&bytes[at..])),
        _ => None,
    });
    starts.collect()
}

fn inflated(mut stream: impl std::io::Read) -> Option<Vec<u8>> {
    let mut inner = Vec::new();
    drop(stream.by_ref().take(1 << 20).read_to_end(&mut inner));
    (!inner.is_empty()).then_some(inner)
}

fn contains(bytes: &[u8], part: &[u8]) -> bool {
    memchr::memmem::find(bytes, part).is_some()
}

/// Every file below a folder.
fn files(folder: &Path) -> Vec<(PathBuf, Vec<u8>)> {
    let entries = fs::read_dir(folder).expect("a folder").flatten();
    let mut all = Vec::new();
    for path in entries.map(|entry| entry.path()) {
        if path.is_dir() && !path.is_symlink() {
            all.extend(files(&path));
        } else if let Ok(bytes) = fs::read(&path) {
            all.push((path, bytes));
        }
    }
    all
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

#[tokio::test]
async fn nothing_of_a_form_its_review_or_its_code_stays() {
    let demo = Demo::start();
    for script in [false, true] {
        let phone = Phone::new();
        let reporter = phone.browser(script).await;
        type_report(&reporter, demo.public).await;
        review(&reporter).await;
        drop(reporter);
        phone.assert_without("/en/report", &WORDS, "review");
    }
    for left in [false, true] {
        let phone = Phone::new();
        let reporter = phone.browser(false).await;
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
        let reporter = phone.browser(left).await;
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
    let browser = desk.browser(false).await;
    browser.open(demo.staff, "/").await;
    browser.type_in("#handle", "dara").await;
    browser.type_in("#passphrase", PASSPHRASE).await;
    browser.type_in("#code", "123456").await;
    browser.click("form[action='/login'] button").await;
    browser.find("form[action='/login'] .error, .problem").await;
    sign_in(&browser, &demo, "sokha").await;
    browser.click(".card form[action$='/claim'] button").await;
    let answers = browser.text("dl.answers").await;
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
            profile: Some(phone.folder.path()),
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
            profile: Some(phone.folder.path()),
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
