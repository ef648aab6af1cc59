//! Questions read aloud: recordings that an operator puts beside the form.

use std::fs;
use std::path::PathBuf;

use crate::support::TestApp;
use crate::support::binary::program;
use crate::support::client::Page;

const FORM: &str = include_str!("../../config/forms/report.toml");
const SOUND: &[u8] = include_bytes!("../voice/silence.mp3");
const ADDRESS: &str = "/voice/km/danger.mp3";

/// A folder with the product's form and one recording of it, and the setting that names it.
fn folder(app: &TestApp) -> (PathBuf, String) {
    let (folder, setting) = app.forms_folder(FORM);
    fs::create_dir_all(folder.join("voice/km")).unwrap();
    fs::write(folder.join("voice/km/danger.mp3"), SOUND).unwrap();
    (folder, setting)
}

fn players(page: &Page) -> Vec<String> {
    page.document().attributes("audio", "src")
}

#[tokio::test(flavor = "multi_thread")]
async fn a_question_with_a_recording_can_be_listened_to_and_no_other() {
    let app = TestApp::start().await;
    app.public.get(ADDRESS).await.expect(404);
    let (folder, setting) = folder(&app);
    let taken = app.reload(&[("forms", &setting)]).await;
    assert_eq!(taken, Ok(vec!["form".to_owned()]));
    let page = app.public.get("/km/report").await.expect(200);
    assert_eq!(players(&page), [ADDRESS]);
    let document = page.document();
    assert_eq!(document.attributes("audio", "preload"), ["none"]);
    assert_eq!(document.attributes("audio[controls]", "src").len(), 1);
    let label = document.attributes("audio", "aria-label").concat();
    let label = label.replace(['\u{200b}', '\u{2060}'], "");
    assert!(label.contains("តើរឿងនេះកើតឡើងពេលណា?"), "{label}");
    let policy = page.header("content-security-policy").unwrap();
    assert!(policy.contains("media-src 'self'"));
    assert_eq!(players(&app.public.get("/en/report").await), [""; 0]);
    // Another recording is another form; the same one is none.
    assert_eq!(app.reload(&[("forms", &setting)]).await, Ok(vec![]));
    fs::write(folder.join("voice/km/account.mp3"), SOUND).unwrap();
    let taken = app.reload(&[("forms", &setting)]).await;
    assert_eq!(taken, Ok(vec!["form".to_owned()]));
    let page = app.public.get("/km/report").await.expect(200);
    assert_eq!(players(&page), [ADDRESS, "/voice/km/account.mp3"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn it_is_sent_whole_or_in_the_pieces_that_browsers_ask_for() {
    let app = TestApp::start().await;
    let (_, setting) = folder(&app);
    app.reload(&[("forms", &setting)]).await.unwrap();
    let length = SOUND.len();
    for (range, status, piece, said) in [
        (None, 200, 0..length, None),
        (
            Some("bytes=0-"),
            206,
            0..length,
            Some(format!("bytes 0-{}/{length}", length - 1)),
        ),
        (
            Some("bytes=10-19"),
            206,
            10..20,
            Some(format!("bytes 10-19/{length}")),
        ),
        (
            Some("bytes=-5"),
            206,
            length - 5..length,
            Some(format!("bytes {}-{}/{length}", length - 5, length - 1)),
        ),
        (
            Some("bytes=3900-99999999"),
            206,
            3900..length,
            Some(format!("bytes 3900-{}/{length}", length - 1)),
        ),
        (
            Some("bytes=99999-"),
            416,
            0..0,
            Some(format!("bytes */{length}")),
        ),
        (Some("bytes=0-1,4-5"), 200, 0..length, None),
        (Some("bytes=9-2"), 200, 0..length, None),
        (Some("lines=1-2"), 200, 0..length, None),
    ] {
        let headers: Vec<(&str, &str)> = range.iter().map(|range| ("range", *range)).collect();
        let page = app.public.get_with(ADDRESS, &headers).await.expect(status);
        assert!(page.bytes == SOUND[piece], "{range:?}");
        assert_eq!(page.header("content-range"), said.as_deref(), "{range:?}");
        assert_eq!(page.header("cache-control"), Some("no-store, no-transform"));
        if status != 416 {
            assert_eq!(page.header("content-type"), Some("audio/mpeg"));
            assert_eq!(page.header("accept-ranges"), Some("bytes"));
        }
    }
    for path in [
        "/voice/en/danger.mp3",
        "/voice/km/danger.ogg",
        "/voice/km/..%2Freport.toml",
    ] {
        app.public.get(path).await.expect(404);
    }
}

#[test]
fn what_is_wrong_with_recordings_is_said_and_which_are_missing() {
    let place = tempfile::tempdir().unwrap();
    let folder = place.path();
    let check = || {
        let output = program()
            .args(["form", "check"])
            .arg(folder)
            .output()
            .unwrap();
        let text = [output.stdout, output.stderr].concat();
        (output.status.success(), String::from_utf8(text).unwrap())
    };
    fs::write(folder.join("report.toml"), FORM).unwrap();
    let (is_sound, said) = check();
    assert!(is_sound && !said.contains("aloud"), "{said}");
    fs::create_dir_all(folder.join("voice/km")).unwrap();
    fs::write(folder.join("voice/km/danger.mp3"), SOUND).unwrap();
    fs::write(folder.join("voice/km/dagner.mp3"), SOUND).unwrap();
    fs::write(folder.join("voice/km/notes.txt"), "not one of them").unwrap();
    fs::write(folder.join("voice/km/when.MP3"), SOUND).unwrap();
    fs::create_dir_all(folder.join("voice/kh")).unwrap();
    let (is_sound, said) = check();
    assert!(is_sound, "{said}");
    for part in [
        "voice/km: nobody reads aloud: account, link",
        "voice/km: there is no question `dagner`",
        "voice/kh: nobody reads it: it is named after no language",
        "voice/km/notes.txt: nobody reads it: a recording is named",
        "voice/km/when.MP3: nobody reads it: a recording is named",
    ] {
        assert!(said.contains(part), "{part}: {said}");
    }
    assert!(!said.contains("aloud: danger") && !said.contains("voice/en"));
    let pipe = std::process::Command::new("mkfifo")
        .arg(folder.join("voice/km/when.mp3"))
        .status();
    assert!(pipe.unwrap().success());
    fs::write(folder.join("voice/km/account.ogg"), SOUND).unwrap();
    fs::write(folder.join("voice/km/link.mp3"), vec![0xff; 500 << 10]).unwrap();
    let (is_sound, said) = check();
    assert!(!is_sound);
    for part in [
        "account.ogg: holds something else than its name says",
        "link.mp3: is larger than 400 KiB",
        "when.mp3: is no file",
    ] {
        assert!(said.contains(part), "{part}: {said}");
    }
}

/// Nobody who starts the service again after months learns by a form that is shut that a recording was too large.
#[tokio::test(flavor = "multi_thread")]
async fn a_recording_that_cannot_be_played_stops_no_start() {
    let app = TestApp::start().await;
    let (folder, setting) = folder(&app);
    fs::write(folder.join("voice/km/account.mp3"), vec![0xff; 500 << 10]).unwrap();
    let app = app.restarted(&[("forms", &setting)]);
    let page = app.public.get("/km/report").await.expect(200);
    assert_eq!(players(&page), [ADDRESS]);
    app.public.get("/voice/km/account.mp3").await.expect(404);
    let admin = app.sign_in("admin").await;
    let form = admin.get("/form").await.expect(200);
    form.says("account.mp3: is larger than 400 KiB");
    // Nor by silence that a file is called otherwise: it is told of as soon as it lies there, and until it is gone.
    fs::create_dir_all(folder.join("voice/kh")).unwrap();
    for name in ["kh/danger.mp3", "km/link.MP3", "km/when.wav"] {
        fs::write(folder.join("voice").join(name), SOUND).unwrap();
    }
    let settings = [("forms", setting.as_str())];
    assert_eq!(app.reload(&settings).await, Ok(vec!["form".to_owned()]));
    let form = admin.get("/form").await.expect(200);
    form.says("voice/kh: nobody reads it: it is named after no language")
        .says("voice/km/link.MP3: nobody reads it: a recording is named")
        .says("voice/km/when.wav: nobody reads it")
        .says("Recordings are heard on the reporters’ pages.");
    fs::remove_file(folder.join("voice/km/when.wav")).unwrap();
    app.reload(&settings).await.unwrap();
    let form = admin.get("/form").await.expect(200);
    form.says_nothing_of("when.wav");
}
