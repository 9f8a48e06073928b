//! Reads a document from its files: JSON, or YAML.

mod anchors;
mod bundle;
mod place;

use std::io::Read;
use std::path::Path;

use crate::node::Node;

/// Reads a document, with the files that it refers to.
///
/// # Errors
///
/// If a file cannot be read, is neither JSON nor YAML, or is not one that a reference may name; the text tells where.
pub fn read(path: &Path) -> Result<Node, String> {
    let mut node = document(&text_of(path)?, &path.display().to_string())?;
    bundle::bundle(&mut node, path)?;
    anchors::resolve(&mut node);
    Ok(node)
}

/// Reads a document from its text. `name` is its name in errors.
///
/// # Errors
///
/// Those of [`read`].
pub fn parse(text: &str, name: &str) -> Result<Node, String> {
    let mut node = document(text, name)?;
    anchors::resolve(&mut node);
    Ok(node)
}

fn document(text: &str, name: &str) -> Result<Node, String> {
    let node = tree(text, name)?;
    if !matches!(node, Node::Object(_)) {
        return Err(format!("{name}: expected an OpenAPI document, found {}", node.kind()));
    }
    Ok(node)
}

/// The longest file that is read, in bytes. The largest known documents have 13 MB.
const LONGEST: u64 = 256 << 20;

fn text_of(path: &Path) -> Result<String, String> {
    let failed = |error| format!("cannot read {}: {error}", path.display());
    let file = std::fs::File::open(path).map_err(failed)?;
    let mut bytes = Vec::new();
    // A pipe or a device does not tell its length.
    file.take(LONGEST + 1).read_to_end(&mut bytes).map_err(failed)?;
    if bytes.len() as u64 > LONGEST {
        return Err(format!("{}: longer than {} MiB", path.display(), LONGEST >> 20));
    }
    String::from_utf8(bytes).map_err(|error| {
        format!("{}: not UTF-8 at byte {}", path.display(), error.utf8_error().valid_up_to())
    })
}

/// Parses a text as JSON or YAML.
fn tree(text: &str, name: &str) -> Result<Node, String> {
    let text = text.trim_start_matches('\u{feff}');
    if text.trim_start().starts_with(['{', '[']) { json(text, name) } else { yaml(text, name) }
}

fn json(text: &str, name: &str) -> Result<Node, String> {
    serde_json::from_str(text).or_else(|error| {
        // YAML may begin with a brace as well.
        match yaml(text, name) {
            Ok(node) if !matches!(error.classify(), serde_json::error::Category::Eof) => Ok(node),
            _ => Err(format!(
                "{name}: not valid JSON: {error}{}",
                path_hint(text, error.line(), error.column())
            )),
        }
    })
}

fn yaml(text: &str, name: &str) -> Result<Node, String> {
    let mut options = serde_saphyr::Options::default();
    // A document may have any length.
    options.budget = None;
    // OpenAPI prescribes YAML 1.2, in which `no`, `y` and `on` are strings.
    options.strict_booleans = true;
    serde_saphyr::from_str_with_options(text, options)
        .map_err(|error| format!("{name}: not valid YAML: {error}"))
}

/// The JSON path at which a text broke off, as far as it is known.
fn path_hint(text: &str, line: usize, column: usize) -> String {
    let before = text.lines().take(line.saturating_sub(1)).map(|it| it.len() + 1).sum::<usize>();
    let end = (before + column.saturating_sub(1)).min(text.len());
    let end = (0..=end).rev().find(|it| text.is_char_boundary(*it)).unwrap_or(0);
    let path = path_of(&text[..end]);
    if path.is_empty() { String::new() } else { format!(", in {path}") }
}

/// The path of the last place of a text that may break off.
fn path_of(text: &str) -> String {
    /// An open object with its last key, or an open list with its last index.
    enum Open {
        Object(String),
        List(usize),
    }
    let mut stack: Vec<Open> = Vec::new();
    let mut chars = text.chars();
    let mut last = String::new();
    while let Some(c) = chars.next() {
        match c {
            '"' => {
                last.clear();
                while let Some(c) = chars.next() {
                    match c {
                        '"' => break,
                        '\\' => last.extend(chars.next()),
                        c => last.push(c),
                    }
                }
            }
            ':' => {
                if let Some(Open::Object(key)) = stack.last_mut() {
                    key.clone_from(&last);
                }
            }
            ',' => {
                if let Some(Open::List(index)) = stack.last_mut() {
                    *index += 1;
                }
            }
            '{' => stack.push(Open::Object(String::new())),
            '[' => stack.push(Open::List(0)),
            '}' | ']' => drop(stack.pop()),
            _ => {}
        }
    }
    stack
        .iter()
        .filter_map(|open| match open {
            Open::Object(key) if key.is_empty() => None,
            Open::Object(key) => Some(format!("/{}", crate::node::step(key))),
            Open::List(index) => Some(format!("/{index}")),
        })
        .collect()
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[test]
    fn json_and_yaml_give_the_same_tree() {
        let json =
            parse(r#"{"responses": {"200": {"on": [1, 2.5, null, true, "yes"]}}}"#, "a").unwrap();
        let yaml =
            parse("responses:\n  200:\n    on: [1, 2.5, null, true, \"yes\"]\n", "b").unwrap();
        assert_eq!(json, yaml);
    }

    #[test]
    fn words_that_were_booleans_in_yaml_1_1_are_strings() {
        let yaml = parse("enum: [NO, y, off, true, False]\nname: n\non: yes\n", "a.yaml").unwrap();
        let json = r#"{"enum": ["NO", "y", "off", true, false], "name": "n", "on": "yes"}"#;
        assert_eq!(yaml, parse(json, "a.json").unwrap());
    }

    #[test]
    fn a_broken_document_says_where() {
        let error = parse("{\"paths\": {\"/pets\": {\"get\": [1, }}}", "a.json").unwrap_err();
        assert!(error.contains("a.json") && error.contains("/paths/~1pets/get/1"), "{error}");
        let error = parse("paths:\n  a: [1\nb: 2", "a.yaml").unwrap_err();
        assert!(error.contains("a.yaml: not valid YAML"), "{error}");
        assert!(parse("just text", "a").is_err());
    }
}
