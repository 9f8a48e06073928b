//! Reports the files that an import wrote, and its notes.

use std::path::{Path, PathBuf};

use similar::TextDiff;

use crate::import::Merged;

/// The written files, and the notes about them.
#[derive(Default)]
pub(super) struct Report {
    pub(super) write: Vec<(PathBuf, String)>,
    pub(super) changes: Vec<String>,
    pub(super) differences: Vec<String>,
    pub(super) orphans: Vec<String>,
}

impl Report {
    pub(super) fn take(&mut self, path: &Path, old: &str, merged: Merged) -> String {
        let shown = path.display();
        for (key, mine, theirs) in &merged.differences {
            let name = if key.is_empty() { "the head of the file" } else { key };
            let diff = TextDiff::from_lines(mine.trim_end(), theirs.trim_end());
            let diff = diff.unified_diff().header("as it is", "as the document has it").to_string();
            self.differences.push(format!(
                "{shown}: {name} was changed both manually and in the document; the manual version is kept\n{diff}"
            ));
        }
        for (key, theirs) in &merged.missing {
            self.differences.push(format!(
                "{shown}: {key} was removed or renamed manually, but has changed in the document; it is now\n{}",
                theirs.trim_end()
            ));
        }
        self.orphans.extend(merged.orphans.iter().map(|it| {
            format!("{shown}: {it} was changed manually and is no longer in the document")
        }));
        self.changed(path, old, &merged.text);
        merged.text
    }

    pub(super) fn changed(&mut self, path: &Path, old: &str, new: &str) {
        if old != new {
            let name = path.display().to_string();
            let diff = TextDiff::from_lines(old, new);
            self.changes
                .push(diff.unified_diff().context_radius(2).header(&name, &name).to_string());
        }
    }

    pub(super) fn show(&self, dry_run: bool) -> Result<(), String> {
        for change in self.changes.iter().filter(|_| dry_run) {
            print!("{change}");
        }
        for text in self.differences.iter().chain(&self.orphans) {
            eprintln!("{text}");
        }
        for (path, text) in &self.write {
            if path.as_os_str() == "-" {
                print!("{text}");
            } else if dry_run {
                let is_there = path.exists();
                eprintln!(
                    "{} would be {}",
                    path.display(),
                    if is_there { "rewritten" } else { "written" }
                );
            } else {
                if let Some(folder) = path.parent() {
                    std::fs::create_dir_all(folder)
                        .map_err(|error| format!("cannot create {}: {error}", folder.display()))?;
                }
                let is_same = std::fs::read_to_string(path).is_ok_and(|it| it == *text);
                if !is_same {
                    std::fs::write(path, text)
                        .map_err(|error| format!("cannot write {}: {error}", path.display()))?;
                    eprintln!("wrote {}", path.display());
                }
            }
        }
        Ok(())
    }
}
