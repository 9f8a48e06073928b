//! The pause between two attempts.

use std::time::Duration;

/// The largest exponent: after so many doublings, a pause has reached any bound in use.
const MOST_DOUBLINGS: u32 = 30;

/// A pause that doubles with each consecutive failure, within two bounds. Jitter spreads it, so that clients that
/// failed together do not return together.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Backoff {
    shortest: Duration,
    longest: Duration,
}

impl Backoff {
    /// No pause is shorter than `shortest` or longer than `longest`. If the two contradict each other, `longest`
    /// applies.
    pub(crate) const fn new(shortest: Duration, longest: Duration) -> Self {
        Self { shortest, longest }
    }

    /// The pause after a failure that followed `before` consecutive ones. `jitter` in `0..=1` adds up to half of
    /// it; pass 0 for no spread.
    pub(crate) fn pause(self, before: u32, jitter: f64) -> Duration {
        // Jitter also applies at the upper bound: a fleet that has failed for an hour must not return as one.
        let spreadable = self.longest.div_f64(1.5).max(self.shortest);
        let doubled = self.shortest.saturating_mul(1 << before.min(MOST_DOUBLINGS)).min(spreadable);
        let extra = doubled / 2;
        doubled.saturating_add(extra.mul_f64(jitter.clamp(0.0, 1.0))).min(self.longest)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SECOND: Duration = Duration::from_secs(1);
    const MINUTE: Duration = Duration::from_secs(60);

    #[test]
    fn a_pause_doubles_up_to_the_longest() {
        let backoff = Backoff::new(SECOND, MINUTE);
        for (jitter, expected) in [
            (0.0, [1.0, 2.0, 4.0, 8.0, 16.0, 32.0, 40.0, 40.0]),
            (0.5, [1.25, 2.5, 5.0, 10.0, 20.0, 40.0, 50.0, 50.0]),
            (1.0, [1.5, 3.0, 6.0, 12.0, 24.0, 48.0, 60.0, 60.0]),
        ] {
            for (before, expected) in (0..).zip(expected) {
                let pause = backoff.pause(before, jitter).as_secs_f64();
                assert!((pause - expected).abs() < 1e-6, "{before}, {jitter}: {pause}");
            }
        }
    }

    #[test]
    fn a_pause_stays_within_its_bounds_whatever_the_jitter() {
        for before in [0, 1, 5, 29, 30, 31, u32::MAX] {
            for jitter in [-1.0, 0.0, 0.3, 1.0, 2.0, f64::INFINITY] {
                let pause = Backoff::new(SECOND, MINUTE).pause(before, jitter);
                assert!((SECOND..=MINUTE).contains(&pause), "{before}, {jitter}: {pause:?}");
                assert_eq!(Backoff::new(SECOND, SECOND).pause(before, jitter), SECOND);
                assert_eq!(Backoff::new(MINUTE, SECOND).pause(before, jitter), SECOND);
                let zero = Backoff::new(Duration::ZERO, MINUTE).pause(before, jitter);
                assert_eq!(zero, Duration::ZERO);
                let huge = Backoff::new(Duration::MAX, Duration::MAX).pause(before, jitter);
                assert_eq!(huge, Duration::MAX);
            }
        }
    }
}
