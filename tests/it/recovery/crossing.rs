//! The shares come out while a team's key is being changed.

use kapea::seal::opening::OpenReport;

use super::*;
use crate::support::oracle::Oracle;
use crate::support::staff::Person;

/// The program's clock is the system's, and a statement that it made is followed by later ones only.
fn catch_up(app: &TestApp) {
    let ahead = Clock::system().now().seconds() - app.clock.now().seconds();
    app.clock.advance(ahead.max(0) + 900);
}

/// Somebody's access is lost; the team's key is being changed for it, with a next key for each report, and the change is cut off after every
/// commit. Then the shares let them in again, and who is there carries the change on: a member who was left, or the recovered one alone.
#[tokio::test(flavor = "multi_thread")]
async fn a_recovery_in_a_change_that_was_cut_off_opens_everything_and_the_change_ends() {
    let mut met = 0_usize;
    for commits in 2.. {
        let is_alone = commits % 2 == 0;
        let what = format!("after {commits} commits, alone: {is_alone}");
        let app = TestApp::start().await;
        file(&app, 3).await;
        let printed = in_force(&app).await;
        let sokha = app.sign_in("sokha").await;
        works_until(&app, &sokha, WRAPS, 1).await;
        let admin = app.sign_in("admin").await;
        let hand = hand_of(&app, &sokha).await;
        let (mut lost, _) = ledger::insider(&app, "dara");
        let kept: Vec<OpenReport> = Oracle::of(&app.database()).reports(&mut lost);
        assert_eq!(kept.len(), 3);
        let link = token(&reset(&app, &admin, "dara", false).await.expect(200));
        app.store.fail_after_commits(Some(commits));
        let cut = app.services.rotation.run(&hand, 1).await;
        app.store.fail_after_commits(None);
        let is_begun = count(&app, "rotations WHERE state = 'begun'") > 0;
        if !is_begun {
            break;
        }
        assert!(cut.is_err(), "{what}");
        met += 1;
        if is_alone {
            reset(&app, &admin, "sokha", false).await.expect(200);
        }
        let dara = Person::join(&app.staff, &app.clock, &link, None).await;
        let config = config(&app);
        let at_once = [
            "combine", "--config", &config, "--team", "Hotline", "--person", "dara",
        ];
        let typed = [vec!["yes".to_owned()], printed.typed(&[2, 0])].concat();
        recovery(&at_once, &typed).expect(true);
        catch_up(&app);
        let dara = dara.sign_in(&app.staff, &app.clock).await;
        assert_reads(&dara, 3).await;
        let done = "rotations WHERE state <> 'done' AND team IN (SELECT id FROM teams WHERE kind = 'casework')";
        let hand = if is_alone {
            dara.clone()
        } else {
            app.sign_in("sokha").await
        };
        works_until(&app, &hand, done, 0).await;

        assert_reads(&dara, 3).await;
        assert_reads(&hand, 3).await;
        let left = "keys k JOIN teams t ON t.id = k.owner WHERE t.kind = 'casework' AND k.state NOT IN ('active', 'destroyed')";
        assert_eq!(count(&app, left), 0, "{what}");
        let active = "grants JOIN keys ON keys.id = grants.key WHERE keys.state = 'active'";
        assert_eq!(count(&app, active), 3, "{what}");
        works_until(&app, &hand, WRAPS, 1).await;
        // Nobody's earlier copy opens what is written now.
        for kept in &kept {
            let mut truth = Oracle::of(&app.database());
            let known = truth.opened_by(kept);
            let report = kept.report().to_string();
            dara.claim(&report).await.expect(303);
            dara.note(&report, "written later").await.expect(303);
            assert_eq!(truth.opened_by(kept), known, "{what}");
        }
        app.worker.watch().await.unwrap();
        assert_eq!(
            count(&app, "alarms WHERE kind <> 'recovery-used'"),
            0,
            "{what}"
        );
    }
    assert!(met >= 3, "only {met} cuts met a change that was begun");
}
