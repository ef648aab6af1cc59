//! The configuration as an operator meets it.

use crate::domain::language::Locale;
use std::path::Path;

use super::*;

const DEFAULT: &str = include_str!("../../config/default.toml");
const PRODUCTION: &str = include_str!("../../config/example.production.toml");

/// Nothing but what has no default.
const LEAST: &str = r#"
[hotline]
name_en = "Hotline"
name_km = "ខ្សែទូរស័ព្ទ"
leave_url = "https://weather.example/"
numbers = [{ name_en = "Help", name_km = "ជំនួយ", number = "1280" }]
[mail]
host = "mail.example.org"
from = "kapea@example.org"
hotline = ["hotline@example.org"]
on_call = ["on-call@example.org"]
"#;

const FILE: &str = "/etc/kapea/kapea.toml";

fn parse(text: &str) -> Result<Config, Vec<ConfigError>> {
    Config::from_toml(text, Path::new(FILE), &Environment::default())
}

fn parse_with(text: &str, variables: &[(&str, &str)]) -> Result<Config, Vec<ConfigError>> {
    let environment = variables.iter().copied().collect();
    Config::from_toml(text, Path::new(FILE), &environment)
}

fn messages(result: Result<Config, Vec<ConfigError>>) -> Vec<String> {
    let errors = result.expect_err("should be refused");
    errors.iter().map(ToString::to_string).collect()
}

/// Takes the comment sign from the lines that show a key without default.
fn uncommented(text: &str) -> String {
    let mut inside = false;
    let lines = text.lines().map(|line| {
        let Some(shown) = line.strip_prefix("# ") else {
            inside = false;
            return line.to_owned();
        };
        let key = shown.split_once(" = ").map(|(key, _)| key);
        let starts = key.is_some_and(|key| {
            key.bytes()
                .all(|byte| byte.is_ascii_lowercase() || byte == b'_')
        });
        let taken = starts || inside;
        inside = (starts && shown.ends_with('[')) || (inside && shown != "]");
        if taken { shown } else { line }.to_owned()
    });
    lines.collect::<Vec<_>>().join("\n")
}

/// Every key that the reader asks for, section by section, as its answer to an unknown key lists them.
fn known_keys() -> Vec<(String, Vec<String>)> {
    let sections = [
        "server",
        "data",
        "hotline",
        "forms",
        "mail",
        "audit",
        "custodians",
        "limits",
        "log",
    ];
    let variables: Vec<(String, &str)> = sections
        .iter()
        .map(|name| (format!("KAPEA_{}__QQQQQQQQQQ", name.to_uppercase()), "x"))
        .collect();
    let environment = variables.into_iter().collect();
    let errors = Config::from_toml(LEAST, Path::new(FILE), &environment).unwrap_err();
    let known = errors.into_iter().map(|error| {
        let (section, _) = error.key.split_once('.').unwrap();
        let (_, list) = error.message.split_once("known are ").unwrap();
        (
            section.to_owned(),
            list.split(", ").map(str::to_owned).collect(),
        )
    });
    known.collect()
}

#[test]
fn default_toml_shows_every_key_with_the_default_of_the_code() {
    let shown = uncommented(DEFAULT);
    let document: toml::Table = shown.parse().unwrap();
    let known = known_keys();
    assert_eq!(known.len(), 9);
    for (section, keys) in known {
        let table = document
            .get(&section)
            .and_then(|item| item.as_table())
            .unwrap();
        // A language comes with a folder, and its keys with it.
        let partial = Locale::all().filter(|locale| !locale.is_complete());
        let partial: Vec<&str> = partial.map(|locale| locale.keys().0).collect();
        for key in keys.iter().filter(|key| !partial.contains(&key.as_str())) {
            assert!(
                table.contains_key(key),
                "default.toml lacks {section}.{key}"
            );
        }
    }

    parse(&shown).expect("the examples in default.toml are valid");
    let missing = messages(parse(DEFAULT));
    assert!(
        missing
            .iter()
            .all(|message| message.ends_with("missing, and it has no default")),
        "{missing:#?}"
    );
    assert_eq!(missing.len(), 8, "{missing:#?}");
}

