//! Turns a schema into a type.

use std::collections::HashSet;

use super::{Def, Id, Kind, Ty, Types};
use crate::document::{Additional, Schema};
use crate::names::{Names, pascal};
use crate::node::Node;
use crate::types::integer::is_whole;
use crate::types::name::singular;

/// Schemas nested deeper than this accept any value.
const DEPTH: usize = 48;

/// The place of an inline type, from which it gets its name.
#[derive(Debug, Clone)]
pub struct Context {
    /// Name of the type or operation around it.
    pub base: String,
    /// Names of the fields from there on.
    pub path: Vec<String>,
    /// JSON path.
    pub at: String,
}

impl Context {
    /// The owner of a note: an operation or a type.
    pub fn new(base: &str, at: &str) -> Self {
        Self { base: base.to_owned(), path: Vec::new(), at: at.to_owned() }
    }

    /// One step further inside.
    pub fn inside(&self, name: &str, step: &str) -> Self {
        let mut path = self.path.clone();
        path.push(name.to_owned());
        Self { base: self.base.clone(), path, at: format!("{}/{step}", self.at) }
    }
}

impl<'d, 'a> Types<'d, 'a> {
    /// Creates the type of a component.
    pub(super) fn make_component(&mut self, schema: usize, id: Id) {
        let component = &self.document.schemas[schema].1;
        let context = Context::new(&self.defs[id].name, &self.document.path_of(schema));
        self.defs[id].deprecated = component.deprecated;
        self.defs[id].docs =
            component.description.or(component.title).unwrap_or_default().to_owned();
        let kind = match self.kind(component, &context, Some(id)) {
            Made::Kind(kind, docs_of) => {
                self.defs[id].docs_of = docs_of;
                kind
            }
            // A component that only refers to itself.
            Made::Ty(Ty::Named(same)) if same == id => {
                self.notes
                    .mended(context.at, "this schema is nothing but itself; read as any value");
                Kind::Alias(Ty::Value)
            }
            Made::Ty(ty) => Kind::Alias(ty),
        };
        if !matches!(kind, Kind::Alias(_)) {
            self.known.entry(kind.clone()).or_insert(id);
        }
        self.defs[id].kind = Some(kind);
    }

    /// The type of a schema, without `null`.
    pub fn of(&mut self, schema: &'d Schema<'a>, context: &Context) -> Ty {
        match self.kind(schema, context, None) {
            Made::Ty(ty) => ty,
            Made::Kind(kind, docs_of) => self.declare(kind, docs_of, schema, context),
        }
    }

    /// The type of a schema, with `null`.
    pub fn with_null(&mut self, schema: &'d Schema<'a>, context: &Context) -> Ty {
        let ty = self.of(schema, context);
        if self.is_nullable(schema) && ty != Ty::Value { Ty::Maybe(Box::new(ty)) } else { ty }
    }

    /// Declares an inline type, or finds an equal one.
    pub(super) fn declare(
        &mut self,
        kind: Kind,
        docs_of: Vec<String>,
        schema: &Schema<'_>,
        context: &Context,
    ) -> Ty {
        if let Some(id) = self.known.get(&kind) {
            return Ty::Named(*id);
        }
        let path = match context.path.is_empty() {
            true => vec![String::new()],
            false => context.path.clone(),
        };
        let name = self.inline_name(&context.base, &path);
        let id = self.defs.len();
        self.known.insert(kind.clone(), id);
        self.defs.push(Def {
            name,
            docs: schema.description.or(schema.title).unwrap_or_default().to_owned(),
            deprecated: schema.deprecated,
            kind: Some(kind),
            docs_of,
            owner: self.owner,
            component: None,
        });
        Ty::Named(id)
    }

    /// The type of a schema: one that already exists, or one that is to be declared. `own` is the component for
    /// which it is created.
    fn kind(&mut self, schema: &'d Schema<'a>, context: &Context, own: Option<Id>) -> Made {
        if context.path.len() > DEPTH {
            self.notes.lost(&*context.at, "nested too deeply; read as any value");
            return Made::Ty(Ty::Value);
        }
        if let Some(reference) = schema.reference {
            return Made::Ty(self.referenced(reference, context));
        }
        if schema.is_never {
            return Made::Ty(Ty::Value);
        }
        if !schema.all_of.is_empty() {
            return self.all_of(schema, context, own);
        }
        if !schema.one_of.is_empty() && !self.is_struct_with_union(schema) {
            return self.union(schema, context);
        }
        if !schema.values.is_empty() {
            return self.values(schema, context);
        }
        match &schema.types[..] {
            [] if schema.is_object() => self.object(schema, context),
            [] if schema.items.is_some() || !schema.prefix.is_empty() => self.list(schema, context),
            [] if schema.format.is_some() || schema.is_binary => Made::Ty(Ty::Text),
            [] => Made::Ty(Ty::Value),
            [one] => self.one_type(one, schema, context),
            several => self.several_types(several, schema, context),
        }
    }

    fn one_type(&mut self, name: &str, schema: &'d Schema<'a>, context: &Context) -> Made {
        Made::Ty(match name {
            "object" => return self.object(schema, context),
            "array" => return self.list(schema, context),
            "boolean" => Ty::Bool,
            "integer" => self.integer(schema),
            "number" if schema.is_exact => Ty::Number,
            "number" => Ty::F64,
            _ => Ty::Text,
        })
    }

