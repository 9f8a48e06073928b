//! Compile time and size: the same API with 10, 100 and 500 endpoints, in every form.

mod api;
pub(crate) mod cargo;
pub(crate) mod document;
pub(crate) mod expansion;
mod forms;
mod lines;
#[cfg(feature = "peers")]
mod peers;

use std::fmt::Write as _;

use cargo::{Build, Workspace};
use clap::ValueEnum as _;
pub(crate) use forms::Form;
pub(crate) use lines::explain;

use crate::table::grouped;
use crate::{Outcome, progress};

/// The cost of a form at one size.
#[derive(Debug, Clone)]
pub(crate) struct Cost {
    pub(crate) form: Form,
    pub(crate) endpoints: usize,
    /// CPU seconds, the lowest of several; `None` if no time was taken.
    pub(crate) check: Option<f64>,
    pub(crate) release: Option<f64>,
    /// Bytes of the stripped program.
    pub(crate) size: u64,
    /// Lines for LLVM, before any pass.
    pub(crate) lines: u64,
}

/// Builds every form with so many endpoints. Without rounds it only counts.
pub(crate) fn measure(sizes: &[usize], rounds: usize) -> Outcome<Vec<Cost>> {
    let mut costs: Vec<Cost> = Vec::new();
    let all = || sizes.iter().flat_map(|size| Form::value_variants().iter().map(|it| (*it, *size)));
    let packages: Vec<_> =
        all().map(|(form, size)| form.package(size)).collect::<Result<_, _>>()?;
    let workspace = Workspace::write("compile", &packages)?;
    for (form, endpoints) in all() {
        let name = form.package_name(endpoints);
        progress::say(format_args!("{endpoints} endpoints: {}, built and counted", form.name()));
        if rounds > 0 {
            workspace.build(&name, Build::Check)?;
        }
        let size = std::fs::metadata(workspace.build(&name, Build::Release)?)?.len();
        let lines = lines::by_function(&workspace.ir(&name)?);
        let lines = lines.values().map(|(lines, _)| lines).sum();
        costs.push(Cost { form, endpoints, check: None, release: None, size, lines });
    }
    // The forms take turns, so that what else the machine does meets all of them.
    for round in 1..=rounds {
        for cost in &mut costs {
            let name = cost.form.package_name(cost.endpoints);
            let (endpoints, form) = (cost.endpoints, cost.form.name());
            progress::say(format_args!("{endpoints} endpoints: {form}, round {round} of {rounds}"));
            let lower = |before: Option<f64>, now: f64| Some(before.map_or(now, |it| it.min(now)));
            cost.check = lower(cost.check, workspace.spent(&name, Build::Check)?);
            cost.release = lower(cost.release, workspace.spent(&name, Build::Release)?);
        }
    }
    Ok(costs)
}

/// The costs as a table in Markdown, the absolute numbers of every form.
pub(crate) fn text(costs: &[Cost]) -> String {
    let mut text = String::from(
        "| endpoints | form | check, CPU s | release, CPU s | stripped, bytes | lines for LLVM |\n\
         |---:|---|---:|---:|---:|---:|\n",
    );
    for Cost { form, endpoints, check, release, size, lines } in costs {
        let seconds = |it: &Option<f64>| it.map(|it| format!("{it:.2}")).unwrap_or_default();
        let (check, release, name) = (seconds(check), seconds(release), form.name());
        let (size, lines) = (grouped(*size), grouped(*lines));
        writeln!(text, "| {endpoints} | {name} | {check} | {release} | {size} | {lines} |")
            .expect("a string takes everything");
    }
    text
}
