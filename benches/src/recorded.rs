//! The counts that are recorded in the repository, so that a change that raises them is noticed.

use std::collections::BTreeMap;
use std::path::Path;

use crate::Outcome;
use crate::table::Table;

/// Counts may rise by this part before a person has to look: hash seeds and the ports' digits make
/// instructions differ by a few in a thousand.
const TOLERANCE: f64 = 0.02;

/// Records the counts of the table. Those that were not measured stay as they were.
pub(crate) fn write(path: &Path, table: &Table) -> Outcome<()> {
    let mut counts: BTreeMap<String, u64> = serde_json::from_slice(&std::fs::read(path)?)?;
    counts.extend(table.exact.clone());
    let mut text = serde_json::to_string_pretty(&counts)?;
    text.push('\n');
    Ok(std::fs::write(path, text)?)
}

/// Fails if a count rose. A count that is only measured or only recorded is skipped: without valgrind there are
/// no instructions.
pub(crate) fn compare(path: &Path, table: &Table) -> Outcome<()> {
    let recorded: BTreeMap<String, u64> = serde_json::from_slice(&std::fs::read(path)?)?;
    let risen = risen(&recorded, &table.exact);
    if risen.is_empty() { Ok(()) } else { Err(risen.join("\n").into()) }
}

fn risen(recorded: &BTreeMap<String, u64>, measured: &BTreeMap<String, u64>) -> Vec<String> {
    recorded
        .iter()
        .filter_map(|(name, before)| Some((name, *before, *measured.get(name)?)))
        .filter(|(_, before, now)| *now as f64 > *before as f64 * (1.0 + TOLERANCE))
        .map(|(name, before, now)| format!("{name}: it was {before}, it is {now}"))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn counts(counts: &[(&str, u64)]) -> BTreeMap<String, u64> {
        counts.iter().map(|(name, count)| ((*name).to_owned(), *count)).collect()
    }

    #[test]
    fn a_count_that_rose_by_more_than_two_percent_is_named() {
        let before = counts(&[("a", 1000), ("b", 1000), ("c", 0), ("d", 5)]);
        let now = counts(&[("a", 1020), ("b", 1021), ("c", 1), ("e", 9)]);
        let risen = risen(&before, &now);
        assert_eq!(risen, ["b: it was 1000, it is 1021", "c: it was 0, it is 1"]);
    }
}
