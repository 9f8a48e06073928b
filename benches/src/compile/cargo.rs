//! Builds programs in a workspace of their own, and tells what that took.

use std::path::{Path, PathBuf};
use std::process::Command;

use nix::sys::resource::{UsageWho, getrusage};
use nix::sys::time::TimeValLike;

use super::forms::Form;
use crate::Outcome;

/// A workspace of generated programs.
pub(super) struct Workspace {
    folder: PathBuf,
}

/// What is built of a program.
#[derive(Debug, Clone, Copy)]
pub(super) enum Build {
    Check,
    Release,
}

impl Workspace {
    /// Writes all these programs.
    pub(super) fn write(programs: &[(Form, usize)]) -> Outcome<Self> {
        let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("..").canonicalize()?;
        let folder = root.join("target/compile");
        std::fs::create_dir_all(&folder)?;
        let runtime = root.join("runtime");
        let members: Vec<_> = programs.iter().map(|(form, count)| name(*form, *count)).collect();
        std::fs::write(folder.join("Cargo.toml"), manifest(&members))?;
        // The same versions as everywhere else.
        std::fs::copy(root.join("Cargo.lock"), folder.join("Cargo.lock"))?;
        for (form, count) in programs {
            let program = form.program(*count, &runtime.to_string_lossy());
            let name = name(*form, *count);
            let sources = folder.join(&name).join("src");
            std::fs::create_dir_all(&sources)?;
            let manifest = format!(
                "[package]\nname = \"{name}\"\nversion = \"0.0.0\"\nedition = \"2024\"\n\n\
                 [dependencies]\n{}serde = {{ version = \"1\", features = [\"derive\"] }}\n\
                 tokio = {{ version = \"1\", features = [\"macros\", \"rt\"{}] }}\n",
                program.dependencies, program.tokio
            );
            std::fs::write(folder.join(&name).join("Cargo.toml"), manifest)?;
            for (file, text) in program.files {
                std::fs::write(sources.join(file), text)?;
            }
        }
        Ok(Self { folder })
    }

    /// CPU seconds of the compiler for one program alone: its dependencies are built already, and what
    /// cargo itself takes is left out.
    pub(super) fn build(&self, program: (Form, usize), build: Build) -> Outcome<f64> {
        let main = self.folder.join(name(program.0, program.1)).join("src/main.rs");
        let text = std::fs::read(&main)?;
        std::fs::write(&main, text)?;
        let whole = self.cargo(program, build, &[])?;
        let idle = self.cargo(program, build, &[])?;
        Ok((whole - idle).max(0.0))
    }

    /// Builds whatever is missing.
    pub(super) fn warm(&self, program: (Form, usize), build: Build) -> Outcome<()> {
        self.cargo(program, build, &[]).map(drop)
    }

    /// Bytes of the stripped program.
    pub(super) fn size(&self, program: (Form, usize)) -> Outcome<u64> {
        let file = self.folder.join("target/release").join(name(program.0, program.1));
        Ok(std::fs::metadata(file)?.len())
    }

    /// The program as LLVM gets it, before any pass.
    pub(super) fn ir(&self, program: (Form, usize)) -> Outcome<String> {
        let name = name(program.0, program.1);
        let file = self.folder.join(format!("{name}.ll"));
        let emit = format!("--emit=llvm-ir={}", file.display());
        let flags = ["-Cno-prepopulate-passes", "-Ccodegen-units=1", "-Cstrip=none", &emit];
        self.run("rustc", program, Build::Release, &[&["--"], &flags[..]].concat())?;
        let text = std::fs::read_to_string(&file)?;
        std::fs::remove_file(file)?;
        Ok(text)
    }

    fn cargo(&self, program: (Form, usize), build: Build, more: &[&str]) -> Outcome<f64> {
        let command = match build {
            Build::Check => "check",
            Build::Release => "build",
        };
        self.run(command, program, build, more)
    }

    fn run(
        &self,
        command: &str,
        program: (Form, usize),
        build: Build,
        more: &[&str],
    ) -> Outcome<f64> {
        let before = spent()?;
        let mut cargo = Command::new(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
        cargo.current_dir(&self.folder).args([command, "--quiet", "-p"]);
        cargo.arg(name(program.0, program.1)).arg("--target-dir").arg(self.folder.join("target"));
        if matches!(build, Build::Release) {
            cargo.arg("--release");
        }
        // A whole build is measured, not what an editor saves of it.
        cargo.args(more).env("CARGO_INCREMENTAL", "0");
        let output = cargo.output()?;
        if !output.status.success() {
            let said = String::from_utf8_lossy(&output.stderr);
            return Err(format!("cargo {command} failed: {said}").into());
        }
        Ok(spent()? - before)
    }
}

fn name(form: Form, endpoints: usize) -> String {
    format!("{form:?}-{endpoints}").to_lowercase()
}

fn manifest(members: &[String]) -> String {
    format!(
        "[workspace]\nresolver = \"3\"\nmembers = {members:?}\n\n\
         [profile.dev]\ndebug = false\n\n[profile.release]\nstrip = true\n"
    )
}

/// CPU seconds of all processes that were started here and have ended.
fn spent() -> Outcome<f64> {
    let usage = getrusage(UsageWho::RUSAGE_CHILDREN)?;
    let micros = usage.user_time().num_microseconds() + usage.system_time().num_microseconds();
    Ok(micros as f64 / 1e6)
}
