//! A seeded random walk: calls, logins, logouts, failures and jumps of the clock in any order, one
//! poll at a time, against a strict server that responds when the walk says so.
//!
//! `PERENNIAL_WALK_SEED=7 cargo test -p perennial-tests --test sessions walk` runs one walk again and prints its
//! trace; `PERENNIAL_WALKS=1000000` walks further.

mod executor;
mod invariants;
mod mutants;
mod random;
mod store;
mod walker;
mod world;

use walker::{Mutant, walk};

fn number(name: &str) -> Option<u64> {
    std::env::var(name).ok()?.parse().ok()
}

fn show(seed: u64, report: &walker::Report) -> String {
    format!("seed {seed}\n{}\n{}", report.trace.join("\n"), report.faults.join("\n"))
}

#[test]
fn ten_thousand_interleavings_violate_no_invariant() {
    if let Some(seed) = number("PERENNIAL_WALK_SEED") {
        let report = walk(seed, &Mutant::default());
        println!("{}", show(seed, &report));
        assert!(report.faults.is_empty());
        return;
    }
    let walks = number("PERENNIAL_WALKS").unwrap_or(10_000);
    let mut found = Vec::new();
    for seed in 0..walks {
        let report = walk(seed, &Mutant::default());
        found.extend((!report.faults.is_empty()).then_some((seed, report)));
    }
    let seeds: Vec<u64> = found.iter().map(|(seed, _)| *seed).collect();
    let first = found.iter().min_by_key(|(_, report)| report.trace.len());
    let shown = first.map(|(seed, report)| show(*seed, report)).unwrap_or_default();
    assert!(found.is_empty(), "{shown}\nof {walks} walks, these seeds found something: {seeds:?}");
}

#[test]
fn each_mutant_is_found_by_the_invariant_that_it_breaks() {
    for (name, rule, mutant) in mutants::all() {
        let finds = mutants::first_finds(&mutant, 300);
        assert!(finds.contains_key(rule), "{name}: {rule} was not found among {finds:?}");
    }
}

#[test]
fn a_seed_gives_the_same_walk_every_time() {
    for seed in 0..20 {
        let (first, second) = (walk(seed, &Mutant::default()), walk(seed, &Mutant::default()));
        assert_eq!(first.trace, second.trace, "seed {seed}");
    }
}
