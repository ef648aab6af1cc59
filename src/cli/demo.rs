//! `kapea demo`: the service as it is, with sample people and reports in it, mail that goes into files, and a banner.

mod people;
mod samples;
mod show;

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use anyhow::{Context as _, bail};

use super::arguments::DemoArguments;
use super::common::{allocate_sparingly, configuration_in};
use super::files;
use crate::app::{Application, Parts};
use crate::config::{Config, Environment, LogConfig};
use crate::domain::clock::Clock;
use crate::domain::suite::Suite;
use crate::telemetry;

pub use people::{Account, People};

const TEMPLATE: &str = include_str!("../../config/demo/kapea.toml");
const CONFIG: &str = "kapea.toml";
/// Seeding happens this long ago, so that no code that a visitor will type has been used.
const BEFORE_SECONDS: i64 = 20 * 60;

pub(super) fn run(arguments: &DemoArguments) -> anyhow::Result<()> {
    allocate_sparingly();
    let folder = Folder::of(arguments)?;
    let outcome = serve(arguments, &folder.path);
    folder.leave();
    outcome
}

fn serve(arguments: &DemoArguments, folder: &Path) -> anyhow::Result<()> {
    let clock = Clock::system();
    let people = People::found(folder, &clock)?;
    let config = configuration(arguments, folder, &people)?;
    telemetry::start(LogConfig {
        level: crate::config::LogLevel::Warn,
        ..config.log
    });
    let demonstration = Arc::new(show::Demo::new(folder.join("mail"), clock.clone()));
    let parts = Parts {
        clock: clock.clone(),
        suite: Suite::NEWEST,
        transport: None,
        swap: Some(telemetry::keep_in_memory()),
        demo: Some(demonstration.clone()),
    };
    let application = Application::build(&config, parts)?;
    let path = folder.join(CONFIG);
    application.reloader().read_from(path.clone(), move || {
        configuration_in(&path, &Environment::of_process())
    });
    let runtime = super::common::runtime()?;
    runtime.block_on(async {
        let past = Clock::manual(clock.now().plus(-BEFORE_SECONDS));
        let accounts = people.settle(application.context(), &past).await?;
        // They answer the product's own form.
        if arguments.form.is_none() {
            samples::submit(application.context(), clock.now()).await?;
        }
        demonstration.set(accounts);
        show::table(&application, &demonstration, folder, arguments.keep);
        application
            .run(super::common::stop_signal())
            .await
            .context("the service failed")
    })
}

/// Everything the demo needs is written beside its data, as `kapea init` does for a real one.
fn configuration(
    arguments: &DemoArguments,
    folder: &Path,
    people: &People,
) -> anyhow::Result<Config> {
    let text = format!(
        "{TEMPLATE}\n[server]\npublic = \"{public}\"\nstaff = \"{staff}\"\nhealth = \"127.0.0.1:0\"\npublic_url = \"http://{public}\"\nstaff_url = \"http://{staff}\"\n\
         \n[data]\ndir = \".\"\ncredentials = \"credentials.toml\"\n\
         \n[custodians]\nthreshold = 1\nkeys = [{{ name = \"custodian\", verify_key = \"{key}\" }}]\n",
        public = arguments.public,
        staff = arguments.staff,
        key = people.custodian_key(),
    );
    let text = match &arguments.form {
        Some(form) => {
            let form = super::common::quoted(&form.display().to_string());
            text.replacen("[forms]\n", &format!("[forms]\ndirectory = {form}\n"), 1)
        }
        None => text,
    };
    let path = folder.join(CONFIG);
    files::private_file(&path, text.as_bytes())?;
    configuration_in(&path, &Environment::of_process())
}

/// The demo's folder; a temporary one goes at the end.
struct Folder {
    path: PathBuf,
    keep: bool,
}

impl Folder {
    fn of(arguments: &DemoArguments) -> anyhow::Result<Self> {
        let path = match &arguments.data {
            Some(path) => std::path::absolute(path).context("the folder has no absolute name")?,
            None => std::env::temp_dir().join(format!("kapea-demo-{}", std::process::id())),
        };
        // It is removed at the end with all that is in it: nothing of anybody else's may be there.
        if fs::read_dir(&path).is_ok_and(|mut entries| entries.next().is_some()) {
            bail!(
                "{} is not empty; the demonstration wants a folder of its own",
                path.display()
            );
        }
        files::private_folder(&path)?;
        Ok(Self {
            path,
            keep: arguments.keep,
        })
    }

    fn leave(&self) {
        if self.keep {
            println!("Kept: {}", self.path.display());
        } else if let Err(error) = fs::remove_dir_all(&self.path) {
            eprintln!(
                "kapea: {} could not be removed: {error}",
                self.path.display()
            );
        }
    }
}
