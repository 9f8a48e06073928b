//! A second import: items that were changed by hand stay, other items follow the document, and where both
//! changed the difference is shown.

use std::collections::{BTreeMap, HashMap, HashSet};

use syn::spanned::Spanned;

use super::lock::fingerprint;
use super::{File, Item, format};

/// The result for a file.
#[derive(Debug, Default)]
pub struct Merged {
    /// Its text.
    pub text: String,
    /// Items that follow the document.
    pub followed: Vec<String>,
    /// Items that are new.
    pub added: Vec<String>,
    /// Items that are no longer in the document.
    pub removed: Vec<String>,
    /// Items that stay as they were changed by hand: the name, the text, and the text from the document.
    pub differences: Vec<(String, String, String)>,
    /// Items that were changed by hand and are no longer in the document.
    pub orphans: Vec<String>,
}

/// An item of the file as it is: its name if it could be one of ours, and its text.
struct Old {
    key: Option<String>,
    /// The text before it.
    before: String,
    text: String,
}

/// Fingerprints of the items of a document.
///
/// # Errors
///
/// As for [`format::formatted`].
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

/// Merges the present items of a document into a file.
///
/// # Errors
///
/// If the file is not Rust.
pub fn merge(old: &str, file: &File, base: &BTreeMap<String, u64>) -> Result<Merged, String> {
    let (head, items) = split(old)?;
    let mut merged = Merged::default();
    let mut decide = Decisions { base, merged: &mut merged };
    let head = decide.both("", &head, &file.head);
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
        } else if decide.is_new(&item.key) {
            result.insert(at, (Some(item.key.clone()), text.trim_end().to_owned()));
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
    merged: &'m mut Merged,
}