    fn several_types(
        &mut self,
        names: &[&'a str],
        schema: &'d Schema<'a>,
        context: &Context,
    ) -> Made {
        // Whatever it can be, it cannot be the rest: if all types are named, it accepts any value.
        if names.len() >= 5 {
            return Made::Ty(Ty::Value);
        }
        let mut variants = Vec::new();
        for name in names {
            let ty = match self.one_type(name, schema, &context.inside(name, "type")) {
                Made::Ty(ty) => ty,
                Made::Kind(kind, docs) => {
                    self.declare(kind, docs, schema, &context.inside(name, "type"))
                }
            };
            variants.push((String::new(), ty));
        }
        self.untagged(variants)
    }

    fn referenced(&mut self, reference: &str, context: &Context) -> Ty {
        if let Some(schema) = self.document.schema_of(reference) {
            return Ty::Named(self.component(schema));
        }
        let why = if reference.starts_with('#') {
            "leads nowhere".to_owned()
        } else {
            crate::document::elsewhere(reference).to_owned()
        };
        self.notes.lost(&*context.at, format!("`{reference}` {why}; read as any value"));
        Ty::Value
    }

    fn all_of(&mut self, schema: &'d Schema<'a>, context: &Context, own: Option<Id>) -> Made {
        let parts: Vec<_> = schema
            .all_of
            .iter()
            .filter(|it| !it.says_nothing() || !it.required.is_empty())
            .collect();
        let says_itself = !schema.properties.is_empty()
            || !schema.one_of.is_empty()
            || matches!(schema.additional, Additional::Of(_));
        if let [one] = parts[..]
            && !says_itself
            && schema.required.iter().all(|it| one.required.contains(it))
        {
            return self.kind(one, context, own);
        }
        let flat = self.flat(schema);
        if flat.is_object {
            return self.object(schema, context);
        }
        // Not all of it is an object: the first part that says what it is decides.
        match parts.into_iter().find(|it| !it.says_nothing()) {
            Some(part) => {
                if !flat.properties.is_empty() {
                    self.notes.mended(
                        &*context.at,
                        "the parts of `allOf` cannot be joined; the first part is used",
                    );
                }
                self.kind(part, context, own)
            }
            None => Made::Ty(Ty::Value),
        }
    }

    fn list(&mut self, schema: &'d Schema<'a>, context: &Context) -> Made {
        let name = context.path.last().map_or("item", |it| it);
        let context = &match context.path.is_empty() {
            true => context.inside("item", "items"),
            false => {
                let mut inner = context.clone();
                let last = singular(name);
                inner.path.pop();
                inner.inside(&last, "items")
            }
        };
        let item = match (&schema.items, &schema.prefix[..]) {
            (Some(items), []) => self.with_null(items, context),
            (_, []) => Ty::Value,
            (items, prefix) => {
                let mut types = Vec::new();
                for part in prefix.iter().chain(items.as_deref()) {
                    let ty = self.with_null(part, context);
                    if !types.contains(&ty) {
                        types.push(ty);
                    }
                }
                match types.len() {
                    1 => types.remove(0),
                    _ => Ty::Value,
                }
            }
        };
        Made::Ty(Ty::List(Box::new(item)))
    }

    fn values(&mut self, schema: &'d Schema<'a>, context: &Context) -> Made {
        let texts: Vec<&str> = schema.values.iter().filter_map(|it| it.text()).collect();
        let numbers: Vec<i64> = schema.values.iter().filter_map(|it| it.integer()).collect();
        let all = schema.values.len();
        if texts.len() == all {
            let names = (schema.value_names.len() == all).then_some(&schema.value_names);
            return self.texts(&texts, names.map(Vec::as_slice), texts.len() > 1);
        }
        if numbers.len() == all && schema.types.first() != Some(&"string") {
            if schema.value_names.len() == all {
                let mut names = Names::default();
                let values = numbers.iter().zip(&schema.value_names);
                let values =
                    values.map(|(value, name)| (names.unique(&pascal(name)), *value)).collect();
                return Made::Kind(Kind::Numbers(values), vec![String::new(); all]);
            }
            return Made::Ty(Ty::I64);
        }
        if schema.values.iter().all(|it| matches!(it, Node::Bool(_))) {
            return Made::Ty(Ty::Bool);
        }
        if schema.values.iter().all(|it| matches!(it, Node::Number(_))) {
            let is_integer = schema.types == ["integer"] || schema.values.iter().all(is_whole);
            return Made::Ty(if is_integer { self.integer(schema) } else { Ty::F64 });
        }
        if schema.types.contains(&"string") && !texts.is_empty() {
            self.notes
                .mended(&*context.at, "`enum` of strings has other values, which were left out");
            return self.texts(&texts, None, true);
        }
        Made::Ty(Ty::Value)
    }

    /// An enum of strings.
    pub(super) fn texts(&mut self, texts: &[&str], names: Option<&[&str]>, open: bool) -> Made {
        let values = named_texts(texts, names, open);
        let docs = vec![String::new(); values.len()];
        Made::Kind(Kind::Texts { values, open }, docs)
    }
}

/// The variants of an enum of strings: their names, and the strings.
pub(crate) fn named_texts(
    texts: &[&str],
    names: Option<&[&str]>,
    open: bool,
) -> Vec<(String, String)> {
    let mut used = Names::default();
    if open {
        used.take("Other");
    }
    let mut values: Vec<(String, String)> = Vec::new();
    let mut seen = HashSet::with_capacity(texts.len());
    for (at, text) in texts.iter().enumerate() {
        if !seen.insert(text) {
            continue;
        }
        let wanted = match names.and_then(|it| it.get(at)) {
            Some(name) => pascal(name),
            None if text.is_empty() => "Empty".to_owned(),
            None => pascal(text),
        };
        let wanted = if wanted == "Self" { "Itself".to_owned() } else { wanted };
        values.push((used.unique(&wanted), (*text).to_owned()));
    }
    values
}

/// The type made of a schema.
pub(super) enum Made {
    /// An existing type.
    Ty(Ty),
    /// The kind of a new type, and the docs of its fields.
    Kind(Kind, Vec<String>),
}
