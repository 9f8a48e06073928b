//! The table of all measurements, with their comparisons and targets.

mod full_size;
mod section;

use std::collections::BTreeMap;

use section::Row;
pub(crate) use section::{Section, grouped};

use clap::ValueEnum;

use crate::bill::Bill;
use crate::compile::expansion::Expansion;
use crate::compile::{self, Form};
use crate::contention::Times;
use crate::happy::{Cost, Which};
use crate::storm::Storms;
use crate::{Outcome, bill, contention, decode, happy, has_valgrind, progress, queue, storm};

/// All measurements.
#[derive(Default)]
pub(crate) struct Table {
    pub(crate) sections: Vec<Section>,
    /// The counts that are the same in every run, by name.
    pub(crate) exact: BTreeMap<String, u64>,
    /// Instructions of one call, for the picture.
    pub(crate) clients: Vec<(&'static str, u64)>,
}

/// The smaller number of endpoints from which one is counted on.
const FEW: usize = 10;
/// How many the program has that is built to be counted quickly; as many of each kind more.
const QUICK: [usize; 2] = [8, 40];
/// How many methods the trait has that the macro expands.
const METHODS: usize = 500;

/// A part of the table that can be measured alone.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Part {
    /// One call: instructions, allocations, misses of the cache.
    Call,
    /// Many calls and many sessions: memory, requests.
    Many,
    /// CPU time with many calls in flight.
    Cpu,
    /// Compile time and size.
    Build,
    /// GitHub's API at full size, where its document is at hand.
    Github,
    /// The crates that perennial adds, and their build.
    Bill,
}

/// Measures these parts; `quick` leaves out whatever takes long or is not exact.
pub(crate) fn measure(parts: &[Part], quick: bool, rounds: usize) -> Outcome<Table> {
    let mut table = Table::default();
    for part in parts {
        match part {
            Part::Call => table.call(quick)?,
            Part::Many => table.many(quick)?,
            Part::Cpu if quick => {}
            Part::Cpu => table.cpu()?,
            Part::Build => table.build(quick, rounds)?,
            Part::Github if quick => {}
            Part::Github => table.full_size(rounds)?,
            Part::Bill => table.dependencies(quick)?,
        }
    }
    Ok(table)
}

impl Table {
    fn call(&mut self, quick: bool) -> Outcome<()> {
        self.section("A call", "Exact counts; instructions differ by less than 0.2% between runs.");
        self.happy(&happy::measure()?);
        if has_valgrind() {
            self.decoding(quick)?;
        }
        let [plain, nested] = decode::expired();
        self.exactly("allocations of an expired body", plain as u64);
        self.exactly("allocations of an expired body with nested data", nested as u64);
        self.count("an expired response, judged: allocations", plain, 0);
        self.count("the same with nested data: allocations", nested, 0);
        Ok(())
    }

    fn many(&mut self, quick: bool) -> Outcome<()> {
        self.section(
            "Many calls, many sessions",
            "Exact counts, but for times and resident memory.",
        );
        for calls in if quick { &[1_000][..] } else { &[1_000, 10_000] } {
            self.storms(&storm::measure(*calls)?, quick);
        }
        if has_valgrind() {
            self.queue(&queue::measure(&queue::CALLS[..if quick { 4 } else { 5 }])?);
        }
        let sessions = if quick { 10_000 } else { 100_000 };
        let idle = storm::idle_apart(sessions)?;
        self.exactly("bytes of an idle session", idle.heap as u64);
        self.count("an idle session: bytes of heap", idle.heap, 250);
        if let Some(kilobytes) = idle.resident.filter(|_| !quick) {
            let what =
                format!("{} idle sessions: kilobytes of resident memory", grouped(sessions as u64));
            self.row(what, (kilobytes, 0), None);
        }
        Ok(())
    }

    fn build(&mut self, quick: bool, rounds: usize) -> Outcome<()> {
        self.section(
            "Compile time and size",
            "Lines and bytes are exact. Times are the compiler's CPU time for the program alone, after its \
             dependencies are built: the lowest of several alternating builds.",
        );
        let costs = match quick {
            true => compile::measure(&QUICK, 0)?,
            false => compile::measure(&[FEW, 100, 500], rounds)?,
        };
        self.compile(&costs);
        self.expansion(&compile::expansion::measure(METHODS, quick)?);
        Ok(())
    }

    fn dependencies(&mut self, quick: bool) -> Outcome<()> {
        self.section(
            "The dependency bill",
            "`perennial` compared with `reqwest`, both with their default features. CPU time of a first build \
             for development, from nothing.",
        );
        self.bill(&bill::measure(!quick)?);
        Ok(())
    }

