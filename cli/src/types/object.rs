//! Turns an object schema into a struct or a map.

use super::build::Made;
use super::name::singular;
use super::shown::address;
use super::{Aside, Context, Field, Kind, Ty, Types};
use crate::document::Schema;
use crate::names::{Names, snake};

impl<'d, 'a> Types<'d, 'a> {
    /// An object: a struct, or a map if it has no fields of its own.
    pub(super) fn object(&mut self, schema: &'d Schema<'a>, context: &Context) -> Made {
        let flat = self.flat(schema);
        let extra = match flat.additional {
            Some(schema) => {
                let name =
                    context.path.last().map_or_else(|| "value".to_owned(), |it| singular(it));
                Some(self.with_null(schema, &context.inside(&name, "additionalProperties")))
            }
            None if flat.any => Some(Ty::Value),
            None => None,
        };
        if flat.properties.is_empty() && flat.unions.is_empty() {
            return Made::Ty(Ty::Map(Box::new(extra.unwrap_or(Ty::Value))));
        }
        let tag = self.constant(schema, &flat.properties, &flat.required);
        let (mut fields, mut docs_of) = (Vec::new(), Vec::new());
        let mut names = Names::default();
        for word in ["extra", "kind"] {
            // The import uses these names, unless the document does.
            if !flat.properties.iter().any(|(name, _)| snake(name) == word) {
                names.take(word);
            }
        }
        for (wire, property) in &flat.properties {
            if tag.as_ref().is_some_and(|(name, _)| name == wire) {
                continue;
            }
            let ty = self.of(
                property,
                &context.inside(wire, &format!("properties/{}", crate::node::step(wire))),
            );
            docs_of.push(property.description.or(property.title).unwrap_or_default().to_owned());
            fields.push(Field {
                name: names.unique(&snake(wire)),
                wire: (*wire).to_owned(),
                nullable: self.is_nullable(property) && ty != Ty::Value,
                ty,
                required: flat.required.contains(wire),
                read_only: property.read_only,
                write_only: property.write_only,
                deprecated: property.deprecated,
                sends_null: Aside(self.shown.is_always_sent(property)),
            });
        }
        let flattened = self.beside(&flat.unions, context);
        let closed = flat.closed && extra.is_none() && flattened.is_none() && tag.is_none();
        let closed = closed && self.undecided.contains(&address(schema));
        Made::Kind(Kind::Struct { fields, tag, extra, flat: flattened, closed }, docs_of)
    }

    /// The type of unions in addition to the fields of a struct.
    fn beside(&mut self, unions: &[&'d Schema<'a>], context: &Context) -> Option<Ty> {
        let [first, rest @ ..] = unions else { return None };
        if !rest.is_empty() {
            self.notes.lost(
                &*context.at,
                "several unions next to the same fields; only the first union is declared",
            );
        }
        match self.union(first, &context.inside("kind", "oneOf")) {
            Made::Ty(Ty::Value) => None,
            Made::Ty(ty) => Some(ty),
            Made::Kind(kind, docs) => {
                Some(self.declare(kind, docs, first, &context.inside("kind", "oneOf")))
            }
        }
    }
}
