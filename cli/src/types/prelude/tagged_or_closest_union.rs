/// Reads an enum by the value of a field that tells its variants apart, and without that field as the variant that keeps
/// most of what was read.
macro_rules! tagged_or_closest_union {
    ($name:ident by $field:literal { $($($value:literal)|+ => $variant:ident,)* }) => {
        impl<'de> Deserialize<'de> for $name {
            fn deserialize<D: serde::Deserializer<'de>>(from: D) -> ::core::result::Result<Self, D::Error> {
                let value = serde_json::Value::deserialize(from)?;
                match value.get($field).and_then(serde_json::Value::as_str) {
                    $(::core::option::Option::Some($($value)|+) => {
                        serde_json::from_value(value).map(Self::$variant).map_err(serde::de::Error::custom)
                    })*
                    ::core::option::Option::Some(other) => {
                        ::core::result::Result::Err(serde::de::Error::unknown_variant(other, &[$($($value),+),*]))
                    }
                    ::core::option::Option::None => {
                        let closest = ::core::option::Option::None;
                        $(let closest = closer(closest, &value, Self::$variant);)*
                        closest.map(|(_, found)| found).ok_or_else(|| serde::de::Error::missing_field($field))
                    }
                }
            }
        }
    };
}

use tagged_or_closest_union;
