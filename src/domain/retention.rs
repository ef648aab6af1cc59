//! How long a report is kept: classes and their clocks, counted in days.

use super::clock::Day;
use super::named::named;

named! {
    /// Why a report is kept for as long as it is kept.
    RetentionClass {
        /// Nobody has decided yet: no clock runs.
        Undecided = "undecided",
        /// Thought to be spam.
        Spam = "spam",
        /// Closed without anything being done, no child identifiable.
        NoAction = "no_action",
        /// A child is identified: kept until the day that a lead gives, looked at again every few years.
        ChildIdentified = "child_identified",
        /// Referred to a court, or the abuse is confirmed: no clock, or the day that counsel names.
        Referred = "referred",
        /// Locked: kept until it is handed over, and destroyed by two people.
        SuspectedIllegal = "suspected_illegal",
    }
}

/// The numbers of an installation.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RetentionPolicy {
    /// Days that suspected spam is kept.
    pub spam_days: i64,
    /// Days after which a report without action is to be looked at again.
    pub no_action_days: i64,
    /// Days that are left for looking at it again before it is destroyed.
    pub review_days: i64,
    /// Days from its arrival for which a report of an identified child is kept at least.
    pub child_least_days: i64,
    /// Days between two looks at a report of an identified child.
    pub child_review_days: i64,
    /// Up to so many days are added at random, so that the day of destruction does not give away the day of the decision.
    pub jitter_days: i64,
}

/// What the clocks of a report say.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Clocks {
    /// The last day; from here on it is destroyed, if its class ends unattended.
    pub until: Option<Day>,
    /// From this day on somebody should look at it again.
    pub review: Option<Day>,
}

/// The class needs a day in the future, or this day does not fit.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the class needs another day")]
pub struct UnfitDay;

/// The longest that a day may be ahead: 75 years, as the English inquiry asks for records of abuse.
const LONGEST_DAYS: i64 = 75 * 366;

impl RetentionClass {
    /// Whether the clock alone destroys a report of this class. Everything else takes two people.
    pub const fn ends_unattended(self) -> bool {
        matches!(self, Self::Spam | Self::NoAction)
    }

    /// Whether a lead gives the day.
    pub const fn takes_a_day(self) -> bool {
        matches!(self, Self::ChildIdentified | Self::Referred)
    }

    /// The clocks of a report of the day `arrived` that gets this class today. `drawn` is a random number of days, at most the policy's.
    ///
    /// # Errors
    /// [`UnfitDay`] if a day must be given and is not, or lies in the past, too near or too far ahead.
    pub fn clocks(
        self,
        policy: &RetentionPolicy,
        (arrived, today): (Day, Day),
        given: Option<Day>,
        drawn: i64,
    ) -> Result<Clocks, UnfitDay> {
        let ahead = |day: Day| day > today && day <= today.plus(LONGEST_DAYS);
        if given.is_some_and(|day| !ahead(day)) {
            return Err(UnfitDay);
        }
        Ok(match self {
            Self::Undecided | Self::SuspectedIllegal => Clocks::default(),
            Self::Spam => Clocks {
                until: Some(today.plus(policy.spam_days).plus(drawn)),
                review: None,
            },
            Self::NoAction => {
                let review = today.plus(policy.no_action_days).plus(drawn);
                Clocks {
                    until: Some(review.plus(policy.review_days)),
                    review: Some(review),
                }
            }
            Self::ChildIdentified => {
                let least = arrived.plus(policy.child_least_days);
                let until = given.filter(|day| *day >= least).ok_or(UnfitDay)?;
                Clocks {
                    until: Some(until),
                    review: Some(until.min(today.plus(policy.child_review_days))),
                }
            }
            Self::Referred => Clocks {
                until: given,
                review: given,
            },
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const POLICY: RetentionPolicy = RetentionPolicy {
        spam_days: 30,
        no_action_days: 365,
        review_days: 30,
        child_least_days: 3_652,
        child_review_days: 1_826,
        jitter_days: 7,
    };
    const TODAY: Day = Day::from_number(20_000);

    fn clocks(
        class: RetentionClass,
        given: Option<i64>,
    ) -> Result<(Option<i64>, Option<i64>), UnfitDay> {
        let clocks = class.clocks(
            &POLICY,
            (TODAY.plus(-3_000), TODAY),
            given.map(|days| TODAY.plus(days)),
            3,
        )?;
        let ahead = |day: Option<Day>| day.map(|day| day.number() - TODAY.number());
        Ok((ahead(clocks.until), ahead(clocks.review)))
    }

    #[test]
    fn each_class_has_its_clock() {
        use RetentionClass::{
            ChildIdentified, NoAction, Referred, Spam, SuspectedIllegal, Undecided,
        };
        assert_eq!(clocks(Undecided, None), Ok((None, None)));
        assert_eq!(clocks(SuspectedIllegal, None), Ok((None, None)));
        assert_eq!(clocks(Spam, None), Ok((Some(33), None)));
        assert_eq!(clocks(NoAction, None), Ok((Some(398), Some(368))));
        assert_eq!(
            clocks(ChildIdentified, Some(9_000)),
            Ok((Some(9_000), Some(1_826)))
        );
        assert_eq!(
            clocks(ChildIdentified, Some(700)),
            Ok((Some(700), Some(700)))
        );
        assert_eq!(clocks(Referred, None), Ok((None, None)));
        assert_eq!(
            clocks(Referred, Some(20_000)),
            Ok((Some(20_000), Some(20_000)))
        );
    }

    #[test]
    fn a_day_that_does_not_fit_is_refused() {
        let child = RetentionClass::ChildIdentified;
        // Too near: it came 3,000 days ago and is kept for ten years.
        for given in [None, Some(0), Some(-1), Some(651), Some(LONGEST_DAYS + 1)] {
            assert_eq!(clocks(child, given), Err(UnfitDay), "{given:?}");
        }
    }
}
