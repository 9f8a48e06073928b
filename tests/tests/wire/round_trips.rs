//! A served implementation receives the arguments that a client of the same trait sends: values of many types, in each place of a
//! request.

mod types;

use std::borrow::Cow;
use std::net::IpAddr;

use chrono::{DateTime, NaiveDate, Utc};
use perennial::http::HeaderValue;
use perennial::{RefreshToken, Result, Tokens, api_client};
use perennial_test::Server;
use serde::{Deserialize, Serialize};
use types::{Color, Id, Key, Level, Money, Shown, State, TEXT, Version, day, instant};

/// Calls a method with each value, and compares what the fake was called with.
macro_rules! sent_and_arrived {
    ($client:ident.$method:ident($ty:ty): $($value:expr),+) => {$(
        let value: $ty = $value;
        let sent = format!("{value:?}");
        let arrived = $client.$method(value).await.unwrap_or_else(|error| error.to_string());
        assert_eq!(arrived, sent, "{}", stringify!($method));
    )+};
}

/// One value in a path, a query and a form, alone, optional and in lists.
macro_rules! single_values {
    ($($module:ident: $ty:ty = [$($value:expr),+ $(,)?];)*) => {$(
        #[allow(clippy::ptr_arg)]
        mod $module {
            use super::*;

            #[api_client(serve)]
            pub trait Echo {
                #[get("/before/{value}/after")]
                async fn path(&self, value: $ty) -> Result<String>;
                #[get("/optional/{value?}")]
                async fn optional_path(&self, value: Option<$ty>) -> Result<String>;
                #[get("/query")]
                async fn query(&self, #[query] value: $ty) -> Result<String>;
                #[get("/maybe")]
                async fn optional(&self, #[query] value: Option<$ty>) -> Result<String>;
                #[get("/repeated")]
                async fn repeated(&self, #[query] value: Vec<$ty>) -> Result<String>;
                #[get("/comma")]
                async fn comma(&self, #[query(style = csv)] value: &[$ty]) -> Result<String>;
                #[post("/field")]
                async fn field(&self, #[field] value: &$ty) -> Result<String>;
            }

            pub struct Fake;

            impl Echo for Fake {
                async fn path(&self, value: $ty) -> Result<String> {
                    Ok(format!("{value:?}"))
                }
                async fn optional_path(&self, value: Option<$ty>) -> Result<String> {
                    Ok(format!("{value:?}"))
                }
                async fn query(&self, value: $ty) -> Result<String> {
                    Ok(format!("{value:?}"))
                }
                async fn optional(&self, value: Option<$ty>) -> Result<String> {
                    Ok(format!("{value:?}"))
                }
                async fn repeated(&self, value: Vec<$ty>) -> Result<String> {
                    Ok(format!("{value:?}"))
                }
                async fn comma(&self, value: &[$ty]) -> Result<String> {
                    Ok(format!("{value:?}"))
                }
                async fn field(&self, value: &$ty) -> Result<String> {
                    Ok(format!("{value:?}"))
                }
            }

            #[tokio::test]
            async fn arrives_as_it_was_sent() {
                let server = Server::serve::<EchoClient, _>(Fake);
                let client = EchoClient::builder(server.origin()).build().unwrap();
                sent_and_arrived!(client.path($ty): $($value),+);
                sent_and_arrived!(client.optional_path(Option<$ty>): $(Some($value)),+);
                sent_and_arrived!(client.optional_path(Option<$ty>): None);
                sent_and_arrived!(client.query($ty): $($value),+);
                sent_and_arrived!(client.optional(Option<$ty>): $(Some($value)),+);
                sent_and_arrived!(client.optional(Option<$ty>): None);
                sent_and_arrived!(client.repeated(Vec<$ty>): vec![$($value),+], Vec::new());
                sent_and_arrived!(client.comma(&[$ty]): &[$($value),+]);
                sent_and_arrived!(client.field(&$ty): $(&$value),+);
            }
        }
    )*};
}

single_values! {
    integers: i64 = [0, i64::MIN, i64::MAX];
    large_integers: u128 = [u128::MAX];
    floats: f64 = [0.1, -1e300, 5.0];
    booleans: bool = [true, false];
    letters: char = ['a', '+', ',', 'ü'];
    strings: String = [TEXT.to_owned(), "007".to_owned(), "true".to_owned()];
    owned_texts: Box<str> = [TEXT.into()];
    cows: Cow<'static, str> = [TEXT.into()];
    addresses: IpAddr = [IpAddr::from([0_u16, 0, 0, 0, 0, 0, 0, 1]), IpAddr::from([127, 0, 0, 1])];
    dates: NaiveDate = [day()];
    instants: DateTime<Utc> = [instant()];
    dates_of_time: time::Date = [time::macros::date!(2026 - 02 - 28)];
    enums: State = [State::InTransit, State::Delivered];
    enums_that_are_displayed_otherwise: Level = [Level::VeryLow, Level::High];
    enums_of_which_some_are_displayed: Color = [Color::DarkRed, Color::Other("teal".to_owned())];
    displayed_structs: Money = [Money { cents: 5 }];
    displayed_pairs: Version = [Version(1, 2)];
    types_without_serde: Shown = [Shown(7)];
    transparent_types: Id = [Id(7)];
    untagged_enums: Key = [Key::Number(-7), Key::Name("a".to_owned()), Key::Name("007".to_owned())];
}

/// A value in one place.
macro_rules! places {
    ($($module:ident: $(#[$role:meta])* $ty:ty = [$($value:expr),+ $(,)?];)*) => {$(
        #[allow(clippy::ptr_arg)]
        mod $module {
            use super::*;

            #[api_client(serve)]
            pub trait Echo {
                #[post("/echo")]
                async fn echo(&self, $(#[$role])* value: $ty) -> Result<String>;
            }

            pub struct Fake;

            impl Echo for Fake {
                async fn echo(&self, value: $ty) -> Result<String> {
                    Ok(format!("{value:?}"))
                }
            }

            #[tokio::test]
            async fn arrives_as_it_was_sent() {
                let server = Server::serve::<EchoClient, _>(Fake);
                let client = EchoClient::builder(server.origin()).build().unwrap();
                sent_and_arrived!(client.echo($ty): $($value),+);
            }
        }
    )*};
}

/// Flat fields.
#[derive(Debug, Default, Clone, Serialize, Deserialize)]
pub struct Filter {
    state: Option<State>,
    since: Option<DateTime<Utc>>,
    #[serde(rename = "max-price")]
    max_price: Option<f32>,
    title: String,
    tags: Vec<String>,
    levels: Vec<Level>,
    #[serde(flatten)]
    page: Page,
}

#[derive(Debug, Default, Clone, Serialize, Deserialize)]
pub struct Page {
    page: u32,
    sort: Option<String>,
}

fn filter() -> Filter {
    Filter {
        state: Some(State::InTransit),
        since: Some(instant()),
        max_price: Some(0.5),
        title: TEXT.to_owned(),
        tags: vec!["a,b".to_owned(), "7".to_owned()],
        levels: vec![Level::VeryLow],
        page: Page { page: 3, sort: Some("title".to_owned()) },
    }
}

/// Nested fields.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Search {
    state: State,
    since: DateTime<Utc>,
    range: Option<Range>,
    lines: Vec<Range>,
}

#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Range {
    from: u32,
    to: Option<u32>,
    name: String,
}

fn search() -> Search {
    let range = Range { from: 1, to: None, name: TEXT.to_owned() };
    let line = Range { from: 2, to: Some(3), name: "7".to_owned() };
    Search {
        state: State::InTransit,
        since: instant(),
        range: Some(range.clone()),
        lines: vec![line, range],
    }
}

places! {
    texts: #[query] &str = [TEXT, ""];
    optional_texts: #[query] Option<&str> = [Some(TEXT), None];
    lists_of_texts: #[query] &[&str] = [&["a", "b,c"], &[]];
    owned_lists_of_texts: #[query(style = csv)] Vec<&str> = [vec!["a", "b,c"]];
    optional_lists_of_texts: #[query(style = pipe)] Option<&[&str]> = [Some(&["a", "b,c"][..]), None];
    optional_lists: #[field] Option<Vec<State>> = [Some(vec![State::InTransit]), None];
    references_to_values: #[query] &Option<State> = [&Some(State::Delivered), &None];
    arrays: #[query] [Level; 2] = [[Level::High, Level::VeryLow]];
    boxed_lists: #[field(style = csv)] Box<[Shown]> = [[Shown(1), Shown(2)].into()];
    lists_of_displayed_structs: #[query] Vec<Money> = [vec![Money { cents: 1 }, Money { cents: 2 }]];
    flattened_queries: #[query(flatten)] &Filter = [&filter(), &Filter::default()];
    forms: #[form] &Filter = [&filter(), &Filter::default()];
    queries_in_brackets: #[query(flatten, style = brackets)] &Search = [&search()];
    objects_in_queries: #[query(style = brackets)] &Search = [&search()];
    optional_forms: #[form] Option<&Filter> = [Some(&filter()), None];
    forms_in_brackets: #[form(style = brackets)] &Search = [&search()];
    queries_in_json: #[query(json)] Option<&Search> = [Some(&search()), None];
    bodies: #[json] &Search = [&search()];
    optional_bodies: #[json] Option<&Search> = [Some(&search()), None];
    headers: #[header] &str = ["a b,c"];
    optional_headers: #[header] Option<u32> = [Some(7), None];
    displayed_headers: #[header] Level = [Level::VeryLow];
    opaque_headers: #[header] HeaderValue = [HeaderValue::from_bytes(b"\xfc").unwrap()];
    parts: #[part] String = [TEXT.to_owned()];
    parts_in_json: #[part(json)] &Search = [&search()];
    lists_of_parts: #[part] Vec<&str> = [vec!["a", "b,c"]];
    bytes: #[body] &[u8] = [b"\0\xff"];
    bodies_of_text: #[body] &str = [TEXT];
}

/// A borrowed body: what is parsed may refer to the request.
#[derive(Debug, Serialize, Deserialize)]
pub struct Note<'a> {
    #[serde(borrow)]
    title: Cow<'a, str>,
}

#[api_client(auth(bearer, expired(status = 401)), serve)]
pub trait Notes {
    #[post("/token", refresh, public)]
    async fn refresh(&self, #[field] refresh_token: RefreshToken) -> Result<Tokens>;
    #[post("/notes")]
    async fn add<'a>(&self, #[json] note: &Note<'a>, #[header] name: &'a str) -> Result<String>;
}

struct FakeNotes;

impl Notes for FakeNotes {
    async fn refresh(&self, refresh_token: RefreshToken) -> Result<Tokens> {
        Ok(Tokens::new("any").with_refresh(refresh_token.reveal()))
    }

    async fn add<'a>(&self, note: &Note<'a>, name: &'a str) -> Result<String> {
        Ok(format!("{note:?} {name}"))
    }
}

#[tokio::test]
async fn a_value_that_borrows_is_parsed_from_the_request() {
    let server = Server::serve::<NotesClient, _>(FakeNotes);
    let issued = server.issue("ann");
    let client = NotesClient::builder(server.origin()).build().unwrap();
    let tokens = Tokens::new(issued.access).with_refresh(issued.refresh.unwrap());
    client.session().login(tokens).await.unwrap();
    server.expire_all();
    let note = Note { title: "a".into() };
    assert_eq!(client.add(&note, "ann").await.unwrap(), format!("{note:?} ann"));
    assert_eq!((server.refreshes(), server.reuses()), (1, 0));
}

#[tokio::test]
async fn a_text_that_no_client_sends_is_rejected() {
    let server = Server::serve::<enums_that_are_displayed_otherwise::EchoClient, _>(
        enums_that_are_displayed_otherwise::Fake,
    );
    let status = async |path: &str| reqwest::get(server.url(path)).await.unwrap().status();
    assert_eq!(status("/query?value=very-low").await, 200);
    // It is how the value is displayed, and a client sends the form of serde.
    assert_eq!(status("/query?value=VeryLow").await, 400);
    assert_eq!(status("/query?value=high&value=high").await, 400);
    assert_eq!(status("/query").await, 400);
    assert_eq!(status("/before/low/after").await, 400);
}
