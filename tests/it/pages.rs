//! What our pages say, word for word, and what they weigh.

use std::collections::{BTreeMap, BTreeSet};
use std::io::Read as _;

use crate::support::TestApp;
use crate::support::client::{Page, Site, fields};
use crate::support::sql::id_of;

#[tokio::test]
async fn reporters_pages_say_what_they_said() {
    let app = TestApp::start().await;
    for lang in ["en", "km"] {
        for (name, path, status) in [
            ("front", "", 200),
            ("help", "help", 200),
            ("report", "report", 200),
            ("mailbox", "mailbox", 200),
            ("missing", "nothing-here", 404),
        ] {
            let page = app.public.get(&format!("/{lang}/{path}")).await;
            check(&format!("{name}-{lang}"), &page.expect(status));
        }
    }
}

#[tokio::test]
async fn the_staff_login_says_what_it_said() {
    let app = TestApp::start().await;
    for lang in ["en", "km"] {
        let page = app.staff.get(&format!("/login?lang={lang}")).await;
        check(&format!("staff-login-{lang}"), &page.expect(200));
        let page = app.staff.get(&format!("/no-such-page?lang={lang}")).await;
        check(&format!("staff-missing-{lang}"), &page.expect(404));
    }
}

/// Who opens which page of the staff's, by the template that it is made from.
const STAFF: &[(&str, &str, &str)] = &[
    ("account", "sokha", "/account"),
    ("alarms", "auditor", "/alarms"),
    ("asked_form", "admin", "/form"),
    ("glossary", "sokha", "/glossary"),
    ("audit", "auditor", "/audit"),
    ("authenticator", "", "/authenticator"),
    ("charters", "custodian", "/charters"),
    ("forgotten", "", "/forgotten"),
    ("keys", "admin", "/keys"),
    ("mail", "admin", "/mail"),
    ("own_change", "sokha", "/account/renew"),
    ("people", "admin", "/people"),
    ("queue", "sokha", "/queue"),
    ("recovery_key", "custodian", "/recovery"),
    ("report", "sokha", "/reports/{id}"),
    ("reset", "admin", "/people/reset?staff={dara}"),
    ("status", "admin", "/status"),
    ("team", "sokha", "/team"),
    ("team_recovery", "sokha", "/team/recovery"),
    ("teams", "admin", "/teams"),
    ("claim", "dara", "/reports/{id}/claim"),
    ("join", "", "/join/{token}"),
];

/// Pages that show a secret just made, or that stand in the snapshots under another name.
const ELSEWHERE: &[(&str, &str)] = &[
    ("authenticator_new", "tests of factors read its secret"),
    ("demo_mail", "of the demonstration alone"),
    ("invited", "tests of digits read its link"),
    ("login", "staff-login"),
];

#[tokio::test(flavor = "multi_thread")]
async fn staff_pages_say_what_they_said() {
    let app = TestApp::start().await;
    app.reporter("en")
        .file(&[("danger", "over"), ("account", "Two years ago.")])
        .await;
    let mut sessions = BTreeMap::new();
    for handle in ["admin", "auditor", "custodian", "sokha", "dara"] {
        sessions.insert(handle, app.sign_in(handle).await);
    }
    let report = sessions["sokha"].queue("").await.remove(0);
    sessions["sokha"].claim(&report).await.expect(303);
    let token = sessions["admin"]
        .invite("vanna", "auditor", None, false)
        .await;
    let dara = id_of(&app, "dara");
    for (template, handle, path) in STAFF {
        let path = path
            .replace("{id}", &report)
            .replace("{dara}", &dara)
            .replace("{token}", &token);
        for lang in ["en", "km"] {
            let session = sessions.get(handle);
            // A browser remembers the language of the page for signing in.
            let cookie = session.map_or("", |session| &session.cookie);
            let cookie = cookie.replace("lang=en", &format!("lang={lang}"));
            let headers = [("accept-language", lang), ("cookie", cookie.as_str())];
            let page = match (*template, session) {
                ("claim", Some(session)) => {
                    let fields = fields(&[("csrf", &session.csrf)]);
                    app.staff
                        .post_with(&path, &headers, &fields)
                        .await
                        .expect(409)
                }
                _ => app.staff.get_with(&path, &headers).await,
            };
            assert_eq!(page.language(), lang, "{template}: {}", page.status);
            let name = format!("staff-{template}-{lang}");
            insta::with_settings!({ prepend_module_to_snapshot => false, omit_expression => true }, {
                insta::assert_snapshot!(name, steady(&page.body()));
            });
        }
    }
}

