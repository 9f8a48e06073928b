//! A real API at full size: GitHub's, as `cargo perennial import` declares it, beside the leanest handwritten client.

mod api;
mod by_hand;

use std::fmt::Write as _;
use std::path::PathBuf;

pub(crate) use api::{Api, Form};
use clap::ValueEnum as _;

use crate::compile::cargo::{Build, Workspace};
use crate::table::grouped;
use crate::{Outcome, progress};

/// The cost of a form.
#[derive(Debug, Clone)]
pub(crate) struct Cost {
    pub(crate) form: Form,
    pub(crate) operations: usize,
    /// CPU seconds, the lowest of several.
    pub(crate) check: f64,
    pub(crate) release: f64,
    /// Bytes of the stripped program.
    pub(crate) size: u64,
}

/// The document, if it is there. It is not part of the project.
pub(crate) fn document() -> Option<PathBuf> {
    let root = crate::compile::cargo::root().ok()?;
    let near = ["../shared/openapi", "../../shared/openapi"].map(|it| root.join(it));
    let folders = std::env::var_os("PERENNIAL_OPENAPI").map(PathBuf::from).into_iter().chain(near);
    folders.map(|it| it.join("documents/github.json")).find(|it| it.is_file())
}

/// Why nothing can be measured without it.
pub(crate) const NO_DOCUMENT: &str = "documents/github.json is in no folder ../shared/openapi, nor in the one that \
                                      PERENNIAL_OPENAPI names";

/// Builds every form of the first operations, as many as each number says.
pub(crate) fn measure(api: &Api, numbers: &[usize], rounds: usize) -> Outcome<Vec<Cost>> {
    let all: Vec<_> = numbers
        .iter()
        .flat_map(|number| Form::value_variants().iter().map(|form| (*form, *number)))
        .collect();
    let packages: Vec<_> = all
        .iter()
        .map(|(form, operations)| api.package(*form, *operations))
        .collect::<Result<_, _>>()?;
    let workspace = Workspace::write("github", &packages)?;
    let mut costs: Vec<Cost> = Vec::new();
    for ((form, operations), package) in all.into_iter().zip(&packages) {
        progress::say(format_args!("{operations} operations: {}, built", form.name()));
        workspace.build(&package.name, Build::Check)?;
        let size = std::fs::metadata(workspace.build(&package.name, Build::Release)?)?.len();
        let (check, release) = (f64::INFINITY, f64::INFINITY);
        costs.push(Cost { form, operations, check, release, size });
    }
    // The forms take turns, so that what else the machine does meets all of them.
    for round in 1..=rounds.max(1) {
        for (cost, package) in costs.iter_mut().zip(&packages) {
            let (operations, form) = (cost.operations, cost.form.name());
            progress::say(format_args!("{operations} operations: {form}, round {round}"));
            cost.check = cost.check.min(workspace.spent(&package.name, Build::Check)?);
            cost.release = cost.release.min(workspace.spent(&package.name, Build::Release)?);
        }
    }
    Ok(costs)
}

/// The absolute numbers of every form.
pub(crate) fn text(costs: &[Cost]) -> String {
    let mut text = String::from(
        "| operations | form | check, CPU s | release, CPU s | stripped, bytes |\n\
         |---:|---|---:|---:|---:|\n",
    );
    for Cost { form, operations, check, release, size } in costs {
        let (operations, form) = (grouped(*operations as u64), form.name());
        let size = grouped(*size);
        writeln!(text, "| {operations} | {form} | {check:.2} | {release:.2} | {size} |")
            .expect("a string takes everything");
    }
    text
}
