//! A failure that lasts is written down once, then every hour with how often it came, and once more when it has been over for a while.
//!
//! Two warnings or errors are the same failure if their event code and all that they say are the same, but for what differs each time.

use std::collections::BTreeMap;
use std::fmt::Debug;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use tracing::field::{Field, Visit};
use tracing::{Event, Level, Metadata};
use tracing_subscriber::layer::{Context, Filter};

/// How long nothing more is written of what lasts.
const AGAIN: Duration = Duration::from_secs(3_600);
/// What has not come for so long is over: everything that fails is tried again within some minutes.
const OVER: Duration = Duration::from_secs(15 * 60);
/// Failures of one code that are told apart; further ones are one.
const APART: usize = 16;
/// What differs each time.
const VARIES: &[&str] = &["counted", "delivery", "failures", "machine"];
/// Answers to what an operator has just done: never left out.
const ANSWERS: &[&str] = &["config-refused", "restart-needed"];

/// Which failure: its code, and a hash of the rest.
type Key = (String, u64);

/// The failures that last. Clones share them.
#[derive(Debug, Clone, Default)]
pub struct Quiet(Arc<Mutex<BTreeMap<Key, Lasting>>>);

#[derive(Debug, Clone)]
struct Lasting {
    level: Level,
    /// What it says.
    what: String,
    /// When it came last, and when it was written down last.
    came: Instant,
    written: Instant,
    /// How often it came since it was written down.
    unwritten: u32,
    /// How often it came in all.
    all: u32,
}

/// What is to be written down although nothing has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Remark {
    /// It came so often since it was last written down.
    GoesOn(u32),
    /// It came so often in all.
    IsOver(u32),
}

impl Quiet {
    fn lasting(&self) -> MutexGuard<'_, BTreeMap<Key, Lasting>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Whether this is to be written down as it comes.
    fn is_news(&self, said: Said, level: Level, now: Instant) -> bool {
        if ANSWERS.contains(&said.code.as_str()) {
            return true;
        }
        let mut lasting = self.lasting();
        let of_code = (said.code.clone(), 0)..=(said.code.clone(), u64::MAX);
        let key = (said.code, said.rest.finish());
        let is_crowd = lasting.range(of_code).count() >= APART && !lasting.contains_key(&key);
        let key = if is_crowd { (key.0, 0) } else { key };
        if let Some(known) = lasting.get_mut(&key) {
            known.came = now;
            known.unwritten = known.unwritten.saturating_add(1);
            known.all = known.all.saturating_add(1);
            return false;
        }
        let new = Lasting {
            level,
            what: said.what,
            came: now,
            written: now,
            unwritten: 0,
            all: 1,
        };
        lasting.insert(key, new);
        true
    }

    /// Says what goes on and what is over. For every minute.
    pub fn tend(&self) {
        // Whatever is written goes through here again: not while the list is held.
        for (code, Lasting { level, what, .. }, remark) in self.remarks(Instant::now()) {
            let event = code.as_str();
            match remark {
                Remark::GoesOn(times) if level == Level::ERROR => {
                    tracing::error!(event, times, "it goes on: {what}");
                }
                Remark::GoesOn(times) => tracing::warn!(event, times, "it goes on: {what}"),
                Remark::IsOver(times) => tracing::info!(event, times, "it is over: {what}"),
            }
        }
    }

    fn remarks(&self, now: Instant) -> Vec<(String, Lasting, Remark)> {
        let mut remarks = Vec::new();
        self.lasting().retain(|(code, _), known| {
            let is_over = now.duration_since(known.came) >= OVER;
            if is_over && known.all > 1 {
                remarks.push((code.clone(), known.clone(), Remark::IsOver(known.all)));
            } else if known.unwritten > 0 && now.duration_since(known.written) >= AGAIN {
                let remark = Remark::GoesOn(known.unwritten);
                remarks.push((code.clone(), known.clone(), remark));
                (known.written, known.unwritten) = (now, 0);
            }
            !is_over
        });
        remarks
    }
}

