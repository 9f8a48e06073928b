//! The command line.

mod check;
mod export;
mod import;
mod lock;
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
    /// Write a trait and its types from an OpenAPI document (3.0 or 3.1, JSON or YAML)
    Import(import::Import),
    /// List the changes of a newer document that break callers. Exit code: 1 if any does, 0 if none, 2 on failure
    Check(check::Check),
    /// Write an OpenAPI 3.1 document from a trait
    Export(export::Export),
    /// Write the compact form of a document, which `openapi = ".."` reads: JSON, one operation a line, without prose
    Lock(lock::Lock),
}

/// Runs the command. Returns 0 on success, 1 if the output needs attention, and 2 on failure.
pub fn run(arguments: impl IntoIterator<Item = OsString>) -> ExitCode {
    // Cargo runs it as `cargo-perennial perennial import ..`.
    let mut all: Vec<OsString> = arguments.into_iter().collect();
    if all.get(1).is_some_and(|it| it == "perennial") {
        all.remove(1);
    }
    let result = match Arguments::parse_from(all).command {
        Command::Import(import) => import.run(),
        Command::Check(check) => check.run(),
        Command::Export(export) => export.run(),
        Command::Lock(lock) => lock.run(),
    };
    match result {
        Ok(code) => code,
        Err(error) => {
            // It may quote the document.
            eprintln!("error: {}", crate::text::for_terminal(&error));
            ExitCode::from(2)
        }
    }
}
