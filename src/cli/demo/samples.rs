//! The demo's reports. They come in the way reports do: a ticket, answers, a seal.

use std::collections::BTreeMap;

use anyhow::{Context as _, anyhow};
use serde::Deserialize;

use crate::domain::clock::{Clock, Timestamp};
use crate::domain::form::Answers;
use crate::service::intake::FormStatus;
use crate::service::{Context, Services};

const REPORTS: &str = include_str!("../../../config/demo/reports.toml");
const DAY: i64 = 86_400;
/// The newest came this long ago.
const NEWEST: i64 = 10 * 60;

#[derive(Deserialize)]
struct Samples {
    reports: Vec<Sample>,
}

#[derive(Deserialize)]
struct Sample {
    days_ago: i64,
    language: String,
    fields: BTreeMap<String, String>,
}

/// Sends every sample report, each at its own time in the past.
pub(super) async fn submit(context: &Context, now: Timestamp) -> anyhow::Result<()> {
    let samples: Samples = toml::from_str(REPORTS).context("config/demo/reports.toml")?;
    for report in samples.reports {
        let clock = Clock::manual(now.plus(-NEWEST - report.days_ago * DAY));
        let services = Services::new(&Context {
            clock,
            ..context.clone()
        });
        let FormStatus::Open { ticket } = services.intake.form_status().await else {
            return Err(anyhow!("the demo's form is closed"));
        };
        let form = services.intake.form().await;
        let fields: Vec<_> = report.fields.into_iter().collect();
        let filled = Answers::read(&form, &fields).map_err(|invalid| {
            anyhow!(
                "a sample report does not fit the form: {:?}",
                invalid.errors
            )
        })?;
        services
            .intake
            .submit(&ticket, (&form, &report.language), filled)
            .await?;
    }
    Ok(())
}
