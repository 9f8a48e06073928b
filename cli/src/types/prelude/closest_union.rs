/// Reads an enum as the variant that keeps most of what was read, and as the first of those that keep as much.
macro_rules! closest_union {
    ($name:ident { $($variant:ident,)* }) => {
        impl<'de> Deserialize<'de> for $name {
            fn deserialize<D: serde::Deserializer<'de>>(from: D) -> ::core::result::Result<Self, D::Error> {
                let value = serde_json::Value::deserialize(from)?;
                let closest = ::core::option::Option::None;
                $(let closest = closer(closest, &value, Self::$variant);)*
                closest.map(|(_, found)| found).ok_or_else(|| {
                    serde::de::Error::custom(concat!("data did not match any variant of ", stringify!($name)))
                })
            }
        }
    };
}

use closest_union;
