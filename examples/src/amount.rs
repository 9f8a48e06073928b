//! How many of something a person asks for.

use std::ops::RangeInclusive;

use crate::timeline::thousands;

/// A reader of whole numbers within a range, for the command line.
///
/// What it says of any other text names the range, for the person who wrote it.
pub fn within(
    range: RangeInclusive<u64>,
) -> impl Fn(&str) -> Result<u64, String> + Clone + Send + Sync + 'static {
    move |text| {
        let number = text.parse().ok().filter(|number| range.contains(number));
        number.ok_or_else(|| {
            let (lowest, highest) = (thousands(*range.start()), thousands(*range.end()));
            format!("write a whole number from {lowest} to {highest}")
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_number_out_of_its_range_is_told_the_range() {
        let read = within(1..=1000);
        assert_eq!((read("1"), read("1000")), (Ok(1), Ok(1000)));
        for text in ["", "0", "1001", "-1", "1.5", "ten", "18446744073709551616"] {
            assert_eq!(
                read(text),
                Err("write a whole number from 1 to 1,000".to_owned()),
                "{text}"
            );
        }
    }
}
