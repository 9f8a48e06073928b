//! `oneOf` and `anyOf` become an enum: by the value of a field where there is one that tells, and by
//! what fits otherwise.

use super::build::Made;
use super::{Context, Kind, Ty, Types};
use crate::document::Schema;
use crate::names::{Names, pascal, type_name};

/// The field that tells variants apart, and its values for each of them.
type Tag = (String, Vec<Vec<String>>);

impl<'d, 'a> Types<'d, 'a> {
    /// Finds the structs that are told apart by what fits, so that their fields of one value stay.
    pub(super) fn find_undecided(&mut self) {
        for (_, schema) in &self.document.schemas {
            self.look_for_unions(schema);
        }
        for operation in &self.document.operations {
            let contents = operation.body.iter().map(|it| &it.content);
            let contents = contents.chain(operation.responses.iter().map(|it| &it.content));
            for content in contents.flatten() {
                if let Some(schema) = &content.schema {
                    self.look_for_unions(schema);
                }
            }
        }
    }

    fn look_for_unions(&mut self, schema: &'d Schema<'a>) {
        if schema.one_of.len() > 1 && self.tag_of(schema, &leaves(schema)).is_none() {
            for variant in &schema.one_of {
                let target = self.target(variant).unwrap_or(variant);
                self.undecided.insert(std::ptr::from_ref(target) as usize);
            }
        }
        let parts = schema.properties.iter().map(|(_, it)| it);
        let parts = parts.chain(&schema.all_of).chain(&schema.one_of).chain(&schema.prefix);
        for part in parts.chain(schema.items.as_deref()) {
            self.look_for_unions(part);
        }
        if let crate::document::Additional::Of(part) = &schema.additional {
            self.look_for_unions(part);
        }
    }

