//! Another authenticator and another recovery code: shown first, in force once they are typed back. A lost telephone costs no key.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use kapea::domain::clock::Clock;
use kapea::seal::totp::{self, TotpSeed};

use crate::support::TestApp;
use crate::support::client::Page;
use crate::support::html::Form;
use crate::support::sql::id_of;
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
        ("typed-back", end.to_lowercase()),
        ("passphrase", person.passphrase.clone()),
    ];
    for (name, said) in [
        ("code", "code"),
        ("typed-back", "not the end of the recovery code"),
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
            .any(|told| told.event.name() == "authenticator-replaced")
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
    let opens = async |code: &str| ask(&app, "dara", &person.passphrase, code).await.status == 200;
    let path = "/account/recovery";
    let shown = session.get(path).await.expect(200);
    let printed = shown.document().of_class("recovery-code").concat();
    let mut form = shown.form_to(path);
    form.set("passphrase", &person.passphrase)
        .set("code", &session.code(&app.clock).await);
    let mut not_written = form.clone();
    not_written.set("typed-back", "0000 0000");
    let page = session
        .post_fields(path, &not_written.fields)
        .await
        .expect(422);
    assert_eq!(page.document().of_class("recovery-code").concat(), printed);
    assert!(opens(&person.recovery_code).await);
    // Nobody else's page takes it.
    let other = app.sign_in("sokha").await;
    let mut stolen = form.clone();
    stolen.set("csrf", &other.csrf);
    other.post_fields(path, &stolen.fields).await.expect(422);
    for _ in 0..2 {
        session.post_fields(path, &form.fields).await.expect(303);
    }
    assert!(!opens(&person.recovery_code).await);
    assert!(opens(&printed).await);
    let acts = app.trail(0);
    let told = acts
        .iter()
        .filter(|told| told.event.name() == "recovery-code-changed");
    assert_eq!(told.count(), 1, "two clicks are one act");
}

fn link(page: &Page) -> String {
    page.document().of_class("link-once").concat()
}

#[tokio::test(flavor = "multi_thread")]
async fn an_invitation_is_shown_again_to_a_second_click_of_its_page_and_to_no_other() {
    let app = TestApp::start().await;
    let admin = app.sign_in("admin").await;
    let count = |class: &str| {
        let acts = app.trail(0);
        acts.iter()
            .filter(|told| told.event.name() == class)
            .count()
    };
    let before = count("person-invited");
    let page = admin.get("/people").await.expect(200);
    let mut form = page.form_to("/people/invite");
    form.set("handle", "vanna").set("role", "auditor");
    let send = async |form: &Form| admin.post_fields(&form.action, &form.fields).await;
    let clicks = futures_util::future::join_all([send(&form), send(&form)]).await;
    let links: BTreeSet<String> = clicks
        .into_iter()
        .map(|page| link(&page.expect(200)))
        .collect();
    assert_eq!(links.len(), 1, "{links:?}");
    // The page before, with something else in it, asks for something else.
    for (field, value) in [("role", "custodian"), ("once", "")] {
        let mut other = form.clone();
        other.set(field, value);
        send(&other).await.expect(409);
    }
    form.set("handle", "rithy");
    assert!(!links.contains(&link(&send(&form).await.expect(200))));

    let again = admin.get("/people").await.expect(200);
    let again = again.form_to("/people/invite-again");
    let new = link(&send(&again).await.expect(200));
    assert!(!links.contains(&new));
    assert_eq!(link(&send(&again).await.expect(200)), new);
    // A page that was left open does not bring a link back that was replaced or used.
    app.clock.advance(1);
    let later = admin.get("/people").await.expect(200);
    let newest = link(
        &send(&later.form_to("/people/invite-again"))
            .await
            .expect(200),
    );
    assert_ne!(newest, new);
    send(&again).await.expect(409);
    let told = ["person-invited", "person-invited-again"].map(count);
    assert_eq!(told, [before + 2, 2], "two clicks are one act");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_reset_from_a_page_that_was_left_open_does_not_bring_a_used_link_back() {
    let app = TestApp::start().await;
    let admin = app.sign_in("admin").await;
    let id = id_of(&app, "dara");
    let page = admin.get(&format!("/people/reset?staff={id}")).await;
    let mut form = page.expect(200).form_to("/people/reset");
    form.set("code", &admin.code(&app.clock).await);
    let reset = admin.post_fields("/people/reset", &form.fields).await;
    let used = link(&reset.expect(200));
    let token = used.rsplit('/').next().unwrap();
    Person::join(&app.staff, &app.clock, token, None).await;
    form.set("code", &admin.code(&app.clock).await);
    admin
        .post_fields("/people/reset", &form.fields)
        .await
        .expect(409);
    app.staff.get(&format!("/join/{token}")).await.expect(404);
}

/// Whoever asked for it with a passphrase and a code that they should not have had.
#[tokio::test(flavor = "multi_thread")]
async fn an_offer_is_void_once_the_ways_in_are_others() {
    let app = TestApp::start().await;
    let session = app.sign_in("dara").await;
    let person = session.person.clone();
    let offer = ask(&app, "dara", &person.passphrase, &person.recovery_code).await;
    let offer = offer.expect(200);
    let finish = async |offer: &Page| {
        let mut form = offer.form_to("/authenticator");
        form.set("code", &now(&seed_of(offer), &app.clock))
            .set("passphrase", &person.passphrase);
        app.staff.post("/authenticator", &form.fields).await
    };
    // The owner makes the paper void.
    let (done, printed) = session.change_own("/account/recovery", &app.clock).await;
    done.expect(303);
    finish(&offer).await.expect(422).says("begin anew");
    session.get("/queue").await.expect(200);
    // And showing it again does not prolong it.
    let offer = ask(&app, "dara", &person.passphrase, &printed).await;
    let offer = offer.expect(200);
    app.clock.advance(20 * 60);
    let mut wrong = offer.form_to("/authenticator");
    wrong.set("code", "000000").set("passphrase", "x");
    let again = app.staff.post("/authenticator", &wrong.fields).await;
    let again = again.expect(422);
    app.clock.advance(11 * 60);
    finish(&again).await.expect(403);
}

/// Whatever is shown on one page alone can be had again, or is not in force yet.
#[test]
fn no_secret_is_in_one_answer_alone() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("src/web/templates/staff");
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        let text = fs::read_to_string(&path).unwrap();
        let name = path.file_name().unwrap().to_str().unwrap();
        // The macro shows it beside the field into which its end is typed; one page shows the link of a form that is sent again.
        let known = match name {
            "macros.html" => text.contains("name=\"typed-back\""),
            "invited.html" => true,
            _ => false,
        };
        // And what is printed of such a page is the code alone.
        let is_apart = text.contains("class=\"narrow paper\"");
        assert_eq!(text.contains("m::new_code("), is_apart, "{name}");
        let shows = text.contains("recovery-code\"") || text.contains("link-once");
        assert!(!shows || known, "{name}");
    }
}
