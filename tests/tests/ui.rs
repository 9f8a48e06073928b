//! Every mistake that the compiler must catch, each in its own file, and the documentation page that is generated from
//! them.
//!
//! After a change of a message, `TRYBUILD=overwrite` writes the expected output anew, and
//! `BLESS=1` the page.

#![allow(clippy::unwrap_used)]

use std::collections::BTreeMap;
use std::fmt::Write;
use std::path::{Path, PathBuf};
use std::{env, fs};

#[test]
fn each_mistake_is_reported_as_its_file_says() {
    trybuild::TestCases::new().compile_fail("ui/*/*.rs");
}

#[test]
fn each_rule_of_the_macro_has_its_file() {
    let names: Vec<_> = fixtures().into_values().flatten().map(|it| it.rule).collect();
    let mut missing: Vec<_> = rules().into_iter().filter(|rule| !names.contains(rule)).collect();
    // What the parser of Rust cannot read has many reasons and no rule.
    missing.retain(|rule| rule != "syntax");
    assert_eq!(missing, [""; 0]);
}

#[test]
fn each_bound_that_speaks_has_its_file() {
    let outputs: Vec<_> = fixtures().into_values().flatten().map(|it| it.output).collect();
    let mut silent = Vec::new();
    for message in bounds() {
        // The text around the names of types.
        let fixed: Vec<_> = message.split(['{', '}']).step_by(2).collect();
        let is_said = |line: &str| {
            let speaks = ["error[E0277]: ", "error[E0599]: "];
            speaks.iter().any(|code| line.starts_with(code))
                && fixed.iter().all(|part| line.contains(part))
        };
        if !outputs.iter().any(|output| output.lines().any(is_said)) {
            silent.push(message);
        }
    }
    // They need a program without the feature, which `ci/quickstart.sh` has.
    silent.retain(|message| !message.contains("needs the feature"));
    assert_eq!(silent, [""; 0]);
}

#[test]
fn no_output_contains_an_internal_name() {
    // Paths of the runtime's source, its private module, and notes that quote its bounds.
    let internal = ["__private", "macros/src", "Undecoded"];
    let notes = ["required by", "runtime/src"];
    let fixtures: Vec<_> = fixtures().into_values().flatten().collect();
    // A function that the user calls or implements has a bound, and the compiler quotes it in a note.
    let quoted = [
        "served-without-serve",
        "not-a-store",
        "not-a-refresh",
        "refresh-by-a-closure",
        "refresh-failure",
        "not-a-layer",
        "fake-without-async",
        "new-without-a-host",
        "other-errors",
        "send-of-a-call",
        "names-of-other-builders",
        "names-of-other-calls",
        "names-of-other-errors",
        "names-of-other-sessions",
        "names-of-other-streams",
        "kinds-as-an-enum",
        "settings-of-reqwest",
        "variant-of-another-error",
    ];
    let mut found = Vec::new();
    for fixture in &fixtures {
        let is_quoted = quoted.contains(&&*fixture.rule);
        let names = internal.iter().chain(notes.iter().filter(|_| !is_quoted));
        let names = names.filter(|name| fixture.output.contains(**name));
        found.extend(names.map(|name| format!("{}: {name}", fixture.rule)));
    }
    assert!(fixtures.len() > 150, "{}", fixtures.len());
    assert_eq!(found, [""; 0]);
}

#[test]
fn one_build_reports_mistakes_in_options_and_in_types() {
    let output =
        fs::read_to_string(package().join("ui/many/every-kind-of-mistake.stderr")).unwrap();
    for mistake in ["unknown option `timout`", "cannot be sent as JSON", "an item of a stream"] {
        assert!(output.contains(mistake), "{mistake}");
    }
}

#[test]
fn a_build_with_ten_mistakes_reports_exactly_ten() {
    let output = fs::read_to_string(package().join("ui/many/ten-mistakes.stderr")).unwrap();
    assert_eq!(output.lines().filter(|line| line.starts_with("error")).count(), 10);
    assert_eq!(output.lines().filter(|line| line.starts_with("warning")).count(), 0);
}