    /// A field that must be there and has one value only, if nothing needs it to be seen.
    pub(super) fn constant(
        &self,
        schema: &'d Schema<'a>,
        properties: &[(&'a str, &'d Schema<'a>)],
        required: &[&str],
    ) -> Option<(String, String)> {
        if self.undecided.contains(&(std::ptr::from_ref(schema) as usize)) {
            return None;
        }
        properties.iter().filter(|(name, _)| required.contains(name)).find_map(
            |(name, property)| match self.values_of(property)[..] {
                [value] if !self.is_nullable(property) => {
                    Some(((*name).to_owned(), value.text()?.to_owned()))
                }
                _ => None,
            },
        )
    }

    /// The values that a schema lists, be it through one other schema.
    fn values_of(&self, schema: &'d Schema<'a>) -> Vec<&'a crate::node::Node> {
        let mut schema = schema;
        for _ in 0..8 {
            let Some(target) = self.target(schema) else { return Vec::new() };
            if !target.values.is_empty() {
                return target.values.clone();
            }
            match (&target.one_of[..], &target.all_of[..]) {
                ([only], []) | ([], [only]) => schema = only,
                _ => return Vec::new(),
            }
        }
        Vec::new()
    }

    /// Whether a union lies beside fields: it is an object itself, and so is each of its variants.
    pub(super) fn is_struct_with_union(&self, schema: &'d Schema<'a>) -> bool {
        // Variants that say only what is required choose nothing.
        let chooses = schema.one_of.iter().any(|it| !it.says_nothing());
        let is_map = matches!(schema.additional, crate::document::Additional::Of(_));
        (!schema.properties.is_empty() || is_map && !chooses)
            && (!chooses
                || schema.one_of.iter().all(|it| self.flat(it).is_object || it.says_nothing()))
    }

    /// A union.
    pub(super) fn union(&mut self, schema: &'d Schema<'a>, context: &Context) -> Made {
        let parts: Vec<&'d Schema<'a>> =
            leaves(schema).into_iter().filter(|it| !it.is_never).collect();
        if let [one] = parts[..] {
            return match one.reference {
                None => Made::Ty(self.of(one, context)),
                Some(_) => Made::Ty(self.of(one, context)),
            };
        }
        if parts.iter().any(|it| it.says_nothing()) {
            return Made::Ty(Ty::Value);
        }
        if let Some(numbers) = titled_numbers(&parts) {
            let docs = vec![String::new(); numbers.len()];
            return Made::Kind(Kind::Numbers(numbers), docs);
        }
        if let Some(texts) = self.all_texts(&parts) {
            let texts: Vec<&str> = texts.iter().map(String::as_str).collect();
            return self.texts(&texts, None, true);
        }
        let tag = self.tag_of(schema, &parts);
        let mut variants: Vec<(String, Ty)> = Vec::new();
        let mut values: Vec<Vec<String>> = Vec::new();
        for (at, part) in parts.iter().enumerate() {
            let told = tag.as_ref().map(|(_, values)| values[at].as_slice());
            let name = self.variant_name(part, told);
            let step = if name.is_empty() { format!("variant {}", at + 1) } else { name.clone() };
            let ty = self.of(part, &context.inside(&step, &format!("oneOf/{at}")));
            let told = told.map(<[_]>::to_vec).unwrap_or_default();
            match variants.iter().position(|(_, other)| *other == ty) {
                Some(same) => values[same].extend(told),
                None => {
                    variants.push((name, ty));
                    values.push(told);
                }
            }
        }
        let Some((property, _)) = tag.filter(|_| variants.len() > 1) else {
            return self.untagged(variants);
        };
        let variants = named(variants, self);
        let docs = vec![String::new(); variants.len()];
        Made::Kind(Kind::Union { variants, tag: Some((property, values)) }, docs)
    }

    /// The name of a variant: of its type, or of the value that tells. Empty if there is none.
    fn variant_name(&self, part: &Schema<'a>, told: Option<&[String]>) -> String {
        let title = part.title.filter(|it| it.len() < 40).map(pascal);
        match (part.reference.and_then(|it| self.document.schema_of(it)), told) {
            // A title beside a reference names the variant and not the type.
            (Some(_), _) if title.is_some() => title.unwrap_or_default(),
            (Some(schema), _) => self.names_of_components[schema].clone(),
            (None, Some([value, ..])) => pascal(value),
            (None, _) => title.unwrap_or_default(),
        }
    }

    /// A union of which nothing tells the variants apart but what fits.
    pub(super) fn untagged(&mut self, mut variants: Vec<(String, Ty)>) -> Made {
        variants.dedup_by(|a, b| a.1 == b.1);
        if variants.iter().any(|(_, ty)| *self.behind(ty) == Ty::Value) {
            return Made::Ty(Ty::Value);
        }
        self.absorb_texts(&mut variants);
        variants.sort_by_key(|(_, ty)| self.order(ty));
        match variants.len() {
            0 => Made::Ty(Ty::Value),
            1 => Made::Ty(variants.remove(0).1),
            _ => {
                let variants = named(variants, self);
                let docs = vec![String::new(); variants.len()];
                Made::Kind(Kind::Union { variants, tag: None }, docs)
            }
        }
    }

    /// A union of types that are there.
    pub fn any(&mut self, variants: Vec<(String, Ty)>, context: &Context) -> Ty {
        match self.untagged(variants) {
            Made::Ty(ty) => ty,
            Made::Kind(kind, docs) => self.declare(kind, docs, &Schema::default(), context),
        }
    }

    /// Beside a string an open enum of strings is enough, and beside several enums a string.
    fn absorb_texts(&self, variants: &mut Vec<(String, Ty)>) {
        let is_open = |ty: &Ty| matches!(self.kind_of(ty), Some(Kind::Texts { open: true, .. }));
        let open = variants.iter().filter(|(_, ty)| is_open(ty)).count();
        if !variants.iter().any(|(_, ty)| *self.behind(ty) == Ty::Text) {
            return;
        }
        if open == 1 {
            variants.retain(|(_, ty)| *self.behind(ty) != Ty::Text);
        } else {
            variants.retain(|(_, ty)| !is_open(ty));
        }
    }

    /// What has to fit most is tried first.
    fn order(&self, ty: &Ty) -> (u8, std::cmp::Reverse<(usize, usize)>) {
        let size = |required: usize, all: usize| std::cmp::Reverse((required, all));
        match self.behind(ty) {
            Ty::Bool => (0, size(0, 0)),
            Ty::I64 | Ty::U64 => (1, size(0, 0)),
            Ty::F64 => (2, size(0, 0)),
            Ty::List(item) => {
                let (rank, inner) = self.order(item);
                (3, size(usize::from(20 - rank.min(19)), inner.0.0))
            }
            Ty::Map(value) if **value == Ty::Value => (7, size(0, 0)),
            Ty::Map(_) => (6, size(0, 0)),
            Ty::Maybe(inner) => self.order(inner),
            Ty::Text => (9, size(0, 0)),
            Ty::Value => (10, size(0, 0)),
            Ty::Named(id) => match &self.defs[*id].kind {
                Some(Kind::Texts { open: false, .. }) => (0, size(0, 0)),
                Some(Kind::Texts { .. }) => (8, size(0, 0)),
                Some(Kind::Numbers(_)) => (1, size(0, 0)),
                Some(Kind::Struct { fields, .. }) => {
                    (5, size(fields.iter().filter(|it| it.required).count(), fields.len()))
                }
                Some(Kind::Union { .. }) => (5, size(1, 0)),
                // It is being made, or waits for it: its schema says what it will be.
                Some(Kind::Alias(_)) | None => self.order_of_component(*id),
            },
        }
    }

    fn order_of_component(&self, id: super::Id) -> (u8, std::cmp::Reverse<(usize, usize)>) {
        use std::cmp::Reverse;
        let Some((_, schema)) = self.document.schemas.get(self.defs[id].owner) else {
            return (5, Reverse((0, 0)));
        };
        let flat = self.flat(schema);
        if flat.is_object && !flat.properties.is_empty() {
            let required =
                flat.properties.iter().filter(|(name, _)| flat.required.contains(name)).count();
            return (5, Reverse((required, flat.properties.len())));
        }
        let target = self.target(schema).unwrap_or(schema);
        let rank = match target.types.first().copied() {
            _ if target.values.len() == 1 => 0,
            Some("boolean") => 0,
            Some("integer") => 1,
            Some("number") => 2,
            Some("array") => 3,
            Some("object") => 7,
            Some("string") if !target.values.is_empty() => 8,
            Some("string") => 9,
            _ if !target.values.is_empty() => 8,
            _ => 5,
        };
        (rank, Reverse((0, 0)))
    }

    /// The field that tells the variants of a union apart.
    fn tag_of(&self, schema: &'d Schema<'a>, parts: &[&'d Schema<'a>]) -> Option<Tag> {
        if parts.len() < 2 {
            return None;
        }
        if let Some((property, mapping)) = &schema.discriminator {
            let values = parts.iter().map(|it| self.values_by_discriminator(it, property, mapping));
            let values: Option<Vec<_>> = values.collect();
            if let Some(values) = values.filter(|it| are_apart(it)) {
                return Some(((*property).to_owned(), values));
            }
        }
        let first = self.flat(parts[0]);
        first.properties.iter().find_map(|(name, _)| {
            let values: Option<Vec<_>> =
                parts.iter().map(|it| self.told_values(it, name)).collect();
            Some(((*name).to_owned(), values.filter(|it| are_apart(it))?))
        })
    }

    /// The values of a field that must be there, if it has only some.
    fn told_values(&self, part: &'d Schema<'a>, name: &str) -> Option<Vec<String>> {
        let target = self.target(part)?;
        // A union within a union is told by the values of all its variants.
        if !target.one_of.is_empty() && target.properties.is_empty() && target.all_of.is_empty() {
            let inner: Option<Vec<_>> =
                target.one_of.iter().map(|it| self.told_values(it, name)).collect();
            return inner.map(|it| it.concat());
        }
        let flat = self.flat(part);
        if !flat.is_object || !flat.required.contains(&name) {
            return None;
        }
        let (_, property) = flat.properties.iter().find(|(other, _)| *other == name)?;
        let values = self.values_of(property);
        let texts: Vec<String> =
            values.iter().filter_map(|it| it.text().map(str::to_owned)).collect();
        (!texts.is_empty() && texts.len() == values.len()).then_some(texts)
    }

    fn values_by_discriminator(
        &self,
        part: &'d Schema<'a>,
        property: &str,
        mapping: &[(&str, &str)],
    ) -> Option<Vec<String>> {
        let is_object =
            self.flat(part).is_object || self.target(part).is_some_and(|it| it.one_of.len() > 1);
        if !is_object {
            return None;
        }
        let own = part.reference.and_then(|it| self.document.schema_of(it));
        let leads_here = |to: &str| {
            let schema = self
                .document
                .schema_of(to)
                .or_else(|| self.document.schema_of(&format!("#/components/schemas/{to}")));
            schema.is_some() && schema == own
        };
        let mapped: Vec<String> = mapping
            .iter()
            .filter(|(_, to)| leads_here(to))
            .map(|(value, _)| (*value).to_owned())
            .collect();
        match mapped.is_empty() {
            false => Some(mapped),
            true => self.told_values(part, property).or_else(|| {
                // Without a mapping the name of the schema is the value.
                own.filter(|_| mapping.is_empty())
                    .map(|own| vec![self.document.schemas[own].0.to_owned()])
            }),
        }
    }

    /// The strings of a union in which there is nothing else, some of which may be any string.
    fn all_texts(&self, parts: &[&'d Schema<'a>]) -> Option<Vec<String>> {
        let mut texts = Vec::new();
        for part in parts {
            self.texts_within(part, &mut texts, 0)?;
        }
        (!texts.is_empty()).then_some(texts)
    }

    fn texts_within(
        &self,
        schema: &'d Schema<'a>,
        texts: &mut Vec<String>,
        depth: usize,
    ) -> Option<()> {
        let target = self
            .target(schema)
            .filter(|it| depth < 8 && !it.is_binary && it.properties.is_empty())?;
        match (&target.values[..], &target.one_of[..]) {
            ([], []) => (target.types == ["string"] && target.all_of.is_empty()).then_some(()),
            ([], variants) => {
                variants.iter().try_for_each(|it| self.texts_within(it, texts, depth + 1))
            }
            (values, _) => values.iter().try_for_each(|it| {
                texts.push(it.text()?.to_owned());
                Some(())
            }),
        }
    }
}

/// The variants of a union, with those of unions that are written right inside of it.
fn leaves<'d, 'a>(schema: &'d Schema<'a>) -> Vec<&'d Schema<'a>> {
    let is_plain = |it: &Schema<'_>| {
        it.reference.is_none()
            && it.one_of.len() > 1
            && it.properties.is_empty()
            && it.all_of.is_empty()
            && it.discriminator.is_none()
    };
    let inner = |it: &'d Schema<'a>| if is_plain(it) { leaves(it) } else { vec![it] };
    schema.one_of.iter().flat_map(inner).collect()
}

