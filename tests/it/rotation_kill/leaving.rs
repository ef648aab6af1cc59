//! `kill -9` while open reports get their next key after somebody left: nothing is lost, nobody is refused for good, and what the leaver
//! has kept opens nothing that is written later.

use kapea::seal::opening::OpenReport;

use super::*;

/// Reports that lie there from the start: several kills for each leaver.
const OPEN: usize = 500;
/// Kills for each leaver at most; then the change may come to its end.
const KILLS: usize = 3;

/// What a leaver takes along.
struct Kept {
    open: Vec<OpenReport>,
    recipients: BTreeSet<String>,
}

/// Those of the reports that are written into, and the code of each.
type Written = Vec<(String, String)>;

const OPEN_ORDERS: &str = "rotations WHERE state <> 'done'";
const RECIPIENTS: &str = "SELECT recipient AS word FROM reports";

impl Office {
    fn kept_by(&self, person: &Person) -> Kept {
        let mut truth = self.truth();
        let mut holder = truth.holder(person);
        Kept {
            open: truth.reports(&mut holder),
            recipients: truth.words(RECIPIENTS).into_iter().collect(),
        }
    }

    async fn close(&self, served: &Served, handle: &str) {
        let admin = self.sign_in(served, "admin").await;
        let id = format!("SELECT lower(hex(id)) AS word FROM staff WHERE handle = '{handle}'");
        let id = self.truth().words(&id).remove(0);
        let closed = admin.post("/people/disable", &[("staff", &id)]).await;
        closed.expect(303);
    }

    /// Waits until so many more reports have got their next key, or the change is over.
    async fn wait_for_epochs(&self, more: i64) {
        let until = self.truth().count("epochs") + more;
        eventually("reports get their next keys", async || {
            let mut truth = self.truth();
            let is_there = truth.count("epochs") >= until || truth.count(OPEN_ORDERS) == 0;
            is_there.then_some(())
        })
        .await;
    }

    /// The reporter and a member go on writing; the leaver, with all that they have kept, opens no more of it than before.
    async fn assert_left_behind(&self, served: &Served, kept: &Kept, written: &Written) {
        let mut truth = self.truth();
        let now: BTreeSet<String> = truth.words(RECIPIENTS).into_iter().collect();
        let before = kept.recipients.intersection(&now).count();
        assert_eq!(before, 0, "a report is under its old key");
        let sokha = self.sign_in(served, "sokha").await;
        let reporter = Reporter {
            site: served.public(),
            lang: "en",
        };
        let of = |report: &str| {
            let mut all = kept.open.iter();
            all.find(|open| open.report().to_string() == report)
                .unwrap()
        };
        for (report, code) in written {
            let known = truth.opened_by(of(report));
            assert!(known >= 2, "they read it as a member");
            let mailbox = reporter.mailbox(code).await;
            mailbox.write("written later").await.expect(200);
            sokha.claim(report).await;
            sokha.note(report, "noted later").await.expect(303);
            sokha.message(report, "answered later").await.expect(303);
            let page = sokha.read(report).await.expect(200);
            page.says("written later").says("noted later");
            assert_eq!(truth.opened_by(of(report)), known, "the leaver follows");
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn open_reports_get_their_next_keys_under_kill_9_and_nothing_is_lost() {
    let mut dice = Dice::seeded(CRASH_SEED);
    let office = Office::found().await;
    let (numbers, seen, moves) = (Arc::default(), Arc::default(), Moves::default());
    let mut written = Written::new();
    let mut leavers = vec![office.installation.people.get("dara").clone()];
    {
        let served = office.installation.serve().await;
        let reporter = Reporter {
            site: served.public(),
            lang: "en",
        };
        for _ in 0..2 {
            let told = [("danger", "over"), ("account", "the same in all")];
            let code = reporter.file(&told).await;
            let mut all = office
                .truth()
                .words("SELECT lower(hex(id)) AS word FROM reports");
            all.retain(|report| !written.iter().any(|(known, _)| known == report));
            written.push((all.remove(0), code));
        }
        let admin = office.sign_in(&served, "admin").await;
        let team = admin.team("Hotline").await;
        let token = admin
            .invite("vanna", "caseworker", Some(&team), false)
            .await;
        let clock = Clock::system();
        leavers.push(Person::join(&served.staff(), &clock, &token, None).await);
        let sokha = office.sign_in(&served, "sokha").await;
        office.forget_codes();
        sokha.person.forget_codes(&clock);
        assert_eq!(sokha.admit_all(&clock).await, 1);
    }
    office.fill(OPEN);
    let mut kills = 0;
    for leaver in leavers {
        let kept = office.kept_by(&leaver);
        assert!(kept.open.len() > OPEN);
        {
            let served = office.installation.serve().await;
            office.close(&served, &leaver.handle).await;
        }
        for round in 0.. {
            let what = format!("{}, kill {round}", leaver.handle);
            let mut served = office.installation.serve().await;
            let sokha = office.sign_in(&served, "sokha").await;
            let sender = send_until_gone(
                served.public(),
                Arc::clone(&numbers),
                Arc::clone(&seen),
                FILED,
            );
            let sender = tokio::spawn(sender);
            let carried = knock(&sokha, Method::POST, "/team/rotate", &[]).await;
            assert_eq!(carried, Some(303), "{what}");
            let most = if round < KILLS { 40 } else { 1_000 };
            let more = if round < KILLS {
                dice.below(most)
            } else {
                most
            };
            office.wait_for_epochs(i64::try_from(more).unwrap()).await;
            served.kill();
            sender.await.unwrap();
            office.assert_sound(&moves, &what).await;
            if office.truth().count(OPEN_ORDERS) == 0 {
                break;
            }
            kills += 1;
        }
        let served = office.installation.serve().await;
        office.assert_left_behind(&served, &kept, &written).await;
    }
    println!("{kills} kills in the middle");
    assert!(kills >= 3, "only {kills} kills met a change");

    let served = office.installation.serve().await;
    let mut seen = std::mem::take(&mut *seen.lock().await);
    let reporter = Reporter {
        site: served.public(),
        lang: "en",
    };
    seen.settle(&reporter.site).await;
    let codes = seen
        .shown
        .values()
        .chain(written.iter().map(|(_, code)| code));
    for code in codes {
        reporter.try_code(code).await.expect(200).form("messages");
    }
    let mut truth = office.truth();
    let mut sokha = truth.holder(office.installation.people.get("sokha"));
    let reports = usize::try_from(truth.count("reports")).unwrap();
    assert_eq!(truth.reads_whole(&mut sokha).len(), reports);
    let told = truth.answers(&mut sokha);
    for account in seen.shown.keys() {
        let same = |(_, answers, _): &&(_, Vec<u8>, _)| account_in(answers) == *account;
        assert_eq!(told.iter().filter(same).count(), 1, "{account:.20}");
    }
}
