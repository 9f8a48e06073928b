//! Measures the cost of perennial beside clients written by hand.
//!
//! The counts do not depend on the load of the machine: instructions are counted by callgrind, allocations
//! by the allocator, requests by the server. Times are only compared within one run.

mod bill;
mod caches;
mod clients;
mod compile;
mod contention;
mod cpu;
mod decode;
mod github;
mod happy;
mod heap;
mod page;
mod picture;
mod progress;
mod queue;
mod recorded;
mod server;
mod soak;
mod storm;
mod table;

use std::alloc::System;
use std::process::Command;

use clap::{Parser, Subcommand, ValueEnum as _};
use stats_alloc::{INSTRUMENTED_SYSTEM, StatsAlloc};
use table::{Part, Table};

#[global_allocator]
static HEAP: &StatsAlloc<System> = &INSTRUMENTED_SYSTEM;

/// Errors here are messages for the user.
type Outcome<T> = Result<T, Box<dyn std::error::Error + Send + Sync>>;

#[derive(Parser)]
#[command(about = "Measures the cost of perennial, compared with handwritten clients")]
struct Arguments {
    #[command(subcommand)]
    what: What,
}

#[derive(Subcommand)]
enum What {
    /// Measures everything and prints the table.
    Table {
        /// Measures only the exact counts, and fails if one rose by more than 2 % over the recorded one.
        #[arg(long)]
        quick: bool,
        /// Writes the page and draws the picture; together with `--quick` it records the exact counts instead.
        #[arg(long)]
        record: bool,
        /// Only these parts; the others stay on the page as they were.
        #[arg(long, value_delimiter = ',')]
        only: Vec<Part>,
        /// Number of builds of each program; the shortest time counts.
        #[arg(long, default_value_t = 3)]
        rounds: usize,
    },
    /// Builds the same API in every form, and prints the cost.
    Compile {
        /// How many endpoints.
        #[arg(long, value_delimiter = ',', default_values_t = [10, 100, 500])]
        endpoints: Vec<usize>,
        /// Number of builds; the shortest time counts.
        #[arg(long, default_value_t = 3)]
        rounds: usize,
        /// Instead of building, prints the functions that make up the code of one form, in lines for LLVM.
        #[arg(long)]
        explain: Option<compile::Form>,
    },
    /// Builds GitHub's API in every form, and prints the cost.
    Github {
        /// How many operations; all of them without this option.
        #[arg(long, value_delimiter = ',')]
        operations: Vec<usize>,
        /// Number of builds; the shortest time counts.
        #[arg(long, default_value_t = 1)]
        rounds: usize,
    },
    /// Expands a trait with this many methods, and prints the cost of the macro.
    Expand {
        /// How many methods.
        #[arg(long, default_value_t = 500)]
        methods: usize,
    },
    /// Imports an OpenAPI document, and prints the cost of the import, of its check, and of the comparison in each build.
    Document {
        /// The document, in JSON.
        path: std::path::PathBuf,
    },
    /// Lets calls expire together, and prints the cost.
    Storm {
        /// How many calls.
        #[arg(long, default_value_t = 10_000)]
        calls: usize,
    },
    /// Counts the crates that perennial adds, and builds them beside reqwest's.
    Bill,
    /// Makes calls through expiries, kills, failures of the store and jumps of the clock, and checks that nothing
    /// grows, hangs or is lost.
    Soak {
        #[arg(long, default_value_t = 10)]
        minutes: u64,
        /// The random seed; the order of events depends on the machine as well.
        #[arg(long, default_value_t = 1)]
        seed: u64,
    },
    /// Opens so many sessions, and prints the bytes of heap of each and the kilobytes of resident memory of all.
    #[command(hide = true)]
    Idle { sessions: usize },
    /// The server of the benchmarks.
    #[command(hide = true)]
    Serve,
    /// This many calls of one client, to be counted from outside.
    #[command(hide = true)]
    Call { client: happy::Which, base: String, calls: u64 },
    /// This many calls that wait for one refresh, to be counted from outside.
    #[command(hide = true)]
    Park { calls: u64 },
    /// This many decoded bodies, to be counted from outside.
    #[command(hide = true)]
    Open { way: decode::Way, size: usize, times: u64 },
}

