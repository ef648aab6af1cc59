//! `kill -9` while a team's key is being changed, reports come in, a member reads and reports are moved to another team: nothing is
//! lost, nothing is there twice, everything opens, and what was taken from a team does not come back to it.

mod leaving;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::sync::atomic::AtomicUsize;
use std::time::Duration;

use kapea::domain::clock::Clock;
use kapea::domain::ids::KeyId;
use kapea::domain::notice::NoticeList;
use kapea::domain::urgency::Urgency;
use kapea::seal::credentials::Credentials;
use kapea::seal::random;
use kapea::seal::receipt::Master;
use kapea::seal::sealing::{self, Draft};
use kapea::service::prover::RowProver;
use kapea::store::{self, NewEvent, Store, StoreError};
use reqwest::Method;
use tokio::sync::Mutex;

use crate::support::binary::{Installation, Served};
use crate::support::client::{encode, fields};
use crate::support::dice::Dice;
use crate::support::eventually;
use crate::support::oracle::Oracle;
use crate::support::reporter::Reporter;
use crate::support::sender::{CRASH_ROUNDS, Seen, rounds, send_until_gone};
use crate::support::staff::{Person, Session, named};

/// How often the process is killed, unless `KAPEA_CRASH_ROUNDS` says so.
const ROUNDS: usize = 160;
/// The seed of a run that is to be the same again.
const CRASH_SEED: &str = "KAPEA_CRASH_SEED";
/// Reports that lie there from the start: five batches of a change.
const PREFILLED: usize = 2_400;

/// Reports that are filed in one round at most: each code is tried at the end.
const FILED: usize = 6;

/// Where in a change the process is killed.
#[derive(Debug, Clone, Copy)]
enum Moment {
    /// While it starts.
    Starting,
    /// As soon as it works.
    Working,
    /// When so many more grants than at its start have gone over.
    Moved(i64),
    /// When an order has got its new key, or is done.
    Step,
}

/// The office: the installation, its second team, and the one member of that.
struct Office {
    installation: Installation,
    integrity: String,
    bopha: Person,
}

/// Reports that a lead gave to the other team; whether the answer was seen.
type Moves = Arc<Mutex<BTreeMap<String, bool>>>;

impl Moment {
    fn drawn(dice: &mut Dice) -> Self {
        match dice.below(10) {
            0 => Self::Starting,
            1 => Self::Working,
            2 | 3 => Self::Step,
            _ => Self::Moved(1 + i64::try_from(dice.below(1_200)).unwrap()),
        }
    }
}

impl Office {
    async fn found() -> Self {
        let installation = Installation::settled();
        installation.set(&[
            ("log", "level = \"info\""),
            ("forms", "officials_channel = \"officials\""),
        ]);
        let served = installation.serve().await;
        let (site, clock) = (served.staff(), Clock::system());
        let mut office = Self {
            installation,
            integrity: String::new(),
            bopha: Person::nobody(),
        };
        let admin = office.sign_in(&served, "admin").await;
        office.integrity = admin.make_team("Integrity", &["officials"]).await;
        let token = admin
            .invite("bopha", "caseworker", Some(&office.integrity), true)
            .await;
        office.bopha = Person::join(&site, &clock, &token, None).await;
        let custodian = office.sign_in(&served, "custodian").await;
        // Each signature takes a code of its own.
        office.forget_codes();
        custodian.person.forget_codes(&clock);
        custodian.sign_charters(&clock).await;
        office
    }

    fn truth(&self) -> Oracle {
        Oracle::of(&self.installation.database())
    }

    /// A one-time code counts once, and a process lives for a second here.
    fn forget_codes(&self) {
        self.truth().run("DELETE FROM totp_uses");
    }

    async fn sign_in(&self, served: &Served, handle: &str) -> Session {
        self.forget_codes();
        let person = self.installation.people.get(handle);
        let clock = Clock::system();
        person.forget_codes(&clock);
        person.sign_in(&served.staff(), &clock).await
    }

