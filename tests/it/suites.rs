//! A suite that is to come goes through the whole product: it comes by an ordinary change of a team's key, what was written before is read
//! beside what is written after, and nobody who writes to the database takes anything back to the suite before.

use data_encoding::HEXLOWER;
use kapea::domain::ids::{ObjectId, StaffId};
use kapea::domain::suite::Suite;
use kapea::ledger::team::{Generation, TeamBody};
use kapea::seal::keys::{Seed, StaffKeys};
use kapea::seal::opening::{self, OpenReport};
use kapea::seal::{Kind, Position, Signer, random};
use kapea::service::keyring;
use kapea::store;

use crate::epochs::copy;
use crate::support::ledger::{insider, lay, public, state, team};
use crate::support::sql::{count, id_of, run, text, word};
use crate::support::staff::Session;
use crate::support::{TestApp, eventually, log};

const TOLD: &[(&str, &str)] = &[("danger", "over"), ("account", "told-before")];
const LATER: &[(&str, &str)] = &[("danger", "over"), ("account", "told-after")];
/// A row that is sealed in the suite of tests.
const NEW: &str = "instr(sealed, CAST('-> trial ' AS BLOB)) > 0";

/// A report from before the new suite, with its reporter's code, and a team whose key has come to it since.
struct Scene {
    app: TestApp,
    admin: Session,
    sokha: Session,
    dara: Session,
    report: String,
    code: String,
    /// The report as its key of the suite before opens it, for somebody who has broken that.
    kept: OpenReport,
    /// The mailbox's card of that time, in hexadecimal.
    card: String,
}

async fn rotate(app: &TestApp, admin: &Session, by: &Session) {
    let team = admin.team("Hotline").await;
    let page = admin.post("/keys/rotate", &[("team", &team)]).await;
    page.expect(303);
    eventually("the change is done", async || {
        by.queue("").await;
        (count(app, "rotations WHERE state <> 'done'") == 0).then_some(())
    })
    .await;
}

async fn people(app: &TestApp) -> (Session, Session, Session) {
    (
        app.sign_in("admin").await,
        app.sign_in("sokha").await,
        app.sign_in("dara").await,
    )
}

impl Scene {
    async fn build() -> Self {
        let app = TestApp::start().await;
        let code = app.reporter("en").file(TOLD).await;
        let (_, sokha, _) = people(&app).await;
        let report = sokha.queue("").await.remove(0);
        sokha.claim(&report).await.expect(303);
        sokha.note(&report, "note-before").await.expect(303);
        sokha.message(&report, "asked-before").await.expect(303);
        let mailbox = app.reporter("en").mailbox(&code).await;
        mailbox.write("said-before").await.expect(200);
        let card = text(&app, "hex(card)", "mailboxes");
        let kept = copy(&app, "dara");
        let app = app.upgraded(Suite::Trial);
        let (admin, sokha, dara) = people(&app).await;
        rotate(&app, &admin, &sokha).await;
        Self {
            app,
            admin,
            sokha,
            dara,
            report,
            code,
            kept,
            card,
        }
    }

    /// Files a report and gives the text of the key that its grant and those of the others are sealed to: the stanza says the suite.
    async fn new_reports_are_of_it(&self) {
        let before = count(&self.app, &format!("grants WHERE {NEW}"));
        self.app.reporter("en").file(LATER).await;
        assert_eq!(count(&self.app, &format!("grants WHERE {NEW}")), before + 1);
    }

