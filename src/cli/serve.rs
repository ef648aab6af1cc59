//! `kapea serve`: the service, as one process with the roles that are asked for, or as two that a third watches.

mod watch;

use std::time::Duration;

use anyhow::Context as _;

use super::arguments::ServeArguments;
use super::common::{allocate_sparingly, configuration_in, runtime, stop_signal};
use crate::app::{Application, Parts};
use crate::config::Environment;
use crate::domain::swap::Swap;
use crate::telemetry;

/// How long threads that block may take once all else has ended.
const LEFT: Duration = Duration::from_secs(1);

pub(super) fn run(arguments: &ServeArguments) -> anyhow::Result<()> {
    if arguments.roles.is_empty() {
        let environment = Environment::of_process().without_secrets();
        let config = configuration_in(&arguments.config.path, &environment)?;
        let parts = config.server.roles.apart();
        if parts.len() > 1 {
            telemetry::start(config.log);
            return watch::run(&arguments.config.path, &parts);
        }
    }
    serve(arguments)
}

fn serve(arguments: &ServeArguments) -> anyhow::Result<()> {
    // Not before: what a process hands on of this to those that it starts may be cut short (glibc before 2.39).
    allocate_sparingly();
    let file = arguments.config.path.clone();
    let environment = Environment::of_process().with_roles(&arguments.roles);
    let config = configuration_in(&file, &environment)?;
    telemetry::start(config.log);
    let swap = telemetry::keep_in_memory();
    if swap == Swap::Possible {
        tracing::warn!(
            event = "swap",
            "what is typed can reach swap: turn swap off, or allow memory to be locked (LimitMEMLOCK=infinity)"
        );
    }
    let parts = Parts {
        swap: Some(swap),
        ..Parts::default()
    };
    let application = Application::build(&config, parts)?;
    let (reloader, roles) = (application.reloader(), config.server.roles);
    reloader.read_from(file.clone(), move || {
        let environment = Environment::of_process().with_roles(&roles.list());
        configuration_in(&file, &environment)
    });
    let health = match roles.intake {
        true => "health",
        false => "casework health",
    };
    let runtime = runtime()?;
    let served = runtime.block_on(async {
        reloader.listen().context("SIGHUP cannot be heard")?;
        for (side, address) in [
            ("reporters", application.public_address()),
            ("staff", application.staff_address()),
            (health, application.health_address()),
        ] {
            if let Some(address) = address {
                tracing::info!(side, %address, "listening");
            }
        }
        let stop = async {
            tokio::select! {
                () = stop_signal() => {}
                () = watch::until_hung_up(&reloader), if arguments.watched => {}
            }
        };
        application.run(stop).await.context("the service failed")
    });
    // What hangs in the system, such as a look-up of a name, holds the end no longer up.
    runtime.shutdown_timeout(LEFT);
    served
}
