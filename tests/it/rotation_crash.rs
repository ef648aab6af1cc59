//! A team's key is changed and the change is cut off after every commit, by a process that dies there: at each such point every
//! report is where it should be, and whoever goes on comes to the end that one whole run comes to.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use kapea::domain::ids::ReportId;
use kapea::service::Services;
use kapea::service::keyring::MemberKeys;

use crate::support::TestApp;
use crate::support::app::Settled;
use crate::support::client::fields;
use crate::support::html::Form;
use crate::support::oracle::{Holder, Oracle, Place};
use crate::support::staff::Session;

/// Reports under the team's key; one of them is damaged, and there is a restricted one besides.
const REPORTS: usize = 40;
/// Grants in one transaction: a dozen commits in a change.
const BATCH: usize = 4;
/// Keys of the team of caseworkers.
const CASEWORK: &str =
    "keys WHERE kind = 'team' AND owner IN (SELECT id FROM teams WHERE kind = 'casework')";

/// What every run begins from.
struct Before {
    settled: Settled,
    damaged: String,
    restricted: String,
    /// The report of each ordinary grant, with the grant's bytes.
    grants: BTreeSet<(String, String)>,
}

/// How far a database has come, without what is random in it.
#[derive(Debug, PartialEq, Eq)]
struct Shape {
    places: Vec<Place>,
    keys: Vec<String>,
    wraps: Vec<String>,
    rotations: Vec<String>,
    acts: BTreeMap<String, usize>,
}

async fn file(app: &TestApp, count: usize) {
    for number in 0..count {
        let account = format!("account-{number}-told");
        app.reporter("en")
            .file(&[("danger", "over"), ("account", &account)])
            .await;
    }
}

async fn before() -> Before {
    let app = TestApp::start().await;
    file(&app, REPORTS + 1).await;
    let sokha = app.sign_in("sokha").await;
    let restricted = sokha.queue("").await.remove(0);
    let mut truth = Oracle::of(&app.database());
    let me = truth
        .words("SELECT lower(hex(id)) AS word FROM staff WHERE handle = 'sokha'")
        .remove(0);
    let version = sokha.version(&restricted).await;
    let pairs = [
        ("version", version.as_str()),
        ("reason", "family"),
        ("staff", me.as_str()),
    ];
    sokha
        .post(&format!("/reports/{restricted}/restrict"), &pairs)
        .await
        .expect(303);
    let damaged = truth
        .words(&format!(
            "SELECT lower(hex(id)) AS word FROM reports WHERE id <> X'{restricted}' ORDER BY id LIMIT 1 OFFSET 7"
        ))
        .remove(0);
    truth.run(&format!(
        "UPDATE grants SET sealed = CAST(substr(sealed, 1, length(sealed) - 1) || CASE substr(sealed, -1) WHEN X'00' THEN X'01' ELSE X'00' END AS BLOB) WHERE report = X'{damaged}'"
    ));
    Before {
        grants: bytes_of_grants(&mut truth, "1"),
        settled: app.settle(),
        damaged,
        restricted,
    }
}

/// Report and bytes of every grant whose key is so.
fn bytes_of_grants(truth: &mut Oracle, which: &str) -> BTreeSet<(String, String)> {
    let sql = format!(
        "SELECT lower(hex(report)) || ' ' || hex(sealed) AS word FROM grants JOIN keys ON keys.id = grants.key WHERE {which}"
    );
    let lines = truth.words(&sql).into_iter();
    lines
        .map(|line| {
            let (report, bytes) = line.split_once(' ').unwrap();
            (report.to_owned(), bytes.to_owned())
        })
        .collect()
}

/// The form that orders a change of the caseworkers' key; none while one waits. Auditors have a key of their own.
async fn to_order(admin: &Session) -> Option<Form> {
    let team = admin.team("Hotline").await;
    let page = admin.get("/keys").await.expect(200);
    let mut forms = page.forms_to("/keys/rotate").into_iter();
    forms.find(|form| form.value("team") == Some(team.as_str()))
}

async fn order(admin: &Session) {
    let form = to_order(admin).await.expect("it can be ordered");
    admin
        .post_fields("/keys/rotate", &form.fields)
        .await
        .expect(303);
}