    async fn alarms_say(&self, words: &str) {
        self.app.worker.step().await;
        let auditor = self.app.sign_in("auditor").await;
        auditor.get("/alarms").await.expect(200).says(words);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_report_goes_on_in_a_suite_that_has_come() {
    let Scene {
        app,
        admin,
        sokha,
        dara,
        report,
        code,
        ..
    } = Scene::build().await;
    // The team's key, and the report's, are of it; what was sealed before stays as it is.
    let of_team = "keys WHERE kind = 'team' AND generation = 2 AND recipient LIKE 'age1trial1%'";
    assert_eq!(count(&app, of_team), 1);
    let recipient = word(&app, "SELECT recipient FROM reports");
    assert!(recipient.starts_with("age1trial1") && recipient.len() > 1_900);
    assert_eq!(count(&app, "epochs WHERE recipient LIKE 'age1%'"), 1);
    assert_eq!(count(&app, &format!("grants WHERE {NEW}")), 1);
    assert_eq!(count(&app, &format!("objects WHERE {NEW}")), 0);
    let before = count(&app, "objects");

    // Everybody goes on.
    sokha.note(&report, "note-after").await.expect(303);
    sokha.message(&report, "asked-after").await.expect(303);
    let mailbox = app.reporter("en").mailbox(&code).await;
    assert_eq!(mailbox.messages(), ["asked-before", "asked-after"]);
    mailbox.write("said-after").await.expect(200);
    assert_eq!(count(&app, "objects"), before + 3);
    assert_eq!(count(&app, &format!("objects WHERE {NEW}")), 3);
    let all = [
        "told-before",
        "note-before",
        "asked-before",
        "said-before",
        "note-after",
        "asked-after",
        "said-after",
    ];
    for reader in [&sokha, &dara] {
        let page = reader.read(&report).await.expect(200);
        for words in all {
            page.says(words);
        }
    }
    // A report that comes now is of it altogether, and so is its mailbox.
    let later = app.reporter("en").file(LATER).await;
    assert_eq!(
        count(
            &app,
            "mailboxes WHERE instr(card, CAST('-> trial ' AS BLOB)) > 0"
        ),
        1
    );
    let mailbox = app.reporter("en").mailbox(&later).await;
    mailbox.write("said-later").await.expect(200);
    let other = sokha.queue("").await.into_iter().find(|id| *id != report);
    let other = other.expect("two reports");
    sokha.claim(&other).await.expect(303);
    sokha.message(&other, "asked-later").await.expect(303);
    dara.read(&other)
        .await
        .expect(200)
        .says("told-after")
        .says("said-later");
    let mailbox = app.reporter("en").mailbox(&later).await;
    assert_eq!(mailbox.messages(), ["asked-later"]);
    // The question, and before it that somebody has read the report.
    assert_eq!(count(&app, &format!("mail_items WHERE {NEW}")), 2);

    // People's own keys come to it as they are renewed.
    assert_eq!(count(&app, &format!("wraps WHERE {NEW}")), 0);
    let went = sokha.change_own("/account/renew", &app.clock).await.0;
    went.expect(303);
    assert!(count(&app, &format!("wraps WHERE {NEW}")) > 0);
    let sokha = app.sign_in("sokha").await;
    rotate(&app, &admin, &sokha).await;
    sokha
        .read(&report)
        .await
        .expect(200)
        .says("note-before")
        .says("note-after");
    assert_eq!(count(&app, "alarms"), 0);
    assert_eq!(text(&app, "max(number)", "epochs"), "1");

    // An export holds both.
    let authority = age::x25519::Identity::generate();
    let to = authority.to_public().to_string();
    sokha
        .propose(&report, "export", &[("recipient", &to)])
        .await
        .expect(303);
    let proposal = sokha.proposals(&report).await.pop().unwrap();
    dara.approve(&report, &proposal, &app.clock)
        .await
        .expect(303);
    let digits = sokha.code(&app.clock).await;
    let pairs = [("export", proposal.as_str()), ("code", digits.as_str())];
    let file = sokha
        .post(&format!("/reports/{report}/export"), &pairs)
        .await
        .expect(200);
    let exported = String::from_utf8(age::decrypt(&authority, &file.bytes).unwrap()).unwrap();
    for words in all {
        assert!(exported.contains(words), "{words}");
    }
}

/// Whoever has broken the suite before has every secret of that time, and writes to the database.
#[tokio::test(flavor = "multi_thread")]
async fn what_is_written_under_the_suite_before_takes_no_place_after_it() {
    let scene = Scene::build().await;
    let (app, sokha, report) = (&scene.app, &scene.sokha, &scene.report);
    sokha.note(report, "note-after").await.expect(303);
    let number = count(app, "objects") - 1;
    // In the place of the first that was written since, by a colleague's own hand.
    let dara: StaffId = id_of(app, "dara").parse().unwrap();
    let (_, keys) = insider(app, "dara");
    let by = Signer {
        staff: dara,
        key: keys.signing(),
    };
    let position = Position {
        seconds: 9,
        number: number.try_into().unwrap(),
    };
    let words = br#"{"author":"dara","text":"forged-after"}"#;
    let id: ObjectId = random::object_id();
    let forged = opening::seal_object(&scene.kept, id, (Kind::Note, position), by, words).unwrap();
    let sealed = HEXLOWER.encode(forged.sealed.as_bytes());
    let act =
        format!("UPDATE objects SET id = x'{id}', sealed = x'{sealed}' WHERE number = {number}");
    assert_eq!(run(app, &act), 1);
    let page = sokha.read(report).await.expect(200);
    page.says("note-before").says_nothing_of("forged-after");
    scene
        .alarms_say("A report does not open as it was sealed")
        .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_reporter_writes_to_no_key_of_the_suite_before() {
    let scene = Scene::build().await;
    let app = &scene.app;
    run(
        app,
        &format!("UPDATE mailboxes SET card = X'{}'", scene.card),
    );
    let mailbox = app.reporter("en").mailbox(&scene.code).await;
    let before = count(app, "objects");
    mailbox.write("said-after").await.expect(503);
    assert_eq!(count(app, "objects"), before);
    // With the key in the report's row as well, which the server has proven as it was.
    run(
        app,
        "UPDATE reports SET recipient = (SELECT recipient FROM epochs)",
    );
    mailbox.write("said-after").await.expect(503);
    assert_eq!(count(app, "objects"), before);
    scene.alarms_say("A report").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_team_does_not_go_back_to_the_suite_before() {
    let scene = Scene::build().await;
    let app = &scene.app;
    let team = team(app, "kind = 'casework'");
    // Whoever is in the team and writes to the database changes the row,
    let thief = StaffKeys::from_seed(&Seed::random());
    let key = "WHERE kind = 'team' AND generation = 2";
    let good = word(
        app,
        &format!("SELECT recipient FROM keys {key} AND recipient LIKE 'age1trial%'"),
    );
    run(
        app,
        &format!("UPDATE keys SET recipient = '{}' {key}", thief.recipient()),
    );
    scene.new_reports_are_of_it().await;
    scene
        .alarms_say("The records of a team's keys have been changed")
        .await;
    run(app, &format!("UPDATE keys SET recipient = '{good}' {key}"));
    // and says a next generation that anybody may say who holds the one before.
    let (holder, keys) = insider(app, "dara");
    let own = app
        .store
        .blocking(|conn| store::keys_of_staff(conn, holder.staff))
        .unwrap();
    let own = (own[0].id, keys.identity());
    let found = |conn: &mut _| keyring::beneath(conn, own, |row| row.generation == 2);
    let secrets = app.store.blocking(found).unwrap().open.remove(0).secrets;
    let generation = Generation {
        number: 3,
        key: random::key_id(),
        keys: public(&thief),
    };
    let signers = [keys.signing(), secrets.signing(), thief.signing()];
    lay(
        app,
        team,
        holder.staff,
        &signers,
        TeamBody::Generation(generation),
    );
    assert_eq!(state(app, team).generation.number, 2);
    scene.new_reports_are_of_it().await;
    assert!(log::written().contains("of an earlier suite than what it follows"));
    assert_eq!(
        text(
            app,
            "count(*)",
            "grants JOIN keys ON keys.id = grants.key WHERE generation = 2"
        ),
        "3"
    );
    app.leaves_undone("a ledger to which somebody has added");
}

/// The suite of tests stands behind `cfg(debug_assertions)`.
#[test]
fn a_release_is_built_without_it() {
    let manifest: toml::Table = include_str!("../../Cargo.toml").parse().unwrap();
    let release = manifest["profile"]["release"].as_table().unwrap();
    assert!(!release.contains_key("debug-assertions"));
    for text in [
        include_str!("../../deploy/Containerfile"),
        include_str!("../../deploy/README.md"),
    ] {
        let mut builds = text.lines().filter(|line| line.contains("cargo build"));
        assert!(builds.all(|line| line.contains("cargo build --release")));
    }
}
