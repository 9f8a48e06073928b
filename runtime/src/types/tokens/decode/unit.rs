//! The units of lifetimes.

use std::time::{Duration, SystemTime};

use crate::types::tokens::end::End;

/// A lifetime of more seconds than this, 31 years, is a point in time.
const LONGEST_SECONDS: f64 = 1e9;
/// A point in time with more seconds than this, in the year 5138, is in milliseconds.
const LATEST_SECONDS: f64 = 1e11;
/// A point in time with more milliseconds than this cannot be intended.
const LATEST_MILLIS: f64 = 1e14;

/// The unit of a lifetime.
#[derive(Clone, Copy)]
pub(super) enum Unit {
    Seconds,
    Millis,
    /// This many seconds each.
    Longer(f64),
    Point,
}

impl Unit {
    /// The declared unit of a lifetime.
    pub(super) fn of(unit: Duration) -> Self {
        match unit.as_millis() {
            1 => Self::Millis,
            1000 => Self::Seconds,
            _ => Self::Longer(unit.as_secs_f64()),
        }
    }

    /// `None` for a value that cannot be intended: zero, negative, or beyond all times.
    pub(super) fn end(self, number: f64) -> Option<End> {
        // Written so that a value that is not a number fails as well.
        if !(number > 0.0 && number < LATEST_MILLIS) {
            return None;
        }
        let lifetime = match self {
            Self::Seconds => Some(number),
            Self::Millis => Some(number / 1000.0),
            Self::Longer(seconds) => Some(number * seconds),
            Self::Point => None,
        };
        if let Some(seconds) = lifetime.filter(|seconds| *seconds < LONGEST_SECONDS) {
            let lifetime = Duration::try_from_secs_f64(seconds).ok()?;
            return Some(End::lasting(lifetime));
        }
        let seconds = if number < LATEST_SECONDS { number } else { number / 1000.0 };
        let since = Duration::try_from_secs_f64(seconds).ok()?;
        SystemTime::UNIX_EPOCH.checked_add(since).map(End::at)
    }
}