async fn disable(admin: &Session, staff: &str) {
    admin
        .post_fields(
            "/people/disable",
            &fields(&[("staff", staff), ("csrf", &admin.csrf)]),
        )
        .await
        .expect(303);
}

/// A member at work, in the service's own process or another one, and what they know.
fn member(app: &TestApp, truth: &Oracle, handle: &str) -> (Arc<MemberKeys>, Holder) {
    let holder = truth.holder(app.people.get(handle));
    (Arc::new(truth.hand(&holder)), holder)
}

fn shape(app: &TestApp, truth: &mut Oracle) -> Shape {
    let mut acts = BTreeMap::new();
    for told in app.trail(0) {
        let class = told.event.name().to_owned();
        // How often an administrator looks or signs in is not the change's.
        if class.contains("rotation") || class.contains("team-key") || class.contains("grant") {
            *acts.entry(class).or_default() += 1;
        }
    }
    Shape {
        places: truth.places(),
        keys: truth.words(
            "SELECT kind || ' ' || hex(owner) || ' ' || generation || ' ' || state AS word FROM keys ORDER BY 1",
        ),
        wraps: truth.words(
            "SELECT hex(p.owner) || ' ' || c.generation AS word FROM wraps JOIN keys p ON p.id = wraps.parent JOIN keys c ON c.id = wraps.child ORDER BY 1",
        ),
        rotations: truth.words("SELECT reason || ' ' || state AS word FROM rotations ORDER BY 1"),
        acts,
    }
}

impl Before {
    fn start(&self) -> TestApp {
        self.settled.start(&[])
    }

    /// What must hold at every commit.
    fn assert_sound(&self, truth: &mut Oracle, members: &mut [&mut Holder], what: &str) {
        let active = truth.count(&format!("{CASEWORK} AND state = 'active'"));
        assert_eq!(active, 1, "{what}: one active key");
        let places = truth.places();
        assert_eq!(places.len(), REPORTS + 1, "{what}: one place a report");
        for place in &places {
            let restricted = place.report == self.restricted;
            let kind = if restricted { "staff" } else { "team" };
            assert_eq!(place.kind, kind, "{what}: {place:?}");
            let usable = ["active", "retiring"].contains(&place.state.as_str());
            assert!(usable, "{what}: {place:?}");
            if place.set_aside != 0 {
                assert_eq!(place.report, self.damaged, "{what}: {place:?}");
            }
        }
        let reports: BTreeSet<_> = places.iter().map(|place| &place.report).collect();
        assert_eq!(reports.len(), REPORTS + 1, "{what}: each report once");
        let old = bytes_of_grants(truth, "keys.state <> 'active'");
        let new: Vec<_> = old.difference(&self.grants).collect();
        assert!(
            new.is_empty(),
            "{what}: a grant was made under an old key: {new:?}"
        );
        for holder in members.iter_mut() {
            let opened = truth.reads_whole(holder);
            // The restricted one is open to those who were named, the damaged one to nobody.
            let mine = self.is_named(holder, &opened);
            assert_eq!(opened.len(), REPORTS - 1 + usize::from(mine), "{what}");
        }
    }

    fn is_named(&self, _: &Holder, opened: &BTreeSet<ReportId>) -> bool {
        opened.contains(&self.restricted.parse().unwrap())
    }

    /// Cuts a change off after 0, 1, 2, … commits, lets `meanwhile` happen, goes on and says how it ended and in how many ways
    /// it was cut.
    async fn cut_everywhere(
        &self,
        meanwhile: impl AsyncFn(&TestApp, &Session),
        carried_on_by: &str,
        assert_end: impl AsyncFn(&TestApp, &mut Oracle, &str),
    ) -> usize {
        for commits in 0.. {
            let what = format!("cut off after {commits} commits");
            let app = self.start();
            order(&app.sign_in("admin").await).await;
            let truth = &mut Oracle::of(&app.database());
            let (hand, mut first) = member(&app, truth, "dara");
            let (_, mut second) = member(&app, truth, "sokha");
            app.store.fail_after_commits(Some(commits));
            let ended = app.services.rotation.run(&hand, BATCH).await;
            let app = app.restarted(&[]);
            self.assert_sound(truth, &mut [&mut first, &mut second], &what);
            meanwhile(&app, &app.sign_in("admin").await).await;
            let (hand, _) = member(&app, truth, carried_on_by);
            app.services.rotation.run(&hand, BATCH).await.unwrap();
            assert_end(&app, truth, &what).await;
            if ended.is_ok() {
                return usize::try_from(commits).unwrap();
            }
        }
        unreachable!("some run is long enough")
    }

