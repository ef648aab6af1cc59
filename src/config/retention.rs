//! `[retention]`: for how many days reports are kept.

use super::reader::Section;
use super::value::Within;

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

pub(super) fn read(section: &mut Section<'_>) -> Option<RetentionConfig> {
    let spam = section.or("spam_days", Within::<1, 3650>(30));
    let no_action = section.or("no_action_days", Within::<1, 3650>(365));
    let review = section.or("review_days", Within::<1, 365>(30));
    let least = section.or("child_least_years", Within::<0, 75>(10));
    let child = section.or("child_review_years", Within::<1, 25>(5));
    let jitter = section.or("jitter_days", Within::<0, 90>(7));
    Some(RetentionConfig {
        spam_days: spam?.fit()?,
        no_action_days: no_action?.fit()?,
        review_days: review?.fit()?,
        child_least_years: least?.fit()?,
        child_review_years: child?.fit()?,
        jitter_days: jitter?.fit()?,
    })
}
