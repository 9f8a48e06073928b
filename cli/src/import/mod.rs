//! `cargo perennial import`.

mod format;
mod items;
mod lock;
mod merge;
mod renames;
mod summary;

use std::collections::{BTreeMap, HashSet};
use std::path::{Path, PathBuf};

use crate::document::Document;
use crate::names::{RUNTIME, trait_name};
use crate::notes::Notes;
use crate::operations::{self, Method, Methods, Selection, Style, Wishes, ours};
use crate::text::{one_line, short};
use crate::types::{Derive, Piece, Ty, Types};

pub use format::formatted;
pub use lock::Lock;
pub use merge::{Merged, merge, prints};
pub use summary::Summary;

/// The options of an import.
#[derive(Debug, Clone, Default)]
pub struct Options {
    /// The operations to import.
    pub only: Vec<String>,
    /// Whether to write only types, without a trait.
    pub types_only: bool,
    /// Name of the trait.
    pub name: Option<String>,
    /// Whether each tag has its own trait.
    pub per_tag: bool,
    /// Facts that the document does not contain.
    pub wishes: Wishes,
}

/// A file that an import generates.
#[derive(Debug, Clone)]
pub struct File {
    /// Its name, without `.rs`; empty for the only one.
    pub name: String,
    /// The header of the file.
    pub head: String,
    /// Its items, in order.
    pub items: Vec<Item>,
}

/// An item of a file. A trait has methods.
#[derive(Debug, Clone)]
pub struct Item {
    /// The name by which it is found.
    pub key: String,
    /// Its text; for a trait, only the text before its methods.
    pub text: String,
    /// Its methods, by name.
    pub methods: Option<Vec<Piece>>,
    /// Whether it is already formatted.
    pub is_ready: bool,
}

/// The output of an import.
pub struct Imported {
    /// Its files.
    pub files: Vec<File>,
    /// The notes about it.
    pub summary: Summary,
}

/// Imports a document that has been read.
///
/// # Errors
///
/// If a pattern matches nothing, or an option cannot be applied.
pub fn import(
    document: &Document<'_>,
    options: &Options,
    notes: &Notes,
) -> Result<Imported, String> {
    let selection = Selection::new(&options.only);
    if let Some(first) = selection.unmatched(document).into_iter().next() {
        return Err(first);
    }
    let mut types = Types::new(document, notes);
    if selection.is_all() {
        types.all_components();
    }
    let methods = operations::methods(document, &mut types, &selection, &options.wishes, notes)?;
    let sent: Vec<Ty> = methods.list.iter().flat_map(|it| it.sent.iter().cloned()).collect();
    let keep = (!selection.is_all()).then(|| {
        let used: Vec<Ty> = methods
            .list
            .iter()
            .flat_map(|it| it.sent.iter().chain(&it.received).cloned())
            .collect();
        let mentioned: Vec<Ty> = mentioned(&types, &methods.list);
        types.reachable(&[used, mentioned].concat())
    });
    let derive = if options.types_only { Derive::Serde } else { Derive::Json };
    let (pieces, needs) = types.render(&sent, keep.as_ref(), derive);
    let summary = Summary::new(document, &types, &methods, keep.as_ref(), pieces.len(), notes);
    let mut items: Vec<Item> = pieces.into_iter().map(Item::from).collect();
    let traits =
        if options.types_only { Vec::new() } else { traits(document, &types, &methods, options)? };
    if !options.types_only {
        items.extend(methods.extras.iter().map(|(key, text)| Item {
            key: key.clone(),
            text: text.clone(),
            methods: None,
            is_ready: false,
        }));
    }
    items.extend(needs.prelude().map(Item::from));
    let files = files(document, &methods, traits, items, needs.map(), options);
    Ok(Imported { files, summary })
}

impl From<Piece> for Item {
    fn from(piece: Piece) -> Self {
        Self { key: piece.key, text: piece.text, methods: None, is_ready: piece.is_ready }
    }
}

/// The types that a signature names and that are not part of a body: enums of parameters.
fn mentioned(types: &Types<'_, '_>, methods: &[Method]) -> Vec<Ty> {
    let mut words = HashSet::new();
    for method in methods {
        for (_, _, ty) in &method.parameters {
            words.extend(ty.split(|c: char| !c.is_alphanumeric() && c != '_').map(str::to_owned));
        }
    }
    (0..types.defs.len())
        .filter(|id| words.contains(&types.defs[*id].name))
        .map(Ty::Named)
        .collect()
}

/// The traits: one, or one for each tag.
fn traits(
    document: &Document<'_>,
    types: &Types<'_, '_>,
    methods: &Methods,
    options: &Options,
) -> Result<Vec<(String, Item)>, String> {
    let exported = ours::trait_name(document)?;
    let whole = options.name.clone().or_else(|| exported.map(str::to_owned));
    let whole = whole.unwrap_or_else(|| name_by_title(document.title));
    let mut groups: BTreeMap<String, Vec<&Method>> = BTreeMap::new();
    let mut order: Vec<String> = Vec::new();
    for method in &methods.list {
        let name = match options.per_tag && !method.tag.is_empty() {
            true => trait_name(&method.tag),
            false => whole.clone(),
        };
        if !groups.contains_key(&name) {
            order.push(name.clone());
        }
        groups.entry(name).or_default().push(method);
    }
    let base = document.server.as_deref();
    let mut traits = Vec::new();
    for (at, group) in order.into_iter().enumerate() {
        let list = &groups[&group];
        let name = match exported != Some(&group)
            && (types.has_name(&group) || types.has_name(&format!("{group}Client")))
        {
            true => format!("{group}Api"),
            false => group.clone(),
        };
        let title = document.title.trim_end_matches('.');
        let mut docs = vec![short(&match document.version {
            Some(version) if at == 0 => format!("{title}, version {version}."),
            _ => format!("{title}."),
        })];
        docs.extend(document.description.filter(|_| at == 0).map(crate::text::first_paragraph));
        let style = Style { name: &name, docs, base, is_part: at > 0 };
        let text = operations::api(&style, &methods.auth, list);
        let list = list.iter().map(|it| Piece {
            key: it.name.clone(),
            text: operations::method(it),
            is_ready: false,
        });
        traits.push((
            group,
            Item { key: name, text, methods: Some(list.collect()), is_ready: false },
        ));
    }
    Ok(traits)
}

