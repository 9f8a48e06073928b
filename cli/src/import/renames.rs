//! Names that were changed manually. A second import reads the file as if it still had the names of the document, and
//! writes new code with the names of the file.

use std::collections::{BTreeMap, HashMap, HashSet};

use super::items::{Old, print};

/// Names of the file and of the document.
#[derive(Debug, Default)]
pub(super) struct Renames {
    to_document: HashMap<String, String>,
    to_file: HashMap<String, String>,
}

impl Renames {
    /// Finds the types and the trait that have another name in the file but are otherwise as they were imported.
    pub(super) fn find(
        items: &[Old],
        wanted: &[(&str, bool)],
        base: &BTreeMap<String, u64>,
    ) -> Self {
        let mut renames = Self::default();
        let keys: HashSet<&str> = items.iter().filter_map(|it| it.key.as_deref()).collect();
        let is_missing = |key: &str| base.contains_key(key) && !keys.contains(key) && is_name(key);
        let mut missing: Vec<&(&str, bool)> =
            wanted.iter().filter(|(key, _)| is_missing(key)).collect();
        let known: HashSet<&str> = wanted.iter().map(|(key, _)| *key).collect();
        let is_unknown =
            |key: &str| !known.contains(key) && !base.contains_key(key) && is_name(key);
        let mut unknown: Vec<(&str, &Old)> = items
            .iter()
            .filter_map(|it| Some((it.key.as_deref()?, it)))
            .filter(|it| is_unknown(it.0))
            .collect();
        // A trait is recognized by its attribute, since its methods may have been changed as well.
        if let [trait_of_document] = missing.iter().filter(|(_, it)| *it).collect::<Vec<_>>()[..]
            && let [(name, _)] =
                unknown.iter().filter(|(_, it)| it.is_client).collect::<Vec<_>>()[..]
        {
            renames.add(name, trait_of_document.0);
            renames.add(&format!("{name}Client"), &format!("{}Client", trait_of_document.0));
        }
        // A type that refers to another renamed type is recognized once that one is.
        loop {
            let found = missing.iter().enumerate().find_map(|(at, (key, _))| {
                let is_it = |(name, old): &(&str, &Old)| {
                    let mut map = renames.to_document.clone();
                    map.insert((*name).to_owned(), (*key).to_owned());
                    base.get(*key) == Some(&print(&substituted(&old.text, &map)))
                };
                Some((at, unknown.iter().position(is_it)?))
            });
            let Some((key, name)) = found else { return renames };
            renames.add(unknown.remove(name).0, missing.remove(key).0);
        }
    }

    fn add(&mut self, in_file: &str, in_document: &str) {
        self.to_document.insert(in_file.to_owned(), in_document.to_owned());
        self.to_file.insert(in_document.to_owned(), in_file.to_owned());
    }

    /// A text of the file, with the names of the document.
    pub(super) fn as_in_document(&self, text: &str) -> String {
        substituted(text, &self.to_document)
    }

    /// A text of the document, with the names of the file.
    pub(super) fn as_in_file(&self, text: &str) -> String {
        substituted(text, &self.to_file)
    }
}

fn is_name(key: &str) -> bool {
    key.chars().all(|c| c == '_' || c.is_alphanumeric())
}

/// A text with other names, except in comments and strings.
pub(super) fn substituted(text: &str, names: &HashMap<String, String>) -> String {
    if names.is_empty() {
        return text.to_owned();
    }
    let mut result = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(c) = rest.chars().next() {
        let end = if rest.starts_with("//") {
            rest.find('\n').unwrap_or(rest.len())
        } else if c == '"' {
            string_end(rest)
        } else if c == '_' || c.is_alphanumeric() {
            rest.find(|c: char| c != '_' && !c.is_alphanumeric()).unwrap_or(rest.len())
        } else {
            c.len_utf8()
        };
        let piece = &rest[..end];
        result.push_str(names.get(piece).map_or(piece, String::as_str));
        rest = &rest[end..];
    }
    result
}

fn string_end(text: &str) -> usize {
    let mut is_escaped = false;
    for (at, c) in text.char_indices().skip(1) {
        match c {
            '"' if !is_escaped => return at + 1,
            '\\' => is_escaped = !is_escaped,
            _ => is_escaped = false,
        }
    }
    text.len()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_changes_where_it_is_a_name_and_nowhere_else() {
        let names = HashMap::from([("Order".to_owned(), "Purchase".to_owned())]);
        let text = "/// An Order.\n#[serde(rename = \"Order\")]\npub a: Vec<Order>, // Order\nOrders: Box<Order>";
        assert_eq!(
            substituted(text, &names),
            "/// An Order.\n#[serde(rename = \"Order\")]\npub a: Vec<Purchase>, // Order\nOrders: Box<Purchase>"
        );
    }
}
