//! Compile time and size: the same API with 10, 100 and 500 endpoints, in every form.

mod api;
mod cargo;
mod forms;
mod lines;

use std::collections::BTreeMap;

use cargo::{Build, Workspace};
pub(crate) use forms::Form;

use crate::Outcome;

/// What a form costs at one size.
#[derive(Debug, Clone)]
pub(crate) struct Cost {
    pub(crate) form: Form,
    pub(crate) endpoints: usize,
    /// CPU seconds, the lowest of several.
    pub(crate) check: f64,
    pub(crate) release: f64,
    /// Bytes of the stripped program.
    pub(crate) size: u64,
    /// Lines for LLVM.
    pub(crate) lines: u64,
}

/// Builds every form with so many endpoints.
pub(crate) fn measure(forms: &[Form], sizes: &[usize], rounds: usize) -> Outcome<Vec<Cost>> {
    let programs: Vec<_> =
        sizes.iter().flat_map(|size| forms.iter().map(move |form| (*form, *size))).collect();
    let workspace = Workspace::write(&programs)?;
    for build in [Build::Check, Build::Release] {
        for program in &programs {
            workspace.warm(*program, build)?;
        }
    }
    let mut costs = Vec::new();
    for (form, endpoints) in &programs {
        let lines = lines::by_function(&workspace.ir((*form, *endpoints))?);
        costs.push(Cost {
            form: *form,
            endpoints: *endpoints,
            check: f64::INFINITY,
            release: f64::INFINITY,
            size: workspace.size((*form, *endpoints))?,
            lines: lines.values().map(|(lines, _)| lines).sum(),
        });
    }
    for _ in 0..rounds {
        for cost in &mut costs {
            let program = (cost.form, cost.endpoints);
            cost.check = cost.check.min(workspace.build(program, Build::Check)?);
            cost.release = cost.release.min(workspace.build(program, Build::Release)?);
        }
    }
    Ok(costs)
}

/// Where the lines for LLVM are: by function, those that grow with the number of endpoints.
pub(crate) fn explain(form: Form, few: usize, many: usize) -> Outcome<()> {
    let workspace = Workspace::write(&[(form, few), (form, many)])?;
    let count = |size| {
        Ok::<_, Box<dyn std::error::Error + Send + Sync>>(grouped(lines::by_function(
            &workspace.ir((form, size))?,
        )))
    };
    let (before, after) = (count(few)?, count(many)?);
    let mut grown: Vec<_> = after
        .iter()
        .map(|(name, (lines, copies))| {
            let (old, old_copies) = before.get(name).copied().unwrap_or_default();
            (lines.saturating_sub(old), copies.saturating_sub(old_copies), name)
        })
        .filter(|(lines, ..)| *lines > 0)
        .collect();
    grown.sort_by(|a, b| b.cmp(a));
    let more = (many - few) as f64;
    let whole: u64 = grown.iter().map(|(lines, ..)| lines).sum();
    println!("{}: {:.1} lines for each endpoint", form.name(), whole as f64 / more);
    for (lines, copies, name) in grown.iter().take(4000) {
        println!("{:8.1} {:6.2} {name}", *lines as f64 / more, *copies as f64 / more);
    }
    Ok(())
}

/// The numbers in names stand for themselves no longer.
fn grouped(functions: BTreeMap<String, (u64, u64)>) -> BTreeMap<String, (u64, u64)> {
    let mut groups: BTreeMap<String, (u64, u64)> = BTreeMap::new();
    for (name, (lines, copies)) in functions {
        let mut short = String::new();
        for character in name.chars() {
            match character.is_ascii_digit() {
                true if short.ends_with('#') => {}
                true => short.push('#'),
                false => short.push(character),
            }
        }
        let group = groups.entry(short).or_default();
        group.0 += lines;
        group.1 += copies;
    }
    groups
}
