//! The form changes while the service runs, and is looked at before.

use std::path::{Path, PathBuf};

use crate::support::TestApp;
use crate::support::binary::program;
use crate::support::reporter::code_of;

const FORM: &str = include_str!("../../config/forms/report.toml");

fn folder(app: &TestApp) -> PathBuf {
    app.folder.path().join("forms")
}

fn write(folder: &Path, name: &str, text: &str) {
    std::fs::create_dir_all(folder).unwrap();
    std::fs::write(folder.join(name), text).unwrap();
}

/// The product's form without one of its questions.
fn without(question: &str) -> String {
    let question = format!("[[sections.questions]]\nid = \"{question}\"");
    let (before, after) = FORM.split_once(&question).unwrap();
    let next = after.find("\n[[").unwrap();
    format!("{before}{}", &after[next + 1..])
}

async fn take_up(app: &TestApp) -> Result<Vec<String>, String> {
    let directory = format!("directory = {:?}", folder(app));
    app.reload(&[("forms", &directory)]).await
}

/// What the form is begun with.
async fn first_page(app: &TestApp) -> String {
    app.public.get("/en/report").await.expect(200).text()
}

const WORDS: &str = "form-account = In words of yours\n";
const SAID: &str = "In words of yours";

#[tokio::test(flavor = "multi_thread")]
async fn another_form_and_other_words_are_taken_up_without_a_restart() {
    let app = TestApp::start().await;
    assert!(!first_page(&app).await.contains(SAID));
    write(&folder(&app), "report.toml", &without("suspect"));
    write(&folder(&app), "en.ftl", WORDS);
    assert_eq!(take_up(&app).await, Ok(vec!["form".to_owned()]));
    assert!(first_page(&app).await.contains(SAID));
    assert_eq!(take_up(&app).await, Ok(vec![]), "nothing has changed");
    // What is sealed has the words that were shown.
    app.reporter("en").file(&[("account", "The uncle.")]).await;
    let dara = app.sign_in("dara").await;
    let report = dara.queue("").await.remove(0);
    dara.read(&report).await.expect(200).says(SAID);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_broken_form_takes_no_good_ones_place_and_is_told_of() {
    let app = TestApp::start().await;
    let admin = app.sign_in("admin").await;
    let broken = without("suspect").replacen("\"choices\"", "\"chioces\"", 1);
    write(&folder(&app), "report.toml", &broken);
    write(&folder(&app), "en.ftl", WORDS);
    let refused = take_up(&app).await.unwrap_err();
    assert!(refused.contains("report.toml, line"), "{refused}");
    assert!(!first_page(&app).await.contains(SAID));
    let status = admin.get("/status").await.expect(200);
    status.says("was not taken up").says("report.toml, line");
    write(&folder(&app), "report.toml", &without("suspect"));
    write(&folder(&app), "km.ftl", "form-account\n");
    let refused = take_up(&app).await.unwrap_err();
    assert!(refused.contains("km.ftl, line 1"), "{refused}");
    assert!(!first_page(&app).await.contains(SAID));
    std::fs::remove_file(folder(&app).join("km.ftl")).unwrap();
    assert_eq!(take_up(&app).await, Ok(vec!["form".to_owned()]));
    assert!(first_page(&app).await.contains(SAID));
    let status = admin.get("/status").await.expect(200).text();
    assert!(!status.contains("was not taken up"), "{status}");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_begun_on_a_form_that_has_changed_is_kept_whole() {
    let app = TestApp::start().await;
    let reporter = app.reporter("en");
    let answers = [("account", "Since spring."), ("suspect", "The uncle.")];
    let form = reporter.fill(&answers).await;
    write(&folder(&app), "report.toml", &without("suspect"));
    assert_eq!(take_up(&app).await, Ok(vec!["form".to_owned()]));
    let review = app.public.submit(&form, "review").await.expect(200);
    review.says("The uncle.");
    let sent = app.public.submit(&review.form("form"), "send").await;
    code_of(&sent.expect(200));
    let dara = app.sign_in("dara").await;
    let report = dara.queue("").await.remove(0);
    let page = dara.read(&report).await.expect(200);
    page.says("Since spring.").says("The uncle.");
}

fn check(files: &[PathBuf]) -> (bool, String) {
    let output = program()
        .args(["form", "check"])
        .args(files)
        .output()
        .unwrap();
    let text = [output.stdout, output.stderr].concat();
    (output.status.success(), String::from_utf8(text).unwrap())
}

#[test]
fn a_sentence_that_would_not_be_said_as_it_is_written_is_named() {
    let place = tempfile::tempdir().unwrap();
    let sentences = "form-account = One { $whom ->\n    [me] thing { form-nowhere }\n   *[other] other\n }\n\
        form-link = { -service }: { form-account }\n-service = The line { $where }\nform-link = Again\n\
        form-error-summary = { $count } { $who }\n";
    write(place.path(), "en.ftl", sentences);
    let (is_sound, said) = check(&[place.path().join("en.ftl")]);
    assert!(!is_sound);
    for part in [
        "line 1: in `form-account`: nobody fills in `$whom`",
        "line 1: in `form-account`: there is no message `form-nowhere`",
        "line 7: `form-link` stands in line 5 already",
        "3 things are wrong",
    ] {
        assert!(said.contains(part), "{part}: {said}");
    }
}

#[test]
fn a_file_that_nobody_reads_is_named() {
    let place = tempfile::tempdir().unwrap();
    let folder = place.path();
    write(folder, "report.toml", FORM);
    write(folder, "kh.ftl", "form-account = x\n");
    let voice = folder.join("voice");
    write(&voice.join("en"), "danger.mp3", "ID3");
    write(&voice.join("en"), "account.MP3", "ID3");
    write(&voice.join("kh"), "danger.mp3", "ID3");
    write(&voice, "danger.mp3", "ID3");
    let (is_sound, said) = check(&[folder.to_owned()]);
    assert!(is_sound, "{said}");
    for file in [
        "kh.ftl",
        "voice/en/account.MP3",
        "voice/kh",
        "voice/danger.mp3",
    ] {
        let part = format!("{file}: nobody reads it: ");
        assert!(said.contains(&part), "{part}: {said}");
    }
    let notes = said.lines().filter(|line| line.starts_with("note: "));
    assert_eq!(
        notes.count(),
        5,
        "one line for all that nobody reads aloud: {said}"
    );
}

#[test]
fn everything_that_is_wrong_with_a_form_is_said_at_once() {
    let place = tempfile::tempdir().unwrap();
    let folder = place.path().to_owned();
    write(&folder, "report.toml", FORM);
    let (is_sound, said) = check(std::slice::from_ref(&folder));
    assert!(is_sound && said.contains("nothing is wrong"), "{said}");
    write(&folder, "en.ftl", "form-acount = Misspelt\n");
    let (is_sound, said) = check(std::slice::from_ref(&folder));
    assert!(
        is_sound && said.contains("en.ftl, line 1: nothing says `form-acount`"),
        "{said}"
    );
    let broken = FORM
        .replacen("kind = \"choice\"", "kind = \"chioce\"", 1)
        .replacen("routes_to = \"officials\"", "routes_to = \"nowhere\"", 1);
    write(&folder, "report.toml", &broken);
    write(&folder, "km.ftl", "\n\nform-account\n");
    let (is_sound, said) = check(std::slice::from_ref(&folder));
    assert!(!is_sound);
    for part in [
        "report.toml, line",
        "no channel `nowhere`",
        "km.ftl, line 3",
    ] {
        assert!(said.contains(part), "{part}: {said}");
    }
    std::fs::remove_file(folder.join("km.ftl")).unwrap();
    let other = FORM.replacen("label = \"form-account\"", "label = \"form-words\"", 1);
    write(&folder, "report.toml", &other);
    let (is_sound, said) = check(&[folder.join("report.toml"), folder.join("en.ftl")]);
    assert!(!is_sound);
    for locale in ["en", "km"] {
        let part = format!("there is no sentence `form-words` in {locale}");
        assert!(said.contains(&part), "{part}: {said}");
    }
    // A fault in the form hides no sentence that is missing.
    let other = other.replacen("kind = \"choice\"", "kind = \"chioce\"", 1);
    write(&folder, "report.toml", &other);
    let (_, said) = check(&[folder.join("report.toml")]);
    assert!(said.contains("no sentence `form-words` in km"), "{said}");
    let (is_sound, said) = check(&[folder.join("other.toml")]);
    assert!(!is_sound && said.contains("cannot read"), "{said}");
}