    /// Reports as they would have come in, all saying the same.
    fn fill(&self, count: usize) {
        let mut truth = self.truth();
        let mut sokha = truth.holder(self.installation.people.get("sokha"));
        let (_, answers, summary) = truth.answers(&mut sokha).remove(0);
        let key = truth.words(
            "SELECT lower(hex(keys.id)) AS word FROM keys JOIN teams ON teams.id = keys.owner WHERE teams.name = 'Hotline' AND state = 'active'",
        );
        let key: KeyId = key[0].parse().unwrap();
        let store = Store::open_path(&self.installation.database()).unwrap();
        let row = store.blocking(|conn| store::key_find(conn, key)).unwrap();
        let now = Clock::system().now();
        let file = self.installation.folder().join("credentials.toml");
        let credentials = Credentials::parse(&std::fs::read_to_string(file).unwrap()).unwrap();
        let prover = Arc::new(RowProver::new(credentials.report_keys()));
        let filled = store.blocking_write(|conn| -> Result<(), StoreError> {
            conn.prove_with(prover);
            for _ in 0..count {
                let master = Master::from_bytes(random::bytes());
                let submission = sealing::seal_submission(&Draft {
                    channel: "main",
                    key,
                    team: &row.recipient.parse().unwrap(),
                    answers: &answers,
                    summary: &summary,
                    master: &master,
                    urgency: Urgency::U3,
                    day: now.day(),
                    due: now.quarter(),
                    retention: "undecided",
                    is_alike: false,
                    mailbox_expires: now.day().plus(365),
                })
                .unwrap();
                let event = NewEvent {
                    id: random::outbox_id(),
                    urgent: None,
                    list: NoticeList::Hotline,
                    due: submission.due,
                };
                store::report_insert(conn, &submission, &event)?;
            }
            Ok(())
        });
        filled.unwrap();
        // The mails about them are not what this is about.
        truth.run("DELETE FROM outbox");
    }

    /// The order is given as soon as there is none.
    async fn keep_ordered(&self, served: &Served) {
        let mut truth = self.truth();
        let open =
            "rotations JOIN teams ON teams.id = team WHERE state <> 'done' AND name = 'Hotline'";
        if truth.count(open) > 0 {
            return;
        }
        let team = truth
            .words("SELECT lower(hex(id)) AS word FROM teams WHERE name = 'Hotline'")
            .remove(0);
        let admin = self.sign_in(served, "admin").await;
        let pairs = [("team", team.as_str())];
        admin.post("/keys/rotate", &pairs).await.expect(303);
    }

    /// The number of the team's active key, how many grants are under it, and how its orders stand.
    fn progress(&self) -> (i64, i64, Vec<String>) {
        let mut truth = self.truth();
        let key = "keys JOIN teams ON teams.id = keys.owner WHERE teams.name = 'Hotline' AND keys.state = 'active'";
        let generation = truth.words(&format!(
            "SELECT CAST(generation AS TEXT) AS word FROM {key}"
        ));
        let under = truth.count(&format!("grants WHERE key = (SELECT keys.id FROM {key})"));
        let orders = truth.words("SELECT hex(id) || state AS word FROM rotations ORDER BY 1");
        (generation[0].parse().unwrap(), under, orders)
    }

    /// Waits for the moment. A change that is over will have no other one.
    async fn wait(&self, moment: Moment, from: &(i64, i64, Vec<String>)) {
        eventually("the change goes on", async || {
            let now = self.progress();
            let is_over = now.2.iter().all(|order| order.ends_with("done"));
            let has_come = match moment {
                Moment::Starting | Moment::Working => true,
                Moment::Step => now.2 != from.2,
                Moment::Moved(count) if now.0 == from.0 => now.1 >= from.1 + count,
                Moment::Moved(count) => now.1 >= count,
            };
            (has_come || is_over).then_some(())
        })
        .await;
    }

