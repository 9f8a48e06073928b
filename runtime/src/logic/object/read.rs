//! Reads a struct from an object.

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

    /// The names of its fields in JSON, without flattened fields.
    const FIELDS: &'static [&'static str];

    /// Reads its fields.
    ///
    /// # Errors
    ///
    /// If a field has a value of another type, occurs twice, or is missing.
    fn read<A: MapAccess<'de>>(from: A) -> Result<Self, A::Error>;
}

/// The slot of a field while the object is read.
#[diagnostic::on_unimplemented(
    message = "a field of a type that derives `Json` cannot be read into `{Self}`",
    label = "does not implement `Deserialize`",
    note = "derive `Json` for the type of the field, or serde's `Serialize` and `Deserialize`"
)]
pub trait Slot<'de, A: MapAccess<'de>> {
    /// Reads the value of the field.
    ///
    /// # Errors
    ///
    /// If it has a value of another type, or already has one.
    fn fill(&mut self, name: &'static str, from: &mut A) -> Result<(), A::Error>;

    /// Gives the field a value if the object has none: `None`, if its type allows it.
    ///
    /// # Errors
    ///
    /// If it is missing.
    fn settle(&mut self, name: &'static str) -> Result<(), A::Error>;
}

// The message of the trait says more than the bound here.
#[diagnostic::do_not_recommend]
impl<'de, A: MapAccess<'de>, T: Deserialize<'de>> Slot<'de, A> for Option<T> {
    fn fill(&mut self, name: &'static str, from: &mut A) -> Result<(), A::Error> {
        if self.is_some() {
            return Err(A::Error::duplicate_field(name));
        }
        *self = Some(from.next_value()?);
        Ok(())
    }

    fn settle(&mut self, name: &'static str) -> Result<(), A::Error> {
        if self.is_none() {
            *self = Some(T::deserialize(Missing::new(name))?);
        }
        Ok(())
    }
}

/// The slot of a field that may be absent, which differs from `null`.
#[derive(Debug)]
pub struct Absent<'p, T>(pub &'p mut Option<T>);

// The message of the trait says more than the bound here.
#[diagnostic::do_not_recommend]
impl<'de, A: MapAccess<'de>, T: Deserialize<'de>> Slot<'de, A> for Absent<'_, T> {
    fn fill(&mut self, name: &'static str, from: &mut A) -> Result<(), A::Error> {
        self.0.fill(name, from)
    }

    fn settle(&mut self, _: &'static str) -> Result<(), A::Error> {
        Ok(())
    }
}

/// The slots of the fields of a struct, in the order of their names.
type Slots<'s, 'de, A> = [&'s mut dyn Slot<'de, A>];

/// Reads a struct.
///
/// # Errors
///
/// As for [`Object::read`], and if it is not an object.
pub fn object<'de, T: Object<'de>, D: Deserializer<'de>>(from: D) -> Result<T, D::Error> {
    from.deserialize_struct(T::NAME, T::FIELDS, ObjectVisitor(PhantomData))
}

/// Reads the fields of a struct, all of which then have a value. Other members are ignored. It is compiled once for
/// all structs.
///
/// # Errors
///
/// If a field has a value of another type, occurs twice, or is missing.
pub fn read<'de, A: MapAccess<'de>>(
    from: A,
    names: &'static [&'static str],
    slots: &mut Slots<'_, 'de, A>,
) -> Result<(), A::Error> {
    each(from, names, slots, |_, from| from.next_value::<IgnoredAny>().map(drop))
}

/// Reads the fields of a struct that allows no other members.
///
/// # Errors
///
/// As for [`read`], and if there is another member.
pub fn read_closed<'de, A: MapAccess<'de>>(
    from: A,
    names: &'static [&'static str],
    slots: &mut Slots<'_, 'de, A>,
) -> Result<(), A::Error> {
    each(from, names, slots, |name, _| {
        Err(A::Error::custom(format_args!("unknown field `{name}`")))
    })
}

/// Reads the fields of a struct, and returns the other members.
///
/// # Errors
///
/// As for [`read`].
pub fn read_all<'de, A: MapAccess<'de>>(
    from: A,
    names: &'static [&'static str],
    slots: &mut Slots<'_, 'de, A>,
) -> Result<Map<String, Value>, A::Error> {
    let mut rest = Map::new();
    each(from, names, slots, |name, from| {
        rest.insert(name.to_owned(), from.next_value()?);
        Ok(())
    })?;
    Ok(rest)
}

/// The error for a field without a value, although all fields were read.
///
/// # Errors
///
/// Always.
#[cold]
pub fn unsettled<T, E: Error>() -> Result<T, E> {
    Err(E::custom("a field has no value"))
}

/// A flattened field, from the other members.
///
/// # Errors
///
/// If its type cannot be read from them.
pub fn rest<'de, T: Deserialize<'de>, E: Error>(others: &Map<String, Value>) -> Result<T, E> {
    T::deserialize(Value::Object(others.clone())).map_err(E::custom)
}

fn each<'de, A: MapAccess<'de>>(
    mut from: A,
    names: &'static [&'static str],
    slots: &mut Slots<'_, 'de, A>,
    mut other: impl FnMut(&str, &mut A) -> Result<(), A::Error>,
) -> Result<(), A::Error> {
    // Servers send fields in a fixed order, so the next one is nearly always found at once.
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
    slots.iter_mut().zip(names).try_for_each(|(slot, name)| slot.settle(name))
}

/// The name of a field that was read.
enum Key {
    Known(usize),
    Other(String),
}

/// Finds a name among those of the fields, starting after the one that was found last.
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

fn expecting(name: &'static str, f: &mut fmt::Formatter<'_>) -> fmt::Result {
    write!(f, "struct {name}")
}

struct ObjectVisitor<T>(PhantomData<T>);

impl<'de, T: Object<'de>> Visitor<'de> for ObjectVisitor<T> {
    type Value = T;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        expecting(T::NAME, f)
    }

    fn visit_map<A: MapAccess<'de>>(self, from: A) -> Result<T, A::Error> {
        T::read(from)
    }
}
