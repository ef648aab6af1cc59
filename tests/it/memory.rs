//! What the real process still holds in memory once a request, a visit or a session is over: nothing of theirs.

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use aho_corasick::AhoCorasick;
use bech32::{Bech32, Hrp};
use data_encoding::{BASE32_NOPAD, BASE64, BASE64URL_NOPAD, HEXLOWER};
use hkdf::Hkdf;
use kapea::domain::clock::Clock;
use kapea::domain::ids::{KeyId, ReportId};
use kapea::domain::receipt::ReceiptCode;
use kapea::domain::staff::UnlockMethod;
use kapea::domain::suite::Suite;
use kapea::seal::credentials::Credentials;
use kapea::seal::keys::Identity;
use kapea::seal::opening::open_grant;
use kapea::seal::unlock::{StaffSecret, Unlock, open_with_recovery};
use kapea::seal::{receipt, recovery_code};
use kapea::service::keyring;
use kapea::store::{self, Location, Store, StoreError};
use sha2::Sha256;

use crate::support::binary::{Installation, Served, is_root};
use crate::support::client::{encode, fields};
use crate::support::eventually;
use crate::support::reporter::{Reporter, code_of};
use crate::support::sender::rounds;
use crate::support::sql;
use crate::support::staff::Person;

/// How often everything is done, unless `KAPEA_MEMORY_RUNS` says so.
const RUNS: usize = 2;
/// How long what is over may still be there: a connection that is kept open holds what it has read until it ends.
const PATIENCE: Duration = Duration::from_secs(20);

const ACCOUNT: &str = "Kanari-account-Qx7";
const KHMER: &str = "ក្មេងកាណារីសម្គាល់";
const CONTACT: &str = "Kanari-contact-Wz4";
const MESSAGE: &str = "Kanari-message-Jk2";
const ANSWER: &str = "Kanari-answer-Vt9";
const NOTE: &str = "Kanari-note-Gh5";

/// What must be gone, by name, in every way in which it may have been written.
#[derive(Default)]
struct Secrets(Vec<(String, Vec<u8>)>);

impl Secrets {
    fn text(&mut self, name: &str, text: &str) -> &mut Self {
        let form = encode(&fields(&[("", text)]));
        let form = form.trim_start_matches('=');
        self.add(name, text.as_bytes());
        if form != text {
            self.add(&format!("{name}, in a form"), form.as_bytes());
        }
        self.add(
            &format!("{name}, in base64"),
            BASE64.encode(text.as_bytes()).as_bytes(),
        )
    }

    fn bytes(&mut self, name: &str, bytes: &[u8]) -> &mut Self {
        self.add(name, bytes);
        self.add(
            &format!("{name}, hexadecimal"),
            HEXLOWER.encode(bytes).as_bytes(),
        );
        self.add(
            &format!("{name}, in base64"),
            BASE64URL_NOPAD.encode(bytes).as_bytes(),
        )
    }

    /// A key that age opens with, and its own spelling of it.
    fn identity(&mut self, name: &str, identity: &Identity) -> &mut Self {
        let seed = identity.seed().expose();
        let prefix = Hrp::parse("age-secret-key-").unwrap();
        let text = bech32::encode_upper::<Bech32>(prefix, seed).unwrap();
        self.bytes(name, seed);
        self.add(&format!("{name}, as age writes it"), text.as_bytes())
    }

    fn add(&mut self, name: &str, bytes: &[u8]) -> &mut Self {
        self.0.push((name.to_owned(), bytes.to_vec()));
        self
    }

    /// How often each is found, and in which kind of mapping.
    fn found(&self, served: &Served) -> BTreeMap<String, usize> {
        let search = AhoCorasick::new(self.0.iter().map(|(_, bytes)| bytes)).unwrap();
        let mut found = BTreeMap::new();
        for (mapping, bytes) in served.memory() {
            for hit in search.find_overlapping_iter(&bytes) {
                let (name, _) = &self.0[hit.pattern().as_usize()];
                let place = mapping.split_whitespace().last().unwrap_or_default();
                let place = if place.starts_with(['[', '/']) {
                    place
                } else {
                    "mapped"
                };
                // A thread's stack is a mapping of two megabytes.
                let size = bytes.len() >> 10;
                let found = found.entry(format!("{name}: {place}, {size} KiB"));
                *found.or_default() += 1;
            }
        }
        found
    }

    fn are_gone(&self, served: &Served, after: &str) {
        let until = Instant::now() + PATIENCE;
        loop {
            let found = self.found(served);
            if found.is_empty() {
                return;
            }
            assert!(Instant::now() < until, "after {after}: {found:#?}");
        }
    }
}

