//! When an access token expires, in as few bytes as that takes: very many idle sessions keep it.

use std::time::{Duration, SystemTime};

use super::Expiry;

/// The expiry, as far as it is known.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum End {
    Unknown,
    /// There was a lifetime that could not be read.
    Unreadable,
    In {
        seconds: u64,
        nanos: u32,
    },
    /// Since the Unix epoch; the nanoseconds always count forward.
    At {
        seconds: i64,
        nanos: u32,
    },
}

/// The expiry in twelve bytes, aligned to four.
#[derive(Clone, Copy)]
pub(super) struct PackedEnd {
    seconds: [u8; 8],
    /// The nanoseconds, which take thirty bits, and above them which of the four it is.
    nanos: u32,
}

const NANOS: u32 = (1 << 30) - 1;
const UNKNOWN: u32 = 0;
const UNREADABLE: u32 = 1 << 30;
const IN: u32 = 2 << 30;
const AT: u32 = 3 << 30;

impl End {
    pub(super) fn lasting(lifetime: Duration) -> Self {
        Self::In { seconds: lifetime.as_secs(), nanos: lifetime.subsec_nanos() }
    }

    pub(super) fn at(end: SystemTime) -> Self {
        let since = |seconds: u64| i64::try_from(seconds).unwrap_or(i64::MAX);
        match end.duration_since(SystemTime::UNIX_EPOCH) {
            Ok(after) => Self::At { seconds: since(after.as_secs()), nanos: after.subsec_nanos() },
            Err(before) => {
                let before = before.duration();
                let (seconds, nanos) = match before.subsec_nanos() {
                    0 => (-since(before.as_secs()), 0),
                    nanos => (-since(before.as_secs()) - 1, 1_000_000_000 - nanos),
                };
                Self::At { seconds, nanos }
            }
        }
    }

    pub(super) fn expiry(self) -> Option<Expiry> {
        match self {
            Self::Unknown | Self::Unreadable => None,
            Self::In { seconds, nanos } => Some(Expiry::In(Duration::new(seconds, nanos))),
            Self::At { seconds, nanos } => {
                let whole = Duration::from_secs(seconds.unsigned_abs());
                let whole = if seconds < 0 {
                    SystemTime::UNIX_EPOCH.checked_sub(whole)
                } else {
                    SystemTime::UNIX_EPOCH.checked_add(whole)
                };
                whole?.checked_add(Duration::from_nanos(nanos.into())).map(Expiry::At)
            }
        }
    }

    pub(super) const fn pack(self) -> PackedEnd {
        let (seconds, nanos) = match self {
            Self::Unknown => ([0; 8], UNKNOWN),
            Self::Unreadable => ([0; 8], UNREADABLE),
            Self::In { seconds, nanos } => (seconds.to_ne_bytes(), IN | nanos),
            Self::At { seconds, nanos } => (seconds.to_ne_bytes(), AT | nanos),
        };
        PackedEnd { seconds, nanos }
    }
}

impl PackedEnd {
    pub(super) const fn unpack(self) -> End {
        let nanos = self.nanos & NANOS;
        match self.nanos & !NANOS {
            IN => End::In { seconds: u64::from_ne_bytes(self.seconds), nanos },
            AT => End::At { seconds: i64::from_ne_bytes(self.seconds), nanos },
            UNREADABLE => End::Unreadable,
            _ => End::Unknown,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_packed_comes_out_the_same() {
        for end in [
            End::Unknown,
            End::Unreadable,
            End::In { seconds: 0, nanos: 0 },
            End::In { seconds: u64::MAX, nanos: 999_999_999 },
            End::At { seconds: i64::MIN, nanos: 999_999_999 },
            End::At { seconds: -1, nanos: 1 },
            End::At { seconds: i64::MAX, nanos: 0 },
        ] {
            assert_eq!(end.pack().unpack(), end);
        }
        assert_eq!((size_of::<PackedEnd>(), align_of::<PackedEnd>()), (12, 4));
    }
}
