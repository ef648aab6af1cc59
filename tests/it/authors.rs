//! Who says something about a report has signed it, and nothing of it goes missing unsaid: what a colleague tries who also writes to the
//! database.

use data_encoding::HEXLOWER;
use kapea::domain::ids::StaffId;
use kapea::seal::opening::{self, OpenReport};
use kapea::seal::{Kind, Position, Signer, random};

use crate::states::FORGED;
use crate::support::TestApp;
use crate::support::ledger::insider;
use crate::support::oracle::Oracle;
use crate::support::sql::{count, id_of, run, text};
use crate::support::staff::Session;

const ANSWERS: &[(&str, &str)] = &[("danger", "over"), ("account", "once")];
const UNSIGNED: &str = "The signature of who is named here is missing or is not theirs.";

/// A report that two colleagues read, and what the first of them can do with it beside the service.
struct Scene {
    app: TestApp,
    sokha: Session,
    report: String,
    code: String,
}

async fn scene() -> Scene {
    let app = TestApp::start().await;
    let code = app.reporter("en").file(ANSWERS).await;
    let sokha = app.sign_in("sokha").await;
    let report = sokha.queue("").await.remove(0);
    sokha.claim(&report).await.expect(303);
    Scene {
        app,
        sokha,
        report,
        code,
    }
}

impl Scene {
    /// The report as sokha's own keys open it.
    fn open(&self) -> OpenReport {
        let (mut holder, _) = insider(&self.app, "sokha");
        let mut open = Oracle::of(&self.app.database()).reports(&mut holder);
        open.pop().expect("a report")
    }

    /// Puts an object into the report, as sokha can make one in a colleague's name.
    fn put(&self, kind: Kind, as_whom: &str, text: &str) {
        let number = count(&self.app, "objects").try_into().unwrap();
        self.put_as(number, kind, as_whom, text);
    }

    /// The same under a number of one's choice.
    fn put_as(&self, number: u32, kind: Kind, as_whom: &str, text: &str) {
        let (open, (_, keys)) = (self.open(), insider(&self.app, "sokha"));
        let staff: StaffId = id_of(&self.app, as_whom).parse().unwrap();
        let position = Position { seconds: 9, number };
        let by = Signer {
            staff,
            key: keys.signing(),
        };
        let (id, what) = (random::object_id(), (kind, position));
        let object = opening::seal_object(&open, id, what, by, text.as_bytes()).unwrap();
        let sealed = HEXLOWER.encode(object.sealed.as_bytes());
        let report = &self.report;
        let row = format!("x'{report}', x'{id}', {number}, x'{sealed}'");
        run(&self.app, &format!("INSERT INTO objects VALUES ({row})"));
    }
}

/// A6: one person is not two, whatever they write into the tables.
#[tokio::test(flavor = "multi_thread")]
async fn nobody_proposes_in_a_colleagues_name() {
    let scene = scene().await;
    let (app, report) = (&scene.app, &scene.report);
    let (open, (_, keys)) = (scene.open(), insider(app, "sokha"));
    let dara: StaffId = id_of(app, "dara").parse().unwrap();
    let (id, day) = (random::proposal_id(), app.clock.today().number());
    let text = format!(
        r#"{{"kind":"shred","proposer":"{dara}","handle":"dara","day":{day},"reason":"spam","written":0,
            "urgency":null,"class":null,"until":null,"message":null,"recipient":null}}"#
    );
    let by = Signer {
        staff: dara,
        key: keys.signing(),
    };
    let sealed = opening::seal_proposal(&open, id, by, text.as_bytes()).unwrap();
    let sealed = HEXLOWER.encode(sealed.as_bytes());
    let row = format!("x'{id}', x'{report}', 'shred', x'{dara}', {day}, x'{sealed}'");
    run(app, &format!("INSERT INTO proposals VALUES ({row})"));

    let page = scene
        .sokha
        .approve(report, &id.to_string(), &app.clock)
        .await;
    assert_ne!(page.status, 303, "one person destroyed a report");
    assert_eq!(count(app, "reports"), 1);
    assert_eq!(count(app, "shreds"), 0);
    app.leaves_undone("a proposal that nobody made");
}

/// Where it is their own key, it is theirs.
#[tokio::test(flavor = "multi_thread")]
async fn what_is_said_in_a_colleagues_name_is_marked() {
    let scene = scene().await;
    let text = r#"{"author":"dara","text":"nothing happened"}"#;
    scene.sokha.note(&scene.report, "my own").await.expect(303);
    let page = scene.sokha.read(&scene.report).await.expect(200);
    page.says("my own").says_nothing_of(UNSIGNED);
    scene.put(Kind::Note, "dara", text);
    let page = scene.sokha.read(&scene.report).await.expect(200);
    page.says("nothing happened").says(UNSIGNED);
    // Signed by oneself, and another handle beside it.
    let scene = self::scene().await;
    scene.put(Kind::Note, "sokha", text);
    let page = scene.sokha.read(&scene.report).await.expect(200);
    page.says("nothing happened").says(UNSIGNED);
}

/// A colleague's words go, and rightly signed ones of one's own stand in their place.
#[tokio::test(flavor = "multi_thread")]
async fn what_stands_in_the_place_of_another_is_alarmed() {
    for is_read_first in [true, false] {
        let scene = scene().await;
        let (app, report) = (&scene.app, &scene.report);
        scene.sokha.note(report, "he was there").await.expect(303);
        scene.sokha.read(report).await.expect(200);
        let number: u32 = text(app, "CAST(max(number) AS TEXT)", "objects")
            .parse()
            .unwrap();
        run(app, &format!("DELETE FROM objects WHERE number = {number}"));
        let body = r#"{"author":"sokha","text":"nobody was there"}"#;
        scene.put_as(number, Kind::Note, "sokha", body);
        let words = if is_read_first {
            let page = scene.sokha.read(report).await.expect(200);
            page.says("nobody was there").says_nothing_of(UNSIGNED);
            "A report does not open as it was sealed"
        } else {
            app.worker.step().await;
            FORGED
        };
        let auditor = app.sign_in("auditor").await;
        auditor.get("/alarms").await.expect(200).says(words);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_taken_out_of_a_conversation_is_said_to_whoever_reads() {
    let scene = scene().await;
    let (app, report) = (&scene.app, &scene.report);
    for text in ["one", "two", "three"] {
        scene.sokha.message(report, text).await.expect(303);
    }
    let mut mailbox = app.reporter("en").mailbox(&scene.code).await;
    mailbox.delete_first().await;
    let missing = "Something that lay here is missing or damaged";
    let reporter = app.reporter("en");
    let page = reporter.try_code(&scene.code).await.expect(200);
    // Deleted by its reporter.
    page.says_nothing_of(missing);
    run(app, "DELETE FROM mail_items WHERE number = 2");
    let page = reporter.try_code(&scene.code).await.expect(200);
    page.says(missing);

    let auditor = app.sign_in("auditor").await;
    let words = "A report does not open as it was sealed";
    scene.sokha.read(report).await.expect(200);
    auditor
        .get("/alarms")
        .await
        .expect(200)
        .says_nothing_of(words);
    run(app, "DELETE FROM objects WHERE number = 3");
    scene.sokha.read(report).await.expect(200);
    auditor.get("/alarms").await.expect(200).says(words);
}
