//! A custodian changes their key: for thirty days both count, as one person.

use kapea::domain::alarm::AlarmKind;
use kapea::seal::keys::{Seed, SigningKey};
use kapea::service::custody::sign_in_txn;
use kapea::store::{self, Alarm};

use super::DAY;
use crate::support::TestApp;

/// The verify key of the custodian who has an account, as the configuration pins it.
fn pinned(app: &TestApp) -> String {
    let text = std::fs::read_to_string(app.folder.path().join("kapea.toml")).unwrap();
    let key = text.split("verify_key = \"").nth(1).unwrap();
    key.split('"').next().unwrap().to_owned()
}

fn pins(name: &str, new: &str, old: &str, until: &str) -> String {
    format!(
        "keys = [{{ name = \"{name}\", verify_key = \"{new}\", previous_verify_key = \"{old}\", previous_until = \"{until}\" }}]"
    )
}

fn alarms(app: &TestApp) -> Vec<Alarm> {
    let mut alarms = app.store.blocking(store::alarms_open).unwrap();
    alarms.retain(|alarm| alarm.kind == AlarmKind::CharterEnds);
    alarms
}

async fn is_open(app: &TestApp) -> bool {
    let page = app.public.get("/en/report").await.expect(200);
    let forms = page.document().forms();
    forms
        .iter()
        .any(|form| form.action.starts_with("/en/report"))
}

/// As `kapea custodian sign` does.
fn sign(app: &TestApp, key: &SigningKey) {
    for channel in ["main", "audit"] {
        app.write(|txn| sign_in_txn(txn, channel, key, None))
            .unwrap();
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn both_keys_count_until_the_day_and_the_new_one_after_it() {
    for is_signed_again in [true, false] {
        let app = TestApp::start().await;
        let new = SigningKey::from_seed(&Seed::random());
        let pins = pins(
            "c",
            &new.verify_key().to_string(),
            &pinned(&app),
            "2026-12-20",
        );
        let extra: &[(&str, &str)] = &[("custodians", &pins)];
        assert_eq!(app.reload(extra).await, Ok(vec!["custodians".to_owned()]));
        app.worker.tend_keys().await.unwrap();
        assert!(is_open(&app).await);
        assert_eq!(alarms(&app).len(), 0, "there is time");
        let admin = app.sign_in("admin").await;
        let page = admin.get("/keys").await.expect(200).text();
        assert!(page.contains("count until 20 December 2026"), "{page}");
        assert!(
            page.contains("To be signed again with the new key: audit, main"),
            "{page}"
        );
        app.clock.advance(14 * DAY);
        app.worker.tend_keys().await.unwrap();
        let mut ending: Vec<String> = alarms(&app).into_iter().map(|one| one.subject).collect();
        ending.sort();
        assert_eq!(ending, ["audit", "main"], "two weeks are left");
        if is_signed_again {
            sign(&app, &new);
            let admin = app.sign_in("admin").await;
            let page = admin.get("/keys").await.expect(200).text();
            assert!(
                page.contains("2 of 2 charters signed with this key"),
                "{page}"
            );
        }
        app.clock.advance(13 * DAY);
        assert!(is_open(&app).await, "the last day");
        app.clock.advance(DAY);
        assert!(is_open(&app).await, "the last good key goes on");
        let app = app.restarted(extra);
        assert_eq!(is_open(&app).await, is_signed_again, "after a restart");
    }
}

/// A key whose time is over counts nowhere: the worker says so before a report comes in, and no auditor reads by its word.
#[tokio::test(flavor = "multi_thread")]
async fn a_signature_that_counts_no_more_is_told_of_and_seals_to_nobody() {
    let app = TestApp::start().await;
    let new = SigningKey::from_seed(&Seed::random());
    let key = new.verify_key().to_string();
    let pins = pins("c", &key, &pinned(&app), "2026-12-20");
    let extra: &[(&str, &str)] = &[("custodians", &pins)];
    app.reload(extra).await.unwrap();
    let broken = |app: &TestApp| {
        let mut alarms = app.store.blocking(store::alarms_open).unwrap();
        alarms.retain(|alarm| alarm.kind == AlarmKind::ChainBroken);
        let mut channels: Vec<String> = alarms.into_iter().map(|alarm| alarm.subject).collect();
        channels.sort();
        channels
    };
    app.clock.advance(27 * DAY);
    app.worker.watch().await.unwrap();
    assert!(broken(&app).is_empty(), "the last day");
    app.clock.advance(DAY);
    app.worker.watch().await.unwrap();
    assert_eq!(broken(&app), ["audit", "main"]);
    let app = app.restarted(extra);
    app.sign_in("admin").await;
    let (size, _) = app.store.blocking(store::audit_head).unwrap().unwrap();
    let rows = app
        .store
        .blocking(|conn| store::audit_after(conn, size - 1, 1))
        .unwrap();
    assert_eq!(rows[0].body_key, None, "nobody vouches for the auditors");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_custodian_signs_again_on_their_page() {
    let app = TestApp::start().await;
    let mine = pinned(&app);
    let earlier = SigningKey::from_seed(&Seed::random());
    let old = earlier.verify_key().to_string();
    app.write(|txn| sign_in_txn(txn, "main", &earlier, None))
        .unwrap();
    let forget = "DELETE FROM charter_signatures WHERE custodian <> ?";
    let mut conn = crate::support::sql::connect(&app);
    let forget = diesel::sql_query(forget)
        .bind::<diesel::sql_types::Binary, _>(earlier.verify_key().as_bytes().to_vec());
    diesel::RunQueryDsl::execute(forget, &mut conn).unwrap();
    let pins = pins("c", &mine, &old, "2026-12-20");
    app.reload(&[("custodians", &pins)]).await.unwrap();
    let custodian = app.sign_in("custodian").await;
    let page = custodian.get("/charters").await.expect(200);
    page.says("That signature counts until 20 December 2026")
        .says("1 of 1 signatures");
    custodian.sign_charters(&app.clock).await;
    let page = custodian.get("/charters").await.expect(200);
    page.says("You have signed this")
        .says("1 of 1 signatures")
        .says_nothing_of("counts until");
    app.clock.advance(40 * DAY);
    let app = app.restarted(&[("custodians", &pins)]);
    assert!(is_open(&app).await);
}

#[tokio::test(flavor = "multi_thread")]
async fn two_keys_of_one_custodian_do_not_reach_a_threshold_of_two() {
    let app = TestApp::start().await;
    let [new, other] = [(); 2].map(|()| SigningKey::from_seed(&Seed::random()));
    let first = pins(
        "c",
        &new.verify_key().to_string(),
        &pinned(&app),
        "2026-12-20",
    );
    let second = format!(
        ", {{ name = \"d\", verify_key = \"{}\" }}]",
        other.verify_key()
    );
    let pins = first.replace("}]", &format!("}}{second}"));
    let extra: &[(&str, &str)] = &[("custodians", &pins), ("custodians", "threshold = 2")];
    sign(&app, &new);
    let app = app.restarted(extra);
    assert!(!is_open(&app).await);
    sign(&app, &other);
    assert!(is_open(&app).await);
}