    fn happy(&mut self, costs: &[Cost]) {
        let of = |which| costs.iter().find(|cost| cost.which == which);
        let Some(perennial) = of(Which::Perennial) else { return };
        for other in costs {
            if other.which == Which::Public {
                self.session_part(perennial, other);
                continue;
            }
            if let Some(count) = other.instructions {
                self.clients.push((other.which.name(), count));
            }
            if other.which == Which::Perennial {
                continue;
            }
            let promised = other.which == Which::ByHand;
            if let (Some(ours), Some(theirs)) = (perennial.instructions, other.instructions) {
                self.row(
                    format!("one call: instructions, compared with {}", other.which.name()),
                    (ours, theirs),
                    promised.then_some(0.92),
                );
            }
            if let (Some(ours), Some(theirs)) = (perennial.misses, other.misses) {
                let name = |what: &str| {
                    format!(
                        "one call: {what} that miss 32 KB, compared with {}",
                        other.which.name()
                    )
                };
                let most = promised.then_some(1.05);
                self.row(name("reads"), (ours.reads, theirs.reads), most);
                self.row(name("writes"), (ours.writes, theirs.writes), most);
            }
            self.row(
                format!("one call: allocations, compared with {}", other.which.name()),
                (perennial.allocations as u64, other.allocations as u64),
                promised.then_some(1.0),
            );
            self.row(
                format!("one call: bytes allocated, compared with {}", other.which.name()),
                (perennial.bytes as u64, other.bytes as u64),
                None,
            );
        }
        if let Some(instructions) = perennial.instructions {
            self.exactly("instructions of a call", instructions);
        }
        if let Some(misses) = perennial.misses {
            self.exactly("reads of a call that miss 32 KB", misses.reads);
            self.exactly("writes of a call that miss 32 KB", misses.writes);
        }
        self.exactly("allocations of a call", perennial.allocations as u64);
        self.count("one call: allocations", perennial.allocations as usize, 50);
    }

    /// A call without a session does everything but ask, carry a token and be judged for it.
    fn session_part(&mut self, whole: &Cost, without: &Cost) {
        let (Some(whole), Some(without)) = (whole.instructions, without.instructions) else {
            return;
        };
        let part = whole.saturating_sub(without);
        self.row(
            "one call: instructions of the session, its lock included, of all".into(),
            (part, whole),
            None,
        );
    }

    /// The release of the queue is linear if a call costs the same however many wait.
    fn queue(&mut self, steps: &[(u64, u64)]) {
        let Some(((_, first), more)) = steps.split_first() else { return };
        self.exactly("instructions of a call that waits", *first);
        for (calls, each) in more {
            self.row(
                format!(
                    "{} calls that wait and are released, without a network: instructions of each, compared with those of 2,000",
                    grouped(*calls)
                ),
                (*each, *first),
                Some(1.05),
            );
            self.exactly(&format!("instructions of a call that waits beside {calls}"), *each);
        }
    }

    fn cpu(&mut self) -> Outcome<()> {
        self.section("CPU time", contention::ABOUT);
        for times in contention::measure()? {
            let Times { in_flight, perennial, by_hand, control } = times;
            let name = format!("{in_flight} in flight: nanoseconds of a call");
            self.row(name, (perennial, by_hand), Some(1.0));
            self.row(format!("{in_flight} in flight: nanoseconds of the handwritten call, compared with itself"), (control, by_hand), None);
        }
        Ok(())
    }

    fn compile(&mut self, costs: &[compile::Cost]) {
        let Some(few) = costs.first().map(|cost| cost.endpoints) else { return };
        let of = |form, endpoints| {
            costs.iter().find(|cost| cost.form == form && cost.endpoints == endpoints)
        };
        for other in costs.iter().filter(|cost| cost.form != Form::Perennial) {
            let (form, endpoints) = (other.form, other.endpoints);
            let Some(ours) = of(Form::Perennial, endpoints) else { continue };
            let goals = match form {
                Form::Lean => Some([0.9, 0.8, 0.8]),
                Form::ByHand | Form::Careful => Some([1.0, 0.7, 0.7]),
                _ => None,
            };
            let name = |what: &str| {
                format!("{endpoints} endpoints: {what}, compared with {}", form.name())
            };
            let most = |which: usize| goals.map(|goals| goals[which]);
            let millis = |seconds: f64| (seconds * 1000.0).round() as u64;
            if let (Some(ours), Some(theirs)) = (ours.check, other.check) {
                let times = (millis(ours), millis(theirs));
                self.row(name("check, milliseconds"), times, most(0));
            }
            if let (Some(ours), Some(theirs)) = (ours.release, other.release) {
                let times = (millis(ours), millis(theirs));
                self.row(name("release, milliseconds"), times, most(1));
            }
            let (Some(our_few), Some(their_few)) = (of(Form::Perennial, few), of(form, few)) else {
                continue;
            };
            let Some(more) = endpoints.checked_sub(few).filter(|more| *more > 0) else { continue };
            let each = |many: u64, few: u64| many.saturating_sub(few) / more as u64;
            let lines = (each(ours.lines, our_few.lines), each(other.lines, their_few.lines));
            let bytes = (each(ours.size, our_few.size), each(other.size, their_few.size));
            self.row(name("lines for LLVM for each"), lines, None);
            self.row(name("bytes for each"), bytes, most(2));
            if costs.iter().all(|cost| cost.endpoints <= QUICK[1]) {
                self.exactly("lines for LLVM of an endpoint", lines.0);
                self.exactly("bytes of an endpoint", bytes.0);
            }
        }
        self.below(&compile::text(costs));
    }

