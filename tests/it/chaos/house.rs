//! The service with everything around it that can fail, and how it fails.

use std::path::PathBuf;
use std::process::Command;
use std::sync::Arc;

use diesel::connection::SimpleConnection as _;
use kapea::web::health::CLOCK;

use super::gate::{Gate, Mood};
use super::people::{Desk, Doors, Town};
use crate::disk::{SmallDisk, is_made};
use crate::support::binary::{Installation, Served, is_alive, program};
use crate::support::dice::Dice;
use crate::support::smtp::{Authority, Server};
use crate::support::{eventually, faketime, sql};

/// MiB of the disk that fills up.
const DISK: u32 = 160;

/// What fails.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fault {
    /// One of the processes, or all of them, by `kill -9`.
    Kill,
    /// Somebody else writes to the database and does not end.
    Lock,
    /// The mail server is away when the machine comes back.
    Mail,
    /// The configuration is taken up with a fault in it.
    Reload,
    /// The disk is full.
    Disk,
    /// The machine's clock leaps.
    Leap,
}

pub struct House {
    served: Option<Served>,
    disk: Option<SmallDisk>,
    pub installation: Installation,
    pub town: Arc<Town>,
    gate: Gate,
    can_leap: bool,
}

impl House {
    pub async fn open() -> Self {
        let authority = Authority::lasting(30);
        let server = Server::start("starttls", &authority, None);
        let gate = Gate::to(server.port).await;
        let installation = Installation::settled();
        std::fs::write(installation.folder().join("ca.pem"), authority.pem()).unwrap();
        installation.set(&[
            ("log", "level = \"debug\""),
            ("mail", "transport = \"smtp\""),
            ("mail", "host = \"localhost\""),
            ("mail", &format!("port = {}", gate.port)),
            ("mail", "ca_file = \"ca.pem\""),
        ]);
        let disk = SmallDisk::over(&installation.folder().join("data"), DISK);
        let mut house = Self {
            served: None,
            disk,
            installation,
            town: Arc::new(Town::new(server)),
            gate,
            can_leap: false,
        };
        house.start().await;
        house
    }

    /// Everything that can fail here.
    pub fn faults(&self) -> Vec<Fault> {
        let mut all = vec![Fault::Kill, Fault::Lock, Fault::Mail, Fault::Reload];
        all.extend(self.disk.is_some().then_some(Fault::Disk));
        all.extend(self.can_leap.then_some(Fault::Leap));
        all
    }

    fn served(&self) -> &Served {
        self.served.as_ref().expect("it runs")
    }

    fn time(&self) -> PathBuf {
        self.installation.folder().join("by")
    }

    /// The configuration with the ports of what runs, for commands that ask it.
    pub fn asked(&self) -> PathBuf {
        self.installation.folder().join("asked.toml")
    }

    async fn start(&mut self) {
        let mut command = self.installation.command();
        self.can_leap = faketime::moved_by(&mut command, &self.time());
        let served = self.installation.serve_as(command, 2).await;
        let mut text = std::fs::read_to_string(self.installation.config()).unwrap();
        for (name, side) in [
            ("public", served.public()),
            ("staff", served.staff()),
            ("health", served.health()),
            ("casework_health", served.casework_health()),
        ] {
            let line = format!("{name} = \"{}\"", side.address);
            text = crate::support::settings::with(&text, &[("server", &line)]);
        }
        std::fs::write(self.asked(), text).unwrap();
        self.town.doors.send_replace(Some(Doors {
            public: served.public(),
            staff: served.staff(),
        }));
        self.served = Some(served);
    }

    /// As a service manager does after the worst.
    pub async fn restart(&mut self) {
        self.served.as_mut().expect("it runs").kill();
        self.start().await;
    }

    /// What a command says of the running service.
    pub fn command(&self, words: &[&str]) -> (bool, String) {
        let mut command = program();
        command.args(words).arg("--config").arg(self.asked());
        let output = command.output().unwrap();
        let said = [output.stdout, output.stderr].concat();
        (output.status.success(), String::from_utf8(said).unwrap())
    }

    /// Both processes say whether a report could be taken, and the command says the same.
    pub async fn is_ready(&self, expected: bool) {
        let status = if expected { 200 } else { 503 };
        for side in [self.served().health(), self.served().casework_health()] {
            eventually("it says whether it is ready", async || {
                (side.get("/readyz").await.status == status).then_some(())
            })
            .await;
        }
        eventually("the command says the same", async || {
            let (is_good, said) = self.command(&["healthcheck"]);
            let says_why = expected || said.contains("is not ready");
            (is_good == expected && says_why).then_some(())
        })
        .await;
    }

