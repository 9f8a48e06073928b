//! Whether a value is `None`. The type itself determines this, whatever its name.

use std::fmt;

use serde::ser::{Error, Impossible, Serialize, Serializer};

/// Whether a value is `None`. The value is not serialized.
pub(super) fn is_none<T: Serialize + ?Sized>(value: &T) -> bool {
    matches!(value.serialize(Asks), Ok(true))
}

/// Finds out whether a value is `None`.
struct Asks;

/// The value has parts, so it is not `None`.
#[derive(Debug)]
struct Something;

impl fmt::Display for Something {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("it is not `None`")
    }
}

impl std::error::Error for Something {}

impl Error for Something {
    fn custom<T: fmt::Display>(_: T) -> Self {
        Self
    }
}

type Parts = Impossible<bool, Something>;
type Answer = Result<bool, Something>;

/// A value without parts is not `None`.
macro_rules! values {
    ($($name:ident($($ty:ty),*))*) => {
        $(fn $name(self $(, _: $ty)*) -> Answer { Ok(false) })*
    };
}

/// Neither is one with parts.
macro_rules! parts {
    ($($name:ident($($ty:ty),*) -> $associated:ident)*) => {
        $(fn $name(self $(, _: $ty)*) -> Result<Self::$associated, Something> { Err(Something) })*
    };
}

impl Serializer for Asks {
    type Ok = bool;
    type Error = Something;
    type SerializeSeq = Parts;
    type SerializeTuple = Parts;
    type SerializeTupleStruct = Parts;
    type SerializeTupleVariant = Parts;
    type SerializeMap = Parts;
    type SerializeStruct = Parts;
    type SerializeStructVariant = Parts;

    fn serialize_none(self) -> Answer {
        Ok(true)
    }

    fn serialize_some<T: Serialize + ?Sized>(self, _: &T) -> Answer {
        Ok(false)
    }

    fn serialize_newtype_struct<T: Serialize + ?Sized>(self, _: &'static str, _: &T) -> Answer {
        Ok(false)
    }

    fn serialize_newtype_variant<T: Serialize + ?Sized>(
        self,
        _: &'static str,
        _: u32,
        _: &'static str,
        _: &T,
    ) -> Answer {
        Ok(false)
    }

    fn collect_str<T: fmt::Display + ?Sized>(self, _: &T) -> Answer {
        Ok(false)
    }

    values! {
        serialize_bool(bool)
        serialize_i8(i8) serialize_i16(i16) serialize_i32(i32) serialize_i64(i64) serialize_i128(i128)
        serialize_u8(u8) serialize_u16(u16) serialize_u32(u32) serialize_u64(u64) serialize_u128(u128)
        serialize_f32(f32) serialize_f64(f64)
        serialize_char(char) serialize_str(&str) serialize_bytes(&[u8])
        serialize_unit() serialize_unit_struct(&'static str)
        serialize_unit_variant(&'static str, u32, &'static str)
    }

    parts! {
        serialize_seq(Option<usize>) -> SerializeSeq
        serialize_tuple(usize) -> SerializeTuple
        serialize_tuple_struct(&'static str, usize) -> SerializeTupleStruct
        serialize_tuple_variant(&'static str, u32, &'static str, usize) -> SerializeTupleVariant
        serialize_map(Option<usize>) -> SerializeMap
        serialize_struct(&'static str, usize) -> SerializeStruct
        serialize_struct_variant(&'static str, u32, &'static str, usize) -> SerializeStructVariant
    }
}
