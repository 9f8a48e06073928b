//! `cargo perennial lock`.

use std::path::PathBuf;
use std::process::ExitCode;

use crate::compact::compact;
use crate::document::Document;
use crate::notes::Notes;

/// The arguments of `lock`.
#[derive(Debug, clap::Args)]
pub(super) struct Lock {
    /// The document
    document: PathBuf,
    /// Output file, `NAME.lock.json` next to the document by default; `-` prints to the terminal
    #[arg(long, short)]
    out: Option<PathBuf>,
    /// Write nothing, and exit with 1 if the file differs from what the document would give now
    #[arg(long)]
    check: bool,
}

impl Lock {
    pub(super) fn run(self) -> Result<ExitCode, String> {
        let node = crate::source::read(&self.document)?;
        // A file that cannot be read as a document fails here, instead of in every build.
        Document::read(&node, &Notes::default())
            .map_err(|error| format!("{}: {error}", self.document.display()))?;
        let text = compact(&node);
        let out = self.out.unwrap_or_else(|| self.document.with_extension("lock.json"));
        if out.as_os_str() == "-" {
            print!("{text}");
            return Ok(ExitCode::SUCCESS);
        }
        let old = std::fs::read_to_string(&out).unwrap_or_default();
        if old == text {
            return Ok(ExitCode::SUCCESS);
        }
        if self.check {
            let diff = similar::TextDiff::from_lines(&old, &text);
            println!("{}", diff.unified_diff().context_radius(0));
            eprintln!("{} does not match {}", out.display(), self.document.display());
            return Ok(ExitCode::from(1));
        }
        std::fs::write(&out, text)
            .map_err(|error| format!("cannot write {}: {error}", out.display()))?;
        eprintln!("wrote {}", out.display());
        Ok(ExitCode::SUCCESS)
    }
}
