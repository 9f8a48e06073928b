//! The command line.

mod check;
mod export;
mod import;
mod progress;
mod report;

use std::ffi::OsString;
use std::process::ExitCode;

use clap::{Parser, Subcommand};

#[derive(Debug, Parser)]
#[command(
    name = "cargo perennial",
    bin_name = "cargo perennial",
    version,
    about = "From an OpenAPI document to a typed client, and back"
)]
struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Make a trait and its types of an OpenAPI document (3.0 or 3.1, JSON or YAML)
    Import(import::Import),
    /// Say what a newer document breaks for callers: exit code 1 if something does, 0 if nothing, 2 on failure
    Check(check::Check),
    /// Make an OpenAPI 3.1 document of a trait
    Export(export::Export),
}

/// Runs the command, and says how it went: 0 if all is well, 1 if there is something to look at, 2 if it failed.
pub fn run(arguments: impl IntoIterator<Item = OsString>) -> ExitCode {
    // Cargo calls it as `cargo-perennial perennial import ..`.
    let mut all: Vec<OsString> = arguments.into_iter().collect();
    if all.get(1).is_some_and(|it| it == "perennial") {
        all.remove(1);
    }
    let result = match Arguments::parse_from(all).command {
        Command::Import(import) => import.run(),
        Command::Check(check) => check.run(),
        Command::Export(export) => export.run(),
    };
    match result {
        Ok(code) => code,
        Err(error) => {
            eprintln!("error: {error}");
            ExitCode::from(2)
        }
    }
}
