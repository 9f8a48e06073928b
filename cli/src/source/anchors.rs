//! Turns references by `$anchor` and `$id` into JSON pointers, which everything else reads.

use std::collections::HashMap;

use super::place::Place;
use crate::node::{Node, step};

/// Rewrites the references of a document that lead to an anchor or to the `$id` of a schema.
///
/// A `$dynamicRef` gets a `$ref` beside it, to the first schema with this anchor: in another scope it would lead to
/// another type, which a declaration cannot express.
pub(super) fn resolve(root: &mut Node) {
    if !names_any(root) {
        return;
    }
    let mut found = HashMap::new();
    collect(root, Place::Root, "", &mut found);
    if !found.is_empty() {
        rewrite(root, Place::Root, &found);
    }
}

fn names_any(node: &Node) -> bool {
    match node {
        Node::Object(entries) => entries.iter().any(|(key, it)| {
            ["$anchor", "$dynamicAnchor", "$id"].contains(&&**key) || names_any(it)
        }),
        Node::List(items) => items.iter().any(names_any),
        _ => false,
    }
}

/// The schema of a file that has an anchor.
pub(super) fn within<'n>(node: &'n Node, anchor: &str) -> Option<&'n Node> {
    let is_it = |key: &str| node.text_of(key) == Some(anchor);
    if is_it("$anchor") || is_it("$dynamicAnchor") {
        return Some(node);
    }
    match node {
        Node::Object(entries) => entries.iter().find_map(|(_, it)| within(it, anchor)),
        Node::List(items) => items.iter().find_map(|it| within(it, anchor)),
        _ => None,
    }
}

fn collect(node: &Node, place: Place, at: &str, found: &mut HashMap<String, String>) {
    match node {
        Node::List(items) => {
            for (index, item) in items.iter().enumerate() {
                collect(item, place.item(), &format!("{at}/{index}"), found);
            }
        }
        Node::Object(entries) => {
            for (key, value) in entries {
                let name = match (&**key, value) {
                    ("$anchor" | "$dynamicAnchor", Node::Text(name)) => format!("#{name}"),
                    ("$id", Node::Text(name)) => name.clone(),
                    (key, value) => {
                        let inner = place.key(key);
                        if inner != Place::Data {
                            collect(value, inner, &format!("{at}/{}", step(key)), found);
                        }
                        continue;
                    }
                };
                if place == Place::Schema {
                    found.entry(name).or_insert_with(|| format!("#{at}"));
                }
            }
        }
        _ => {}
    }
}

fn rewrite(node: &mut Node, place: Place, found: &HashMap<String, String>) {
    match node {
        Node::List(items) => items.iter_mut().for_each(|it| rewrite(it, place.item(), found)),
        Node::Object(entries) => {
            let mut dynamic = None;
            for (key, value) in entries.iter_mut() {
                match (&**key, value) {
                    ("$ref", Node::Text(text)) if place == Place::Schema => {
                        if let Some(pointer) = pointer(text, found) {
                            *text = pointer;
                        }
                    }
                    ("$dynamicRef", Node::Text(text)) if place == Place::Schema => {
                        dynamic = pointer(text, found)
                            .or_else(|| text.starts_with("#/").then(|| text.clone()));
                    }
                    (key, value) => match place.key(key) {
                        Place::Data => {}
                        inner => rewrite(value, inner, found),
                    },
                }
            }
            if let Some(pointer) = dynamic
                && entries.iter().all(|(key, _)| key != "$ref")
            {
                entries.push(("$ref".to_owned(), Node::Text(pointer)));
            }
        }
        _ => {}
    }
}

/// The pointer of a reference: to an anchor, to the `$id` of a schema, or to a place in it.
fn pointer(text: &str, found: &HashMap<String, String>) -> Option<String> {
    if text.starts_with("#/") {
        return None;
    }
    if let Some(pointer) = found.get(text) {
        return Some(pointer.clone());
    }
    let (id, rest) = text.split_once('#')?;
    let base = found.get(id).filter(|_| !id.is_empty())?;
    match rest {
        "" => Some(base.clone()),
        rest if rest.starts_with('/') => Some(format!("{base}{rest}")),
        anchor => found.get(&format!("#{anchor}")).cloned(),
    }
}
