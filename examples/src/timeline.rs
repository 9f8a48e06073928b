//! A chart of a run, drawn in the terminal.
//!
//! There is one row for each kind of event, with time from left to right: the higher the block, the more events fell
//! into that column. [`draw`] is pure and always colors its text; the stream that prints it removes the colors where
//! they are not wanted.

use std::time::Duration;

use indicatif::HumanCount;

/// Something that happened at a time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Event {
    /// Milliseconds since the start.
    pub ms: u64,
    /// The kind of event.
    pub kind: Kind,
}

impl Event {
    /// An event so long after the start.
    #[must_use]
    pub fn at(since_start: Duration, kind: Kind) -> Self {
        Self { ms: u64::try_from(since_start.as_millis()).unwrap_or(u64::MAX), kind }
    }
}

/// The kind of an [`Event`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// A call reached the server for the first time.
    Sent,
    /// The server responded that the token has expired.
    Expired,
    /// A call waits for the refresh.
    Queued,
    /// A refresh reached the server.
    RefreshStarted,
    /// The server responded to a refresh.
    RefreshFinished,
    /// The server responded that the token has expired, after that token was renewed.
    Late,
    /// A call reached the server again.
    Replayed,
    /// A call got its response.
    Done,
}

/// The rows from top to bottom: the kind, its color (ANSI) and its label.
const ROWS: [(Kind, u8, &str); 7] = [
    (Kind::Sent, 36, "calls sent"),
    (Kind::Expired, 31, "token expired"),
    (Kind::Queued, 33, "queued"),
    (Kind::RefreshStarted, 35, "refresh"),
    (Kind::Late, 31, "expired, late"),
    (Kind::Replayed, 34, "replayed"),
    (Kind::Done, 32, "done"),
];
const BLOCKS: [char; 8] = ['▁', '▂', '▃', '▄', '▅', '▆', '▇', '█'];
const LABEL: usize = 14;
const TOTAL: usize = 9;

/// Draws the events. `waves` are the times at which waves of calls began, in milliseconds; `width` is the
/// number of columns of the terminal, of which at least 60 are used.
#[must_use]
pub fn draw(events: &[Event], waves: &[u64], width: usize) -> String {
    let columns = width.max(60) - LABEL - TOTAL;
    let last = events.iter().map(|event| event.ms).chain(waves.iter().copied()).max();
    let ms_per_column = last.unwrap_or(0) / columns as u64 + 1;
    let column = |ms: u64| (ms / ms_per_column) as usize;
    let times = |kind| events.iter().filter(move |it| it.kind == kind).map(|it| it.ms);
    let label = |text: &str, cells: Vec<char>| {
        format!("{text:LABEL$}{}\n", cells.into_iter().collect::<String>().trim_end())
    };

    let mut marks = vec![' '; columns];
    let mut names = vec![' '; columns];
    for (number, wave) in waves.iter().enumerate() {
        marks[column(*wave)] = '┊';
        write_at(&mut names, column(*wave), &format!("wave {}", number + 1));
    }
    let mut picture = label("", names);
    for (kind, color, name) in ROWS {
        let cells = if kind == Kind::RefreshStarted {
            spans(marks.clone(), times(kind).map(column), times(Kind::RefreshFinished).map(column))
        } else {
            bars(marks.clone(), times(kind).map(column))
        };
        let cells: String = cells.into_iter().collect();
        let total = HumanCount(times(kind).count() as u64).to_string();
        picture += &format!("{name:LABEL$}\u{1b}[{color}m{cells}\u{1b}[0m{total:>TOTAL$}\n");
    }
    let steps = [100, 200, 500, 1_000, 2_000, 5_000, 10_000, 30_000, 60_000];
    let step = steps.into_iter().find(|step| *step >= ms_per_column * 10);
    let step = step.unwrap_or(ms_per_column * 10);
    let (mut axis, mut seconds) = (vec!['─'; columns], vec![' '; columns]);
    for at in (0..columns as u64 * ms_per_column).step_by(step as usize) {
        axis[column(at)] = '┴';
        write_at(&mut seconds, column(at), &format!("{} s", at as f64 / 1000.0));
    }
    picture + &label("", axis) + &label("", seconds)
}

/// How many events fell into each column, as a share of the fullest one.
fn bars(mut cells: Vec<char>, columns: impl Iterator<Item = usize>) -> Vec<char> {
    let mut counts = vec![0; cells.len()];
    columns.for_each(|column| counts[column] += 1);
    let highest = counts.iter().copied().max().unwrap_or(0);
    for (cell, count) in cells.iter_mut().zip(counts).filter(|(_, count)| *count > 0) {
        *cell = BLOCKS[(count * BLOCKS.len()).div_ceil(highest) - 1];
    }
    cells
}

/// Each refresh, from its request to its response.
fn spans(
    mut cells: Vec<char>,
    starts: impl Iterator<Item = usize>,
    mut ends: impl Iterator<Item = usize>,
) -> Vec<char> {
    for start in starts {
        let end = ends.next().unwrap_or(start);
        cells[start..=end].fill('─');
        cells[start] = '├';
        cells[end] = if start == end { '◆' } else { '┤' };
    }
    cells
}

/// Writes a text into its cells, unless it would touch another one or the edge.
fn write_at(cells: &mut [char], at: usize, text: &str) {
    let before = at.saturating_sub(1);
    if let Some(room) = cells.get_mut(before..at + text.len())
        && room.iter().all(|cell| *cell == ' ')
    {
        cells[at..].iter_mut().zip(text.chars()).for_each(|(cell, letter)| *cell = letter);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_wave_across_an_expiry_is_drawn() {
        let many = |kind, times: &mut dyn Iterator<Item = u64>| -> Vec<Event> {
            times.map(|ms| Event { ms, kind }).collect()
        };
        let events = [
            many(Kind::Sent, &mut (50..90)),
            many(Kind::Expired, &mut (350..380)),
            many(Kind::Queued, &mut (355..385)),
            many(Kind::RefreshStarted, &mut [352].into_iter()),
            many(Kind::RefreshFinished, &mut [452].into_iter()),
            many(Kind::Replayed, &mut (455..485)),
            many(Kind::Done, &mut (460..740).step_by(7)),
        ]
        .concat();
        let picture = draw(&events, &[50], 60);
        for color in [31, 32, 33, 34, 35, 36] {
            assert!(picture.contains(&format!("\u{1b}[{color}m")), "{picture}");
        }
        let plain: String = picture.split('\u{1b}').map(uncolored).collect();
        assert_eq!(plain.trim_end(), EXPECTED.trim_matches('\n'), "\n{plain}");
        assert!(draw(&[], &[], 60).contains("calls sent"), "no event is a picture too");
    }

    fn uncolored(piece: &str) -> &str {
        piece.split_once('m').filter(|(code, _)| code.starts_with('[')).map_or(piece, |(_, it)| it)
    }

    const EXPECTED: &str = "
                wave 1
calls sent      ▄█▄                                       40
token expired   ┊              ▄█                         30
queued          ┊              ▂█▂                        30
refresh         ┊              ├────┤                      1
expired, late   ┊                                          0
replayed        ┊                   ▂█▂                   30
done            ┊                    ██████▆██████▆       40
              ┴─────────┴─────────┴─────────┴──────
              0 s       0.2 s     0.4 s     0.6 s
";
}
