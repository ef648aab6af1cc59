//! Whatever two people compare by voice stands on the pages of both, under the same words.

use std::collections::BTreeSet;

use kapea::seal::keys::{Seed, StaffKeys};
use kapea::seal::recovery::RecoveryPublic;

use crate::support::TestApp;
use crate::support::client::Page;
use crate::support::staff::{Person, Session};

const TEAMS: &str = "Key number of the team's first key:";
const PERSONS: &str = "Key number";
const RECOVERY: &str = "Fingerprint";

/// The digits that follow this label on a page, as they are grouped there.
fn labelled(page: &Page, label: &str) -> BTreeSet<String> {
    let text = page.text();
    let after = text.split(label).skip(1);
    let digits = after.map(|rest| {
        let words = rest.trim_start_matches(':').split_whitespace();
        words.take(6).collect::<Vec<_>>().join(" ")
    });
    digits.filter(|digits| is_number(digits)).collect()
}

/// Six groups of five.
fn is_number(text: &str) -> bool {
    let groups: Vec<&str> = text.split(' ').collect();
    let digits = |group: &str| group.len() == 5 && group.chars().all(|c| c.is_ascii_digit());
    groups.len() == 6 && groups.into_iter().all(digits)
}

async fn on(session: &Session, path: &str, label: &str) -> BTreeSet<String> {
    labelled(&session.get(path).await.expect(200), label)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_custodian_and_each_member_see_the_same_number_of_the_team() {
    let mut app = TestApp::start().await;
    let custodian = on(&app.sign_in("custodian").await, "/charters", TEAMS).await;
    assert!(!custodian.is_empty());
    let mut members = BTreeSet::new();
    for handle in ["sokha", "dara", "auditor"] {
        let session = app.sign_in(handle).await;
        let theirs = on(&session, "/team", TEAMS).await;
        assert_eq!(theirs.len(), 1, "{handle}");
        // Their own is another, and is not called the team's.
        assert!(theirs.is_disjoint(&on(&session, "/team", PERSONS).await));
        members.extend(theirs);
    }
    assert_eq!(members, custodian);
    // Whoever has not been let in cannot vouch for the team.
    let admin = app.sign_in("admin").await;
    let bopha = app.newcomer(&admin, "bopha").await;
    assert!(on(&bopha, "/team", TEAMS).await.is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_newcomer_and_each_member_see_the_same_number_of_the_newcomer() {
    let mut app = TestApp::start().await;
    let admin = app.sign_in("admin").await;
    let bopha = app.newcomer(&admin, "bopha").await;
    let own = on(&bopha, "/team", PERSONS).await;
    assert_eq!(own.len(), 1);
    assert_eq!(on(&bopha, "/account", PERSONS).await, own);
    for handle in ["sokha", "dara"] {
        let session = app.sign_in(handle).await;
        let theirs = on(&session, "/team", PERSONS).await;
        assert!(theirs.is_superset(&own), "{handle}: {theirs:?}");
    }
    // Auditors are let in in the same way.
    let token = admin.invite("vanna", "auditor", None, false).await;
    let person = Person::join(&app.staff, &app.clock, &token, None).await;
    let vanna = person.sign_in(&app.staff, &app.clock).await;
    let own = on(&vanna, "/team", PERSONS).await;
    assert_eq!(own.len(), 1);
    assert_eq!(on(&vanna, "/account", PERSONS).await, own);
    let auditor = app.sign_in("auditor").await;
    assert!(on(&auditor, "/team", PERSONS).await.is_superset(&own));
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_signs_or_watches_sees_the_same_number_of_a_recovery_key() {
    let app = TestApp::start().await;
    let custodian = app.sign_in("custodian").await;
    let public = RecoveryPublic::of(&StaffKeys::from_seed(&Seed::random()));
    let page = custodian.get("/recovery").await.expect(200);
    let mut form = page.form_to("/recovery/register");
    form.set("line", &public.to_string())
        .set("code", &custodian.code(&app.clock).await);
    custodian
        .post_fields("/recovery/register", &form.fields)
        .await
        .expect(303);
    let printed = BTreeSet::from([public.fingerprint()]);
    for handle in ["custodian", "admin"] {
        let session = app.sign_in(handle).await;
        assert_eq!(on(&session, "/recovery", RECOVERY).await, printed);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn both_who_agree_to_an_export_see_the_same_number_of_whom_it_is_for() {
    let app = TestApp::start().await;
    app.reporter("en")
        .file(&[("danger", "over"), ("account", "told")])
        .await;
    let (sokha, dara) = (app.sign_in("sokha").await, app.sign_in("dara").await);
    let report = sokha.queue("").await.remove(0);
    sokha.claim(&report).await.expect(303);
    let recipient = age::x25519::Identity::generate().to_public().to_string();
    let pairs = [("recipient", recipient.as_str())];
    sokha.propose(&report, "export", &pairs).await.expect(303);
    let mut seen = BTreeSet::new();
    for session in [&sokha, &dara] {
        let page = session.read(&report).await.expect(200);
        let digits = page.document().of_class("fingerprint");
        assert!(digits.iter().any(|digits| is_number(digits)), "{digits:?}");
        seen.insert(digits);
    }
    assert_eq!(seen.len(), 1, "{seen:?}");
}
