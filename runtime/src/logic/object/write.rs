//! Writes a struct as an object.

use serde::ser::{Error, SerializeMap};
use serde::{Serialize, Serializer};
use serde_json::{Map, Value};

use super::nothing::is_none;

/// A field while the object is written.
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot be a field of a type that derives `Json`",
    label = "does not implement `Serialize`",
    note = "derive `Json` for `{Self}`, or serde's `Serialize` and `Deserialize`"
)]
pub trait Entry<S: SerializeMap> {
    /// Writes it.
    ///
    /// # Errors
    ///
    /// If its value cannot be serialized.
    fn write(&self, name: &'static str, to: &mut S) -> Result<(), S::Error>;

    /// Whether it is `None`.
    fn is_none(&self) -> bool;
}

// The trait's own message says more than a bound here would.
#[diagnostic::do_not_recommend]
impl<S: SerializeMap, T: Serialize> Entry<S> for T {
    fn write(&self, name: &'static str, to: &mut S) -> Result<(), S::Error> {
        to.serialize_entry(name, self)
    }

    fn is_none(&self) -> bool {
        is_none(self)
    }
}

/// The fields of a struct: their names, whether `None` is written as `null`, and their values.
type Entries<'e, S> = [(&'static str, bool, &'e dyn Entry<S>)];

/// Writes the fields of a struct.
///
/// # Errors
///
/// If a value cannot be serialized.
pub fn write<S: Serializer>(
    to: S,
    fields: &Entries<'_, S::SerializeMap>,
) -> Result<S::Ok, S::Error> {
    let count = fields.iter().filter(|it| it.1 || !it.2.is_none()).count();
    let mut map = to.serialize_map(Some(count))?;
    entries(&mut map, fields)?;
    map.end()
}

/// Writes the fields of a struct, and those of flattened values.
///
/// # Errors
///
/// If a value cannot be serialized, or if a flattened value is not an object.
pub fn write_with<S: Serializer, const N: usize>(
    to: S,
    fields: &Entries<'_, S::SerializeMap>,
    beside: [Result<Value, serde_json::Error>; N],
) -> Result<S::Ok, S::Error> {
    let mut others = Map::new();
    for value in beside {
        match value.map_err(S::Error::custom)? {
            Value::Object(its) => others.extend(its),
            Value::Null => {}
            _ => return Err(S::Error::custom("only an object can be flattened")),
        }
    }
    // A constant field is not declared, so it was read among the other members.
    for (name, ..) in fields {
        others.remove(*name);
    }
    let mut map = to.serialize_map(None)?;
    entries(&mut map, fields)?;
    others.iter().try_for_each(|(name, value)| map.serialize_entry(name, value))?;
    map.end()
}

fn entries<S: SerializeMap>(map: &mut S, fields: &Entries<'_, S>) -> Result<(), S::Error> {
    fields
        .iter()
        .filter(|(_, writes_null, value)| *writes_null || !value.is_none())
        .try_for_each(|(name, _, value)| value.write(name, map))
}