fn main() -> Outcome<()> {
    match Arguments::parse().what {
        What::Serve => server::serve(),
        What::Call { client, base, calls } => {
            caches::take_place();
            happy::call(client, &base, calls)
        }
        What::Open { way, size, times } => decode::open(way, size, times),
        What::Compile { endpoints, explain: Some(form), .. } => match endpoints[..] {
            [few, many, ..] => compile::explain(form, few, many),
            _ => Err("two numbers of endpoints are needed".into()),
        },
        What::Compile { endpoints, rounds, explain: None } => {
            let costs = compile::measure(&endpoints, rounds)?;
            print!("{}", compile::text(&costs));
            Ok(())
        }
        What::Github { operations, rounds } => {
            let document = github::document().ok_or(github::NO_DOCUMENT)?;
            let api = github::Api::read(&document)?;
            let numbers = if operations.is_empty() { vec![api.operations()?] } else { operations };
            print!("{}", github::text(&github::measure(&api, &numbers, rounds)?));
            Ok(())
        }
        What::Expand { methods } => {
            println!("{:?}", compile::expansion::measure(methods, false)?);
            Ok(())
        }
        What::Document { path } => {
            print!("{}", compile::document::measure(&path)?);
            Ok(())
        }
        What::Bill => {
            let bill = bill::measure(true)?;
            println!("{} crates beside {}", bill.perennial.len(), bill.reqwest.len());
            println!("beyond reqwest's: {}", bill.beyond().join(", "));
            if let Some((ours, theirs)) = bill.built {
                println!("first build: {ours:.1} CPU seconds beside {theirs:.1}");
            }
            Ok(())
        }
        What::Storm { calls } => storm::print(calls),
        What::Soak { minutes, seed } => soak::run(minutes, seed),
        What::Park { calls } => queue::park(calls),
        What::Idle { sessions } => storm::print_idle(sessions),
        What::Table { quick, record, only, rounds } => {
            let parts = if only.is_empty() { Part::value_variants().to_vec() } else { only };
            let table = table::measure(&parts, quick, rounds)?;
            print_table(&table, quick, record)
        }
    }
}

fn print_table(table: &Table, quick: bool, record: bool) -> Outcome<()> {
    print!("{}\n{}", page::head()?, table.text());
    let folder = compile::cargo::root()?;
    let counts = folder.join("benches/recorded.json");
    match (quick, record) {
        (true, true) => recorded::write(&counts, table),
        (true, false) => recorded::compare(&counts, table),
        (false, true) => {
            page::write(&folder.join("docs/performance.md"), &table.sections)?;
            if !table.clients.is_empty() {
                std::fs::write(folder.join("docs/performance.svg"), picture::draw(table))?;
            }
            Ok(())
        }
        (false, false) => Ok(()),
    }
}

fn runtime() -> Outcome<tokio::runtime::Runtime> {
    Ok(tokio::runtime::Builder::new_current_thread().enable_all().build()?)
}

fn has_valgrind() -> bool {
    Command::new("valgrind").arg("--version").output().is_ok_and(|output| output.status.success())
}

/// Instructions of this program with these arguments, in a process of its own.
fn callgrind(arguments: &[&str]) -> Outcome<u64> {
    callgrind_of(&std::env::current_exe()?, arguments)
}

/// Instructions of a program with these arguments.
fn callgrind_of(program: &std::path::Path, arguments: &[&str]) -> Outcome<u64> {
    let output = Command::new("valgrind")
        .args(["--tool=callgrind", "--callgrind-out-file=/dev/null"])
        .arg(program)
        .args(arguments)
        .output()?;
    let said = String::from_utf8_lossy(&output.stderr);
    let collected = said.lines().find_map(|line| line.split_once("Collected : "));
    match collected {
        Some((_, count)) if output.status.success() => Ok(count.trim().parse()?),
        _ => Err(format!("callgrind failed: {said}").into()),
    }
}
