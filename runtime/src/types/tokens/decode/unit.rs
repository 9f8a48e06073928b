//! What the numbers of lifetimes mean.

use std::time::{Duration, SystemTime};

use crate::types::tokens::End;

/// A lifetime of more seconds, 31 years, is a point in time.
const LONGEST_SECONDS: f64 = 1e9;
/// A point in time of more seconds, in the year 5138, is one in milliseconds.
const LATEST_SECONDS: f64 = 1e11;
/// A point in time of more milliseconds cannot be meant.
const LATEST_MILLIS: f64 = 1e14;

/// What the number of a lifetime counts.
#[derive(Clone, Copy)]
pub(super) enum Unit {
    Seconds,
    Millis,
    Point,
}

impl Unit {
    /// `None` for what cannot be meant: zero, less, or beyond all times.
    pub(super) fn end(self, number: f64) -> Option<End> {
        // Written so that what is not a number fails as well.
        if !(number > 0.0 && number < LATEST_MILLIS) {
            return None;
        }
        let (lifetime, divisor) = match self {
            Self::Seconds => (number < LONGEST_SECONDS, 1.0),
            Self::Millis => (number < LONGEST_SECONDS * 1000.0, 1000.0),
            Self::Point => (false, 1.0),
        };
        if lifetime {
            let lifetime = Duration::try_from_secs_f64(number / divisor).ok()?;
            return Some(End::In { seconds: lifetime.as_secs(), nanos: lifetime.subsec_nanos() });
        }
        let seconds = if number < LATEST_SECONDS { number } else { number / 1000.0 };
        let since = Duration::try_from_secs_f64(seconds).ok()?;
        SystemTime::UNIX_EPOCH.checked_add(since).map(End::at)
    }
}