#[test]
fn each_word_of_the_language_has_a_heading_and_an_example_in_the_reference() {
    let chapter = fs::read_to_string(package().join("../runtime/guide/reference.md")).unwrap();
    let sections: Vec<_> = chapter.split("\n### ").skip(1).collect();
    let mut missing = Vec::new();
    for (page, word) in words() {
        // The options of an option are in its section.
        let of = match page.as_str() {
            "option" | "auth" | "role" | "verb" => Some(&*word),
            "rule" => Some("expired"),
            "role_option" => None,
            owner => Some(owner),
        };
        let is_of = |section: &&&str| {
            let heading = section.lines().next().unwrap_or_default();
            of.is_none_or(|of| heading.contains(&format!("`{of}`")))
        };
        let mut own = sections.iter().filter(is_of).peekable();
        if own.peek().is_none() {
            missing.push(format!("{page}: `{word}` has no heading"));
        } else if !own.any(|section| examples(section).any(|example| has_word(example, &word))) {
            missing.push(format!("{page}: `{word}` is in no example of its own"));
        }
    }
    assert_eq!(missing, [""; 0]);
}

#[test]
fn each_rule_that_the_reference_names_has_its_file() {
    let chapter = fs::read_to_string(package().join("../runtime/guide/reference.md")).unwrap();
    let names: Vec<_> = fixtures().into_values().flatten().map(|it| it.rule).collect();
    let errors = chapter.split("**Errors:**").skip(1);
    let errors = errors.map(|rest| rest.split("\n\n").next().unwrap_or_default());
    let named = errors.flat_map(|text| text.split('`').skip(1).step_by(2));
    // Rules have a hyphen, and kinds of errors have none.
    let is_rule = |name: &&str| {
        name.contains('-') && name.chars().all(|c| c.is_ascii_lowercase() || c == '-')
    };
    let mut named: Vec<_> = named.filter(is_rule).collect();
    assert!(named.len() > 50, "{named:?}");
    named.retain(|name| !names.iter().any(|rule| rule == name));
    assert_eq!(named, [""; 0]);
}

/// The words of the language, each with the page that it is on.
fn words() -> Vec<(String, String)> {
    let folder = package().join("../runtime/src/reference");
    let text = fs::read_to_string(folder.with_extension("rs")).unwrap();
    let (mut words, mut page) = (Vec::new(), String::new());
    for line in text.lines() {
        let Some(name) = line.trim_start().strip_prefix("pub mod ") else { continue };
        let (name, rest) = name.split_once([' ', ';']).unwrap_or((name, ""));
        match line.starts_with(' ') {
            true => words.push((page.clone(), name.to_owned())),
            false => name.clone_into(&mut page),
        }
        if rest.is_empty() {
            let text = fs::read_to_string(folder.join(format!("{name}.rs"))).unwrap();
            let names =
                text.lines().filter_map(|it| it.strip_prefix("pub mod ")?.strip_suffix(" {}"));
            words.extend(names.map(|it| (name.to_owned(), it.trim_start_matches("r#").to_owned())));
        }
    }
    assert!(words.len() > 100, "{words:?}");
    words
}

/// The code in a section.
fn examples(section: &str) -> impl Iterator<Item = &str> {
    section.split("```").skip(1).step_by(2)
}

fn has_word(code: &str, word: &str) -> bool {
    code.split(|c: char| !c.is_alphanumeric() && c != '_').any(|it| it == word)
}

#[test]
fn the_page_of_diagnostics_is_fresh() {
    let path = package().join("../docs/diagnostics.md");
    let page = page();
    if env::var_os("BLESS").is_some() {
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(&path, &page).unwrap();
    }
    let found = fs::read_to_string(&path).unwrap_or_default();
    assert!(
        found == page,
        "docs/diagnostics.md is stale: run `BLESS=1 cargo test -p perennial-tests --test ui`"
    );
}

/// A file with a mistake, and what the compiler says to it.
struct Fixture {
    rule: String,
    code: String,
    output: String,
}

const TOPICS: [(&str, &str); 13] = [
    ("trait", "The trait"),
    ("method", "Methods"),
    ("path", "Paths"),
    ("parameters", "Parameters"),
    ("body", "Bodies"),
    ("returns", "What a method returns"),
    ("session", "The session"),
    ("values", "Values"),
    ("client", "Using the client"),
    ("serve", "The server side"),
    ("openapi", "Against an OpenAPI document"),
    ("derive", "`#[derive(Json)]`"),
    ("many", "Many at once"),
];

fn package() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
}

