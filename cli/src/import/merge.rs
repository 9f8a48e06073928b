//! A second import: items that were changed manually stay, other items are updated from the document, and if both
//! changed, the difference is shown.

use std::collections::{BTreeMap, HashMap, HashSet};

use super::items::{Method, imported, methods_of, print, split};
use super::renames::{Renames, substituted};
use super::{File, Item, format};

/// The result for a file.
#[derive(Debug, Default)]
pub struct Merged {
    /// Its text.
    pub text: String,
    /// Items that were updated from the document.
    pub followed: Vec<String>,
    /// Items that are new.
    pub added: Vec<String>,
    /// Items that are no longer in the document.
    pub removed: Vec<String>,
    /// Items that stay as they were changed manually: the name, the text, and the text from the document.
    pub differences: Vec<(String, String, String)>,
    /// Items that were changed manually and are no longer in the document.
    pub orphans: Vec<String>,
    /// Items that were removed manually and have changed in the document since: the name, and the text from the
    /// document.
    pub missing: Vec<(String, String)>,
}

/// Fingerprints of the items of a document.
///
/// # Errors
///
/// Those of [`format::formatted`].
pub fn prints(file: &File) -> Result<BTreeMap<String, u64>, String> {
    let mut prints = BTreeMap::new();
    prints.insert(String::new(), print(&file.head));
    for item in &file.items {
        for (key, text) in parts(&item.key, &format::item(item)?, item)? {
            prints.insert(key, print(&text));
        }
    }
    Ok(prints)
}

/// Merges the current items of a document into a file.
///
/// # Errors
///
/// If the file is not Rust.
pub fn merge(old: &str, file: &File, base: &BTreeMap<String, u64>) -> Result<Merged, String> {
    let (head, mut items) = split(old)?;
    let wanted: Vec<(&str, bool)> =
        file.items.iter().map(|it| (&*it.key, it.methods.is_some())).collect();
    let renames = Renames::find(&items, &wanted, base);
    for item in &mut items {
        item.key = item.key.take().map(|key| renames.as_in_document(&key));
    }
    let mut merged = Merged::default();
    let mut decide = Decisions { base, renames: &renames, merged: &mut merged };
    let head = decide.head(&head, &file.head);
    let mut new = Vec::new();
    for item in &file.items {
        new.push((item, format::item(item)?));
    }
    let mut result: Vec<(Option<String>, String)> = Vec::new();
    let known: HashMap<&str, usize> =
        new.iter().enumerate().map(|(at, (item, _))| (&*item.key, at)).collect();
    let mut seen = HashSet::new();
    for it in items {
        let found = it.key.as_deref().and_then(|key| known.get(key)).map(|at| &new[*at]);
        let text = match (&it.key, found) {
            (Some(key), Some((item, text))) => {
                seen.insert(key.clone());
                match item.methods {
                    Some(_) => Some(decide.methods(key, &it.text, text)?),
                    None => Some(decide.both(key, &it.text, text)),
                }
            }
            (Some(key), None) => decide.gone(key, &it.text).then(|| it.text.clone()),
            (None, _) => Some(it.text.clone()),
        };
        if let Some(text) = text {
            result.push((it.key, format!("{}{}", it.before, text.trim_end())));
        }
    }
    let mut at = 0;
    for (item, text) in &new {
        if seen.contains(&item.key) {
            at = result
                .iter()
                .position(|(key, _)| key.as_ref() == Some(&item.key))
                .map_or(at, |it| it + 1);
        } else if decide.is_new(&item.key, text) {
            let text = renames.as_in_file(text.trim_end());
            result.insert(at, (Some(item.key.clone()), text));
            at += 1;
        }
    }
    let mut text = head.trim_end().to_owned();
    for (_, item) in result {
        text.push_str("\n\n");
        text.push_str(item.trim_matches('\n'));
    }
    text.push('\n');
    let is_same =
        merged.followed.is_empty() && merged.added.is_empty() && merged.removed.is_empty();
    merged.text = if is_same { old.to_owned() } else { text };
    Ok(merged)
}

struct Decisions<'m> {
    base: &'m BTreeMap<String, u64>,
    renames: &'m Renames,
    merged: &'m mut Merged,
}

