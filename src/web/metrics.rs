//! Totals for Prometheus, on the port that only this machine reaches.
//!
//! What hangs on what people do is of the beginning of the quarter hour, see [`crate::domain::sample`]. Nothing of the process itself, such as
//! the processor time or the memory that it has used: one report more would show in it.

use actix_web::{HttpResponse, web};
use prometheus_client::encoding::text::encode;
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::gauge::Gauge;
use prometheus_client::metrics::info::Info;
use prometheus_client::registry::Registry;

use super::error::WebError;
use super::marks::mark_final;
use super::state::State;
use crate::domain::alarm::AlarmKind;
use crate::domain::sample::{LANES, Sample, Shed};
use crate::domain::swap::Swap;
use crate::domain::urgency::Urgency;
use crate::service::Company;
use crate::service::intake::FormStatus;

const TYPE: &str = "application/openmetrics-text; version=1.0.0; charset=utf-8";
const DAY: i64 = 86_400;

type Label = [(&'static str, &'static str); 1];

/// `GET /metrics`
pub async fn show(state: web::Data<State>) -> Result<HttpResponse, WebError> {
    let mut page = Page(Registry::with_prefix("kapea"));
    page.of_now(&state).await;
    if let Some((sample, shed)) = state.services.samples.newest() {
        page.of_the_quarter(&sample);
        let name = "turned_away";
        let help = "Requests turned away for want of room, since the start of the process, in tens; of storage: quarter hours in which a report could not be kept";
        let all = Shed::ALL.map(|place| (place, shed.get(&place).copied().unwrap_or_default()));
        page.counters(name, help, "where", all);
    }
    let mut text = String::new();
    encode(&mut text, &page.0).map_err(|_| WebError::Internal)?;
    let mut response = HttpResponse::Ok().content_type(TYPE).body(text);
    mark_final(&mut response);
    Ok(response)
}

struct Page(Registry);

impl Page {
    fn gauge(&mut self, name: &str, help: &str, value: i64) {
        let gauge: Gauge = Gauge::default();
        gauge.set(value);
        self.0.register(name, help, gauge);
    }

    fn gauges<const N: usize>(
        &mut self,
        name: &str,
        help: &str,
        label: &'static str,
        values: [(&'static str, i64); N],
    ) {
        let family = Family::<Label, Gauge>::default();
        for (value, number) in values {
            family.get_or_create(&[(label, value)]).set(number);
        }
        self.0.register(name, help, family);
    }

    fn counters<const N: usize>(
        &mut self,
        name: &str,
        help: &str,
        label: &'static str,
        values: [(Shed, u64); N],
    ) {
        let family = Family::<Label, Counter>::default();
        for (value, number) in values {
            let value = [(label, value.as_str())];
            family.get_or_create(&value).inc_by(number);
        }
        self.0.register(name, help, family);
    }

    /// What no visitor moves.
    async fn of_now(&mut self, state: &State) {
        let (services, intake) = (&state.services, &state.services.intake);
        let version = Info::new([("version", env!("CARGO_PKG_VERSION"))]);
        self.0.register("build", "The program", version);
        let is_ready = services.readiness.is_ready().await;
        let help = "Whether a report could be sealed and written now";
        self.gauge("ready", help, is_ready.into());
        if state.settings.intake {
            let is_open = intake.form_status().await != FormStatus::Closed;
            let help = "Whether a team can receive reports";
            self.gauge("form_open", help, is_open.into());
        }
        let company = intake.company().await;
        let help = "Whether the credentials of this process are the newest";
        let is_newest = company != Company::OldCredentials;
        self.gauge("credentials_newest", help, is_newest.into());
        let help = "Whether a process that sends notices was heard of within minutes";
        let is_there = company != Company::NobodyTells;
        self.gauge("notices_sent", help, is_there.into());
        let help = "Whether all that is done in the background gets done";
        let is_done = company != Company::Stuck;
        self.gauge("background_done", help, is_done.into());
        let help = "Whether the machine's clock is believed";
        self.gauge("clock_confirmed", help, intake.is_time_confirmed().into());
        let help = "Whether what is typed can be written to swap";
        let swaps = intake.swap() == Some(Swap::Possible);
        self.gauge("swap_possible", help, swaps.into());
    }

    /// What was seen at the beginning of the quarter hour.
    fn of_the_quarter(&mut self, sample: &Sample) {
        let help = "The beginning of the quarter hour that all following totals are of";
        self.gauge("sample_timestamp_seconds", help, sample.at);
        let unclaimed = |urgency| sample.unclaimed.get(&urgency).copied().unwrap_or_default();
        let help = "Reports that nobody has claimed; of U2 and U3, those of earlier days (UTC)";
        let counts = Urgency::ALL.map(|one| (one.as_str(), unclaimed(one).count.into()));
        self.gauges("unclaimed_reports", help, "urgency", counts);
        let help = "By how long the oldest of them waits longer than it should";
        let overdue = Urgency::ALL.map(|one| (one.as_str(), unclaimed(one).overdue));
        self.gauges("unclaimed_overdue_seconds", help, "urgency", overdue);
        let help = "Reports that are much like many others, counted likewise";
        self.gauge("alike_reports", help, sample.alike.into());
        let help =
            "How many waited for their turn at the most, in the quarter hour before, in tens";
        let waited = |place| sample.waited.get(&place).copied().unwrap_or_default();
        let waited = LANES.map(|lane| (lane.as_str(), waited(lane).into()));
        self.gauges("lane_waiting", help, "lane", waited);
        let mail = &sample.mail;
        let help = "Letters that wait for more than a quarter hour";
        self.gauge("mail_late", help, mail.late.into());
        let help = "For how long the oldest of them waits";
        self.gauge("mail_oldest_seconds", help, mail.oldest);
        let help = "Letters that were given up";
        self.gauge("mail_given_up", help, mail.dead.into());
        let help = "Addresses to which mail does not leave";
        self.gauge("mail_addresses_failing", help, mail.failing.into());
        let help = "Alarms that nobody has looked into";
        let open = |kind| sample.alarms.get(&kind).copied().unwrap_or_default();
        let alarms = AlarmKind::ALL.map(|kind| (kind.as_str(), open(kind).into()));
        self.gauges("alarms_open", help, "kind", alarms);
        let help = "Processes of the service that were not heard of for minutes";
        self.gauge("processes_silent", help, sample.silent.into());
        let help = "The day (UTC) of the last backup that was read again whole; 0 if there is none";
        let backup = sample.backup.unwrap_or_default().saturating_mul(DAY);
        self.gauge("backup_timestamp_seconds", help, backup);
        if let Some(room) = sample.room {
            let bytes = |bytes| i64::try_from(bytes).unwrap_or(i64::MAX);
            let help = "Room on the disk of the data folder, in steps of 16 MiB";
            self.gauge("disk_free_bytes", help, bytes(room.free));
            let help = "The size of that disk";
            self.gauge("disk_size_bytes", help, bytes(room.size));
        }
    }
}
