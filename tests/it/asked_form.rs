//! The form as administrators see it: the reporters' own pages, from which nothing can be sent.

use std::fs;

use crate::support::TestApp;
use crate::support::client::Page;

const FORM: &str = include_str!("../../config/forms/report.toml");

fn frames(page: &Page) -> Vec<String> {
    page.document().attributes("iframe", "src")
}

#[tokio::test(flavor = "multi_thread")]
async fn every_screen_is_shown_in_every_language_and_nothing_can_be_sent_from_it() {
    let app = TestApp::start().await;
    let admin = app.sign_in("admin").await;
    let all = admin.get("/form").await.expect(200);
    let policy = all.header("content-security-policy").unwrap();
    assert!(policy.ends_with("; frame-src 'self'"), "{policy}");
    let mut shown = frames(&all);
    shown.sort_unstable();
    let codes = ["en", "km", "th", "vi", "zh-Hans"];
    assert_eq!(shown, codes.map(|code| format!("/form/{code}/danger")));
    let mut seen = String::new();
    for code in ["en", "km", "vi"] {
        let page = admin.get(&format!("/form/{code}")).await.expect(200);
        let screens = frames(&page);
        assert_eq!(screens.len(), 9, "{screens:?}");
        for address in screens {
            let screen = admin.get(&address).await.expect(200);
            assert_eq!(screen.language(), code);
            let policy = screen.header("content-security-policy").unwrap();
            for part in [
                "form-action 'none'",
                "sandbox allow-same-origin",
                "frame-ancestors 'self'",
            ] {
                assert!(policy.contains(part), "{policy}");
            }
            let body = screen.body();
            assert!(body.contains("<div class=\"inert\" inert>") && !body.contains("<script"));
            let form = screen.form("form");
            assert_eq!((form.action.as_str(), form.value("ticket")), ("#", None));
            seen.push_str(&screen.text());
            // Neither side takes anything there.
            admin.post_fields(&address, &form.fields).await.expect(405);
            app.public.get(&address).await.expect(404);
        }
    }
    for part in [
        "When is it happening?",
        "I saw something online",
        "What shall we say if someone else answers?",
    ] {
        assert!(seen.contains(part), "{part}");
    }
    for path in ["/form/xx", "/form/en/nowhere", "/form/en/account"] {
        admin.get(path).await.expect(404);
    }
    for handle in ["sokha", "auditor", "custodian"] {
        let other = app.sign_in(handle).await;
        for path in ["/form", "/form/en", "/form/en/danger"] {
            let refused = other.get(path).await.status;
            assert!(matches!(refused, 403 | 404), "{handle} {path}: {refused}");
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_missing_what_is_wrong_and_where_the_file_is_is_said() {
    let app = TestApp::start().await;
    let admin = app.sign_in("admin").await;
    let page = admin.get("/form").await.expect(200);
    page.says("the built-in form")
        .says("Every question and every answer has its words.")
        .says("the form is asked in English.")
        .says("Not yet checked by a native reader.");
    let vi = admin.get("/form/vi").await.expect(200);
    vi.says("form-account-help");
    let own = FORM.replacen("label = \"form-place\"", "label = \"own-place\"", 1);
    let (folder, setting) = app.forms_folder(&own);
    let words = "own-place = Where the river bends?\nown-plaec = Misspelt\n";
    fs::write(folder.join("en.ftl"), words).unwrap();
    fs::write(folder.join("km.ftl"), "own-place = ទីណា?\n").unwrap();
    let taken = app.reload(&[("forms", &setting)]).await;
    assert_eq!(taken, Ok(vec!["form".to_owned()]));
    let page = admin.get("/form").await.expect(200);
    page.says(folder.join("report.toml").to_str().unwrap())
        .says("nothing says `own-plaec`");
    let screen = admin.get("/form/en/where").await.expect(200);
    screen.says("Where the river bends?");
    let broken = own.replacen("\"choices\"", "\"chioces\"", 1);
    fs::write(folder.join("report.toml"), broken).unwrap();
    app.reload(&[("forms", &setting)]).await.unwrap_err();
    let page = admin.get("/form").await.expect(200);
    page.says("was not taken up").says("report.toml, line");
    let screen = admin.get("/form/en/where").await.expect(200);
    screen.says("Where the river bends?");
}
