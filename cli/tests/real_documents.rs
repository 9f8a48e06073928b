//! Imports of real documents: the result compiles, its types are real, and examples go through them unchanged.
//! The documents are beside the checkout or not at all.

#![allow(clippy::unwrap_used)]

mod support;

use std::fmt::Write as _;
use std::path::Path;
use std::process::Stdio;

use perennial_cli::document::Document;
use perennial_cli::import::{Options, import};
use perennial_cli::notes::Notes;
use perennial_cli::types::Types;
use serde_json::Value;

use support::{cargo, examples, folder, manifest, run, shared, takes_large};

/// Those that are cheap enough for every run.
const SMALL: &[&str] = &["petstore", "museum", "directus", "kubernetes"];
const LARGE: &[&str] = &["discord", "twilio", "digitalocean", "openai", "stripe", "github"];

fn names() -> Vec<&'static str> {
    let large = LARGE.iter().filter(|name| takes_large(name));
    SMALL.iter().chain(large).copied().collect()
}

#[test]
fn all_operations_are_declared_with_real_types() {
    let Some(shared) = shared() else { return };
    let (mut operations, mut whole, mut declared) = (0, 0, 0);
    let (mut schemas, mut real, mut fields, mut any) = (0, 0, 0, 0);
    for name in SMALL.iter().chain(LARGE) {
        let node =
            perennial_cli::source::read(&shared.join(format!("documents/{name}.json"))).unwrap();
        let notes = Notes::default();
        let document = Document::read(&node, &notes).unwrap();
        let summary = import(&document, &Options::default(), &notes).unwrap().summary;
        println!(
            "{name}: {} of {} operations, {} whole; {} of {} schemas, {} of {} fields any value",
            summary.declared,
            summary.operations,
            summary.whole,
            summary.real,
            summary.schemas,
            summary.any,
            summary.fields
        );
        operations += summary.operations;
        declared += summary.declared;
        whole += summary.whole;
        schemas += summary.schemas;
        real += summary.real;
        fields += summary.fields;
        any += summary.any;
    }
    println!(
        "{declared} of {operations} declared, {whole} whole; {real} of {schemas} real, {any} of {fields} any value"
    );
    assert_eq!(declared, operations);
    assert!(whole * 100 >= operations * LEAST_WHOLE, "{whole} of {operations} without a loss");
    assert!(real * 1000 >= schemas * 995, "{real} of {schemas} schemas are real types");
    assert!(any * 1000 <= fields * 2, "{any} of {fields} fields are any value");
}

/// Of a hundred operations so many are declared without a loss.
const LEAST_WHOLE: usize = 98;

#[test]
fn an_import_compiles_without_an_edit_and_passes_the_test_of_its_types() {
    let Some(shared) = shared() else { return };
    for name in names() {
        let folder = folder(name);
        manifest(&folder, true);
        import_to(&shared, name, &folder.join("src/lib.rs"), &[]);
        compare_with_its_document(&shared, name, &folder.join("src/lib.rs"));
        // The macro writes a test, so that this compiles the import as well.
        let output = cargo(&folder, &["test", "--lib"]).output().unwrap();
        let (errors, said) =
            (String::from_utf8_lossy(&output.stderr), String::from_utf8_lossy(&output.stdout));
        assert!(
            output.status.success() && !errors.contains("warning: unused"),
            "{name} does not compile, or its types do not fit:\n{errors}\n{said}"
        );
        assert!(said.contains("1 passed"), "{name}: {said}");
    }
}

#[test]
fn an_export_of_an_import_is_valid_and_imported_as_the_same_text() {
    let Some(shared) = shared() else { return };
    let folder = folder("exports");
    for name in names() {
        let (first, second) =
            (folder.join(format!("{name}.rs")), folder.join(format!("{name}-again.rs")));
        import_to(&shared, name, &first, &[]);
        let exported = folder.join(format!("{name}.json"));
        let (code, _, said) =
            run(&["export", first.to_str().unwrap(), "--out", exported.to_str().unwrap()]);
        assert_eq!(code, 0, "{name}: {said}");
        let text = std::fs::read_to_string(&exported).unwrap();
        let found = support::against_the_official_schema(&serde_json::from_str(&text).unwrap());
        assert!(found.is_empty(), "{name} is not valid: {:?}", &found[..found.len().min(5)]);
        let again = ["import", exported.to_str().unwrap(), "--out", second.to_str().unwrap()];
        let (code, _, said) = run(&again);
        assert_eq!(code, 0, "{name}: {said}");
        let read = |path: &Path| std::fs::read_to_string(path).unwrap();
        assert!(
            read(&first) == read(&second),
            "{name} is imported as another text after an export"
        );
    }
}

