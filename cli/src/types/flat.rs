//! An object schema, merged with everything in its `allOf` and references.

use std::collections::HashSet;

use super::Types;
use crate::document::{Additional, Schema};

/// An object schema, merged.
#[derive(Default)]
pub(super) struct Flat<'d, 'a> {
    /// Properties; later ones replace earlier ones.
    pub(super) properties: Vec<(&'a str, &'d Schema<'a>)>,
    /// Names that are required.
    pub(super) required: Vec<&'a str>,
    /// The additional properties.
    pub(super) additional: Option<&'d Schema<'a>>,
    /// Whether the schema itself allows anything else.
    pub(super) any: bool,
    /// Whether nothing else is allowed.
    pub(super) closed: bool,
    /// Unions in addition to the properties.
    pub(super) unions: Vec<&'d Schema<'a>>,
    /// Whether all of it is an object.
    pub(super) is_object: bool,
    /// A description of one of the parts.
    pub(super) description: Option<&'a str>,
}

impl<'d, 'a> Types<'d, 'a> {
    /// The schema to which a reference finally leads, or the schema itself. `None` if it leads nowhere.
    pub fn target(&self, schema: &'d Schema<'a>) -> Option<&'d Schema<'a>> {
        let mut schema = schema;
        for _ in 0..64 {
            let Some(reference) = schema.reference else { return Some(schema) };
            schema = &self.document.schemas[self.document.schema_of(reference)?].1;
        }
        None
    }

    /// Whether `null` is allowed, wherever that is specified.
    pub fn is_nullable(&self, schema: &'d Schema<'a>) -> bool {
        self.nullable_within(schema, 0)
    }

    fn nullable_within(&self, schema: &'d Schema<'a>, depth: usize) -> bool {
        if schema.nullable {
            return true;
        }
        if depth > 16 {
            return false;
        }
        let of = |it: &'d Schema<'a>| self.nullable_within(it, depth + 1);
        match schema.reference {
            Some(_) => self.target(schema).is_some_and(of),
            None => {
                schema.one_of.iter().any(of)
                    || (schema.all_of.iter().any(of)
                        && schema.all_of.iter().all(|it| it.says_nothing() || of(it)))
            }
        }
    }

    /// The properties of an object, and whether they are required.
    pub fn properties(&self, schema: &'d Schema<'a>) -> Vec<(&'a str, &'d Schema<'a>, bool)> {
        let flat = self.flat(schema);
        flat.properties
            .iter()
            .map(|(name, it)| (*name, *it, flat.required.contains(name)))
            .collect()
    }

    /// Whether a schema describes a file.
    pub fn is_binary(&self, schema: &Schema<'_>) -> bool {
        schema.is_binary
            || schema
                .reference
                .and_then(|it| self.document.schema_of(it))
                .is_some_and(|it| self.document.schemas[it].1.is_binary)
    }

    /// The schema as one object. It is one only if `is_object` is true.
    pub(super) fn flat(&self, schema: &'d Schema<'a>) -> Flat<'d, 'a> {
        let mut flat = Flat { is_object: true, ..Flat::default() };
        let mut seen = HashSet::new();
        let mut has_object = false;
        self.flatten(schema, &mut flat, &mut seen, &mut has_object);
        flat.is_object &= has_object;
        flat
    }

    fn flatten(
        &self,
        schema: &'d Schema<'a>,
        flat: &mut Flat<'d, 'a>,
        seen: &mut HashSet<*const Schema<'a>>,
        has_object: &mut bool,
    ) {
        let Some(schema) = self.target(schema) else { return };
        if !seen.insert(schema) {
            return;
        }
        flat.description = flat.description.or(schema.description);
        for part in &schema.all_of {
            self.flatten(part, flat, seen, has_object);
        }
        if schema.is_object() {
            *has_object = true;
        } else if !schema.types.is_empty() || !schema.values.is_empty() {
            flat.is_object = false;
        }
        for (name, property) in &schema.properties {
            match flat.properties.iter_mut().find(|(other, _)| other == name) {
                // A part that does not specify it keeps that of another part.
                Some(_) if property.says_nothing() => {}
                Some(other) => other.1 = property,
                None => flat.properties.push((name, property)),
            }
        }
        flat.required.extend(&schema.required);
        match &schema.additional {
            Additional::Unsaid => {}
            Additional::No => flat.closed = true,
            Additional::Any => flat.any = true,
            Additional::Of(schema) => flat.additional = Some(schema),
        }
        let adds_fields = |it: &Schema<'a>| !it.says_nothing() || !it.one_of.is_empty();
        if schema.one_of.iter().any(adds_fields) {
            flat.unions.push(schema);
        }
    }
}