    async fn status_says(&self, admin: &Desk, words: &str, expected: bool) {
        eventually(words, async || {
            let page = self.town.status(admin).await;
            (page.text().contains(words) == expected).then_some(())
        })
        .await;
    }

    /// Fails, says so, and is put right.
    pub async fn strike(&mut self, fault: Fault, admin: &Desk, dice: &mut Dice) {
        match fault {
            Fault::Kill => self.kill(dice).await,
            Fault::Lock => self.lock().await,
            Fault::Mail => self.lose_mail(admin, dice).await,
            Fault::Reload => self.reload(admin).await,
            Fault::Disk => self.fill(admin).await,
            Fault::Leap => self.leap(admin, dice).await,
        }
        assert!(
            self.served.as_mut().expect("it runs").is_running(),
            "{fault:?}"
        );
        self.is_ready(true).await;
    }

    async fn kill(&mut self, dice: &mut Dice) {
        let served = self.served.as_mut().expect("it runs");
        let parts = served.parts();
        let whom = dice.below(4);
        println!("  whom: {whom}");
        match whom {
            0 => served.kill(),
            1 => served.kill_alone(),
            whom => {
                let roles = ["intake", "casework,worker"][usize::from(whom == 3)];
                let id = served.part(roles).to_string();
                assert!(
                    Command::new("kill")
                        .args(["-9", &id])
                        .status()
                        .unwrap()
                        .success()
                );
            }
        }
        eventually("one does not stay without the other", async || {
            let left = parts.iter().any(|id| is_alive(*id));
            (!left).then_some(())
        })
        .await;
        let (is_good, said) = self.command(&["healthcheck"]);
        assert!(!is_good && said.contains("does not answer"), "{said}");
        self.restart().await;
    }

    async fn lock(&self) {
        let mut other = sql::open(self.installation.database());
        other.batch_execute("BEGIN IMMEDIATE").unwrap();
        self.is_ready(false).await;
        other.batch_execute("ROLLBACK").unwrap();
    }

    async fn lose_mail(&mut self, admin: &Desk, dice: &mut Dice) {
        let mood = dice.draw(&mut vec![Mood::Down, Mood::Refuses, Mood::Hangs]);
        println!("  mood: {mood:?}");
        self.gate.be(mood);
        // A new process tells of new reports at once.
        self.restart().await;
        self.town.file(true).await;
        let failing = "Addresses to which mail does not leave";
        self.status_says(admin, failing, true).await;
        let before = self.town.mails();
        self.gate.be(Mood::Well);
        // Somebody new waits for what the letter says: it goes at once.
        self.town.file(true).await;
        eventually("those on call hear", async || {
            (self.town.mails() > before).then_some(())
        })
        .await;
    }

    async fn reload(&self, admin: &Desk) {
        let text = std::fs::read_to_string(self.installation.config()).unwrap();
        self.installation.set(&[("server", "nonsense = 1")]);
        self.served().signal("HUP");
        let refused = "was not taken up";
        self.status_says(admin, refused, true).await;
        self.status_says(admin, "server.nonsense", true).await;
        self.is_ready(true).await;
        std::fs::write(self.installation.config(), text).unwrap();
        self.served().signal("HUP");
        self.status_says(admin, refused, false).await;
    }

    /// Without a free byte reports come in, those on call hear, and staff go on.
    async fn fill(&self, admin: &Desk) {
        let disk = self.disk.as_ref().expect("a disk");
        is_made(&self.installation).await;
        disk.fill();
        self.town.file(true).await;
        self.status_says(admin, "Little room is left", true).await;
        self.is_ready(true).await;
        disk.clear();
    }

    async fn leap(&self, admin: &Desk, dice: &mut Dice) {
        let by = dice.draw(&mut vec!["+400d", "-400d", "+30d"]);
        println!("  by: {by}");
        std::fs::write(self.time(), format!("{by}\n")).unwrap();
        self.clock_is(|word| word == CLOCK).await;
        let doubted = "Nobody believes the machine's clock";
        self.status_says(admin, doubted, true).await;
        self.town.file(true).await;
        std::fs::write(self.time(), "+0s\n").unwrap();
        self.clock_is(|word| word != CLOCK).await;
        self.status_says(admin, doubted, false).await;
    }

    async fn clock_is(&self, is_it: fn(&str) -> bool) {
        for side in [self.served().health(), self.served().casework_health()] {
            eventually("it says what it holds of the clock", async || {
                let page = side.get("/readyz").await;
                (page.status == 200 && is_it(&page.body())).then_some(())
            })
            .await;
        }
    }
}
