//! `kapea doctor` says of each thing whether it is as it should be, and what to do where it is not.

use std::collections::BTreeMap;
use std::fs;
use std::io::{Read as _, Write as _};
use std::net::TcpListener;
use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;
use std::process::Command;

use diesel::connection::SimpleConnection as _;
use kapea::domain::clock::Quarter;
use kapea::seal::credentials::Credentials;
use kapea::seal::witness::WitnessRecord;
use kapea::web::health::CLOCK;
use kapea::witness::Witness;

use crate::backup::vault::Vault;
use crate::health::point_at;
use crate::support::binary::{Installation, program};
use crate::support::smtp::{Authority, Server};
use crate::support::sql;

#[derive(serde::Deserialize)]
struct Finding {
    check: String,
    verdict: String,
    said: String,
    advice: Option<String>,
}

fn command(installation: &Installation) -> Command {
    let mut command = program();
    command
        .args(["doctor", "--config"])
        .arg(installation.config());
    command
}

/// Whether the command says that all is well, and what it says of each thing.
fn ask(mut command: Command) -> (bool, BTreeMap<String, Finding>) {
    let output = command.arg("--json").output().unwrap();
    let findings: Vec<Finding> = serde_json::from_slice(&output.stdout).expect("JSON");
    let findings = findings.into_iter();
    let findings = findings.map(|finding| (finding.check.clone(), finding));
    (output.status.success(), findings.collect())
}

/// Mail to a real server, whose authority is named.
fn mail_to(installation: &Installation, server: &Server, ca: &Path) {
    for line in [
        "transport = \"smtp\"".to_owned(),
        "host = \"localhost\"".to_owned(),
        format!("port = {}", server.port),
        format!("ca_file = {ca:?}"),
    ] {
        installation.set(&[("mail", &line)]);
    }
}