    /// Between two processes: nothing is half, nothing is there twice, and what was moved has not come back.
    async fn assert_sound(&self, moves: &Moves, what: &str) {
        let mut truth = self.truth();
        assert_eq!(
            truth.words("SELECT integrity_check AS word FROM pragma_integrity_check"),
            ["ok"],
            "{what}"
        );
        assert_eq!(truth.count("quarantine"), 0, "{what}");
        let half = "reports WHERE (SELECT count(*) FROM objects WHERE report = reports.id) < 2";
        assert_eq!(truth.count(half), 0, "{what}");
        let moves = moves.lock().await;
        let reports = truth.count("reports");
        let places = truth.places();
        let mut seen = BTreeSet::new();
        for place in &places {
            assert!(
                ["active", "retiring"].contains(&place.state.as_str()),
                "{what}: {place:?}"
            );
            assert!(
                seen.insert(place.report.clone()),
                "{what}: twice: {place:?}"
            );
            if moves.get(&place.report) == Some(&true) {
                assert_eq!(
                    place.owner, self.integrity,
                    "{what}: it came back: {place:?}"
                );
            }
        }
        assert_eq!(
            i64::try_from(places.len()).unwrap(),
            reports,
            "{what}: a report without a grant"
        );
    }
}

/// A request to which there may be no answer.
async fn knock(
    session: &Session,
    method: Method,
    path: &str,
    pairs: &[(&str, &str)],
) -> Option<u16> {
    let headers = [
        ("cookie", session.cookie.as_str()),
        ("accept-language", "en"),
        ("content-type", "application/x-www-form-urlencoded"),
    ];
    let body = (method == Method::POST).then(|| {
        let mut all = named(path, fields(pairs));
        all.push(("csrf".to_owned(), session.csrf.clone()));
        encode(&all).into_bytes()
    });
    let page = session.site.try_send(method, path, &headers, body).await;
    page.ok().map(|page| page.status)
}

/// Looks at the queue and reads reports until the other side is gone. Each is there each time.
async fn read_until_gone(session: Session, reports: Vec<String>) -> usize {
    let mut read = 0;
    for report in reports.iter().cycle() {
        for path in ["/queue".to_owned(), format!("/reports/{report}")] {
            match knock(&session, Method::GET, &path, &[]).await {
                None => return read,
                Some(status) => assert_eq!(status, 200, "{path}"),
            }
        }
        read += 1;
    }
    read
}

/// Gives reports to the other team, one after the other, until the other side is gone.
async fn move_until_gone(session: Session, reports: Vec<String>, to: String, moves: Moves) {
    for report in reports {
        moves.lock().await.insert(report.clone(), false);
        let pairs = [("team", to.as_str()), ("reason", "An uncle in the police.")];
        let path = format!("/reports/{report}/move");
        match knock(&session, Method::POST, &path, &pairs).await {
            None => return,
            Some(status) => assert_eq!(status, 303, "{path}"),
        }
        moves.lock().await.insert(report, true);
    }
}

/// What a sender told, out of the sealed answers.
fn account_in(answers: &[u8]) -> String {
    let text = String::from_utf8_lossy(answers);
    match (text.find("begin-"), text.rfind("-account")) {
        (Some(from), Some(to)) => text[from..to + "-account".len()].to_owned(),
        _ => String::new(),
    }
}

/// What lasts from one process to the next.
struct Run {
    office: Office,
    dice: Dice,
    numbers: Arc<AtomicUsize>,
    seen: Arc<Mutex<Seen>>,
    moves: Moves,
    /// Reports that stay.
    staying: Vec<String>,
    /// Reports that are given away by and by.
    going: Vec<String>,
    read: usize,
}

