//! What the server says about itself, and what it must never say.
//!
//! The product's own events name what happened and to which kind of thing; never an address, a browser, a path, an id
//! or anything a person typed. A warning and an error have a code, `event`, by which `docs/operations.md` says what to do. Libraries do not know this rule: whatever the level, theirs are held to warnings, and
//! those of the HTTP server and the database, which may repeat a request, to errors.

mod quiet;

use std::fs;
use std::io;
use std::panic::{self, PanicHookInfo};
use std::path::Path;
use std::sync::LazyLock;

use rustix::mm::MlockAllFlags;
use rustix::process::{DumpableBehavior, Resource, Rlimit};
use tracing::Subscriber;
use tracing_subscriber::fmt::MakeWriter;
use tracing_subscriber::layer::{Layer as _, SubscriberExt as _};
use tracing_subscriber::util::SubscriberInitExt as _;
use tracing_subscriber::{EnvFilter, fmt, registry};

use crate::config::{LogConfig, LogFormat, LogLevel};
use crate::domain::swap::Swap;
use quiet::Quiet;

/// What lasts of what was written down. There is one log.
static QUIET: LazyLock<Quiet> = LazyLock::new(Quiet::default);

/// Keeps the memory of this process out of core dumps and away from debuggers of the same user. Call it first.
///
/// # Errors
/// If the system refuses, which no supported one does.
pub fn harden() -> io::Result<()> {
    let none = Rlimit {
        current: Some(0),
        maximum: Some(0),
    };
    rustix::process::setrlimit(Resource::Core, none)?;
    rustix::process::set_dumpable_behavior(DumpableBehavior::NotDumpable)?;
    Ok(())
}

/// Keeps all memory of this process from being swapped out, where the limit allows that, and says how it is.
///
/// With a limit that is not "none" a lock on what comes later would make taking memory fail.
pub fn keep_in_memory() -> Swap {
    let limit = rustix::process::getrlimit(Resource::Memlock);
    let raised = Rlimit {
        current: limit.maximum,
        maximum: limit.maximum,
    };
    let is_free =
        limit.maximum.is_none() && rustix::process::setrlimit(Resource::Memlock, raised).is_ok();
    // What was never touched takes no memory for being locked.
    let all = MlockAllFlags::CURRENT | MlockAllFlags::FUTURE | MlockAllFlags::ONFAULT;
    if is_free && rustix::mm::mlockall(all).is_ok() {
        return Swap::Locked;
    }
    if is_swap_off() {
        Swap::Off
    } else {
        Swap::Possible
    }
}

/// The system has no swap, or gives this process none. What cannot be read may be anything.
pub fn is_swap_off() -> bool {
    let swaps = fs::read_to_string("/proc/swaps");
    let has_none = swaps.is_ok_and(|swaps| swaps.lines().count() == 1);
    has_none || own_limit().is_some_and(|limit| limit.trim() == "0")
}

/// What the control group of this process may swap, in bytes.
fn own_limit() -> Option<String> {
    let groups = fs::read_to_string("/proc/self/cgroup").ok()?;
    let group = groups.lines().find_map(|line| line.strip_prefix("0::/"))?;
    let folder = Path::new("/sys/fs/cgroup").join(group);
    fs::read_to_string(folder.join("memory.swap.max")).ok()
}

/// Begins to write the log to standard error, and replaces the panic message by its location.
///
/// A second call in one process changes nothing.
pub fn start(config: LogConfig) {
    if log(config, io::stderr, &QUIET).try_init().is_err() {
        tracing::debug!("the log had been started before");
    }
    silence_panics();
}

fn log<W>(config: LogConfig, to: W, quiet: &Quiet) -> impl Subscriber + Send + Sync
where
    W: for<'w> MakeWriter<'w> + Send + Sync + 'static,
{
    let lines = fmt::layer().with_writer(to).with_ansi(false);
    let lines = match config.format {
        LogFormat::Text => lines.boxed(),
        LogFormat::Json => lines.json().boxed(),
    };
    let log = registry().with(filter(config.level));
    log.with(lines.with_filter(quiet.clone()))
}

/// Says of what lasts that it goes on, and of what is over that it is. For every minute.
pub fn tend() {
    QUIET.tend();
}

