//! Points in time as text.
//!
//! A crate for dates would be part of every build. This is the part of RFC 3339 that servers use.

use std::time::{Duration, SystemTime};

use super::parse;

/// A point in time in the form of RFC 3339 (`2026-07-11T22:14:10.5Z`, `2026-07-11 22:14:10+02:00`) or of HTTP (RFC
/// 9110, section 5.6.7). A date without an offset is rejected, since it does not specify a point in time.
pub(crate) fn point(text: &str) -> Option<SystemTime> {
    let text = text.trim();
    rfc3339(text).or_else(|| parse::http_date(text))
}

fn rfc3339(text: &str) -> Option<SystemTime> {
    let (date, time) = text.split_at_checked(10)?;
    let [year, month, day] = numbers(date, '-', [4, 2, 2])?;
    let time = time.strip_prefix(['T', 't', ' '])?;
    let (clock, rest) = time.split_at_checked(8)?;
    let [hour, minute, second] = numbers(clock, ':', [2, 2, 2])?;
    let (nanos, offset) = match rest.strip_prefix('.') {
        Some(rest) => fraction(rest)?,
        None => (0, rest),
    };
    let offset = seconds_of(offset)?;
    let is_valid = (1..=12).contains(&month)
        && (1..=days_in(year, month)).contains(&day)
        && hour < 24
        && minute < 60
        // A leap second becomes the first second of the next minute.
        && second <= 60;
    if !is_valid {
        return None;
    }
    let seconds = days_since_1970(year, month, day) * 86_400 + hour * 3600 + minute * 60 + second;
    let seconds = seconds - offset;
    let whole = Duration::from_secs(seconds.unsigned_abs());
    let start = match seconds < 0 {
        true => SystemTime::UNIX_EPOCH.checked_sub(whole),
        false => SystemTime::UNIX_EPOCH.checked_add(whole),
    };
    start?.checked_add(Duration::from_nanos(nanos))
}

/// Three numbers with these numbers of digits.
fn numbers(text: &str, between: char, digits: [usize; 3]) -> Option<[i64; 3]> {
    let mut parts = text.split(between);
    let mut next = |digits| {
        let part = parts.next().filter(|it| it.len() == digits)?;
        part.bytes().all(|digit| digit.is_ascii_digit()).then(|| part.parse().ok())?
    };
    Some([next(digits[0])?, next(digits[1])?, next(digits[2])?])
}

/// The nanoseconds of a fraction of any length, and the rest after it.
fn fraction(text: &str) -> Option<(u64, &str)> {
    let end = text.find(|digit: char| !digit.is_ascii_digit()).unwrap_or(text.len());
    let (digits, rest) = text.split_at(end);
    let nanos = format!("{digits:0<9}").get(..9)?.parse().ok()?;
    (!digits.is_empty()).then_some((nanos, rest))
}

/// The seconds of an offset east of Greenwich.
fn seconds_of(offset: &str) -> Option<i64> {
    if offset.eq_ignore_ascii_case("z") {
        return Some(0);
    }
    let sign = match offset.as_bytes().first()? {
        b'+' => 1,
        b'-' => -1,
        _ => return None,
    };
    let [hours, minutes, _] = numbers(&format!("{}:00", offset.get(1..)?), ':', [2, 2, 2])?;
    (hours < 24 && minutes < 60).then_some(sign * (hours * 3600 + minutes * 60))
}

fn days_in(year: i64, month: i64) -> i64 {
    match month {
        2 if year % 4 == 0 && (year % 100 != 0 || year % 400 == 0) => 29,
        2 => 28,
        4 | 6 | 9 | 11 => 30,
        _ => 31,
    }
}

/// The days of the Gregorian calendar, with a year that begins in March, so that its last day is the leap day.
fn days_since_1970(year: i64, month: i64, day: i64) -> i64 {
    let year = if month <= 2 { year - 1 } else { year };
    let since_march = (month + 9) % 12;
    let day_of_year = (153 * since_march + 2) / 5 + day - 1;
    let leap_days = year.div_euclid(4) - year.div_euclid(100) + year.div_euclid(400);
    // Counted from March 1 of the year 0.
    year * 365 + leap_days + day_of_year - 719_468
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use proptest::prelude::*;

    use super::*;

    fn since_1970(text: &str) -> Option<f64> {
        let point = point(text)?;
        Some(match point.duration_since(SystemTime::UNIX_EPOCH) {
            Ok(after) => after.as_secs_f64(),
            Err(before) => -before.duration().as_secs_f64(),
        })
    }

    #[test]
    fn a_date_of_rfc_3339_is_a_point_in_time() {
        for (text, seconds) in [
            ("1970-01-01T00:00:00Z", 0.0),
            ("2016-07-11T22:14:10Z", 1_468_275_250.0),
            ("2016-07-11t22:14:10z", 1_468_275_250.0),
            (" 2016-07-12 00:14:10+02:00 ", 1_468_275_250.0),
            ("2016-07-11T13:44:10.25-08:30", 1_468_275_250.25),
            ("2016-07-11T22:14:10.0000000Z", 1_468_275_250.0),
            ("2000-02-29T12:00:00Z", 951_825_600.0),
            ("2016-12-31T23:59:60Z", 1_483_228_800.0),
            ("1969-12-31T23:59:59.5Z", -0.5),
            ("Mon, 11 Jul 2016 22:14:10 GMT", 1_468_275_250.0),
        ] {
            assert_eq!(since_1970(text), Some(seconds), "{text}");
        }
    }

    #[test]
    fn a_text_without_a_point_in_time_is_not_a_date() {
        for text in [
            "",
            "soon",
            "2016-07-11",
            "2016-07-11T22:14:10",
            "2016-07-11T22:14Z",
            "2016-7-11T22:14:10Z",
            "2016-02-30T22:14:10Z",
            "2015-02-29T22:14:10Z",
            "1900-02-29T00:00:00Z",
            "2016-13-01T00:00:00Z",
            "2016-00-01T00:00:00Z",
            "2016-01-00T00:00:00Z",
            "2016-01-01T24:00:00Z",
            "2016-01-01T00:60:00Z",
            "2016-01-01T00:00:61Z",
            "2016-01-01T00:00:00.Z",
            "2016-01-01T00:00:00+24:00",
            "2016-01-01T00:00:00+0200",
            "2016-01-01T00:00:00 UTC",
            "+016-01-01T00:00:00Z",
            "２016-01-01T00:00:00Z",
            "2016-01-01Ü00:00:00Z",
        ] {
            assert_eq!(point(text), None, "{text}");
        }
    }

    proptest! {
        #[test]
        fn a_written_date_is_read_as_it_was(seconds in 0_u64..253_402_300_800) {
            let point_of = SystemTime::UNIX_EPOCH + Duration::from_secs(seconds);
            // HTTP's form has the same numbers in a different order.
            let text = httpdate::fmt_http_date(point_of);
            let parts: Vec<_> = text.split(' ').collect();
            let months = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];
            let month = months.iter().position(|month| *month == parts[2]).unwrap() + 1;
            let text = format!("{}-{month:02}-{}T{}Z", parts[3], parts[1], parts[4]);
            prop_assert_eq!(point(&text), Some(point_of));
        }

        #[test]
        fn no_text_makes_it_panic(text in ".{0,40}", date in "[0-9TZtz:.+ -]{0,32}") {
            let _ = (point(&text), point(&date));
        }
    }
}
