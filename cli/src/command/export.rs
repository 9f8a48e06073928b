//! `cargo perennial export`.

use std::path::PathBuf;
use std::process::ExitCode;

/// The arguments of `export`.
#[derive(Debug, clap::Args)]
pub(super) struct Export {
    /// The file of the trait and its types
    file: PathBuf,
    /// Name of the trait, if the file has several
    #[arg(long = "trait", value_name = "NAME")]
    name: Option<String>,
    /// Output file; by default, prints to the terminal
    #[arg(long, short)]
    out: Option<PathBuf>,
}

impl Export {
    pub(super) fn run(self) -> Result<ExitCode, String> {
        let node = crate::export::of_file(&self.file, self.name.as_deref())?;
        let text = serde_json::to_string_pretty(&node).map_err(|error| error.to_string())?;
        match &self.out {
            None => println!("{text}"),
            Some(path) => {
                std::fs::write(path, text + "\n")
                    .map_err(|error| format!("cannot write {}: {error}", path.display()))?;
                eprintln!("wrote {}", path.display());
            }
        }
        Ok(ExitCode::SUCCESS)
    }
}
