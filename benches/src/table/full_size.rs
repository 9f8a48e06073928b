//! A real API at full size.

use super::{Table, grouped};
use crate::github::{self, Api, Cost, Form};
use crate::{Outcome, progress};

/// How many operations are built beside all.
const FIRST: usize = 100;

impl Table {
    /// Left out where the document is not at hand; the section on the page stays as it was.
    pub(super) fn full_size(&mut self, rounds: usize) -> Outcome<()> {
        let Some(document) = github::document() else {
            progress::say(format_args!("A real API: skipped; {}", github::NO_DOCUMENT));
            return Ok(());
        };
        self.section(
            "A real API at full size",
            "GitHub's REST API, as `cargo perennial import` declares it, compared with the leanest handwritten client: \
             its first operations and all. A program calls each operation once. Times are the compiler's CPU time for \
             the program alone, the lowest of several alternating builds.",
        );
        let api = Api::read(&document)?;
        let costs = github::measure(&api, &[FIRST, api.operations()?], rounds)?;
        for other in costs.iter().filter(|cost| cost.form != Form::Perennial) {
            self.beside(&costs, other);
        }
        self.below(&github::text(&costs));
        Ok(())
    }

    fn beside(&mut self, costs: &[Cost], other: &Cost) {
        let is_ours = |it: &&Cost| it.form == Form::Perennial && it.operations == other.operations;
        let Some(ours) = costs.iter().find(is_ours) else { return };
        let (operations, form) = (grouped(other.operations as u64), other.form.name());
        let name = |what: &str| format!("{operations} operations: {what}, compared with {form}");
        let most = |most: f64| (other.form == Form::ByHand).then_some(most);
        let millis = |seconds: f64| (seconds * 1000.0).round() as u64;
        let times = (millis(ours.check), millis(other.check));
        self.row(name("check, milliseconds"), times, most(0.9));
        let times = (millis(ours.release), millis(other.release));
        self.row(name("release, milliseconds"), times, most(0.8));
        self.row(name("bytes"), (ours.size, other.size), most(0.8));
    }
}
