//! What an operator is told: by `kapea healthcheck` of the running service, by `kapea check-config` of its files.

use std::os::unix::fs::PermissionsExt as _;
use std::path::PathBuf;
use std::process::Output;

use kapea::seal::keys::{Seed, SigningKey};

use crate::support::binary::{Installation, Served, program};

fn said(output: &Output) -> String {
    format!(
        "{}{}",
        String::from_utf8_lossy(&output.stdout),
        String::from_utf8_lossy(&output.stderr)
    )
}

fn ask(installation: &Installation, command: &str) -> Output {
    // By the variable, as in a container.
    program()
        .arg(command)
        .env("KAPEA_CONFIG", installation.config())
        .output()
        .expect("it starts")
}

#[tokio::test(flavor = "multi_thread")]
async fn only_this_machine_is_answered_and_a_closed_form_is_not_ready() {
    let installation = Installation::settled();
    let served = installation.serve().await;
    served.health().get("/readyz").await.expect(200);
    for side in [served.public(), served.staff()] {
        side.get("/readyz").await.expect(404);
        side.get("/healthz").await.expect(200);
    }
    // The ports are chance here: the check asks those of the configuration.
    point_at(&installation, &served);
    let output = ask(&installation, "healthcheck");
    assert!(output.status.success(), "{}", said(&output));
    drop(served);
    let output = ask(&installation, "healthcheck");
    assert!(!output.status.success() && said(&output).contains("does not answer"));

    // Two custodians have to sign, and one has; and nothing is remembered of a key that was good before.
    let witness = installation.database().with_file_name("witness");
    std::fs::remove_dir_all(&witness).unwrap();
    let text = std::fs::read_to_string(installation.config()).unwrap();
    let other = SigningKey::from_seed(&Seed::random()).verify_key();
    let (before, keys) = text.split_once("keys = [").expect("a custodian");
    let other = format!("keys = [{{ name = \"other\", verify_key = \"{other}\" }},");
    std::fs::write(installation.config(), format!("{before}{other}{keys}")).unwrap();
    installation.set(&[
        ("custodians", "threshold = 2"),
        ("server", "public = \"127.0.0.1:0\""),
        ("server", "staff = \"127.0.0.1:0\""),
        ("server", "health = \"127.0.0.1:0\""),
        ("server", "casework_health = \"127.0.0.1:0\""),
    ]);
    let served = installation.serve().await;
    let answer = served.health().get("/readyz").await.expect(503);
    assert_eq!(answer.body(), "the form is closed");
    point_at(&installation, &served);
    let output = ask(&installation, "healthcheck");
    assert!(!output.status.success());
    assert!(
        said(&output).contains("the form is closed"),
        "{}",
        said(&output)
    );
}

/// Has the configuration name the ports of what runs.
pub fn point_at(installation: &Installation, served: &Served) {
    for (name, side) in [
        ("public", served.public()),
        ("staff", served.staff()),
        ("health", served.health()),
        ("casework_health", served.casework_health()),
    ] {
        let setting = format!("{name} = \"{}\"", side.address);
        installation.set(&[("server", &setting)]);
    }
}

#[test]
fn credentials_that_are_open_to_others_are_wrong() {
    let installation = Installation::settled();
    let output = ask(&installation, "check-config");
    assert!(output.status.success(), "{}", said(&output));
    let file = installation.folder().join("credentials.toml");
    for mode in [0o640, 0o604, 0o644, 0o620] {
        std::fs::set_permissions(&file, std::fs::Permissions::from_mode(mode)).unwrap();
        let output = ask(&installation, "check-config");
        assert!(!output.status.success(), "{mode:o}");
        assert!(said(&output).contains("chmod 600"), "{}", said(&output));
    }
}

/// A form of the operator's own that asks one question in their words.
pub fn own_form(installation: &Installation) -> PathBuf {
    let folder = installation.folder().join("forms");
    std::fs::create_dir(&folder).unwrap();
    let own = include_str!("../../config/forms/report.toml");
    let own = own.replacen("label = \"form-danger\"", "label = \"own-question\"", 1);
    std::fs::write(folder.join("report.toml"), own).unwrap();
    installation.set(&[("forms", &format!("directory = \"{}\"", folder.display()))]);
    folder
}

#[test]
fn a_form_with_a_sentence_that_there_is_not_is_wrong() {
    let installation = Installation::settled();
    let folder = own_form(&installation);
    let output = ask(&installation, "check-config");
    assert!(!output.status.success());
    assert!(said(&output).contains("own-question"), "{}", said(&output));

    // In one language it is not enough, and the service does not start either.
    std::fs::write(folder.join("en.ftl"), "own-question = Is anybody hurt?\n").unwrap();
    for output in [
        ask(&installation, "check-config"),
        installation.command().output().expect("it starts"),
    ] {
        assert!(!output.status.success());
        let said = said(&output);
        assert!(said.contains("`own-question` in km"), "{said}");
        assert!(!said.contains("`own-question` in en"), "{said}");
    }

    std::fs::write(folder.join("km.ftl"), "= nothing\n").unwrap();
    let output = ask(&installation, "check-config");
    assert!(!output.status.success());
    assert!(said(&output).contains("km.ftl"), "{}", said(&output));
}

#[tokio::test(flavor = "multi_thread")]
async fn an_operators_own_sentences_reach_the_page_in_both_languages() {
    let installation = Installation::settled();
    let folder = own_form(&installation);
    let sentences = [("en", "Is anybody hurt?"), ("km", "តើមាននរណារងរបួសទេ?")];
    for (language, sentence) in sentences {
        let text = format!("own-question = {sentence}\n");
        std::fs::write(folder.join(format!("{language}.ftl")), text).unwrap();
    }
    let output = ask(&installation, "check-config");
    assert!(output.status.success(), "{}", said(&output));
    let served = installation.serve().await;
    for (language, sentence) in sentences {
        let page = served.public().get(&format!("/{language}/report")).await;
        let page = page.expect(200);
        page.says(sentence);
        page.says_nothing_of("own-question");
    }
}
