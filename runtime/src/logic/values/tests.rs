#![allow(clippy::unwrap_used)]

use std::fmt;
use std::time::Duration;

use super::*;

/// The encoding of a parameter, passed in the same way as in generated code.
fn sent<M, V: QueryText<M> + ?Sized>(value: &V) -> String {
    sent_by(&|each| {
        value.visit(each);
        Ok(())
    })
}

fn sent_as<F: Copy, M, V: QueryValue<F, M> + ?Sized>(value: &V, form: F) -> String {
    sent_by(&|each| V::texts(form, value, each))
}

fn sent_by(visit: Visit<'_>) -> String {
    let mut styles = [ListStyle::Repeat, ListStyle::Comma, ListStyle::Pipe].map(|style| {
        let (mut url, mut has_query) = (String::new(), false);
        append_query(&mut url, &mut has_query, "v", style, visit).unwrap();
        assert_eq!(has_query, !url.is_empty());
        url
    });
    styles.sort();
    let mut distinct = styles.to_vec();
    distinct.dedup();
    distinct.join(" ")
}

#[test]
fn whatever_can_be_displayed_is_one_value() {
    fn generic(value: impl Display) -> String {
        sent(&value)
    }
    assert_eq!(sent(&7_u32), "?v=7");
    assert_eq!(sent("a b"), "?v=a%20b");
    assert_eq!(sent(&"a&b"), "?v=a%26b");
    assert_eq!(sent(&String::from("ü")), "?v=%C3%BC");
    assert_eq!(sent(&&String::from("")), "?v=");
    assert_eq!(sent(&true), "?v=true");
    assert_eq!(sent(&'+'), "?v=%2B");
    assert_eq!(sent(&Cow::Borrowed("x")), "?v=x");
    assert_eq!(sent(&Box::<str>::from("x")), "?v=x");
    assert_eq!(generic(1.5), "?v=1.5");
    assert_eq!(generic(std::net::Ipv6Addr::LOCALHOST), "?v=%3A%3A1");
}

#[test]
fn a_value_of_none_is_left_out() {
    assert_eq!(sent(&None::<u32>), "");
    assert_eq!(sent(&Some(7)), "?v=7");
    assert_eq!(sent(&Some("x")), "?v=x");
    assert_eq!(sent(&Some(&String::from("x"))), "?v=x");
    assert_eq!(sent(&&Some(7)), "?v=7");
    assert_eq!(sent(&None::<&[u8]>), "");
}

#[test]
fn a_list_is_repeated_or_joined() {
    const JOINED: &str = "?v=1%7C2 ?v=1&v=2 ?v=1,2";
    assert_eq!(sent(&[1, 2]), JOINED);
    assert_eq!(sent(&&[1, 2]), JOINED);
    assert_eq!(sent([1, 2].as_slice()), JOINED);
    assert_eq!(sent(&[1, 2].as_slice()), JOINED);
    assert_eq!(sent(&vec!["1", "2"]), JOINED);
    assert_eq!(sent(&&vec![String::from("1"), String::from("2")]), JOINED);
    assert_eq!(sent(&vec![1, 2].into_boxed_slice()), JOINED);
    assert_eq!(sent(&Rc::<[u8]>::from([1, 2])), JOINED);
    assert_eq!(sent(&Arc::<[u8]>::from([1, 2])), JOINED);
    assert_eq!(sent(&Cow::Borrowed([1, 2].as_slice())), JOINED);
    assert_eq!(sent(&Some(vec![1, 2])), JOINED);
    assert_eq!(sent(&Some([1, 2].as_slice())), JOINED);
    assert_eq!(sent(&[Some(1), None, Some(2)]), JOINED);
    assert_eq!(sent(&[""; 0]), "");
    assert_eq!(sent(&Vec::<u8>::new()), "");
    assert_eq!(sent(&["a,b", "c;d&"]), "?v=a%2Cb%7Cc%3Bd%26 ?v=a%2Cb&v=c%3Bd%26 ?v=a%2Cb,c%3Bd%26");
}

#[test]
fn several_names_stand_side_by_side() {
    let (mut url, mut has_query) = (String::from("/x"), false);
    for (name, value) in [("a", [1, 2]), ("b c", [3, 4])] {
        let visit: Visit<'_> = &|each| {
            value.visit(each);
            Ok(())
        };
        append_query(&mut url, &mut has_query, name, ListStyle::Repeat, visit).unwrap();
    }
    assert_eq!(url, "/x?a=1&a=2&b%20c=3&b%20c=4");
}

