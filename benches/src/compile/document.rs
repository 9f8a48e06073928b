//! Measures an OpenAPI document: its import, the check of the import, and the comparison of the trait with the document
//! in each build of the compiler.

use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::process::Command;

use super::cargo::{Build, Package, Workspace, cargo, root};
use super::expansion;
use crate::{Outcome, cpu, progress};

/// How often the macro runs within one process.
const TIMES: u64 = 5;

/// Measures one document, and says what it costs.
pub(crate) fn measure(document: &Path) -> Outcome<String> {
    let document = document.canonicalize()?;
    progress::say(format_args!("the command, built"));
    let command = command()?;
    let package = Package {
        name: "imported".to_owned(),
        dependencies: dependencies()?,
        sources: vec![("main.rs".to_owned(), "mod api;\nfn main() {}\n".to_owned())],
    };
    let workspace = Workspace::write("document", &[expansion::against_documents()?, package])?;
    let (api, lock) = (workspace.beside("imported/src/api.rs"), workspace.beside("compact.json"));
    let (document, lock) = (document.to_string_lossy(), lock.to_string_lossy().into_owned());
    let run = |arguments: &[&str]| -> Outcome<f64> {
        let before = cpu::of_children()?;
        let output = Command::new(&command).args(arguments).output()?;
        if !output.status.success() {
            return Err(String::from_utf8_lossy(&output.stderr).into_owned().into());
        }
        Ok((cpu::of_children()? - before) as f64 / 1e6)
    };
    let out = api.to_string_lossy().into_owned();
    let imported = run(&["import", &document, "--out", &out, "--overwrite"])?;
    run(&["lock", &document, "--out", &lock])?;
    let text = std::fs::read_to_string(&api)?;
    let mut said = format!("import: {imported:.2} CPU seconds, {} lines\n", text.lines().count());

    progress::say(format_args!("the macro"));
    let program = workspace.build(expansion::NAME, Build::Debug)?;
    let (options, item) = declaration(&text)?;
    let alone = expanded(&workspace, &program, &options, item)?;
    for (name, file) in [("the document", &*document), ("its compact form", &*lock)] {
        let options = format!("openapi = {file:?}, {options}");
        let whole = expanded(&workspace, &program, &options, item)?;
        let beside = whole - alone;
        writeln!(said, "comparison with {name}, debug: {beside:.2} CPU seconds beside {alone:.2}")?;
    }
    progress::say(format_args!("the import, checked"));
    workspace.build("imported", Build::Check)?;
    writeln!(said, "check: {:.1} CPU seconds", workspace.spent("imported", Build::Check)?)?;
    writeln!(said, "memory at most: {} MB", cpu::memory_of_children()? / 1024)?;
    Ok(said)
}

/// The command, built in release.
fn command() -> Outcome<PathBuf> {
    let built = Command::new(cargo())
        .current_dir(root()?)
        .args(["build", "--quiet", "--release", "-p", "perennial-cli"])
        .status()?;
    if !built.success() {
        return Err("the command could not be built".into());
    }
    Ok(root()?.join("target/release/cargo-perennial"))
}

fn dependencies() -> Outcome<String> {
    Ok(format!(
        "perennial = {{ path = {:?}, default-features = false }}\n\
         serde = {{ version = \"1\", features = [\"derive\"] }}\nserde_json = \"1\"\n",
        root()?.join("runtime")
    ))
}

/// The options of the trait of an import, in one line, and the trait.
fn declaration(text: &str) -> Outcome<(String, &str)> {
    const ATTRIBUTE: &str = "#[api_client";
    let start = text.find(ATTRIBUTE).ok_or("the import has no trait")?;
    let item = start + text[start..].find("pub trait").ok_or("the import has no trait")?;
    let end = item + text[item..].find("\n}\n").ok_or("the trait does not end")? + 2;
    let options = text[start + ATTRIBUTE.len()..item].trim().trim_end_matches(']');
    let options = options.strip_prefix('(').and_then(|it| it.strip_suffix(')')).unwrap_or_default();
    Ok((options.split_whitespace().collect::<Vec<_>>().join(" "), &text[item..end]))
}

/// CPU seconds of one expansion in a debug build, without the start of the program.
fn expanded(workspace: &Workspace, program: &Path, options: &str, item: &str) -> Outcome<f64> {
    let input = workspace.beside("trait.rs");
    std::fs::write(&input, format!("{options}\n{item}"))?;
    let spent = |times: u64| -> Outcome<u64> {
        let before = cpu::of_children()?;
        let output = Command::new(program).arg(&input).arg(times.to_string()).output()?;
        if !output.status.success() {
            return Err(String::from_utf8_lossy(&output.stderr).into_owned().into());
        }
        Ok(cpu::of_children()? - before)
    };
    let (once, often) = (spent(1)?, spent(1 + TIMES)?);
    Ok(often.saturating_sub(once) as f64 / 1e6 / TIMES as f64)
}
