//! An object becomes a struct.

use std::fmt;
use std::marker::PhantomData;

use serde::de::{DeserializeSeed, Error, IgnoredAny, MapAccess, Visitor};
use serde::{Deserialize, Deserializer};
use serde_json::{Map, Value};

use super::missing::Missing;

/// A struct that is read from an object.
pub trait Object<'de>: Sized {
    /// Its name, for errors.
    const NAME: &'static str;

    /// The names of its fields on the wire, without those that lie beside them.
    const FIELDS: &'static [&'static str];

    /// Reads its fields.
    ///
    /// # Errors
    ///
    /// If a field has a value of another type, is there twice, or is missing.
    fn read<A: MapAccess<'de>>(from: A) -> Result<Self, A::Error>;
}

/// The place of a field while the object is read.
pub trait Slot<'de, A: MapAccess<'de>> {
    /// Reads the value of the field.
    ///
    /// # Errors
    ///
    /// If it has a value of another type, or already has one.
    fn fill(&mut self, name: &'static str, from: &mut A) -> Result<(), A::Error>;
}

impl<'de, A: MapAccess<'de>, T: Deserialize<'de>> Slot<'de, A> for Option<T> {
    fn fill(&mut self, name: &'static str, from: &mut A) -> Result<(), A::Error> {
        if self.is_some() {
            return Err(A::Error::duplicate_field(name));
        }
        *self = Some(from.next_value()?);
        Ok(())
    }
}

/// The places of the fields of a struct, in the order of their names.
type Slots<'s, 'de, A> = [&'s mut dyn Slot<'de, A>];

/// Reads a struct.
///
/// # Errors
///
/// As for [`Object::read`], and if it is not an object.
pub fn object<'de, T: Object<'de>, D: Deserializer<'de>>(from: D) -> Result<T, D::Error> {
    from.deserialize_struct(T::NAME, T::FIELDS, ObjectVisitor(PhantomData))
}

/// Reads the fields of a struct. Others are ignored.
///
/// # Errors
///
/// If a field has a value of another type, or is there twice.
pub fn read<'de, T: Object<'de>, A: MapAccess<'de>>(
    from: A,
    slots: &mut Slots<'_, 'de, A>,
) -> Result<(), A::Error> {
    each(from, T::FIELDS, slots, |_, from| from.next_value::<IgnoredAny>().map(drop))
}

/// Reads the fields of a struct that has no others.
///
/// # Errors
///
/// As for [`read`], and if there is another field.
pub fn read_closed<'de, T: Object<'de>, A: MapAccess<'de>>(
    from: A,
    slots: &mut Slots<'_, 'de, A>,
) -> Result<(), A::Error> {
    each(from, T::FIELDS, slots, |name, _| {
        Err(A::Error::custom(format_args!("unknown field `{name}`")))
    })
}

/// Reads the fields of a struct, and returns the others.
///
/// # Errors
///
/// As for [`read`].
pub fn read_all<'de, T: Object<'de>, A: MapAccess<'de>>(
    from: A,
    slots: &mut Slots<'_, 'de, A>,
) -> Result<Map<String, Value>, A::Error> {
    let mut rest = Map::new();
    each(from, T::FIELDS, slots, |name, from| {
        rest.insert(name.to_owned(), from.next_value()?);
        Ok(())
    })?;
    Ok(rest)
}

/// The value of a field. One that is not there is `None`, if its type allows it.
///
/// # Errors
///
/// If it is missing.
pub fn field<'de, T: Deserialize<'de>, E: Error>(
    value: Option<T>,
    name: &'static str,
) -> Result<T, E> {
    value.map_or_else(|| T::deserialize(Missing::new(name)), Ok)
}

/// A field that holds the others.
///
/// # Errors
///
/// If its type cannot.
pub fn rest<'de, T: Deserialize<'de>, E: Error>(others: &Map<String, Value>) -> Result<T, E> {
    T::deserialize(Value::Object(others.clone())).map_err(E::custom)
}

fn each<'de, A: MapAccess<'de>>(
    mut from: A,
    names: &'static [&'static str],
    slots: &mut Slots<'_, 'de, A>,
    mut other: impl FnMut(&str, &mut A) -> Result<(), A::Error>,
) -> Result<(), A::Error> {
    // Servers send fields in their order, so that the next one is nearly always found at once.
    let mut next = 0;
    while let Some(key) = from.next_key_seed(Names { names, next })? {
        match key {
            Key::Known(at) => {
                slots[at].fill(names[at], &mut from)?;
                next = at + 1;
            }
            Key::Other(name) => other(&name, &mut from)?,
        }
    }
    Ok(())
}

/// The name of a field that was read.
enum Key {
    Known(usize),
    Other(String),
}

/// Finds a name among those of the fields, beginning behind the last one.
struct Names {
    names: &'static [&'static str],
    next: usize,
}

impl<'de> DeserializeSeed<'de> for Names {
    type Value = Key;

    fn deserialize<D: Deserializer<'de>>(self, from: D) -> Result<Key, D::Error> {
        from.deserialize_identifier(self)
    }
}

impl Visitor<'_> for Names {
    type Value = Key;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the name of a field")
    }

    fn visit_str<E>(self, name: &str) -> Result<Key, E> {
        let (before, behind) = self.names.split_at(self.next.min(self.names.len()));
        let found = behind.iter().position(|it| *it == name).map(|at| before.len() + at);
        let found = found.or_else(|| before.iter().position(|it| *it == name));
        Ok(found.map_or_else(|| Key::Other(name.to_owned()), Key::Known))
    }
}

struct ObjectVisitor<T>(PhantomData<T>);

impl<'de, T: Object<'de>> Visitor<'de> for ObjectVisitor<T> {
    type Value = T;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "struct {}", T::NAME)
    }

    fn visit_map<A: MapAccess<'de>>(self, from: A) -> Result<T, A::Error> {
        T::read(from)
    }
}