#[test]
fn every_staff_page_has_a_sample() {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/src/web/staff");
    let mut templates = BTreeSet::new();
    for file in crate::architecture::rust_files(folder.as_ref()) {
        let source = std::fs::read_to_string(file).expect("a source");
        let named = source.split("#[template(path = \"staff/").skip(1);
        templates.extend(named.filter_map(|rest| rest.split('.').next().map(str::to_owned)));
    }
    let sampled = STAFF.iter().map(|(template, _, _)| *template);
    let elsewhere = ELSEWHERE.iter().map(|(template, _)| *template);
    let known: BTreeSet<String> = sampled.chain(elsewhere).map(str::to_owned).collect();
    assert_eq!(templates, known);
}

/// [`lasting`], and without what is drawn by chance: identifiers, keys, tokens and the pictures of them.
/// Without the numbers before those words: they grow with every sentence.
fn uncounted(html: &str, words: &str) -> String {
    let parts: Vec<&str> = html.split(words).collect();
    let last = parts.len() - 1;
    let strip = |(at, part): (usize, &&str)| match at == last {
        true => (*part).to_owned(),
        false => {
            part.trim_end_matches(|c: char| c.is_ascii_digit())
                .to_owned()
                + "[..]"
                + words
        }
    };
    parts.iter().enumerate().map(strip).collect()
}

fn steady(html: &str) -> String {
    let html = blank(&lasting(html), "<p class=\"words\" lang=\"en\">", '<');
    let html = blank(&html, "name=\"words\" value=\"", '"');
    let html = blank(&html, "<p class=\"recovery-code\" lang=\"en\">", '<');
    let html = blank(&html, " d=\"M", '"');
    let html = blank(&html, "<td class=\"count share\">", '<');
    let html = uncounted(&html, " sentences are missing");
    let html = blank(&html, "ខ្វះ ", ' ');
    let mut text = String::new();
    let mut word = String::new();
    for letter in html.chars().chain(['\n']) {
        if letter.is_alphanumeric() || "_-".contains(letter) {
            word.push(letter);
            continue;
        }
        text.push_str(if is_drawn(&word) { "[..]" } else { &word });
        word.clear();
        text.push(letter);
    }
    // Members stand in the order of their identifiers.
    let [one, other] =
        ["sokha", "dara"].map(|name| format!("<option value=\"[..]\">{name}</option>"));
    text.replace(&format!("{one}{other}"), &format!("{other}{one}"))
        .replace("sokha, dara", "dara, sokha")
}

/// Long and of letters that no language writes so; eight hexadecimal digits; or a group of five digits.
fn is_drawn(word: &str) -> bool {
    let digits = word.chars().filter(|letter| letter.is_numeric()).count();
    let length = word.chars().count();
    // Names of classes have hyphens, and no capitals.
    let is_plain = !word.contains('-') || word.chars().any(|letter| letter.is_uppercase());
    let is_id = word.is_ascii() && length >= 24 && is_plain;
    let is_short = length == 8 && word.chars().all(|letter| letter.is_ascii_hexdigit());
    is_id || is_short || (length >= 16 && digits > 0) || (length == 5 && digits == 5)
}

fn check(name: &str, page: &Page) {
    insta::with_settings!({ prepend_module_to_snapshot => false, omit_expression => true }, {
        insta::assert_snapshot!(name, lasting(&page.body()));
    });
}

