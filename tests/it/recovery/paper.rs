//! The sheets, drills, and which recovery key teams trust.

use super::*;
use kapea::ledger::office::{OfficeBody, RecoveryKey};
use kapea::ledger::statement::PublicKeys;
use kapea::seal::keys::{Seed, StaffKeys, VerifyKey};
use kapea::store;

#[test]
fn sheets_are_printed_or_written_and_impossible_ones_are_refused() {
    let folder = tempfile::tempdir().unwrap();
    let printed = Printed::make(5, 3);
    for share in &printed.shares {
        assert_eq!(share.len(), 5);
    }
    assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 0);
    let out = folder.path().join("shares");
    let said = recovery(
        &[
            "create",
            "--shares",
            "2",
            "--threshold",
            "2",
            "--out",
            out.to_str().unwrap(),
        ],
        &[],
    )
    .expect(true);
    assert_eq!(std::fs::read_dir(&out).unwrap().count(), 2);
    let sheet = std::fs::read_to_string(out.join("share-2.txt")).unwrap();
    assert!(sheet.contains("share 2 of 2") && !said.said.contains(sheet.lines().nth(4).unwrap()));
    for (shares, threshold) in [("3", "1"), ("2", "3"), ("21", "3"), ("0", "0")] {
        recovery(
            &["create", "--shares", shares, "--threshold", threshold],
            &[],
        )
        .expect(false)
        .says("must be needed");
    }
}

