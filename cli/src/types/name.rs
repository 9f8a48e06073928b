//! Names of types.

use std::collections::HashMap;

use super::Types;
use crate::document::Document;
use crate::names::{Names, type_name};

/// Longer names are shortened if a shorter one is free.
const LONG: usize = 48;

/// Names of all components, which do not depend on what is imported. Of names with dots, the last parts that
/// distinguish them are used.
pub(super) fn of_components(document: &Document<'_>, names: &mut Names) -> Vec<String> {
    let short = |name: &str, parts: usize| {
        let all: Vec<&str> = name.split('.').collect();
        type_name(&all[all.len().saturating_sub(parts)..].join("."))
    };
    let mut counts: HashMap<String, usize> = HashMap::new();
    for (name, _) in &document.schemas {
        for parts in 1..=name.split('.').count() {
            *counts.entry(short(name, parts)).or_default() += 1;
        }
    }
    let own = |name: &str| {
        let all = name.split('.').count();
        let parts =
            (1..all).find(|parts| counts.get(&short(name, *parts)) == Some(&1)).unwrap_or(all);
        short(name, parts)
    };
    document.schemas.iter().map(|(name, _)| names.unique(&own(name))).collect()
}

impl Types<'_, '_> {
    /// A name for an inline type: the type that contains it and its own field. If that is taken, the fields between
    /// them are added one by one, and finally a number.
    pub(super) fn inline_name(&mut self, base: &str, path: &[String]) -> String {
        for from in (0..path.len()).rev() {
            let name = type_name(&format!("{base} {}", path[from..].join(" ")));
            let name = if name.starts_with(base) {
                name
            } else {
                format!("{base}{}", type_name(&path[from..].join(" ")))
            };
            if name.len() > LONG && from + 1 < path.len() {
                break;
            }
            if self.names.take(&name) {
                return name;
            }
        }
        let last = path.last().map_or_else(String::new, |it| type_name(it));
        self.names.unique(&format!("{base}{last}"))
    }
}

/// The singular: the items of `tags` are called `tag`.
pub(super) fn singular(name: &str) -> String {
    let is_word = |tail: &str| name.len() > tail.len() + 1 && name.ends_with(tail);
    if is_word("ies") {
        format!("{}y", &name[..name.len() - 3])
    } else if ["sses", "xes", "ches", "shes"].iter().any(|it| is_word(it)) {
        name[..name.len() - 2].to_owned()
    } else if is_word("s")
        && !["ss", "us", "is", "news", "data"].iter().any(|it| name.ends_with(it))
    {
        name[..name.len() - 1].to_owned()
    } else {
        format!("{name}_item")
    }
}
