//! Whether what the process holds in memory can reach a disk.

use super::named::named;

named! {
    /// See the module.
    Swap {
        /// The system keeps it in memory.
        Locked = "locked",
        /// There is nothing to swap to, or the process may not be swapped.
        Off = "off",
        /// It can be written to swap.
        Possible = "possible",
    }
}
