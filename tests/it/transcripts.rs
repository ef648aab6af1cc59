//! What a person sees who types the commands: the help, the ceremonies from beginning to end, and what is refused, word for word.

use std::fmt::Write as _;
use std::fs::Permissions;
use std::io::Write as _;
use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;
use std::process::Stdio;

use crate::support::binary::{Installation, fill_in, help, program};

/// What has been typed and said in a folder.
struct Terminal<'a> {
    folder: &'a Path,
    said: String,
}

impl<'a> Terminal<'a> {
    fn at(folder: &'a Path) -> Self {
        let said = String::new();
        Self { folder, said }
    }

    /// What happens between two commands.
    fn note(&mut self, words: &str) {
        writeln!(self.said, "# {words}\n").unwrap();
    }

    /// Types a command, with paths from the folder on; a word that begins with `KAPEA_` sets a variable.
    fn run(&mut self, line: &str) {
        self.run_and_answer(line, "");
    }

    /// The same, and what it asks for.
    fn run_and_answer(&mut self, line: &str, answers: &str) {
        let (set, words): (Vec<_>, Vec<_>) =
            line.split(' ').partition(|word| word.starts_with("KAPEA_"));
        let mut child = program()
            .envs(set.iter().filter_map(|word| word.split_once('=')))
            .args(words)
            .current_dir(self.folder)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        // A command that has asked for nothing may have ended.
        drop(child.stdin.take().unwrap().write_all(answers.as_bytes()));
        let output = child.wait_with_output().unwrap();
        writeln!(self.said, "$ kapea {}", steady(line)).unwrap();
        for (name, stream) in [("stdout", output.stdout), ("stderr", output.stderr)] {
            let text = String::from_utf8(stream).unwrap();
            let text = text.replace(self.folder.to_str().unwrap(), "[folder]");
            if !text.is_empty() {
                writeln!(self.said, "{name}:\n{}", steady(text.trim_end())).unwrap();
            }
        }
        writeln!(self.said, "exit status {}\n", output.status.code().unwrap()).unwrap();
    }

    #[track_caller]
    fn is(&self, name: &str) {
        insta::with_settings!({ prepend_module_to_snapshot => false, omit_expression => true }, {
            insta::assert_snapshot!(format!("terminal-{name}"), self.said);
        });
    }
}

/// With a word in place of what is different each time: keys, ids, links, digits to be compared, days.
fn steady(text: &str) -> String {
    let is_between = |c: char| !(c.is_ascii_alphanumeric() || "-_".contains(c));
    let lines = text.lines().map(|line| {
        // In an alphabet of its own, which has a slash.
        if line.starts_with("head: ") {
            return "head: [head]".to_owned();
        }
        if line.len() == 44 && line.ends_with('=') {
            return "[hash]".to_owned();
        }
        if let Some((signer, _)) = line.rsplit_once(' ').filter(|_| line.starts_with("— ")) {
            return format!("{signer} [signature]");
        }
        let pieces = line.split_inclusive(is_between).map(|piece| {
            let word = piece.trim_end_matches(is_between);
            piece.replacen(word, placeholder(word).unwrap_or(word), 1)
        });
        let line = pieces.collect::<String>();
        line.replace(&["[digits]"; 6].join(" "), "[fingerprint]")
    });
    lines.collect::<Vec<_>>().join("\n")
}

fn placeholder(word: &str) -> Option<&'static str> {
    let digits = word.chars().filter(char::is_ascii_digit).count();
    match (word.len(), digits) {
        (5, 5) => Some("[digits]"),
        (10, 8) => Some("[day]"),
        (32, _) if word.chars().all(|c| c.is_ascii_hexdigit()) => Some("[id]"),
        (40.., _) => Some("[key]"),
        _ => None,
    }
}

fn write_help(terminal: &mut Terminal<'_>, path: &[&str]) {
    terminal.run(&[path, &["--help"]].concat().join(" "));
    for name in help(path).1 {
        write_help(terminal, &[path, &[name.as_str()]].concat());
    }
}

#[test]
fn help_of_every_command() {
    let folder = tempfile::tempdir().unwrap();
    let mut terminal = Terminal::at(folder.path());
    write_help(&mut terminal, &[]);
    terminal.is("help");
}

#[test]
fn from_nothing_to_an_installation() {
    let folder = tempfile::tempdir().unwrap();
    let mut terminal = Terminal::at(folder.path());
    terminal.run("init --dir office --threshold 2");
    terminal.run("init --dir office --administrator sophea --custodian a.one --custodian b.two");
    terminal.run("init --dir office");
    let config = "--config office/kapea.toml";
    terminal.run(&format!("check-config {config}"));
    terminal.note("The operator fills in what is marked REQUIRED.");
    fill_in(&folder.path().join("office/kapea.toml"));
    terminal.run(&format!("check-config {config}"));
    terminal.run(&format!("staff invite {config} --role auditor nary"));
    terminal.run(&format!("staff invite {config} --role custodian c.three"));
    terminal.run(&format!("staff invite {config} --role caseworker dara"));
    terminal.run(&format!(
        "staff invite {config} --role caseworker --team Nobody dara"
    ));
    terminal.run(&format!("staff invite {config} --role auditor sophea"));
    terminal.run("custodian new --name Third custodian.key");
    terminal.run("custodian new --name Third custodian.key");
    terminal.run(&format!(
        "custodian sign {config} --key custodian.key --yes"
    ));
    terminal.run(&format!("keys verify {config}"));
    terminal.run(&format!("audit verify {config}"));
    terminal.run(&format!("audit head {config}"));
    terminal.run(&format!("audit key {config}"));
    terminal.run(&format!("credentials show {config}"));
    terminal.run(&format!("healthcheck {config}"));
    terminal.is("founding");
}

