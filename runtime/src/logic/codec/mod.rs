//! Formats of bodies other than JSON, each behind a feature.

#[cfg(feature = "cbor")]
mod cbor;
#[cfg(feature = "msgpack")]
mod msgpack;
#[cfg(feature = "xml")]
mod xml;

#[cfg(feature = "cbor")]
pub use cbor::Cbor;
#[cfg(feature = "msgpack")]
pub use msgpack::MessagePack;
#[cfg(feature = "xml")]
pub use xml::Xml;

/// A JSON number, or a text if it is infinite or NaN, which JSON cannot hold. As null, a code would count as missing.
#[cfg(any(feature = "cbor", feature = "msgpack"))]
fn float(number: f64) -> serde_json::Value {
    let held = serde_json::Number::from_f64(number).map(serde_json::Value::Number);
    held.unwrap_or_else(|| number.to_string().into())
}

/// The name of a member. JSON allows only text.
#[cfg(any(feature = "cbor", feature = "msgpack"))]
fn name(key: serde_json::Value) -> String {
    match key {
        serde_json::Value::String(name) => name,
        other => other.to_string(),
    }
}

/// The error of a body that has content after its value.
#[cfg(any(feature = "cbor", feature = "msgpack"))]
const MORE: &str = "there is more after the value";

/// The error if there is nothing in a place.
#[cfg(any(feature = "cbor", feature = "msgpack", feature = "xml"))]
fn absent(at: &[&str]) -> crate::types::error::BoxError {
    format!("there is no value at `{}`", at.join(".")).into()
}

#[cfg(all(test, any(feature = "cbor", feature = "msgpack", feature = "xml")))]
mod tests;
