//! Rust types, created from schemas.

mod ambiguous;
mod build;
mod case;
mod flat;
mod graph;
mod integer;
mod name;
mod object;
mod prelude;
mod render;
mod shown;
mod structs;
mod tag;
mod union;

use std::collections::{HashMap, HashSet, VecDeque};

use crate::document::Document;
use crate::names::Names;
use crate::notes::Notes;

pub use build::Context;
pub(crate) use build::named_texts;
pub use prelude::Needs;
pub use render::{Derive, Piece};
pub(crate) use structs::is_required;

/// A declared type, by its number.
pub type Id = usize;

/// A type where it is used.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum Ty {
    /// `bool`.
    Bool,
    /// `i64`.
    I64,
    /// `u64`.
    U64,
    /// `f64`.
    F64,
    /// `serde_json::Number`, for integers that neither `i64` nor `u64` holds.
    Number,
    /// `String`.
    Text,
    /// `serde_json::Value`.
    Value,
    /// `Vec<..>`.
    List(Box<Ty>),
    /// `BTreeMap<String, ..>`.
    Map(Box<Ty>),
    /// `Option<..>`.
    Maybe(Box<Ty>),
    /// A declared type.
    Named(Id),
}

/// A declared type.
#[derive(Debug, Clone)]
pub struct Def {
    /// Its name.
    pub name: String,
    /// Its description in the document.
    pub docs: String,
    /// Whether it is deprecated.
    pub deprecated: bool,
    /// Its kind; `None` while it is being created.
    pub kind: Option<Kind>,
    /// The description of each field or variant in the document.
    pub docs_of: Vec<String>,
    /// The component that it belongs to, by which types are sorted.
    pub owner: usize,
    /// The name in the document, if it has one.
    pub component: Option<String>,
}

/// The kind of a declared type. Equal kinds are one type.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum Kind {
    /// A struct.
    Struct {
        /// Its fields.
        fields: Vec<Field>,
        /// A field that always has the same value: its name, and the value.
        tag: Option<(String, String)>,
        /// Its additional properties.
        extra: Option<Ty>,
        /// A flattened union.
        flat: Option<Ty>,
        /// Whether other fields are forbidden.
        closed: bool,
    },
    /// One of several strings: the variant, and the string.
    Texts {
        /// Variants and their strings.
        values: Vec<(String, String)>,
        /// Whether there is a variant for all others.
        open: bool,
    },
    /// One of several integers.
    Numbers(Vec<(String, i64)>),
    /// One of several types.
    Union {
        /// Variants and their types.
        variants: Vec<(String, Ty)>,
        /// The field that distinguishes them, and its values for each variant.
        tag: Option<(String, Vec<Vec<String>>)>,
    },
    /// Another name of a type.
    Alias(Ty),
}

/// A field of a struct.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Field {
    /// Its name in Rust.
    pub name: String,
    /// Its name on the wire.
    pub wire: String,
    /// Its type, without what the flags say.
    pub ty: Ty,
    /// Whether it is required.
    pub required: bool,
    /// Whether it may be `null`.
    pub nullable: bool,
    /// Whether it is never sent.
    pub read_only: bool,
    /// Whether it is never received.
    pub write_only: bool,
    /// Whether it is deprecated.
    pub deprecated: bool,
    /// Whether the server sends it as `null` where it has no value.
    pub sends_null: Aside,
}

/// A fact that does not make two types differ: the first one decides.
#[derive(Debug, Clone, Copy, Default)]
pub struct Aside(pub bool);

impl PartialEq for Aside {
    fn eq(&self, _: &Self) -> bool {
        true
    }
}

impl Eq for Aside {}

impl std::hash::Hash for Aside {
    fn hash<H: std::hash::Hasher>(&self, _: &mut H) {}
}

/// All types of an import, while they are created.
pub struct Types<'d, 'a> {
    document: &'d Document<'a>,
    notes: &'d Notes,
    /// The declared types.
    pub defs: Vec<Def>,
    /// The types of components.
    components: Vec<Option<Id>>,
    names_of_components: Vec<String>,
    names: Names,
    /// The types declared so far, by their kind.
    known: HashMap<Kind, Id>,
    /// Components that are named and not created yet.
    queue: VecDeque<(usize, Id)>,
    /// Structs that are distinguished by the values of their fields, by the address of their schema.
    undecided: HashSet<usize>,
    /// The properties in the examples of the document.
    shown: shown::Shown,
    /// The component that is being made.
    owner: usize,
}

