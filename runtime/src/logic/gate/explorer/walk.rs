//! Explores all states of a scenario, breadth first, so that the first counterexample is the shortest.

use std::collections::HashSet;
use std::fmt;
use std::hash::{Hash, Hasher};
use std::time::Instant;

use super::invariants::Violation;
use super::mutants::Mutation;
use super::steps::Step;
use super::world::{Scenario, World};

/// More states than this mean that a scenario never ends.
const MOST_STATES: usize = 2_000_000;

/// The size of the exploration.
#[derive(Debug, Clone, Copy)]
pub(super) struct Walked {
    pub(super) states: usize,
}

/// The path to a violation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Counterexample {
    scenario: &'static str,
    pub(super) steps: Vec<Step>,
    pub(super) violation: Violation,
}

impl fmt::Display for Counterexample {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "in the scenario \"{}\":", self.scenario)?;
        for (number, step) in self.steps.iter().enumerate() {
            writeln!(f, "{:4}. {step}", number + 1)?;
        }
        write!(f, "   => {}", self.violation.0)
    }
}

/// Explores all states of `scenario`.
pub(super) fn walk(
    scenario: &Scenario,
    mutation: Option<Mutation>,
) -> Result<Walked, Counterexample> {
    let started = Instant::now();
    let first = World::new(scenario, mutation);
    let mut seen = HashSet::from([digest(&first)]);
    // How each state was first reached: from which state, by which step.
    let mut origins: Vec<(usize, Option<Step>)> = vec![(0, None)];
    let mut edge = vec![(0, first)];
    let (mut transitions, mut depth) = (0_usize, 0_usize);
    while !edge.is_empty() {
        let mut next = Vec::new();
        for (origin, world) in &edge {
            for step in world.steps(scenario) {
                transitions += 1;
                let mut world = world.clone();
                if let Err(violation) = world.take(step, scenario) {
                    return Err(counterexample(scenario, &origins, *origin, step, violation));
                }
                if seen.insert(digest(&world)) {
                    next.push((origins.len(), world));
                    origins.push((*origin, Some(step)));
                }
            }
        }
        assert!(seen.len() < MOST_STATES, "the scenario \"{}\" does not end", scenario.name);
        depth += usize::from(!next.is_empty());
        edge = next;
    }
    let (states, elapsed) = (seen.len(), started.elapsed());
    if mutation.is_none() {
        println!(
            "{states:>8} states, {transitions:>8} steps, {depth:>3} deep, {elapsed:>9.1?}: {}",
            scenario.name
        );
    }
    Ok(Walked { states })
}

fn digest(world: &World) -> u64 {
    let mut digest = Digest(0);
    world.hash(&mut digest);
    digest.finish()
}

/// Without optimization, the standard hasher takes most of the time.
struct Digest(u64);

impl Hasher for Digest {
    fn finish(&self) -> u64 {
        self.0
    }

    fn write(&mut self, bytes: &[u8]) {
        for byte in bytes {
            self.write_u64(u64::from(*byte));
        }
    }

    fn write_u8(&mut self, word: u8) {
        self.write_u64(u64::from(word));
    }

    fn write_u32(&mut self, word: u32) {
        self.write_u64(u64::from(word));
    }

    fn write_u64(&mut self, word: u64) {
        let mixed = (self.0.rotate_left(23) ^ word).wrapping_mul(0x9E37_79B9_7F4A_7C15);
        self.0 = mixed ^ (mixed >> 31);
    }

    fn write_usize(&mut self, word: usize) {
        self.write_u64(word as u64);
    }
}

fn counterexample(
    scenario: &Scenario,
    origins: &[(usize, Option<Step>)],
    mut at: usize,
    last: Step,
    violation: Violation,
) -> Counterexample {
    let mut steps = vec![last];
    while let (origin, Some(step)) = origins[at] {
        steps.push(step);
        at = origin;
    }
    steps.reverse();
    Counterexample { scenario: scenario.name, steps, violation }
}
