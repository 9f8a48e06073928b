//! How long a token lives.

use std::time::Duration;

const USUAL: Duration = Duration::from_secs(2);
const SHORTEST: Duration = Duration::from_millis(10);
const LONGEST: Duration = Duration::from_secs(60 * 60);

/// Reads `2s`, `500ms` or a number of seconds.
///
/// # Errors
///
/// What is wrong with the text, for the person who wrote it.
pub fn parse(text: &str) -> Result<Duration, String> {
    let at = text.find(|c: char| c.is_ascii_alphabetic()).unwrap_or(text.len());
    let (number, unit) = text.split_at(at);
    let number: f64 = number.trim().parse().map_err(|_| {
        format!("`{text}` is no duration: write `2s`, `500ms` or a number of seconds")
    })?;
    let seconds = match unit {
        "ms" => number / 1000.0,
        "s" | "" => number,
        _ => return Err(format!("`{unit}` is no unit: write `s` or `ms`")),
    };
    Duration::try_from_secs_f64(seconds)
        .ok()
        .filter(|duration| (SHORTEST..=LONGEST).contains(duration))
        .ok_or_else(|| {
            "a token lives for 10 ms at least and an hour at most: write `10ms` to `3600s`"
                .to_owned()
        })
}

/// Two seconds, or four times as long as a wave of calls takes: a call that is repeated must reach the
/// server while the new token lives. In whole tenths of a second.
#[must_use]
pub fn for_wave(wave: Duration) -> Duration {
    let tenths = (wave.as_millis() * 4).div_ceil(100);
    Duration::from_millis(u64::try_from(tenths * 100).unwrap_or(u64::MAX)).max(USUAL)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_lifetime_is_read_with_its_unit() {
        for (text, millis) in [
            ("2s", 2000),
            ("2", 2000),
            ("0.5", 500),
            ("500ms", 500),
            ("10ms", 10),
            ("3600", 3_600_000),
        ] {
            assert_eq!(parse(text), Ok(Duration::from_millis(millis)), "{text}");
        }
        for text in [
            "",
            "s",
            "2m",
            "-1",
            "0",
            "9ms",
            "NaN",
            "inf",
            "1e300",
            "3601s",
            "18000000000000000000s",
        ] {
            assert!(parse(text).is_err(), "{text}");
        }
    }

    #[test]
    fn a_slow_machine_gets_tokens_that_live_longer() {
        for (wave, ttl) in [(0, 2000), (500, 2000), (501, 2100), (1500, 6000)] {
            let ttl = Duration::from_millis(ttl);
            assert_eq!(for_wave(Duration::from_millis(wave)), ttl, "{wave} ms");
        }
    }
}
