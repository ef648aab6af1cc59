//! The server's own secrets change while people work: nothing that was made with an earlier one is lost, and nothing broken is taken up.

mod custodians;
mod running;
mod succession;

use std::collections::BTreeSet;

use kapea::domain::audit::AuditEvent;
use kapea::seal::anchor::check::{AnchorFinding, check};
use kapea::seal::checkpoint::{Checkpoint, KeyChain};
use kapea::seal::credentials::{Credentials, contact_version};
use kapea::seal::keys::{Seed, SigningKey};
use kapea::service::anchor::compare;
use kapea::service::trail::{Finding, verify};
use kapea::store::{self, StoreError};
use kapea::worker::Mail;

use crate::support::TestApp;
use crate::support::reporter::code_of;
use crate::support::staff::Session;

const DAY: i64 = 86_400;

fn read(app: &TestApp) -> Credentials {
    let text = std::fs::read_to_string(app.folder.path().join("credentials.toml")).unwrap();
    Credentials::parse(&text).unwrap()
}

fn write(app: &TestApp, text: &str) {
    std::fs::write(app.folder.path().join("credentials.toml"), text).unwrap();
}

/// Makes a new version in the file and has the service take it up.
async fn rotate(app: &TestApp) {
    let mut credentials = read(app);
    credentials.rotate(app.clock.today());
    write(app, &credentials.to_text());
    assert_eq!(app.reload(&[]).await, Ok(vec!["credentials".to_owned()]));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_form_with_a_fault_holds_no_new_root_up() {
    let app = TestApp::start().await;
    let mut credentials = read(&app);
    credentials.rotate(app.clock.today());
    write(&app, &credentials.to_text());
    let folder = app.folder.path().join("forms");
    std::fs::create_dir(&folder).unwrap();
    std::fs::write(folder.join("report.toml"), "version = ").unwrap();
    let directory = format!("directory = {folder:?}");
    let refused = app.reload(&[("forms", &directory)]).await.unwrap_err();
    assert!(refused.contains("all else is in force"), "{refused}");
    assert_eq!(app.reload(&[]).await, Ok(Vec::new()), "taken up before");
    file(&app, "As before.").await;
}

async fn file(app: &TestApp, account: &str) -> String {
    app.reporter("en")
        .file(&[("danger", "over"), ("account", account)])
        .await
}

/// Signs in and says whether that worked.
async fn may_sign_in(app: &TestApp, handle: &str) -> bool {
    let person = app.people.get(handle);
    let code = person.code(&app.clock).await;
    let page = person
        .try_sign_in(&app.staff, &person.passphrase, &code)
        .await;
    page.status == 303
}

async fn keys_page(admin: &Session) -> String {
    admin.get("/keys").await.expect(200).text()
}

#[tokio::test(flavor = "multi_thread")]
async fn the_root_changes_while_work_goes_on() {
    let app = TestApp::start().await;
    let dara = app.sign_in("dara").await;
    let mut codes = vec![file(&app, "before").await];
    for round in 1..=3 {
        let reporter = app.reporter("en");
        let form = reporter.fill(&[("account", "open meanwhile")]).await;
        let mailbox = app.reporter("en").mailbox(&codes[0]).await;
        rotate(&app).await;
        mailbox.write("still here").await.expect(200);
        let review = app.public.submit(&form, "review").await.expect(200);
        let sent = app.public.submit(&review.form("form"), "send").await;
        codes.push(code_of(&sent.expect(200)));
        codes.push(file(&app, "after").await);
        for code in &codes {
            app.reporter("en").mailbox(code).await;
        }
        dara.get("/queue").await.expect(200);
        assert!(may_sign_in(&app, "sokha").await, "{round}");
        app.worker.step().await;
    }
    assert_eq!(dara.whole_queue().await.len(), codes.len());
    let reloaded = app
        .trail(0)
        .into_iter()
        .filter_map(|told| match told.event {
            AuditEvent::ConfigurationReloaded { parts } => Some(parts),
            _ => None,
        });
    assert_eq!(reloaded.collect::<Vec<_>>(), ["credentials"; 3]);
    assert_eq!(app.reload(&[]).await, Ok(vec![]), "nothing has changed");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_same_form_twice_over_a_change_is_one_report() {
    let app = TestApp::start().await;
    let reporter = app.reporter("en");
    let review = app
        .public
        .submit(&reporter.fill(&[("account", "once")]).await, "review")
        .await
        .expect(200)
        .form("form");
    let code = code_of(&app.public.submit(&review, "send").await.expect(200));
    for round in 1..=2 {
        rotate(&app).await;
        let again = app.public.submit(&review, "send").await.expect(200);
        assert_eq!(code_of(&again), code, "after change {round}");
    }
    let mut other = review.clone();
    other.set("account", "something else");
    let refused = app.public.submit(&other, "send").await;
    assert_eq!(refused.status, 409, "{}", refused.text());
    assert_eq!(app.sign_in("dara").await.whole_queue().await.len(), 1);
    // The code leads to the one mailbox, and a code that is none is answered alike.
    reporter.mailbox(&code).await;
    let miss = reporter.try_code("123456789012345678901235").await;
    assert_ne!(miss.status, 200);
}

/// Both are sent while the root changes between them, in whatever order they come through.
#[tokio::test(flavor = "multi_thread")]
async fn the_same_form_twice_at_once_with_a_change_is_one_report() {
    let app = TestApp::start().await;
    let reporter = app.reporter("en");
    let dara = app.sign_in("dara").await;
    for round in 1..=6 {
        let form = reporter.fill(&[("account", "at once")]).await;
        let review = app.public.submit(&form, "review").await.expect(200);
        let review = review.form("form");
        let send = || async {
            let page = app.public.submit(&review, "send").await.expect(200);
            code_of(&page)
        };
        let (first, (), second) = tokio::join!(send(), rotate(&app), send());
        assert_eq!(first, second);
        assert_eq!(send().await, first);
        assert_eq!(dara.whole_queue().await.len(), round);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_root_ends_with_its_forms_and_opens_its_mailboxes_for_good() {
    let app = TestApp::start().await;
    let code = file(&app, "before").await;
    let form = app.reporter("en").fill(&[("account", "too late")]).await;
    let review = app.public.submit(&form, "review").await.expect(200);
    rotate(&app).await;
    app.clock.advance(3 * DAY);
    let late = app.public.submit(&review.form("form"), "send").await;
    assert!(
        late.document().of_class("code").is_empty(),
        "{}",
        late.text()
    );
    app.clock.advance(80 * DAY);
    app.reporter("en").mailbox(&code).await;
    file(&app, "goes on").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn accounts_follow_the_pepper_or_are_locked_out() {
    let app = TestApp::start().await;
    let admin = app.sign_in("admin").await;
    rotate(&app).await;
    let page = keys_page(&admin).await;
    assert!(page.contains("0 of 5 accounts moved"), "{page}");
    assert!(
        page.contains("must sign in before 21 February 2027"),
        "{page}"
    );
    for handle in ["dara", "admin", "sokha"] {
        assert!(may_sign_in(&app, handle).await);
        assert!(
            may_sign_in(&app, handle).await,
            "{handle}, under the new one"
        );
    }
    let page = keys_page(&admin).await;
    assert!(page.contains("3 of 5 accounts moved"), "{page}");
    assert!(page.contains("auditor, custodian must sign in"), "{page}");
    app.clock.advance(89 * DAY);
    assert!(may_sign_in(&app, "custodian").await, "the last day");
    app.clock.advance(DAY);
    assert!(!may_sign_in(&app, "auditor").await, "locked out");
    assert!(may_sign_in(&app, "dara").await);
    let admin = app.sign_in("admin").await;
    let page = keys_page(&admin).await;
    assert!(page.contains("auditor did not sign in in time"), "{page}");
    let followed = app.trail(0).into_iter();
    let followed = followed.filter(|told| told.event.name() == "pepper-followed");
    assert_eq!(followed.count(), 4);
}

#[tokio::test(flavor = "multi_thread")]
async fn addresses_are_sealed_anew_and_letters_still_arrive() {
    let app = TestApp::start().await;
    app.mailed();
    app.reporter("en")
        .file(&[("danger", "now"), ("account", "urgent")])
        .await;
    app.worker.expand(Mail::Urgent).await.unwrap();
    let versions = || {
        let rows = app.store.blocking(store::addresses_sealed).unwrap();
        let versions = rows.iter().map(|(_, sealed)| contact_version(sealed));
        versions.collect::<Vec<_>>()
    };
    assert!(!versions().is_empty());
    assert!(versions().iter().all(|version| *version == Some(1)));
    rotate(&app).await;
    let admin = app.sign_in("admin").await;
    let waiting = versions().len();
    let page = keys_page(&admin).await;
    assert!(
        page.contains(&format!("0 of {waiting} addresses moved")),
        "{page}"
    );
    assert!(app.worker.tend_keys().await.unwrap() > 0);
    assert!(versions().iter().all(|version| *version == Some(2)));
    assert_eq!(app.worker.tend_keys().await.unwrap(), 0, "once");
    let page = keys_page(&admin).await;
    assert!(
        page.contains(&format!("{waiting} of {waiting} addresses moved")),
        "{page}"
    );
    app.worker.tell().await.unwrap();
    assert!(app.mailed().contains(&"on-call@hotline.example".to_owned()));
}

#[tokio::test(flavor = "multi_thread")]
async fn the_audit_key_hands_over_in_the_heads_themselves() {
    let app = TestApp::start().await;
    let first = read(&app).audit_key().verify_key();
    app.later(3_600).await;
    rotate(&app).await;
    app.later(3_600).await;
    app.later(31 * DAY).await;
    app.later(3_600).await;
    let sound = |what: &str| {
        let audit_log = app.audit_log();
        let outcome = app.store.blocking(|conn| verify(conn, &audit_log, &[]));
        let outcome: Result<_, Finding> = outcome.unwrap();
        assert!(outcome.is_ok(), "{what}: {outcome:?}");
    };
    sound("after the change");
    assert!(app.trail(0).len() > 20, "entries of before open");
    let signed = || {
        let audit_log = app.audit_log();
        app.store.blocking(|conn| audit_log.signed_head(conn))
    };
    let note = signed().unwrap();
    let chain = KeyChain::follow(std::slice::from_ref(&note), first).unwrap();
    assert_eq!(chain.newest(), Some(read(&app).audit_key().verify_key()));
    assert!(chain.open(&note).is_ok() && note.contains("successor "));

    // Somebody signs with a key that nobody introduced, or with the one whose time is over.
    let old = read(&app).audit_keys().remove(0);
    for key in [SigningKey::from_seed(&Seed::random()), old] {
        let (size, head) = app.store.blocking(store::audit_head).unwrap().unwrap();
        let forged = [note.clone(), Checkpoint { size, head }.sign(&key)];
        let audit_log = app.audit_log();
        let outcome: Result<Result<_, Finding>, StoreError> =
            app.store.blocking(|conn| verify(conn, &audit_log, &forged));
        assert_eq!(outcome.unwrap(), Err(Finding::Reloadable(2)));
    }
    sound("after what was given from outside");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_mails_alone_follow_the_audit_key_from_the_first() {
    let app = TestApp::start_with(&[crate::anchors::KEEPERS]).await;
    let first = read(&app).audit_key().verify_key();
    let mut kept = Vec::new();
    let mut length = BTreeSet::new();
    for day in 0..5 {
        if day == 1 || day == 3 {
            let mut credentials = read(&app);
            credentials.rotate(app.clock.today());
            write(&app, &credentials.to_text());
            app.reload(&[crate::anchors::KEEPERS]).await.unwrap();
        }
        app.later(DAY).await;
        let mails = crate::anchors::mails(&app);
        assert_eq!(mails.len(), 2, "day {day}");
        length.extend(mails.iter().map(|mail| {
            let head = mail.windows(4).position(|four| four == b"\r\n\r\n");
            mail.len() - head.unwrap()
        }));
        kept.push(mails[0].clone());
    }
    assert_eq!(length.len(), 1, "of a constant size: {length:?}");
    let found = crate::anchors::anchors(&kept);
    let successions = found.iter().flatten();
    let successions = successions.filter(|anchor| anchor.note.contains("successor "));
    assert_eq!(successions.count(), 4);
    let checked = check(&found, &[first]).unwrap();
    assert_eq!(checked.anchors, 5);
    let agrees = app.store.blocking(|conn| compare(conn, &checked)).unwrap();
    assert_eq!(agrees, None);
    // Without the first change of the key, nothing leads to the later ones.
    let newest = read(&app).audit_key();
    assert_eq!(
        check(&found, &[newest.verify_key()]),
        Err(AnchorFinding::Unsigned(1))
    );
    let lost: Vec<_> = [&found[..1], &found[3..]].concat();
    assert_eq!(check(&lost, &[first]), Err(AnchorFinding::Unsigned(2)));

    // A key that nobody introduced, and a former one that introduces another.
    let other = SigningKey::from_seed(&Seed::random());
    let old = read(&app).audit_keys().remove(0);
    let mut forged = found[4].clone().unwrap();
    let head = checked.heads.iter().max_by_key(|head| head.size).unwrap();
    forged.note = head.sign(&other);
    let with = [found.clone(), vec![Ok(forged.clone())]].concat();
    assert_eq!(check(&with, &[first]), Err(AnchorFinding::Unsigned(6)));
    forged.note = head.sign_succession(&old, &other);
    let with = [found, vec![Ok(forged)]].concat();
    assert_eq!(check(&with, &[first]), Err(AnchorFinding::TwoSuccessors));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_wrong_file_is_refused_and_what_was_in_force_goes_on() {
    let app = TestApp::start().await;
    let code = file(&app, "told").await;
    let old = read(&app).to_text();
    let mut forked = read(&app);
    rotate(&app).await;
    let good = read(&app).to_text();
    forked.rotate(app.clock.today());
    for (text, said) in [
        ("".to_owned(), "not the expected keys"),
        (good[..good.len() / 2].to_owned(), "credentials file"),
        (old.to_string(), "old copy"),
        (
            forked.to_text().to_string(),
            "not the file of this installation",
        ),
        (
            Credentials::made_on(app.clock.today())
                .to_text()
                .to_string(),
            "not the file of this installation",
        ),
    ] {
        write(&app, &text);
        let error = app.reload(&[]).await.unwrap_err();
        assert!(error.contains(said), "{error}");
        app.reporter("en").mailbox(&code).await;
        assert!(may_sign_in(&app, "dara").await);
    }
    write(&app, &good);
    let pin = "keys = [{ name = \"a\", verify_key = \"AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA\", \
               earlier = [{ verify_key = \"BAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA\", until = \"2026-12-31\" }] }]";
    let error = app.reload(&[("custodians", pin)]).await.unwrap_err();
    assert!(error.contains("2026-12-23 at the latest"), "{error}");
    file(&app, "the form is open").await;
    let reloaded = app.trail(0).into_iter();
    let reloaded = reloaded.filter(|told| told.event.name() == "configuration-reloaded");
    assert_eq!(reloaded.count(), 1, "the true change alone");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_session_root_turns_and_all_sessions_can_be_ended() {
    let long: &[(&str, &str)] = &[
        ("limits", "session_hours = 24"),
        ("limits", "session_idle_minutes = 720"),
    ];
    let app = TestApp::start_with(long).await;
    let numbers = || {
        let mut numbers = app.store.blocking(store::session_root_numbers).unwrap();
        numbers.sort_unstable();
        numbers.dedup();
        numbers.len()
    };
    let before = numbers();
    let yesterday = app.sign_in("dara").await;
    for _ in 0..2 {
        app.clock.advance(10 * 3_600);
        yesterday.get("/queue").await.expect(200);
    }
    let admin = app.sign_in("admin").await;
    assert_eq!(numbers(), before + 2, "two roots on two days");
    let page = keys_page(&admin).await;
    assert!(page.contains("1 of 2 sessions under today's key"), "{page}");
    yesterday.get("/queue").await.expect(200);

    let refused = admin.post("/keys/sessions", &[("code", "000000")]).await;
    refused.expect(422).says("code");
    yesterday.get("/queue").await.expect(200);
    let code = admin.code(&app.clock).await;
    let ended = admin.post("/keys/sessions", &[("code", &code)]).await;
    assert_eq!(ended.expect(303).header("location"), Some("/login"));
    for session in [&yesterday, &admin] {
        let page = session.get("/").await;
        assert_eq!(page.header("location"), Some("/login"));
    }
    app.sign_in("dara").await.get("/queue").await.expect(200);
    assert!(
        app.trail(0)
            .iter()
            .any(|told| told.event.name() == "sessions-ended")
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn an_order_stands_on_the_page_until_it_is_carried_out() {
    let app = TestApp::start().await;
    let admin = app.sign_in("admin").await;
    let ordered = admin.post("/keys/server", &[("key", "root")]).await;
    ordered.expect(303);
    let page = keys_page(&admin).await;
    assert!(page.contains("Ordered on 23 November 2026"), "{page}");
    assert!(page.contains("kapea credentials rotate"), "{page}");
    let again = admin.post("/keys/server", &[("key", "root")]).await;
    assert_eq!(again.header("location"), Some("/keys?done=rotation-again"));
    rotate(&app).await;
    let page = keys_page(&admin).await;
    assert!(!page.contains("Ordered on"), "{page}");
    let unknown = admin.post("/keys/server", &[("key", "all")]).await;
    assert_eq!(unknown.status, 404);
    assert!(
        app.trail(0)
            .iter()
            .any(|told| told.event.name() == "credential-ordered")
    );
}