#[test]
fn examples_go_through_the_types_unchanged() {
    let Some(shared) = shared() else { return };
    let (mut count, mut undecoded, mut changed) = (0, 0, 0);
    for name in names() {
        let (input, output) = round_trip(&shared, name);
        let (mut undecoded_here, mut changed_here) = (0, 0);
        for line in output.lines() {
            let [component, before, after]: [Value; 3] = serde_json::from_str(line).unwrap();
            match &after {
                Value::String(error) if error.starts_with("error: ") => {
                    undecoded_here += 1;
                    println!("{name} {component}: {error}\n   {before}");
                }
                after if !support::valid::same(&before, after) => {
                    changed_here += 1;
                    println!("{name} {component}:\n   {before}\n   {after}");
                }
                _ => {}
            }
        }
        println!("{name}: {input} examples, {undecoded_here} not decoded, {changed_here} changed");
        assert_eq!(output.lines().count(), input);
        count += input;
        undecoded += undecoded_here;
        changed += changed_here;
    }
    println!("{count} examples, {undecoded} of them not decoded, {changed} changed");
    assert!(undecoded * 100 <= count, "{undecoded} of {count} examples are not decoded");
    assert!(
        (changed + undecoded) * 100 <= count,
        "{changed} of {count} examples are encoded in another way"
    );
}

/// Sends the examples of a document through the types of its import: how many there are, and what comes of each. Every
/// document is a program of its own, since the types of all of them in one would need many gigabytes to compile.
fn round_trip(shared: &Path, name: &str) -> (usize, String) {
    let folder = folder(&format!("round-trip-{name}"));
    manifest(&folder, true);
    let types = folder.join("src/types.rs");
    import_to(shared, name, &types, &[]);
    without_trait(&types);
    let node = perennial_cli::source::read(&shared.join(format!("documents/{name}.json"))).unwrap();
    let notes = Notes::default();
    let document = Document::read(&node, &notes).unwrap();
    let mut made = Types::new(&document, &notes);
    made.all_components();
    let (mut arms, mut input, mut count) = (String::new(), String::new(), 0);
    for def in &made.defs {
        if let Some(component) = &def.component {
            let _ = writeln!(arms, "        {component:?} => check::<types::{}>(value),", def.name);
        }
    }
    for (component, value) in examples::of_components(&node) {
        let _ = writeln!(input, "{}", serde_json::json!([component, value]));
        count += 1;
    }
    std::fs::write(folder.join("src/main.rs"), ROUND_TRIP.replace("// ARMS", &arms)).unwrap();
    let file = folder.join("input.jsonl");
    std::fs::write(&file, input).unwrap();
    let output = cargo(&folder, &["run"])
        .stdin(std::fs::File::open(&file).unwrap())
        .stderr(Stdio::inherit())
        .output()
        .unwrap();
    assert!(output.status.success(), "the round trip of {name} does not run");
    (count, String::from_utf8(output.stdout).unwrap())
}

/// Leaves out the trait of an import, which the types do not need.
fn without_trait(file: &Path) {
    let text = std::fs::read_to_string(file).unwrap();
    let start = text.find("#[api_client").unwrap();
    let end = start + text[start..].find("\n}\n").unwrap() + 3;
    std::fs::write(file, format!("{}{}", &text[..start], &text[end..])).unwrap();
}

fn import_to(shared: &Path, name: &str, out: &Path, more: &[&str]) {
    let document = shared.join(format!("documents/{name}.json"));
    let mut arguments = vec!["import", document.to_str().unwrap(), "--out", out.to_str().unwrap()];
    arguments.extend(more);
    let (code, _, errors) = run(&arguments);
    assert_eq!(code, 0, "{name}: {errors}");
}

/// Lets the macro compare the trait with the document that it was made of: no mismatch may be found.
fn compare_with_its_document(shared: &Path, name: &str, file: &Path) {
    let document = shared.join(format!("documents/{name}.json")).canonicalize().unwrap();
    let text = std::fs::read_to_string(file).unwrap();
    let text = match text.contains("#[api_client]") {
        true => {
            text.replacen("#[api_client]", &format!("#[api_client(openapi = {document:?})]"), 1)
        }
        false => {
            text.replacen("#[api_client(", &format!("#[api_client(openapi = {document:?}, "), 1)
        }
    };
    std::fs::write(file, text).unwrap();
}

/// The program that decodes and encodes: a line of input is a component and a value.
const ROUND_TRIP: &str = r#"
#[allow(dead_code, unused_imports)]
mod types;

use std::io::BufRead;

fn main() {
    for line in std::io::stdin().lock().lines() {
        let line = line.expect("a line");
        let (component, value): (String, serde_json::Value) =
            serde_json::from_str(&line).expect("two values");
        let after = go(&component, value.clone());
        let after = after.unwrap_or_else(|error| serde_json::Value::String(format!("error: {error}")));
        println!("{}", serde_json::json!([component, value, after]));
    }
}

fn go(component: &str, value: serde_json::Value) -> Result<serde_json::Value, String> {
    match component {
        // ARMS
        _ => Err("no such type".to_owned()),
    }
}

fn check<T: serde::de::DeserializeOwned + serde::Serialize>(value: serde_json::Value) -> Result<serde_json::Value, String> {
    // As text, as it comes from the wire.
    let decoded: T = serde_json::from_str(&value.to_string()).map_err(|error| error.to_string())?;
    serde_json::to_value(&decoded).map_err(|error| error.to_string())
}
"#;
