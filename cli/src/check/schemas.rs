//! Compares two schemas for callers who send such values or receive them.

use std::collections::HashSet;

use super::{Findings, Weight};
use crate::document::Schema;
use crate::types::Types;

/// The direction of the values.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Direction {
    /// To the server.
    Sent,
    /// From it.
    Received,
}

/// A walk through two schemas in parallel.
pub(super) struct Walk<'w, 'd, 'a, 'e, 'b> {
    old: &'w Types<'d, 'a>,
    new: &'w Types<'e, 'b>,
    direction: Direction,
    operation: &'w str,
    findings: &'w mut Findings,
    seen: HashSet<(usize, usize)>,
}

impl<'w, 'd, 'a, 'e, 'b> Walk<'w, 'd, 'a, 'e, 'b> {
    pub(super) fn new(
        old: &'w Types<'d, 'a>,
        new: &'w Types<'e, 'b>,
        direction: Direction,
        operation: &'w str,
        findings: &'w mut Findings,
    ) -> Self {
        Self { old, new, direction, operation, findings, seen: HashSet::new() }
    }

    /// Compares two schemas; `at` is their position.
    pub(super) fn compare(&mut self, was: &'d Schema<'a>, is: &'e Schema<'b>, at: &str) {
        // A shared schema is named by its component, so that it is one finding for all operations.
        let at = &match (was.reference, is.reference) {
            (Some(was), Some(is)) if was == is => {
                format!("{} `{}`", self.what(), was.rsplit('/').next().unwrap_or(was))
            }
            _ => at.to_owned(),
        };
        let nullable = (self.old.is_nullable(was), self.new.is_nullable(is));
        match (self.direction, nullable) {
            (Direction::Received, (false, true)) => self.breaks(format!("{at} may be null now")),
            (Direction::Sent, (true, false)) => self.breaks(format!("{at} may no longer be null")),
            _ => {}
        }
        let (Some(was), Some(is)) = (self.old.target(was), self.new.target(is)) else { return };
        if !self.seen.insert((std::ptr::from_ref(was) as usize, std::ptr::from_ref(is) as usize)) {
            return;
        }
        self.types(was, is, at);
        self.values(was, is, at);
        self.properties(was, is, at);
        if let (Some(was), Some(is)) = (&was.items, &is.items) {
            self.compare(was, is, &format!("{at}[]"));
        }
    }

    fn what(&self) -> &'static str {
        match self.direction {
            Direction::Sent => "the sent",
            Direction::Received => "the received",
        }
    }

    fn breaks(&mut self, text: String) {
        self.findings.add(Weight::Breaks, self.operation, text);
    }

    fn types(&mut self, was: &Schema<'_>, is: &Schema<'_>, at: &str) {
        if was.types.is_empty() || is.types.is_empty() {
            return;
        }
        // A number that is kept as it is written can be any that the document means.
        let is_number = |it: &Schema<'_>| matches!(it.types[..], ["integer" | "number"]);
        if (was.is_exact || is.is_exact) && is_number(was) && is_number(is) {
            return;
        }
        let shown = |types: &[&str]| types.join(" or ");
        // An integer is a number, so one may become the other if that does not matter to callers.
        let covers = |wide: &[&str], narrow: &[&str]| {
            narrow
                .iter()
                .all(|it| wide.contains(it) || (*it == "integer" && wide.contains(&"number")))
        };
        let fits = match self.direction {
            Direction::Sent => covers(&is.types, &was.types),
            Direction::Received => covers(&was.types, &is.types),
        };
        if !fits {
            self.breaks(format!("{at} is {} instead of {}", shown(&is.types), shown(&was.types)));
        }
    }

    fn values(&mut self, was: &Schema<'_>, is: &Schema<'_>, at: &str) {
        let texts = |schema: &Schema<'_>| -> Vec<String> {
            schema.values.iter().filter_map(|it| it.text().map(str::to_owned)).collect()
        };
        let was_open = was.values.is_empty();
        let (was, is) = (texts(was), texts(is));
        if was_open && !is.is_empty() && self.direction == Direction::Sent {
            self.breaks(format!("{at} has to be one of `{}` now", is.join("`, `")));
        }
        if was.is_empty() || is.is_empty() {
            return;
        }
        for value in is.iter().filter(|it| !was.contains(it)) {
            self.findings.add(
                Weight::Adds,
                self.operation,
                format!("{at} has a new value `{value}`"),
            );
        }
        for value in was.iter().filter(|it| !is.contains(it)) {
            let weight =
                if self.direction == Direction::Sent { Weight::Breaks } else { Weight::Adds };
            self.findings.add(
                weight,
                self.operation,
                format!("{at} no longer has the value `{value}`"),
            );
        }
    }

    fn properties(&mut self, was: &'d Schema<'a>, is: &'e Schema<'b>, at: &str) {
        let (old, new) = (self.old.properties(was), self.new.properties(is));
        if old.is_empty() || (new.is_empty() && !is.one_of.is_empty()) {
            return;
        }
        let names: Vec<&str> = old.iter().map(|it| it.0).collect();
        for (name, before, was_required) in old {
            let place = format!("{at}.{name}");
            let Some((_, after, is_required)) = new.iter().find(|it| it.0 == name).copied() else {
                // Most servers ignore a field that they do not know.
                let weight = if self.direction == Direction::Received {
                    Weight::Breaks
                } else {
                    Weight::Warns
                };
                self.findings.add(weight, self.operation, format!("{place} is gone"));
                continue;
            };
            match (self.direction, was_required, is_required) {
                (Direction::Received, true, false) => {
                    self.breaks(format!("{place} may be missing now"))
                }
                (Direction::Sent, false, true) => self.breaks(format!("{place} is required now")),
                _ => {}
            }
            if after.deprecated && !before.deprecated {
                self.findings.add(Weight::Warns, self.operation, format!("{place} is deprecated"));
            }
            self.compare(before, after, &place);
        }
        for (name, _, is_required) in new.iter().filter(|it| !names.contains(&it.0)) {
            let place = format!("{at}.{name}");
            match self.direction {
                Direction::Sent if *is_required => {
                    self.breaks(format!("{place} is new and required"));
                }
                _ => self.findings.add(Weight::Adds, self.operation, format!("{place} is new")),
            }
        }
    }
}
