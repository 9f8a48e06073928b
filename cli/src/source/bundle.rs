//! Joins a document of several files into one: the target of a reference to another file becomes a component.

use std::collections::{HashMap, HashSet, VecDeque};
use std::path::{Path, PathBuf};

use super::place::Place;
use crate::node::{Node, percent_decoded, step};

/// The maximum length of a chain of path items in other files.
const DEPTH: usize = 32;

/// Joins the files to which a document refers. A reference to a missing file is not changed, and neither is one to
/// another host: nothing is ever fetched. A document may come from anywhere, so it names only files below its own folder
/// or below the current one.
///
/// # Errors
///
/// If a file exists but cannot be read, or is elsewhere.
pub(super) fn bundle(root: &mut Node, path: &Path) -> Result<(), String> {
    if !refers_to_files(root) {
        return Ok(());
    }
    let Ok(root_path) = path.canonicalize() else { return Ok(()) };
    let own = root_path.parent().map(Path::to_owned);
    let current = std::env::current_dir().and_then(|it| it.canonicalize()).ok();
    let mut bundler = Bundler {
        root: root_path.clone(),
        // Everything is below the root of the file system.
        folders: own.into_iter().chain(current).filter(|it| it.parent().is_some()).collect(),
        files: HashMap::new(),
        placed: HashMap::new(),
        taken: HashSet::new(),
        pending: VecDeque::new(),
        error: None,
    };
    bundler.reserve(root);
    bundler.walk(root, Place::Root, &root_path);
    while let Some(mut component) = bundler.pending.pop_front() {
        bundler.walk(&mut component.node, component.place, &component.file);
        put(root, component);
    }
    bundler.error.map_or(Ok(()), Err)
}

struct Bundler {
    /// The file of the document itself.
    root: PathBuf,
    /// The folders that may have the other files.
    folders: Vec<PathBuf>,
    /// The other files; `None` for a missing one.
    files: HashMap<PathBuf, Option<Node>>,
    /// The new location of a place in another file.
    placed: HashMap<(PathBuf, String), String>,
    /// Names of components that are taken, after the part to which they belong.
    taken: HashSet<String>,
    /// Components whose own references have not been read yet.
    pending: VecDeque<Component>,
    /// The first file that cannot be read, or must not be.
    error: Option<String>,
}

struct Component {
    section: &'static str,
    name: String,
    node: Node,
    place: Place,
    file: PathBuf,
}

impl Bundler {
    /// Components that are only a reference to a file get the content of the file, under their own name.
    fn reserve(&mut self, root: &mut Node) {
        let file = self.root.clone();
        let Some(Node::Object(sections)) = root.get_mut("components") else { return };
        for (section, entries) in sections {
            let place = Place::Components.key(section).key("");
            let (Some(section), Node::Object(entries)) = (place.components(), entries) else {
                continue;
            };
            for (name, node) in entries {
                self.taken.insert(format!("{section}/{name}"));
                let Some((target, pointer)) =
                    node.text_of("$ref").and_then(|it| self.target(it, &file))
                else {
                    continue;
                };
                let key = (target, pointer);
                if key.0 == self.root || self.placed.contains_key(&key) {
                    continue;
                }
                let Some(found) = self.find(&key.0, &key.1) else { continue };
                let name = name.clone();
                self.placed.insert(key.clone(), reference_to(section, &name));
                let component = Component { section, name, node: found, place, file: key.0 };
                *node = Node::Null;
                self.pending.push_back(component);
            }
        }
    }

    /// Rewrites the references of a value in a file.
    fn walk(&mut self, node: &mut Node, place: Place, file: &Path) {
        match node {
            Node::List(items) => items.iter_mut().for_each(|it| self.walk(it, place.item(), file)),
            Node::Object(_) if place == Place::PathItem => self.path_item(node, file, 0),
            Node::Object(entries) => {
                for (key, value) in entries {
                    let inner = place.key(key);
                    match value {
                        Node::Text(text) if key == "$ref" && place.components().is_some() => {
                            if let Some(reference) = self.reference(text, place, file) {
                                *text = reference;
                            }
                        }
                        Node::Text(text) if place == Place::Mapping && is_of_file(text) => {
                            if let Some(reference) = self.reference(text, Place::Schema, file) {
                                *text = reference;
                            }
                        }
                        value if inner != Place::Data => self.walk(value, inner, file),
                        _ => {}
                    }
                }
            }
            _ => {}
        }
    }

