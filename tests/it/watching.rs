//! What whoever watches the service is told: in numbers, in the log, and as a picture; and what must not be read from it.

use std::collections::BTreeSet;
use std::path::Path;
use std::process::Command;
use std::sync::mpsc;

use kapea::domain::alarm::AlarmKind;
use kapea::domain::mail_fault::MailFailure;
use kapea::domain::roles::Role;
use kapea::seal::receipt::ReceiptCode;
use serde_json::Value;
use yaml_rust2::{Yaml, YamlLoader};

use crate::architecture::rust_files;
use crate::support::TestApp;
use crate::support::client::Page;
use crate::support::eventually;

const QUARTER: i64 = 900;
const DAY: i64 = 86_400;
const ORDINARY: &[(&str, &str)] = &[("danger", "over"), ("account", "ordinary")];
const URGENT: &[(&str, &str)] = &[("danger", "now"), ("account", "urgent")];

async fn metrics(app: &TestApp) -> String {
    app.health.get("/metrics").await.expect(200).body()
}

/// The lines of a text that has them in any order.
fn lines(text: &str) -> BTreeSet<&str> {
    text.lines().collect()
}

/// Time goes on, people work, and the service looks at how it is.
async fn later(app: &TestApp, seconds: i64) {
    app.later(seconds).await;
    app.sample().await;
}

/// The value of a line that begins with this.
#[track_caller]
fn value(metrics: &str, name: &str) -> i64 {
    let lines = metrics.lines();
    let found = lines.filter_map(|line| line.strip_prefix(name)?.strip_prefix(' '));
    let found: Vec<&str> = found.collect();
    assert_eq!(found.len(), 1, "{name} in\n{metrics}");
    found[0].parse().unwrap()
}

fn unclaimed(metrics: &str) -> [i64; 4] {
    ["U0", "U1", "U2", "U3"].map(|urgency| {
        value(
            metrics,
            &format!("kapea_unclaimed_reports{{urgency=\"{urgency}\"}}"),
        )
    })
}

