//! `kapea doctor`: everything that the service needs, looked at once, and for each thing that is wrong what to do.

mod certificate;
mod data;
mod finding;
mod machine;
mod network;
mod permissions;

use anyhow::bail;

use super::arguments::DoctorArguments;
use super::common::configuration;
use crate::app;
use crate::config::Config;
use crate::domain::clock::Clock;

use finding::{Finding, Verdict};

pub(super) fn run(arguments: &DoctorArguments) -> anyhow::Result<()> {
    let findings = look(arguments);
    match arguments.json {
        true => println!("{}", serde_json::to_string_pretty(&findings)?),
        false => findings.iter().for_each(|finding| println!("{finding}")),
    }
    let bad = findings.iter().filter(|it| it.verdict == Verdict::Bad);
    match bad.count() {
        0 => Ok(()),
        1 => bail!("one thing is wrong"),
        count => bail!("{count} things are wrong"),
    }
}

fn look(arguments: &DoctorArguments) -> Vec<Finding> {
    let mut findings = Vec::new();
    let config = match read(arguments) {
        Ok(config) => config,
        Err(error) => {
            let advice =
                "correct it; config/default.toml explains every key. All else is looked at then";
            return vec![Finding::bad("configuration", format!("{error:#}"), advice)];
        }
    };
    let shown = arguments.config.path.display();
    findings.push(Finding::good(
        "configuration",
        format!("{shown}: nothing is wrong"),
    ));
    findings.extend(permissions::look(&config, &arguments.config.path));
    let services = network::services(&config);
    findings.push(machine::core_dumps());
    findings.push(machine::swap(&services));
    findings.push(machine::disk(&config));
    findings.extend(data::look(&config, &services));
    findings.push(data::seal_and_open());
    findings.extend(network::addresses(&config, arguments.ca.as_deref()));
    findings.push(network::mail(&config));
    findings.push(network::health(&services));
    findings
}

/// What `kapea check-config` looks at, but for what has a line of its own here.
fn read(arguments: &DoctorArguments) -> anyhow::Result<Config> {
    let config = configuration(&arguments.config)?;
    app::pins(&config, Clock::system().today())?;
    app::form(&config)?;
    app::mark(&config)?;
    Ok(config)
}
