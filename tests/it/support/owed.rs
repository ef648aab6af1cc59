//! What the product owes when a test ends. A notice that no mail comes of, a mail that nobody takes, an order that nobody can carry out:
//! no page shows them and nobody misses them, so every test that leaves one behind fails, whatever else it is about.

use kapea::domain::notice::NoticeList;
use kapea::service::due::BATCH;
use kapea::service::keyring::MemberKeys;
use secrecy::SecretString;

use super::TestApp;
use super::app::runtime;
use super::sql::{connect, count, texts};

/// After it, whatever waits for its slot is due.
const SLOT_SECONDS: i64 = 900;

const ORDERS: [&str; 2] = ["rotations WHERE state <> 'done'", "rekeys"];

/// Rows that stay behind when everybody has done their part; `:now` is in seconds.
const OWED: [(&str, &str); 5] = [
    (
        "notices or mails that are due",
        "outbox WHERE state = 'waiting' AND due <= :now",
    ),
    ("mails that were given up", "outbox WHERE state = 'dead'"),
    (
        "urgent reports that nobody holds and nobody will be told of",
        "reports WHERE state = 'received' AND urgency IN ('U0', 'U1') \
         AND id NOT IN (SELECT report FROM claims) AND id NOT IN (SELECT report FROM shreds) \
         AND id NOT IN (SELECT report FROM outbox WHERE report IS NOT NULL)",
    ),
    ("reports half destroyed", "shreds"),
    ("exports out of time", "exports WHERE expires_at <= :now"),
];

impl TestApp {
    /// Work is left behind that nobody can do here any more, or nobody is meant to: why.
    pub fn leaves_undone(&self, why: &'static str) {
        self.leaves.set(why).expect("said once");
    }

    /// Mail goes out, clocks run down, everybody comes by with their keys: what is left then.
    async fn owes(&self) -> Vec<String> {
        self.clock.advance(SLOT_SECONDS);
        let now = self.clock.now().seconds();
        let mut left = Vec::new();
        // Twice: what a clock or an alarm of the first look has to tell is told at the second.
        for _ in 0..2 {
            let told = self.must_hear(now);
            self.mail.take();
            let failed = self.worker.step().await;
            left.extend(
                failed
                    .iter()
                    .map(|step| format!("the step {step}, which failed")),
            );
            let mailed = self.mailed();
            let unheard = told.iter().filter(|address| !mailed.contains(address));
            left.extend(
                unheard.map(|address| format!("a notice of which {address} heard nothing")),
            );
        }
        if ORDERS.iter().any(|orders| count(self, orders) > 0) {
            self.carry_out_orders().await;
        }
        let orders = ORDERS.map(|orders| ("orders", orders));
        for (name, rows) in OWED.into_iter().chain(orders) {
            match count(self, &rows.replace(":now", &now.to_string())) {
                0 => {}
                some => left.push(format!("{some} {name} ({rows})")),
            }
        }
        left
    }

    /// The addresses of every list that a notice is due to.
    fn must_hear(&self, now: i64) -> Vec<String> {
        let due =
            format!("SELECT DISTINCT list FROM outbox WHERE kind <> 'delivery' AND due <= {now}");
        let lists = texts(&mut connect(self), &due);
        let addresses =
            lists
                .iter()
                .flat_map(|list| match list.parse::<NoticeList>().expect("a list") {
                    NoticeList::Hotline => &self.lists.hotline,
                    NoticeList::OnCall => &self.lists.on_call,
                    NoticeList::Backup => &self.lists.on_call_backup,
                    NoticeList::Alarm => &self.lists.alarm,
                    NoticeList::Anchor => panic!("outsiders get no notices"),
                });
        addresses
            .map(|address| address.as_str().to_owned())
            .collect()
    }

    /// Everybody who still gets in does what waits for their keys. What fails stays ordered.
    async fn carry_out_orders(&self) {
        for person in self.people.all() {
            let code = person.code(&self.clock).await;
            let passphrase = SecretString::from(person.passphrase.clone());
            let accounts = &self.services.accounts;
            let caller = accounts
                .at_terminal(&person.handle, passphrase, &code)
                .await;
            if let Some(hand) = caller.ok().as_ref().and_then(MemberKeys::of) {
                let rotation = &self.services.rotation;
                drop(rotation.rekey_all(&hand).await);
                drop(rotation.run(&hand, BATCH).await);
            }
        }
    }
}

impl Drop for TestApp {
    fn drop(&mut self) {
        let is_the_end = self.halt() && self.leaves.get().is_none();
        if !is_the_end || std::thread::panicking() {
            return;
        }
        // In a thread of its own: a test has a runtime already.
        let owes = || runtime().block_on(self.owes());
        let left = std::thread::scope(|scope| scope.spawn(owes).join());
        let left = left.expect("what is left can be seen");
        assert!(left.is_empty(), "the test leaves behind: {left:#?}");
        let scans = self.scans();
        assert!(scans.is_empty(), "looks through what grows: {scans:#?}");
    }
}