impl Decisions<'_> {
    /// An item that is in the file and in the document.
    fn both(&mut self, key: &str, old: &str, new: &str) -> String {
        let (was, is) = (print(&self.renames.as_in_document(old)), print(new));
        if was == is {
            return old.to_owned();
        }
        let new = self.renames.as_in_file(new);
        match self.base.get(key) {
            Some(base) if *base == was => {
                self.merged.followed.push(key.to_owned());
                return new;
            }
            // Only the file has changed.
            Some(base) if *base == is => {}
            _ => self.merged.differences.push((key.to_owned(), old.to_owned(), new)),
        }
        old.to_owned()
    }

    /// The head of a file. If both have changed, the names that the document needs now are imported as well.
    fn head(&mut self, old: &str, new: &str) -> String {
        let is_of_hand = self.base.get("").is_some_and(|base| *base != print(old));
        if !is_of_hand || self.base.get("") == Some(&print(new)) {
            return self.both("", old, new);
        }
        let (has, needs) = (imported(old), imported(new));
        let mut head = old.trim_end().to_owned();
        for (name, path) in needs.iter().filter(|(name, _)| !has.contains_key(*name)) {
            self.merged.followed.push(name.clone());
            head.push_str(&format!("\nuse {path};"));
        }
        head.push('\n');
        if head.trim_end() == old.trim_end() { old.to_owned() } else { head }
    }

    /// A method that has another name in the file; its address identifies it.
    fn renamed(&mut self, key: &str, old: &Method, new: &Method) -> String {
        let names =
            |from: &Method, to: &Method| HashMap::from([(from.name.clone(), to.name.clone())]);
        let as_was = substituted(&old.text, &names(old, new));
        let text = self.both(key, &as_was, &new.text);
        // If it is unchanged, it stays as it was, including its name.
        if text == as_was { old.text.clone() } else { substituted(&text, &names(new, old)) }
    }

    /// Whether an item that is only in the file stays.
    fn gone(&mut self, key: &str, old: &str) -> bool {
        match self.base.get(key) {
            Some(base) if *base == print(&self.renames.as_in_document(old)) => {
                self.merged.removed.push(key.to_owned());
                false
            }
            Some(_) => {
                self.merged.orphans.push(key.to_owned());
                true
            }
            None => true,
        }
    }

    /// Whether an item that is only in the document is added. If it was in the last import, it was removed manually.
    fn is_new(&mut self, key: &str, new: &str) -> bool {
        match self.base.get(key) {
            None => self.merged.added.push(key.to_owned()),
            Some(base) if *base != print(new) => {
                self.merged.missing.push((key.to_owned(), new.to_owned()));
            }
            Some(_) => {}
        }
        !self.base.contains_key(key)
    }

    /// A trait: its head, and each method.
    fn methods(&mut self, name: &str, old: &str, new: &str) -> Result<String, String> {
        let (old_head, old_methods) = methods_of(old)?;
        let (new_head, new_methods) = methods_of(new)?;
        let mut text = self.both(name, &old_head, &new_head);
        let mut result: Vec<(String, String)> = Vec::new();
        let has = |list: &[Method], name: &str| list.iter().any(|it| it.name == name);
        for old in &old_methods {
            let same_name = new_methods.iter().find(|it| it.name == old.name);
            let renamed = || {
                let full = format!("{name}::{}", old.name);
                let is_of_hand = same_name.is_none() && !self.base.contains_key(&full);
                let mut others = new_methods.iter().filter(|it| {
                    is_of_hand
                        && it.address.is_some()
                        && it.address == old.address
                        && !has(&old_methods, &it.name)
                        && self.base.contains_key(&format!("{name}::{}", it.name))
                });
                others.next()
            };
            let (key, kept) = match (same_name, renamed()) {
                (Some(new), _) => {
                    let full = format!("{name}::{}", old.name);
                    (&old.name, Some(self.both(&full, &old.text, &new.text)))
                }
                (None, Some(new)) => {
                    let full = format!("{name}::{}", new.name);
                    (&new.name, Some(self.renamed(&full, old, new)))
                }
                (None, None) => {
                    let full = format!("{name}::{}", old.name);
                    (&old.name, self.gone(&full, &old.text).then(|| old.text.clone()))
                }
            };
            result.extend(kept.map(|it| (key.clone(), format!("{}{it}", old.before))));
        }
        let mut at = 0;
        for new in &new_methods {
            if let Some(found) = result.iter().position(|(other, _)| *other == new.name) {
                at = found + 1;
            } else if has(&old_methods, &new.name) {
                continue;
            } else if self.is_new(&format!("{name}::{}", new.name), &new.text) {
                let text = self.renames.as_in_file(&new.text);
                result.insert(at, (new.name.clone(), format!("{}{text}", new.before)));
                at += 1;
            }
        }
        for (index, (_, method)) in result.iter().enumerate() {
            if index > 0 {
                text.push('\n');
            }
            text.push_str("    ");
            text.push_str(method.trim());
            text.push('\n');
        }
        text.push('}');
        Ok(text)
    }
}

/// The parts of an item that are merged separately: the head and the methods of a trait.
fn parts(key: &str, text: &str, item: &Item) -> Result<Vec<(String, String)>, String> {
    if item.methods.is_none() {
        return Ok(vec![(key.to_owned(), text.to_owned())]);
    }
    let (head, methods) = methods_of(text)?;
    let methods = methods.into_iter().map(|it| (format!("{key}::{}", it.name), it.text));
    Ok(std::iter::once((key.to_owned(), head)).chain(methods).collect())
}
