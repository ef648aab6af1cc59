//! `kapea serve` as it is run: two processes that a third watches.

mod accounts;
mod deployed;

use kapea::domain::clock::Clock;

use crate::support::binary::{Installation, Served, is_alive, program};
use crate::support::eventually;
use crate::support::reporter::Reporter;
use crate::support::sql;

const INTAKE: &str = "intake";
const CASEWORK: &str = "casework,worker";

fn reporter(served: &Served) -> Reporter {
    Reporter {
        site: served.public(),
        lang: "en",
    }
}

/// Waits until it has ended with everything that it had started. Says whether that was in order.
async fn ended(served: &mut Served, parts: &[u32]) -> bool {
    let status = eventually("it ends", || {
        let status = served.ended();
        async move { status }
    })
    .await;
    eventually("nobody is left", || {
        let left = parts.iter().any(|id| is_alive(*id));
        async move { (!left).then_some(()) }
    })
    .await;
    status.success()
}

fn signal(id: u32, name: &str) {
    let mut kill = std::process::Command::new("kill");
    let status = kill.args([&format!("-{name}"), &id.to_string()]).status();
    assert!(status.unwrap().success());
}

/// A report from beginning to end: filed in the one process, read and answered in the other.
async fn goes_through(reporter: &Reporter, desk: &crate::support::staff::Session, account: &str) {
    let before = desk.queue("").await;
    let code = reporter
        .file(&[("danger", "now"), ("account", account)])
        .await;
    let now = desk.queue("").await;
    let report = now.into_iter().find(|report| !before.contains(report));
    let report = report.expect("it is in the queue");
    desk.claim(&report).await.expect(303);
    desk.read(&report).await.expect(200).says(account);
    let answer = format!("{account}, and the answer");
    desk.message(&report, &answer).await.expect(303);
    assert_eq!(reporter.mailbox(&code).await.messages(), [answer]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_report_comes_in_at_one_process_and_is_read_in_the_other() {
    let installation = Installation::settled();
    let served = installation.serve().await;
    let (intake, casework) = (served.part(INTAKE), served.part(CASEWORK));
    assert_eq!(served.parts().len(), 2);
    assert_ne!(intake, casework);
    let dara = installation.people.get("dara");
    let desk = dara.sign_in(&served.staff(), &Clock::system()).await;
    goes_through(&reporter(&served), &desk, "told to the one").await;
    served.health().get("/readyz").await.expect(200);
    served.casework_health().get("/readyz").await.expect(200);
    for path in ["/login", "/queue", "/status", "/join/x"] {
        served.public().get(path).await.expect(404);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn one_process_with_every_role_is_one_where_that_is_asked_for() {
    let installation = Installation::settled();
    let mut command = installation.command();
    command.args(["--roles", "intake,casework,worker"]);
    let served = installation.serve_as(command, 2).await;
    assert!(served.parts().is_empty() && served.casework_health.is_none());
    let dara = installation.people.get("dara");
    let desk = dara.sign_in(&served.staff(), &Clock::system()).await;
    goes_through(&reporter(&served), &desk, "told to all in one").await;
    served.health().get("/readyz").await.expect(200);
}

#[tokio::test(flavor = "multi_thread")]
async fn either_that_ends_takes_the_other_with_it_and_that_is_no_success() {
    let installation = Installation::settled();
    for (roles, name) in [
        (INTAKE, "the reporters' process"),
        (CASEWORK, "the staff process"),
    ] {
        // Also if it ends in order: nobody had asked the service to stop.
        for how in ["KILL", "TERM"] {
            let mut served = installation.serve().await;
            let parts = served.parts();
            signal(served.part(roles), how);
            assert!(!ended(&mut served, &parts).await, "{roles} {how}");
            let said = format!("{name} ended by itself");
            assert!(served.written().contains(&said), "{}", served.written());
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn nobody_is_left_when_the_watcher_is_killed() {
    let installation = Installation::settled();
    let mut served = installation.serve().await;
    let parts = served.parts();
    assert!(parts.iter().all(|id| is_alive(*id)));
    served.kill_alone();
    assert!(!ended(&mut served, &parts).await);
}

#[tokio::test(flavor = "multi_thread")]
async fn both_stop_in_order_when_the_service_is_told_to() {
    let installation = Installation::settled();
    for name in ["TERM", "INT"] {
        let mut served = installation.serve().await;
        let parts = served.parts();
        served.signal(name);
        assert!(ended(&mut served, &parts).await, "{}", served.written());
        assert_eq!(served.written().matches("stopping").count(), 2);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_reload_reaches_both_and_is_written_down_once() {
    let installation = Installation::settled();
    let served = installation.serve().await;
    let entries = || {
        let mut conn = sql::open(installation.database());
        sql::number(&mut conn, "audit WHERE class = 'act'")
    };
    let before = entries();
    installation.set(&[("mail", "folder = \"elsewhere\"")]);
    served.signal("HUP");
    let said = || served.written().matches("configuration taken up").count();
    eventually("both have taken it up", || {
        let said = said();
        async move { (said == 2).then_some(()) }
    })
    .await;
    assert_eq!(entries(), before + 1);
    // More than one is still heard.
    served.signal("HUP");
    eventually("both have looked again", || {
        let said = served.written().matches("nothing has changed").count();
        async move { (said == 2).then_some(()) }
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_health_check_asks_both_and_names_the_one_that_is_not_well() {
    let installation = Installation::settled();
    let ask = |roles: &[&str]| {
        let mut command = program();
        command.arg("healthcheck").args(roles);
        let output = command.arg("--config").arg(installation.config()).output();
        let output = output.unwrap();
        let said = [output.stdout, output.stderr].concat();
        (output.status.success(), String::from_utf8(said).unwrap())
    };
    let start = async |roles: &str| {
        let mut command = installation.command();
        command.args(["--roles", roles]);
        installation.serve_as(command, 1).await
    };
    let (mut intake, mut casework) = (start(INTAKE).await, start(CASEWORK).await);
    for (key, site) in [
        ("public", intake.public()),
        ("health", intake.health()),
        ("staff", casework.staff()),
        ("casework_health", casework.casework_health()),
    ] {
        let line = format!("{key} = \"{}\"", site.address);
        installation.set(&[("server", &line)]);
    }
    assert_eq!(ask(&[]), (true, "ready\n".to_owned()));
    casework.kill();
    let (good, said) = ask(&[]);
    assert!(
        !good && said.contains("the staff process does not answer"),
        "{said}"
    );
    assert!(!said.contains("reporters"), "{said}");
    assert!(ask(&["--roles", INTAKE]).0);
    intake.kill();
    let (_, said) = ask(&[]);
    assert!(said.contains("the staff process does not answer"), "{said}");
    assert!(
        said.contains("the reporters' process does not answer"),
        "{said}"
    );
}
