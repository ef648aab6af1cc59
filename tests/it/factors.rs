//! Another authenticator and another recovery code: shown first, in force once they are typed back. A lost telephone costs no key.

use kapea::domain::clock::Clock;
use kapea::seal::totp::{self, TotpSeed};

use crate::support::TestApp;
use crate::support::client::Page;
use crate::support::staff::Person;

const ENGLISH: &[(&str, &str)] = &[("accept-language", "en")];

async fn ask(app: &TestApp, handle: &str, passphrase: &str, proof: &str) -> Page {
    let page = app
        .staff
        .get_with("/authenticator", ENGLISH)
        .await
        .expect(200);
    let mut form = page.form_to("/authenticator");
    form.set("handle", handle)
        .set("passphrase", passphrase)
        .set("proof", proof);
    app.staff.post("/authenticator", &form.fields).await
}

fn seed_of(page: &Page) -> TotpSeed {
    let text = page.document().of_class("secret").concat();
    let bytes = data_encoding::BASE32_NOPAD.decode(text.as_bytes()).unwrap();
    TotpSeed::from_bytes(bytes.try_into().unwrap())
}

fn now(seed: &TotpSeed, clock: &Clock) -> String {
    totp::current(seed, clock.now()).unwrap()
}

async fn signs_in(app: &TestApp, person: &Person, code: &str) -> u16 {
    person
        .try_sign_in(&app.staff, &person.passphrase, code)
        .await
        .status
}

#[tokio::test(flavor = "multi_thread")]
async fn a_lost_telephone_costs_nobody_their_keys() {
    let app = TestApp::start().await;
    app.reporter("en").file(&[("account", "Her uncle.")]).await;
    app.staff
        .get_with("/login", ENGLISH)
        .await
        .says("the old one is lost");
    let before = app.sign_in("sokha").await;
    let person = before.person.clone();
    let shown = ask(
        &app,
        "sokha",
        &person.passphrase,
        &person.recovery_code.to_lowercase(),
    )
    .await;
    let shown = shown.expect(200);
    shown.says("Nothing has been changed yet");
    let (seed, printed) = (
        seed_of(&shown),
        shown.document().of_class("recovery-code").concat(),
    );
    // A broken line, a reload, a second click: nothing is changed, and the old way goes on.
    let again = ask(&app, "sokha", &person.passphrase, &person.recovery_code)
        .await
        .expect(200);
    assert_ne!(again.document().of_class("recovery-code").concat(), printed);
    assert_eq!(before.get("/queue").await.status, 200);
    app.sign_in("sokha").await;
    // What does not fit is said beside its field, and the same secrets are shown again.
    let mut form = shown.form_to("/authenticator");
    let end = printed.split(' ').skip(5).collect::<Vec<_>>().join(" ");
    let good = [
        ("code", now(&seed, &app.clock)),
        ("recovery", end.to_lowercase()),
        ("passphrase", person.passphrase.clone()),
    ];
    for (name, said) in [
        ("code", "code"),
        ("recovery", "not the end of the recovery code"),
        ("passphrase", "not your passphrase"),
    ] {
        for (field, value) in &good {
            form.set(field, if *field == name { "000000" } else { value });
        }
        let page = app
            .staff
            .post("/authenticator", &form.fields)
            .await
            .expect(422);
        page.says(said);
        assert_eq!(page.document().of_class("recovery-code").concat(), printed);
        assert_eq!(seed_of(&page).expose(), seed.expose());
    }
    for (field, value) in &good {
        form.set(field, value);
    }
    let done = app
        .staff
        .post("/authenticator", &form.fields)
        .await
        .expect(303);
    assert_eq!(done.header("location"), Some("/login?done=authenticator"));
    assert_eq!(before.get("/queue").await.status, 303, "all sessions end");
    // The old authenticator is void, the new one opens, and the report is read at once.
    let old = person.code(&app.clock).await;
    assert_eq!(signs_in(&app, &person, &old).await, 422);
    app.clock.advance(60);
    let mut person = person;
    person.replace(seed, printed.clone());
    let session = person.sign_in(&app.staff, &app.clock).await;
    let report = session.queue("").await.remove(0);
    session.read(&report).await.expect(200).says("Her uncle.");
    // The old paper is void, the new one is not; both are told.
    ask(
        &app,
        "sokha",
        &person.passphrase,
        &before.person.recovery_code,
    )
    .await
    .expect(422);
    ask(&app, "sokha", &person.passphrase, &printed)
        .await
        .expect(200);
    let acts = app.trail(0);
    assert!(
        acts.iter()
            .any(|told| told.class == "authenticator-replaced")
    );
    app.sign_in("custodian")
        .await
        .get("/alarms")
        .await
        .says("another authenticator");
}

