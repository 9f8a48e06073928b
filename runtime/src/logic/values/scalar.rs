//! The serde form of a value as text: one text, none, or one for each item of a list.

use std::fmt::{self, Display};

use serde::ser::{self, Impossible, Serialize, SerializeSeq, SerializeTuple, SerializeTupleStruct};

/// Why a value has no such form.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Unfit(String);

impl Display for Unfit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for Unfit {}

impl ser::Error for Unfit {
    fn custom<T: Display>(message: T) -> Self {
        Self(message.to_string())
    }
}

/// How many texts a value may have.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Number {
    One,
    /// One or none.
    Maybe,
    Any,
    /// Inside a list.
    Item,
}

struct Texts<'a> {
    each: &'a mut dyn FnMut(&dyn Display),
    number: Number,
}

/// Passes the texts of a value to `each`.
pub(super) fn visit<T: Serialize + ?Sized>(
    value: &T,
    takes_lists: bool,
    each: &mut dyn FnMut(&dyn Display),
) -> Result<(), Unfit> {
    let number = if takes_lists { Number::Any } else { Number::Maybe };
    value.serialize(Texts { each, number })
}

/// Passes the single text of a value to `one`, or fails without calling it.
pub(super) fn visit_one<T: Serialize + ?Sized>(
    value: &T,
    one: &mut dyn FnMut(&dyn Display),
) -> Result<(), Unfit> {
    value.serialize(Texts { each: one, number: Number::One })
}

fn unfit<T>(what: &str) -> Result<T, Unfit> {
    Err(Unfit(format!("expected a single value, found {what}")))
}

/// A value with fields: in a query, they can be values of their own.
fn with_fields<T>(what: &str, number: Number) -> Result<T, Unfit> {
    unfit(&match number {
        Number::One => format!("{what}: take a parameter for each placeholder"),
        Number::Item => {
            format!("{what} in a list: declare `#[query(json)]` or `#[query(style = brackets)]`")
        }
        Number::Maybe | Number::Any => {
            format!("{what}: declare `#[query(flatten)]` or `#[query(json)]`")
        }
    })
}

impl<'a> Texts<'a> {
    fn text(self, text: impl Display) -> Result<(), Unfit> {
        (self.each)(&text);
        Ok(())
    }

    fn none(self) -> Result<(), Unfit> {
        if self.number == Number::One { unfit("none") } else { Ok(()) }
    }

    fn list(self) -> Result<Self, Unfit> {
        match self.number {
            Number::Any => Ok(Texts { each: self.each, number: Number::Item }),
            Number::One | Number::Maybe => unfit("a list"),
            Number::Item => unfit("a list within a list"),
        }
    }

    fn item<T: Serialize + ?Sized>(&mut self, value: &T) -> Result<(), Unfit> {
        value.serialize(Texts { each: &mut *self.each, number: Number::Item })
    }
}

macro_rules! texts {
    ($($function:ident: $type:ty),* $(,)?) => {$(
        fn $function(self, value: $type) -> Result<(), Unfit> {
            self.text(value)
        }
    )*};
}

impl<'a> ser::Serializer for Texts<'a> {
    type Ok = ();
    type Error = Unfit;
    type SerializeSeq = Self;
    type SerializeTuple = Self;
    type SerializeTupleStruct = Self;
    type SerializeTupleVariant = Impossible<(), Unfit>;
    type SerializeMap = Impossible<(), Unfit>;
    type SerializeStruct = Impossible<(), Unfit>;
    type SerializeStructVariant = Impossible<(), Unfit>;

    texts! {
        serialize_bool: bool,
        serialize_i8: i8,
        serialize_i16: i16,
        serialize_i32: i32,
        serialize_i64: i64,
        serialize_i128: i128,
        serialize_u8: u8,
        serialize_u16: u16,
        serialize_u32: u32,
        serialize_u64: u64,
        serialize_u128: u128,
        serialize_f32: f32,
        serialize_f64: f64,
        serialize_char: char,
        serialize_str: &str,
    }

    fn collect_str<T: Display + ?Sized>(self, value: &T) -> Result<(), Unfit> {
        self.text(value)
    }

    fn serialize_bytes(self, _: &[u8]) -> Result<(), Unfit> {
        unfit("bytes")
    }

    fn serialize_none(self) -> Result<(), Unfit> {
        self.none()
    }

    fn serialize_some<T: Serialize + ?Sized>(self, value: &T) -> Result<(), Unfit> {
        value.serialize(self)
    }

    fn serialize_unit(self) -> Result<(), Unfit> {
        self.none()
    }

    fn serialize_unit_struct(self, _: &'static str) -> Result<(), Unfit> {
        self.none()
    }

    fn serialize_unit_variant(
        self,
        _: &'static str,
        _: u32,
        variant: &'static str,
    ) -> Result<(), Unfit> {
        self.text(variant)
    }

    fn serialize_newtype_struct<T: Serialize + ?Sized>(
        self,
        _: &'static str,
        value: &T,
    ) -> Result<(), Unfit> {
        value.serialize(self)
    }

    fn serialize_newtype_variant<T: Serialize + ?Sized>(
        self,
        _: &'static str,
        _: u32,
        _: &'static str,
        _: &T,
    ) -> Result<(), Unfit> {
        unfit("a variant with a value")
    }

    fn serialize_seq(self, _: Option<usize>) -> Result<Self, Unfit> {
        self.list()
    }

    fn serialize_tuple(self, _: usize) -> Result<Self, Unfit> {
        self.list()
    }

    fn serialize_tuple_struct(self, _: &'static str, _: usize) -> Result<Self, Unfit> {
        self.list()
    }

    fn serialize_tuple_variant(
        self,
        _: &'static str,
        _: u32,
        _: &'static str,
        _: usize,
    ) -> Result<Self::SerializeTupleVariant, Unfit> {
        unfit("a variant with values")
    }

    fn serialize_map(self, _: Option<usize>) -> Result<Self::SerializeMap, Unfit> {
        with_fields("a map", self.number)
    }

    fn serialize_struct(
        self,
        name: &'static str,
        _: usize,
    ) -> Result<Self::SerializeStruct, Unfit> {
        match name {
            "Duration" | "SystemTime" => {
                unfit("a time: pass the number or the text that the server reads")
            }
            _ => with_fields("a struct", self.number),
        }
    }

    fn serialize_struct_variant(
        self,
        _: &'static str,
        _: u32,
        _: &'static str,
        _: usize,
    ) -> Result<Self::SerializeStructVariant, Unfit> {
        unfit("a variant with fields")
    }
}

macro_rules! lists {
    ($($trait:ident: $function:ident),*) => {$(
        impl $trait for Texts<'_> {
            type Ok = ();
            type Error = Unfit;

            fn $function<T: Serialize + ?Sized>(&mut self, value: &T) -> Result<(), Unfit> {
                self.item(value)
            }

            fn end(self) -> Result<(), Unfit> {
                Ok(())
            }
        }
    )*};
}

lists!(SerializeSeq: serialize_element, SerializeTuple: serialize_element, SerializeTupleStruct: serialize_field);
