//! How full a disk is, and what it refuses.

use serde::{Deserialize, Serialize};

use super::named::named;

named! {
    /// What the disk refuses to the database.
    DiskFault {
        /// It does not read or write what it is asked to.
        Io = "io",
        /// It may not be written.
        ReadOnly = "read-only",
        /// A file cannot be opened: it is not there, is another account's, or too many are open.
        CannotOpen = "cannot-open",
    }
}

/// See the module. In bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Disk {
    /// What is free for this process.
    pub free: u64,
    /// All of it.
    pub size: u64,
}

impl Disk {
    /// Whether somebody should make room: less than 500 MiB, or less than a tenth and less than 5 GiB. A tenth of a large disk is years.
    pub const fn is_low(&self) -> bool {
        self.free < 500 << 20 || (self.free < self.size / 10 && self.free < 5 << 30)
    }

    /// Whether somebody has made room: what is free goes up and down a little all the time.
    pub const fn is_ample(&self) -> bool {
        let less = Self {
            free: self.free - self.free / 10,
            size: self.size,
        };
        !less.is_low()
    }

    /// How much of it is free, in whole percent.
    pub fn percent(self) -> u32 {
        let percent = self.free.saturating_mul(100).checked_div(self.size);
        percent
            .and_then(|percent| u32::try_from(percent).ok())
            .unwrap_or_default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_disk_that_goes_up_and_down_around_the_limit_is_told_of_once() {
        let disk = |free: u64| Disk {
            free: free << 20,
            size: 2_000 << 20,
        };
        for (free, is_low, is_ample) in [
            (499, true, false),
            (500, false, false),
            (550, false, false),
            (560, false, true),
        ] {
            let disk = disk(free);
            assert_eq!((disk.is_low(), disk.is_ample()), (is_low, is_ample));
        }
    }
}
