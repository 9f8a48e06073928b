//! The picture for the README: instructions of one call, as bars.

use std::fmt::Write as _;

use crate::table::{Table, grouped};

const WIDTH: u64 = 790;
const LABELS: u64 = 370;
const BAR: u64 = 340;
const ROW: u64 = 34;

/// Draws the clients, the cheapest first.
pub(crate) fn draw(table: &Table) -> String {
    let mut clients = table.clients.clone();
    clients.sort_by_key(|(_, count)| *count);
    let longest = clients.iter().map(|(_, count)| *count).max().unwrap_or(1);
    let height = 60 + ROW * clients.len() as u64;
    let mut svg = format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"{WIDTH}\" height=\"{height}\" \
         font-family=\"sans-serif\" font-size=\"14\" role=\"img\">\n\
         <title>Instructions of one call</title>\n\
         <rect width=\"100%\" height=\"100%\" fill=\"#ffffff\"/>\n\
         <text x=\"16\" y=\"28\" font-weight=\"bold\" fill=\"#1f2328\">\
         Instructions of one call (fewer is better)</text>\n"
    );
    for (at, (name, count)) in clients.iter().enumerate() {
        let y = 46 + ROW * at as u64;
        let width = BAR * count / longest;
        let colour = if *name == "perennial" { "#2da44e" } else { "#8c959f" };
        writeln!(
            svg,
            "<text x=\"16\" y=\"{}\" fill=\"#1f2328\">{name}</text>\
             <rect x=\"{LABELS}\" y=\"{y}\" width=\"{width}\" height=\"22\" fill=\"{colour}\"/>\
             <text x=\"{}\" y=\"{}\" fill=\"#1f2328\">{}</text>",
            y + 16,
            LABELS + width + 8,
            y + 16,
            grouped(*count),
        )
        .expect("a string takes everything");
    }
    svg.push_str("</svg>\n");
    svg
}