impl<S> Filter<S> for Quiet {
    fn enabled(&self, _: &Metadata<'_>, _: &Context<'_, S>) -> bool {
        true
    }

    fn event_enabled(&self, event: &Event<'_>, _: &Context<'_, S>) -> bool {
        let metadata = event.metadata();
        let is_own = metadata.target() == module_path!();
        if is_own || *metadata.level() > Level::WARN {
            return true;
        }
        self.is_news(Said::of(event), *metadata.level(), Instant::now())
    }
}

/// What an event says.
#[derive(Default)]
struct Said {
    code: String,
    what: String,
    rest: DefaultHasher,
}

impl Said {
    /// What has no code is known by its place in the source.
    fn of(event: &Event<'_>) -> Self {
        let mut said = Self::default();
        event.record(&mut said);
        if said.code.is_empty() {
            event.metadata().name().clone_into(&mut said.code);
        }
        said
    }
}

impl Visit for Said {
    fn record_str(&mut self, field: &Field, value: &str) {
        match field.name() {
            "event" => value.clone_into(&mut self.code),
            name if VARIES.contains(&name) => {}
            name => (name, value).hash(&mut self.rest),
        }
    }

    fn record_debug(&mut self, field: &Field, value: &dyn Debug) {
        let text = format!("{value:?}");
        self.record_str(field, &text);
        if field.name() == "message" {
            self.what = text;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const MINUTE: Duration = Duration::from_secs(60);

    /// What a failure says, and when.
    struct Failing {
        quiet: Quiet,
        now: Instant,
    }

    impl Failing {
        fn new() -> Self {
            Self {
                quiet: Quiet::default(),
                now: Instant::now(),
            }
        }

        fn comes(&self, code: &str, why: &str) -> bool {
            let mut said = Said {
                code: code.to_owned(),
                ..Said::default()
            };
            why.hash(&mut said.rest);
            self.quiet.is_news(said, Level::WARN, self.now)
        }

        fn remarks(&self) -> Vec<Remark> {
            let remarks = self.quiet.remarks(self.now).into_iter();
            remarks.map(|(.., remark)| remark).collect()
        }
    }

    #[test]
    fn what_lasts_is_said_once_then_hourly_and_when_it_is_over() {
        let mut failing = Failing::new();
        assert!(failing.comes("mail-failing", "refused"));
        let mut said = Vec::new();
        for _ in 0..125 {
            failing.now += MINUTE;
            assert!(!failing.comes("mail-failing", "refused"));
            said.extend(failing.remarks());
        }
        assert_eq!(said, [Remark::GoesOn(60), Remark::GoesOn(60)]);
        for _ in 0..14 {
            failing.now += MINUTE;
            assert_eq!(failing.remarks(), []);
        }
        failing.now += MINUTE;
        assert_eq!(failing.remarks(), [Remark::IsOver(126)]);
        assert!(failing.comes("mail-failing", "refused"), "it is news again");
    }

    #[test]
    fn what_came_once_is_not_said_to_be_over() {
        let mut failing = Failing::new();
        assert!(failing.comes("mail-failing", "refused"));
        failing.now += 15 * MINUTE;
        assert_eq!(failing.remarks(), []);
    }

    #[test]
    fn another_failure_is_news_until_there_are_too_many() {
        let failing = Failing::new();
        for reason in 0..APART {
            assert!(failing.comes("step-failed", &reason.to_string()));
        }
        assert!(failing.comes("step-failed", "one more"));
        assert!(!failing.comes("step-failed", "and another"));
        assert!(failing.comes("mail-failing", "and another"));
    }

    #[test]
    fn an_operator_is_always_answered() {
        let failing = Failing::new();
        for _ in 0..2 {
            assert!(failing.comes("config-refused", "line 7"));
        }
    }
}