#[test]
fn a_value_with_the_character_between_values_is_told_apart_or_an_error() {
    let appended = |style, values: &[&str]| {
        let (mut url, mut has_query) = (String::new(), false);
        append_query(&mut url, &mut has_query, "|", style, &|each| {
            values.visit(each);
            Ok(())
        })
        .map(|()| url)
    };
    assert_eq!(appended(ListStyle::Comma, &["a,b", "c"]).unwrap(), "?%7C=a%2Cb,c");
    assert_eq!(appended(ListStyle::Repeat, &["a|b", "c"]).unwrap(), "?%7C=a%7Cb&%7C=c");
    assert_eq!(appended(ListStyle::Pipe, &["ab", "c"]).unwrap(), "?%7C=ab%7Cc");
    for values in [&["a|b", "c"][..], &["c", "|"]] {
        assert_eq!(appended(ListStyle::Pipe, values), Err(EncodeError::Separator("|")));
    }
}

#[test]
fn a_display_that_fails_is_an_error() {
    struct Silent;
    impl Display for Silent {
        fn fmt(&self, _: &mut fmt::Formatter<'_>) -> fmt::Result {
            Err(fmt::Error)
        }
    }
    let (mut url, mut has_query) = (String::new(), false);
    let appended = append_query(&mut url, &mut has_query, "v", ListStyle::Comma, &|each| {
        [Silent, Silent].visit(each);
        Ok(())
    });
    assert_eq!(appended, Err(EncodeError::Display("v")));
    assert!(Silent.header_value().is_err());
}

/// The selection by a probe, called in the same way as in generated code.
macro_rules! query {
    ($value:expr) => {
        sent_as(&$value, (&&&probe(&$value)).__query_form())
    };
}

macro_rules! segment {
    ($value:expr) => {
        text(&$value, (&&&&probe(&$value)).__path_form())
    };
}

fn text<F, V: PathValue<F>>(value: &V, form: F) -> Result<String, Unfit> {
    let mut text = String::new();
    V::text(form, value, &mut |it| text.push_str(&it.to_string())).map(|()| text)
}

#[derive(serde::Serialize, Clone, Copy)]
#[serde(rename_all = "kebab-case")]
enum State {
    InTransit,
}

/// Its serde form and its `Display` differ.
#[derive(serde::Serialize)]
#[serde(transparent)]
struct Day(&'static str);

impl Display for Day {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a day")
    }
}

/// It has no serde form that is a text.
#[derive(serde::Serialize)]
struct Money {
    amount: u32,
}

impl Display for Money {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} EUR", self.amount)
    }
}

/// Serde splits it into parts.
#[derive(serde::Serialize)]
struct Version(u32, u32);

impl Display for Version {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{}", self.0, self.1)
    }
}

struct Shown;

impl Display for Shown {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("shown")
    }
}

#[test]
fn a_query_value_has_the_form_of_serde_and_is_displayed_without_one() {
    use super::kinds::{QueryBoth as _, QueryDisplayed as _, QuerySerialized as _};
    fn displayed(value: impl Display) -> String {
        query!(value)
    }
    fn serialized<T: serde::Serialize + Sync>(value: T) -> String {
        query!(value)
    }
    assert_eq!(query!(7_u8), "?v=7");
    assert_eq!(query!("a b"), "?v=a%20b");
    assert_eq!(query!(State::InTransit), "?v=in-transit");
    assert_eq!(query!(&Some(State::InTransit)), "?v=in-transit");
    assert_eq!(query!(None::<State>), "");
    assert_eq!(query!(Day("2026-01-02")), "?v=2026-01-02");
    assert_eq!(query!([Day("1"), Day("2")].as_slice()), "?v=1%7C2 ?v=1&v=2 ?v=1,2");
    assert_eq!(query!(vec![Some(State::InTransit), None]), "?v=in-transit");
    assert_eq!(query!(Money { amount: 5 }), "?v=5%20EUR");
    assert_eq!(query!(vec![Money { amount: 5 }]), "?v=5%20EUR");
    assert_eq!(query!(Version(1, 2)), "?v=1.2");
    assert_eq!(query!(Some(Version(1, 2))), "?v=1.2");
    assert_eq!(query!([Version(1, 2)].as_slice()), "?v=1.2");
    assert_eq!(query!(Shown), "?v=shown");
    assert_eq!(query!(Some(Shown)), "?v=shown");
    assert_eq!(query!(std::net::Ipv6Addr::LOCALHOST), "?v=%3A%3A1");
    assert_eq!(displayed(Day("x")), "?v=a%20day");
    assert_eq!(serialized(Day("x")), "?v=x");
}

