//! `cargo perennial check`.

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use crate::check::{Weight, compare};
use crate::document::Document;
use crate::node::Node;
use crate::notes::Notes;

/// The arguments of `check`.
#[derive(Debug, clap::Args)]
pub(super) struct Check {
    /// The document that callers were written for, or the file of a trait
    old: PathBuf,
    /// The document as it is now
    new: PathBuf,
    /// Do not list additions
    #[arg(long)]
    quiet: bool,
}

impl Check {
    pub(super) fn run(self) -> Result<ExitCode, String> {
        let (old, new) = (read(&self.old)?, read(&self.new)?);
        let notes = Notes::default();
        let document = |node, path: &Path| {
            Document::read(node, &notes).map_err(|error| format!("{}: {error}", path.display()))
        };
        let findings = compare(&document(&old, &self.old)?, &document(&new, &self.new)?);
        let text = crate::text::for_terminal(&findings.to_string());
        for line in text.lines().filter(|it| !self.quiet || !it.trim_start().starts_with("adds:")) {
            println!("{line}");
        }
        Ok(ExitCode::from(u8::from(findings.count(Weight::Breaks) > 0)))
    }
}

/// A document, or that of a trait.
fn read(path: &Path) -> Result<Node, String> {
    if path.extension().is_some_and(|it| it == "rs") {
        return crate::export::of_file(path, None);
    }
    crate::source::read(path)
}
