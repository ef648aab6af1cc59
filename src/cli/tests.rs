//! The commands as an operator meets them.

use std::fs;
use std::io::{Read, Write};
use std::net::TcpListener;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};

use clap::{CommandFactory, Parser};
use secrecy::ExposeSecret;

use super::*;
use crate::app::read_credentials;
use crate::config::{self, Config, Environment};
use crate::domain::clock::{Clock, Timestamp};
use crate::domain::staff::{Role, TeamKind};
use crate::domain::suite::Suite;
use crate::ledger::statement::PublicKeys;
use crate::ledger::team::{Generation, TeamBody};
use crate::seal::chain::{Custodian, CustodianPins};
use crate::seal::invitation::InvitationToken;
use crate::seal::keys::{Seed, StaffKeys};
use crate::service::Authority;
use crate::service::audit_log::AuditLog;
use crate::service::txn::Txn;
use crate::store::{self, Location, Store};

const NOW: Timestamp = Timestamp::from_seconds(1_795_000_000);

fn init_arguments(line: &[&str]) -> InitArguments {
    let line = ["kapea", "init"].iter().chain(line);
    match Arguments::parse_from(line).command {
        Command::Init(arguments) => arguments,
        other => panic!("{other:?}"),
    }
}

/// The audit log of an installation.
fn journal_of(dir: &Path) -> AuditLog {
    AuditLog::new(&read_credentials(&dir.join("credentials.toml")).unwrap())
}

fn mode(path: &Path) -> u32 {
    fs::metadata(path).unwrap().permissions().mode() & 0o777
}

fn installed(extra: &[&str]) -> (tempfile::TempDir, PathBuf, Vec<Invited>) {
    let folder = tempfile::tempdir().unwrap();
    let dir = folder.path().join("office");
    let line: Vec<&str> = ["--dir", dir.to_str().unwrap()]
        .iter()
        .chain(extra)
        .copied()
        .collect();
    let invited = init::make(&init_arguments(&line), NOW).unwrap();
    (
        folder,
        dir,
        invited.into_iter().map(|(_, invited)| invited).collect(),
    )
}

#[test]
fn the_command_line_is_consistent() {
    Arguments::command().debug_assert();
}

#[test]
fn roles_are_read_from_the_command_line() {
    let parsed = Arguments::parse_from(["kapea", "serve", "--roles", "intake,worker"]);
    let Command::Serve(arguments) = parsed.command else {
        panic!("not serve")
    };
    assert_eq!(
        arguments.roles,
        [config::Role::Intake, config::Role::Worker]
    );
    assert!(Arguments::try_parse_from(["kapea", "serve", "--roles", "everything"]).is_err());
}

#[test]
fn init_makes_private_files_and_refuses_to_overwrite_them() {
    let (_folder, dir, _) = installed(&[]);
    assert_eq!(mode(&dir), 0o700);
    assert_eq!(mode(&dir.join("data")), 0o700);
    for file in ["kapea.toml", "credentials.toml", "data/kapea.db"] {
        assert_eq!(mode(&dir.join(file)), 0o600, "{file}");
    }

    let before = fs::read(dir.join("credentials.toml")).unwrap();
    let again = init_arguments(&["--dir", dir.to_str().unwrap()]);
    let refused = init::make(&again, NOW).err().unwrap().to_string();
    assert!(
        refused.contains("is there already; nothing was changed"),
        "{refused}"
    );
    assert_eq!(fs::read(dir.join("credentials.toml")).unwrap(), before);
}

#[test]
fn the_configuration_of_init_lacks_only_what_nobody_but_the_operator_knows() {
    let (_folder, dir, invited) = installed(&[
        "--staff-url",
        "https://staff.example.org",
        "--custodian",
        "a.one",
        "--custodian",
        "b.two",
    ]);
    let file = dir.join("kapea.toml");
    let text = fs::read_to_string(&file).unwrap();
    let errors = Config::from_toml(&text, &file, &Environment::default()).unwrap_err();
    assert!(
        errors
            .iter()
            .all(|error| error.message.starts_with("missing")),
        "{errors:?}"
    );

    let given = [
        ("KAPEA_HOTLINE__NAME_EN", "Hotline"),
        ("KAPEA_HOTLINE__NAME_KM", "ខ្សែទូរស័ព្ទ"),
        (
            "KAPEA_HOTLINE__NUMBERS",
            "[{name_en = \"Help\", name_km = \"ជំនួយ\", number = \"1280\"}]",
        ),
        ("KAPEA_HOTLINE__LEAVE_URL", "https://weather.example/"),
        ("KAPEA_MAIL__HOST", "mail.example.org"),
        ("KAPEA_MAIL__FROM", "kapea@example.org"),
        ("KAPEA_MAIL__HOTLINE", "hotline@example.org"),
        ("KAPEA_MAIL__ON_CALL", "on-call@example.org"),
    ];
    let config = Config::from_toml(&text, &file, &given.into_iter().collect()).unwrap();
    assert_eq!(
        config.server.staff_url.as_str(),
        "https://staff.example.org"
    );
    assert_eq!(config.data.dir, dir.join("data"));
    assert_eq!(config.custodians.threshold, 2);
    let pinned: Vec<[u8; 32]> = config
        .custodians
        .keys
        .iter()
        .map(|key| key.verify_key)
        .collect();
    let made: Vec<[u8; 32]> = invited
        .iter()
        .filter_map(|one| Some(*one.verify_key?.as_bytes()))
        .collect();
    assert_eq!(pinned, made);
    read_credentials(&config.data.credentials).unwrap();
}

