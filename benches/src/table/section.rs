//! A section of the table, and how it is written.

use std::fmt::Write as _;

/// Lines that belong together.
pub(crate) struct Section {
    pub(crate) heading: &'static str,
    /// The caption of the numbers.
    pub(super) about: &'static str,
    pub(super) rows: Vec<Row>,
    /// Remarks below the table.
    pub(super) below: String,
}

/// One line of the table.
pub(crate) struct Row {
    pub(crate) what: String,
    pub(crate) perennial: String,
    pub(crate) beside: String,
    pub(crate) ratio: Option<f64>,
    /// The goal, as an upper bound; `None` where nothing was promised.
    pub(crate) most: Option<f64>,
}

impl Section {
    /// The section in Markdown.
    pub(crate) fn text(&self, measured: Option<&str>) -> String {
        let Self { heading, about, rows, below } = self;
        let measured = measured.map_or_else(String::new, |measured| format!("{measured}\n"));
        let mut text = format!(
            "## {heading}\n\n{about}\n\n{measured}| what | perennial | compared with | ratio | at most | |\n\
             |---|---:|---:|---:|---:|---|\n"
        );
        for Row { what, perennial, beside, ratio, most } in rows {
            let shown = ratio.map(|ratio| format!("{ratio:.3}")).unwrap_or_default();
            let bound = most.map(|most| format!("{most:.2}")).unwrap_or_default();
            let verdict = match (ratio, most) {
                (Some(ratio), Some(most)) if ratio > most => "missed",
                (Some(_), Some(_)) => "met",
                _ => "",
            };
            writeln!(text, "| {what} | {perennial} | {beside} | {shown} | {bound} | {verdict} |")
                .expect("a string takes everything");
        }
        if !below.is_empty() {
            text.push('\n');
            text.push_str(below);
        }
        text
    }
}

/// `70,914`.
pub(crate) fn grouped(count: u64) -> String {
    let digits = count.to_string();
    let mut text = String::new();
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && (digits.len() - at).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}
