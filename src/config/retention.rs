//! `[retention]`: for how many days reports are kept.

use crate::domain::document::Table;

/// For how many days reports are kept. Counsel sets the numbers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RetentionConfig {
    /// Days that suspected spam is kept.
    pub spam_days: u32,
    /// Days after which a report that was closed as no action is to be looked at again.
    pub no_action_days: u32,
    /// Days left for that look before the report is destroyed.
    pub review_days: u32,
    /// Years from its arrival for which a report of an identified child is kept at least.
    pub child_least_years: u32,
    /// Years between two looks at a report of an identified child.
    pub child_review_years: u32,
    /// At most so many days are added at random to a clock that destroys by itself.
    pub jitter_days: u32,
}

pub(super) fn read(table: &mut Table<'_>) -> RetentionConfig {
    RetentionConfig {
        spam_days: table.number("spam_days", 1..=3650, 30),
        no_action_days: table.number("no_action_days", 1..=3650, 365),
        review_days: table.number("review_days", 1..=365, 30),
        child_least_years: table.number("child_least_years", 0..=75, 10),
        child_review_years: table.number("child_review_years", 1..=25, 5),
        jitter_days: table.number("jitter_days", 0..=90, 7),
    }
}