#[test]
fn a_custodians_invitation_carries_the_key_that_was_pinned() {
    let (_folder, dir, invited) = installed(&[]);
    let custodian = &invited[1];
    let token = InvitationToken::parse(custodian.token.expose_secret()).unwrap();
    let store = Store::open_path(&dir.join("data/kapea.db")).unwrap();
    let row = store
        .blocking(|conn| store::invitation_find(conn, &token.hash(), NOW))
        .unwrap()
        .unwrap();
    let seed = token.open(row.staff, &row.secret_ct.unwrap()).unwrap();
    let seed = Seed::from_bytes(seed.as_slice().try_into().unwrap());
    assert_eq!(
        Some(StaffKeys::from_seed(&seed).verify_key()),
        custodian.verify_key
    );
    assert!(invited[0].verify_key.is_none());
    let audit = store
        .blocking(|conn| store::audit_list(conn, None, 10))
        .unwrap();
    assert_eq!(audit.len(), 2);
}

#[test]
fn an_account_in_waiting_can_be_invited_again_and_one_of_another_role_cannot() {
    let (_folder, dir, first) = installed(&[]);
    let store = Store::open_path(&dir.join("data/kapea.db")).unwrap();
    let audit_log = journal_of(&dir);
    let handle = "administrator".parse().unwrap();
    let ask = |role| {
        invite(
            &audit_log,
            &store,
            &Invitee {
                handle: &handle,
                role,
                team: None,
            },
            NOW,
            72,
        )
    };
    let second = ask(Role::Administrator).unwrap();
    assert!(ask(Role::Auditor).is_err());
    let found = |invited: &Invited| {
        let token = InvitationToken::parse(invited.token.expose_secret()).unwrap();
        store
            .blocking(|conn| store::invitation_find(conn, &token.hash(), NOW))
            .unwrap()
            .is_some()
    };
    assert!(
        found(&second) && !found(&first[0]),
        "the newest link alone works"
    );
}

#[test]
fn init_refuses_a_threshold_that_cannot_be_reached() {
    let folder = tempfile::tempdir().unwrap();
    let dir = folder.path().join("office");
    let arguments = init_arguments(&["--dir", dir.to_str().unwrap(), "--threshold", "2"]);
    assert!(init::make(&arguments, NOW).is_err());
    assert!(!dir.exists());
}

