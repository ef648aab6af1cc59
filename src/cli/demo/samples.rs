//! The demo's reports. They come in the way reports do: a ticket, answers, a seal.

use anyhow::{Context as _, anyhow};
use toml_edit::{DocumentMut, TableLike};

use crate::domain::clock::{Clock, Timestamp};
use crate::domain::form::Answers;
use crate::service::intake::Door;
use crate::service::{Context, Services};

const REPORTS: &str = include_str!("../../../config/demo/reports.toml");
const DAY: i64 = 86_400;
/// The newest came this long ago.
const NEWEST: i64 = 10 * 60;

/// Sends every sample report, each at its own time in the past.
pub(super) async fn submit(context: &Context, now: Timestamp) -> anyhow::Result<()> {
    let samples: DocumentMut = REPORTS.parse().context("config/demo/reports.toml")?;
    let reports = samples
        .get("reports")
        .and_then(|item| item.as_array_of_tables());
    for report in reports.into_iter().flatten() {
        let days = report
            .get("days_ago")
            .and_then(|item| item.as_integer())
            .unwrap_or(0);
        let language = report
            .get("language")
            .and_then(|item| item.as_str())
            .unwrap_or("en");
        let fields = report
            .get("fields")
            .and_then(|item| item.as_table_like())
            .map(pairs)
            .unwrap_or_default();
        let clock = Clock::manual(now.plus(-NEWEST - days * DAY));
        let services = Services::new(&Context {
            clock,
            ..context.clone()
        });
        let Door::Open { ticket } = services.intake.door().await else {
            return Err(anyhow!("the demo's form is closed"));
        };
        let form = services.intake.form().await;
        let filled = Answers::read(&form, &fields).map_err(|invalid| {
            anyhow!(
                "a sample report does not fit the form: {:?}",
                invalid.errors
            )
        })?;
        services.intake.submit(&ticket, language, filled).await?;
    }
    Ok(())
}

fn pairs(fields: &dyn TableLike) -> Vec<(String, String)> {
    fields
        .iter()
        .filter_map(|(name, value)| Some((name.to_owned(), value.as_str()?.to_owned())))
        .collect()
}
