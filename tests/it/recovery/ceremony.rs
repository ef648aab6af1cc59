//! From the making of the key to the new person who reads, with two custodians and everybody's access lost.

use super::*;
use crate::support::staff::Person;

/// A second custodian, whose key is in a file only; charters and recovery keys need both from here on.
async fn with_two_custodians(app: TestApp) -> (TestApp, String) {
    let file = app.folder.path().join("second.key");
    let file = file.to_str().unwrap().to_owned();
    let made = program()
        .args(["custodian", "new", &file])
        .output()
        .unwrap();
    let said = String::from_utf8(made.stdout).unwrap();
    let second = said.split('"').nth(3).expect("a verify key").to_owned();
    let custodian = app.sign_in("custodian").await;
    let page = custodian.get("/account").await.expect(200);
    let first = page.document().of_class("breakable").join("");
    let keys = format!(
        "keys = [{{ name = \"custodian\", verify_key = \"{}\" }}, {{ name = \"second\", verify_key = \"{second}\" }}]",
        first.trim()
    );
    let app = app.again(&[("custodians", "threshold = 2"), ("custodians", &keys)]);
    let signed = program()
        .args(["custodian", "sign", "--yes", "--key", &file, "--config"])
        .arg(config(&app))
        .output()
        .unwrap();
    assert!(signed.status.success(), "{signed:?}");
    // The clock of these tests stands at another time than the program's: what was signed is seen before the next look.
    (app.restart(), file)
}

