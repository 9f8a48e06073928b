//! Builds generated programs in a workspace of their own, and tells what that took.

use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::{Outcome, cpu};

/// A program to build.
pub(crate) struct Package {
    pub(crate) name: String,
    /// Lines of the manifest.
    pub(crate) dependencies: String,
    /// The files under `src`.
    pub(crate) sources: Vec<(String, String)>,
}

/// A workspace of generated programs.
pub(crate) struct Workspace {
    folder: PathBuf,
}

/// The kind of build of a program.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Build {
    Check,
    Debug,
    Release,
}

impl Workspace {
    /// Writes all these programs to a folder below the target directory.
    pub(crate) fn write(name: &str, packages: &[Package]) -> Outcome<Self> {
        let folder = root()?.join("target/benches").join(name);
        std::fs::create_dir_all(&folder)?;
        let members: Vec<_> = packages.iter().map(|package| &package.name).collect();
        put(&folder.join("Cargo.toml"), &manifest(&members))?;
        // The same versions as everywhere else.
        std::fs::copy(root()?.join("Cargo.lock"), folder.join("Cargo.lock"))?;
        for Package { name, dependencies, sources } in packages {
            let package = folder.join(name);
            let manifest = format!(
                "[package]\nname = \"{name}\"\nversion = \"0.0.0\"\nedition = \"2024\"\n\n\
                 [dependencies]\n{dependencies}"
            );
            put(&package.join("Cargo.toml"), &manifest)?;
            for (file, text) in sources {
                put(&package.join("src").join(file), text)?;
            }
        }
        Ok(Self { folder })
    }

    /// A file beside the programs.
    pub(crate) fn beside(&self, name: &str) -> PathBuf {
        self.folder.join(name)
    }

    /// Builds a program with whatever is missing, and tells where it is.
    pub(crate) fn build(&self, name: &str, build: Build) -> Outcome<PathBuf> {
        self.cargo(name, build)?;
        let folder = if build == Build::Release { "release" } else { "debug" };
        Ok(self.folder.join("target").join(folder).join(name))
    }

    /// CPU seconds of the compiler for one program alone: its dependencies are built already, and what
    /// cargo itself takes is left out.
    pub(crate) fn spent(&self, name: &str, build: Build) -> Outcome<f64> {
        self.touch(name)?;
        let whole = self.cargo(name, build)?;
        let idle = self.cargo(name, build)?;
        Ok((whole - idle).max(0.0))
    }

    /// The program as LLVM gets it, before any pass.
    pub(super) fn ir(&self, name: &str) -> Outcome<String> {
        self.touch(name)?;
        let file = self.folder.join(format!("{name}.ll"));
        let emit = format!("--emit=llvm-ir={}", file.display());
        let flags = ["-Cno-prepopulate-passes", "-Ccodegen-units=1", "-Cstrip=none", &emit];
        self.run("rustc", name, Build::Release, &[&["--"], &flags[..]].concat())?;
        let text = std::fs::read_to_string(&file)?;
        std::fs::remove_file(file)?;
        Ok(text)
    }

    /// A file that was just written is built again.
    fn touch(&self, name: &str) -> Outcome<()> {
        let main = self.folder.join(name).join("src/main.rs");
        Ok(std::fs::write(&main, std::fs::read(&main)?)?)
    }

    /// Forgets everything that was built.
    pub(crate) fn clean(&self) -> Outcome<()> {
        match std::fs::remove_dir_all(self.folder.join("target")) {
            Err(error) if error.kind() != std::io::ErrorKind::NotFound => Err(error.into()),
            _ => Ok(()),
        }
    }

    /// Builds a program, and tells how many CPU seconds that took.
    pub(crate) fn cargo(&self, name: &str, build: Build) -> Outcome<f64> {
        let command = if build == Build::Check { "check" } else { "build" };
        self.run(command, name, build, &[])
    }

    fn run(&self, command: &str, name: &str, build: Build, more: &[&str]) -> Outcome<f64> {
        let mut cargo = Command::new(cargo());
        cargo.current_dir(&self.folder).args([command, "--quiet", "-p", name]);
        cargo.arg("--target-dir").arg(self.folder.join("target"));
        if build == Build::Release {
            cargo.arg("--release");
        }
        // A whole build is measured, not what an editor saves of it.
        cargo.args(more).env("CARGO_INCREMENTAL", "0");
        let before = seconds()?;
        let output = cargo.output()?;
        if !output.status.success() {
            let said = String::from_utf8_lossy(&output.stderr);
            return Err(format!("cargo {command} -p {name} failed: {said}").into());
        }
        Ok(seconds()? - before)
    }
}

/// The cargo that runs this, or the one that is found.
pub(crate) fn cargo() -> OsString {
    std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into())
}

/// The folder of the repository.
pub(crate) fn root() -> Outcome<PathBuf> {
    Ok(Path::new(env!("CARGO_MANIFEST_DIR")).join("..").canonicalize()?)
}

/// CPU seconds of all processes that were started here and have ended.
fn seconds() -> Outcome<f64> {
    Ok(cpu::of_children()? as f64 / 1e6)
}

/// A file that already has this text is left alone, so that it is not built again.
fn put(file: &Path, text: &str) -> Outcome<()> {
    if let Some(folder) = file.parent() {
        std::fs::create_dir_all(folder)?;
    }
    if std::fs::read_to_string(file).is_ok_and(|there| there == text) {
        return Ok(());
    }
    Ok(std::fs::write(file, text)?)
}

fn manifest(members: &[&String]) -> String {
    format!(
        "[workspace]\nresolver = \"3\"\nmembers = {members:?}\n\n\
         [profile.dev]\ndebug = false\n\n[profile.release]\nstrip = true\n"
    )
}