/// Without what differs from one time to the next, or with every change of the stylesheet.
fn lasting(html: &str) -> String {
    let html = blank(html, "name=\"ticket\" value=\"", '"');
    let html = blank(&html, "name=\"edition\" value=\"", '"');
    let html = blank(&html, "?v=", '"');
    html.lines()
        .map(|line| line.trim_end().to_owned() + "\n")
        .collect()
}

/// Puts `[..]` between every `start` and the next `end`.
fn blank(text: &str, start: &str, end: char) -> String {
    let mut parts = text.split(start);
    let mut blanked = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        let (_, after) = part.split_once(end).expect("an end");
        blanked.push_str(&format!("{start}[..]{end}{after}"));
    }
    blanked
}

#[tokio::test]
async fn the_first_page_is_light_and_comes_from_one_place() {
    let app = TestApp::start().await;
    for lang in ["en", "km"] {
        let path = format!("/{lang}/");
        let (html, sent) = fetch(&app.public, &path).await;
        let files = referenced(&html);
        let mut sizes = vec![(path, sent)];
        let mut fonts = Vec::new();
        for file in files {
            let (text, sent) = fetch(&app.public, &file).await;
            sizes.push((file, sent));
            // A font only where the phone has none of the ones named before it.
            for font in text.split("url(\"").skip(1) {
                let name = font.split('"').next().unwrap_or_default();
                // Two weights in one file are fetched once.
                let font = (format!("/static/{name}"), 0);
                if !fonts.contains(&font) {
                    fonts.push(font);
                }
            }
        }
        for (name, sent) in &mut fonts {
            *sent = fetch(&app.public, name).await.1;
        }
        let first: usize = sizes
            .iter()
            .filter(|(name, _)| name.ends_with('/') || name.contains(".css"))
            .map(|(_, sent)| sent)
            .sum();
        let all: usize = sizes.iter().chain(&fonts).map(|(_, sent)| sent).sum();
        assert!(first < 14_000, "{first}: {sizes:?}");
        assert!(all < 50_000, "{all}: {sizes:?} {fonts:?}");
        assert!(sizes.len() <= 5, "{sizes:?}");
        assert_eq!(fonts.len(), 1, "{fonts:?}");
    }
}

/// The hotline's own name, mark and colour.
#[tokio::test]
async fn the_first_page_has_the_face_of_whoever_is_behind_it() {
    let folder = crate::support::app::private_folder();
    let mark = folder.path().join("mark.svg");
    let drawing = "<svg xmlns='http://www.w3.org/2000/svg'/>";
    std::fs::write(&mark, drawing).unwrap();
    let mark = format!("mark = {mark:?}");
    let own = [mark.as_str(), "colour = \"#7a1f5c\""].map(|line| ("hotline", line));
    let app = TestApp::start_with(&own).await;
    let page = app.public.get("/en/").await.expect(200);
    page.says("Test Hotline");
    let document = page.document();
    let mark = document.attributes("main img", "src").remove(0);
    let mark = app.public.get(&mark).await.expect(200);
    assert_eq!(mark.body(), drawing);
    assert_eq!(mark.header("content-type"), Some("image/svg+xml"));
    let sheets = document.attributes("link[rel=stylesheet]", "href");
    let colour = app.public.get(sheets.last().unwrap()).await.expect(200);
    assert!(colour.body().contains("#7a1f5c"), "{}", colour.body());
}

#[tokio::test]
async fn no_page_leads_elsewhere_but_over_our_own_way_out() {
    let app = TestApp::start().await;
    for lang in ["en", "km"] {
        for path in ["", "help", "report", "mailbox", "nothing-here"] {
            let page = app.public.get(&format!("/{lang}/{path}")).await;
            assert_eq!(foreign(&page), [""; 0], "{lang} {path}");
        }
        assert_eq!(
            foreign(&app.public.get("/leave").await.expect(200)),
            [""; 0]
        );
        let page = app.staff.get(&format!("/login?lang={lang}")).await;
        assert_eq!(foreign(&page), [""; 0]);
    }
}

