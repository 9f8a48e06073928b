//! `cargo perennial import`.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use super::progress::Progress;
use super::report::Report;
use crate::document::Document;
use crate::import::{File, Lock, Options, default_output, formatted, import, merge, prints};
use crate::notes::Notes;
use crate::operations::Wishes;

/// The arguments of `import`.
#[derive(Debug, clap::Args)]
pub(super) struct Import {
    /// The document
    document: PathBuf,
    /// Output file, `src/NAME.rs` by default; `-` prints to the terminal; with --per-tag, a folder
    #[arg(long, short)]
    out: Option<PathBuf>,
    /// Import only these operations and the types that they need: `tag:pets`, `/pets/*`, `"GET /pets"` or an operationId
    #[arg(long, value_name = "WHAT")]
    only: Vec<String>,
    /// Write only types, and no trait
    #[arg(long)]
    types_only: bool,
    /// Name of the trait
    #[arg(long = "trait", value_name = "NAME")]
    name: Option<String>,
    /// Write one trait per tag, each in its own file
    #[arg(long)]
    per_tag: bool,
    /// The response to an expired token: `status=401`, `code=1234`, or both, separated by a comma
    #[arg(long, value_name = "RULE")]
    expired: Vec<String>,
    /// The operation that refreshes the token, as `POST:/auth/refresh`
    #[arg(long, value_name = "VERB:PATH", value_parser = operation)]
    refresh: Option<(String, String)>,
    /// The operation that signs in, as `POST:/auth/login`
    #[arg(long, value_name = "VERB:PATH", value_parser = operation)]
    login: Option<(String, String)>,
    /// The scheme before the token in `Authorization`
    #[arg(long, value_name = "NAME")]
    scheme: Option<String>,
    /// Write nothing, and show what would change
    #[arg(long)]
    dry_run: bool,
    /// Discard manual changes
    #[arg(long)]
    overwrite: bool,
    /// Show every note, not only the first of each kind
    #[arg(long)]
    notes: bool,
}

fn operation(text: &str) -> Result<(String, String), String> {
    let (verb, path) = text
        .split_once([':', ' '])
        .ok_or("expected a verb and a path, as in `POST:/auth/refresh`")?;
    Ok((verb.trim().to_lowercase(), path.trim().to_owned()))
}

/// `status=401,code=X` in the syntax of the attribute language.
fn rule(text: &str) -> Result<String, String> {
    let part = |part: &str| {
        let (key, value) = part.split_once('=').ok_or_else(|| {
            format!("`--expired {text}` is not a rule\nhelp: write `status=401`, `code=1234`, or both, separated by a comma")
        })?;
        let (key, value) = (key.trim(), value.trim().trim_matches('"'));
        if !["status", "code"].contains(&key) {
            return Err(format!("`{key}` is not part of a rule, but `status` and `code` are"));
        }
        let is_number = value.parse::<i64>().is_ok();
        if key == "status" && !is_number {
            return Err(format!("`{value}` is not a status"));
        }
        Ok(if is_number {
            format!("{key} = {value}")
        } else {
            format!("{key} = {}", crate::text::quoted(value))
        })
    };
    let parts: Result<Vec<_>, _> = text.split(',').map(part).collect();
    Ok(parts?.join(", "))
}

impl Import {
    pub(super) fn run(mut self) -> Result<ExitCode, String> {
        let progress = Progress::new();
        let out = self.out.clone().unwrap_or_else(|| match self.per_tag {
            true => default_output(&self.document).with_extension(""),
            false => default_output(&self.document),
        });
        let lock_path = self.lock_path(&out);
        let lock = match std::fs::read_to_string(&lock_path) {
            Ok(text) => Some(
                Lock::read(&text).map_err(|error| format!("{}: {error}", lock_path.display()))?,
            ),
            Err(_) => None,
        };
        if let Some(lock) = &lock {
            self.repeat(lock)?;
        }
        progress.step(&format!("reading {}", self.document.display()));
        let node = crate::source::read(&self.document)?;
        let notes = Notes::default();
        let document = Document::read(&node, &notes)
            .map_err(|error| format!("{}: {error}", self.document.display()))?;
        progress.step(&format!("declaring {} operations", document.operations.len()));
        let imported = import(&document, &self.options()?, &notes)
            .map_err(|error| format!("{}: {error}", self.document.display()))?;
        progress.step("writing");
        let mut report = Report::default();
        if out.as_os_str() == "-" {
            for file in &imported.files {
                report.write.push((PathBuf::from("-"), formatted(file)?));
            }
        } else {
            self.place(&out, &lock_path, lock.as_ref(), &imported.files, &mut report)?;
        }
        let time = progress.end();
        report.show(self.dry_run)?;
        let mut summary = imported.summary;
        if self.notes {
            for note in std::mem::take(&mut summary.notes) {
                eprintln!("{:>8}: {}: {}", note.weight.word(), note.at, note.text);
            }
        }
        eprint!("{summary}");
        if time.as_secs() > 2 {
            eprintln!("it took {:.1} s", time.as_secs_f64());
        }
        Ok(ExitCode::from(u8::from(!report.differences.is_empty() || !report.orphans.is_empty())))
    }

