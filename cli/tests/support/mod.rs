//! Helpers that the tests of documents share.
#![allow(dead_code, unreachable_pub)] // Each test uses its part of it.

pub mod examples;
pub mod valid;

use std::path::{Path, PathBuf};
use std::process::Command;

/// The real documents beside the checkout, if they are there. They are not part of the project.
pub fn shared() -> Option<PathBuf> {
    let root = workspace();
    let near = [root.join("../shared/openapi"), root.join("../../shared/openapi")];
    let found = std::env::var_os("PERENNIAL_OPENAPI").map(PathBuf::from).into_iter().chain(near);
    let found = found.into_iter().find(|it| it.join("documents").is_dir());
    if found.is_none() {
        eprintln!("skipped: the real documents are not beside the checkout (../shared/openapi)");
    }
    found
}

/// Whether a large document is to be tested as well, which takes minutes: all are, or those that are named.
pub fn takes_large(name: &str) -> bool {
    let wanted = std::env::var("PERENNIAL_OPENAPI_ALL").unwrap_or_default();
    wanted == "1" || wanted.split(',').any(|it| it == name)
}

/// The folder of the workspace.
pub fn workspace() -> PathBuf {
    let here = Path::new(env!("CARGO_MANIFEST_DIR"));
    here.parent().unwrap_or(here).to_owned()
}

/// The command, built.
pub fn command() -> Command {
    Command::new(env!("CARGO_BIN_EXE_cargo-perennial"))
}

/// Runs the command, and gives what it printed on either side.
pub fn run(arguments: &[&str]) -> (i32, String, String) {
    let output = command().args(arguments).output().unwrap();
    let text = |bytes: Vec<u8>| String::from_utf8(bytes).unwrap();
    (output.status.code().unwrap_or(-1), text(output.stdout), text(output.stderr))
}

/// A folder for what a test makes, empty.
pub fn folder(name: &str) -> PathBuf {
    let folder = workspace().join("target/openapi").join(name);
    let _ = std::fs::remove_dir_all(&folder);
    std::fs::create_dir_all(folder.join("src")).unwrap();
    folder
}

/// Makes a crate in a folder, with the dependencies of the workspace as they are locked.
pub fn manifest(folder: &Path, with_runtime: bool) {
    let name = folder.file_name().unwrap().to_string_lossy().replace('.', "-");
    let root = workspace();
    let runtime = match with_runtime {
        true => format!(
            "perennial = {{ path = {:?}, default-features = false, features = [\"openapi\"] }}\n",
            root.join("runtime")
        ),
        false => String::new(),
    };
    let text = format!(
        "[package]\nname = \"generated-{name}\"\nversion = \"0.0.0\"\nedition = \"2024\"\npublish = false\n\n\
         [dependencies]\n{runtime}serde = {{ version = \"1\", features = [\"derive\"] }}\nserde_json = \"1\"\n\n[workspace]\n"
    );
    std::fs::write(folder.join("Cargo.toml"), text).unwrap();
    std::fs::copy(root.join("Cargo.lock"), folder.join("Cargo.lock")).unwrap();
}

/// Runs cargo in a folder, in one target folder for all.
pub fn cargo(folder: &Path, arguments: &[&str]) -> Command {
    let mut cargo = Command::new(env!("CARGO"));
    cargo
        .args(arguments)
        .arg("--quiet")
        .current_dir(folder)
        .env("CARGO_TARGET_DIR", workspace().join("target/openapi/target"))
        .env("CARGO_PROFILE_DEV_DEBUG", "0")
        .env("CARGO_INCREMENTAL", "0")
        .env_remove("RUSTFLAGS");
    cargo
}

/// The errors that the official schema of OpenAPI 3.1 finds in a document.
pub fn against_the_official_schema(document: &serde_json::Value) -> Vec<String> {
    let schema = include_str!("../schema/openapi-3.1.json");
    let schema: serde_json::Value = serde_json::from_str(schema).unwrap();
    let validator = jsonschema::validator_for(&schema).unwrap();
    let errors = validator.iter_errors(document);
    errors.map(|it| format!("{}: {it}", it.instance_path())).collect()
}