#[test]
fn the_values_in_default_toml_are_those_of_the_code() {
    // What has no default is put under each section of the file and, alone, into a file of its own.
    let (hotline, mail) = LEAST.split_once("[mail]").unwrap();
    let whole = DEFAULT
        .replace("\n[hotline]\n", hotline)
        .replace("\n[mail]\n", &format!("\n[mail]{mail}"));
    assert_eq!(
        format!("{:#?}", parse(&whole).unwrap()),
        format!("{:#?}", parse(LEAST).unwrap())
    );
}

#[test]
fn the_production_example_is_valid_but_for_its_password_file() {
    assert_eq!(
        messages(parse(PRODUCTION)),
        [
            "/etc/kapea/kapea.toml:23: mail.password_file: the file cannot be read: No such file or directory (os error 2)"
        ]
    );
}

#[test]
fn everything_wrong_is_reported_at_once_with_its_line() {
    let text = r#"[server]
publc = "127.0.0.1:80"
staff = 8081
public_url = "http://report.example.org"
roles = ["intake", "cooking"]

[hotline]
name_en = ""
name_km = "ខ្សែទូរស័ព្ទ"
leave_url = "javascript:alert(1)"
numbers = [
    { name_en = "Help", name_km = "ជំនួយ", number = "call me" },
    { name_en = "Help", nmae_km = "ជំនួយ", number = "1280" },
]

[mial]
host = "mail.example.org"

[limits]
form_bytes = "5 GB"
ticket_hours = 25
"#;
    let expected = "\
/etc/kapea/kapea.toml:2: server.publc: unknown key; did you mean \"public\"?
/etc/kapea/kapea.toml:3: server.staff: expected a text in quotation marks
/etc/kapea/kapea.toml:4: server.public_url: plain http would show reports to the network; expected https://HOST, or http:// with an onion address or this machine
/etc/kapea/kapea.toml:5: server.roles[1]: expected one of intake, casework, worker
/etc/kapea/kapea.toml:8: hotline.name_en: expected a text of 1 to 200 characters on one line
/etc/kapea/kapea.toml:10: hotline.leave_url: expected the address of a page, https://HOST/…
/etc/kapea/kapea.toml:12: hotline.numbers[0].number: expected a telephone number, such as \"1280\" or \"+855 23 000 000\"
/etc/kapea/kapea.toml:13: hotline.numbers[1].name_km: missing, and it has no default
/etc/kapea/kapea.toml:13: hotline.numbers[1].nmae_km: unknown key; did you mean \"name_km\"?
/etc/kapea/kapea.toml:16: mial: unknown section; did you mean \"mail\"?
/etc/kapea/kapea.toml:20: limits.form_bytes: expected a size such as \"512 KiB\", at most 64 MiB
/etc/kapea/kapea.toml:21: limits.ticket_hours: expected a whole number from 1 to 24
/etc/kapea/kapea.toml: mail.from: missing, and it has no default
/etc/kapea/kapea.toml: mail.host: missing, and it has no default
/etc/kapea/kapea.toml: mail.hotline: missing, and it has no default
/etc/kapea/kapea.toml: mail.on_call: missing, and it has no default";
    assert_eq!(messages(parse(text)).join("\n"), expected);
}

#[test]
fn a_colour_that_words_cannot_be_read_on_is_refused_with_one_that_would_do() {
    let with = |colour: &str| {
        let line = format!("[hotline]\ncolour = \"{colour}\"\n");
        parse(&LEAST.replacen("[hotline]\n", &line, 1))
    };
    let refused = messages(with("#e9c46a")).concat();
    let (_, better) = refused.split_once("cannot be read well; \"").unwrap();
    let (better, _) = better.split_once('"').unwrap();
    with(better).unwrap();
}

#[test]
fn text_that_is_not_toml_is_reported_at_its_line() {
    let refused = messages(parse("[server]\npublic = 127.0.0.1:8080\n"));
    assert_eq!(refused.len(), 1);
    assert!(
        refused[0].starts_with("/etc/kapea/kapea.toml:2: not TOML: "),
        "{refused:?}"
    );
}

#[test]
fn a_file_that_cannot_be_read_is_reported_by_name() {
    let errors =
        Config::load(Path::new("/nowhere/kapea.toml"), &Environment::default()).unwrap_err();
    assert_eq!(errors[0].place, Place::File("/nowhere/kapea.toml".into()));
}

