//! The name that was probably intended.

/// The most similar candidate, if one is similar enough.
pub(crate) fn near<'c>(
    name: &str,
    candidates: impl IntoIterator<Item = &'c str>,
) -> Option<&'c str> {
    let wanted = plain(name);
    candidates
        .into_iter()
        .map(|candidate| (distance(&wanted, &plain(candidate)), candidate))
        .filter(|(distance, candidate)| *distance <= (wanted.len().max(candidate.len()) / 3).max(1))
        .min_by_key(|(distance, _)| *distance)
        .map(|(_, candidate)| candidate)
}

fn plain(text: &str) -> Vec<u8> {
    text.bytes().filter(|it| !b"-_ ".contains(it)).map(|it| it.to_ascii_lowercase()).collect()
}

/// The number of edits that turn one into the other.
fn distance(a: &[u8], b: &[u8]) -> usize {
    // Names whose lengths differ this much are not similar.
    if a.len().abs_diff(b.len()) > a.len().max(b.len()) / 3 + 1 {
        return usize::MAX;
    }
    let mut row: Vec<usize> = (0..=b.len()).collect();
    for (i, x) in a.iter().enumerate() {
        let mut corner = row[0];
        row[0] = i + 1;
        for (j, y) in b.iter().enumerate() {
            let least = (corner + usize::from(x != y)).min(row[j] + 1).min(row[j + 1] + 1);
            corner = row[j + 1];
            row[j + 1] = least;
        }
    }
    row[b.len()]
}
