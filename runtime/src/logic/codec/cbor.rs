//! CBOR (RFC 8949).

use ciborium::Value as Item;
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::Value;

use super::{MORE, absent, float, name};
use crate::types::codec::{Codec, Lists};
use crate::types::error::BoxError;

/// CBOR (RFC 8949), for `codec = perennial::codec::Cbor` (feature `cbor`).
///
/// Structs are maps with the names of their fields. When rules and pages look at the body, bytes are lists of
/// numbers, tags are left out, and numbers that JSON cannot hold are texts.
#[derive(Debug, Clone, Copy)]
pub struct Cbor;

impl Lists for Cbor {}

impl Codec for Cbor {
    const MEDIA_TYPE: &'static str = "application/cbor";
    type Error = BoxError;

    fn encode<T: Serialize + ?Sized>(value: &T) -> Result<Vec<u8>, BoxError> {
        let mut bytes = Vec::new();
        ciborium::into_writer(value, &mut bytes)?;
        Ok(bytes)
    }

    fn decode<T: DeserializeOwned>(body: &[u8], at: &[&str]) -> Result<T, BoxError> {
        if at.is_empty() {
            return whole(body);
        }
        let whole: Item = whole(body)?;
        let found = at.iter().try_fold(&whole, |item, name| member(item, name));
        match found {
            Some(item) => Ok(item.deserialized()?),
            // A value that may be missing is null.
            None => Item::Null.deserialized().map_err(|_| absent(at)),
        }
    }

    fn view(body: &[u8]) -> Result<Value, BoxError> {
        Ok(viewed(whole(body)?))
    }

    /// A list, a map, or one of them inside a tag.
    fn may_begin(begun: &[u8]) -> bool {
        begun.first().is_none_or(|first| matches!(first, 0x80..=0xdb))
    }
}

fn whole<T: DeserializeOwned>(mut body: &[u8]) -> Result<T, BoxError> {
    let value = ciborium::from_reader(&mut body)?;
    if body.is_empty() { Ok(value) } else { Err(MORE.into()) }
}

fn member<'a>(item: &'a Item, name: &str) -> Option<&'a Item> {
    match item {
        Item::Map(members) => {
            let is_it = |(key, _): &&(Item, Item)| key.as_text() == Some(name);
            members.iter().find(is_it).map(|(_, value)| value)
        }
        Item::Array(items) => items.get(name.parse::<usize>().ok()?),
        Item::Tag(_, inner) => member(inner, name),
        _ => None,
    }
}

fn viewed(item: Item) -> Value {
    match item {
        Item::Bool(flag) => flag.into(),
        Item::Text(text) => text.into(),
        Item::Bytes(bytes) => bytes.into(),
        Item::Float(number) => float(number),
        Item::Integer(number) => {
            let number = i128::from(number);
            let negative = || i64::try_from(number).map(Value::from);
            let held = u64::try_from(number).map(Value::from).or_else(|_| negative());
            held.unwrap_or_else(|_| number.to_string().into())
        }
        Item::Array(items) => items.into_iter().map(viewed).collect(),
        Item::Map(members) => {
            let one = |(key, value)| (name(viewed(key)), viewed(value));
            Value::Object(members.into_iter().map(one).collect())
        }
        Item::Tag(_, inner) => viewed(*inner),
        _ => Value::Null,
    }
}
