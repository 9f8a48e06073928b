//! The time inside the macro itself: its entry point, which takes and gives the tokens of proc-macro2,
//! as a program. The compiler's own work on what the macro gives back is not in it, and neither is
//! the bridge over which the compiler hands tokens.

use std::path::Path;
use std::process::Command;

use super::cargo::{Build, Package, Workspace, root};
use super::forms;
use crate::{Outcome, callgrind_of, has_valgrind, progress};

/// The cost of one expansion.
#[derive(Debug)]
pub(crate) struct Expansion {
    pub(crate) methods: usize,
    /// The shortest of several, in microseconds; `None` if no time was taken.
    pub(crate) release: Option<u64>,
    pub(crate) debug: Option<u64>,
    /// Instructions in release; `None` where there is no valgrind.
    pub(crate) instructions: Option<u64>,
}

/// How often it runs within one process.
const TIMES: u64 = 10;

/// Expands a trait of so many methods; `quick` counts instructions only.
pub(crate) fn measure(methods: usize, quick: bool) -> Outcome<Expansion> {
    progress::say(format_args!("the macro: {methods} methods"));
    let workspace = Workspace::write("expansion", &[package()?])?;
    let (options, declared) = forms::declaration(methods);
    let input = workspace.beside("trait.rs");
    std::fs::write(&input, format!("{options}\n{declared}"))?;
    let input = input.to_string_lossy().into_owned();
    let release = workspace.build(NAME, Build::Release)?;
    let shortest = |program: &Path| -> Outcome<u64> {
        let output = Command::new(program).args([&input, &TIMES.to_string()]).output()?;
        let said = String::from_utf8_lossy(&output.stdout);
        let (micros, _) = said.split_once(' ').ok_or("a time was expected")?;
        Ok(micros.parse()?)
    };
    let count = |times: &str| callgrind_of(&release, &[&input, times]);
    let instructions =
        if has_valgrind() { Some(count("2")?.saturating_sub(count("1")?)) } else { None };
    let (release, debug) = match quick {
        true => (None, None),
        false => {
            let debug = workspace.build(NAME, Build::Debug)?;
            (Some(shortest(&release)?), Some(shortest(&debug)?))
        }
    };
    Ok(Expansion { methods, release, debug, instructions })
}

pub(super) const NAME: &str = "expansion";

/// The macro as a program, with the dependencies that it has.
fn package() -> Outcome<Package> {
    let manifest = std::fs::read_to_string(root()?.join("Cargo.toml"))?;
    let dependencies: String = manifest
        .lines()
        .filter(|line| DEPENDENCIES.iter().any(|name| line.starts_with(name)))
        .map(|line| format!("{line}\n"))
        .collect();
    let mut sources = Vec::new();
    read_all(&root()?.join("macros/src"), "", &mut sources)?;
    for (name, text) in &mut sources {
        if name == "lib.rs" {
            "main.rs".clone_into(name);
            *text = as_program(text);
        }
    }
    Ok(Package { name: NAME.to_owned(), dependencies, sources })
}

/// The same with the comparison with a document.
pub(super) fn against_documents() -> Outcome<Package> {
    let mut package = package()?;
    for (_, text) in &mut package.sources {
        *text = text
            .replace("feature = \"openapi\"", "all()")
            // A document is found by its whole path, and not beside the source.
            .replace("proc_macro::is_available()", "false");
    }
    Ok(package)
}

const DEPENDENCIES: [&str; 3] = ["proc-macro2 =", "quote =", "syn ="];

/// Only in a crate of macros is there a `proc_macro`, so the same functions are written with
/// proc-macro2's tokens.
fn as_program(library: &str) -> String {
    let is_entry = |line: &str| line.trim_start().starts_with("#[proc_macro");
    let lines =
        library.lines().map(|line| if is_entry(line) { "#[allow(dead_code)]" } else { line });
    let library = lines
        .collect::<Vec<_>>()
        .join("\n")
        .replace("proc_macro::TokenStream", "proc_macro2::TokenStream");
    format!("#![allow(warnings)]\n{library}\n{}", include_str!("templates/expansion.rs"))
}

fn read_all(folder: &Path, below: &str, found: &mut Vec<(String, String)>) -> Outcome<()> {
    for entry in std::fs::read_dir(folder)? {
        let entry = entry?;
        let name = format!("{below}{}", entry.file_name().to_string_lossy());
        if entry.file_type()?.is_dir() {
            read_all(&entry.path(), &format!("{name}/"), found)?;
        } else if name.ends_with(".rs") {
            found.push((name, std::fs::read_to_string(entry.path())?));
        }
    }
    Ok(())
}