impl<'d, 'a> Types<'d, 'a> {
    /// No types yet.
    pub fn new(document: &'d Document<'a>, notes: &'d Notes) -> Self {
        let mut names = Names::of_types();
        let names_of_components = name::of_components(document, &mut names);
        let mut types = Self {
            document,
            notes,
            defs: Vec::new(),
            components: vec![None; document.schemas.len()],
            names_of_components,
            names,
            known: HashMap::new(),
            queue: VecDeque::new(),
            undecided: HashSet::new(),
            shown: shown::Shown::default(),
            owner: usize::MAX,
        };
        types.find_undecided();
        types.shown = types.seen_in_examples();
        types
    }

    /// Creates the types of all components.
    pub fn all_components(&mut self) {
        for schema in 0..self.document.components {
            self.component(schema);
        }
        self.finish();
    }

    /// Creates the types that were named so far.
    pub fn finish(&mut self) {
        while let Some((schema, id)) = self.queue.pop_front() {
            self.owner = schema;
            self.make_component(schema, id);
        }
        self.owner = usize::MAX;
    }

    /// The type of a component. [`finish`](Self::finish) creates it.
    pub(super) fn component(&mut self, schema: usize) -> Id {
        if let Some(id) = self.components[schema] {
            return id;
        }
        let id = self.defs.len();
        self.defs.push(Def {
            name: self.names_of_components[schema].clone(),
            docs: String::new(),
            deprecated: false,
            kind: None,
            docs_of: Vec::new(),
            owner: schema,
            component: Some(self.document.schemas[schema].0.to_owned()),
        });
        self.components[schema] = Some(id);
        self.queue.push_back((schema, id));
        id
    }

    /// The kind of a type behind its aliases.
    pub fn behind<'t>(&'t self, ty: &'t Ty) -> &'t Ty {
        let mut ty = ty;
        for _ in 0..64 {
            match ty {
                Ty::Named(id) => match &self.defs[*id].kind {
                    Some(Kind::Alias(other)) => ty = other,
                    _ => return ty,
                },
                other => return other,
            }
        }
        ty
    }

    /// The kind of a declared type behind its aliases.
    pub fn kind_of<'t>(&'t self, ty: &'t Ty) -> Option<&'t Kind> {
        match self.behind(ty) {
            Ty::Named(id) => self.defs[*id].kind.as_ref(),
            _ => None,
        }
    }

    /// The address to which everything is sent.
    pub fn server(&self) -> Option<&str> {
        self.document.server.as_deref()
    }

    /// Declares a struct that is not in the document, or finds an equal one.
    pub fn add_struct(&mut self, name: &str, fields: Vec<Field>, docs: &str) -> Ty {
        let docs_of = vec![String::new(); fields.len()];
        self.add_struct_with_docs(name, fields, docs_of, docs)
    }

    /// Declares a struct with the documentation of its fields, or finds an equal one.
    pub fn add_struct_with_docs(
        &mut self,
        name: &str,
        fields: Vec<Field>,
        docs_of: Vec<String>,
        docs: &str,
    ) -> Ty {
        let kind = Kind::Struct { fields, tag: None, extra: None, flat: None, closed: false };
        if let Some(id) = self.known.get(&kind) {
            return Ty::Named(*id);
        }
        let id = self.defs.len();
        self.known.insert(kind.clone(), id);
        let name = self.names.unique(&crate::names::type_name(name));
        self.defs.push(Def {
            name,
            docs: docs.to_owned(),
            deprecated: false,
            kind: Some(kind),
            docs_of,
            owner: usize::MAX,
            component: None,
        });
        Ty::Named(id)
    }

    /// A name for a type that the import itself creates.
    pub fn fresh_name(&mut self, wanted: &str) -> String {
        self.names.unique(wanted)
    }

    /// Whether a type of the document has this name.
    pub fn has_name(&self, name: &str) -> bool {
        self.names.has(name)
    }
}
