//! A team's door: how many members must vouch for a newcomer, how long the others have to object, and whose word counts.

use diesel::connection::SimpleConnection as _;
use kapea::ledger::rules::Rules;
use kapea::ledger::team::TeamBody;
use kapea::seal::keys::{Seed, StaffKeys};

use crate::support::client::Page;
use crate::support::ledger;
use crate::support::sql::{connect, count, id_of};
use crate::support::staff::{Person, Session};
use crate::support::{TestApp, eventually};

fn run(app: &TestApp, sql: &str) {
    connect(app).batch_execute(sql).unwrap();
}

/// How many wraps somebody's keys hold.
fn wraps_of(app: &TestApp, handle: &str) -> i64 {
    count(
        app,
        &format!(
            "wraps JOIN keys ON keys.id = wraps.parent JOIN staff ON staff.id = keys.owner WHERE handle = '{handle}'"
        ),
    )
}

fn classes(app: &TestApp) -> Vec<String> {
    app.trail(0)
        .into_iter()
        .map(|told| told.event.name().to_owned())
        .collect()
}

/// Somebody who has set up their account and stands at the door of a team.
async fn newcomer(app: &mut TestApp, admin: &Session, handle: &str, lead: bool) -> Person {
    let team = admin.team("Hotline").await;
    let token = admin.invite(handle, "caseworker", Some(&team), lead).await;
    let person = Person::join(&app.staff, &app.clock, &token, None).await;
    app.people.add(person.clone());
    person
}

async fn rules(app: &TestApp, member: &Session, approvals: &str, delay: &str) -> Page {
    let page = member.get("/team").await.expect(200);
    let mut form = page.form_to("/team/rules");
    form.set("approvals", approvals)
        .set("delay", delay)
        .set("code", &member.code(&app.clock).await);
    member.post_fields("/team/rules", &form.fields).await
}

async fn approve(app: &TestApp, member: &Session) -> Page {
    let page = member.get("/team").await.expect(200);
    let mut form = page.form_to("/team/admit");
    form.set("compared", "yes")
        .set("code", &member.code(&app.clock).await);
    member.post_fields("/team/admit", &form.fields).await
}

