//! Finds the field that distinguishes the variants of a union, and the fields that have only one value.

use super::Types;
use super::shown::address;
use super::union::leaves;
use crate::document::Schema;

/// The depth to which unions within unions are read.
const DEEP: usize = 6;

/// The field that distinguishes variants, and its values for each of them.
type Tag = (String, Vec<Vec<String>>);

impl<'d, 'a> Types<'d, 'a> {
    /// Finds the structs that are distinguished by which one can be decoded, so that their constant fields stay.
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
        // A union with a variant that does not restrict its value accepts any value.
        let is_union = schema.one_of.len() > 1 && !schema.one_of.iter().any(Schema::says_nothing);
        if is_union && self.tag_of(schema, &leaves(schema)).is_none() {
            for variant in &schema.one_of {
                let mut target = self.target(variant).unwrap_or(variant);
                self.undecided.insert(address(target));
                // A union of one is that one.
                while let [only] = &target.one_of[..] {
                    target = self.target(only).unwrap_or(only);
                    if !self.undecided.insert(address(target)) {
                        break;
                    }
                }
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

    /// A required field with only one value, if nothing needs to read it.
    pub(super) fn constant(
        &self,
        schema: &'d Schema<'a>,
        properties: &[(&'a str, &'d Schema<'a>)],
        required: &[&str],
    ) -> Option<(String, String)> {
        if self.undecided.contains(&address(schema)) {
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

    /// The values that a schema lists, possibly through one other schema.
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

    /// Whether a union can be added to fields: it is an object itself, and so is each of its variants.
    pub(super) fn is_struct_with_union(&self, schema: &'d Schema<'a>) -> bool {
        // Variants that only say what is required distinguish nothing.
        let chooses = schema.one_of.iter().any(|it| !it.says_nothing());
        let is_map = matches!(schema.additional, crate::document::Additional::Of(_));
        (!schema.properties.is_empty() || is_map && !chooses)
            && (!chooses || schema.one_of.iter().all(|it| self.lies_beside(it, 0)))
    }

    /// Whether the fields of a variant can be added to others: it is an object, or a union of objects.
    fn lies_beside(&self, variant: &'d Schema<'a>, depth: usize) -> bool {
        let is_union = |it: &'d Schema<'a>| {
            depth < 8
                && !it.one_of.is_empty()
                && it.types.is_empty()
                && it.one_of.iter().all(|it| self.lies_beside(it, depth + 1))
        };
        self.flat(variant).is_object
            || variant.says_nothing()
            || self.target(variant).is_some_and(is_union)
    }

    /// The field that distinguishes the variants of a union.
    pub(super) fn tag_of(&self, schema: &'d Schema<'a>, parts: &[&'d Schema<'a>]) -> Option<Tag> {
        if parts.len() < 2 || schema.is_untagged {
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
                parts.iter().map(|it| self.told_values(it, name, 0)).collect();
            Some(((*name).to_owned(), values.filter(|it| are_apart(it))?))
        })
    }

    /// The values of a required field, if they are limited.
    fn told_values(&self, part: &'d Schema<'a>, name: &str, depth: usize) -> Option<Vec<String>> {
        // A union can be its own variant.
        let target = self.target(part).filter(|_| depth < DEEP)?;
        // A union within a union is recognized by the values of all its variants.
        if !target.one_of.is_empty() && target.properties.is_empty() && target.all_of.is_empty() {
            let inner: Option<Vec<_>> =
                target.one_of.iter().map(|it| self.told_values(it, name, depth + 1)).collect();
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

    /// Whether the values of a field are listed, in a schema or in one of its variants.
    fn lists_values(&self, part: &'d Schema<'a>, name: &str, depth: usize) -> bool {
        let Some(target) = self.target(part).filter(|_| depth < DEEP) else { return false };
        let flat = self.flat(part);
        let mut own = flat.properties.iter().filter(|(other, _)| *other == name);
        own.any(|(_, it)| !self.values_of(it).is_empty())
            || target.one_of.iter().any(|it| self.lists_values(it, name, depth + 1))
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
            true => self.told_values(part, property, 0).or_else(|| {
                // Without a mapping, the name of the schema is the value, unless the schema has other values.
                own.filter(|_| mapping.is_empty() && !self.lists_values(part, property, 0))
                    .map(|own| vec![self.document.schemas[own].0.to_owned()])
            }),
        }
    }
}

/// Whether every variant has a value and no two have the same.
fn are_apart(values: &[Vec<String>]) -> bool {
    let mut seen = std::collections::HashSet::new();
    values.iter().all(|it| !it.is_empty()) && values.iter().flatten().all(|it| seen.insert(it))
}