#[tokio::test(flavor = "multi_thread")]
async fn wrong_proofs_are_answered_alike_and_counted() {
    let app = TestApp::start().await;
    let dara = app.people.get("dara").clone();
    let sokha = app.people.get("sokha").clone();
    for (handle, passphrase, proof) in [
        (
            "nobody",
            dara.passphrase.as_str(),
            dara.recovery_code.as_str(),
        ),
        ("dara", "wrong words", &dara.recovery_code),
        ("dara", &dara.passphrase, &sokha.recovery_code),
        ("dara", &dara.passphrase, "000000"),
        ("dara", &dara.passphrase, ""),
    ] {
        ask(&app, handle, passphrase, proof)
            .await
            .expect(422)
            .says("do not fit");
    }
    // The old authenticator is a proof as well.
    let code = dara.code(&app.clock).await;
    ask(&app, "dara", &dara.passphrase, &code).await.expect(200);
    for _ in 0..12 {
        ask(&app, "dara", &dara.passphrase, &sokha.recovery_code)
            .await
            .expect(422);
    }
    // Rested: the right one is not taken either, and signing in goes on.
    ask(&app, "dara", &dara.passphrase, &dara.recovery_code)
        .await
        .expect(422);
    app.sign_in("dara").await;
    app.clock.advance(16 * 60);
    ask(&app, "dara", &dara.passphrase, &dara.recovery_code)
        .await
        .expect(200);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_new_recovery_code_counts_once_its_end_is_typed_back() {
    let app = TestApp::start().await;
    let session = app.sign_in("dara").await;
    let person = session.person.clone();
    let code = session.code(&app.clock).await;
    let mut form = session
        .get("/account")
        .await
        .expect(200)
        .form_to("/account/recovery");
    form.set("passphrase", &person.passphrase)
        .set("code", &code);
    // Two clicks: whichever answer is seen, nothing has been changed.
    let clicks = (0..2).map(|_| session.post_fields("/account/recovery", &form.fields));
    let pages = futures_util::future::join_all(clicks).await;
    let shown = pages
        .iter()
        .find(|page| page.status == 200)
        .expect("one shows it");
    ask(&app, "dara", &person.passphrase, &person.recovery_code)
        .await
        .expect(200);
    let printed = shown.document().of_class("recovery-code").concat();
    let mut form = shown.form_to("/account/recovery");
    form.set("recovery", "0000 0000");
    let page = session
        .post_fields("/account/recovery", &form.fields)
        .await
        .expect(422);
    assert_eq!(page.document().of_class("recovery-code").concat(), printed);
    ask(&app, "dara", &person.passphrase, &person.recovery_code)
        .await
        .expect(200);
    // Nobody else's page takes it.
    let mut form = page.form_to("/account/recovery");
    form.set("recovery", &printed);
    let other = app.sign_in("sokha").await;
    let mut stolen = form.clone();
    stolen.set("csrf", &other.csrf);
    other
        .post_fields("/account/recovery", &stolen.fields)
        .await
        .expect(403);
    for _ in 0..2 {
        session
            .post_fields("/account/recovery", &form.fields)
            .await
            .expect(303);
    }
    ask(&app, "dara", &person.passphrase, &person.recovery_code)
        .await
        .expect(422);
    ask(&app, "dara", &person.passphrase, &printed)
        .await
        .expect(200);
}