fn addresses(installation: &Installation, public: &str, staff: &str) {
    let lines = [
        format!("public_url = {public:?}"),
        format!("staff_url = {staff:?}"),
    ];
    installation.set(&lines.each_ref().map(|line| ("server", line.as_str())));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_sound_installation_is_sound_line_by_line() {
    let installation = Installation::settled();
    let vault = Vault::new();
    let authority = Authority::lasting(30);
    let ca = installation.folder().join("ca.pem");
    fs::write(&ca, authority.pem()).unwrap();
    let mail = Server::start("starttls", &authority, None);
    let web = Server::start("implicit", &authority, None);
    mail_to(&installation, &mail, &ca);
    let url = format!("https://localhost:{}", web.port);
    addresses(&installation, &url, "http://127.0.0.1:8081");
    let (_, found) = ask(command(&installation));
    assert_eq!(found["mail server"].verdict, "good");
    assert!(mail.taken(0).is_empty(), "nothing was sent");
    let served = installation.serve().await;
    point_at(&installation, &served);
    vault.must_back_up(&installation.config());
    let mut asked = command(&installation);
    asked.arg("--ca").arg(&ca);
    let (is_well, found) = ask(asked);
    let bad = found.values().filter(|it| it.verdict == "bad");
    let bad: Vec<_> = bad.map(|it| format!("{}: {}", it.check, it.said)).collect();
    assert!(is_well && bad.is_empty(), "{bad:?}");
    let skipped = found.values().filter(|it| it.verdict == "skipped");
    let skipped: Vec<_> = skipped.map(|it| it.check.as_str()).collect();
    assert_eq!(skipped, ["staff address"], "plain http on this machine");
    assert_eq!(found.len(), 18);
    // In words.
    let output = command(&installation)
        .arg("--ca")
        .arg(&ca)
        .output()
        .unwrap();
    let said = String::from_utf8(output.stdout).unwrap();
    assert!(
        said.contains("✓ mail server: ") && said.contains("– staff address: "),
        "{said}"
    );
}

/// How something comes to be wrong, of which line that is, and words of what is said.
type Spoilt = (&'static str, fn(&Installation), &'static str);

fn mode(installation: &Installation, name: &str, mode: u32) {
    let path = installation.folder().join(name);
    fs::set_permissions(path, fs::Permissions::from_mode(mode)).unwrap();
}

fn witness(installation: &Installation, change: impl Fn(&mut WitnessRecord)) {
    let text = fs::read_to_string(installation.folder().join("credentials.toml")).unwrap();
    let keys = Credentials::parse(&text).unwrap().witness_keys();
    let folder = installation.folder().join("data/witness");
    let bytes = fs::read(folder.join("witness")).unwrap();
    let mut record = WitnessRecord::parse(&bytes, &keys).unwrap();
    change(&mut record);
    Witness::create(&folder, &keys, &record).unwrap();
}

fn change(installation: &Installation, statements: &str) {
    let mut conn = sql::open(installation.database());
    conn.batch_execute(statements).unwrap();
}

const SPOILT: &[Spoilt] = &[
    (
        "configuration",
        |it| it.set(&[("server", "nonsense = 1")]),
        "server.nonsense",
    ),
    (
        "permissions of the configuration",
        |it| mode(it, "kapea.toml", 0o666),
        "others may write",
    ),
    (
        "permissions of the credentials",
        |it| mode(it, "credentials.toml", 0o644),
        "can be read by others",
    ),
    (
        "permissions of the data folder",
        |it| mode(it, "data", 0o755),
        "others may enter",
    ),
    (
        "permissions of the data folder",
        |it| mode(it, "data/kapea.db", 0o644),
        "others may enter or read",
    ),
    (
        "permissions of the witness file",
        |it| fs::remove_dir_all(it.folder().join("data/witness")).unwrap(),
        "cannot look at",
    ),
    (
        "clock",
        |it| {
            witness(it, |record| {
                let later = record.time.seconds() + 3 * 86_400;
                record.time = Quarter::from_seconds(later);
            });
        },
        "the witness file has seen",
    ),
    (
        "database",
        |it| change(it, "DROP INDEX sessions_staff"),
        "index sessions_staff was changed",
    ),
    (
        "database",
        |it| fs::write(it.database(), "nothing of the kind ".repeat(999)).unwrap(),
        "cannot read",
    ),
    (
        "ledgers",
        |it| change(it, "DELETE FROM statements WHERE sequence > 1"),
        "",
    ),
    (
        "ledgers",
        |it| fs::write(it.folder().join("data/witness/witness"), "WIT1").unwrap(),
        "not to be relied on",
    ),
    (
        "audit log",
        |it| change(it, "UPDATE audit SET day = day - 1 WHERE seq = 2"),
        "",
    ),
    ("last backup", |_| {}, "there was none yet"),
    ("mail server", |_| {}, "nobody hears of a report"),
    (
        "mail server",
        |it| {
            it.set(&[
                ("mail", "transport = \"smtp\""),
                ("mail", "host = \"localhost\""),
                ("mail", "port = 1"),
            ]);
        },
        "The mail server does not answer",
    ),
    (
        "reporters' address",
        |it| addresses(it, "https://localhost:1", "http://127.0.0.1:8081"),
        "nothing answers there",
    ),
    (
        "running service",
        |it| it.set(&[("server", "health = \"127.0.0.1:1\"")]),
        "does not answer",
    ),
];

#[test]
fn each_line_says_what_is_wrong_and_what_to_do() {
    for (check, spoil, words) in SPOILT {
        let installation = Installation::settled();
        spoil(&installation);
        let (is_well, found) = ask(command(&installation));
        let finding = &found[*check];
        let said = &finding.said;
        assert!(!is_well, "{check}");
        assert_eq!(finding.verdict, "bad", "{check}: {said}");
        assert!(said.contains(words), "{check}: {said}");
        assert!(finding.advice.is_some(), "{check}");
    }
}

/// What the running service says of the machine's clock is what the line about the clock says.
#[test]
fn a_clock_that_the_service_does_not_believe_is_wrong() {
    let installation = Installation::settled();
    for name in ["public", "staff", "health", "casework_health"] {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let here = listener.local_addr().unwrap();
        let line = format!("{name} = \"{here}\"");
        installation.set(&[("server", &line)]);
        std::thread::spawn(move || {
            for stream in listener.incoming() {
                let mut stream = stream.unwrap();
                let mut asked = [0; 512];
                let length = stream.read(&mut asked).unwrap();
                let word = match String::from_utf8_lossy(&asked[..length]).contains("/readyz") {
                    true => CLOCK,
                    false => "ok",
                };
                let length = word.len();
                let answer = format!("HTTP/1.1 200 OK\r\nContent-Length: {length}\r\n\r\n{word}");
                stream.write_all(answer.as_bytes()).unwrap();
            }
        });
    }
    let (is_well, found) = ask(command(&installation));
    let finding = &found["clock"];
    assert!(!is_well && finding.verdict == "bad", "{}", finding.said);
    assert!(finding.said.contains("is not believed"), "{}", finding.said);
    assert_eq!(found["running service"].verdict, "good");
    assert_ne!(found["swap"].verdict, "bad");
}

#[test]
fn a_certificate_is_looked_at_as_a_browser_does_it() {
    let installation = Installation::settled();
    let ca = installation.folder().join("ca.pem");
    let look = |authority: &Authority, host: &str, is_trusted: bool| {
        let web = Server::start("implicit", authority, None);
        let url = format!("https://{host}:{}", web.port);
        addresses(&installation, &url, &url);
        fs::write(&ca, authority.pem()).unwrap();
        let mut asked = command(&installation);
        if is_trusted {
            asked.arg("--ca").arg(&ca);
        }
        let (_, mut found) = ask(asked);
        found.remove("staff address").unwrap().said
    };
    let lasting = Authority::lasting(30);
    assert!(look(&lasting, "localhost", true).contains("the certificate is right"));
    assert!(look(&lasting, "localhost", false).contains("that nobody trusts"));
    assert!(look(&lasting, "127.0.0.1", true).contains("for another name"));
    let ending = Authority::new();
    assert!(look(&ending, "localhost", true).contains("ends within two weeks"));
}