#[tokio::test(flavor = "multi_thread")]
async fn everybody_has_lost_access_and_one_new_person_reads_again() {
    let app = TestApp::start().await;
    file(&app, 3).await;
    let (app, second) = with_two_custodians(app).await;
    let config = config(&app);
    let printed = Printed::make(5, 3);
    assert_eq!(printed.shares.len(), 5);

    // Two custodians sign; nothing is wrapped before both have.
    let custodian = app.sign_in("custodian").await;
    register(&custodian, &app.clock, &printed.line)
        .await
        .expect(303);
    let page = custodian.get("/recovery").await.expect(200);
    page.says(&printed.fingerprint).says("Waits for signatures");
    sign(&custodian, &app.clock).await.expect(303);
    let sokha = app.sign_in("sokha").await;
    assert_eq!(
        count(&app, "keys WHERE kind = 'recovery' AND state = 'active'"),
        0
    );
    app.services
        .rotation
        .slice(&hand_of(&app, &sokha).await)
        .await
        .unwrap();
    assert_eq!(count(&app, WRAPS), 0, "one signature of two is none");
    recovery(
        &["sign", "--config", &config, "--key", &second, "--yes"],
        &[],
    )
    .expect(true)
    .says(&printed.fingerprint);
    let admin = app.sign_in("admin").await;
    admin
        .get("/recovery")
        .await
        .expect(200)
        .says("In force")
        .says("Waits for the next member")
        .says("0 of the 2 teams")
        .says("dara, sokha");

    // The next member's request adds the wrap.
    works_until(&app, &sokha, WRAPS, 1).await;
    admin
        .get("/recovery")
        .await
        .expect(200)
        .says("Can be recovered");

    // Everybody loses access.
    for handle in ["sokha", "dara"] {
        reset(&app, &admin, handle, false).await.expect(200);
    }
    assert_eq!(count(&app, CASEWORK), 1, "the recovery key's alone");
    let team = admin.team("Hotline").await;
    let link = admin
        .invite("vanna", "caseworker", Some(&team), false)
        .await;

    // Nobody who has no account yet, and nobody who is not a caseworker of the team.
    let out = |name: &str| app.folder.path().join(name).to_str().unwrap().to_owned();
    let ask = |person: &str, out: &str| {
        let team = ["--team", "Hotline", "--person", person, "--out", out];
        recovery(
            &[&["request", "--config", &config][..], &team].concat(),
            &[],
        )
    };
    for person in ["vanna", "admin", "sokha", "nobody"] {
        ask(person, &out("refused.json")).expect(false);
    }
    let vanna = Person::join(&app.staff, &app.clock, &link, None).await;
    let session = vanna.sign_in(&app.staff, &app.clock).await;
    assert_eq!(session.whole_queue().await.len(), 0);
    let fingerprint = session
        .get("/team")
        .await
        .document()
        .of_class("fingerprint")
        .join("");
    ask("vanna", &out("request.json")).expect(true);

    // On the offline machine.
    let typed = |shares: &[usize]| [vec!["yes".to_owned()], printed.typed(shares)].concat();
    let (request, answer) = (out("request.json"), out("answer.json"));
    let combine = ["combine", &request, "--out", &answer];
    recovery(&combine, &typed(&[4, 1]))
        .expect(false)
        .says("2 of the 3 shares");
    recovery(&combine, &["no".to_owned()]).expect(false);
    recovery(&combine, &typed(&[4, 1, 2]))
        .expect(true)
        .says(fingerprint.trim());
    for file in [&request, &answer] {
        let text = std::fs::read_to_string(file).unwrap();
        assert!(!text.contains("AGE-SECRET"), "{text}");
    }

    // Back at the service.
    recovery(&["apply", "--config", &config, &answer], &[]).expect(true);
    assert_reads(&session, 3).await;
    assert_told(
        &app,
        &[
            "recovery-key-registered",
            "recovery-key-signed",
            "recovery-key-in-force",
            "recovery-wrap-made",
            "account-reset",
            "recovery-used",
            "alarm-raised",
        ],
    );
    assert_eq!(
        count(
            &app,
            "alarms WHERE kind = 'recovery-used' AND state = 'open'"
        ),
        1
    );
    recovery(&["apply", "--config", &config, &answer], &[]).expect(false);

    // Nothing of the paper is anywhere in the folder: no share, no line of one.
    let mut secrets: Vec<String> = printed.shares.concat();
    secrets.extend(
        printed
            .shares
            .concat()
            .iter()
            .map(|line| line.replace(' ', "")),
    );
    assert_nowhere(app.folder.path(), &secrets);

    // Members again, as new ones: with another key, and only once a member has compared it.
    file(&app, 1).await;
    let link = count(&app, "keys WHERE kind = 'staff' AND state = 'destroyed'");
    assert_eq!(link, 2);
    assert_reads(&session, 4).await;
    app.leaves_undone("the command's clock is ahead of the service's, which waits for that time before it changes the key");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_smallest_office_does_it_in_one_go_and_shredded_reports_stay_gone() {
    let app = TestApp::start().await;
    file(&app, 2).await;
    let printed = in_force(&app).await;
    let sokha = app.sign_in("sokha").await;
    works_until(&app, &sokha, WRAPS, 1).await;
    // A new generation is wrapped in the transaction that makes it.
    run_sql(
        &app,
        "INSERT INTO rotations SELECT randomblob(16), id, 'order', 20000, 'ordered', NULL, NULL FROM teams WHERE kind = 'casework'",
    );
    app.services
        .rotation
        .run(&hand_of(&app, &sokha).await, 8)
        .await
        .unwrap();
    works_until(&app, &sokha, WRAPS, 1).await;
    assert_eq!(
        word(
            &app,
            "SELECT CAST(child.generation AS TEXT) FROM wraps JOIN keys child ON child.id = wraps.child JOIN keys p ON p.id = wraps.parent WHERE p.kind = 'recovery'"
        ),
        "2"
    );
    // What has no grant any more is out of reach of every key.
    run_sql(
        &app,
        "DELETE FROM reports WHERE id = (SELECT id FROM reports LIMIT 1)",
    );

    let admin = app.sign_in("admin").await;
    let sokha = token(&reset(&app, &admin, "sokha", false).await.expect(200));
    reset(&app, &admin, "dara", false).await.expect(200);
    let sokha = Person::join(&app.staff, &app.clock, &sokha, None).await;
    let session = sokha.sign_in(&app.staff, &app.clock).await;
    assert_eq!(
        session.whole_queue().await.len(),
        0,
        "a reset gives nothing"
    );
    let config = config(&app);
    let at_once = [
        "combine", "--config", &config, "--team", "Hotline", "--person", "sokha",
    ];
    let typed = [vec!["yes".to_owned()], printed.typed(&[2, 0])].concat();
    recovery(&at_once, &typed).expect(true);
    assert_reads(&session, 1).await;
    assert_eq!(
        word(
            &app,
            "SELECT CAST(max(generation) AS TEXT) FROM keys WHERE kind = 'staff' AND state = 'active' AND owner = (SELECT id FROM staff WHERE handle = 'sokha')"
        ),
        "2"
    );
    // Another one, while nobody has looked into the first: told of again.
    let dara = token(
        &admin
            .post(
                "/people/invite-again",
                &[("staff", &staff_id(&app, "dara"))],
            )
            .await
            .expect(200),
    );
    let dara = Person::join(&app.staff, &app.clock, &dara, None).await;
    let notices = "outbox WHERE list = 'alarm'";
    let before = count(&app, notices);
    let again = [
        "combine", "--config", &config, "--team", "Hotline", "--person", "dara",
    ];
    recovery(&again, &typed).expect(true);
    assert_eq!(count(&app, notices), before + 1);
    assert_reads(&dara.sign_in(&app.staff, &app.clock).await, 1).await;
    // Who is in needs nobody to let them in.
    recovery(&at_once, &typed)
        .expect(false)
        .says("not in it yet");
    app.leaves_undone("as above: the commands' clock is ahead");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_answer_that_does_not_fit_changes_nothing() {
    let app = TestApp::start().await;
    let printed = in_force(&app).await;
    let sokha = app.sign_in("sokha").await;
    works_until(&app, &sokha, WRAPS, 1).await;
    let admin = app.sign_in("admin").await;
    let link = token(&reset(&app, &admin, "dara", false).await.expect(200));
    let dara = Person::join(&app.staff, &app.clock, &link, None).await;
    let config = config(&app);
    let out = |name: &str| app.folder.path().join(name).to_str().unwrap().to_owned();
    let (request, answer) = (out("request.json"), out("answer.json"));
    recovery(
        &[
            "request", "--config", &config, "--team", "Hotline", "--person", "dara", "--out",
            &request,
        ],
        &[],
    )
    .expect(true);
    let typed = [vec!["yes".to_owned()], printed.typed(&[0, 1])].concat();

    // Somebody exchanges the person's key on the way: its fingerprint is another one, and the service does not take it.
    let text = std::fs::read_to_string(&request).unwrap();
    let theirs = word(&app, "SELECT recipient FROM staff WHERE handle = 'dara'");
    let thief = word(&app, "SELECT recipient FROM staff WHERE handle = 'admin'");
    let forged = out("forged.json");
    std::fs::write(&forged, text.replace(&theirs, &thief)).unwrap();
    let shown = dara.sign_in(&app.staff, &app.clock).await;
    let fingerprint = shown
        .get("/team")
        .await
        .document()
        .of_class("fingerprint")
        .join("");
    let ran = recovery(&["combine", &forged, "--out", &out("stolen.json")], &typed).expect(true);
    assert!(!ran.said.contains(fingerprint.trim()), "{}", ran.said);
    recovery(&["apply", "--config", &config, &out("stolen.json")], &[]).expect(false);

    // A word of another key, a wrap less, another team's: refused by name.
    recovery(&["combine", &request, "--out", &answer], &typed).expect(true);
    let good: serde_json::Value =
        serde_json::from_str(&std::fs::read_to_string(&answer).unwrap()).unwrap();
    let mut cases = Vec::new();
    for (field, value) in [
        (
            "statement",
            serde_json::json!(data_encoding::BASE64.encode(&[1; 64])),
        ),
        ("wraps", serde_json::json!([])),
        ("team", serde_json::json!("00".repeat(16))),
        ("staff", serde_json::json!(staff_id(&app, "admin"))),
        ("kind", serde_json::json!("kapea-recovery-request-1")),
        ("own", serde_json::json!("11".repeat(16))),
    ] {
        let mut changed = good.clone();
        changed[field] = value;
        cases.push((field, changed));
    }
    for (field, changed) in cases {
        std::fs::write(out("changed.json"), changed.to_string()).unwrap();
        let ran = recovery(&["apply", "--config", &config, &out("changed.json")], &[]);
        assert!(!ran.good, "{field}: {}", ran.said);
    }
    assert_eq!(count(&app, "alarms"), 0);
    assert_eq!(
        count(
            &app,
            "memberships JOIN teams ON teams.id = memberships.team WHERE memberships.state = 'member' AND teams.kind = 'casework'"
        ),
        1
    );

    // The team's key is changed between request and answer.
    run_sql(
        &app,
        "INSERT OR IGNORE INTO rotations SELECT randomblob(16), id, 'order', 20000, 'ordered', NULL, NULL FROM teams WHERE kind = 'casework'",
    );
    app.services
        .rotation
        .run(&hand_of(&app, &sokha).await, 8)
        .await
        .unwrap();
    recovery(&["apply", "--config", &config, &answer], &[])
        .expect(false)
        .says("make a new one");
}

fn assert_nowhere(folder: &std::path::Path, secrets: &[String]) {
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            assert_nowhere(&path, secrets);
            continue;
        }
        let bytes = std::fs::read(&path).unwrap();
        for secret in secrets {
            let found = bytes
                .windows(secret.len())
                .any(|part| part == secret.as_bytes());
            assert!(!found, "{} has a line of a share", path.display());
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn wraps_to_the_recovery_key_may_be_cut_off_after_every_commit() {
    let app = TestApp::start().await;
    auditors_do_without(&app);
    file(&app, 3).await;
    in_force(&app).await;
    let sokha = app.sign_in("sokha").await;
    let hand = hand_of(&app, &sokha).await;
    let mut cut = 0;
    for commits in 0.. {
        // A new recovery key and a new generation at once.
        if commits > 0 {
            in_force(&app).await;
        }
        run_sql(
            &app,
            "INSERT INTO rotations SELECT randomblob(16), id, 'order', 20000, 'ordered', NULL, NULL FROM teams WHERE kind = 'casework' AND NOT EXISTS (SELECT 1 FROM rotations WHERE state = 'ordered')",
        );
        app.store.fail_after_commits(Some(commits));
        let ended = app.services.rotation.run(&hand, 2).await;
        app.store.fail_after_commits(None);
        // Whatever has happened: some recovery key opens every live generation.
        let bare = "keys k JOIN teams t ON t.id = k.owner WHERE t.kind = 'casework' AND k.state IN ('active', 'retiring') AND NOT EXISTS \
             (SELECT 1 FROM wraps JOIN keys r ON r.id = wraps.parent WHERE wraps.child = k.id AND r.kind = 'recovery')";
        if commits > 0 {
            assert_eq!(count(&app, bare), 0, "after {commits} commits");
        }
        app.services.rotation.run(&hand, 2).await.unwrap();
        assert_eq!(count(&app, WRAPS), 1, "carried on after {commits} commits");
        assert_eq!(
            count(
                &app,
                "keys WHERE kind = 'recovery' AND state NOT IN ('active', 'destroyed')"
            ),
            0
        );
        if ended.is_ok() {
            break;
        }
        cut += 1;
    }
    assert!(cut >= 4, "only {cut} places to be cut off at");
    assert_reads(&sokha, 3).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_charter_that_one_of_two_has_signed_closes_no_form_after_a_start() {
    let (app, _) = with_two_custodians(TestApp::start().await).await;
    let admin = app.sign_in("admin").await;
    let team = admin.make_team("Elsewhere", &["main"]).await;
    let token = admin.invite("bopha", "caseworker", Some(&team), true).await;
    Person::join(&app.staff, &app.clock, &token, None).await;
    let custodian = app.sign_in("custodian").await;
    custodian.sign_charters(&app.clock).await;
    file(&app, 1).await;
    // The team's key is changed meanwhile, and what comes in is sealed to the new one.
    let sokha = app.sign_in("sokha").await;
    run_sql(
        &app,
        "INSERT INTO rotations SELECT randomblob(16), id, 'order', 20000, 'ordered', NULL, NULL FROM teams WHERE name = 'Hotline'",
    );
    works_until(&app, &sokha, "rotations WHERE state = 'done'", 1).await;
    file(&app, 1).await;
    let app = app.restart();
    file(&app, 1).await;
    assert_reads(&app.sign_in("sokha").await, 3).await;
    let newest = "grants JOIN keys ON keys.id = grants.key WHERE keys.generation = 2";
    assert_eq!(count(&app, newest), 3);
    let auditor = app.sign_in("auditor").await;
    auditor
        .get("/alarms")
        .await
        .expect(200)
        .says("Nothing is open");
}