#[test]
fn a_struct_without_a_text_is_an_error_that_names_the_parameter() {
    let (mut url, mut has_query) = (String::new(), false);
    let values = [std::collections::BTreeMap::from([("a", 1)])];
    let visit: Visit<'_> = &|each| QueryValue::texts(Serialized, &values, each);
    let appended = append_query(&mut url, &mut has_query, "filter", ListStyle::Repeat, visit);
    let error = appended.unwrap_err().to_string();
    assert!(error.contains("`filter`") && error.contains("a map"), "{error}");
    assert_eq!(url, "");
}

#[test]
fn an_error_says_how_such_a_value_can_be_sent() {
    let map = std::collections::BTreeMap::from([("a", 1)]);
    let query = |error: Result<(), Unfit>| error.unwrap_err().to_string();
    let one = query(QueryValue::texts(Serialized, &map, &mut |_| {}));
    assert!(one.ends_with("found a map: declare `#[query(flatten)]` or `#[query(json)]`"), "{one}");
    let items = query(QueryValue::texts(Serialized, std::slice::from_ref(&map), &mut |_| {}));
    assert!(items.contains("`#[query(style = brackets)]`"), "{items}");
    let times = query(QueryValue::texts(Serialized, &[Duration::ZERO], &mut |_| {}));
    assert!(times.ends_with("pass the number or the text that the server reads"), "{times}");
    let segment = query(PathValue::text(Serialized, &map, &mut |_| {}));
    assert!(segment.ends_with("take a parameter for each placeholder"), "{segment}");
}

#[test]
fn a_path_segment_has_one_text() {
    use super::kinds::{PathBoth as _, PathDisplayed as _, PathSerialized as _};
    assert_eq!(segment!(7_u8).as_deref(), Ok("7"));
    assert_eq!(segment!("a").as_deref(), Ok("a"));
    assert_eq!(segment!(State::InTransit).as_deref(), Ok("in-transit"));
    assert_eq!(segment!(Day("1")).as_deref(), Ok("1"));
    assert_eq!(segment!(Money { amount: 5 }).as_deref(), Ok("5 EUR"));
    assert_eq!(segment!(Shown).as_deref(), Ok("shown"));
    assert!(segment!((1, 2)).is_err());
}

#[test]
fn an_optional_segment_is_a_value_or_nothing() {
    use super::kinds::{OptionalBoth as _, OptionalDisplayed as _, OptionalSerialized as _};
    fn optional<F, V: OptionalPathValue<F>>(value: &V, form: F) -> Option<String> {
        let mut text = None;
        V::optional_text(form, value, &mut |it| text = Some(it.to_string())).unwrap();
        text
    }
    macro_rules! segment {
        ($value:expr) => {
            optional(&$value, (&&&probe(&$value)).__optional_form()).as_deref()
        };
    }
    assert_eq!(segment!(Some(7)), Some("7"));
    assert_eq!(segment!(&Some("x")), Some("x"));
    assert_eq!(segment!(Some(State::InTransit)), Some("in-transit"));
    assert_eq!(segment!(Some(Shown)), Some("shown"));
    assert_eq!(segment!(None::<u8>), None);
}

#[test]
fn a_header_takes_text_and_header_values() {
    fn header<M>(value: &(impl HeaderValueSource<M> + ?Sized)) -> Option<Vec<u8>> {
        value.header_value().unwrap().map(|value| value.as_bytes().to_vec())
    }
    let ready = HeaderValue::from_bytes(b"\xfc").unwrap();
    assert_eq!(header("a b").unwrap(), b"a b");
    assert_eq!(header(&"x").unwrap(), b"x");
    assert_eq!(header(&7).unwrap(), b"7");
    assert_eq!(header(&Some(String::from("x"))).unwrap(), b"x");
    assert_eq!(header(&ready).unwrap(), b"\xfc");
    assert_eq!(header(&&ready).unwrap(), b"\xfc");
    assert_eq!(header(&Some(&ready)).unwrap(), b"\xfc");
    assert_eq!(header(&&Some(ready.clone())).unwrap(), b"\xfc");
    assert_eq!(header(&None::<HeaderValue>), None);
    assert_eq!(header(&None::<&str>), None);
    for text in ["a\r\nX-Injected: 1", "\0", "\x7f", "ü", " a", "a ", "\t"] {
        assert!(text.header_value().is_err(), "{text:?}");
    }
}
