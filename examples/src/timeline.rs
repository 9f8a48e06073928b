//! A picture of what happened, drawn in the terminal.
//!
//! One row for each kind of event, time from left to right: the higher the block, the more happened in
//! that column. Nothing here prints; every function gives text for the same input always.

use std::ffi::OsStr;
use std::fmt::Write as _;
use std::time::Duration;

/// Something that happened at a time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Event {
    /// Milliseconds since the start.
    pub ms: u64,
    /// What happened.
    pub kind: Kind,
}

impl Event {
    /// An event so long after the start.
    #[must_use]
    pub fn at(since_start: Duration, kind: Kind) -> Self {
        Self { ms: u64::try_from(since_start.as_millis()).unwrap_or(u64::MAX), kind }
    }
}

/// What happened.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Kind {
    /// A call reached the server for the first time.
    Sent,
    /// A call was told that the token is over.
    Expired,
    /// A call waits for the refresh.
    Held,
    /// A refresh reached the server.
    RefreshStarted,
    /// A refresh was answered.
    RefreshFinished,
    /// A call was told that a token is over that had been replaced already.
    Late,
    /// A call reached the server again.
    Repeated,
    /// A call was answered.
    Done,
}

/// How to draw.
#[derive(Debug, Clone, Copy)]
pub struct Style {
    /// Columns of the terminal; at least 60 are used.
    pub width: usize,
    /// Whether colours are welcome.
    pub colours: bool,
}

/// Whether colours are welcome: on a terminal whose owner did not set `NO_COLOR` (<https://no-color.org>).
#[must_use]
pub fn wants_colours(terminal: bool, no_color: Option<&OsStr>) -> bool {
    terminal && no_color.is_none_or(OsStr::is_empty)
}

/// The rows of the picture, from above, each with its colour (ANSI) and what it means.
const ROWS: [(Kind, &str, u8, &str); 7] = [
    (Kind::Sent, "sent", 36, "calls that reached the server"),
    (Kind::Expired, "expired", 31, "told `token expired`"),
    (Kind::Held, "held", 33, "waited for the refresh"),
    (Kind::RefreshStarted, "refresh", 35, "one request renews the token for all"),
    (Kind::Late, "late", 31, "told so after the token was renewed"),
    (Kind::Repeated, "repeated", 34, "sent again with the new token"),
    (Kind::Done, "done", 32, "answered"),
];

const BLOCKS: [char; 8] = ['▁', '▂', '▃', '▄', '▅', '▆', '▇', '█'];
const NAME: usize = 10;
const TOTAL: usize = 9;
const NARROWEST: usize = 60;

/// Draws what happened. `waves` are the times at which waves of calls began, in milliseconds.
///
/// What the rows mean stands beside them where the terminal is wide, and below the picture elsewhere.
#[must_use]
pub fn draw(events: &[Event], waves: &[u64], style: Style) -> String {
    let scale = Scale::new(events, waves, style.width);
    let mut picture = format!("{:NAME$}{}\n", "", scale.wave_names(waves));
    let mut legend = String::new();
    for (kind, name, colour, meaning) in ROWS {
        let cells = match kind {
            Kind::RefreshStarted => scale.spans(events, waves),
            _ => scale.density(events, kind, waves),
        };
        let total = thousands(events.iter().filter(|event| event.kind == kind).count() as u64);
        let row = paint(&cells, colour, style.colours);
        let beside = if scale.is_wide { format!("  {meaning}") } else { String::new() };
        let _ = writeln!(picture, "{name:NAME$}{row}{total:>TOTAL$}{beside}");
        if !scale.is_wide {
            let _ = writeln!(legend, "{name:NAME$}{meaning}");
        }
    }
    let _ = writeln!(picture, "{:NAME$}{}\n", "", scale.axis());
    let _ = writeln!(picture, "┊ a wave begins   ├┤ ◆ a refresh   █ most of its row");
    picture + &legend
}

/// How far a run is.
#[derive(Debug, Clone, Copy, Default)]
pub struct Progress {
    /// The wave that runs, from 1.
    pub wave: u64,
    /// How many there are.
    pub waves: u64,
    /// Calls of this wave that have ended.
    pub ended: u64,
    /// Calls of this wave.
    pub calls: u64,
    /// Calls that wait for a refresh now.
    pub waiting: u64,
    /// Refreshes so far.
    pub refreshes: u64,
    /// Repeats so far.
    pub repeats: u64,
}

/// One line that says how far a run is. It is never longer than `style.width`, if that is 60 or more.
#[must_use]
pub fn progress(progress: &Progress, style: Style) -> String {
    const BAR: u64 = 10;
    let Progress { wave, waves, ended, calls, waiting, refreshes, repeats } = *progress;
    let full = (ended * BAR).checked_div(calls).unwrap_or(0).min(BAR);
    let bar: String = (0..BAR).map(|cell| if cell < full { '█' } else { '░' }).collect();
    let bar = paint(&bar, 32, style.colours);
    let rest = format!(
        "{}/{} waiting {waiting} refreshes {refreshes} repeats {}",
        thousands(ended),
        thousands(calls),
        thousands(repeats)
    );
    let room = style.width.max(NARROWEST).saturating_sub(format!("wave {wave}/{waves}").len() + 12);
    let rest: String = rest.chars().take(room).collect();
    format!("wave {wave}/{waves} {bar} {rest}")
}

