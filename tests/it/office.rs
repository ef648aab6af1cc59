//! What custodians have said, against those who write to the database.

use diesel::connection::SimpleConnection as _;
use kapea::domain::ids::TeamId;
use kapea::ledger::office::{Charter, OfficeBody};
use kapea::seal::keys::{Seed, StaffKeys, VerifyKey};
use kapea::seal::random;

use crate::support::TestApp;
use crate::support::ledger::{lay, office, root};
use crate::support::sql::{connect, run};
use crate::swap::{put_back, save};

const CHAIN_BROKEN: &str = "Somebody has changed who receives reports";

/// A team of somebody's own, as whole as its rows and its ledger can be made without custodians.
fn own_team(app: &TestApp) -> Charter {
    let [own, laid] = [(); 2].map(|()| StaffKeys::from_seed(&Seed::random()));
    let team: TeamId = random::team_id();
    let kept = root(team, &own, &laid);
    let signed = kapea::ledger::statement::Signed::<kapea::ledger::team::TeamBody>::parse(&kept);
    let hex = data_encoding::HEXUPPER.encode(&kept);
    let sql = format!(
        "INSERT INTO teams SELECT X'{team}', 'Own', kind, rotate_days FROM teams WHERE name = 'Hotline'; \
         INSERT INTO statements VALUES (X'{team}', 1, X'{hex}')"
    );
    connect(app).batch_execute(&sql).unwrap();
    Charter {
        channel: "main".to_owned(),
        team,
        root: signed.unwrap().head.digest,
    }
}

/// The custodian's key, as the configuration pins it.
fn pinned(app: &TestApp) -> VerifyKey {
    let text = std::fs::read_to_string(app.folder.path().join("kapea.toml")).unwrap();
    let key = text.split("verify_key = \"").nth(1).unwrap();
    key.split('"').next().unwrap().parse().unwrap()
}

async fn hears(app: &TestApp) -> bool {
    app.later(60).await;
    let auditor = app.sign_in("auditor").await;
    let page = auditor.get("/alarms").await.expect(200);
    page.text().contains(CHAIN_BROKEN)
}

/// What somebody does who wants reports for their own team; whether it is told of, and again after a start, because it stays wrong.
type Attack = (&'static str, fn(&TestApp, Charter), [bool; 2]);

const ATTACKS: [Attack; 5] = [
    (
        "the administrators' wish alone",
        |app, charter| {
            let team = charter.team;
            run(
                app,
                &format!("UPDATE channels SET team = X'{team}' WHERE id = 'main'"),
            );
        },
        [false, false],
    ),
    (
        "a word by nobody who is pinned",
        |app, charter| {
            let thief = StaffKeys::from_seed(&Seed::random());
            let said = OfficeBody::Charter(charter, thief.verify_key());
            lay(
                app,
                office(app),
                random::staff_id(),
                &[thief.signing()],
                said,
            );
        },
        [true, true],
    ),
    (
        "a word in a custodian's name",
        |app, charter| {
            let thief = StaffKeys::from_seed(&Seed::random());
            let said = OfficeBody::Charter(charter, pinned(app));
            lay(
                app,
                office(app),
                random::staff_id(),
                &[thief.signing()],
                said,
            );
        },
        [true, true],
    ),
    (
        "another team under the one that was signed for",
        |app, charter| {
            let sql = format!(
                "DELETE FROM statements WHERE ledger = (SELECT team FROM channels WHERE id = 'main'); \
                 INSERT INTO statements SELECT c.team, s.sequence, s.signed FROM statements s, channels c \
                 WHERE c.id = 'main' AND s.ledger = X'{}'",
                charter.team
            );
            connect(app).batch_execute(&sql).unwrap();
        },
        [true, true],
    ),
    (
        "no word at all",
        |app, _| {
            let sql = "DELETE FROM statements WHERE ledger NOT IN (SELECT id FROM teams)";
            run(app, sql);
        },
        [true, true],
    ),
];

#[tokio::test(flavor = "multi_thread")]
async fn what_is_laid_in_place_of_custodians_words_changes_no_receiver() {
    for (what, attack, [is_told, is_told_again]) in ATTACKS {
        let app = TestApp::start().await;
        app.reporter("en").file(&[("account", "before")]).await;
        let mut database = save(&app);
        attack(&app, own_team(&app));
        app.reporter("en").file(&[("account", "at once")]).await;
        assert_eq!(hears(&app).await, is_told, "{what}");
        drop(database.batch_execute("UPDATE alarms SET state = 'seen'"));
        let app = app.restart();
        app.reporter("en").file(&[("account", "after")]).await;
        app.later(86_400).await;
        assert_eq!(hears(&app).await, is_told_again, "{what}: after a start");
        put_back(&mut database, &["statements"]);
        let sokha = app.sign_in("sokha").await;
        let mut pages = String::new();
        for report in sokha.whole_queue().await {
            pages += &sokha.read(&report).await.expect(200).text();
        }
        for words in ["before", "at once", "after"] {
            assert!(pages.contains(words), "{what}: {words} went elsewhere");
        }
    }
}
