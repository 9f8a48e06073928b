//! Turns `oneOf` and `anyOf` into an enum: distinguished by the value of a field if there is one, otherwise by
//! which variant can be decoded.

use super::build::Made;
use super::{Context, Field, Id, Kind, Ty, Types};
use crate::document::Schema;
use crate::names::{Names, pascal, type_name};

/// Unions within unions are looked at this deep.
const DEEP: usize = 6;

impl<'d, 'a> Types<'d, 'a> {
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

    /// The name of a variant: that of its type, or the distinguishing value. Empty if there is none.
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

    /// A union whose variants are distinguished only by which one can be decoded.
    pub(super) fn untagged(&mut self, mut variants: Vec<(String, Ty)>) -> Made {
        variants.dedup_by(|a, b| a.1 == b.1);
        if variants.iter().any(|(_, ty)| *self.behind(ty) == Ty::Value) {
            return Made::Ty(Ty::Value);
        }
        self.absorb_texts(&mut variants);
        variants.sort_by_key(|(_, ty)| self.order(ty, |_, it| it.required));
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

    /// A union of existing types.
    pub fn any(&mut self, variants: Vec<(String, Ty)>, context: &Context) -> Ty {
        match self.untagged(variants) {
            Made::Ty(ty) => ty,
            Made::Kind(kind, docs) => self.declare(kind, docs, &Schema::default(), context),
        }
    }

    /// Next to a string, an open enum of strings is enough, and next to several enums, a string.
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

    /// The variant with the most required fields is tried first.
    pub(super) fn order(
        &self,
        ty: &Ty,
        is_required: impl Fn(Id, &Field) -> bool + Copy,
    ) -> (u8, std::cmp::Reverse<(usize, usize)>) {
        let size = |required: usize, all: usize| std::cmp::Reverse((required, all));
        match self.behind(ty) {
            Ty::Bool => (0, size(0, 0)),
            Ty::I64 | Ty::U64 => (1, size(0, 0)),
            Ty::F64 | Ty::Number => (2, size(0, 0)),
            Ty::List(item) => {
                let (rank, inner) = self.order(item, is_required);
                (3, size(usize::from(20 - rank.min(19)), inner.0.0))
            }
            Ty::Map(value) if **value == Ty::Value => (7, size(0, 0)),
            Ty::Map(_) => (6, size(0, 0)),
            Ty::Maybe(inner) => self.order(inner, is_required),
            Ty::Text => (9, size(0, 0)),
            Ty::Value => (10, size(0, 0)),
            Ty::Named(id) => match &self.defs[*id].kind {
                Some(Kind::Texts { open: false, .. }) => (0, size(0, 0)),
                Some(Kind::Texts { .. }) => (8, size(0, 0)),
                Some(Kind::Numbers(_)) => (1, size(0, 0)),
                Some(Kind::Struct { fields, .. }) => {
                    (5, size(fields.iter().filter(|it| is_required(*id, it)).count(), fields.len()))
                }
                Some(Kind::Union { .. }) => (5, size(1, 0)),
                // It is being created, or is waiting for this one; its schema says what it will be.
                Some(Kind::Alias(_)) | None => self.order_of_component(*id),
            },
        }
    }

    fn order_of_component(&self, id: super::Id) -> (u8, std::cmp::Reverse<(usize, usize)>) {
        use std::cmp::Reverse;
        let Some((_, schema)) = self.document.schemas.get(self.defs[id].owner) else {
            return (5, Reverse((0, 0)));
        };
        // A union of one variant is that variant.
        let mut schema = schema;
        for _ in 0..16 {
            let [only] = &schema.one_of[..] else { break };
            schema = self.target(only).unwrap_or(only);
        }
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

    /// Whether a value of a type may be without a field.
    pub(super) fn may_lack(&self, ty: &Ty, property: &str, depth: usize) -> bool {
        match self.kind_of(ty) {
            Some(Kind::Struct { fields, tag, flat, .. }) => {
                let is_tag = tag.as_ref().is_some_and(|(name, _)| name == property);
                let own = fields.iter().find(|it| it.wire == property);
                let is_beside =
                    || flat.as_ref().is_none_or(|it| self.may_lack(it, property, depth + 1));
                !is_tag && own.map_or_else(is_beside, |it| !it.required)
            }
            Some(Kind::Union { variants, .. }) => {
                depth < DEEP
                    && variants.iter().any(|(_, it)| self.may_lack(it, property, depth + 1))
            }
            _ => false,
        }
    }

    /// The strings of a union that contains only strings, some of which may be any string.
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

/// The variants of a union, including those of unions that are nested directly in it.
pub(super) fn leaves<'d, 'a>(schema: &'d Schema<'a>) -> Vec<&'d Schema<'a>> {
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

/// Gives each variant a unique name.
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
            Ty::I64 | Ty::U64 | Ty::Number => "Integer".to_owned(),
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