    /// How one run that nothing cuts off ends.
    async fn whole_run(&self, meanwhile: impl AsyncFn(&TestApp, &Session)) -> Shape {
        let app = self.start();
        let admin = app.sign_in("admin").await;
        order(&admin).await;
        let truth = &mut Oracle::of(&app.database());
        let (hand, _) = member(&app, truth, "sokha");
        app.services.rotation.run(&hand, BATCH).await.unwrap();
        meanwhile(&app, &admin).await;
        app.services.rotation.run(&hand, BATCH).await.unwrap();
        shape(&app, truth)
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn cut_off_after_any_commit_it_comes_to_the_end_of_one_whole_run() {
    let before = before().await;
    let expected = before.whole_run(async |_, _| {}).await;
    assert_eq!(expected.acts["rotation-finished"], 1);
    let cuts = before
        .cut_everywhere(
            async |_, _| {},
            "sokha",
            async |app, truth, what| {
                let (_, mut sokha) = member(app, truth, "sokha");
                let (_, mut dara) = member(app, truth, "dara");
                before.assert_sound(truth, &mut [&mut sokha, &mut dara], what);
                assert_eq!(shape(app, truth), expected, "{what}");
            },
        )
        .await;
    assert!(cuts >= 12, "only {cuts} places to be cut off at");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_second_order_at_any_commit_of_the_first_is_carried_out_once() {
    let before = before().await;
    before
        .cut_everywhere(
            async |app, admin| {
                // One that waits already is as good; then there is no form for another.
                if to_order(admin).await.is_some() {
                    order(admin).await;
                }
                let open = "rotations WHERE state = 'ordered'";
                assert_eq!(Oracle::of(&app.database()).count(open), 1);
            },
            "sokha",
            async |app, truth, what| {
                let (_, mut sokha) = member(app, truth, "sokha");
                before.assert_sound(truth, &mut [&mut sokha], what);
                let orders = truth.count("rotations");
                assert_eq!(truth.count("rotations WHERE state = 'done'"), orders, "{what}");
                let newest = format!(
                    "{CASEWORK} AND state = 'active' AND generation = {}",
                    orders + 1
                );
                assert_eq!(truth.count(&newest), 1, "{what}");
                let left = "grants JOIN keys ON keys.id = grants.key WHERE keys.kind = 'team' AND keys.state <> 'active'";
                assert_eq!(truth.count(left), 0, "{what}");
            },
        )
        .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_leaves_at_any_commit_cannot_follow() {
    let before = before().await;
    let gone = std::sync::Mutex::new(None);
    before
        .cut_everywhere(
            async |app, admin| {
                let truth = &mut Oracle::of(&app.database());
                let (_, mut dara) = member(app, truth, "dara");
                // Takes a copy of every key they hold by now.
                truth.learn(&mut dara);
                let id = dara.staff.to_string();
                *gone.lock().unwrap() = Some(dara);
                disable(admin, &id).await;
            },
            "sokha",
            async |app, truth, what| {
                let (_, mut sokha) = member(app, truth, "sokha");
                before.assert_sound(truth, &mut [&mut sokha], what);
                assert_eq!(truth.count("rotations WHERE state <> 'done'"), 0, "{what}");
                let mut dara = gone.lock().unwrap().take().expect("somebody left");
                assert_eq!(truth.learn(&mut dara), BTreeSet::new(), "{what}");
                let theirs = format!(
                    "wraps JOIN keys ON keys.id = wraps.parent WHERE keys.owner = X'{}'",
                    dara.staff
                );
                assert_eq!(truth.count(&theirs), 0, "{what}");
            },
        )
        .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_grant_that_is_revoked_between_looking_and_keeping_does_not_come_back() {
    let before = before().await;
    let mut revoked_in_between = 0;
    for place in [11, 23, 39] {
        let app = before.start();
        order(&app.sign_in("admin").await).await;
        let truth = &mut Oracle::of(&app.database());
        let (hand, _) = member(&app, truth, "sokha");
        let team = "keys.kind = 'team'";
        let revoked = truth
            .words(&format!(
                "SELECT lower(hex(report)) AS word FROM grants JOIN keys ON keys.id = grants.key WHERE {team} ORDER BY report LIMIT 1 OFFSET {place}"
            ))
            .remove(0);
        let old = truth.words(&format!("SELECT hex(id) AS word FROM keys WHERE {team} AND state = 'active' AND id = (SELECT key FROM grants WHERE report = X'{revoked}')"));
        // It goes while another one of its batch is being kept.
        let grant = format!("report = X'{revoked}' AND key = X'{}'", old[0]);
        truth.run("CREATE TABLE fired (report BLOB)");
        truth.run(&format!(
            "CREATE TRIGGER revoked AFTER INSERT ON grants WHEN NEW.report <> X'{revoked}' BEGIN \
             INSERT INTO fired SELECT report FROM grants WHERE {grant}; DELETE FROM grants WHERE {grant}; END"
        ));
        app.services.rotation.run(&hand, 64).await.unwrap();
        truth.run("DROP TRIGGER revoked");
        assert_eq!(truth.count("rotations WHERE state <> 'done'"), 0);
        // Where its turn came first it has gone over as any other.
        let fired = usize::try_from(truth.count("fired")).unwrap();
        revoked_in_between += fired;
        let places = truth.places();
        assert_eq!(
            places.len(),
            REPORTS + 1 - fired,
            "it came back, or another went"
        );
    }
    assert!(revoked_in_between > 0, "nothing was revoked in between");
}

#[tokio::test(flavor = "multi_thread")]
async fn two_members_in_two_processes_come_to_the_end_of_one() {
    let before = before().await;
    let expected = before.whole_run(async |_, _| {}).await;
    for batch in [1, 3, 16] {
        let app = before.start();
        order(&app.sign_in("admin").await).await;
        let truth = &mut Oracle::of(&app.database());
        let (one, mut sokha) = member(&app, truth, "sokha");
        let (other, mut dara) = member(&app, truth, "dara");
        let beside = Services::new(&app.beside());
        let ends = tokio::join!(
            app.services.rotation.run(&one, batch),
            beside.rotation.run(&other, batch),
            app.worker.order_rotations(),
        );
        // Whoever met the other at the beginning stops there and is tried again.
        drop(ends);
        app.services.rotation.run(&one, batch).await.unwrap();
        before.assert_sound(truth, &mut [&mut sokha, &mut dara], "two processes");
        assert_eq!(shape(&app, truth), expected, "batches of {batch}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_reader_finds_every_report_while_the_key_changes_under_it() {
    let before = before().await;
    let app = before.start();
    let admin = app.sign_in("admin").await;
    let dara = app.sign_in("dara").await;
    let truth = &mut Oracle::of(&app.database());
    let (hand, mut sokha) = member(&app, truth, "sokha");
    let reports: Vec<String> = truth
        .places()
        .into_iter()
        .filter(|place| place.kind == "team" && place.report != before.damaged)
        .map(|place| place.report)
        .collect();
    truth.run(&format!(
        "DELETE FROM grants WHERE report = X'{}'",
        before.damaged
    ));
    for _ in 0..6 {
        order(&admin).await;
        let done = std::sync::atomic::AtomicBool::new(false);
        let change = async {
            app.services.rotation.run(&hand, 1).await.unwrap();
            done.store(true, std::sync::atomic::Ordering::SeqCst);
        };
        let readers = (0..3).map(|at| {
            let (dara, reports, done) = (&dara, &reports, &done);
            async move {
                for report in reports.iter().cycle().skip(at * 13) {
                    if done.load(std::sync::atomic::Ordering::SeqCst) {
                        return;
                    }
                    dara.read(report).await.expect(200);
                    assert_eq!(dara.queue("").await.len(), reports.len());
                }
            }
        });
        tokio::join!(change, futures_util::future::join_all(readers));
    }
    assert_eq!(truth.reads_whole(&mut sokha).len(), REPORTS);
}