#[test]
fn a_drill_names_what_is_wrong_with_a_share() {
    let (printed, other) = (Printed::make(4, 3), Printed::make(4, 3));
    let drill = |typed: &[String]| recovery(&["drill", "--public", &printed.line], typed);
    drill(&printed.typed(&[3, 0, 2]))
        .expect(true)
        .says(&printed.fingerprint);
    drill(&printed.typed(&[3, 0]))
        .expect(false)
        .says("2 of the 3 shares");
    drill(&printed.typed(&[3, 3, 0]))
        .expect(false)
        .says("share 4 was given already");
    drill(&[printed.typed(&[1]), other.typed(&[2])].concat())
        .expect(false)
        .says("share 3 belongs to another set");
    let mut mistyped = printed.typed(&[0, 1, 2]);
    let last = mistyped[7].pop().unwrap();
    mistyped[7].push(if last == '0' { '1' } else { '0' });
    drill(&mistyped)
        .expect(false)
        .says("sheet 2")
        .says("line 3");
    // In Khmer digits, with the line's number, however it is spaced.
    let khmer: Vec<String> = printed
        .typed(&[0, 1, 2])
        .iter()
        .zip((1..=5).cycle())
        .map(|(line, number)| {
            let digits = line.chars().map(|c| match c.to_digit(10) {
                Some(digit) => char::from_u32(0x17e0 + digit).unwrap(),
                None => '-',
            });
            format!("{number}: {}", digits.collect::<String>())
        })
        .collect();
    drill(&khmer).expect(true);
    recovery(&["drill", "--public", "kapea-recovery-1 age1 x"], &[]).expect(false);
    recovery(&["drill"], &[]).expect(false);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_drill_of_the_key_in_force_changes_nothing_but_the_trail() {
    let app = TestApp::start().await;
    let config = config(&app);
    recovery(&["drill", "--config", &config], &[])
        .expect(false)
        .says("no recovery key in force");
    let printed = in_force(&app).await;
    let sokha = app.sign_in("sokha").await;
    works_until(&app, &sokha, WRAPS, 1).await;
    let tables = [
        "keys",
        "wraps",
        "grants",
        "memberships",
        "staff",
        "statements",
        "alarms",
    ];
    let before = tables.map(|table| rows(&app, table));
    let entries = app.trail(0).len();
    recovery(&["drill", "--config", &config], &printed.typed(&[1, 2]))
        .expect(true)
        .says("1 of 1 team keys");
    recovery(
        &["drill", "--config", &config],
        &Printed::make(2, 2).typed(&[0, 1]),
    )
    .expect(false);
    assert_eq!(tables.map(|table| rows(&app, table)), before);
    let after = classes(&app);
    assert_eq!(&after[entries..], ["recovery-drilled"]);
}

fn rows(app: &TestApp, table: &str) -> String {
    let columns = format!(
        "SELECT group_concat('quote(' || name || ')', ' || ') FROM pragma_table_info('{table}')"
    );
    let columns = word(app, &columns);
    word(
        app,
        &format!(
            "SELECT coalesce(group_concat(row, ';'), '') FROM (SELECT {columns} AS row FROM {table} ORDER BY 1)"
        ),
    )
}

#[tokio::test(flavor = "multi_thread")]
async fn an_exchanged_recovery_key_gets_no_wrap_and_raises_an_alarm() {
    let app = TestApp::start().await;
    auditors_do_without(&app);
    let printed = in_force(&app).await;
    let thief = StaffKeys::from_seed(&Seed::random()).recipient();
    let good = word(&app, "SELECT recipient FROM keys WHERE kind = 'recovery'");
    run_sql(
        &app,
        &format!("UPDATE keys SET recipient = '{thief}' WHERE kind = 'recovery'"),
    );
    let sokha = app.sign_in("sokha").await;
    let alarm = "alarms WHERE kind = 'recovery-broken' AND state = 'open'";
    works_until(&app, &sokha, alarm, 1).await;
    // What custodians have signed is what it is wrapped to.
    works_until(&app, &sokha, WRAPS, 1).await;
    // The team's key is changed all the same, without a wrap for the thief.
    run_sql(
        &app,
        "INSERT INTO rotations SELECT randomblob(16), id, 'order', 20000, 'ordered', NULL, NULL FROM teams WHERE kind = 'casework'",
    );
    works_until(
        &app,
        &sokha,
        "keys WHERE kind = 'team' AND generation = 2 AND state = 'active'",
        1,
    )
    .await;
    works_until(&app, &sokha, "rotations WHERE state = 'done'", 1).await;
    works_until(&app, &sokha, WRAPS, 1).await;
    assert_eq!(count(&app, alarm), 1);
    // Somebody has looked into it: it sounds again the next day, whoever comes by, and not before.
    app.worker.watch().await.unwrap();
    run_sql(&app, "UPDATE alarms SET state = 'seen'");
    app.services
        .rotation
        .slice(&hand_of(&app, &sokha).await)
        .await
        .unwrap();
    app.worker.watch().await.unwrap();
    assert_eq!(count(&app, alarm), 0);
    app.clock.advance(86_400);
    app.worker.watch().await.unwrap();
    assert_eq!(count(&app, alarm), 1);
    let sokha = app.sign_in("sokha").await;
    app.sign_in("custodian")
        .await
        .get("/recovery")
        .await
        .expect(200)
        .says("does not verify");
    recovery(
        &["drill", "--config", &config(&app)],
        &printed.typed(&[0, 1]),
    )
    .expect(true)
    .says("1 of 1 team keys");
    run_sql(
        &app,
        &format!("UPDATE keys SET recipient = '{good}' WHERE kind = 'recovery'"),
    );
    works_until(&app, &sokha, WRAPS, 1).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_recovery_key_that_was_slipped_in_gets_no_wrap() {
    let app = TestApp::start().await;
    let thief = StaffKeys::from_seed(&Seed::random());
    run_sql(
        &app,
        &format!(
            "INSERT INTO keys SELECT randomblob(16), 'recovery', zeroblob(16), 1, '{}', verify_key, 'active', from_day \
         FROM keys WHERE kind = 'team' LIMIT 1",
            thief.recipient()
        ),
    );
    // Said by somebody who is no custodian.
    let row = app.store.blocking(store::recovery_keys).unwrap().remove(0);
    let recovery = RecoveryKey {
        key: row.id,
        keys: PublicKeys {
            recipient: thief.recipient(),
            verify_key: VerifyKey::from_bytes(row.verify_key),
        },
    };
    let said = OfficeBody::Recovery(recovery, thief.verify_key());
    app.within(|txn| txn.say_in_office(None, thief.signing(), said))
        .unwrap();
    let sokha = app.sign_in("sokha").await;
    works_until(&app, &sokha, "alarms WHERE kind = 'recovery-broken'", 1).await;
    assert_eq!(count(&app, WRAPS), 0);
    let app = app.restart();
    let sokha = app.sign_in("sokha").await;
    app.services
        .rotation
        .run(&hand_of(&app, &sokha).await, 2)
        .await
        .unwrap();
    assert_eq!(count(&app, WRAPS), 0, "after a start");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_newer_key_takes_over_team_by_team_and_the_older_one_is_destroyed() {
    let app = TestApp::start().await;
    auditors_do_without(&app);
    let first = in_force(&app).await;
    let (sokha, admin) = (app.sign_in("sokha").await, app.sign_in("admin").await);
    works_until(&app, &sokha, WRAPS, 1).await;
    // Another team, whose one member has not come by yet.
    let team = admin.make_team("Elsewhere", &["main"]).await;
    let link = admin.invite("bopha", "caseworker", Some(&team), true).await;
    let bopha = crate::support::staff::Person::join(&app.staff, &app.clock, &link, None).await;
    let second = in_force(&app).await;
    let old = "keys WHERE kind = 'recovery' AND generation = 1 AND state = 'retiring'";
    assert_eq!(count(&app, old), 1);
    let of = |number: u8| {
        format!(
            "wraps JOIN keys ON keys.id = wraps.parent WHERE keys.kind = 'recovery' AND keys.generation = {number}"
        )
    };
    works_until(&app, &sokha, &of(2), 1).await;
    works_until(&app, &sokha, &of(1), 0).await;
    assert_eq!(count(&app, old), 1, "the other team has not come over");
    let bopha = bopha.sign_in(&app.staff, &app.clock).await;
    works_until(&app, &bopha, &of(2), 2).await;
    works_until(
        &app,
        &bopha,
        "keys WHERE kind = 'recovery' AND state = 'destroyed'",
        1,
    )
    .await;
    assert_told(&app, &["recovery-wrap-removed", "recovery-key-destroyed"]);
    let config = config(&app);
    recovery(&["drill", "--config", &config], &second.typed(&[0, 1]))
        .expect(true)
        .says("2 of 2 team keys");
    recovery(&["drill", "--config", &config], &first.typed(&[0, 1]))
        .expect(false)
        .says("another set");
    // The older one cannot be put back.
    run_sql(
        &app,
        "UPDATE keys SET state = CASE generation WHEN 1 THEN 'active' ELSE 'retiring' END WHERE kind = 'recovery'",
    );
    works_until(&app, &sokha, "alarms WHERE kind = 'recovery-broken'", 1).await;
    assert_eq!(count(&app, &of(1)), 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn bad_input_on_the_custodians_page_is_told_beside_the_field() {
    let app = TestApp::start().await;
    let statements = count(&app, "statements");
    let custodian = app.sign_in("custodian").await;
    let post = async |line: &str, code: &str| {
        custodian
            .post("/recovery/register", &[("line", line), ("code", code)])
            .await
    };
    let printed = Printed::make(2, 2);
    let page = post("age1whatever", &custodian.code(&app.clock).await)
        .await
        .expect(422);
    page.says("not the line that was printed")
        .says("age1whatever");
    post(&printed.line, "000000")
        .await
        .expect(422)
        .says(&printed.line);
    register(&custodian, &app.clock, &printed.line)
        .await
        .expect(303);
    register(&custodian, &app.clock, &printed.line)
        .await
        .expect(409)
        .says("registered already");
    // Another one takes its place as long as nobody needs it.
    register(&custodian, &app.clock, &Printed::make(2, 2).line)
        .await
        .expect(303);
    assert_eq!(count(&app, "keys WHERE kind = 'recovery'"), 1);

    let page = custodian.get("/recovery").await.expect(200);
    let form = page.form_to("/recovery/sign");
    let mut uncompared = form.clone();
    uncompared.set("code", &custodian.code(&app.clock).await);
    custodian
        .post_fields("/recovery/sign", &uncompared.fields)
        .await
        .expect(422);
    let mut wrong = form.clone();
    wrong.set("compared", "yes").set("code", "000000");
    custodian
        .post_fields("/recovery/sign", &wrong.fields)
        .await
        .expect(422);
    let mut stale = form.clone();
    stale
        .set("compared", "yes")
        .set("fingerprint", &printed.fingerprint)
        .set("code", &custodian.code(&app.clock).await);
    custodian
        .post_fields("/recovery/sign", &stale.fields)
        .await
        .expect(409);
    assert_eq!(count(&app, "statements"), statements);
}

#[tokio::test(flavor = "multi_thread")]
async fn when_the_custodians_change_the_key_in_force_waits_for_the_new_ones() {
    let app = TestApp::start().await;
    in_force(&app).await;
    let sokha = app.sign_in("sokha").await;
    works_until(&app, &sokha, WRAPS, 1).await;
    let file = app.folder.path().join("next.key");
    let file = file.to_str().unwrap().to_owned();
    let made = program()
        .args(["custodian", "new", &file])
        .output()
        .unwrap();
    let said = String::from_utf8(made.stdout).unwrap();
    let next = said.split('"').nth(3).expect("a verify key");
    let keys = format!("keys = [{{ name = \"next\", verify_key = \"{next}\" }}]");
    let app = app.again(&[("custodians", &keys)]);
    let sokha = app.sign_in("sokha").await;
    works_until(&app, &sokha, "alarms WHERE kind = 'recovery-broken'", 1).await;
    let custodian = app.sign_in("custodian").await;
    let page = custodian.get("/recovery").await.expect(200);
    assert!(
        page.forms_to("/recovery/sign").is_empty(),
        "their signature counts for nothing"
    );
    let config = config(&app);
    recovery(
        &["sign", "--config", &config, "--key", &file],
        &["no".to_owned()],
    )
    .expect(false);
    recovery(
        &["sign", "--config", &config, "--key", &file],
        &["yes".to_owned()],
    )
    .expect(true);
    let app = app.restart();
    let custodian = app.sign_in("custodian").await;
    custodian
        .get("/recovery")
        .await
        .expect(200)
        .says("In force")
        .says_nothing_of("does not verify");
    assert_eq!(count(&app, WRAPS), 1, "what was wrapped stays");
}
