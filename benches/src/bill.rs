//! The crates that a dependency on perennial brings, beside one on reqwest alone, each with its default features.

use std::collections::BTreeSet;
use std::process::Command;

use crate::Outcome;
use crate::compile::cargo::{Build, Package, Workspace, cargo, root};

/// The crates of both.
pub(crate) struct Bill {
    /// Crates, by name and version.
    pub(crate) perennial: BTreeSet<String>,
    pub(crate) reqwest: BTreeSet<String>,
    /// CPU seconds of both from nothing, perennial first; `None` if they were not built.
    pub(crate) built: Option<(f64, f64)>,
}

impl Bill {
    /// The crates that reqwest alone does not bring.
    pub(crate) fn beyond(&self) -> Vec<&str> {
        self.perennial.difference(&self.reqwest).map(String::as_str).collect()
    }
}

const NAMES: [&str; 2] = ["with-perennial", "with-reqwest"];

/// Counts the crates, and builds them from nothing if that is wanted.
pub(crate) fn measure(builds: bool) -> Outcome<Bill> {
    let runtime = root()?.join("runtime");
    let dependencies =
        [format!("perennial = {{ path = {runtime:?} }}\n"), "reqwest = \"0.13.5\"\n".to_owned()];
    let packages: Vec<_> = NAMES
        .into_iter()
        .zip(dependencies)
        .map(|(name, dependencies)| Package {
            name: name.to_owned(),
            dependencies,
            sources: vec![("main.rs".to_owned(), "fn main() {}\n".to_owned())],
        })
        .collect();
    let workspace = Workspace::write("bill", &packages)?;
    let [perennial, reqwest] = NAMES.map(|name| crates(&workspace, name));
    let built = if builds {
        // Nothing of the one may be there for the other.
        let mut seconds = NAMES.map(|name| {
            workspace.clean()?;
            workspace.cargo(name, Build::Debug)
        });
        workspace.clean()?;
        let [ours, theirs] = &mut seconds;
        Some((std::mem::replace(ours, Ok(0.0))?, std::mem::replace(theirs, Ok(0.0))?))
    } else {
        None
    };
    Ok(Bill { perennial: perennial?, reqwest: reqwest?, built })
}

fn crates(workspace: &Workspace, name: &str) -> Outcome<BTreeSet<String>> {
    let output = Command::new(cargo())
        .args(["tree", "--quiet", "--prefix", "none", "--format", "{p}", "-e", "normal,build"])
        .args(["-p", name])
        .current_dir(workspace.beside(""))
        .output()?;
    if !output.status.success() {
        let said = String::from_utf8_lossy(&output.stderr);
        return Err(format!("cargo tree failed: {said}").into());
    }
    let listed = String::from_utf8(output.stdout)?;
    let words = |line: &str| line.split_whitespace().take(2).collect::<Vec<_>>().join(" ");
    Ok(listed.lines().map(words).filter(|it| !it.is_empty() && !it.starts_with(name)).collect())
}