/// The name of a trait, of the title of its document.
fn name_by_title(title: &str) -> String {
    let title = title.replace("OpenAPI", " ").replace("Open API", " ");
    let says_nothing = ["api", "openapi", "swagger", "rest", "the", "specification"];
    let mut words = crate::names::words(&title);
    words.retain(|it| !says_nothing.contains(&&**it) && !is_version(it));
    trait_name(if words.is_empty() { "Api".to_owned() } else { words.join(" ") }.as_str())
}

fn is_version(word: &str) -> bool {
    word.trim_start_matches('v').chars().all(|c| c.is_ascii_digit())
}

/// The derive of the runtime. It is a macro, so a type of the document may have the same name.
const JSON: &str = "Json";

/// The names of the runtime that these methods and this code use.
fn imports(methods: &[&Method], extras: &[(String, String)], items: &[Item]) -> String {
    let words = |text: &str| -> Vec<String> {
        text.split(|c: char| !c.is_alphanumeric() && c != '_').map(str::to_owned).collect()
    };
    let mut used: HashSet<String> = methods.iter().flat_map(|it| words(&it.returns)).collect();
    used.extend(methods.iter().flat_map(|it| &it.parameters).flat_map(|it| words(&it.2)));
    used.extend(extras.iter().flat_map(|(_, text)| words(text)));
    let mut all: Vec<&str> = RUNTIME.iter().filter(|it| used.contains(**it)).copied().collect();
    if items.iter().any(|it| it.text.contains(", Json)]")) {
        let at = all.iter().position(|it| *it > JSON).unwrap_or(all.len());
        all.insert(at, JSON);
    }
    all.extend((!methods.is_empty()).then_some("api_client"));
    if let Some(part) = all.iter_mut().find(|it| **it == "Part") {
        *part = "body::Part";
        all.sort_by_key(|it| *it == "body::Part");
    }
    match &all[..] {
        [] => String::new(),
        [one] => format!("use perennial::{one};\n"),
        all => format!("use perennial::{{{}}};\n", all.join(", ")),
    }
}

fn files(
    document: &Document<'_>,
    methods: &Methods,
    traits: Vec<(String, Item)>,
    items: Vec<Item>,
    has_maps: bool,
    options: &Options,
) -> Vec<File> {
    let title = one_line(&format!("{} {}", document.title, document.version.unwrap_or_default()));
    let about = format!(
        "// {title}. Generated by `cargo perennial import`, which keeps manual changes.\n\n"
    );
    let names_maps =
        |item: &Item| item.methods.iter().flatten().any(|it| it.text.contains("BTreeMap<"));
    const MAP: &str = "use std::collections::BTreeMap;\n\n";
    // The helpers name both.
    let needs_serde = items.iter().any(|it| it.is_ready || it.text.contains(", Serialize"));
    let serde = if needs_serde { "use serde::{Deserialize, Serialize};\n" } else { "" };
    if !options.per_tag || traits.len() < 2 {
        let used: Vec<&Method> = methods.list.iter().filter(|_| !traits.is_empty()).collect();
        let extras = if used.is_empty() { &[][..] } else { &methods.extras };
        let ours = imports(&used, extras, &items);
        let map = if has_maps || traits.iter().any(|(_, it)| names_maps(it)) { MAP } else { "" };
        let head = format!("{about}{map}{ours}{serde}\n");
        let items = traits.into_iter().map(|(_, it)| it).chain(items).collect();
        return vec![File { name: String::new(), head, items }];
    }
    let mut files = Vec::new();
    let mut modules = String::new();
    for (group, item) in traits {
        let module = match crate::names::snake(&group) {
            // The file of the types has this name.
            it if it == "r#mod" => "mod_".to_owned(),
            it => it,
        };
        modules.push_str(&format!("pub mod {module};\n"));
        let used = |it: &&Method| item.methods.iter().flatten().any(|piece| piece.key == it.name);
        let ours = imports(&methods.list.iter().filter(used).collect::<Vec<_>>(), &[], &[]);
        let map = if names_maps(&item) { MAP } else { "" };
        files.push(File {
            name: module.trim_start_matches("r#").to_owned(),
            head: format!("{about}{map}{ours}\n#[allow(unused_imports)]\nuse super::*;\n\n"),
            items: vec![item],
        });
    }
    let ours = imports(&[], &methods.extras, &items);
    let map = if has_maps { MAP } else { "" };
    files.insert(
        0,
        File {
            name: "mod".to_owned(),
            head: format!("{about}{modules}\n{map}{ours}{serde}\n"),
            items,
        },
    );
    files
}

/// The default path of the file of a document.
pub fn default_output(document: &Path) -> PathBuf {
    let stem = document.file_stem().map(|it| it.to_string_lossy().into_owned()).unwrap_or_default();
    let name = crate::names::snake(&stem);
    let name = format!("{}.rs", name.trim_start_matches("r#"));
    if Path::new("src").is_dir() { Path::new("src").join(name) } else { PathBuf::from(name) }
}
