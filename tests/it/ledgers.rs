//! A team's ledger against those who once held its keys and write to the database now.

use kapea::domain::ids::TeamId;
use kapea::ledger::rules::Rules;
use kapea::ledger::statement::Head;
use kapea::ledger::team::{Generation, TeamBody};
use kapea::seal::keys::StaffKeys;
use kapea::seal::keys::{Seed, SigningKey};
use kapea::seal::random;
use kapea::service::keyring::beneath;

use crate::support::ledger::{insider, lay, public, state, team};
use crate::support::oracle::Oracle;
use crate::support::sql::{count, id_of, run, run_in, text};
use crate::support::{TestApp, eventually};

const TOLD: &[(&str, &str)] = &[("danger", "over"), ("account", "told-once")];
const CHAIN_BROKEN: &str = "Somebody has changed who receives reports";

/// Somebody who was in the team: their own keys, and what signs for its first generation.
struct Leaver {
    team: TeamId,
    staff: kapea::domain::ids::StaffId,
    own: StaffKeys,
    old: SigningKey,
}

/// Dara leaves, with a copy of everything that opened for them, and the team's key is changed.
async fn left(app: &TestApp) -> Leaver {
    let team = team(app, "name = 'Hotline'");
    let (holder, own) = insider(app, "dara");
    let oracle = Oracle::of(&app.database());
    let hand = oracle.hand(&holder);
    let key = text(
        app,
        "lower(hex(keys.id))",
        "keys JOIN staff ON staff.id = keys.owner WHERE handle = 'dara'",
    );
    let context = app.beside();
    let opened = context
        .store
        .blocking(|conn| beneath(conn, (key.parse().unwrap(), own.identity()), |_| true));
    let old = opened.unwrap().open.remove(0).secrets.signing().share();
    drop(hand);
    let (admin, sokha) = (app.sign_in("admin").await, app.sign_in("sokha").await);
    let form = [("staff", &*id_of(app, "dara"))];
    admin.post("/people/disable", &form).await.expect(303);
    eventually("the key is changed", async || {
        sokha.get("/queue").await.expect(200);
        (count(app, "rotations WHERE state <> 'done'") == 0).then_some(())
    })
    .await;
    assert_eq!(state(app, team).generation.number, 2);
    Leaver {
        team,
        staff: holder.staff,
        own,
        old,
    }
}

/// Deletes the last statements of a ledger.
fn cut(app: &TestApp, team: TeamId, statements: u32) {
    let of = format!("FROM statements WHERE hex(ledger) = upper('{team}')");
    let sql = format!("DELETE {of} AND sequence > (SELECT max(sequence) - {statements} {of})");
    run(app, &sql);
}

fn next(number: u32, of: &StaffKeys) -> TeamBody {
    TeamBody::Generation(Generation {
        number,
        key: random::key_id(),
        keys: public(of),
    })
}

async fn is_told(app: &TestApp) {
    app.later(60).await;
    let auditor = app.sign_in("auditor").await;
    auditor.get("/alarms").await.expect(200).says(CHAIN_BROKEN);
}