/// Which column a time falls into.
struct Scale {
    /// Milliseconds of a column.
    column: u64,
    columns: usize,
    /// Whether what a row means has room beside it.
    is_wide: bool,
}

impl Scale {
    fn new(events: &[Event], waves: &[u64], width: usize) -> Self {
        let most = width.max(NARROWEST) - NAME - TOTAL;
        let longest = ROWS.iter().map(|row| row.3.len() + 2).max().unwrap_or(0);
        let is_wide = most >= 60 + longest;
        let columns = if is_wide { most - longest } else { most };
        let last = events.iter().map(|event| event.ms).chain(waves.iter().copied()).max();
        let column = (last.unwrap_or(0) / columns as u64) + 1;
        Self { column, columns, is_wide }
    }

    fn of(&self, ms: u64) -> usize {
        usize::try_from(ms / self.column).unwrap_or(usize::MAX).min(self.columns - 1)
    }

    /// A row that is empty but for the beginnings of the waves.
    fn empty(&self, waves: &[u64]) -> Vec<char> {
        let mut cells = vec![' '; self.columns];
        for wave in waves {
            cells[self.of(*wave)] = '┊';
        }
        cells
    }

    fn wave_names(&self, waves: &[u64]) -> String {
        let mut cells = vec![' '; self.columns];
        let mut free = 0;
        for (number, wave) in waves.iter().enumerate() {
            let name = format!("wave {}", number + 1);
            let at = self.of(*wave);
            // A name that would run into its neighbour, or out of the picture, is left out.
            if at >= free && at + name.len() <= self.columns {
                cells[at..at + name.len()].copy_from_slice(&name.chars().collect::<Vec<_>>());
                free = at + name.len() + 1;
            }
        }
        trimmed(&cells)
    }

    fn density(&self, events: &[Event], kind: Kind, waves: &[u64]) -> String {
        let mut counts = vec![0_usize; self.columns];
        for event in events.iter().filter(|event| event.kind == kind) {
            counts[self.of(event.ms)] += 1;
        }
        let highest = counts.iter().copied().max().unwrap_or(0).max(1);
        let cells = self.empty(waves).into_iter().zip(counts);
        cells
            .map(|(cell, count)| match count {
                0 => cell,
                _ => BLOCKS[(count * BLOCKS.len()).div_ceil(highest) - 1],
            })
            .collect()
    }

    /// The refreshes, from the request to the response.
    fn spans(&self, events: &[Event], waves: &[u64]) -> String {
        let times =
            |kind| events.iter().filter(move |event| event.kind == kind).map(|event| event.ms);
        let mut cells = self.empty(waves);
        let mut ends = times(Kind::RefreshFinished);
        for start in times(Kind::RefreshStarted) {
            let end = ends.next().unwrap_or(start);
            let (first, last) = (self.of(start), self.of(end));
            if first == last {
                cells[first] = '◆';
            } else {
                cells[first..=last].fill('─');
                cells[first] = '├';
                cells[last] = '┤';
            }
        }
        cells.into_iter().collect()
    }

    /// The time below the picture, about every ten columns, at whole tenths of a second.
    fn axis(&self) -> String {
        let wanted = self.column * 10;
        let steps = [100, 200, 500, 1_000, 2_000, 5_000, 10_000, 30_000, 60_000];
        let step = steps.into_iter().find(|step| *step >= wanted).unwrap_or(wanted);
        let mut line = vec!['─'; self.columns];
        let mut names = vec![' '; self.columns];
        let mut at = 0;
        while at / self.column < self.columns as u64 {
            let column = self.of(at);
            line[column] = '┴';
            let name = format!("{} s", at as f64 / 1000.0);
            if column + name.len() <= self.columns {
                names[column..column + name.len()]
                    .copy_from_slice(&name.chars().collect::<Vec<_>>());
            }
            at += step;
        }
        format!("{}\n{:NAME$}{}", line.into_iter().collect::<String>(), "", trimmed(&names))
    }
}

fn trimmed(cells: &[char]) -> String {
    cells.iter().collect::<String>().trim_end().to_owned()
}

fn paint(text: &str, colour: u8, colours: bool) -> String {
    if colours { format!("\u{1b}[{colour}m{text}\u{1b}[0m") } else { text.to_owned() }
}

/// `1234567` as `1,234,567`.
#[must_use]
pub fn thousands(number: u64) -> String {
    let digits = number.to_string();
    let mut text = String::new();
    for (place, digit) in digits.chars().enumerate() {
        if place > 0 && (digits.len() - place).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

#[cfg(test)]
mod tests;