/// Whether the page that a member opens says that somebody is in, sooner or later.
async fn comes_in(app: &TestApp, member: &Session, handle: &str) {
    eventually("the newcomer is let in", async || {
        member.get("/queue").await.expect(200);
        (wraps_of(app, handle) > 0).then_some(())
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn two_members_must_compare_and_nobody_counts_twice() {
    let mut app = TestApp::start().await;
    app.reporter("en")
        .file(&[("danger", "over"), ("account", "told-once")])
        .await;
    let admin = app.sign_in("admin").await;
    let (sokha, dara) = (app.sign_in("sokha").await, app.sign_in("dara").await);
    let set = rules(&app, &sokha, "2", "0").await.expect(303);
    assert_eq!(set.header("location"), Some("/team?done=rules"));
    let vanna = newcomer(&mut app, &admin, "vanna", false).await;

    let done = approve(&app, &sokha).await.expect(303);
    assert_eq!(done.header("location"), Some("/team?done=approved"));
    assert_eq!(wraps_of(&app, "vanna"), 0);
    for member in [&sokha, &dara] {
        let page = member.get("/team").await.expect(200);
        page.says("vanna waits: approved by sokha. One more member");
    }
    let page = sokha.get("/team").await.expect(200);
    assert!(
        page.forms_to("/team/admit").is_empty(),
        "nobody approves twice"
    );
    // The same again, by a form from before.
    let mut old = dara.get("/team").await.expect(200).form_to("/team/admit");
    old.set("compared", "yes")
        .set("csrf", &sokha.csrf)
        .set("code", &sokha.code(&app.clock).await);
    sokha
        .post_fields("/team/admit", &old.fields)
        .await
        .expect(409)
        .says("You have approved this person already");
    assert_eq!(wraps_of(&app, "vanna"), 0);

    let done = approve(&app, &dara).await.expect(303);
    assert_eq!(done.header("location"), Some("/team?done=admitted"));
    let vanna = vanna.sign_in(&app.staff, &app.clock).await;
    let report = vanna.queue("").await.remove(0);
    vanna.read(&report).await.expect(200).says("told-once");
    let told = classes(&app);
    let at = |class: &str| told.iter().filter(|told| *told == class).count();
    assert_eq!((at("member-approved"), at("team-rules-set")), (3, 1));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_delay_is_shown_to_all_and_any_member_may_object() {
    let mut app = TestApp::start().await;
    let admin = app.sign_in("admin").await;
    let (sokha, dara) = (app.sign_in("sokha").await, app.sign_in("dara").await);
    rules(&app, &sokha, "1", "24").await.expect(303);
    newcomer(&mut app, &admin, "vanna", false).await;
    approve(&app, &sokha).await.expect(303);
    let page = dara.get("/team").await.expect(200);
    page.says("vanna waits: approved by sokha. Let in from 24 November 2026");
    let early = page.form_to("/team/object");
    dara.post_fields("/team/let-in", &early.fields)
        .await
        .expect(409)
        .says("too early");

    dara.post_fields("/team/object", &early.fields)
        .await
        .expect(303);
    app.clock.advance(2 * 86_400);
    let sokha = app.sign_in("sokha").await;
    let page = sokha.get("/team").await.expect(200);
    page.says_nothing_of("vanna waits");
    assert!(page.forms_to("/team/let-in").is_empty());
    assert_eq!(wraps_of(&app, "vanna"), 0);
    // Objecting again finds nothing.
    let dara = app.sign_in("dara").await;
    let mut again = early.clone();
    again.set("csrf", &dara.csrf);
    dara.post_fields("/team/object", &again.fields)
        .await
        .expect(409);

    // Agreed anew, and this time nobody objects: whoever comes by next lets them in.
    approve(&app, &sokha).await.expect(303);
    app.clock.advance(23 * 3_600);
    let dara = app.sign_in("dara").await;
    dara.get("/team").await.expect(200).says("Let in from");
    assert_eq!(wraps_of(&app, "vanna"), 0);
    app.clock.advance(2 * 3_600);
    let dara = app.sign_in("dara").await;
    comes_in(&app, &dara, "vanna").await;
    let told = classes(&app);
    assert!(told.iter().any(|class| class == "member-objected-to"));
    assert!(told.iter().any(|class| class == "member-let-in"));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_word_is_for_the_key_that_was_compared() {
    let mut app = TestApp::start().await;
    let admin = app.sign_in("admin").await;
    let (sokha, dara) = (app.sign_in("sokha").await, app.sign_in("dara").await);
    rules(&app, &sokha, "2", "0").await.expect(303);
    newcomer(&mut app, &admin, "vanna", false).await;
    approve(&app, &sokha).await.expect(303);
    let before = dara.get("/team").await.expect(200).form_to("/team/admit");

    let thief = StaffKeys::from_seed(&Seed::random());
    let sql = format!(
        "UPDATE keys SET recipient = '{}' WHERE kind = 'staff' AND owner = (SELECT id FROM staff WHERE handle = 'vanna')",
        thief.recipient()
    );
    run(&app, &sql);
    dara.get("/team")
        .await
        .expect(200)
        .says_nothing_of("vanna waits: approved");
    let mut before = before;
    before
        .set("compared", "yes")
        .set("code", &dara.code(&app.clock).await);
    dara.post_fields("/team/admit", &before.fields)
        .await
        .expect(409)
        .says("has changed since you opened this page");
    approve(&app, &dara).await.expect(303);
    assert_eq!(wraps_of(&app, "vanna"), 0, "one word is not two");
}

#[tokio::test(flavor = "multi_thread")]
async fn words_that_nobody_gave_let_nobody_in() {
    let mut app = TestApp::start().await;
    let admin = app.sign_in("admin").await;
    let (sokha, dara) = (app.sign_in("sokha").await, app.sign_in("dara").await);
    rules(&app, &sokha, "2", "24").await.expect(303);
    newcomer(&mut app, &admin, "vanna", false).await;
    approve(&app, &sokha).await.expect(303);
    let page = dara.get("/team").await.expect(200);
    // Somebody who writes to the database gives dara's word with a key of their own.
    let (team, thief) = (
        ledger::team(&app, "name = 'Hotline'"),
        StaffKeys::from_seed(&Seed::random()),
    );
    let newcomer = id_of(&app, "vanna").parse().unwrap();
    let word = TeamBody::Approve {
        newcomer,
        keys: ledger::public(&ledger::insider(&app, "vanna").1),
    };
    let dara_id = id_of(&app, "dara").parse().unwrap();
    ledger::lay(&app, team, dara_id, &[thief.signing()], word);
    let now = dara.get("/team").await.expect(200);
    now.says_nothing_of("vanna waits: approved by sokha, dara")
        .says_nothing_of("can come in");
    for _ in 0..5 {
        sokha.get("/queue").await.expect(200);
        dara.get("/queue").await.expect(200);
    }
    let form = page.form_to("/team/admit");
    for member in [&sokha, &dara] {
        let mut form = form.clone();
        form.set("csrf", &member.csrf);
        member
            .post_fields("/team/let-in", &form.fields)
            .await
            .expect(404);
    }
    assert_eq!(wraps_of(&app, "vanna"), 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_word_of_somebody_who_has_left_or_of_before_a_new_key_counts_no_more() {
    let mut app = TestApp::start().await;
    let admin = app.sign_in("admin").await;
    let sokha = app.sign_in("sokha").await;
    let vanna = app.new_caseworker(&admin, &sokha, "vanna").await;
    rules(&app, &sokha, "2", "24").await.expect(303);
    newcomer(&mut app, &admin, "rith", false).await;
    approve(&app, &vanna).await.expect(303);
    approve(&app, &sokha).await.expect(303);
    sokha.get("/team").await.expect(200).says("Let in from");
    let page = admin.get("/people").await.expect(200);
    let id = page
        .forms_to("/people/disable")
        .iter()
        .filter_map(|form| form.value("staff").map(str::to_owned))
        .find(|id| {
            count(
                &app,
                &format!("staff WHERE id = X'{id}' AND handle = 'vanna'"),
            ) == 1
        })
        .unwrap();
    admin
        .post("/people/disable", &[("staff", &id)])
        .await
        .expect(303);
    // The leaving has the team's key changed; what was said under the old one is said again.
    eventually("the key is changed", async || {
        sokha.get("/queue").await.expect(200);
        (count(&app, "rotations WHERE state <> 'done'") == 0).then_some(())
    })
    .await;
    sokha
        .get("/team")
        .await
        .expect(200)
        .says_nothing_of("rith waits: approved");
    approve(&app, &sokha).await.expect(303);
    app.clock.advance(2 * 86_400);
    let dara = app.sign_in("dara").await;
    dara.get("/team").await.expect(200).says("One more member");
    approve(&app, &dara).await.expect(303);
    app.clock.advance(2 * 86_400);
    let dara = app.sign_in("dara").await;
    comes_in(&app, &dara, "rith").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn rules_are_set_by_leads_with_a_fresh_code() {
    let app = TestApp::start().await;
    let (sokha, dara) = (app.sign_in("sokha").await, app.sign_in("dara").await);
    let page = sokha.get("/team").await.expect(200);
    let mut form = page.form_to("/team/rules");
    form.set("approvals", "2").set("delay", "24");
    assert!(
        dara.get("/team")
            .await
            .expect(200)
            .forms_to("/team/rules")
            .is_empty()
    );
    let mut theirs = form.clone();
    theirs
        .set("csrf", &dara.csrf)
        .set("code", &dara.code(&app.clock).await);
    dara.post_fields("/team/rules", &theirs.fields)
        .await
        .expect(404);
    form.set("code", "000000");
    let page = sokha
        .post_fields("/team/rules", &form.fields)
        .await
        .expect(422);
    page.says("This code is not right");
    assert_eq!(
        page.form_to("/team/rules").value("approvals"),
        Some("2"),
        "what was chosen stays"
    );
    form.set("code", &sokha.code(&app.clock).await)
        .set("delay", "9000");
    sokha
        .post_fields("/team/rules", &form.fields)
        .await
        .expect(422);
    let team = ledger::team(&app, "name = 'Hotline'");
    let holds = || ledger::state(&app, team).rules(app.clock.now());
    assert_eq!(holds(), Rules::USUAL);
    rules(&app, &sokha, "2", "24").await.expect(303);
    assert_eq!(Some(holds()), Rules::new(2, 24));
}

#[tokio::test(flavor = "multi_thread")]
async fn weaker_rules_wait_for_a_second_lead_or_for_time() {
    let mut app = TestApp::start().await;
    let admin = app.sign_in("admin").await;
    let (sokha, dara) = (app.sign_in("sokha").await, app.sign_in("dara").await);
    rules(&app, &sokha, "2", "48").await.expect(303);
    let wished = rules(&app, &sokha, "1", "0").await.expect(303);
    assert_eq!(wished.header("location"), Some("/team?done=rules-wished"));
    dara.get("/team")
        .await
        .expect(200)
        .says("Two members approve; 48 hours of waiting")
        .says("sokha wishes weaker rules: One member approves; no waiting time")
        .says("unless a member stops them");
    // Nobody agrees with themselves, and a member who does not lead cannot agree.
    let team = admin.team("Hotline").await;
    for member in [&sokha, &dara] {
        let code = member.code(&app.clock).await;
        let pairs = [("team", team.as_str()), ("code", code.as_str())];
        member.post("/team/rules-confirm", &pairs).await.expect(404);
    }
    dara.post("/team/rules-stop", &[("team", &team)])
        .await
        .expect(303);
    app.clock.advance(3 * 86_400);
    let sokha = app.sign_in("sokha").await;
    sokha
        .get("/team")
        .await
        .expect(200)
        .says("Two members approve; 48 hours");

    // Wished again, and nobody stops it: after as long as a newcomer would wait.
    rules(&app, &sokha, "1", "0").await.expect(303);
    app.clock.advance(47 * 3_600);
    let sokha = app.sign_in("sokha").await;
    sokha
        .get("/team")
        .await
        .expect(200)
        .says("Two members approve; 48 hours");
    app.clock.advance(2 * 3_600);
    let sokha = app.sign_in("sokha").await;
    sokha
        .get("/team")
        .await
        .expect(200)
        .says("One member approves; no waiting time");
    let admin = app.sign_in("admin").await;
    newcomer(&mut app, &admin, "vanna", true).await;
    approve(&app, &sokha).await.expect(303);
    assert_eq!(wraps_of(&app, "vanna"), 1);
    sokha
        .get("/team")
        .await
        .expect(200)
        .says("One member approves; no waiting time");

    // With a second lead it is their word that counts, at once and not by waiting.
    rules(&app, &sokha, "2", "24").await.expect(303);
    rules(&app, &sokha, "1", "24").await.expect(303);
    app.clock.advance(5 * 86_400);
    let vanna = app.sign_in("vanna").await;
    let page = vanna.get("/team").await.expect(200);
    page.says("Two members approve")
        .says("They hold when a second lead agrees");
    let mut form = page.form_to("/team/rules-confirm");
    form.set("code", &vanna.code(&app.clock).await);
    vanna
        .post_fields("/team/rules-confirm", &form.fields)
        .await
        .expect(303);
    vanna
        .get("/team")
        .await
        .expect(200)
        .says("One member approves; 24 hours");
    let told = classes(&app);
    for class in [
        "team-rules-wished",
        "team-rules-agreed",
        "team-rules-stopped",
    ] {
        assert!(told.iter().any(|told| told == class), "{class}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn old_rows_put_back_do_not_bring_somebody_back() {
    let mut app = TestApp::start().await;
    let admin = app.sign_in("admin").await;
    let sokha = app.sign_in("sokha").await;
    rules(&app, &sokha, "1", "24").await.expect(303);
    newcomer(&mut app, &admin, "vanna", false).await;
    approve(&app, &sokha).await.expect(303);
    run(
        &app,
        "CREATE TABLE kept_members AS SELECT * FROM memberships;",
    );
    app.clock.advance(2 * 86_400);
    let sokha = app.sign_in("sokha").await;
    comes_in(&app, &sokha, "vanna").await;
    let admin = app.sign_in("admin").await;
    let page = admin.get("/people").await.expect(200);
    let id = page
        .forms_to("/people/disable")
        .iter()
        .filter_map(|form| form.value("staff").map(str::to_owned))
        .find(|id| {
            count(
                &app,
                &format!("staff WHERE id = X'{id}' AND handle = 'vanna'"),
            ) == 1
        })
        .unwrap();
    admin
        .post("/people/disable", &[("staff", &id)])
        .await
        .expect(303);
    eventually("the key is changed", async || {
        sokha.get("/queue").await.expect(200);
        (count(&app, "rotations WHERE state <> 'done'") == 0).then_some(())
    })
    .await;
    // Somebody who writes to the database has kept every row of that day.
    run(
        &app,
        &format!(
            "UPDATE staff SET state = 'active' WHERE id = X'{id}'; UPDATE keys SET state = 'active' WHERE owner = X'{id}'; \
             INSERT INTO memberships SELECT * FROM kept_members WHERE staff = X'{id}'; DROP TABLE kept_members;"
        ),
    );
    let page = sokha.get("/team").await.expect(200);
    page.says("vanna").says_nothing_of("can come in");
    for _ in 0..5 {
        sokha.get("/queue").await.expect(200);
    }
    let form = page.form_to("/team/admit");
    sokha
        .post_fields("/team/let-in", &form.fields)
        .await
        .expect(409);
    assert_eq!(wraps_of(&app, "vanna"), 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn closing_the_second_leads_account_brings_no_weaker_rules_into_force() {
    const STRICT: &str = "Two members approve; 24 hours of waiting";
    let mut app = TestApp::start().await;
    let (admin, sokha) = (app.sign_in("admin").await, app.sign_in("sokha").await);
    for handle in ["vanna", "bopha"] {
        newcomer(&mut app, &admin, handle, true).await;
        approve(&app, &sokha).await.expect(303);
    }
    rules(&app, &sokha, "2", "24").await.expect(303);
    rules(&app, &sokha, "1", "0").await.expect(303);
    app.clock.advance(5 * 86_400);
    let (admin, sokha) = (app.sign_in("admin").await, app.sign_in("sokha").await);
    let page = sokha.get("/team").await.expect(200);
    page.says(STRICT)
        .says("They hold when a second lead agrees");
    let id = |handle: &str| {
        let person = kapea::store::staff_by_handle;
        let found = app.store.blocking(|conn| person(conn, handle));
        found.unwrap().unwrap().id.to_string()
    };
    let path = format!("/people/reset?staff={}", id("bopha"));
    let mut form = admin.get(&path).await.expect(200).form_to("/people/reset");
    form.set("code", &admin.code(&app.clock).await);
    let done = admin.post_fields("/people/reset", &form.fields).await;
    done.expect(200);
    let pairs = [("staff", id("vanna"))];
    let pairs: Vec<(&str, &str)> = pairs.iter().map(|(a, b)| (*a, b.as_str())).collect();
    admin.post("/people/disable", &pairs).await.expect(303);
    let page = sokha.get("/team").await.expect(200);
    page.says(STRICT).says_nothing_of("wishes weaker rules");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_lead_is_let_in_by_a_lead_where_there_is_one() {
    let mut app = TestApp::start().await;
    let (admin, dara) = (app.sign_in("admin").await, app.sign_in("dara").await);
    newcomer(&mut app, &admin, "vanna", true).await;
    approve(&app, &dara).await.expect(303);
    let page = dara.get("/team").await.expect(200);
    page.says("vanna waits: approved by dara. They are to lead the team");
    assert!(page.forms_to("/team/let-in").is_empty());
    assert_eq!(wraps_of(&app, "vanna"), 0);
    let sokha = app.sign_in("sokha").await;
    comes_in(&app, &sokha, "vanna").await;
    let vanna = id_of(&app, "vanna").parse().unwrap();
    let team = ledger::team(&app, "name = 'Hotline'");
    assert!(ledger::state(&app, team).leads().any(|lead| lead == vanna));
}

#[tokio::test(flavor = "multi_thread")]
async fn leads_name_others_and_the_last_one_stays_until_another_leads() {
    let app = TestApp::start().await;
    let (sokha, dara) = (app.sign_in("sokha").await, app.sign_in("dara").await);
    let no_form = dara.get("/team").await.expect(200);
    assert!(no_form.forms_to("/team/lead").is_empty());
    let form = sokha.get("/team").await.expect(200).form_to("/team/lead");
    let [own, hers] = ["sokha", "dara"].map(|handle| id_of(&app, handle));
    let decide = async |session: &Session, choice: String| {
        let mut form = form.clone();
        form.set("csrf", &session.csrf)
            .set("lead", &choice)
            .set("code", &session.code(&app.clock).await);
        session.post_fields("/team/lead", &form.fields).await
    };
    let refused = decide(&sokha, format!("{own}:false")).await.expect(409);
    refused.says("Nobody would lead the team any more");
    decide(&dara, format!("{hers}:true")).await.expect(404);
    let mut wrong = form.clone();
    wrong
        .set("lead", &format!("{hers}:true"))
        .set("code", "000000");
    let page = sokha.post_fields("/team/lead", &wrong.fields).await;
    page.expect(422).says("This code is not right");
    let team = ledger::team(&app, "name = 'Hotline'");
    let leads = || ledger::state(&app, team).leads().count();
    assert_eq!(leads(), 1);
    decide(&sokha, format!("{hers}:true")).await.expect(303);
    assert_eq!(leads(), 2);
    // From here on she hears what leads hear, and may decide.
    dara.get("/alarms").await.expect(200);
    decide(&sokha, format!("{own}:false")).await.expect(303);
    sokha.get("/alarms").await.expect(404);
    decide(&sokha, format!("{own}:true")).await.expect(404);
    let page = dara.get("/team").await.expect(200);
    let text = page.text().replace(['\u{2068}', '\u{2069}'], "");
    for told in ["sokha made dara a lead.", "sokha leads the team no longer."] {
        assert!(text.contains(told), "{text}");
    }
    let told = classes(&app);
    let at = |class: &str| told.iter().filter(|told| *told == class).count();
    assert_eq!((at("team-lead-made"), at("team-lead-ended")), (1, 1));
}
