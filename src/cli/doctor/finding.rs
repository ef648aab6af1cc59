//! What was found of one thing.

use std::fmt;

use serde::Serialize;

/// How it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub(super) enum Verdict {
    /// As it should be.
    Good,
    /// Something is to be done.
    Bad,
    /// Not looked at, because there is nothing to look at or something else is wrong.
    Skipped,
}

/// One line of the answer.
#[derive(Debug, Serialize)]
pub(super) struct Finding {
    check: &'static str,
    pub(super) verdict: Verdict,
    said: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    advice: Option<String>,
}

impl Finding {
    pub(super) fn good(check: &'static str, said: impl Into<String>) -> Self {
        Self::new(check, Verdict::Good, said.into(), None)
    }

    pub(super) fn skipped(check: &'static str, said: impl Into<String>) -> Self {
        Self::new(check, Verdict::Skipped, said.into(), None)
    }

    /// With what to do.
    pub(super) fn bad(
        check: &'static str,
        said: impl Into<String>,
        advice: impl Into<String>,
    ) -> Self {
        Self::new(check, Verdict::Bad, said.into(), Some(advice.into()))
    }

    /// Good with what it says, or bad with the error.
    pub(super) fn of(
        check: &'static str,
        looked: anyhow::Result<String>,
        advice: impl Into<String>,
    ) -> Self {
        match looked {
            Ok(said) => Self::good(check, said),
            Err(error) => Self::bad(check, format!("{error:#}"), advice),
        }
    }

    const fn new(
        check: &'static str,
        verdict: Verdict,
        said: String,
        advice: Option<String>,
    ) -> Self {
        Self {
            check,
            verdict,
            said,
            advice,
        }
    }
}

impl fmt::Display for Finding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let sign = match self.verdict {
            Verdict::Good => '✓',
            Verdict::Bad => '✗',
            Verdict::Skipped => '–',
        };
        write!(f, "{sign} {}: {}", self.check, self.said)?;
        match &self.advice {
            Some(advice) => write!(f, "\n    → {advice}"),
            None => Ok(()),
        }
    }
}
