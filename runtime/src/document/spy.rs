//! Decodes a value and observes which fields its type asks for, to find those that the document does not have.

use std::cell::RefCell;
use std::collections::BTreeSet;

use serde::de::value::StrDeserializer;
use serde::de::{DeserializeSeed, Deserializer, IntoDeserializer, MapAccess, SeqAccess, Visitor};
use serde::forward_to_deserialize_any;
use serde_json::{Error, Value};

use super::schema::{Document, place};

/// Fields that a type asked for and the document does not have.
pub(super) type Found = RefCell<BTreeSet<String>>;

/// A value with its schema.
#[derive(Debug, Clone)]
pub struct Spy<'d, 'v> {
    pub(super) document: Document<'d>,
    pub(super) schema: Option<&'d Value>,
    pub(super) value: &'v Value,
    pub(super) at: String,
    pub(super) found: &'v Found,
}

impl<'d, 'v> Spy<'d, 'v> {
    fn inside(&self, schema: Option<&'d Value>, value: &'v Value, step: &str) -> Self {
        let at = format!("{}/{step}", self.at);
        Self { schema, value, at, ..self.clone() }
    }
}

impl<'de, 'd, 'v: 'de> Deserializer<'de> for Spy<'d, 'v> {
    type Error = Error;

    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        match self.value {
            Value::Array(items) => {
                let schema = self.schema.and_then(|it| self.document.items(it));
                visitor.visit_seq(Items { spy: self.clone(), schema, items: items.iter(), at: 0 })
            }
            Value::Object(fields) => {
                let properties = self.schema.and_then(|it| self.document.properties(it));
                let fields = fields.iter();
                visitor.visit_map(Fields { spy: self.clone(), properties, fields, value: None })
            }
            other => other.deserialize_any(visitor),
        }
    }

    fn deserialize_struct<V: Visitor<'de>>(
        self,
        _: &'static str,
        names: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Error> {
        let properties = self.schema.and_then(|it| self.document.properties(it));
        if let Some(properties) = properties {
            let is_unknown = |name: &&&str| properties.iter().all(|(other, _)| other != *name);
            let unknown = names.iter().filter(is_unknown);
            self.found.borrow_mut().extend(unknown.map(|name| {
                format!("{}: the type has `{name}`, which the document does not", place(&self.at))
            }));
        }
        self.deserialize_any(visitor)
    }

    fn deserialize_option<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        if self.value.is_null() { visitor.visit_none() } else { visitor.visit_some(self) }
    }

    fn deserialize_newtype_struct<V: Visitor<'de>>(
        self,
        _: &'static str,
        visitor: V,
    ) -> Result<V::Value, Error> {
        visitor.visit_newtype_struct(self)
    }

    fn deserialize_enum<V: Visitor<'de>>(
        self,
        name: &'static str,
        variants: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Error> {
        self.value.deserialize_enum(name, variants, visitor)
    }

    forward_to_deserialize_any! {
        bool i8 i16 i32 i64 i128 u8 u16 u32 u64 u128 f32 f64 char str string bytes byte_buf unit unit_struct
        seq tuple tuple_struct map identifier ignored_any
    }
}

struct Items<'d, 'v> {
    spy: Spy<'d, 'v>,
    schema: Option<&'d Value>,
    items: std::slice::Iter<'v, Value>,
    at: usize,
}

impl<'de, 'd, 'v: 'de> SeqAccess<'de> for Items<'d, 'v> {
    type Error = Error;

    fn next_element_seed<T: DeserializeSeed<'de>>(
        &mut self,
        seed: T,
    ) -> Result<Option<T::Value>, Error> {
        let Some(item) = self.items.next() else { return Ok(None) };
        let at = self.at.to_string();
        self.at += 1;
        seed.deserialize(self.spy.inside(self.schema, item, &at)).map(Some)
    }
}

struct Fields<'d, 'v> {
    spy: Spy<'d, 'v>,
    properties: Option<Vec<(&'d str, &'d Value)>>,
    fields: serde_json::map::Iter<'v>,
    value: Option<(&'v str, &'v Value)>,
}

impl<'de, 'd, 'v: 'de> MapAccess<'de> for Fields<'d, 'v> {
    type Error = Error;

    fn next_key_seed<K: DeserializeSeed<'de>>(
        &mut self,
        seed: K,
    ) -> Result<Option<K::Value>, Error> {
        let Some((name, value)) = self.fields.next() else { return Ok(None) };
        self.value = Some((name, value));
        let name: StrDeserializer<'_, Error> = name.as_str().into_deserializer();
        seed.deserialize(name).map(Some)
    }

    fn next_value_seed<T: DeserializeSeed<'de>>(&mut self, seed: T) -> Result<T::Value, Error> {
        let (name, value) = self.value.take().unwrap_or(("", &Value::Null));
        let properties = self.properties.iter().flatten();
        let mut schemas = properties.filter(|(other, _)| *other == name).map(|(_, schema)| *schema);
        // Variants may describe a field differently, so nothing is known about its content.
        let schema = schemas.next().filter(|_| schemas.next().is_none());
        seed.deserialize(self.spy.inside(schema, value, name))
    }
}