fn credentials(installation: &Installation) -> Credentials {
    let file = installation.folder().join("credentials.toml");
    Credentials::parse(&std::fs::read_to_string(file).unwrap()).unwrap()
}

/// What a receipt code opens with.
fn of_code(code: &str, installation: &Installation) -> Secrets {
    let mut secrets = Secrets::default();
    let code = ReceiptCode::parse(code).unwrap();
    let master = receipt::master(&code, credentials(installation).install_salt()).unwrap();
    let digits = code.grouped().replace(' ', "");
    secrets
        .text("the code", &digits)
        .text("the code in groups", &code.grouped())
        .bytes("the code's master key", &*master.to_bytes())
        .identity("the mailbox's key", &master.mailbox(Suite::NEWEST));
    secrets
}

/// What a person types and carries, and every key that comes from it.
fn of_person(person: &Person, installation: &Installation) -> Secrets {
    let location = Location::Sqlite(installation.database());
    let store = Store::open_read_only(location).unwrap();
    let (own, secret) = account(person, &store);
    let keys = secret.keys();
    let mut secrets = Secrets::default();
    let sign = Hkdf::<Sha256>::new(None, secret.seed.expose());
    let mut signing = [0; 32];
    sign.expand(b"kapea/staff/sign/v1", &mut signing).unwrap();
    secrets
        .text("the passphrase", &person.passphrase)
        .bytes("the authenticator's seed", secret.totp.expose())
        .text(
            "the authenticator's seed, to be typed",
            &BASE32_NOPAD.encode(secret.totp.expose()),
        )
        .bytes("the person's seed", secret.seed.expose())
        .bytes("the signing key", &signing)
        .identity("the person's key", keys.identity());
    let beneath = |conn: &mut _| keyring::beneath(conn, (own, keys.identity()), |_| true);
    let held = store.blocking(beneath).unwrap();
    for generation in &held.open {
        secrets.identity("the team's key", generation.secrets.identity());
        let key = generation.row.id;
        let grants =
            |conn: &mut _| store::grants_of_key(conn, key, ReportId::from_bytes([0; 16]), 99);
        for grant in store.blocking(grants).unwrap() {
            let holder = generation.secrets.identity();
            let open = open_grant(holder, &grant.sealed, grant.report, "", &[]).unwrap();
            for identity in open.identities() {
                secrets.identity("a report's key", identity);
            }
        }
    }
    assert!(!held.open.is_empty());
    secrets
}

/// The person's key record and what the recovery code opens: it takes no slow hash.
fn account(person: &Person, store: &Store) -> (KeyId, StaffSecret) {
    let (row, keys) = store
        .blocking(|conn| {
            let staff = store::staff_by_handle(conn, &person.handle)?.expect("an account");
            let row = store::unlock_find(conn, staff.id, UnlockMethod::Recovery)?;
            let keys = store::keys_of_staff(conn, staff.id)?;
            Ok::<_, StoreError>((row.expect("an unlock row"), keys))
        })
        .unwrap();
    let unlock = Unlock {
        salt: row.salt,
        pepper_version: row.pepper_version,
        sealed: row.sealed,
    };
    let code = recovery_code::parse(&person.recovery_code).unwrap();
    let secret = open_with_recovery(&unlock, &code, row.staff).unwrap();
    let recipient = secret.keys().recipient();
    let own = keys.iter().find(|key| key.recipient == recipient.as_str());
    (own.expect("a key").id, secret)
}

/// The process says at its start and to administrators whether what is typed can reach swap, and lets nobody of its own account look.
#[tokio::test(flavor = "multi_thread")]
async fn what_becomes_of_memory_is_said() {
    let installation = Installation::settled();
    let served = installation.serve().await;
    let admin = installation.people.get("admin");
    let admin = admin.sign_in(&served.staff(), &Clock::system()).await;
    let page = admin.get("/status").await.expect(200);
    let of = |sentence: &str| page.text().matches(sentence).count();
    let (stays, no_swap) = (of("It stays in memory"), of("There is no swap"));
    let possible = of("can be written to swap");
    // One sentence for each of the two processes.
    assert_eq!(stays + no_swap + possible, 2, "{}", page.text());
    let locked = served.is_locked();
    assert_eq!(stays > 0, locked, "{}", page.text());
    let warned = served.written().contains("can reach swap");
    assert!(!(locked && warned), "{}", served.written());
}

async fn report(served: &Served) -> String {
    let reporter = Reporter {
        site: served.public(),
        lang: "km",
    };
    let account = format!("{ACCOUNT} & \"{KHMER}\"");
    let answers = [
        ("account", account.as_str()),
        ("contact", "phone"),
        ("contact-how", CONTACT),
    ];
    code_of(&reporter.send(&answers).await.expect(200))
}