#[test]
fn the_environment_wins_over_the_file() {
    let config = parse_with(
        LEAST,
        &[
            ("KAPEA_SERVER__PUBLIC", "0.0.0.0:80"),
            ("KAPEA_SERVER__ROLES", "intake, worker"),
            ("KAPEA_MAIL__HOST", "other.example.org"),
            (
                "KAPEA_MAIL__ON_CALL",
                "[\"a@example.org\", \"b@example.org\"]",
            ),
            ("KAPEA_LIMITS__TICKET_HOURS", "12"),
            ("KAPEA_LIMITS__FORM_BYTES", "1 MiB"),
            (
                "KAPEA_HOTLINE__NUMBERS",
                "[{name_en = \"Help\", name_km = \"ជំនួយ\", number = \"1288\"}]",
            ),
            ("PATH", "/bin"),
        ],
    )
    .unwrap();
    assert_eq!(config.server.public.to_string(), "0.0.0.0:80");
    assert!(!config.server.roles.casework && config.server.roles.worker);
    assert_eq!(config.mail.on_call.len(), 2);
    assert_eq!(config.limits.ticket_hours, 12);
    assert_eq!(config.limits.form_bytes, 1 << 20);
    assert_eq!(config.hotline.numbers[0].number.link(), "tel:1288");
    match config.mail.transport {
        MailTransport::Smtp(smtp) => assert_eq!(smtp.host.as_str(), "other.example.org"),
        MailTransport::File(_) => panic!("not asked for"),
    }
}

#[test]
fn errors_of_the_environment_name_the_variable() {
    let refused = messages(parse_with(
        LEAST,
        &[
            ("KAPEA_LIMITS__TICKET_HOURS", "soon"),
            ("KAPEA_LOG__LEVL", "info"),
            ("KAPEA_MAIL_HOST", "mail.example.org"),
            ("KAPEA_SEVER__PUBLIC", "127.0.0.1:1"),
            ("KAPEA_HOTLINE__NUMBERS", "[{number = \"12\"}]"),
        ],
    ));
    let expected = "\
KAPEA_HOTLINE__NUMBERS: hotline.numbers[0].name_km: missing, and it has no default
KAPEA_HOTLINE__NUMBERS: hotline.numbers[0].name_en: missing, and it has no default
KAPEA_HOTLINE__NUMBERS: hotline.numbers[0].number: expected a telephone number, such as \"1280\" or \"+855 23 000 000\"
KAPEA_LIMITS__TICKET_HOURS: limits.ticket_hours: expected a whole number from 1 to 24
KAPEA_LOG__LEVL: log.levl: unknown key; did you mean \"level\"?
KAPEA_SEVER__PUBLIC: sever: unknown section; did you mean \"server\"?
KAPEA_MAIL_HOST: between section and key there must be two underscores";
    assert_eq!(refused.join("\n"), expected);
}

/// Many servers hang up on a greeting with a name that cannot be its machine's, such as `localhost`.
#[test]
fn the_mail_server_is_greeted_with_the_senders_domain_unless_another_name_is_set() {
    let greeted = |more: &[(&str, &str)]| match parse_with(LEAST, more).unwrap().mail.transport {
        MailTransport::Smtp(smtp) => smtp.hello_name.as_str().to_owned(),
        MailTransport::File(_) => panic!("not asked for"),
    };
    assert_eq!(greeted(&[]), "example.org");
    let set = ("KAPEA_MAIL__HELLO_NAME", "relay.example.net");
    assert_eq!(greeted(&[set]), "relay.example.net");
}

