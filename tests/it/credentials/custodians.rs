//! A custodian changes their key: for thirty days both sign, as one person, and what was signed goes on to count.

use kapea::domain::alarm::AlarmKind;
use kapea::ledger::office::OfficeBody;
use kapea::seal::keys::{Seed, SigningKey};
use kapea::service::authority::ChainError;
use kapea::service::custody;
use kapea::service::error::Error;
use kapea::service::txn::Txn;
use kapea::store;

use super::DAY;
use crate::support::TestApp;
use crate::support::sql::run;
use crate::support::staff::Person;

/// The verify key of the custodian who has an account, as the configuration pins it.
fn pinned(app: &TestApp) -> String {
    let text = std::fs::read_to_string(app.folder.path().join("kapea.toml")).unwrap();
    let key = text.split("verify_key = \"").nth(1).unwrap();
    key.split('"').next().unwrap().to_owned()
}

fn pins(name: &str, new: &str, old: &str, until: &str) -> String {
    format!(
        "keys = [{{ name = \"{name}\", verify_key = \"{new}\", earlier = [{{ verify_key = \"{old}\", until = \"{until}\" }}] }}]"
    )
}

/// The channels whose records do not hold.
async fn broken(app: &TestApp) -> Vec<String> {
    app.worker.watch().await.unwrap();
    let mut alarms = app.store.blocking(store::alarms_open).unwrap();
    alarms.retain(|alarm| alarm.kind == AlarmKind::ChainBroken);
    let mut channels: Vec<String> = alarms.into_iter().map(|alarm| alarm.subject).collect();
    channels.sort();
    channels
}

/// Which team's key reports of the main channel are sealed to.
fn receiver(app: &TestApp) -> String {
    let found = app.within(|txn| {
        let key = txn.authority().of_channel(txn, "main")?.key.unwrap();
        store::team_find(txn, key.team)
    });
    found.unwrap().name
}

async fn is_open(app: &TestApp) -> bool {
    let page = app.public.get("/en/report").await.expect(200);
    let forms = page.document().forms();
    forms
        .iter()
        .any(|form| form.action.starts_with("/en/report"))
}

/// As `kapea custodian sign` does.
fn sign(app: &TestApp, key: &SigningKey) -> Result<(), Error> {
    ["main", "audit"].into_iter().try_for_each(|channel| {
        app.within(|txn| {
            let row = store::channel_find(txn, channel)?.unwrap();
            let authority = txn.authority();
            let charter = custody::proposed(txn, authority, &row)?.unwrap();
            custody::sign_in_txn(txn, (channel, &charter.fingerprint()), key, None)
        })
    })
}

#[tokio::test(flavor = "multi_thread")]
async fn an_earlier_key_signs_until_its_day_and_what_it_signed_goes_on_to_count() {
    let app = TestApp::start().await;
    let new = SigningKey::from_seed(&Seed::random());
    let key = new.verify_key().to_string();
    let pins = pins("c", &key, &pinned(&app), "2026-12-20");
    let extra: &[(&str, &str)] = &[("custodians", &pins)];
    assert_eq!(app.reload(extra).await, Ok(vec!["custodians".to_owned()]));
    let admin = app.sign_in("admin").await;
    let page = admin.get("/keys").await.expect(200);
    page.says("until 20 December 2026")
        .says("2 of 2 charters signed");
    // On the last day the custodian, who still has the old key, signs for another team.
    app.clock.advance(27 * DAY);
    let admin = app.sign_in("admin").await;
    let team = admin.make_team("Elsewhere", &["main"]).await;
    let token = admin.invite("bopha", "caseworker", Some(&team), true).await;
    Person::join(&app.staff, &app.clock, &token, None).await;
    let custodian = app.sign_in("custodian").await;
    custodian.sign_charters(&app.clock).await;
    let page = custodian.get("/charters").await.expect(200);
    page.says("You have signed this");
    assert_eq!(receiver(&app), "Elsewhere");
    // A month later that is what it was: nothing ends, and nothing that was decided before comes back.
    app.clock.advance(30 * DAY);
    assert_eq!(broken(&app).await, [""; 0]);
    let app = app.unwitnessed(extra);
    assert!(is_open(&app).await);
    assert_eq!(receiver(&app), "Elsewhere");
    assert_eq!(broken(&app).await, [""; 0]);
    let custodian = app.sign_in("custodian").await;
    let page = custodian.get("/charters").await.expect(200);
    page.says("1 of 1 signatures")
        .says("Your key is not in the configuration file");
    assert_eq!(sign(&app, &new), Ok(()));
}

/// What a key signs after its day counts for nothing, whoever puts it into the ledger.
#[tokio::test(flavor = "multi_thread")]
async fn an_earlier_key_signs_nothing_after_its_day() {
    let app = TestApp::start().await;
    let [new, old] = [(); 2].map(|()| SigningKey::from_seed(&Seed::random()));
    let keys = [&new, &old].map(|key| key.verify_key().to_string());
    let both = pins("c", &keys[0], &keys[1], "2026-12-20");
    app.reload(&[("custodians", &both)]).await.unwrap();
    let before = broken(&app).await;
    assert_eq!(before, ["audit", "main"], "who signed is pinned no more");
    assert!(is_open(&app).await, "the last good key goes on");
    app.clock.advance(28 * DAY);
    assert_eq!(sign(&app, &old), Err(Error::NotPinned));
    app.within(|txn| {
        let row = store::channel_find(txn, "main")?.unwrap();
        let authority = txn.authority();
        let charter = custody::proposed(txn, authority, &row)?.unwrap();
        let said = OfficeBody::Charter(charter, old.verify_key());
        txn.say_in_office(None, &old, said)
    })
    .unwrap();
    let fault = |app: &TestApp| {
        let look = |txn: &mut Txn<'_>| txn.authority().of_channel(txn, "main");
        app.within(look).unwrap().fault
    };
    assert_eq!(fault(&app), Some(ChainError::NoCharter));
    assert_eq!(sign(&app, &new), Ok(()));
    assert_eq!(fault(&app), None);
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
    let pins = first.strip_suffix(']').unwrap().to_owned() + &second;
    let extra: &[(&str, &str)] = &[("custodians", &pins), ("custodians", "threshold = 2")];
    let app = app.restarted(extra);
    assert_eq!(sign(&app, &new), Ok(()));
    assert_eq!(broken(&app).await, ["audit", "main"]);
    assert!(is_open(&app).await, "the last good key goes on");
    assert_eq!(sign(&app, &other), Ok(()));
    run(&app, "UPDATE alarms SET state = 'seen'");
    assert_eq!(broken(&app).await, [""; 0]);
}