impl Run {
    async fn round(&mut self, number: usize) {
        let moment = Moment::drawn(&mut self.dice);
        let what = format!("round {number}, {moment:?}");
        if matches!(moment, Moment::Starting) {
            let mut starting = self
                .office
                .installation
                .command()
                .stderr(std::process::Stdio::null())
                .spawn()
                .expect("it starts");
            tokio::time::sleep(Duration::from_millis(self.dice.below(120))).await;
            starting.kill().expect("killed");
            starting.wait().expect("it ends");
            return self.office.assert_sound(&self.moves, &what).await;
        }
        let mut served = self.office.installation.serve().await;
        let from = self.office.progress();
        self.office.keep_ordered(&served).await;
        let sokha = self.office.sign_in(&served, "sokha").await;
        let (numbers, seen) = (Arc::clone(&self.numbers), Arc::clone(&self.seen));
        let sender = tokio::spawn(send_until_gone(served.public(), numbers, seen, FILED));
        let start = usize::try_from(self.dice.below(200)).unwrap();
        let staying = [&self.staying[start..], &self.staying[..start]].concat();
        let reader = tokio::spawn(read_until_gone(sokha.clone(), staying));
        let going = self.going.split_off(self.going.len().saturating_sub(3));
        let to = self.office.integrity.clone();
        let mover = move_until_gone(sokha.clone(), going, to, Arc::clone(&self.moves));
        let mover = tokio::spawn(mover);
        let carried = knock(&sokha, Method::POST, "/team/rotate", &[]).await;
        assert_eq!(carried, Some(303), "{what}");
        self.office.wait(moment, &from).await;
        tokio::time::sleep(Duration::from_millis(self.dice.below(40))).await;
        served.kill();
        sender.await.unwrap();
        mover.await.unwrap();
        self.read += reader.await.unwrap();
        self.office.assert_sound(&self.moves, &what).await;
    }

    /// After the last one: everything that was said is kept.
    async fn assert_whole(self) {
        let served = self.office.installation.serve().await;
        let mut seen = std::mem::take(&mut *self.seen.lock().await);
        let reporter = Reporter {
            site: served.public(),
            lang: "en",
        };
        seen.settle(&reporter.site).await;
        let sokha = self.office.sign_in(&served, "sokha").await;
        eventually("the change comes to its end", async || {
            sokha.post("/team/rotate", &[]).await.expect(303);
            let orders = self.office.progress().2;
            orders
                .iter()
                .all(|order| order.ends_with("done"))
                .then_some(())
        })
        .await;
        self.office.assert_sound(&self.moves, "at the end").await;
        for code in seen.shown.values() {
            reporter.try_code(code).await.expect(200).form("messages");
        }
        self.assert_told(&seen);
    }

    /// Every account is in one report, and every report opens to the team that should have it and to no other.
    fn assert_told(&self, seen: &Seen) {
        let mut truth = self.office.truth();
        let mut sokha = truth.holder(self.office.installation.people.get("sokha"));
        let mut bopha = truth.holder(&self.office.bopha);
        let (here, there) = (truth.reads_whole(&mut sokha), truth.reads_whole(&mut bopha));
        assert_eq!(here.intersection(&there).count(), 0);
        let reports = usize::try_from(truth.count("reports")).unwrap();
        assert_eq!(here.len() + there.len(), reports, "a report does not open");
        let mut told: BTreeMap<String, usize> = BTreeMap::new();
        for (_, answers, _) in truth.answers(&mut sokha) {
            *told.entry(account_in(&answers)).or_default() += 1;
        }
        for account in seen.shown.keys() {
            assert_eq!(
                told.get(account),
                Some(&1),
                "{account:.20} is there whole, once"
            );
        }
        println!(
            "{} codes, {} forms without an answer, {} reports read, {} moved",
            seen.shown.len(),
            seen.unanswered.len(),
            self.read,
            there.len()
        );
        assert!(
            !seen.unanswered.is_empty(),
            "no kill met a report on its way"
        );
        assert!(self.read > 0 && !there.is_empty());
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_key_that_is_changed_under_kill_9_loses_nothing_and_brings_nothing_back() {
    let dice = Dice::seeded(CRASH_SEED);
    let office = Office::found().await;
    {
        let served = office.installation.serve().await;
        let reporter = Reporter {
            site: served.public(),
            lang: "en",
        };
        reporter
            .file(&[("danger", "over"), ("account", "the same in all")])
            .await;
    }
    office.fill(PREFILLED);
    let mut staying = office
        .truth()
        .words("SELECT lower(hex(id)) AS word FROM reports ORDER BY id");
    let going = staying.split_off(staying.len() / 2);
    let mut run = Run {
        office,
        dice,
        numbers: Arc::default(),
        seen: Arc::default(),
        moves: Moves::default(),
        staying,
        going,
        read: 0,
    };
    for number in 0..rounds(CRASH_ROUNDS, ROUNDS) {
        run.round(number).await;
    }
    run.assert_whole().await;
}