/// What the page names that is not ours, and not a telephone number.
fn foreign(page: &Page) -> Vec<String> {
    let document = page.document();
    let elements = [
        "a", "link", "script", "img", "form", "button", "iframe", "source", "object",
    ];
    let names = [
        "href",
        "src",
        "srcset",
        "action",
        "formaction",
        "data",
        "poster",
    ];
    let mut found: Vec<String> = elements
        .iter()
        .flat_map(|element| names.map(|name| document.attributes(element, name)))
        .flatten()
        .collect();
    found.retain(|address| {
        let ours = address.starts_with('/') && !address.starts_with("//");
        !(ours || address.starts_with(['#', '?']) || address.starts_with("tel:"))
    });
    found
}

#[tokio::test]
async fn every_file_that_a_page_names_is_there() {
    let app = TestApp::start().await;
    for (site, path) in [(&app.public, "/en/report"), (&app.staff, "/login")] {
        let html = site.get(path).await.body();
        let files = referenced(&html);
        assert!(files.len() >= 3, "{files:?}");
        for file in files {
            site.get(&file).await.expect(200);
        }
    }
}

/// What is the same for everybody is compressed, whole and in one piece; what is not is left alone.
#[tokio::test]
async fn what_is_compressed_is_what_is_sent_plainly() {
    let app = TestApp::start().await;
    let gzip = [("accept-encoding", "gzip, deflate, br")];
    let mut paths = Vec::new();
    for lang in ["en", "km"] {
        paths.extend(["", "help", "report", "mailbox"].map(|path| format!("/{lang}/{path}")));
    }
    let html = app.public.get("/en/").await.body();
    paths.extend(
        referenced(&html)
            .into_iter()
            .filter(|file| !file.contains(".png")),
    );
    for path in &paths {
        let mut lengths = BTreeSet::new();
        // Made the first time, kept the second.
        for _ in 0..2 {
            let page = app.public.get_with(path, &gzip).await.expect(200);
            assert_eq!(page.header("content-encoding"), Some("gzip"), "{path}");
            assert_eq!(page.header("vary"), Some("accept-encoding"), "{path}");
            assert_eq!(page.header("transfer-encoding"), None, "{path}");
            lengths.insert(page.bytes.len());
            let mut text = String::new();
            flate2::read::GzDecoder::new(page.bytes.as_slice())
                .read_to_string(&mut text)
                .expect("gzip");
            let plain = app.public.get(path).await.expect(200);
            assert_ne!(plain.header("content-encoding"), Some("gzip"), "{path}");
            assert_eq!(plain.header("vary"), Some("accept-encoding"), "{path}");
            assert_eq!(
                without_ticket(&text),
                without_ticket(&plain.body()),
                "{path}"
            );
        }
        assert_eq!(lengths.len(), 1, "{path}: a ticket changes the length");
    }
    for refused in ["gzip;q=0", "identity", "br", "*;q=0"] {
        let asked = [("accept-encoding", refused)];
        let page = app.public.get_with("/en/", &asked).await.expect(200);
        assert_ne!(page.header("content-encoding"), Some("gzip"), "{refused}");
    }
    let staff = app.staff.get_with("/login", &gzip).await.expect(200);
    assert_ne!(staff.header("content-encoding"), Some("gzip"));
}

fn without_ticket(text: &str) -> String {
    let mark = "name=\"ticket\" value=\"";
    let Some((before, rest)) = text.split_once(mark) else {
        return text.to_owned();
    };
    let (_, after) = rest.split_once('"').expect("a value");
    format!("{before}{mark}{after}")
}

/// Files of ours that a browser asks for with the page.
fn referenced(html: &str) -> BTreeSet<String> {
    let quoted = html.split('"');
    let ours = quoted.filter(|value| value.starts_with("/static/"));
    ours.map(str::to_owned).collect()
}

/// The text where it is one, and how many bytes crossed the wire.
async fn fetch(site: &Site, path: &str) -> (String, usize) {
    let page = site.get_with(path, &[("accept-encoding", "gzip")]).await;
    let sent = page.expect(200).bytes.len();
    let plain = site.get(path).await.expect(200);
    (String::from_utf8_lossy(&plain.bytes).into_owned(), sent)
}