/// People have joined, the custodian has signed, and nothing runs.
#[test]
fn beside_a_service_in_use() {
    let installation = Installation::settled();
    let mut terminal = Terminal::at(installation.folder());
    let config = "--config kapea.toml";
    terminal.run(&format!("keys verify {config}"));
    let id = "ab".repeat(16);
    for head in [format!("{id}:1:{}", id.repeat(2)), format!("{id}:1")] {
        terminal.run(&format!("keys verify {config} --head {head}"));
    }
    terminal.run("custodian new custodian.key");
    terminal.run(&format!("custodian sign {config} --key custodian.key"));
    terminal.run(&format!("custodian sign {config} --key kapea.toml"));
    let key = "A".repeat(43);
    terminal.run(&format!("custodian change {config} --name nobody {key}"));
    terminal.run(&format!("custodian change {config} --name custodian {key}"));
    terminal.run(&format!("custodian change {config} --name custodian short"));
    let rotate = format!("keys rotate-team {config} --handle sokha");
    terminal.run_and_answer(&rotate, "another passphrase\n123456\n");
    terminal.run_and_answer(&rotate, "");
    terminal.run(&format!("credentials rotate {config}"));
    terminal.run(&format!("credentials rotate {config} everything"));
    terminal.run(&format!("mail test {config} somebody@example.org"));
    terminal.run_and_answer("open --data data --handle sokha", "not a recovery code\n");
    terminal.run_and_answer(
        "open --data nowhere --handle sokha",
        "not a recovery code\n",
    );
    terminal.is("beside");
}

#[test]
fn what_is_wrong_is_said() {
    let installation = Installation::settled();
    let (file, credentials) = (
        installation.config(),
        installation.folder().join("credentials.toml"),
    );
    let (good, secrets) = (
        std::fs::read(&file).unwrap(),
        std::fs::read_to_string(&credentials).unwrap(),
    );
    let mut terminal = Terminal::at(installation.folder());
    terminal.run("serve --config nowhere.toml");
    terminal.run("server");
    terminal.run("staff invite --config kapea.toml nary");
    terminal.run("serve --config kapea.toml --roles everything");

    terminal.note("A configuration with every kind of slip.");
    let text = "[server]\npublic = \"nowhere\"\nrolls = [\"intake\"]\n\n[hotline]\nname_en = \"x\"\nleave_url = \"not a url\"\n\n\
                [limits]\nform_bytes = \"many\"\nsession_hours = 99\n\n[mail]\ntransport = \"pigeon\"\n\n[nonsense]\nkey = 1\n";
    std::fs::write(&file, text).unwrap();
    terminal.run("check-config --config kapea.toml");
    terminal.run("serve --config kapea.toml");

    terminal.note("A variable that means nothing.");
    std::fs::write(&file, &good).unwrap();
    terminal.run("serve --config kapea.toml KAPEA_SERVER__PUBLIK=127.0.0.1:0");

    terminal.note("The password of the mail server is in a file that is not there.");
    installation.set(&[
        ("mail", "host = \"mail.example.org\""),
        ("mail", "transport = \"smtp\""),
        ("mail", "username = \"kapea\""),
        ("mail", "password_file = \"password\""),
    ]);
    terminal.run("check-config --config kapea.toml");
    std::fs::write(&file, &good).unwrap();

    terminal.note("Everybody on the machine can read the credentials.");
    std::fs::set_permissions(&credentials, Permissions::from_mode(0o644)).unwrap();
    terminal.run("check-config --config kapea.toml");
    std::fs::set_permissions(&credentials, Permissions::from_mode(0o600)).unwrap();
    terminal.note("The credentials are something else.");
    std::fs::write(&credentials, "not credentials").unwrap();
    terminal.run("check-config --config kapea.toml");
    terminal.note("One of them is not what it was: nothing of them is said.");
    let spoiled = secrets.replacen("= \"", "= \"!!", 1);
    std::fs::write(&credentials, spoiled).unwrap();
    terminal.run("serve --config kapea.toml");
    terminal.note("There are no credentials.");
    std::fs::remove_file(&credentials).unwrap();
    terminal.run("check-config --config kapea.toml");
    terminal.run("serve --config kapea.toml");
    terminal.run("audit key --config kapea.toml");
    terminal.is("wrong");
}
