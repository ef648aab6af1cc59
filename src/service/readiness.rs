//! Whether a report could be taken now: all that one needs is done, and nothing of it stays.

use std::sync::Arc;
use std::time::{Duration, Instant};

use tokio::sync::Mutex;

use super::context::Context;
use super::intake::{RETENTION, store_in_txn};
use super::turns::Place;
use super::txn::Txn;
use crate::domain::clock::Timestamp;
use crate::domain::ids::KeyId;
use crate::domain::notice::{NoticeList, ordinary_due};
use crate::domain::submission::SealedSubmission;
use crate::domain::suite::Suite;
use crate::domain::urgency::Urgency;
use crate::seal::chain::VerifiedKey;
use crate::seal::keys::{Identity, Recipient};
use crate::seal::receipt::{self, ReceiptCode};
use crate::seal::sealing::{self, Draft};
use crate::seal::{SealError, random};
use crate::store::{self, NewEvent, StoreError};

/// For how long an answer stands: whoever asks often costs no more than whoever asks every five seconds.
const STANDS: Duration = Duration::from_secs(5);

/// See the module. Clones share what was found last.
#[derive(Clone)]
pub struct Readiness {
    context: Context,
    /// What was found last, and when. One at a time looks.
    found: Arc<Mutex<Option<(Instant, bool)>>>,
}

/// What a dry run stops with when all went well: nothing of it is to stay.
#[derive(Debug)]
enum Outcome {
    Undone,
    Failed(StoreError),
}

impl From<StoreError> for Outcome {
    fn from(error: StoreError) -> Self {
        Self::Failed(error)
    }
}

impl Readiness {
    pub(super) fn new(context: Context) -> Self {
        let found = Arc::default();
        Self { context, found }
    }

    /// Finds out each time when a report met a page that cannot be read, until it is dropped: then what was found before says nothing.
    pub async fn run(self) {
        loop {
            self.context.taking.to_be_tried().await;
            *self.found.lock().await = None;
            self.is_ready().await;
        }
    }

    /// Whether a report could be taken now. Where the answer is no, the log says why.
    pub async fn is_ready(&self) -> bool {
        let mut found = self.found.lock().await;
        if let Some((at, is_ready)) = *found
            && at.elapsed() < STANDS
        {
            return is_ready;
        }
        let outcome = self.dry_run().await;
        if let Err(why) = &outcome {
            tracing::warn!(
                event = "not-ready",
                why,
                "not ready: no report could be taken now"
            );
        }
        *found = Some((Instant::now(), outcome.is_ok()));
        outcome.is_ok()
    }

    /// A report with ids of its own each time: what was in the way of one may be in the way of no other.
    async fn dry_run(&self) -> Result<(), String> {
        let mut earlier = 0;
        loop {
            let submission = self.sealed().await?;
            let Err(why) = self.store_and_take_back(submission).await else {
                self.context.taking.took();
                return Ok(());
            };
            if !self.context.taking.refused_dry(&why, earlier) {
                return Err(why.to_string());
            }
            earlier += 1;
        }
    }

    /// The receiver, the lane, and a real seal. `None` if there is nobody to receive it.
    async fn sealed(&self) -> Result<Option<SealedSubmission>, String> {
        let receiver = self.any_receiver().await;
        let is_open = receiver.is_some();
        let (channel, key, recipient) = match receiver {
            Some((channel, key)) => (channel, key.key, key.recipient),
            None => (
                String::new(),
                KeyId::from_bytes([0; 16]),
                Identity::generate(Suite::NEWEST).recipient(),
            ),
        };
        let (salt, now) = (
            *self.context.credentials().install_salt(),
            self.context.clock.now(),
        );
        let lane = &self.context.bulkheads.report;
        // Before all reports: however many strangers wait, the answer comes while the lane moves.
        let sealed = lane.run_at(Place::FIRST, move || {
            let sealed = seal((&channel, key), &recipient, &salt, now);
            // A service that nobody uses keeps no memory for the next look.
            receipt::release_memory();
            sealed
        });
        let sealed = sealed.await.map_err(|error| error.to_string())?;
        let submission = sealed.map_err(|error| error.to_string())?;
        Ok(is_open.then_some(submission))
    }

    /// All that is written of a report, taken back, and a real write that is not.
    async fn store_and_take_back(
        &self,
        submission: Option<SealedSubmission>,
    ) -> Result<(), StoreError> {
        if let Some(submission) = submission {
            let write = move |txn: &mut Txn<'_>| -> Result<(), Outcome> {
                let event = NewEvent {
                    id: random::outbox_id(),
                    urgent: None,
                    list: NoticeList::Hotline,
                    due: ordinary_due(txn.now()),
                };
                store_in_txn(txn, &submission, &event)?;
                Err(Outcome::Undone)
            };
            match self.context.write(write).await {
                Ok(()) | Err(Outcome::Undone) => {}
                Err(Outcome::Failed(error)) => return Err(error),
            }
        }
        self.context.read(store::write_probe).await
    }

    async fn any_receiver(&self) -> Option<(String, VerifiedKey)> {
        for channel in self.context.forms.now().channels() {
            if let (Some(key), _) = self
                .context
                .authority
                .current(&self.context.store, &channel)
                .await
            {
                return Some((channel, key));
            }
        }
        None
    }
}

fn seal(
    (channel, key): (&str, KeyId),
    team: &Recipient,
    salt: &[u8; 16],
    now: Timestamp,
) -> Result<SealedSubmission, SealError> {
    let number = u128::from_be_bytes(random::bytes());
    let master = receipt::master(&ReceiptCode::from_payload(number), salt)?;
    sealing::seal_submission(&Draft {
        channel,
        key,
        team,
        answers: b"probe",
        summary: b"probe",
        master: &master,
        urgency: Urgency::U3,
        day: now.day(),
        due: now.quarter(),
        retention: RETENTION,
        is_alike: false,
        mailbox_expires: now.day(),
    })
}