#[test]
fn a_custodian_signs_with_a_key_that_stays_outside() {
    let (folder, dir, _) = installed(&[]);
    let file = folder.path().join("custodian.key");
    let arguments = CustodianNewArguments {
        name: "First".into(),
        file: file.clone(),
    };
    custodian::new(&arguments).unwrap();
    assert_eq!(mode(&file), 0o600);
    assert!(custodian::new(&arguments).is_err(), "never overwritten");

    let key = custodian::read_key(&file).unwrap();
    let pins = CustodianPins {
        threshold: 1,
        custodians: vec![Custodian::new("First".into(), key.verify_key())],
    };
    let authority = Authority::new((Clock::system(), Suite::NEWEST), None, {
        let pins = pins.clone();
        move || pins.clone()
    });
    let audit_log = journal_of(&dir).under(authority);
    let store = Store::open(Location::Sqlite(dir.join("data/kapea.db")), 1).unwrap();
    let founder = [(); 2].map(|()| StaffKeys::from_seed(&Seed::random()));
    let team = crate::seal::random::team_id();
    store
        .blocking_write(|conn| {
            store::team_insert(
                conn,
                &store::Team::usual(team, "Team".into(), TeamKind::Casework),
            )?;
            store::channel_put(
                conn,
                &store::Channel {
                    id: "main".into(),
                    team,
                },
            )
        })
        .unwrap();
    assert!(
        custodian::proposed(&audit_log, &store, "main").is_err(),
        "the team has no key yet"
    );
    store
        .blocking_write(|conn| {
            let txn = &mut Txn::new(&audit_log, conn.reborrow(), NOW);
            let signers = [founder[0].signing(), founder[1].signing()];
            txn.say(
                team,
                crate::seal::random::staff_id(),
                &signers,
                root(&founder),
            )
        })
        .unwrap();
    assert!(custodian::proposed(&audit_log, &store, "other").is_err());
    let shown = custodian::proposed(&audit_log, &store, "main").unwrap();

    let another = crate::seal::keys::team_fingerprint(&[0; 32]);
    assert!(
        custodian::record(&audit_log, &store, ("main", &another), &key).is_err(),
        "not the one shown"
    );
    let said = || {
        let authority = audit_log.authority();
        let office = store.blocking(|conn| authority.office(conn)).unwrap();
        office.state.clone()
    };
    assert!(said().is_none(), "and nothing of it is kept");
    custodian::record(&audit_log, &store, ("main", &shown), &key).unwrap();
    let state = said().unwrap();
    let charter = state.charter(&pins, "main").current.unwrap();
    assert_eq!((charter.team, charter.fingerprint()), (team, shown));
}

fn root([own, generation]: &[StaffKeys; 2]) -> TeamBody {
    let keys = |of: &StaffKeys| PublicKeys {
        recipient: of.recipient(),
        verify_key: of.verify_key(),
    };
    TeamBody::Root {
        is_audit: false,
        keys: keys(own),
        lead: false,
        generation: Generation {
            number: 1,
            key: crate::seal::random::key_id(),
            keys: keys(generation),
        },
    }
}

#[test]
fn the_health_check_reads_the_answer() {
    for (status, expected) in [("200 OK", true), ("503 Service Unavailable", false)] {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        let server = std::thread::spawn(move || {
            let (mut stream, _) = listener.accept().unwrap();
            let mut request = [0; 512];
            let length = stream.read(&mut request).unwrap();
            assert!(request[..length].starts_with(b"GET /readyz HTTP/1.1\r\n"));
            // In one piece: the client leaves as soon as it has read the status.
            let answer = format!("HTTP/1.1 {status}\r\ncontent-length: 4\r\n\r\nword");
            stream.write_all(answer.as_bytes()).unwrap();
        });
        let answer = healthcheck::asked(address, "/readyz").unwrap();
        assert_eq!(answer, (expected, "word".to_owned()));
        server.join().unwrap();
    }
}

#[test]
fn a_configuration_that_works_but_deserves_a_thought_is_remarked_on() {
    let text = include_str!("../../config/demo/kapea.toml");
    let config =
        Config::from_toml(text, Path::new("/tmp/kapea.toml"), &Environment::default()).unwrap();
    let remarks = check_config::remarks(&config);
    assert!(
        remarks
            .iter()
            .any(|remark| remark.contains("mail goes to files")),
        "{remarks:?}"
    );
    assert!(
        remarks
            .iter()
            .any(|remark| remark.contains("form stays closed")),
        "{remarks:?}"
    );
}

#[test]
fn a_password_that_both_processes_can_read_is_remarked_on() {
    let text = include_str!("../../config/example.production.toml");
    let text = text.replace("password_file = \"mail-password\"", "password = \"s3cret\"");
    let remarks = |roles: &[config::Role]| {
        let environment = Environment::default().with_roles(roles);
        let config = Config::from_toml(&text, Path::new("/tmp/kapea.toml"), &environment).unwrap();
        check_config::remarks(&config).concat()
    };
    assert!(remarks(&[]).contains("mail.password stands"));
    // Which does not read it.
    assert!(!remarks(&[config::Role::Intake]).contains("mail.password"));
}

/// One key in sixty-four begins so.
#[test]
fn a_key_that_begins_with_a_hyphen_is_a_key() {
    let key = std::iter::repeat_with(|| StaffKeys::from_seed(&Seed::random()).verify_key())
        .find(|key| key.to_string().starts_with('-'))
        .unwrap()
        .to_string();
    for line in [
        &["kapea", "custodian", "change", "--name", "Dara", &key][..],
        &["kapea", "audit", "verify-anchors", "mails", "--key", &key],
    ] {
        assert!(Arguments::try_parse_from(line).is_ok(), "{line:?}");
    }
}
