//! Assembles a file from pieces of text, always in the same format, so that a second import can be compared.

use super::{File, Item};
use crate::operations::COMMENT;

/// The text of a file.
///
/// # Errors
///
/// If the generated text is not Rust, which is a bug; the error tells where.
pub fn formatted(file: &File) -> Result<String, String> {
    let mut text = file.head.clone();
    for item in &file.items {
        text.push_str(&self::item(item)?);
        text.push('\n');
    }
    while text.ends_with("\n\n") {
        text.pop();
    }
    Ok(text)
}

/// The text of an item.
///
/// # Errors
///
/// Those of [`formatted`].
pub(super) fn item(item: &Item) -> Result<String, String> {
    if item.is_ready {
        return Ok(item.text.clone());
    }
    let Some(methods) = &item.methods else { return rust(&item.key, &item.text) };
    let mut text = item.text.clone();
    for (at, method) in methods.iter().enumerate() {
        if at > 0 {
            text.push('\n');
        }
        text.push_str(&method.text);
    }
    text.push_str("}\n");
    let text = rust(&item.key, &text)?;
    // An empty line between methods, as in handwritten code.
    let mut spaced = String::with_capacity(text.len() + methods.len());
    let mut lines = text.lines().peekable();
    while let Some(line) = lines.next() {
        spaced.push_str(line);
        // The role of a parameter precedes it.
        if line.starts_with("        #[") && line.ends_with(']') {
            spaced.push(' ');
            spaced.push_str(lines.next().unwrap_or_default().trim_start());
        }
        spaced.push('\n');
        let is_end = line.starts_with("    ") && !line.starts_with("     ") && line.ends_with(';');
        if is_end && lines.peek().is_some_and(|it| *it != "}") {
            spaced.push('\n');
        }
    }
    Ok(spaced)
}

fn rust(key: &str, text: &str) -> Result<String, String> {
    let file = syn::parse_file(text).map_err(|error| {
        let line = error.span().start().line;
        let shown = text.lines().nth(line.saturating_sub(1)).unwrap_or_default();
        format!("the code generated for `{key}` is not Rust: {error}\n  {shown}")
    })?;
    let mut text = prettyplease::unparse(&file);
    for macro_name in [
        "text_enum!(",
        "number_enum!(",
        "tagged_union!(",
        "tagged_or_closest_union!(",
        "closest_union!(",
    ] {
        text = text.replace(&format!("}}\n{macro_name}"), &format!("}}\n\n{macro_name}"));
    }
    if !text.contains(COMMENT.trim_end()) {
        return Ok(text);
    }
    let plain = |line: &str| match line.split_once(COMMENT.trim_end()) {
        Some((margin, rest)) => format!("{margin}//{rest}"),
        None => line.to_owned(),
    };
    Ok(text.lines().map(plain).map(|it| it + "\n").collect())
}
