#![allow(clippy::unwrap_used)]

use super::*;

/// What a parameter becomes, passed as the generated code passes it.
fn sent<M, V: QueryValue<M> + ?Sized>(value: &V) -> String {
    let mut styles = [ListStyle::Repeat, ListStyle::Comma, ListStyle::Pipe].map(|style| {
        let (mut url, mut has_query) = (String::new(), false);
        append_query(&mut url, &mut has_query, "v", style, &|each| value.visit(each)).unwrap();
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
fn a_value_that_is_none_is_left_out() {
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
    assert_eq!(sent(&["a,b", "c|d&"]), "?v=a%2Cb%7Cc%7Cd%26 ?v=a%2Cb&v=c%7Cd%26 ?v=a%2Cb,c%7Cd%26");
}

#[test]
fn several_names_stand_side_by_side() {
    let (mut url, mut has_query) = (String::from("/x"), false);
    for (name, value) in [("a", [1, 2]), ("b c", [3, 4])] {
        append_query(&mut url, &mut has_query, name, ListStyle::Repeat, &|each| value.visit(each))
            .unwrap();
    }
    assert_eq!(url, "/x?a=1&a=2&b%20c=3&b%20c=4");
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
    });
    assert!(appended.is_err());
    assert!(Silent.header_value().is_err());
}

#[test]
fn an_optional_segment_is_a_value_or_nothing() {
    fn text(value: &impl OptionalPathValue) -> Option<String> {
        value.as_optional().map(ToString::to_string)
    }
    assert_eq!(text(&Some(7)).as_deref(), Some("7"));
    assert_eq!(text(&Some("x")).as_deref(), Some("x"));
    assert_eq!(text(&&Some(String::from("x"))).as_deref(), Some("x"));
    assert_eq!(text(&None::<u8>), None);
    assert_eq!(PathValue::as_display(&7).to_string(), "7");
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