#[test]
fn a_secret_comes_from_one_place_only_and_is_never_repeated() {
    use secrecy::ExposeSecret;
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("password");
    std::fs::write(&path, "s3cret of the file\n").unwrap();
    let path = path.to_str().unwrap();
    let name = ("KAPEA_MAIL__USERNAME", "kapea");

    let config = parse_with(LEAST, &[name, ("KAPEA_MAIL__PASSWORD_FILE", path)]).unwrap();
    assert!(!format!("{config:?}").contains("s3cret"));
    match config.mail.transport {
        MailTransport::Smtp(smtp) => {
            let SmtpProof::Password { password, .. } = smtp.login.unwrap().proof else {
                panic!("not asked for");
            };
            assert_eq!(password.expose_secret(), "s3cret of the file");
        }
        MailTransport::File(_) => panic!("not asked for"),
    }

    let both = [
        name,
        ("KAPEA_MAIL__PASSWORD", "s3cret"),
        ("KAPEA_MAIL__PASSWORD_FILE", path),
    ];
    assert_eq!(
        messages(parse_with(LEAST, &both)),
        [
            "KAPEA_MAIL__PASSWORD_FILE: mail.password_file: password is set as well; keep one of the two"
        ]
    );
    let both = [
        name,
        ("KAPEA_MAIL__PASSWORD", "s3cret"),
        ("KAPEA_MAIL__TOKEN_FILE", path),
    ];
    let both = messages(parse_with(LEAST, &both));
    assert_eq!(both.len(), 1);
    assert!(both[0].contains("keep one of the two"), "{both:?}");
    let alone = messages(parse_with(LEAST, &[("KAPEA_MAIL__PASSWORD", "s3cret")]));
    assert_eq!(alone.len(), 1);
    let broken = messages(parse_with(
        LEAST,
        &[name, ("KAPEA_MAIL__PASSWORD", "s3cret\nline")],
    ));
    assert!(!broken.concat().contains("s3cret"), "{broken:?}");
}

#[test]
fn a_database_of_an_unknown_scheme_is_an_error() {
    for url in [
        "kapea.db",
        "postgres:abusedb",
        "postgresql://db/kapea",
        "sqlite:",
        "mysql://x",
        "",
    ] {
        let refused = messages(parse_with(LEAST, &[("KAPEA_DATA__DATABASE", url)]));
        assert_eq!(refused.len(), 1, "{url}");
        assert!(refused[0].contains("\"sqlite:PATH\""), "{refused:?}");
    }
    let config = parse_with(LEAST, &[("KAPEA_DATA__DATABASE", "sqlite:/srv/k.db")]).unwrap();
    assert_eq!(config.data.database, Database::Sqlite("/srv/k.db".into()));
}

#[test]
fn relative_paths_start_at_the_folder_of_the_file() {
    let config = parse(LEAST).unwrap();
    assert_eq!(config.data.dir, Path::new("/etc/kapea/data"));
    assert_eq!(
        config.data.database,
        Database::Sqlite("/etc/kapea/data/kapea.db".into())
    );
    assert_eq!(
        config.data.credentials,
        Path::new("/etc/kapea/credentials.toml")
    );
}

#[test]
fn credentials_handed_over_by_systemd_are_taken() {
    let folder = tempfile::tempdir().unwrap();
    let handed = ("CREDENTIALS_DIRECTORY", folder.path().to_str().unwrap());
    let before = parse_with(LEAST, &[handed]).unwrap();
    assert_eq!(
        before.data.credentials,
        Path::new("/etc/kapea/credentials.toml")
    );
    std::fs::write(folder.path().join("kapea"), "").unwrap();
    let after = parse_with(LEAST, &[handed]).unwrap();
    assert_eq!(after.data.credentials, folder.path().join("kapea"));
}

#[test]
fn custodians_can_reach_their_threshold_and_are_distinct() {
    let key = |first: &str| {
        format!(
            "{{name = \"C\", verify_key = \"{first}{}\"}}",
            "A".repeat(41)
        )
    };
    let set = |threshold: &str, keys: &str| {
        let variables = [
            ("KAPEA_CUSTODIANS__THRESHOLD", threshold),
            ("KAPEA_CUSTODIANS__KEYS", keys),
        ];
        parse_with(LEAST, &variables).map(|config| config.custodians)
    };
    let two = format!("[{}, {}]", key("AA"), key("AQ"));
    assert_eq!(set("2", &two).unwrap().keys.len(), 2);
    assert!(set("3", &two).is_err());
    assert!(set("1", &format!("[{}, {}]", key("AA"), key("AA"))).is_err());
    assert!(set("1", "[{name = \"C\", verify_key = \"AA\"}]").is_err());
    assert!(set("2", "[]").unwrap().keys.is_empty());
}

