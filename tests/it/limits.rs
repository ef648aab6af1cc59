//! A group of processes that may have no more than it has: what runs goes on, and a start that finds too little ends.

use std::path::{Path, PathBuf};

use kapea::domain::clock::Clock;

use crate::support::binary::{Installation, is_alive};
use crate::support::eventually;
use crate::support::reporter::{Reporter, code_of};

/// A group of processes of its own, removed with the last of them.
struct Group(PathBuf);

impl Group {
    /// Beneath the group of this process, if that is the first of all: in others nobody says who else counts on them. `None` where there is
    /// no such thing.
    fn new(controller: &str) -> Option<Self> {
        let root = Path::new("/sys/fs/cgroup");
        let own = std::fs::read_to_string("/proc/self/cgroup").unwrap_or_default();
        let of_its_own = format!(":{controller}:/");
        let has = |place: &PathBuf| {
            let controllers = std::fs::read_to_string(place.join("cgroup.controllers"));
            controllers.is_ok_and(|all| all.split_whitespace().any(|one| one == controller))
        };
        let of_all = [root.to_owned(), root.join("unified")];
        let of_all = of_all.into_iter().find(has);
        let of_all = of_all.filter(|_| own.lines().any(|line| line == "0::/"));
        let apart = Some(root.join(controller))
            .filter(|_| own.lines().any(|line| line.ends_with(&of_its_own)));
        let place = of_all.or(apart);
        let group = place.map(|place| {
            drop(std::fs::write(
                place.join("cgroup.subtree_control"),
                format!("+{controller}"),
            ));
            place.join(format!("kapea-test-{}", std::process::id()))
        });
        let group = group.filter(|group| std::fs::create_dir(group).is_ok());
        if group.is_none() {
            eprintln!("not looked at: no limit of {controller} can be set here");
        }
        group.map(Self)
    }

    fn set(&self, file: &str, value: &str) {
        std::fs::write(self.0.join(file), value).unwrap();
    }

    fn get(&self, file: &str) -> String {
        std::fs::read_to_string(self.0.join(file))
            .unwrap()
            .trim()
            .to_owned()
    }

    fn takes(&self, process: u32) {
        self.set("cgroup.procs", &process.to_string());
    }
}

impl Drop for Group {
    fn drop(&mut self) {
        let processes = self.get("cgroup.procs");
        let left: Vec<u32> = processes.lines().filter_map(|id| id.parse().ok()).collect();
        while left.iter().any(|id| is_alive(*id)) {
            std::thread::yield_now();
        }
        drop(std::fs::remove_dir(&self.0));
    }
}

/// What it needs was made at the start: no thread is missing when the system gives no more.
#[tokio::test(flavor = "multi_thread")]
async fn without_another_thread_reports_come_in_and_are_read() {
    let Some(group) = Group::new("pids") else {
        return;
    };
    let installation = Installation::settled();
    let mut served = installation.serve().await;
    for part in served.parts() {
        group.takes(part);
    }
    let reporter = Reporter {
        site: served.public(),
        lang: "en",
    };
    let answers = |account| [("danger", "over"), ("account", account)];
    reporter.file(&answers("before")).await;
    group.set("pids.max", &group.get("pids.current"));
    let mut codes = Vec::new();
    for _ in 0..8 {
        codes.push(reporter.file(&answers("meanwhile")).await);
    }
    let sokha = installation.people.get("sokha");
    let sokha = sokha.sign_in(&served.staff(), &Clock::system()).await;
    let reports = sokha.whole_queue().await;
    assert_eq!(reports.len(), 9);
    sokha.claim(&reports[0]).await.expect(303);
    sokha.read(&reports[0]).await.expect(200);
    for code in &codes {
        reporter.try_code(code).await.expect(200);
    }
    served.health().get("/readyz").await.expect(200);
    let panicked = served.written().contains("panic");
    assert!(!panicked, "{}", served.written());
    served.kill();
}

/// Whoever takes more than is allowed is killed, and the other with them: nothing that was acknowledged is lost.
#[tokio::test(flavor = "multi_thread")]
async fn a_process_that_the_system_kills_for_its_memory_loses_nothing() {
    let Some(group) = Group::new("memory") else {
        return;
    };
    let installation = Installation::settled();
    let mut served = installation.serve().await;
    let intake = served.part("intake");
    let reporter = Reporter {
        site: served.public(),
        lang: "en",
    };
    let answers = [("danger", "over"), ("account", "before")];
    let code = code_of(&reporter.send(&answers).await.expect(200));
    group.takes(intake);
    group.set("memory.max", "1M");
    drop(
        reporter
            .site
            .try_send(reqwest::Method::GET, "/en/", &[], None)
            .await,
    );
    let status = eventually("it ends", || {
        let status = served.ended();
        async move { status }
    })
    .await;
    assert!(!status.success());
    assert!(
        served
            .written()
            .contains("the reporters' process ended by itself")
    );
    drop(group);
    let served = installation.serve().await;
    let reporter = Reporter {
        site: served.public(),
        lang: "en",
    };
    reporter.try_code(&code).await.expect(200);
}