/// Reports that were sealed to the key in force: what the team reads.
async fn goes_to_the_team(app: &TestApp, reports: usize) {
    app.reporter("en").file(TOLD).await;
    let readable =
        "grants JOIN keys ON keys.id = grants.key WHERE keys.generation = 2 AND keys.kind = 'team'";
    assert_eq!(count(app, readable), i64::try_from(reports).unwrap());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_leaver_lays_no_other_generation_in_place_of_the_teams() {
    let app = TestApp::start().await;
    app.reporter("en").file(TOLD).await;
    let leaver = left(&app).await;
    goes_to_the_team(&app, 2).await;
    // The list is cut back to before the change, and a generation of the leaver's own follows: signed by the one before, as asked.
    let thief = StaffKeys::from_seed(&Seed::random());
    cut(&app, leaver.team, 2);
    let keys = [leaver.own.signing(), &leaver.old, thief.signing()];
    lay(&app, leaver.team, leaver.staff, &keys, next(2, &thief));
    goes_to_the_team(&app, 3).await;
    is_told(&app).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_leaver_says_nothing_that_counts() {
    let app = TestApp::start().await;
    let leaver = left(&app).await;
    goes_to_the_team(&app, 1).await;
    let thief = StaffKeys::from_seed(&Seed::random());
    let before = state(&app, leaver.team);
    let newcomer = random::staff_id();
    let person = id_of(&app, "sokha").parse().unwrap();
    let own = leaver.own.signing();
    for (body, keys) in [
        (next(3, &thief), vec![own, &leaver.old, thief.signing()]),
        (
            TeamBody::Approve {
                newcomer,
                keys: public(&thief),
            },
            vec![own],
        ),
        (
            TeamBody::Admit {
                newcomer,
                keys: public(&thief),
                lead: false,
            },
            vec![own],
        ),
        (TeamBody::Renew(public(&thief)), vec![own, thief.signing()]),
        (
            TeamBody::Lead {
                person,
                lead: false,
            },
            vec![own],
        ),
        (
            TeamBody::Recover {
                keys: public(&thief),
                recovery: own.verify_key(),
            },
            vec![own, &leaver.old],
        ),
    ] {
        lay(&app, leaver.team, leaver.staff, &keys, body.clone());
        assert_eq!(state(&app, leaver.team), before, "{body:?}");
        cut(&app, leaver.team, 1);
    }
    let keys = vec![own, &leaver.old, thief.signing()];
    lay(&app, leaver.team, leaver.staff, &keys, next(3, &thief));
    goes_to_the_team(&app, 2).await;
    is_told(&app).await;
}

/// Whether auditors hear of anything after another minute of the worker's.
async fn hears(app: &TestApp) -> bool {
    app.later(60).await;
    let auditor = app.sign_in("auditor").await;
    let page = auditor.get("/alarms").await.expect(200);
    page.text().contains(CHAIN_BROKEN)
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_put_in_place_of_a_ledger_is_refused_after_a_start_too() {
    let app = TestApp::start().await;
    let leaver = left(&app).await;
    let thief = StaffKeys::from_seed(&Seed::random());
    // In a file of its own: the service starts on no tables but its own.
    let kept = app.folder.path().join("kept.db").display().to_string();
    run(&app, &format!("VACUUM INTO '{kept}'"));
    cut(&app, leaver.team, 2);
    let keys = [leaver.own.signing(), &leaver.old, thief.signing()];
    lay(&app, leaver.team, leaver.staff, &keys, next(2, &thief));
    // Nothing in the database tells which list was the true one. The witness knows which key was the last good one.
    let app = app.restart();
    app.reporter("en").file(TOLD).await;
    assert!(hears(&app).await);
    let back = "DELETE FROM statements; INSERT INTO statements SELECT * FROM kept.statements";
    run_in(&app.database(), &format!("ATTACH '{kept}' AS kept; {back}"));
    let sokha = app.sign_in("sokha").await;
    let report = sokha.queue("").await.remove(0);
    sokha.read(&report).await.expect(200).says("told-once");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_power_cut_before_or_after_the_commit_is_no_alarm() {
    let app = TestApp::start().await;
    let hotline = team(&app, "name = 'Hotline'");
    let (sokha, own) = insider(&app, "sokha");
    // The witness was told, and the commit never came.
    let witness = app.beside().audit_log.witness().clone();
    let head = Head {
        sequence: 99,
        digest: [9; 32],
    };
    witness.announce(&[(hotline.into(), head)]).unwrap();
    let app = app.restart();
    assert!(!hears(&app).await);
    // The commit came, and the witness was not told.
    let body = TeamBody::RulesWish(Rules::USUAL);
    let strict = TeamBody::Rules(Rules::new(2, 24).unwrap());
    for body in [strict, body] {
        lay(&app, hotline, sokha.staff, &[own.signing()], body);
    }
    let before = state(&app, hotline);
    let app = app.restart();
    assert!(!hears(&app).await);
    assert_eq!(state(&app, hotline), before);
    assert_eq!(before.rules(app.clock.now()).approvals(), 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_clock_that_was_ahead_holds_no_team_up() {
    let app = TestApp::start().await;
    let hotline = team(&app, "name = 'Hotline'");
    let (sokha, own) = insider(&app, "sokha");
    let say = |body: TeamBody| {
        app.beside()
            .blocking_write(|txn| txn.say(hotline, sokha.staff, &[own.signing()], body))
            .map(|_| ())
    };
    app.clock.advance(365 * 86_400);
    say(TeamBody::Rules(Rules::new(2, 24).unwrap())).unwrap();
    app.clock.advance(-365 * 86_400);
    say(TeamBody::RulesWish(Rules::USUAL)).unwrap();
    say(TeamBody::RulesStop).unwrap();
    assert!(!hears(&app.restart()).await);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_change_that_is_committed_while_somebody_looks_is_no_alarm() {
    let app = TestApp::start().await;
    let hotline = team(&app, "name = 'Hotline'");
    let (sokha, own) = insider(&app, "sokha");
    let context = app.beside();
    let say = |body: TeamBody| {
        let said =
            context.blocking_write(|txn| txn.say(hotline, sokha.staff, &[own.signing()], body));
        said.map(|_| ()).unwrap();
    };
    say(TeamBody::Rules(Rules::new(2, 24).unwrap()));
    std::thread::scope(|scope| {
        let changes = scope.spawn(|| {
            for _ in 0..100 {
                say(TeamBody::RulesWish(Rules::USUAL));
                say(TeamBody::RulesStop);
            }
        });
        while !changes.is_finished() {
            let look = |conn: &mut _| context.authority.look_at_team(conn, hotline);
            assert_eq!(context.store.blocking(look).unwrap(), None);
            let read = |conn: &mut _| context.authority.team(conn, hotline);
            assert_eq!(context.store.blocking(read).unwrap().fault, None);
        }
    });
}

#[tokio::test(flavor = "multi_thread")]
async fn the_page_of_keys_tells_what_happened_in_each_team_newest_first() {
    let app = TestApp::start().await;
    left(&app).await;
    let dara = format!("former colleague {}", &id_of(&app, "dara")[..4]);
    let told = [
        "sokha changed the team's key. It is generation 2 now.".to_owned(),
        format!("admin took {dara} out of the team."),
        format!("sokha let {dara} in."),
        format!("sokha gave their word for {dara}."),
        "sokha began the team.".to_owned(),
    ];
    for (handle, path) in [("admin", "/keys"), ("sokha", "/team")] {
        let page = app.sign_in(handle).await.get(path).await.expect(200);
        let text = page.text();
        let text = text.replace(['\u{2068}', '\u{2069}'], "");
        let places = told.each_ref().map(|sentence| text.find(sentence));
        assert!(places.iter().all(Option::is_some), "{handle}: {text}");
        assert!(places.is_sorted(), "{handle}: {text}");
    }
}

/// It takes rights only, and is taken; but nobody asked for it here.
#[tokio::test(flavor = "multi_thread")]
async fn an_exit_that_somebody_lays_into_the_database_is_told_of() {
    for is_followed in [false, true] {
        let app = TestApp::start().await;
        let team = team(&app, "name = 'Hotline'");
        let thief = StaffKeys::from_seed(&Seed::random());
        let person = id_of(&app, "dara").parse().unwrap();
        let by = Some(thief.verify_key());
        let exit = TeamBody::Exit { person, by };
        lay(&app, team, random::staff_id(), &[thief.signing()], exit);
        if is_followed {
            // What the service itself writes after it does not cover it.
            let sokha = app.sign_in("sokha").await;
            let page = sokha.get("/team").await.expect(200);
            let mut form = page.form_to("/team/rules");
            form.set("delay", "24")
                .set("code", &sokha.code(&app.clock).await);
            sokha
                .post_fields("/team/rules", &form.fields)
                .await
                .expect(303);
        }
        app.later(60).await;
        let alarm = "alarms WHERE kind = 'team-broken' AND state = 'open'";
        assert_eq!(count(&app, alarm), 1, "{is_followed}");
        assert!(!state(&app, team).members.contains_key(&person));
    }
}

/// An account is closed whatever state its team's ledger is in, and the next key is not made for it.
#[tokio::test(flavor = "multi_thread")]
async fn whose_account_was_closed_while_the_ledger_was_broken_goes_with_the_next_key() {
    let app = TestApp::start().await;
    let team = team(&app, "name = 'Hotline'");
    let dara = id_of(&app, "dara").parse().unwrap();
    let (admin, sokha) = (app.sign_in("admin").await, app.sign_in("sokha").await);
    let at = format!("WHERE hex(ledger) = upper('{team}') AND sequence = 3");
    let kept = app.folder.path().join("kept.db").display().to_string();
    run(&app, &format!("VACUUM INTO '{kept}'"));
    run(
        &app,
        &format!("UPDATE statements SET signed = randomblob(300) {at}"),
    );
    let form = [("staff", &*id_of(&app, "dara"))];
    admin.post("/people/disable", &form).await.expect(303);
    let back = format!(
        "DELETE FROM statements {at}; INSERT INTO statements SELECT * FROM kept.statements {at}"
    );
    run_in(&app.database(), &format!("ATTACH '{kept}' AS kept; {back}"));
    assert!(state(&app, team).members.contains_key(&dara));
    eventually("the key is changed", async || {
        sokha.get("/queue").await.expect(200);
        (count(&app, "rotations WHERE state <> 'done'") == 0).then_some(())
    })
    .await;
    let state = state(&app, team);
    assert!(!state.members.contains_key(&dara));
    assert_eq!(state.generation.number, 2);
}
