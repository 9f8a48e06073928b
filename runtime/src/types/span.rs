//! How a span of time is shown.

use std::fmt;
use std::time::Duration;

/// `3s`, `250ms` or `7us`. The `Debug` of a `Duration` would bring its decimals into a page.
pub(crate) struct Span(pub(crate) Duration);

impl fmt::Display for Span {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (seconds, micros) = (self.0.as_secs(), self.0.subsec_micros());
        match micros {
            0 => write!(f, "{seconds}s"),
            _ if micros % 1000 == 0 => {
                let millis = seconds.saturating_mul(1000).saturating_add(u64::from(micros / 1000));
                write!(f, "{millis}ms")
            }
            _ => {
                let micros = seconds.saturating_mul(1_000_000).saturating_add(u64::from(micros));
                write!(f, "{micros}us")
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_span_is_shown_in_the_largest_unit_that_is_exact() {
        for (span, shown) in [
            (Duration::from_secs(3), "3s"),
            (Duration::from_millis(1500), "1500ms"),
            (Duration::from_micros(1_000_007), "1000007us"),
            (Duration::ZERO, "0s"),
            (Duration::from_secs(u64::MAX), "18446744073709551615s"),
        ] {
            assert_eq!(Span(span).to_string(), shown);
        }
    }
}
