//! Who is told that something waits.

use super::named::named;

named! {
    /// A list of addresses in the configuration.
    NoticeList {
        /// Hears of ordinary reports, in the next quarter-hour slot.
        Hotline = "hotline",
        /// Hears of urgent reports within a minute.
        OnCall = "oncall",
        /// Hears of an urgent report that nobody has claimed.
        Backup = "backup",
    }
}
