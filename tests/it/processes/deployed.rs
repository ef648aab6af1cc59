//! What the units and the compose file say: each account is given what it needs, and both are shut in alike.

use std::collections::BTreeSet;

const INTAKE: &str = include_str!("../../../deploy/systemd/kapea-intake.service");
const CASEWORK: &str = include_str!("../../../deploy/systemd/kapea-casework.service");
const BACKUP: &str = include_str!("../../../deploy/systemd/kapea-backup.service");
const TARGET: &str = include_str!("../../../deploy/systemd/kapea.target");
const COMPOSE: &str = include_str!("../../../deploy/compose.yaml");
const README: &str = include_str!("../../../deploy/README.md");

/// How the two accounts come to share what is in a folder; the test with real accounts does the same.
pub(super) const SHARE: &str = "chmod -R g=u FOLDER && find FOLDER -type d -exec chmod g+s {} +";

/// In which the two units differ, and in nothing else.
const DIFFER: &[&str] = &[
    "Description",
    "Environment",
    "ExecReload",
    "ExecStartPre",
    "IPAddressAllow",
    "IPAddressDeny",
    "MemoryMax",
    "RuntimeDirectory",
    "SocketBindAllow",
    "User",
];

/// What is in force: neither comment nor blank.
fn settings(text: &str) -> impl Iterator<Item = &str> {
    let lines = text.lines().map(str::trim);
    lines.filter(|line| !line.is_empty() && !line.starts_with('#'))
}

fn values<'a>(unit: &'a str, key: &str) -> Vec<&'a str> {
    let pairs = settings(unit).filter_map(|line| line.split_once('='));
    let found = pairs.filter(|(name, _)| *name == key);
    found.map(|(_, value)| value).collect()
}

#[test]
fn each_account_is_given_what_it_needs_and_is_shut_in_alike() {
    let common = |unit| -> BTreeSet<&str> {
        settings(unit)
            .filter(|line| {
                let key = line.split('=').next().unwrap();
                !DIFFER.contains(&key)
            })
            .collect()
    };
    assert_eq!(common(INTAKE), common(CASEWORK));
    assert!(common(INTAKE).len() > 40, "they were read");
    assert_eq!(values(INTAKE, "User"), ["kapea-intake"]);
    assert_eq!(values(CASEWORK, "User"), ["kapea-casework"]);
    assert_eq!(values(INTAKE, "Group"), ["kapea"]);
    assert_eq!(values(INTAKE, "UMask"), ["0007"]);
    assert_eq!(values(INTAKE, "SocketBindAllow"), ["tcp:8080", "tcp:8082"]);
    assert_eq!(
        values(CASEWORK, "SocketBindAllow"),
        ["tcp:8081", "tcp:8083"]
    );
    assert_eq!(values(INTAKE, "IPAddressDeny"), ["any"]);
    for (unit, account, roles) in [
        (INTAKE, "kapea-intake", "intake"),
        (CASEWORK, "kapea-casework", "casework,worker"),
    ] {
        let variables = values(unit, "Environment");
        assert!(variables.contains(&format!("KAPEA_SERVER__ROLES={roles}").as_str()));
        let own = format!("KAPEA_DATA__CREDENTIALS=/run/{account}/credentials.toml");
        assert!(variables.contains(&own.as_str()));
        assert!(TARGET.contains(&format!("{account}.service")));
        // What root copies, at the start and with each reload.
        for key in ["ExecStartPre", "ExecReload"] {
            let copied = values(unit, key)[0];
            assert!(
                copied.contains(&format!("-m 0600 -o {account} ")),
                "{copied}"
            );
            assert!(copied.contains("/etc/kapea/credentials.toml"), "{copied}");
        }
    }
    assert!(!settings(INTAKE).any(|line| line.to_lowercase().contains("password")));
    assert!(values(CASEWORK, "ExecReload")[0].ends_with("/etc/kapea/mail-password"));
}

#[test]
fn backups_are_made_by_an_account_of_their_own_that_reads_no_secret() {
    let both: BTreeSet<&str> = settings(BACKUP).collect();
    // It listens nowhere and speaks with nobody, so that nothing need be allowed.
    let network = ["SocketBind", "IPAddressAllow", "RestrictAddressFamilies"];
    let shut_in = settings(INTAKE).skip_while(|line| *line != "NoNewPrivileges=yes");
    let shut_in = shut_in.filter(|line| !network.iter().any(|word| line.starts_with(word)));
    let lacking: Vec<&str> = shut_in.filter(|line| !both.contains(line)).collect();
    assert!(lacking.is_empty(), "{lacking:?}");
    assert_eq!(values(BACKUP, "RestrictAddressFamilies"), ["AF_UNIX"]);
    assert_eq!(values(BACKUP, "User"), ["kapea-backup"]);
    assert_eq!(values(BACKUP, "Group"), ["kapea"]);
    let secrets = ["credentials", "password"];
    assert!(!settings(BACKUP).any(|line| secrets.iter().any(|word| line.contains(word))));
}

#[test]
fn the_containers_are_two_users_and_one_group() {
    let (before, casework) = COMPOSE.split_once("\n  casework:\n").unwrap();
    let (shared, intake) = before.split_once("\n  intake:\n").unwrap();
    for word in [
        "read_only: true",
        "cap_drop: [ALL]",
        "no-new-privileges:true",
        "healthcheck",
    ] {
        assert!(shared.contains(word), "{word}");
    }
    for service in [intake, casework] {
        assert!(service.contains("<<: *kapea") && service.contains("mem_limit: "));
    }
    assert!(intake.contains("user: \"10001:10000\""));
    assert!(casework.contains("user: \"10002:10000\""));
    assert!(intake.contains("KAPEA_SERVER__ROLES: intake\n"));
    assert!(casework.contains("KAPEA_SERVER__ROLES: casework,worker\n"));
    let of_staff = ["PASSWORD", "8081", "kapea/casework"];
    assert!(of_staff.iter().all(|word| casework.contains(word)));
    assert!(!of_staff.iter().any(|word| intake.contains(word)));
}

#[test]
fn the_readme_shares_the_folder_as_the_test_with_real_accounts_does() {
    for folder in ["/var/lib/kapea", "data"] {
        assert!(
            README.contains(&SHARE.replace("FOLDER", folder)),
            "{folder}"
        );
    }
}
