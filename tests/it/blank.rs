//! What nobody can see is no answer, no message, no reason.

use std::fs;
use std::path::Path;

use crate::support::TestApp;

const BLANK: [&str; 7] = [
    "   ",
    "\u{200B}\u{200B}",
    "\u{3164}\u{3164}",
    "\u{2800}",
    "\u{FEFF}\u{2060}",
    "\u{00AD}\u{034F}",
    "\u{17B4}\n\u{115F}",
];

#[tokio::test(flavor = "multi_thread")]
async fn a_report_of_hidden_characters_is_no_report_and_wakes_nobody() {
    let app = TestApp::start().await;
    for text in BLANK {
        app.reporter("km").send_wrong(&[("account", text)]).await;
    }
    app.reporter("km")
        .send(&[("account", ".")])
        .await
        .expect(200);
    app.reporter("en")
        .send(&[("account", "👧")])
        .await
        .expect(200);
    let caseworker = app.sign_in("sokha").await;
    assert_eq!(caseworker.queue("").await.len(), 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn no_message_and_no_reason_is_made_of_them() {
    let app = TestApp::start().await;
    let reporter = app.reporter("en");
    let code = reporter.file(&[("account", "Her uncle.")]).await;
    let mailbox = reporter.mailbox(&code).await;
    let caseworker = app.sign_in("sokha").await;
    let report = caseworker.queue("").await.remove(0);
    caseworker.claim(&report).await.expect(303);
    for text in BLANK {
        mailbox.write(text).await.expect(422);
        caseworker.message(&report, text).await.expect(422);
    }
}

/// One function says what is blank. `trim` leaves what is hidden.
#[test]
fn nothing_asks_whether_a_text_is_empty_by_trimming_it() {
    let mut pending = vec![Path::new(env!("CARGO_MANIFEST_DIR")).join("src")];
    while let Some(folder) = pending.pop() {
        for entry in fs::read_dir(folder).unwrap().map(Result::unwrap) {
            let path = entry.path();
            if path.is_dir() {
                pending.push(path);
            } else if path.extension().is_some_and(|end| end == "rs") {
                let source = fs::read_to_string(&path).unwrap();
                assert!(!source.contains(".trim().is_empty()"), "{}", path.display());
            }
        }
    }
}
