//! Splits a file into its head, its items, and the methods of a trait.

use std::collections::BTreeMap;

use syn::spanned::Spanned;

use super::lock::fingerprint;

/// An item of the file: its name, if an import could have written it, and its text.
#[derive(Debug)]
pub(super) struct Old {
    pub(super) key: Option<String>,
    /// The text before it.
    pub(super) before: String,
    pub(super) text: String,
    /// Whether it is a trait of a client.
    pub(super) is_client: bool,
}

/// A fingerprint that ignores comments, since they are not part of an item.
pub(super) fn print(text: &str) -> u64 {
    let is_comment =
        |line: &&str| line.trim_start().starts_with("//") && !line.trim_start().starts_with("///");
    fingerprint(&text.lines().filter(|line| !is_comment(line)).collect::<Vec<_>>().join("\n"))
}

/// A method of a trait.
pub(super) struct Method {
    pub(super) name: String,
    /// The text before it.
    pub(super) before: String,
    pub(super) text: String,
    /// Its verb and its path, without the names of its placeholders.
    pub(super) address: Option<(String, String)>,
}

/// A trait: its head up to the brace, and its methods.
pub(super) fn methods_of(text: &str) -> Result<(String, Vec<Method>), String> {
    let item: syn::ItemTrait = syn::parse_str(text).map_err(|error| error.to_string())?;
    let open = item.brace_token.span.open().byte_range().end;
    let mut methods = Vec::new();
    let mut end = open;
    for member in &item.items {
        let range = member.span().byte_range();
        let (name, address) = match member {
            syn::TraitItem::Fn(function) => {
                (function.sig.ident.to_string(), function.attrs.iter().find_map(address))
            }
            other => (format!("item at {}", other.span().start().line), None),
        };
        methods.push(Method {
            name,
            before: text[end..range.start].trim_start_matches(['\n', ' ']).to_owned(),
            text: text[range.clone()].to_owned(),
            address,
        });
        end = range.end;
    }
    Ok((format!("{}\n", &text[..open]), methods))
}

/// The names that the head of a file imports, with their paths.
pub(super) fn imported(head: &str) -> BTreeMap<String, String> {
    fn leaves(tree: &syn::UseTree, path: &str, found: &mut BTreeMap<String, String>) {
        match tree {
            syn::UseTree::Path(it) => leaves(&it.tree, &format!("{path}{}::", it.ident), found),
            syn::UseTree::Name(it) => {
                found.insert(it.ident.to_string(), format!("{path}{}", it.ident));
            }
            syn::UseTree::Rename(it) => {
                found.insert(it.rename.to_string(), format!("{path}{} as {}", it.ident, it.rename));
            }
            syn::UseTree::Group(it) => it.items.iter().for_each(|it| leaves(it, path, found)),
            syn::UseTree::Glob(_) => {}
        }
    }
    let mut found = BTreeMap::new();
    for item in syn::parse_file(head).map(|it| it.items).unwrap_or_default() {
        if let syn::Item::Use(it) = item {
            leaves(&it.tree, "", &mut found);
        }
    }
    found
}

/// `#[get("/pets/{id}")]`, without the name of the placeholder.
fn address(attribute: &syn::Attribute) -> Option<(String, String)> {
    let verb = attribute.path().get_ident()?.to_string();
    let syn::Meta::List(list) = &attribute.meta else { return None };
    let first = list.tokens.clone().into_iter().next()?;
    let path: syn::LitStr = syn::parse2(first.into()).ok()?;
    let path = path.value();
    Some((verb, path.split(['{', '}']).step_by(2).collect::<Vec<_>>().join("{}")))
}

/// The head of a file, and its items.
pub(super) fn split(text: &str) -> Result<(String, Vec<Old>), String> {
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
        let is_client = matches!(item, syn::Item::Trait(it) if it.attrs.iter().any(is_of_client));
        let (before, text) = (comments(before), text_of.to_owned());
        items.push(Old { key: about, before, text, is_client });
    }
    if items.is_empty() {
        head.push_str(&text[end..]);
    } else if let Some(last) = items.last_mut().filter(|_| !text[end..].trim().is_empty()) {
        last.text.push_str(text[end..].trim_end());
    }
    // The text before the first item is a comment above it if there is a line between it and the head.
    if let Some(first) = items.first_mut()
        && head.is_empty()
    {
        head = std::mem::take(&mut first.before);
    }
    Ok((head, items))
}

fn is_of_client(attribute: &syn::Attribute) -> bool {
    attribute.path().segments.last().is_some_and(|it| it.ident == "api_client")
}

fn comments(before: &str) -> String {
    let text = before.trim_matches('\n');
    if text.trim().is_empty() { String::new() } else { format!("{text}\n") }
}

/// The name by which an item is found.
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
