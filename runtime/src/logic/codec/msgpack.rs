//! MessagePack.

use rmpv::Value as Item;
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::Value;

use super::{MORE, absent, float, name};
use crate::types::codec::{Codec, Lists};
use crate::types::error::BoxError;

/// MessagePack, for `codec = perennial::codec::MessagePack` (feature `msgpack`).
///
/// Structs are sent as maps with the names of their fields, and read from maps or arrays. When rules and pages look
/// at the body, bytes are lists of numbers, an extension is a list of its type and its bytes, and numbers that JSON
/// cannot hold are texts.
///
/// ```
/// use perennial::codec::MessagePack;
/// use perennial::{Result, api_client};
///
/// #[api_client(codec = MessagePack)]
/// trait Sensors {
///     #[post("/readings")]
///     async fn send(&self, #[encoded] celsius: &[f64]) -> Result<u64>;
/// }
/// ```
#[derive(Debug, Clone, Copy)]
pub struct MessagePack;

/// How deep the values of a response may be nested, as in JSON. A list takes one byte, and the decoders' own limit of 1,024
/// is more than the stack of a thread of tokio can hold in a build without optimization.
const DEPTH: usize = 128;

impl Lists for MessagePack {}

impl Codec for MessagePack {
    const MEDIA_TYPE: &'static str = "application/msgpack";
    type Error = BoxError;

    fn encode<T: Serialize + ?Sized>(value: &T) -> Result<Vec<u8>, BoxError> {
        Ok(rmp_serde::to_vec_named(value)?)
    }

    fn decode<T: DeserializeOwned>(body: &[u8], at: &[&str]) -> Result<T, BoxError> {
        if at.is_empty() {
            let mut rest = body;
            let mut decoder = rmp_serde::Deserializer::new(&mut rest);
            decoder.set_max_depth(DEPTH);
            let value = T::deserialize(&mut decoder)?;
            return if rest.is_empty() { Ok(value) } else { Err(MORE.into()) };
        }
        let whole = whole(body)?;
        let found = at.iter().try_fold(&whole, |item, name| member(item, name));
        match found {
            Some(item) => {
                let mut bytes = Vec::new();
                rmpv::encode::write_value(&mut bytes, item)?;
                Ok(rmp_serde::from_slice(&bytes)?)
            }
            // A value that may be missing is nil.
            None => rmpv::ext::from_value(Item::Nil).map_err(|_| absent(at)),
        }
    }

    fn view(body: &[u8]) -> Result<Value, BoxError> {
        Ok(viewed(whole(body)?))
    }

    /// A list or a map.
    fn may_begin(begun: &[u8]) -> bool {
        begun.first().is_none_or(|first| matches!(first, 0x80..=0x9f | 0xdc..=0xdf))
    }
}

fn whole(mut body: &[u8]) -> Result<Item, BoxError> {
    // This one counts each level twice.
    let item = rmpv::decode::read_value_with_max_depth(&mut body, 2 * DEPTH)?;
    // Nearly any byte is a number in this format, so a body of another format is detected by the bytes that follow.
    if body.is_empty() { Ok(item) } else { Err(MORE.into()) }
}

fn member<'a>(item: &'a Item, name: &str) -> Option<&'a Item> {
    match item {
        Item::Map(members) => {
            let is_it = |(key, _): &&(Item, Item)| key.as_str() == Some(name);
            members.iter().find(is_it).map(|(_, value)| value)
        }
        Item::Array(items) => items.get(name.parse::<usize>().ok()?),
        _ => None,
    }
}

fn viewed(item: Item) -> Value {
    match item {
        Item::Boolean(flag) => flag.into(),
        Item::String(text) => String::from_utf8_lossy(text.as_bytes()).into(),
        Item::Binary(bytes) => bytes.into(),
        Item::F32(number) => float(number.into()),
        Item::F64(number) => float(number),
        Item::Integer(number) => {
            let negative = || number.as_i64().map(Value::from);
            let held = number.as_u64().map(Value::from).or_else(negative);
            held.unwrap_or_else(|| number.to_string().into())
        }
        Item::Array(items) => items.into_iter().map(viewed).collect(),
        Item::Map(members) => {
            let one = |(key, value)| (name(viewed(key)), viewed(value));
            Value::Object(members.into_iter().map(one).collect())
        }
        Item::Ext(kind, bytes) => Value::Array(vec![kind.into(), bytes.into()]),
        Item::Nil => Value::Null,
    }
}
