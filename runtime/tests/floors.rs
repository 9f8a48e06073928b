//! Which part of the runtime may import which: each floor knows those below it, and none above.

use std::fs;
use std::path::{Path, PathBuf};

/// The floors, each with those that it may import.
const FLOORS: [(&str, &[&str]); 10] = [
    ("types", &[]),
    ("logic", &["types"]),
    ("ports", &["types", "logic"]),
    ("session", &["types", "logic", "ports"]),
    ("call", &["types", "logic", "ports", "session"]),
    ("client", &["types", "logic", "ports", "session", "call"]),
    // A served call has no session of its own.
    ("serve", &["types", "logic", "ports", "call", "client"]),
    // The test of types decodes as a call does.
    ("document", &["types", "logic", "ports", "call"]),
    ("oauth2", &["types", "logic", "ports", "session", "call", "client"]),
    // The store of a browser listens for changes in the name of a session.
    ("stores", &["types", "logic", "ports", "session"]),
];

#[test]
fn each_floor_imports_only_those_below_it() {
    let sources = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut wrong = Vec::new();
    for (floor, below) in FLOORS {
        let files = rust_files(&sources.join(floor));
        assert!(!files.is_empty(), "the floor `{floor}` has no files");
        for file in files {
            let text = fs::read_to_string(&file).expect("the file can be read");
            for (at, line) in text.lines().enumerate() {
                for name in imported(line) {
                    if name != floor && !below.contains(&name) && is_floor(name) {
                        wrong.push(format!("{}:{}: {}", file.display(), at + 1, line.trim()));
                    }
                }
            }
        }
    }
    assert!(wrong.is_empty(), "imports from above:\n{}", wrong.join("\n"));
}

#[test]
fn an_import_is_found_wherever_it_is_written() {
    for line in [
        "use crate::call::parts::Parts;",
        "    let x = crate::call::f();",
        "$crate::call::parts::Parts",
        "use crate::{call::parts, types};",
        "pub(in crate::call) fn f()",
    ] {
        assert!(imported(line).contains(&"call"), "{line}");
    }
    assert!(imported("/// See [`crate::call`].").is_empty());
}

/// The modules of the crate that a line names; comments name what they like.
fn imported(line: &str) -> Vec<&str> {
    if line.trim_start().starts_with("//") {
        return Vec::new();
    }
    let after = |(at, prefix): (usize, &str)| {
        let rest = &line[at + prefix.len()..];
        match rest.strip_prefix('{') {
            // Only the first names of a group, since those behind `::` are not floors.
            Some(group) => group.split(',').map(first_word).collect(),
            None => vec![first_word(rest)],
        }
    };
    let paths = line.match_indices("crate::").map(after);
    paths.flatten().collect()
}

fn first_word(text: &str) -> &str {
    let text = text.trim_start();
    let end = text.find(|letter: char| !letter.is_alphanumeric() && letter != '_');
    &text[..end.unwrap_or(text.len())]
}

fn is_floor(name: &str) -> bool {
    FLOORS.iter().any(|(floor, _)| *floor == name)
}

fn rust_files(folder: &Path) -> Vec<PathBuf> {
    let mut files = Vec::new();
    for entry in fs::read_dir(folder).expect("the folder can be read") {
        let path = entry.expect("the entry can be read").path();
        if path.is_dir() {
            files.extend(rust_files(&path));
        } else if path.extension().is_some_and(|ending| ending == "rs") {
            files.push(path);
        }
    }
    files
}
