//! Parts of messages: similar names, lists of choices, and carets under a part of a literal.

use std::ops::Range;

use quote::ToTokens;

use crate::model::case::snake_case;

/// The candidate that was probably intended, if one is similar enough.
pub(crate) fn near<'a>(name: &str, candidates: &[&'a str]) -> Option<&'a str> {
    let plain = |text: &str| text.to_lowercase().replace(['-', '_'], "");
    let wanted = plain(name);
    let length = wanted.chars().count();
    candidates
        .iter()
        .filter_map(|candidate| {
            let most = (wanted.len().max(candidate.len()) / 3).max(1);
            let plain = plain(candidate);
            // The distance is at least the difference of the lengths, which is found faster.
            let is_possible = length.abs_diff(plain.chars().count()) <= most;
            let distance = if is_possible { distance(&wanted, &plain) } else { usize::MAX };
            (distance <= most).then_some((distance, *candidate))
        })
        .min_by_key(|(distance, _)| *distance)
        .map(|(_, candidate)| candidate)
}

/// The same, but the last word of a name is nearer than its first: `id` for `order_id`, and not `order`.
pub(crate) fn near_or_part<'a>(name: &str, candidates: &[&'a str]) -> Option<&'a str> {
    let is_end =
        |long: &str, short: &str| long.strip_suffix(short).is_some_and(|it| it.ends_with('_'));
    let name = snake_case(name);
    let is_part = |candidate: &str| is_end(&name, candidate) || is_end(candidate, &name);
    match near(&name, candidates) {
        Some(near) if snake_case(near) == name => Some(near),
        near => candidates.iter().find(|it| is_part(it)).copied().or(near),
    }
}

/// `` `a`, `b` or `c` ``
pub(crate) fn choices(names: &[&str]) -> String {
    listed(names, "or")
}

/// `` `a`, `b` and `c` ``
pub(crate) fn all(names: &[&str]) -> String {
    listed(names, "and")
}

fn listed(names: &[&str], word: &str) -> String {
    match names {
        [] => String::new(),
        [one] => format!("`{one}`"),
        [first @ .., last] => {
            let first: Vec<_> = first.iter().map(|name| format!("`{name}`")).collect();
            format!("{} {word} `{last}`", first.join(", "))
        }
    }
}

/// The lines of help for a name that is not among the choices.
pub(crate) fn help(name: &str, candidates: &[&str], what: &str) -> String {
    let word = if what.ends_with(" are") { "and" } else { "or" };
    let all = listed(candidates, word);
    match near(name, candidates) {
        Some(near) => format!(
            "help: did you mean `{near}`?{}\n\
             help: {what} {all}",
            strange(name)
        ),
        None => format!("help: {what} {all}").trim_end().to_owned(),
    }
}

/// The text of a literal with carets under a range of its bytes. Control characters are shown as spaces, so
/// that the carets are in the right column.
pub(crate) fn caret(text: &str, piece: Range<usize>) -> String {
    let shown: String = text.chars().map(|c| if c.is_control() { ' ' } else { c }).collect();
    let before = text[..piece.start].chars().count();
    let under = text[piece].chars().count().max(1);
    format!("  {shown}\n  {}{}", " ".repeat(before), "^".repeat(under))
}

/// Tokens, spaced as rustfmt would.
pub(crate) fn text_of(tokens: &impl ToTokens) -> String {
    let mut text = tokens.to_token_stream().to_string();
    for (spaced, tight) in [
        (" < ", "<"),
        ("< ", "<"),
        (" >", ">"),
        (" ,", ","),
        (":: ", "::"),
        (" ::", "::"),
        ("& ", "&"),
        (" :", ":"),
        ("' ", "'"),
        ("( ", "("),
        (" )", ")"),
    ] {
        text = text.replace(spaced, tight);
    }
    text
}

/// A character that may be invisible or look like another one, with its code point.
pub(crate) fn shown(c: char) -> String {
    let code = format!("U+{:04X}", u32::from(c));
    match c {
        ' '..='~' => format!("`{c}`"),
        _ if is_invisible(c) => format!("invisible character {code}"),
        _ => format!("`{c}` ({code})"),
    }
}

/// Whether a character has no visible shape of its own.
pub(crate) fn is_invisible(c: char) -> bool {
    c.is_control()
        || c.is_whitespace()
        || matches!(c, '\u{ad}' | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{feff}')
}

/// The ASCII character that a character looks like.
pub(crate) fn look_alike(c: char) -> Option<char> {
    const CYRILLIC_AND_GREEK: &str =
        "аaеeоoрpсcхxуyіiјjѕsԁdһhАAВBЕEКKМMНHОOРPСCТTХXοoνvαaρpΑAΒBΕEΗHΙIΚKΜMΝNΟOΡPΤTΧXΥYΖZ";
    // Full-width forms have a fixed distance from ASCII.
    if ('\u{ff01}'..='\u{ff5e}').contains(&c) {
        return char::from_u32(u32::from(c) - 0xfee0);
    }
    let pairs: Vec<char> = CYRILLIC_AND_GREEK.chars().collect();
    let dash = matches!(c, '\u{2010}'..='\u{2015}' | '\u{2212}').then_some('-');
    let slash = matches!(c, '\u{2044}' | '\u{2215}').then_some('/');
    pairs.chunks(2).find(|pair| pair[0] == c).map(|pair| pair[1]).or(dash).or(slash)
}

/// Names the first character of a name that is not ASCII, since it may look like an ASCII character.
pub(crate) fn strange(name: &str) -> String {
    match name.chars().find(|c| !c.is_ascii()) {
        Some(c) => format!(" the name contains {}", shown(c)),
        None => String::new(),
    }
}

/// The number of edits that turn one word into the other; swapping two neighbors is one edit.
fn distance(a: &str, b: &str) -> usize {
    let (a, b): (Vec<char>, Vec<char>) = (a.chars().collect(), b.chars().collect());
    let mut rows = vec![(0..=b.len()).collect::<Vec<_>>()];
    for i in 1..=a.len() {
        let mut row = vec![i];
        for j in 1..=b.len() {
            let change = usize::from(a[i - 1] != b[j - 1]);
            let mut least =
                (rows[i - 1][j] + 1).min(row[j - 1] + 1).min(rows[i - 1][j - 1] + change);
            if i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1] {
                least = least.min(rows[i - 2][j - 2] + 1);
            }
            row.push(least);
        }
        rows.push(row);
    }
    rows[a.len()][b.len()]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_typo_finds_its_name() {
        assert_eq!(near("timout", &["base", "timeout"]), Some("timeout"));
        assert_eq!(near("qurey", &["query", "header"]), Some("query"));
        assert_eq!(near("renameAll", &["rename_all"]), Some("rename_all"));
    }

    #[test]
    fn an_unrelated_name_finds_nothing() {
        assert_eq!(near("cookie", &["base", "timeout", "auth"]), None);
    }

    #[test]
    fn carets_are_below_the_piece() {
        assert_eq!(caret("/a/{b", 3..5), "  /a/{b\n     ^^");
    }
}