    fn expansion(&mut self, expansion: &Expansion) {
        let Expansion { methods, release, debug, instructions } = expansion;
        if let Some(count) = instructions {
            self.exactly(&format!("instructions of the macro for {methods} methods"), *count);
            self.row(format!("the macro, {methods} methods: instructions"), (*count, 0), None);
        }
        let name =
            |profile: &str| format!("the macro, {methods} methods: microseconds in {profile}");
        if let Some(micros) = release {
            self.count(&name("release"), *micros as usize, 150_000);
        }
        if let Some(micros) = debug {
            self.count(&name("debug"), *micros as usize, 500_000);
        }
    }

    fn bill(&mut self, bill: &Bill) {
        let crates = (bill.perennial.len() as u64, bill.reqwest.len() as u64);
        self.row("crates".into(), crates, None);
        self.exactly("crates with default features", crates.0);
        if let Some((ours, theirs)) = bill.built {
            let millis = |seconds: f64| (seconds * 1000.0).round() as u64;
            self.row("first build, milliseconds".into(), (millis(ours), millis(theirs)), None);
        }
        self.below(&format!("Beyond reqwest's: {}.\n", bill.beyond().join(", ")));
    }

    fn section(&mut self, heading: &'static str, about: &'static str) {
        progress::say(heading);
        self.sections.push(Section { heading, about, rows: Vec::new(), below: String::new() });
    }

    fn below(&mut self, text: &str) {
        if let Some(section) = self.sections.last_mut() {
            section.below.push_str(text);
        }
    }

    fn push(&mut self, row: Row) {
        if let Some(section) = self.sections.last_mut() {
            section.rows.push(row);
        }
    }

    fn decoding(&mut self, quick: bool) -> Outcome<()> {
        let sizes = if quick { &decode::SIZES[..2] } else { &decode::SIZES };
        for decoding in decode::measure(sizes)? {
            let size = match decoding.size >> 10 {
                kibibytes @ 0..1024 => format!("{kibibytes} KiB"),
                kibibytes => format!("{} MiB", kibibytes >> 10),
            };
            self.row(
                format!("{size}, the code first: instructions, compared with a derived struct"),
                (decoding.code_first, decoding.typed),
                Some(1.01),
            );
            self.row(
                format!("{size}, the data first: instructions, compared with a derived struct"),
                (decoding.data_first, decoding.typed),
                Some(1.2),
            );
            // How the compiler cuts the program into units moves both alike by some percent.
            let thousandths = decoding.code_first * 1000 / decoding.typed.max(1);
            self.exactly(
                &format!("instructions of {size}, for 1000 of a derived struct's"),
                thousandths,
            );
        }
        Ok(())
    }

    fn storms(&mut self, storms: &Storms, quick: bool) {
        let Storms { by_hand, perennial, early } = storms;
        let calls = perennial.calls;
        let calls_shown = grouped(calls as u64);
        let name = |what: &str| format!("{calls_shown} calls that expire together: {what}");
        self.row(name("refreshes"), (perennial.refreshes, by_hand.refreshes), Some(1.0));
        self.row(name("requests"), (perennial.requests, by_hand.requests), Some(1.0));
        self.count(&name("requests if the expiry was known"), *early as usize, calls + 1);
        let parked = (perennial.parked as u64, by_hand.parked as u64);
        self.count(&name("bytes of heap for each that waits"), perennial.parked, 350);
        self.row(
            name("bytes of heap for each that waits, compared with the careful client"),
            parked,
            None,
        );
        self.exactly(&name("refreshes"), perennial.refreshes);
        self.exactly(&name("requests"), perennial.requests);
        self.exactly(&name("bytes parked"), perennial.parked as u64);
        let spawned = (perennial.spawned as u64, by_hand.spawned as u64);
        self.row(name("bytes of heap for each, with its task"), spawned, None);
        self.exactly(&name("bytes parked with a task"), perennial.spawned as u64);
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
        let beside = if theirs > 0 { grouped(theirs) } else { String::new() };
        let perennial = grouped(ours);
        self.push(Row { what, perennial, beside, ratio, most });
    }

    fn count(&mut self, what: &str, count: usize, most: usize) {
        let ratio = if most == 0 { 1.0 + count as f64 } else { count as f64 / most as f64 };
        self.push(Row {
            what: what.to_owned(),
            perennial: grouped(count as u64),
            beside: format!("at most {}", grouped(most as u64)),
            ratio: Some(ratio),
            most: Some(1.0),
        });
    }

    /// All sections in Markdown.
    pub(crate) fn text(&self) -> String {
        self.sections.iter().map(|section| section.text(None)).collect::<Vec<_>>().join("\n")
    }
}
