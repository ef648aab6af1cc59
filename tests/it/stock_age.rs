//! The documented recipe opens a report with Python, the stock age program and a recovery code (`docs/stock-age.md`).

use std::io::{BufRead, BufReader, Write};
use std::net::TcpListener;
use std::process::{Child, Command, Stdio};

struct Demo(Child);

impl Drop for Demo {
    fn drop(&mut self) {
        drop(self.0.kill());
        drop(self.0.wait());
    }
}

fn recipe(database: &str, arguments: &[&str], code: &str) -> String {
    let mut python = Command::new("python3")
        .arg(concat!(env!("CARGO_MANIFEST_DIR"), "/docs/stock-age.py"))
        .arg(database)
        .args(arguments)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    python
        .stdin
        .take()
        .unwrap()
        .write_all(code.as_bytes())
        .unwrap();
    let output = python.wait_with_output().unwrap();
    assert!(output.status.success(), "the recipe failed");
    String::from_utf8(output.stdout).unwrap()
}

#[test]
fn the_documented_recipe_opens_a_report() {
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path().join("data");
    let port = || {
        TcpListener::bind("127.0.0.1:0")
            .unwrap()
            .local_addr()
            .unwrap()
            .to_string()
    };
    let mut child = Command::new(env!("CARGO_BIN_EXE_kapea"))
        .args(["demo", "--public", &port(), "--staff", &port(), "--data"])
        .arg(&data)
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let output = BufReader::new(child.stdout.take().unwrap());
    let _demo = Demo(child);
    let lines: Vec<String> = output
        .lines()
        .map_while(Result::ok)
        .take_while(|line| !line.contains("Ctrl-C"))
        .collect();
    let code_of = |handle: &str| {
        let line = lines
            .iter()
            .find(|line| line.trim_start().starts_with(handle))
            .unwrap();
        let words: Vec<&str> = line.split_whitespace().collect();
        words[words.len() - 7..].join(" ")
    };
    let database = data.join("kapea.db");
    let database = database.to_str().unwrap();

    let listed = recipe(database, &["sokha"], &code_of("sokha"));
    let reports: Vec<&str> = listed.lines().collect();
    assert_eq!(reports.len(), 10, "{listed}");
    let texts: String = reports
        .iter()
        .map(|report| recipe(database, &["sokha", report], &code_of("sokha")))
        .collect();
    assert!(
        texts.contains("karaoke bar behind the old cinema"),
        "{texts}"
    );
    assert!(texts.contains("ខ្ញុំជាអ្នកជិតខាង"), "{texts}");
    assert!(
        !texts.contains("girls' dormitory"),
        "a report of the other team"
    );

    // An administrator's recovery code opens the account and no report.
    assert_eq!(recipe(database, &["admin"], &code_of("admin")), "");
}
