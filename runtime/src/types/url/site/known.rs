//! Addresses of which it is known where their parts are.
//!
//! The crate gives out what it keeps of an address and takes it back, for programs that parse an address once and keep
//! it. Here all addresses at a host are parsed once: the parts of one with a plain path are where those of any other
//! are. The form may change with a version of the crate, so it is tried out before it is used.

use std::marker::PhantomData;

use serde::de::value::{Error, SeqDeserializer};
use serde::de::{
    Deserialize, DeserializeSeed, Deserializer, EnumAccess, IntoDeserializer, SeqAccess,
    VariantAccess, Visitor,
};
use serde::forward_to_deserialize_any;
use url::{Host, Position, Url};

/// Where the parts of an address at a host are, up to its path.
pub(super) struct Places {
    scheme_end: u32,
    username_end: u32,
    host_start: u32,
    host_end: u32,
    host: Host<()>,
    port: Option<u16>,
    path_start: u32,
}

impl Places {
    /// Those of this address, if addresses can be made from them.
    pub(super) fn of(address: &Url) -> Option<Self> {
        let place = |before: Position| u32::try_from(address[..before].len()).ok();
        let places = Self {
            scheme_end: place(Position::AfterScheme)?,
            username_end: place(Position::AfterUsername)?,
            host_start: place(Position::BeforeHost)?,
            host_end: place(Position::AfterHost)?,
            host: match address.host()? {
                Host::Domain(_) => Host::Domain(()),
                Host::Ipv4(ip) => Host::Ipv4(ip),
                Host::Ipv6(ip) => Host::Ipv6(ip),
            },
            port: address.port(),
            path_start: place(Position::BeforePath)?,
        };
        places.is_right(address).then_some(places)
    }

    fn is_right(&self, address: &Url) -> bool {
        let host = &address[..Position::AfterPort];
        ["/a", "/a?b"].into_iter().all(|below| {
            let whole = format!("{host}{below}");
            let query = below.find('?').map(|query| host.len() + query);
            match (self.address(&whole, query), Url::parse(&whole)) {
                (Some(made), Ok(parsed)) => {
                    let parts = |url: &Url| {
                        let (path, query) = (url.path().to_owned(), url.query().map(str::to_owned));
                        (url.host().map(|it| it.to_owned()), url.port(), path, query)
                    };
                    made == parsed && parts(&made) == parts(&parsed)
                }
                _ => false,
            }
        })
    }

    /// The address with this text, whose path and query the parser would leave as they are; `query` is the place of
    /// the sign before the query.
    pub(super) fn address(&self, whole: &str, query: Option<usize>) -> Option<Url> {
        let query = match query {
            Some(query) => Some(u32::try_from(query).ok()?),
            None => None,
        };
        Url::deserialize_internal(Parts { places: self, whole, query, next: 0 }).ok()
    }
}

/// The parts that the crate keeps of an address, one after the other.
struct Parts<'p> {
    places: &'p Places,
    whole: &'p str,
    query: Option<u32>,
    next: u8,
}

macro_rules! forward {
    ($($deserializer:ty),*) => {$(
        impl<'de> Deserializer<'de> for $deserializer {
            type Error = Error;

            /// An address of the Internet is then its bytes.
            fn is_human_readable(&self) -> bool {
                false
            }

            fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
                self.visit(visitor)
            }

            forward_to_deserialize_any! {
                bool i8 i16 i32 i64 i128 u8 u16 u32 u64 u128 f32 f64 char str string bytes byte_buf option unit
                unit_struct newtype_struct seq tuple tuple_struct map struct enum identifier ignored_any
            }
        }
    )*};
}

forward!(Parts<'_>, Optional, OfHost<'_>, Octets<'_>);

impl Parts<'_> {
    fn visit<'de, V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        visitor.visit_seq(self)
    }
}

impl<'de> SeqAccess<'de> for Parts<'_> {
    type Error = Error;

    // Each call asks for the next part. Where all of them are inlined, nothing is left of this but the parts.
    #[allow(clippy::inline_always)]
    #[inline(always)]
    fn next_element<T: Deserialize<'de>>(&mut self) -> Result<Option<T>, Error> {
        self.next_element_seed(PhantomData)
    }

    #[allow(clippy::inline_always)]
    #[inline(always)]
    fn next_element_seed<T: DeserializeSeed<'de>>(
        &mut self,
        seed: T,
    ) -> Result<Option<T::Value>, Error> {
        let at = self.next;
        self.next += 1;
        let places = self.places;
        let part = match at {
            0 => seed.deserialize(IntoDeserializer::<Error>::into_deserializer(self.whole)),
            1 => number(seed, places.scheme_end),
            2 => number(seed, places.username_end),
            3 => number(seed, places.host_start),
            4 => number(seed, places.host_end),
            5 => seed.deserialize(OfHost(&places.host)),
            6 => seed.deserialize(Optional(places.port.map(u32::from))),
            7 => number(seed, places.path_start),
            8 => seed.deserialize(Optional(self.query)),
            9 => seed.deserialize(Optional(None)),
            _ => return Ok(None),
        };
        part.map(Some)
    }
}

fn number<'de, T: DeserializeSeed<'de>>(seed: T, number: u32) -> Result<T::Value, Error> {
    seed.deserialize(IntoDeserializer::<Error>::into_deserializer(number))
}

struct Optional(Option<u32>);

impl Optional {
    fn visit<'de, V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        match self.0 {
            None => visitor.visit_none(),
            Some(number) => {
                visitor.visit_some(IntoDeserializer::<Error>::into_deserializer(number))
            }
        }
    }
}

struct OfHost<'p>(&'p Host<()>);

impl OfHost<'_> {
    fn visit<'de, V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        visitor.visit_enum(self)
    }
}

impl<'de> EnumAccess<'de> for OfHost<'_> {
    type Error = Error;
    type Variant = Self;

    fn variant_seed<V: DeserializeSeed<'de>>(self, seed: V) -> Result<(V::Value, Self), Error> {
        // 0 says that there is no host.
        let variant = match self.0 {
            Host::Domain(()) => 1,
            Host::Ipv4(_) => 2,
            Host::Ipv6(_) => 3,
        };
        Ok((number(seed, variant)?, self))
    }
}

impl<'de> VariantAccess<'de> for OfHost<'_> {
    type Error = Error;

    fn unit_variant(self) -> Result<(), Error> {
        Ok(())
    }

    fn newtype_variant_seed<T: DeserializeSeed<'de>>(self, seed: T) -> Result<T::Value, Error> {
        match self.0 {
            Host::Domain(()) => seed.deserialize(Octets(&[])),
            Host::Ipv4(ip) => seed.deserialize(Octets(&ip.octets())),
            Host::Ipv6(ip) => seed.deserialize(Octets(&ip.octets())),
        }
    }

    fn tuple_variant<V: Visitor<'de>>(self, _: usize, visitor: V) -> Result<V::Value, Error> {
        visitor.visit_unit()
    }

    fn struct_variant<V: Visitor<'de>>(
        self,
        _: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Error> {
        visitor.visit_unit()
    }
}

struct Octets<'p>(&'p [u8]);

impl Octets<'_> {
    fn visit<'de, V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        visitor.visit_seq(SeqDeserializer::new(self.0.iter().copied()))
    }
}
