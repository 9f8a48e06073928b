//! What perennial costs, beside the clients that one writes by hand.
//!
//! The counts do not depend on the machine's mood: instructions are counted by callgrind, allocations
//! by the allocator, requests by the server. Times are only ever compared within one run.

mod clients;
mod happy;
mod server;

use std::alloc::System;

use clap::{Parser, Subcommand};
use stats_alloc::{INSTRUMENTED_SYSTEM, StatsAlloc};

#[global_allocator]
static HEAP: &StatsAlloc<System> = &INSTRUMENTED_SYSTEM;

/// Of whatever goes wrong here a person is told in words.
type Outcome<T> = Result<T, Box<dyn std::error::Error + Send + Sync>>;

#[derive(Parser)]
#[command(about = "What perennial costs, beside the clients that one writes by hand")]
struct Arguments {
    #[command(subcommand)]
    what: What,
}

#[derive(Subcommand)]
enum What {
    /// Instructions and allocations of one call.
    Happy,
    /// The server of the benchmarks.
    #[command(hide = true)]
    Serve,
    /// So many calls of one client, to be counted from outside.
    #[command(hide = true)]
    Call { client: happy::Which, base: String, calls: u64 },
}

fn main() -> Outcome<()> {
    match Arguments::parse().what {
        What::Serve => server::serve(),
        What::Call { client, base, calls } => happy::call(client, &base, calls),
        What::Happy => {
            for row in happy::measure()? {
                println!("{row:?}");
            }
            Ok(())
        }
    }
}