    /// A path item in another file is inserted in its place, besides what is there.
    fn path_item(&mut self, node: &mut Node, file: &Path, depth: usize) {
        let target = node.text_of("$ref").and_then(|it| self.target(it, file));
        let found = target
            .filter(|(target, _)| *target != self.root && depth < DEPTH)
            .and_then(|(target, pointer)| Some((self.find(&target, &pointer)?, target)));
        let Node::Object(entries) = node else { return };
        for (key, value) in entries.iter_mut() {
            match Place::PathItem.key(key) {
                Place::Data => {}
                inner => self.walk(value, inner, file),
            }
        }
        let Some((mut found, target)) = found else { return };
        self.path_item(&mut found, &target, depth + 1);
        entries.retain(|(key, _)| key != "$ref");
        let Node::Object(found) = found else { return };
        for (key, value) in found {
            if entries.iter().all(|(other, _)| *other != key) {
                entries.push((key, value));
            }
        }
    }

    /// The reference within the document for one to a file. `None` if it is not changed.
    fn reference(&mut self, text: &str, place: Place, file: &Path) -> Option<String> {
        let (target, pointer) = self.target(text, file)?;
        if target == self.root {
            return (file != self.root || !text.starts_with('#')).then(|| format!("#{pointer}"));
        }
        let key = (target, pointer);
        if let Some(reference) = self.placed.get(&key) {
            return Some(reference.clone());
        }
        let section = place.components()?;
        let node = self.find(&key.0, &key.1)?;
        let name = self.name(section, &key.1, &key.0);
        let reference = reference_to(section, &name);
        self.placed.insert(key.clone(), reference.clone());
        self.pending.push_back(Component { section, name, node, place, file: key.0 });
        Some(reference)
    }

    /// The file and the pointer of a reference; `None` if it leads to another host or does not name a file.
    fn target(&self, text: &str, file: &Path) -> Option<(PathBuf, String)> {
        let (to, pointer) = text.split_once('#').unwrap_or((text, ""));
        let path = match to {
            "" => file.to_owned(),
            to if to.contains("://") => return None,
            to => file.parent()?.join(percent_decoded(to)).canonicalize().ok()?,
        };
        Some((path, pointer.to_owned()))
    }

    /// A copy of the target of a pointer or an anchor in another file.
    fn find(&mut self, file: &Path, pointer: &str) -> Option<Node> {
        if !self.files.contains_key(file) {
            let read = self
                .allowed(file)
                .and_then(|()| super::text_of(file))
                .and_then(|text| super::tree(&text, &file.display().to_string()));
            let node = read.map_err(|error| self.error.get_or_insert(error).clone()).ok();
            self.files.insert(file.to_owned(), node);
        }
        let node = self.files.get(file)?.as_ref()?;
        match pointer.is_empty() || pointer.starts_with('/') {
            // `#/` is the value under an empty name, but is often written for the whole document.
            true if pointer == "/" => node.at(pointer).or(Some(node)).cloned(),
            true => node.at(pointer).cloned(),
            false => super::anchors::within(node, pointer).cloned(),
        }
    }

    /// Whether a reference may name a file, whose path has no links left.
    fn allowed(&self, file: &Path) -> Result<(), String> {
        let shown = file.display();
        if !self.folders.iter().any(|it| file.starts_with(it)) {
            let root = self.root.display();
            return Err(format!(
                "a `$ref` in {root} or in one of its files leads to {shown}, which is neither below the folder of the \
                 document nor below the current one\n\
                 help: if you trust the document, run the command in a folder that contains both"
            ));
        }
        match file.is_file() {
            true => Ok(()),
            false => Err(format!("a `$ref` leads to {shown}, which is not a file")),
        }
    }

    /// A name for a component: the last step that leads to it, or its file.
    fn name(&mut self, section: &str, pointer: &str, file: &Path) -> String {
        let last = pointer.rsplit('/').next().filter(|it| !it.is_empty());
        let name = match last {
            Some(last) => percent_decoded(last).replace("~1", "/").replace("~0", "~"),
            None => file.file_stem().unwrap_or_default().to_string_lossy().into_owned(),
        };
        let mut unique = name.clone();
        let mut number = 2;
        while !self.taken.insert(format!("{section}/{unique}")) {
            unique = format!("{name}{number}");
            number += 1;
        }
        unique
    }
}

fn reference_to(section: &str, name: &str) -> String {
    format!("#/components/{section}/{}", step(name))
}

/// Whether any reference leads out of the document.
fn refers_to_files(node: &Node) -> bool {
    match node {
        Node::Object(entries) => entries.iter().any(|(key, value)| match value {
            Node::Text(text) => key == "$ref" && is_of_file(text),
            Node::Object(mapping) if key == "mapping" => {
                mapping.iter().any(|(_, it)| it.text().is_some_and(is_of_file))
            }
            value => refers_to_files(value),
        }),
        Node::List(items) => items.iter().any(refers_to_files),
        _ => false,
    }
}

/// Whether a reference names a file, and is not just the name of a component.
fn is_of_file(text: &str) -> bool {
    !text.starts_with('#') && !text.contains("://") && text.contains(['.', '/'])
}

/// Puts a component into the document, in the place that is kept for it.
fn put(root: &mut Node, component: Component) {
    let section = root.entry("components").entry(component.section);
    *section.entry(&component.name) = component.node;
}
