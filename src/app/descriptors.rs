//! Open files are the one thing of which connections, the database and the mail all take: they are shared out at the start, so that strangers
//! who hold connections leave the others theirs.

use rustix::process::{Resource, Rlimit};

/// Connections of reporters at once, where there are files enough.
const MOST_PUBLIC: u64 = 4_096;
/// Connections of staff at once, where there are files enough.
const MOST_STAFF: u64 = 1_024;
/// For the log, the listeners, whoever asks about health, mail on its way and files that are read now and then.
const RESERVE: u64 = 64;
/// What the runtime of one thread that serves takes.
const PER_THREAD: u64 = 8;
/// A database connection with its journal and the shared memory of it.
const PER_DATABASE_CONNECTION: u64 = 3;

/// How many connections each side may have at once.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Connections {
    /// Of reporters.
    pub public: usize,
    /// Of staff; reporters never take of these.
    pub staff: usize,
}

/// Raises the limit of open files as far as the system lets, and shares out what there is. Says so in the log if it is little.
pub fn share(threads: usize, database: u32) -> Connections {
    let limit = raise();
    let threads = u64::try_from(threads).unwrap_or(u64::MAX);
    // Each side has so many, and a few are for what goes on behind.
    let fixed = RESERVE
        .saturating_add(threads.saturating_mul(3 * PER_THREAD))
        .saturating_add((2 * u64::from(database) + 4) * PER_DATABASE_CONNECTION);
    let wanted = fixed.saturating_add(MOST_PUBLIC + MOST_STAFF);
    if limit < wanted {
        tracing::warn!(
            event = "few-files",
            limit,
            wanted,
            "few files may be open at once: fewer people can be connected (see LimitNOFILE)"
        );
    }
    shared(limit.saturating_sub(fixed))
}

fn shared(left: u64) -> Connections {
    let staff = (left / 4).clamp(1, MOST_STAFF);
    let public = left.saturating_sub(staff).clamp(1, MOST_PUBLIC);
    Connections {
        public: usize::try_from(public).unwrap_or(1),
        staff: usize::try_from(staff).unwrap_or(1),
    }
}

/// The limit that holds from now on.
fn raise() -> u64 {
    let now = rustix::process::getrlimit(Resource::Nofile);
    let raised = Rlimit {
        current: now.maximum,
        maximum: now.maximum,
    };
    let limit = match rustix::process::setrlimit(Resource::Nofile, raised) {
        Ok(()) => now.maximum,
        Err(error) => {
            tracing::warn!(event = "few-files", %error, "the limit of open files cannot be raised");
            now.current
        }
    };
    limit.unwrap_or(u64::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn staff_have_a_quarter_of_what_is_left_and_something_always() {
        let of = |left| {
            let shared = shared(left);
            (shared.public, shared.staff)
        };
        assert_eq!(of(u64::MAX), (4_096, 1_024));
        assert_eq!(of(400), (300, 100));
        assert_eq!(of(0), (1, 1));
    }
}