/// Makes a panic say where it happened and nothing else: its message may quote what somebody typed.
pub fn silence_panics() {
    panic::set_hook(Box::new(
        |info| tracing::error!(event = "panic", at = %location(info), "panic"),
    ));
}

fn location(info: &PanicHookInfo<'_>) -> String {
    info.location().map_or_else(
        || "unknown".to_owned(),
        |place| format!("{}:{}", place.file(), place.line()),
    )
}

/// The level for our own events, and the bounds for those of libraries.
fn filter(level: LogLevel) -> EnvFilter {
    let (own, libraries, talkative) = match level {
        LogLevel::Off => ("off", "off", "off"),
        LogLevel::Error => ("error", "error", "error"),
        LogLevel::Warn => ("warn", "warn", "error"),
        LogLevel::Info => ("info", "warn", "error"),
        LogLevel::Debug => ("debug", "warn", "error"),
        LogLevel::Trace => ("trace", "warn", "error"),
    };
    // `new` reads no environment: RUST_LOG must not be able to open a leak.
    EnvFilter::new(format!(
        "{libraries},actix_http={talkative},actix_web={talkative},diesel={talkative},lettre={talkative},kapea={own}"
    ))
}

#[cfg(test)]
mod tests {
    use std::sync::{Arc, Mutex};

    use super::*;

    #[derive(Clone, Default)]
    struct Captured(Arc<Mutex<Vec<u8>>>);

    impl io::Write for Captured {
        fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            self.0.lock().unwrap().extend_from_slice(bytes);
            Ok(bytes.len())
        }

        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    impl<'a> MakeWriter<'a> for Captured {
        type Writer = Self;

        fn make_writer(&'a self) -> Self {
            self.clone()
        }
    }

    fn written(level: LogLevel, act: impl FnOnce()) -> String {
        let captured = Captured::default();
        let format = LogFormat::Text;
        let log = log(
            LogConfig { level, format },
            captured.clone(),
            &Quiet::default(),
        );
        tracing::subscriber::with_default(log, act);
        let bytes = captured.0.lock().unwrap().clone();
        String::from_utf8(bytes).unwrap()
    }

    #[test]
    fn libraries_stay_quiet_at_every_level() {
        let log = written(LogLevel::Trace, || {
            tracing::trace!("own");
            tracing::info!(target: "some_library", "foreign");
            tracing::warn!(target: "actix_http::h1", "request line");
            tracing::warn!(target: "some_library", "worth knowing");
        });
        assert!(
            log.contains("own") && log.contains("worth knowing"),
            "{log}"
        );
        assert!(
            !log.contains("foreign") && !log.contains("request line"),
            "{log}"
        );
    }

    #[test]
    fn off_means_silence() {
        assert_eq!(written(LogLevel::Off, || tracing::error!("own")), "");
    }

    #[test]
    fn what_lasts_is_one_line_and_what_is_told_beside_it_is_not_left_out() {
        let log = written(LogLevel::Info, || {
            for failures in 0..3 {
                for kind in ["one", "other"] {
                    tracing::warn!(event = "mail-failing", failures, kind, "it does not leave");
                }
                tracing::info!("beside");
            }
        });
        let count = |what: &str| log.matches(what).count();
        assert_eq!(count("it does not leave"), 2, "{log}");
        assert_eq!(count("mail-failing"), 2, "{log}");
        assert_eq!(count("beside"), 3, "{log}");
    }

    #[test]
    fn a_panic_says_where_and_not_what() {
        let old = panic::take_hook();
        silence_panics();
        let log = written(LogLevel::Info, || {
            let result = panic::catch_unwind(|| panic!("typed text"));
            assert!(result.is_err());
        });
        panic::set_hook(old);
        assert!(
            log.contains("src/telemetry.rs:") && !log.contains("typed text"),
            "{log}"
        );
    }

    #[test]
    fn the_process_cannot_be_dumped() {
        harden().unwrap();
        assert_eq!(rustix::process::getrlimit(Resource::Core).maximum, Some(0));
        assert_eq!(
            rustix::process::dumpable_behavior().unwrap(),
            DumpableBehavior::NotDumpable
        );
    }
}