/// Whether every variant has a value and no two have the same.
fn are_apart(values: &[Vec<String>]) -> bool {
    let mut seen = std::collections::HashSet::new();
    values.iter().all(|it| !it.is_empty()) && values.iter().flatten().all(|it| seen.insert(it))
}

/// Integers with a title each, which is how 3.1 names the values of an enum.
fn titled_numbers(parts: &[&Schema<'_>]) -> Option<Vec<(String, i64)>> {
    let mut names = Names::default();
    names.take("Other");
    let one = |part: &&Schema<'_>| match part.values[..] {
        [value] => Some((names.unique(&type_name(part.title?)), value.integer()?)),
        _ => None,
    };
    parts.iter().map(one).collect()
}

/// Gives each variant a name that is its own.
fn named(variants: Vec<(String, Ty)>, types: &Types<'_, '_>) -> Vec<(String, Ty)> {
    let mut names = Names::default();
    variants
        .into_iter()
        .map(|(name, ty)| {
            let wanted = if name.is_empty() { types.shown(&ty) } else { name };
            let wanted = if wanted == "Self" { "Itself".to_owned() } else { wanted };
            (names.unique(&wanted), ty)
        })
        .collect()
}

impl Types<'_, '_> {
    /// A type in one word.
    fn shown(&self, ty: &Ty) -> String {
        match ty {
            Ty::Bool => "Bool".to_owned(),
            Ty::I64 | Ty::U64 => "Integer".to_owned(),
            Ty::F64 => "Number".to_owned(),
            Ty::Text => "Text".to_owned(),
            Ty::Value => "Any".to_owned(),
            Ty::List(item) => format!("{}List", self.shown(item)),
            Ty::Map(_) => "Map".to_owned(),
            Ty::Maybe(inner) => self.shown(inner),
            Ty::Named(id) => self.defs[*id].name.clone(),
        }
    }
}
