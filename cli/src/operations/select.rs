//! Selects operations.

use crate::document::{Document, Operation};

/// The selected operations: all, or those that match one of the patterns.
#[derive(Debug, Clone, Default)]
pub struct Selection(Vec<Pattern>);

#[derive(Debug, Clone)]
enum Pattern {
    /// `tag:pets`.
    Tag(String),
    /// `/pets/*`, `GET /pets`.
    Path(Option<String>, String),
    /// `listPets`.
    Id(String),
}

impl Selection {
    /// Reads patterns: `tag:pets`, `/pets/*`, `"GET /pets"`, `listPets`.
    pub fn new(patterns: &[String]) -> Self {
        let read = |text: &String| {
            if let Some(tag) = text.strip_prefix("tag:") {
                return Pattern::Tag(tag.trim().to_owned());
            }
            let parts =
                text.split_once([' ', ':']).filter(|(_, path)| path.trim_start().starts_with('/'));
            match parts {
                Some((verb, path)) => {
                    Pattern::Path(Some(verb.to_lowercase()), path.trim().to_owned())
                }
                None if text.starts_with('/') => Pattern::Path(None, text.clone()),
                None => Pattern::Id(text.clone()),
            }
        };
        Self(patterns.iter().map(read).collect())
    }

    /// Whether all operations are selected.
    pub fn is_all(&self) -> bool {
        self.0.is_empty()
    }

    /// Whether an operation is selected.
    pub fn takes(&self, operation: &Operation<'_>) -> bool {
        self.0.is_empty() || self.0.iter().any(|it| it.takes(operation))
    }

    /// The patterns that match nothing, with a suggestion.
    pub fn unmatched(&self, document: &Document<'_>) -> Vec<String> {
        let is_lonely =
            |it: &&Pattern| !document.operations.iter().any(|operation| it.takes(operation));
        self.0.iter().filter(is_lonely).map(|it| it.complaint(document)).collect()
    }
}

impl Pattern {
    fn takes(&self, operation: &Operation<'_>) -> bool {
        match self {
            Self::Tag(tag) => operation.tags.iter().any(|it| it.eq_ignore_ascii_case(tag)),
            Self::Path(verb, path) => {
                verb.as_ref().is_none_or(|it| it == operation.verb) && fits(path, operation.path)
            }
            Self::Id(id) => {
                operation.id.is_some_and(|it| it == id || crate::names::snake(it) == *id)
            }
        }
    }

    fn complaint(&self, document: &Document<'_>) -> String {
        let all = document.operations.iter();
        let (what, candidates): (String, Vec<&str>) = match self {
            Self::Tag(tag) => (
                format!("no operation has the tag `{tag}`"),
                all.flat_map(|it| it.tags.clone()).collect(),
            ),
            Self::Path(_, path) => {
                (format!("no operation has the path `{path}`"), all.map(|it| it.path).collect())
            }
            Self::Id(id) => {
                (format!("no operation is called `{id}`"), all.filter_map(|it| it.id).collect())
            }
        };
        let wanted = match self {
            Self::Tag(text) | Self::Path(_, text) | Self::Id(text) => text,
        };
        match crate::near::near(wanted, candidates) {
            Some(near) => format!("{what}\nhelp: did you mean `{near}`?"),
            None => format!(
                "{what}\nhelp: patterns are `tag:NAME`, `/path/*`, `\"GET /path\"` or an operationId"
            ),
        }
    }
}

/// Whether a path matches a pattern in which `*` matches anything.
fn fits(pattern: &str, path: &str) -> bool {
    let mut parts = pattern.split('*');
    let Some(mut rest) = path.strip_prefix(parts.next().unwrap_or_default()) else { return false };
    let parts: Vec<&str> = parts.collect();
    if parts.is_empty() {
        return rest.is_empty();
    }
    for (at, part) in parts.iter().enumerate() {
        if at + 1 == parts.len() {
            return rest.ends_with(part);
        }
        let Some(found) = rest.find(part) else { return false };
        rest = &rest[found + part.len()..];
    }
    true
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::fits;

    #[test]
    fn a_star_is_anything() {
        assert!(fits("/pets", "/pets") && !fits("/pets", "/pets/{id}"));
        assert!(
            fits("/pets*", "/pets/{id}")
                && fits("*/tags", "/a/{b}/tags")
                && fits("/a/*/c/*", "/a/b/c/d")
        );
        assert!(!fits("/a/*/c", "/a/b/d"));
    }
}
