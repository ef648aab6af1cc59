//! The last 24 hours as bars, and the same in numbers.

use std::fmt::Write as _;

use crate::domain::disk::Disk;
use crate::domain::sample::Sample;

/// The height of the tallest bar, in the units in which each bar is one wide.
const HEIGHT: u32 = 20;
const PERCENT: u32 = 100;

/// What was looked at.
const LOOKS: [Look; 5] = [
    Look {
        label: "staff-status-day-urgent",
        least: 4,
        number: |seen| Some(seen.waiting(true)),
    },
    Look {
        label: "staff-status-day-other",
        least: 4,
        number: |seen| Some(seen.waiting(false)),
    },
    Look {
        label: "staff-status-day-mail",
        least: 4,
        number: |seen| Some(seen.mail.late),
    },
    Look {
        label: "staff-status-day-shed",
        least: 4,
        number: |seen| Some(seen.turned_away()),
    },
    Look {
        label: "staff-status-day-disk",
        least: PERCENT,
        number: |seen| Some(PERCENT.saturating_sub(seen.room.map(Disk::percent)?)),
    },
];

struct Look {
    label: &'static str,
    /// A bar of this number is as tall as there is room, if none is larger.
    least: u32,
    number: fn(&Sample) -> Option<u32>,
}

/// One number, each quarter hour.
pub(super) struct Line {
    /// The id of what it is.
    pub(super) label: &'static str,
    /// What it is at the end.
    pub(super) now: Option<u32>,
    /// The largest.
    pub(super) most: Option<u32>,
    /// Whether it is a part of a whole.
    pub(super) is_share: bool,
    /// The outline of the bars.
    pub(super) bars: String,
}

/// The picture, and the numbers beside it.
pub(super) struct LastDay {
    pub(super) lines: Vec<Line>,
    /// The outline of the quarter hours in which not all of the service was there.
    pub(super) gaps: String,
    /// How many quarter hours there are.
    pub(super) all: usize,
    /// In how many of them all of it was there.
    pub(super) running: usize,
}

impl LastDay {
    pub(super) fn of(day: &[Option<Sample>]) -> Self {
        let gaps = day.iter().map(|seen| match seen {
            None => HEIGHT,
            Some(_) => 0,
        });
        Self {
            lines: LOOKS.iter().map(|look| look.line(day)).collect(),
            gaps: outline(gaps),
            all: day.len(),
            running: day.iter().flatten().count(),
        }
    }
}

impl Look {
    fn line(&self, day: &[Option<Sample>]) -> Line {
        let number = |seen: &Option<Sample>| seen.as_ref().and_then(self.number);
        let numbers: Vec<Option<u32>> = day.iter().map(number).collect();
        let most = numbers.iter().flatten().copied().max();
        let top = most.unwrap_or_default().max(self.least);
        // Whatever is not nothing is seen.
        let height = |number: u32| number.saturating_mul(HEIGHT).div_ceil(top);
        let heights = numbers.iter().map(|number| number.map_or(0, height));
        Line {
            label: self.label,
            now: numbers.last().copied().flatten(),
            most,
            is_share: self.least == PERCENT,
            bars: outline(heights),
        }
    }
}

/// A bar for each, one wide, with its foot at [`HEIGHT`].
fn outline(heights: impl Iterator<Item = u32>) -> String {
    let mut path = String::from("M0 20");
    for (at, height) in heights.enumerate().filter(|(_, height)| *height > 0) {
        // A string takes whatever is written.
        write!(path, "M{at} {HEIGHT}v-{height}h1v{height}z").unwrap_or_default();
    }
    path
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::sample::MailSample;

    fn late(late: u32) -> Option<Sample> {
        let mail = MailSample {
            late,
            ..MailSample::default()
        };
        Some(Sample {
            mail,
            ..Sample::default()
        })
    }

    #[test]
    fn bars_are_as_tall_as_the_numbers_and_a_gap_is_no_nothing() {
        let day = LastDay::of(&[late(0), None, late(40), late(1)]);
        assert_eq!((day.all, day.running), (4, 3));
        assert_eq!(day.gaps, "M0 20M1 20v-20h1v20z");
        let mail = &day.lines[2];
        assert_eq!((mail.now, mail.most), (Some(1), Some(40)));
        assert_eq!(mail.bars, "M0 20M2 20v-20h1v20zM3 20v-1h1v1z");
        let disk = &day.lines[4];
        assert_eq!((disk.now, disk.most), (None, None));
    }
}
