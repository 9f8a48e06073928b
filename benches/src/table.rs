//! The one table: what was measured, beside what, and whether it is as good as it should be.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use crate::happy::{Cost, Which};
use crate::storm::Storms;
use crate::{Outcome, contention, decode, happy, has_valgrind, storm};

/// All that was measured.
pub(crate) struct Table {
    pub(crate) rows: Vec<Row>,
    /// The counts that are the same in every run, by name.
    pub(crate) exact: BTreeMap<String, u64>,
    /// Instructions of one call, for the picture.
    pub(crate) clients: Vec<(&'static str, u64)>,
}

/// One line of the table.
pub(crate) struct Row {
    pub(crate) what: String,
    pub(crate) perennial: String,
    pub(crate) beside: String,
    pub(crate) ratio: Option<f64>,
    /// What it should be at most; `None` where nothing was promised.
    pub(crate) most: Option<f64>,
}

/// Measures; `quick` leaves out whatever takes long or is not exact.
pub(crate) fn measure(quick: bool) -> Outcome<Table> {
    let mut table = Table { rows: Vec::new(), exact: BTreeMap::new(), clients: Vec::new() };
    table.happy(&happy::measure()?);
    if has_valgrind() {
        table.decoding(quick)?;
    }
    let [plain, nested] = decode::expired();
    table.exactly("allocations of an expired body", plain as u64);
    table.exactly("allocations of an expired body with nested data", nested as u64);
    table.count("an expired answer, judged: allocations", plain, 0);
    table.count("the same with nested data: allocations", nested, 0);
    for calls in if quick { &[1_000][..] } else { &[1_000, 10_000] } {
        table.storms(&storm::measure(*calls)?, quick);
    }
    let sessions = if quick { 10_000 } else { 100_000 };
    let idle = storm::idle(sessions)?;
    table.exactly("bytes of an idle session", idle as u64);
    table.count("an idle session: bytes of heap", idle, 400);
    if !quick {
        for (tasks, ratio) in contention::measure()? {
            table.rows.push(Row {
                what: format!("{tasks} tasks at once: time"),
                perennial: String::new(),
                beside: "reqwest by hand".into(),
                ratio: Some(1.0 / ratio),
                most: None,
            });
        }
    }
    Ok(table)
}

impl Table {
    fn happy(&mut self, costs: &[Cost]) {
        let of = |which| costs.iter().find(|cost| cost.which == which);
        let Some(perennial) = of(Which::Perennial) else { return };
        for other in costs {
            if let Some(count) = other.instructions {
                self.clients.push((other.which.name(), count));
            }
            if other.which == Which::Perennial {
                continue;
            }
            let promised = other.which == Which::ByHand;
            if let (Some(ours), Some(theirs)) = (perennial.instructions, other.instructions) {
                self.row(
                    format!("one call: instructions, beside {}", other.which.name()),
                    (ours, theirs),
                    promised.then_some(1.0),
                );
            }
            self.row(
                format!("one call: allocations, beside {}", other.which.name()),
                (perennial.allocations as u64, other.allocations as u64),
                promised.then_some(1.0),
            );
            self.row(
                format!("one call: bytes allocated, beside {}", other.which.name()),
                (perennial.bytes as u64, other.bytes as u64),
                None,
            );
        }
        if let Some(instructions) = perennial.instructions {
            self.exactly("instructions of a call", instructions);
        }
        self.exactly("allocations of a call", perennial.allocations as u64);
    }

    fn decoding(&mut self, quick: bool) -> Outcome<()> {
        let sizes = if quick { &decode::SIZES[..2] } else { &decode::SIZES };
        for decoding in decode::measure(sizes)? {
            let size = match decoding.size >> 10 {
                kibibytes @ 0..1024 => format!("{kibibytes} KiB"),
                kibibytes => format!("{} MiB", kibibytes >> 10),
            };
            self.row(
                format!("{size}, the code first: instructions, beside a derived struct"),
                (decoding.code_first, decoding.typed),
                Some(1.01),
            );
            self.row(
                format!("{size}, the data first: instructions, beside a derived struct"),
                (decoding.data_first, decoding.typed),
                Some(1.2),
            );
            self.exactly(&format!("instructions of {size}"), decoding.code_first);
        }
        Ok(())
    }

    fn storms(&mut self, storms: &Storms, quick: bool) {
        let Storms { by_hand, perennial, early } = storms;
        let calls = perennial.calls;
        let name = |what: &str| format!("{calls} calls that expire together: {what}");
        self.row(name("refreshes"), (perennial.refreshes, by_hand.refreshes), Some(1.0));
        self.row(name("requests"), (perennial.requests, by_hand.requests), Some(1.0));
        self.count(&name("requests when it was known"), *early as usize, calls + 1);
        let parked = (perennial.parked as u64, by_hand.parked as u64);
        self.row(name("bytes of heap for each that waits"), parked, Some(500.0 / parked.1 as f64));
        self.exactly(&name("refreshes"), perennial.refreshes);
        self.exactly(&name("requests"), perennial.requests);
        // In larger storms the room that the connection keeps differs from run to run.
        if calls == 1_000 {
            self.exactly(&name("bytes parked"), perennial.parked as u64);
        }
        if !quick {
            let times = (perennial.time.as_micros() as u64, by_hand.time.as_micros() as u64);
            self.row(name("microseconds"), times, Some(1.05));
        }
    }

    fn exactly(&mut self, name: &str, count: u64) {
        self.exact.insert(name.to_owned(), count);
    }

    fn row(&mut self, what: String, (ours, theirs): (u64, u64), most: Option<f64>) {
        let ratio = (theirs > 0).then(|| ours as f64 / theirs as f64);
        let (perennial, beside) = (grouped(ours), grouped(theirs));
        self.rows.push(Row { what, perennial, beside, ratio, most });
    }

    fn count(&mut self, what: &str, count: usize, most: usize) {
        let ratio = if most == 0 { 1.0 + count as f64 } else { count as f64 / most as f64 };
        self.rows.push(Row {
            what: what.to_owned(),
            perennial: grouped(count as u64),
            beside: format!("at most {}", grouped(most as u64)),
            ratio: Some(ratio),
            most: Some(1.0),
        });
    }

    /// The table in Markdown.
    pub(crate) fn text(&self) -> String {
        let mut text = String::from(
            "| what | perennial | beside | ratio | at most | |\n|---|---:|---:|---:|---:|---|\n",
        );
        for Row { what, perennial, beside, ratio, most } in &self.rows {
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