/// Marked words, as the reporter and the caseworkers type them.
fn words() -> Secrets {
    let mut secrets = Secrets::default();
    for text in [ACCOUNT, KHMER, CONTACT, MESSAGE, ANSWER, NOTE] {
        secrets.text(text, text);
    }
    secrets
}

#[tokio::test(flavor = "multi_thread")]
async fn nothing_of_a_report_is_left_once_it_is_sent_nor_of_a_visit_to_its_mailbox() {
    if !is_root() {
        return;
    }
    let installation = Installation::settled();
    let served = installation.serve().await;
    for _ in 0..rounds("KAPEA_MEMORY_RUNS", RUNS) {
        let code = report(&served).await;
        words().are_gone(&served, "a submission");
        of_code(&code, &installation).are_gone(&served, "a submission");
        let reporter = Reporter {
            site: served.public(),
            lang: "km",
        };
        let mailbox = reporter.mailbox(&code).await;
        mailbox.write_and_keep(MESSAGE).await.expect(200);
        words().are_gone(&served, "a visit to the mailbox");
        of_code(&code, &installation).are_gone(&served, "a visit to the mailbox");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn nothing_of_a_caseworker_is_left_once_they_have_signed_out() {
    if !is_root() {
        return;
    }
    let installation = Installation::settled();
    let served = installation.serve().await;
    let sokha = installation.people.get("sokha");
    for _ in 0..rounds("KAPEA_MEMORY_RUNS", RUNS) {
        report(&served).await;
        let session = sokha.sign_in(&served.staff(), &Clock::system()).await;
        let report = session.queue("").await.remove(0);
        session.claim(&report).await.expect(303);
        session.read(&report).await.expect(200).says(ACCOUNT);
        session.note(&report, NOTE).await.expect(303);
        session.message(&report, ANSWER).await.expect(303);
        words().are_gone(&served, "a caseworker's reading");
        let all = of_person(sokha, &installation);
        all.are_gone(&served, "a caseworker's reading, while the session lives");
        let mut cookie = Secrets::default();
        let (_, value) = session.cookie.split_once('=').expect("a cookie");
        cookie.text("the session's cookie", value);
        session.post("/logout", &[]).await.expect(303);
        all.are_gone(&served, "signing out");
        cookie.are_gone(&served, "signing out");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn nothing_is_left_of_a_recovery_nor_of_a_change_of_a_team_s_key() {
    if !is_root() {
        return;
    }
    let installation = Installation::settled();
    let served = installation.serve().await;
    let staff = served.staff();
    report(&served).await;
    let mut sokha = installation.people.get("sokha").clone();
    let before = of_person(&sokha, &installation);

    let page = staff.get("/forgotten").await.expect(200);
    let mut form = page.form_to("/forgotten");
    form.set("handle", &sokha.handle)
        .set("recovery", &sokha.recovery_code)
        .set("code", &sokha.code(&Clock::system()).await);
    let printed = page.document().of_class("recovery-code").concat();
    let words = form.value("words").expect("words are offered").to_owned();
    staff.post("/forgotten", &form.fields).await.expect(303);
    let mut spent = Secrets::default();
    spent
        .text("the recovery code", &sokha.recovery_code)
        .text("the next recovery code", &printed)
        .text("the new passphrase", &words);
    before.are_gone(&served, "a recovery");
    spent.are_gone(&served, "a recovery");
    sokha.recovery_code = printed;
    sokha.passphrase = words;

    let admin = installation.people.get("admin");
    let admin = admin.sign_in(&staff, &Clock::system()).await;
    let people = admin.get("/people").await.expect(200);
    let leaver = people.forms_to("/people/disable").into_iter();
    let dara = sql::texts(
        &mut sql::open(installation.database()),
        "SELECT lower(hex(id)) FROM staff WHERE handle = 'dara'",
    );
    let mut leaver = leaver.filter(|form| form.value("staff") == Some(&dara[0]));
    let form = leaver.next().expect("a form to disable the account");
    admin
        .post_fields("/people/disable", &form.fields)
        .await
        .expect(303);
    let session = sokha.sign_in(&staff, &Clock::system()).await;
    eventually("the team's key is changed", async || {
        session.get("/queue").await.expect(200);
        let open = "rotations WHERE state <> 'done'";
        let mut conn = sql::open(installation.database());
        (sql::number(&mut conn, open) == 0).then_some(())
    })
    .await;
    before.are_gone(&served, "a change of the team's key");
    of_person(&sokha, &installation).are_gone(&served, "a change of the team's key");
}
