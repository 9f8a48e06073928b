/// Reads, writes and displays an enum of strings. One with `only` takes no other string.
macro_rules! text_enum {
    (only $name:ident { $($variant:ident = $text:literal,)* }) => {
        text_enum!(@both $name { $($variant = $text,)* });

        impl<'de> Deserialize<'de> for $name {
            fn deserialize<D: serde::Deserializer<'de>>(from: D) -> ::core::result::Result<Self, D::Error> {
                match &*<::std::borrow::Cow<'de, str>>::deserialize(from)? {
                    $($text => ::core::result::Result::Ok(Self::$variant),)*
                    other => ::core::result::Result::Err(serde::de::Error::unknown_variant(other, &[$($text),*])),
                }
            }
        }
    };
    ($name:ident { $($variant:ident = $text:literal,)* }) => {
        text_enum!(@both $name { $($variant = $text,)* } Other(text) => text,);

        impl ::core::convert::From<&str> for $name {
            fn from(text: &str) -> Self {
                match text {
                    $($text => Self::$variant,)*
                    other => Self::Other(other.to_owned()),
                }
            }
        }

        impl<'de> Deserialize<'de> for $name {
            fn deserialize<D: serde::Deserializer<'de>>(from: D) -> ::core::result::Result<Self, D::Error> {
                <::std::borrow::Cow<'de, str>>::deserialize(from).map(|text| Self::from(&*text))
            }
        }
    };
    (@both $name:ident { $($variant:ident = $text:literal,)* } $($other:ident($bound:ident) => $value:expr,)?) => {
        impl $name {
            /// The string that it is on the wire.
            #[must_use]
            pub fn as_str(&self) -> &str {
                match self {
                    $(Self::$variant => $text,)*
                    $(Self::$other($bound) => $value,)?
                }
            }
        }

        impl ::core::fmt::Display for $name {
            fn fmt(&self, f: &mut ::core::fmt::Formatter<'_>) -> ::core::fmt::Result {
                f.pad(self.as_str())
            }
        }

        impl Serialize for $name {
            fn serialize<S: serde::Serializer>(&self, to: S) -> ::core::result::Result<S::Ok, S::Error> {
                to.serialize_str(self.as_str())
            }
        }
    };
}

use text_enum;