#[test]
fn empty_lists_of_recipients_and_numbers_are_refused() {
    for key in [
        "KAPEA_MAIL__HOTLINE",
        "KAPEA_MAIL__ON_CALL",
        "KAPEA_HOTLINE__NUMBERS",
    ] {
        let refused = messages(parse_with(LEAST, &[(key, "[]")]));
        assert!(refused[0].contains("at least one"), "{refused:?}");
    }
    assert!(parse_with(LEAST, &[("KAPEA_SERVER__ROLES", "")]).is_err());
    assert!(parse_with(LEAST, &[("KAPEA_SERVER__STAFF", "127.0.0.1:8080")]).is_err());
}

#[test]
fn web_addresses_are_checked() {
    let onion = format!("http://{}.onion", "a2".repeat(28));
    for good in [
        "https://report.example.org",
        "https://h:8443/",
        "http://localhost:1",
        onion.as_str(),
        "http://[::1]:80",
    ] {
        parse_with(LEAST, &[("KAPEA_SERVER__PUBLIC_URL", good)]).expect(good);
    }
    for bad in [
        "report.example.org",
        "ftp://a.example",
        "https://",
        "https://a.example/report",
        "https://user@a.example",
        "https://a.example?x",
        "http://short.onion",
        "https://a.example:99999",
        "https://a b",
        "http://127.0.0.1.example",
    ] {
        assert!(
            parse_with(LEAST, &[("KAPEA_SERVER__PUBLIC_URL", bad)]).is_err(),
            "{bad}"
        );
    }
    for bad in [
        "http://a.example/",
        "https://a.example/\"onload",
        "https:///x",
        "//a.example",
        "https://a.example/ខ្មែរ",
    ] {
        assert!(
            parse_with(LEAST, &[("KAPEA_HOTLINE__LEAVE_URL", bad)]).is_err(),
            "{bad}"
        );
    }
}

#[test]
fn a_custodians_earlier_key_has_its_day_and_is_nobody_elses() {
    let [a, b, c] = ["A", "B", "C"].map(|first| format!("{first}{}", "A".repeat(42)));
    let read = |more: &str| {
        let list = format!(
            "[{{ name = \"x\", verify_key = \"{a}\"{more} }}, {{ name = \"y\", verify_key = \"{b}\" }}]"
        );
        parse_with(LEAST, &[("KAPEA_CUSTODIANS__KEYS", &list)]).map(|config| config.custodians)
    };
    let one = |key: &str, day: &str| format!("{{ verify_key = \"{key}\", until = \"{day}\" }}");
    let earlier = |list: &[String]| format!(", earlier = [{}]", list.join(", "));
    let d = format!("D{}", "A".repeat(42));
    let both = [one(&c, "2026-12-24"), one(&d, "2025-12-24")];
    let read_back = read(&earlier(&both)).unwrap();
    let days = read_back.keys[0].earlier.iter();
    let days: Vec<String> = days.map(|key| key.until.to_string()).collect();
    assert_eq!(days, ["2026-12-24", "2025-12-24"]);
    assert_eq!(read_back.keys[1].earlier, []);
    for wrong in [
        earlier(&[one(&a, "2026-12-24")]),
        earlier(&[one(&b, "2026-12-24")]),
        earlier(&[both[0].clone(), both[0].clone()]),
        earlier(&[one(&c, "2026-12-32")]),
        earlier(&[one("C", "2026-12-24")]),
        earlier(&[format!("{{ verify_key = \"{c}\" }}")]),
        earlier(&["{ until = \"2026-12-24\" }".to_owned()]),
    ] {
        assert!(read(&wrong).is_err(), "{wrong}");
    }
}

#[test]
fn mail_addresses_are_checked() {
    for good in [
        "a@example.org",
        "first.last+tag@mail.example.org",
        "root@localhost",
    ] {
        good.parse::<EmailAddress>().expect(good);
    }
    for bad in [
        "",
        "a",
        "@example.org",
        "a@",
        "a@b",
        "a b@example.org",
        "a@example.org\r\nBcc: x@y.z",
        "a..b@example.org",
        "a@-x.org",
        "<a@example.org>",
        "a@b@example.org",
    ] {
        assert!(bad.parse::<EmailAddress>().is_err(), "{bad}");
    }
    let shown = format!("{:?}", "a@example.org".parse::<EmailAddress>());
    assert!(!shown.contains("example"), "{shown}");
}