#[tokio::test(flavor = "multi_thread")]
async fn nothing_that_reporters_do_moves_a_number_before_the_quarter_hour() {
    let app = TestApp::start().await;
    let before = metrics(&app).await;
    let code = app.reporter("en").file(ORDINARY).await;
    app.reporter("en").file(URGENT).await;
    app.reporter("en").mailbox(&code).await.write("more").await;
    let other = ReceiptCode::from_payload(1_234_567).grouped();
    app.reporter("km").try_code(&other).await;
    for _ in 0..3 {
        app.worker.step().await;
        app.sample().await;
        assert_eq!(lines(&metrics(&app).await), lines(&before));
    }
    // Nor does a start within it.
    let app = app.restart();
    assert_eq!(lines(&metrics(&app).await), lines(&before));

    app.clock.advance(QUARTER);
    for danger in ["now", "soon"] {
        let late: &[(&str, &str)] = &[("danger", danger), ("account", "urgent")];
        app.reporter("en").file(late).await;
    }
    // The look is late: what came in the meantime waits for the next one.
    later(&app, 0).await;
    let after = metrics(&app).await;
    assert_eq!(unclaimed(&after), [1, 0, 0, 0], "the urgent one counts");
    later(&app, QUARTER).await;
    // The other one counts when the day on which it came is over, and so no quarter hour of it is told.
    while app.clock.now().seconds().rem_euclid(DAY) >= QUARTER {
        assert_eq!(unclaimed(&metrics(&app).await), [2, 1, 0, 0]);
        later(&app, QUARTER).await;
    }
    let next_day = metrics(&app).await;
    assert_eq!(unclaimed(&next_day).iter().sum::<i64>(), 4, "{next_day}");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_waits_fails_and_is_turned_away_is_counted() {
    let app = TestApp::start_with(&[
        ("limits", "check_queue = 0"),
        ("limits", "check_permits = 1"),
    ])
    .await;
    let quiet = metrics(&app).await;
    for (name, is) in [
        ("kapea_ready", 1),
        ("kapea_form_open", 1),
        ("kapea_notices_sent", 1),
        ("kapea_credentials_newest", 1),
        ("kapea_clock_confirmed", 1),
        ("kapea_swap_possible", 0),
        ("kapea_mail_late", 0),
        ("kapea_mail_oldest_seconds", 0),
        ("kapea_mail_given_up", 0),
        ("kapea_mail_addresses_failing", 0),
        ("kapea_processes_silent", 0),
        ("kapea_backup_timestamp_seconds", 0),
        ("kapea_turned_away_total{where=\"receipt\"}", 0),
        ("kapea_alarms_open{kind=\"witness-broken\"}", 0),
    ] {
        assert_eq!(value(&quiet, name), is, "{name}");
    }
    let (free, size) = ("kapea_disk_free_bytes", "kapea_disk_size_bytes");
    assert!(value(&quiet, free) <= value(&quiet, size) && value(&quiet, size) > 0);

    app.mail.fail_with(Some(MailFailure::unreachable()));
    app.reporter("en").file(URGENT).await;
    let code = ReceiptCode::from_payload(1_234_567).grouped();
    let reporter = app.reporter("en");
    let mut refused = 0;
    while refused < 10 {
        let tries = (0..16).map(|_| reporter.try_code(&code));
        let pages: Vec<Page> = futures_util::future::join_all(tries).await;
        refused += pages.iter().filter(|page| page.status == 503).count();
    }
    app.within(|txn| txn.raise(AlarmKind::WitnessBroken, "witness"))
        .unwrap();
    for _ in 0..4 {
        later(&app, QUARTER).await;
    }
    let busy = metrics(&app).await;
    let of = |name: &str| value(&busy, name);
    assert_eq!(
        of("kapea_turned_away_total{where=\"receipt\"}"),
        i64::try_from(refused / 10 * 10).unwrap()
    );
    assert_eq!(of("kapea_alarms_open{kind=\"witness-broken\"}"), 1);
    assert!(of("kapea_unclaimed_overdue_seconds{urgency=\"U0\"}") >= QUARTER);
    assert!(
        of("kapea_mail_late") > 0 && of("kapea_mail_addresses_failing") > 0,
        "{busy}"
    );
    assert!(of("kapea_mail_oldest_seconds") >= 2 * QUARTER, "{busy}");
    assert_eq!(of("kapea_mail_oldest_seconds") % QUARTER, 0);
    assert_eq!(of("kapea_sample_timestamp_seconds") % QUARTER, 0);
    for never in ["sokha", "hotline", "main", "example"] {
        assert!(!busy.contains(never), "{never} in\n{busy}");
    }
    app.mail.fail_with(None);
    later(&app, 4 * 3_600).await;
    assert_eq!(value(&metrics(&app).await, "kapea_mail_late"), 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn nobody_but_this_machine_is_told_numbers() {
    let app = TestApp::start().await;
    for side in [&app.public, &app.staff] {
        let page = side.get("/metrics").await;
        assert!(!page.body().contains("kapea_"), "{}", page.body());
        assert_ne!(page.status, 200);
    }
}

/// The names of the numbers in a text.
fn names(text: &str) -> BTreeSet<String> {
    let is_part = |letter: char| letter.is_ascii_alphanumeric() || letter == '_';
    let words = text.split(|letter: char| !is_part(letter));
    let names = words.filter(|word| word.starts_with("kapea_"));
    names.map(str::to_owned).collect()
}

/// What is asked in each rule.
fn alerts() -> Vec<(String, String)> {
    let text = include_str!("../../deploy/prometheus/kapea-alerts.yml");
    let file = YamlLoader::load_from_str(text).unwrap().remove(0);
    let rules = file["groups"][0]["rules"].as_vec().unwrap();
    let word = |yaml: &Yaml| yaml.as_str().unwrap().to_owned();
    for rule in rules {
        assert!(matches!(
            word(&rule["labels"]["severity"]).as_str(),
            "critical" | "warning"
        ));
        assert!(!word(&rule["annotations"]["summary"]).is_empty());
    }
    let rules = rules.iter();
    rules
        .map(|rule| (word(&rule["alert"]), word(&rule["expr"])))
        .collect()
}

/// What is asked in each panel.
fn panels() -> Vec<String> {
    let text = include_str!("../../deploy/grafana/kapea.json");
    let file: Value = serde_json::from_str(text).unwrap();
    let panels = file["panels"].as_array().unwrap().iter();
    let targets = panels.flat_map(|panel| {
        assert!(panel["title"].is_string() && panel["gridPos"]["w"].is_number());
        panel["targets"].as_array().unwrap()
    });
    targets
        .map(|target| target["expr"].as_str().unwrap().to_owned())
        .collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn alerts_and_dashboard_ask_for_what_there_is_and_for_all_of_it() {
    let app = TestApp::start().await;
    let said = metrics(&app).await;
    let lines = said.lines().filter(|line| !line.starts_with('#'));
    let there = lines.flat_map(names).collect::<BTreeSet<_>>();
    assert!(there.len() > 20, "{said}");
    let mut asked = BTreeSet::new();
    for expression in alerts().iter().map(|(_, ask)| ask).chain(&panels()) {
        for name in names(expression) {
            assert!(there.contains(&name), "{name} in {expression}");
            asked.insert(name);
        }
    }
    assert_eq!(asked, there, "some number is in no alert and in no panel");
    assert!(said.ends_with("# EOF\n"));
}

/// With Prometheus' own program, where it is installed.
#[test]
fn prometheus_takes_the_alerts() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("deploy/prometheus");
    let rules = Command::new("promtool")
        .args(["check", "rules", "kapea-alerts.yml"])
        .current_dir(folder)
        .output();
    match rules {
        Ok(output) => assert!(output.status.success(), "{output:?}"),
        Err(_) => eprintln!("promtool is not installed: the alerts were read as YAML alone"),
    }
}

fn operations() -> String {
    include_str!("../../docs/operations.md").to_owned()
}

#[test]
fn every_alert_is_on_the_page_for_the_night() {
    let page = operations();
    let alerts = alerts();
    assert!(alerts.len() > 10);
    for (alert, _) in alerts {
        assert!(page.contains(&format!("`{alert}`")), "{alert}");
    }
}

/// What stands between the brackets of each warning and error of a source, without its tests.
fn warnings(text: &str) -> Vec<&str> {
    let text = text.split("#[cfg(test)]\nmod tests {").next().unwrap();
    let begins = ["tracing::warn!(", "tracing::error!("];
    let begins = begins.iter().flat_map(|begin| text.match_indices(begin));
    begins
        .map(|(at, begin)| {
            let rest = &text[at + begin.len()..];
            rest.split_once(";\n").map_or(rest, |(inside, _)| inside)
        })
        .collect()
}

#[test]
fn every_warning_has_a_code_and_every_code_is_on_the_page_for_the_night() {
    let mut codes = BTreeSet::new();
    let mut without = Vec::new();
    let source = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    for file in rust_files(&source) {
        let text = std::fs::read_to_string(&file).unwrap();
        for warning in warnings(&text) {
            match warning.trim_start().strip_prefix("event = \"") {
                Some(rest) => codes.extend(rest.split('"').next().map(str::to_owned)),
                // What goes on has the code of what it was.
                None if file.ends_with("telemetry/quiet.rs") => {}
                None => without.push(format!("{}: {warning}", file.display())),
            }
        }
    }
    assert!(without.is_empty(), "{without:#?}");
    let page = operations();
    let table = page.split("| Code |").nth(1).unwrap();
    let table = table.split("\n## ").next().unwrap();
    let rows = table.lines().filter_map(|line| line.strip_prefix("| `"));
    let cells = rows.filter_map(|row| row.split(" | ").next());
    let listed: BTreeSet<String> = cells
        .flat_map(|cell| cell.split(", "))
        .map(|code| code.trim_matches('`').to_owned())
        .collect();
    assert_eq!(codes, listed);
}

#[tokio::test(flavor = "multi_thread")]
async fn administrators_see_the_last_day_in_bars_and_in_numbers() {
    let app = TestApp::start().await;
    for _ in 0..2 {
        app.reporter("en").file(URGENT).await;
    }
    for _ in 0..3 {
        later(&app, QUARTER).await;
    }
    // Half an hour without the service.
    app.clock.advance(3 * QUARTER);
    let sokha = app.sign_in("sokha").await;
    let report = sokha.queue("").await.remove(0);
    sokha.claim(&report).await.expect(303);
    app.sample().await;
    let app = app.restart();
    let admin = app.sign_in("admin").await;
    let page = admin.get("/status").await.expect(200);
    page.says("The last 24 hours")
        .says("running in 5 of 96 quarter hours");
    let row = |what: &str| {
        let body = page.body();
        let row = body.split(&format!("<th scope=\"row\">{what}</th>")).nth(1);
        let row = row
            .expect("a row")
            .split("</tr>")
            .next()
            .unwrap()
            .to_owned();
        let cells = row.split("<td class=\"count\">").skip(1);
        cells
            .map(|cell| cell.split('<').next().unwrap().to_owned())
            .collect::<Vec<String>>()
    };
    assert_eq!(row("Urgent reports that nobody has claimed"), ["1", "2"]);
    assert_eq!(row("Other reports that nobody has claimed"), ["0", "0"]);
    let body = page.body();
    assert_eq!(body.matches("<svg viewBox=\"0 0 96 20\"").count(), 5);
    assert!(!body.contains("style="), "no style that the policy refuses");
    // The newest bars are on the right, and the half hour is a gap before the last of them.
    assert!(body.contains("M93 20v-20h1v20zM94 20v-20h1v20z"), "{body}");
    let other = app.sign_in("sokha").await;
    other.get("/status").await.expect(404);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_process_that_was_not_there_is_a_gap_and_what_each_turned_away_is_added() {
    let app = TestApp::start().await;
    let intake = app.process(&[Role::Intake]);
    for _ in 0..3 {
        app.clock.advance(QUARTER);
        intake.samples.storage.count();
        for _ in 0..10 {
            intake.samples.memory.count();
            app.services.samples.memory.count();
        }
        intake.sample().await;
        app.sample().await;
    }
    app.clock.advance(QUARTER);
    app.sample().await;
    let admin = app.sign_in("admin").await;
    let page = admin.get("/status").await.expect(200);
    page.says("running in 3 of 96 quarter hours");
    let counts = page.body();
    let row = "too many at once</th><td class=\"count\">–</td><td class=\"count\">20</td>";
    assert!(counts.contains(row), "{counts}");
}

#[tokio::test(flavor = "multi_thread")]
async fn no_number_tells_of_one_who_was_turned_away_and_none_is_lost() {
    let app = TestApp::start().await;
    let away = "kapea_turned_away_total{where=\"memory\"}";
    let lost = "kapea_turned_away_total{where=\"storage\"}";
    for (is_away, is_lost) in [(0, 1), (0, 2), (10, 3)] {
        for _ in 0..4 {
            app.services.samples.memory.count();
            app.services.samples.storage.count();
        }
        later(&app, QUARTER).await;
        let said = metrics(&app).await;
        assert_eq!((value(&said, away), value(&said, lost)), (is_away, is_lost));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn one_report_that_is_turned_away_is_heard_of() {
    let limits = ["receipt_permits = 1", "receipt_queue = 1"];
    let app = TestApp::start_with(&limits.map(|limit| ("limits", limit))).await;
    // One has the turn, one waits: there is no room for the third.
    let mut opens = Vec::new();
    let reports: Vec<_> = (0..3)
        .map(|_| {
            let (open, gate) = mpsc::channel::<()>();
            opens.push(open);
            let lane = app.lanes().report.clone();
            tokio::spawn(async move { lane.run(move || gate.recv()).await })
        })
        .collect();
    eventually("one is turned away", async || {
        reports.iter().any(|one| one.is_finished()).then_some(())
    })
    .await;
    drop(opens);
    for one in reports {
        one.await.unwrap().ok();
    }
    later(&app, QUARTER).await;
    let away = "kapea_turned_away_total{where=\"report\"}";
    assert_eq!(value(&metrics(&app).await, away), 1);
}

/// So many wait at once for their turn to be sealed, and go.
async fn crowd(app: &TestApp, count: usize) {
    let lane = app.lanes().report.clone();
    let (open, gate) = mpsc::channel::<()>();
    let held = lane.clone();
    let held = tokio::spawn(async move { held.run(move || gate.recv()).await });
    eventually("it is held", async || {
        // The service's own look for whether it works may be there too.
        (lane.turns().taken() == 1).then_some(())
    })
    .await;
    let one = |_| {
        let lane = lane.clone();
        tokio::spawn(async move { lane.run(|| ()).await })
    };
    let crowd: Vec<_> = (0..count).map(one).collect();
    eventually("they wait", async || {
        (lane.turns().waiting() >= count).then_some(())
    })
    .await;
    open.send(()).unwrap();
    held.await.unwrap().unwrap().unwrap();
    for one in crowd {
        one.await.unwrap().unwrap();
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn crowds_are_told_in_tens_and_what_is_much_alike_apart() {
    let app = TestApp::start_with(&[
        ("limits", "receipt_permits = 1"),
        ("limits", "alike_reports = 1"),
    ])
    .await;
    let waiting = "kapea_lane_waiting{lane=\"report\"}";
    crowd(&app, 8).await;
    later(&app, QUARTER).await;
    assert_eq!(value(&metrics(&app).await, waiting), 0);
    crowd(&app, 12).await;
    for _ in 0..3 {
        app.reporter("en").file(URGENT).await;
    }
    assert_eq!(value(&metrics(&app).await, "kapea_alike_reports"), 0);
    later(&app, QUARTER).await;
    let after = metrics(&app).await;
    assert_eq!(value(&after, waiting), 10);
    assert_eq!(unclaimed(&after)[0], 1, "on-call hears of one");
    assert_eq!(value(&after, "kapea_alike_reports"), 2);
    later(&app, QUARTER).await;
    assert_eq!(value(&metrics(&app).await, waiting), 0);
}