impl Decisions<'_> {
    /// An item that is in the file and in the document.
    fn both(&mut self, key: &str, old: &str, new: &str) -> String {
        let (was, is) = (print(old), print(new));
        if was == is {
            return old.to_owned();
        }
        match self.base.get(key) {
            Some(base) if *base == was => {
                self.merged.followed.push(key.to_owned());
                return new.to_owned();
            }
            // Only the file has changed.
            Some(base) if *base == is => {}
            _ => self.merged.differences.push((key.to_owned(), old.to_owned(), new.to_owned())),
        }
        old.to_owned()
    }

    /// Whether an item that is only in the file stays.
    fn gone(&mut self, key: &str, old: &str) -> bool {
        match self.base.get(key) {
            Some(base) if *base == print(old) => {
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

    /// Whether an item that is only in the document is added. An item of the last import was removed by hand.
    fn is_new(&mut self, key: &str) -> bool {
        let is_new = !self.base.contains_key(key);
        if is_new {
            self.merged.added.push(key.to_owned());
        }
        is_new
    }

    /// A trait: its head, and method by method.
    fn methods(&mut self, name: &str, old: &str, new: &str) -> Result<String, String> {
        let (old_head, old_methods) = methods_of(old)?;
        let (new_head, new_methods) = methods_of(new)?;
        let mut text = self.both(name, &old_head, &new_head);
        let mut result: Vec<(String, String)> = Vec::new();
        for (key, before, old) in &old_methods {
            let full = format!("{name}::{key}");
            let new = new_methods.iter().find(|(other, _, _)| other == key);
            let kept = match new {
                Some((_, _, new)) => Some(self.both(&full, old, new)),
                None => self.gone(&full, old).then(|| old.clone()),
            };
            result.extend(kept.map(|it| (key.clone(), format!("{before}{it}"))));
        }
        let mut at = 0;
        for (key, before, new) in &new_methods {
            if old_methods.iter().any(|(other, _, _)| other == key) {
                at = result.iter().position(|(other, _)| other == key).map_or(at, |it| it + 1);
            } else if self.is_new(&format!("{name}::{key}")) {
                result.insert(at, (key.clone(), format!("{before}{new}")));
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

/// A fingerprint that ignores comments, since they are not part of an item.
fn print(text: &str) -> u64 {
    let is_comment =
        |line: &&str| line.trim_start().starts_with("//") && !line.trim_start().starts_with("///");
    fingerprint(&text.lines().filter(|line| !is_comment(line)).collect::<Vec<_>>().join("\n"))
}

/// The parts of an item that are merged separately: the head and the methods of a trait.
fn parts(key: &str, text: &str, item: &Item) -> Result<Vec<(String, String)>, String> {
    if item.methods.is_none() {
        return Ok(vec![(key.to_owned(), text.to_owned())]);
    }
    let (head, methods) = methods_of(text)?;
    let methods = methods.into_iter().map(|(name, _, text)| (format!("{key}::{name}"), text));
    Ok(std::iter::once((key.to_owned(), head)).chain(methods).collect())
}

/// A method: its name, the text before it, and its text.
type OldMethod = (String, String, String);

/// A trait: its head up to the brace, and its methods with their names and the text before them.
fn methods_of(text: &str) -> Result<(String, Vec<OldMethod>), String> {
    let item: syn::ItemTrait = syn::parse_str(text).map_err(|error| error.to_string())?;
    let open = item.brace_token.span.open().byte_range().end;
    let mut methods = Vec::new();
    let mut end = open;
    for member in &item.items {
        let range = member.span().byte_range();
        let name = match member {
            syn::TraitItem::Fn(function) => function.sig.ident.to_string(),
            other => format!("item at {}", other.span().start().line),
        };
        methods.push((
            name,
            text[end..range.start].trim_start_matches(['\n', ' ']).to_owned(),
            text[range.clone()].to_owned(),
        ));
        end = range.end;
    }
    Ok((format!("{}\n", &text[..open]), methods))
}

/// The head of a file, and its items.
fn split(text: &str) -> Result<(String, Vec<Old>), String> {
    let file = syn::parse_file(text).map_err(|error| {
        let start = error.span().start();
        format!("line {}: {error}", start.line)
    })?;
    let mut items: Vec<Old> = Vec::new();
    let mut end = 0;
    let mut head = String::new();
    for item in &file.items {
        let range = item.span().byte_range();
        if items.is_empty()
            && matches!(item, syn::Item::Use(_) | syn::Item::Mod(_) | syn::Item::ExternCrate(_))
        {
            head.push_str(&text[end..range.end]);
            end = range.end;
            continue;
        }
        let (before, text_of) = (&text[end..range.start], &text[range.clone()]);
        end = range.end;
        let about = about(item);
        if let (Some(last), Some(name)) = (items.last_mut(), &about)
            && matches!(item, syn::Item::Macro(_))
            && last.key.as_ref() == Some(name)
        {
            last.text.push_str(before);
            last.text.push_str(text_of);
            continue;
        }
        if let (Some(last), syn::Item::Use(it)) = (items.last_mut(), item)
            && matches!(&it.tree, syn::UseTree::Name(name) if last.key.as_deref() == Some(&name.ident.to_string()))
        {
            last.text.push_str(before);
            last.text.push_str(text_of);
            continue;
        }
        items.push(Old { key: about, before: comments(before), text: text_of.to_owned() });
    }
    if items.is_empty() {
        head.push_str(&text[end..]);
    } else if let Some(last) = items.last_mut().filter(|_| !text[end..].trim().is_empty()) {
        last.text.push_str(text[end..].trim_end());
    }
    // The text before the first item is a comment above it, if a line is between it and the head.
    if let Some(first) = items.first_mut()
        && head.is_empty()
    {
        head = std::mem::take(&mut first.before);
    }
    Ok((head, items))
}

fn comments(before: &str) -> String {
    let text = before.trim_matches('\n');
    if text.trim().is_empty() { String::new() } else { format!("{text}\n") }
}

/// The name that an item is found by.
fn about(item: &syn::Item) -> Option<String> {
    match item {
        syn::Item::Struct(it) => Some(it.ident.to_string()),
        syn::Item::Enum(it) => Some(it.ident.to_string()),
        syn::Item::Type(it) => Some(it.ident.to_string()),
        syn::Item::Trait(it) => Some(it.ident.to_string()),
        syn::Item::Fn(it) => Some(it.sig.ident.to_string()),
        syn::Item::Macro(it) => match &it.ident {
            Some(name) => Some(name.to_string()),
            None => it.mac.tokens.clone().into_iter().find_map(|token| match token {
                proc_macro2::TokenTree::Ident(name) if name != "only" => Some(name.to_string()),
                _ => None,
            }),
        },
        syn::Item::Impl(it) => {
            let (path, _) = it.trait_.as_ref()?;
            let last = path.segments.last()?;
            let text = |tokens: &dyn quote::ToTokens| {
                tokens.to_token_stream().to_string().replace(' ', "")
            };
            Some(format!("{} for {}", text(last), text(&it.self_ty)))
        }
        _ => None,
    }
}
