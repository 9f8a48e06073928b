//! A trait as source text.

use std::fmt::Write;

use super::{Auth, Method};
use crate::text::{docs, quoted};

/// The mark of a plain comment, until the file is formatted.
pub const COMMENT: &str = "///\u{1} ";

/// The guesses for every trait that needs them.
pub(super) const OWN_GUESSES: &[&str] = &[
    "the code of a response is its field `code`, and 0, 200 or none is a success",
    "no operation refreshes the token: pass a `refresh` to the builder, or mark the method that does",
];

/// How a trait is written.
pub struct Style<'s> {
    /// Its name.
    pub name: &'s str,
    /// The description of the API in the document.
    pub docs: Vec<String>,
    /// Prefix of all paths.
    pub base: Option<&'s str>,
    /// Whether this trait does not renew the session because another trait does.
    pub is_part: bool,
}

/// The attribute and the first line of a trait.
pub fn api(style: &Style<'_>, auth: &Auth, methods: &[&Method]) -> String {
    let mut text = String::new();
    let said: Vec<&str> = style.docs.iter().map(String::as_str).collect();
    text.push_str(&docs(&said, 0));
    if !style.is_part {
        for guess in &auth.guesses {
            comment(&mut text, &format!("guessed: {guess}"), 0);
        }
    }
    let mut options = Vec::new();
    options.extend(style.base.map(|it| format!("base = {}", quoted(it))));
    let mut allows: Vec<&str> = Vec::new();
    let renews = methods.iter().any(|it| it.options.iter().any(|it| it == "refresh"));
    if auth.credentials.iter().flat_map(|it| &it.expired).any(|it| it.starts_with("code")) {
        options.push(
            "envelope(code = \"code\", message = \"message\", ok = [0, 200, absent])".to_owned(),
        );
        if !style.is_part {
            comment(&mut text, &format!("guessed: {}", OWN_GUESSES[0]), 0);
        }
    }
    for (at, credential) in auth.credentials.iter().enumerate() {
        options.push(credential.text());
        if credential.placement.starts_with("query") {
            allows.push("token_in_query");
        }
        if !credential.expired.is_empty() && !credential.is_oauth2() && (!renews || at > 0) {
            if !style.is_part && at == 0 {
                comment(&mut text, &format!("guessed: {}", OWN_GUESSES[1]), 0);
            }
            allows.push("expiry_without_refresh");
        }
    }
    if !allows.is_empty() {
        allows.dedup();
        options.push(format!("allow({})", allows.join(", ")));
    }
    let _ = match options.is_empty() {
        true => writeln!(text, "#[api_client]"),
        false => writeln!(text, "#[api_client({})]", options.join(", ")),
    };
    let _ = writeln!(text, "pub trait {} {{", style.name);
    text
}

/// A method.
pub fn method(method: &Method) -> String {
    let mut text = String::new();
    let said: Vec<&str> = method.docs.iter().map(String::as_str).collect();
    text.push_str(&docs(&said, 4));
    for guess in &method.guesses {
        comment(&mut text, &format!("guessed: {guess}"), 4);
    }
    if method.deprecated {
        text.push_str("    #[deprecated]\n");
    }
    let mut inside = vec![quoted(&method.path)];
    inside.extend(method.options.iter().cloned());
    if !method.allows.is_empty() {
        inside.push(format!("allow({})", method.allows.join(", ")));
    }
    let inside = inside.join(", ");
    let _ = match &*method.verb {
        "trace" => writeln!(text, "    #[http(\"TRACE\", {inside})]"),
        verb => writeln!(text, "    #[{verb}({inside})]"),
    };
    let word = if method.is_stream { "fn" } else { "async fn" };
    let _ = write!(text, "    {word} {}(&self", method.name);
    for (role, name, ty) in &method.parameters {
        let space = if role.is_empty() { "" } else { " " };
        let _ = write!(text, ", {role}{space}{name}: {ty}");
    }
    let _ = writeln!(text, ") -> {};", method.returns);
    text
}

/// A plain comment.
fn comment(text: &mut String, words: &str, indent: usize) {
    for line in docs(&[words], indent).lines() {
        let line = line.trim_start().trim_start_matches("///").trim_start();
        let _ = writeln!(text, "{}{COMMENT}{line}", " ".repeat(indent));
    }
}