/// The fixtures by topic, each topic in the order of its names.
fn fixtures() -> BTreeMap<String, Vec<Fixture>> {
    let mut topics = BTreeMap::new();
    for topic in fs::read_dir(package().join("ui")).unwrap() {
        let folder = topic.unwrap().path();
        let files = fs::read_dir(&folder).unwrap().map(|file| file.unwrap().path());
        let mut files: Vec<_> =
            files.filter(|path| path.extension() == Some("rs".as_ref())).collect();
        files.sort();
        let name = folder.file_name().unwrap().to_string_lossy().into_owned();
        topics.insert(name, files.iter().map(|path| fixture(path)).collect());
    }
    topics
}

fn fixture(path: &Path) -> Fixture {
    Fixture {
        rule: path.file_stem().unwrap().to_string_lossy().into_owned(),
        code: fs::read_to_string(path).unwrap(),
        output: fs::read_to_string(path.with_extension("stderr")).unwrap_or_default(),
    }
}

/// The names of the rules in the source of the macro.
fn rules() -> Vec<String> {
    let mut rules = Vec::new();
    let mut folders = vec![package().join("../macros/src")];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else if !path.ends_with("tests.rs") {
                let source = fs::read_to_string(path).unwrap();
                let source = source.split("#[cfg(test)]").next().unwrap_or_default();
                rules.extend(rules_of(source));
            }
        }
    }
    rules.sort();
    rules.dedup();
    rules
}

/// The messages of the bounds that a declared type must meet, in the source of the runtime.
fn bounds() -> Vec<String> {
    let mut messages = Vec::new();
    let mut folders = vec![package().join("../runtime/src")];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                // The fixtures are programs without the feature `oauth2`.
                folders.extend((!path.ends_with("oauth2")).then_some(path));
                continue;
            }
            let source = fs::read_to_string(path).unwrap();
            let attributes = source.split("on_unimplemented(").skip(1);
            let texts =
                attributes.filter_map(|rest| rest.split_once("message = \"")?.1.split('"').next());
            messages.extend(texts.map(str::to_owned));
        }
    }
    assert!(messages.len() > 10, "{messages:?}");
    messages
}

fn rules_of(source: &str) -> Vec<String> {
    let calls = [".error(", ".warning(", "Diagnostic::new("];
    let after = calls.iter().flat_map(|call| source.split(call).skip(1));
    let names = after.filter_map(|rest| rest.trim_start().strip_prefix('"')?.split('"').next());
    // Errors of the parser are made in the same way, and have a sentence where a rule has its name.
    names.filter(|name| !name.contains(' ')).map(str::to_owned).collect()
}

fn page() -> String {
    let mut topics = fixtures();
    let mut page = String::from(
        "# Diagnostics\n\n\
         This page shows the message for each mistake in a declaration. One build reports all mistakes, \
         each at the token that is wrong. The trait and the client still exist after an error.\n\n\
         To silence a lint, a rule that only warns, write its name among the options of the method or of the \
         trait: `allow(body_on_get)`.\n\n\
         This page is generated from the files in `tests/ui`, one for each rule.\n",
    );
    for (topic, title) in TOPICS {
        let fixtures = topics.remove(topic).unwrap_or_default();
        write!(page, "\n## {title}\n\n| rule | message |\n|---|---|\n").unwrap();
        for fixture in &fixtures {
            let rule = &fixture.rule;
            writeln!(page, "| [{rule}](#{rule}) | {} |", message(&fixture.output)).unwrap();
        }
        for Fixture { rule, code, output } in &fixtures {
            let (code, output) =
                (code.trim_end().trim_end_matches("fn main() {}").trim(), output.trim_end());
            write!(
                page,
                "\n### {rule}\n\n```rust,compile_fail\n{code}\n```\n\n```text\n{output}\n```\n"
            )
            .unwrap();
        }
    }
    assert!(topics.is_empty(), "a folder of `tests/ui` has no title here");
    page
}

/// The first line of the first message.
fn message(output: &str) -> String {
    let line = output.lines().next().unwrap_or_default();
    let message = line.split_once(": ").map_or(line, |(_, message)| message);
    // A warning is the use of a constant that has the name of the rule.
    let message = match message.strip_prefix("use of deprecated constant `_::") {
        Some(rest) => rest.split_once("`: ").map_or(rest, |(_, message)| message),
        None => message,
    };
    message.replace('|', "\\|")
}
