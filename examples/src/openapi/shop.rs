// Shop 1.4. Made by `cargo perennial import`, which keeps what is changed here by hand.

use perennial::{Json, Result, Tokens, api_client};
use serde::{Deserialize, Serialize};

/// Shop, version 1.4.
///
/// Orders of a small shop.
// guessed: 401 means that the token has expired: 401 is listed on 4 of 7 operations; `--expired`
// says otherwise
#[api_client(base = "/v1", auth(bearer, expired(status = 401)))]
pub trait Shop {
    /// Signs in.
    // guessed: it is a POST that brings an access token, so it signs in
    #[post("/auth/login", login)]
    async fn login(&self, #[json] body: &Credentials) -> Result<Tokens>;

    /// Trades a refresh token for new tokens.
    // guessed: its path ends in a refresh and it brings an access token, so it renews the session
    #[post("/auth/refresh", refresh, public)]
    async fn refresh(&self, #[json] with: RefreshRequest) -> Result<Tokens>;

    /// Orders, newest first.
    #[get("/orders")]
    async fn list_orders(
        &self,
        #[query] state: Option<&State>,
        #[query(style = csv)] sort: &[&str],
        #[query] limit: Option<i64>,
    ) -> Result<Vec<Order>>;

    /// Places an order.
    #[post("/orders", idempotent("Idempotency-Key"))]
    async fn place_order(&self, #[json] body: &NewOrder) -> Result<Order>;

    /// One order.
    #[get("/orders/{order_id}")]
    async fn get_order(&self, order_id: i64) -> Result<Order>;

    /// Cancels an order.
    #[delete("/orders/{order_id}")]
    async fn cancel_order(&self, order_id: i64) -> Result<()>;

    /// Whether the shop is open.
    #[get("/health", public)]
    async fn health(&self) -> Result<()>;
}

#[derive(Debug, Clone, PartialEq, Json)]
pub struct Credentials {
    pub user: String,
    pub password: String,
}

#[derive(Debug, Clone, PartialEq, Json)]
pub struct TokenPair {
    pub access_token: String,
    pub refresh_token: String,
    /// Seconds.
    pub expires_in: i64,
}

/// How far an order has come.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum State {
    Open,
    Paid,
    Sent,
    /// A value that the document does not list.
    Other(String),
}

text_enum!(State { Open = "open", Paid = "paid", Sent = "sent", });

#[derive(Debug, Clone, PartialEq, Json)]
pub struct Item {
    pub sku: String,
    pub count: i64,
}

/// How an order is paid.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(untagged)]
pub enum Payment {
    Card(Card),
    Invoice(Invoice),
}

tagged_union!(Payment by "kind" { "card" => Card, "invoice" => Invoice, });

#[derive(Debug, Clone, PartialEq, Json)]
#[json(tag = "kind", value = "card")]
pub struct Card {
    pub last4: String,
}

#[derive(Debug, Clone, Default, PartialEq, Json)]
#[json(tag = "kind", value = "invoice")]
pub struct Invoice {
    #[json(rename = "dueDate")]
    pub due_date: Option<String>,
}

#[derive(Debug, Clone, PartialEq, Json)]
pub struct NewOrder {
    pub items: Vec<Item>,
    pub payment: Option<Payment>,
    #[json(null)]
    pub note: Option<Option<String>>,
}

#[derive(Debug, Clone, PartialEq, Json)]
pub struct Order {
    pub items: Vec<Item>,
    pub payment: Option<Payment>,
    pub note: Option<String>,
    #[json(rename = "orderId")]
    pub order_id: i64,
    pub state: State,
    /// The order that this one replaces.
    pub replaces: Option<Box<Order>>,
}

#[derive(Debug, Clone, PartialEq, Json)]
pub struct RefreshRequest {
    pub refresh_token: String,
}

impl From<&Tokens> for RefreshRequest {
    fn from(tokens: &Tokens) -> Self {
        Self { refresh_token: tokens.refresh().unwrap_or_default().to_owned() }
    }
}

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

/// Reads an enum by the value of a field that tells its variants apart. The field stays in the variant.
macro_rules! tagged_union {
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
                        ::core::result::Result::Err(serde::de::Error::missing_field($field))
                    }
                }
            }
        }
    };
}

use tagged_union;