    fn options(&self) -> Result<Options, String> {
        let expired: Result<Vec<_>, _> = self.expired.iter().map(|it| rule(it)).collect();
        Ok(Options {
            only: self.only.clone(),
            types_only: self.types_only,
            name: self.name.clone(),
            per_tag: self.per_tag,
            wishes: Wishes {
                expired: expired?,
                refresh: self.refresh.clone(),
                login: self.login.clone(),
                scheme: self.scheme.clone(),
            },
        })
    }

    /// Options that are left out at a second import are taken from the first.
    fn repeat(&mut self, lock: &Lock) -> Result<(), String> {
        let said = self.flags();
        if said.is_empty() {
            let head = ["import".to_owned(), "document".to_owned()];
            let words = head.iter().chain(&lock.flags);
            let first = <First as clap::Parser>::try_parse_from(words)
                .map_err(|error| format!("the lock file: {error}"))?;
            let mine = std::mem::replace(self, first.import);
            *self = Self {
                document: mine.document,
                out: mine.out,
                dry_run: mine.dry_run,
                overwrite: mine.overwrite,
                notes: mine.notes,
                ..std::mem::replace(self, Self::empty())
            };
        }
        Ok(())
    }

    fn empty() -> Self {
        Self {
            document: PathBuf::new(),
            out: None,
            only: Vec::new(),
            types_only: false,
            name: None,
            per_tag: false,
            expired: Vec::new(),
            refresh: None,
            login: None,
            scheme: None,
            dry_run: false,
            overwrite: false,
            notes: false,
        }
    }

    /// The flags that determine the output.
    fn flags(&self) -> Vec<String> {
        let mut flags: Vec<String> = self.only.iter().map(|it| format!("--only={it}")).collect();
        flags.extend(self.types_only.then(|| "--types-only".to_owned()));
        flags.extend(self.name.iter().map(|it| format!("--trait={it}")));
        flags.extend(self.per_tag.then(|| "--per-tag".to_owned()));
        flags.extend(self.expired.iter().map(|it| format!("--expired={it}")));
        flags.extend(self.refresh.iter().map(|(verb, path)| format!("--refresh={verb}:{path}")));
        flags.extend(self.login.iter().map(|(verb, path)| format!("--login={verb}:{path}")));
        flags.extend(self.scheme.iter().map(|it| format!("--scheme={it}")));
        flags
    }

    fn lock_path(&self, out: &Path) -> PathBuf {
        if out.as_os_str() == "-" {
            return PathBuf::new();
        }
        let is_folder = out.extension().is_none();
        if is_folder { out.join("openapi.lock") } else { out.with_extension("lock") }
    }

    /// Writes files to their places, merged with their current content.
    fn place(
        &self,
        out: &Path,
        lock_path: &Path,
        lock: Option<&Lock>,
        files: &[File],
        report: &mut Report,
    ) -> Result<(), String> {
        let mut items = BTreeMap::new();
        for file in files {
            let path = match (&*file.name, out.extension().is_none()) {
                ("", false) => out.to_owned(),
                ("", true) => out.join("mod.rs"),
                (name, true) => out.join(format!("{name}.rs")),
                (_, false) => {
                    return Err(
                        "several files need a folder\nhelp: name one, as in `--out src/api`"
                            .to_owned(),
                    );
                }
            };
            let prefix =
                if file.name.is_empty() { String::new() } else { format!("{}/", file.name) };
            let own = |lock: &Lock| -> BTreeMap<String, u64> {
                let of_file = lock.items.iter().filter_map(|(key, print)| {
                    Some((key.strip_prefix(&prefix)?.to_owned(), *print))
                });
                of_file.collect()
            };
            let base = lock.map(own).unwrap_or_default();
            items.extend(
                prints(file)?.into_iter().map(|(key, print)| (format!("{prefix}{key}"), print)),
            );
            let text = match std::fs::read_to_string(&path) {
                Ok(old) if !self.overwrite => {
                    let merged = merge(&old, file, &base)
                        .map_err(|error| format!("{}: {error}", path.display()))?;
                    report.take(&path, &old, merged)
                }
                Ok(old) => {
                    let text = formatted(file)?;
                    report.changed(&path, &old, &text);
                    text
                }
                Err(_) => formatted(file)?,
            };
            report.write.push((path, text));
        }
        let name = self.document.file_name().unwrap_or_default().to_string_lossy().into_owned();
        let lock = Lock { document: name, flags: self.flags(), items };
        report.write.push((lock_path.to_owned(), lock.text()));
        Ok(())
    }
}

#[derive(Debug, clap::Parser)]
struct First {
    #[command(flatten)]
    import: Import,
}
