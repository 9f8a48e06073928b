#![allow(clippy::unwrap_used)]

use percent_encoding::percent_decode_str;
use url::Url;

use super::*;

const BASE: &str = "https://host.example/api";

/// Values that are known to have led to another address in some program.
const HOSTILE: &[&str] = &[
    "",
    ".",
    "..",
    "...",
    ". ",
    " ..",
    "./",
    "../",
    "../..",
    "../admin",
    "/",
    "//",
    "///evil.example",
    "//evil.example/x",
    "/..",
    "a/../b",
    "a/./b",
    "a//b",
    "%2e",
    "%2E%2E",
    "%2e.",
    ".%2e",
    "%2e%2e/admin",
    "%252e%252e",
    "..%2f",
    "..%2fadmin",
    "%00",
    "%",
    "%%",
    "%zz",
    "\\",
    "..\\",
    "..\\..\\admin",
    "\t",
    ".\t.",
    "..\n",
    "\r\n",
    "a\r\nX-Injected: 1",
    "\0",
    "..\0",
    ";",
    "..;",
    "..;/",
    ";x=1",
    "?",
    "?admin=1",
    "a?b#c",
    "#",
    "#frag",
    "@",
    "user:pass@evil.example",
    ":",
    ":8080",
    "https://evil.example/",
    "&a=b",
    "a=b&c=d",
    "a+b c",
    "[::1]",
    "{id}",
    "'\"<>`|^",
    "ü",
    "日本語",
    "．．",
    "․․",
    "‥",
    "\u{feff}..",
    "\u{202e}..",
    "\u{fffd}",
    "\u{10ffff}",
    "a\u{301}",
];

/// The single decoded segment after `/api/items`, or why the value was rejected.
fn reach(value: &str) -> Result<String, EncodeError> {
    let mut url = format!("{BASE}/items/");
    segment(&mut url, "id", &value)?;
    assert!(!folds(&url[BASE.len()..]), "{value:?}");
    url.push_str("/detail");
    let parsed = Url::parse(&url).unwrap();
    assert_eq!(parsed.as_str(), url, "a parser changes {value:?}");
    assert_eq!(parsed.host_str(), Some("host.example"), "{value:?}");
    assert_eq!((parsed.query(), parsed.fragment(), parsed.port()), (None, None, None));
    let segments: Vec<_> = parsed.path_segments().unwrap().collect();
    let ["api", "items", id, "detail"] = *segments else { panic!("{value:?}: {segments:?}") };
    Ok(percent_decode_str(id).decode_utf8().unwrap().into_owned())
}

#[test]
fn every_hostile_value_reaches_the_declared_endpoint_or_is_rejected() {
    for value in HOSTILE {
        match reach(value) {
            Ok(received) => assert_eq!(received, *value),
            Err(EncodeError::Empty("id")) => assert_eq!(*value, ""),
            Err(EncodeError::Dots("id")) => assert!(matches!(*value, "." | ".."), "{value:?}"),
            Err(other) => panic!("{value:?}: {other}"),
        }
    }
}

#[test]
fn every_character_and_every_pair_of_dangerous_ones_reaches_the_declared_endpoint() {
    for character in (0..0x3000).filter_map(char::from_u32) {
        let value = character.to_string();
        match reach(&value) {
            Ok(received) => assert_eq!(received, value),
            Err(_) => assert_eq!(value, "."),
        }
    }
    let dangerous = "./\\%;?#:@&=+2eE \t\n\0";
    for one in dangerous.chars() {
        for two in dangerous.chars() {
            let value = format!("{one}{two}");
            match reach(&value) {
                Ok(received) => assert_eq!(received, value),
                Err(_) => assert_eq!(value, ".."),
            }
        }
    }
}

#[test]
fn every_hostile_tail_stays_below_its_endpoint_or_is_rejected() {
    for value in HOSTILE {
        let mut url = format!("{BASE}/files/");
        let refused = value
            .strip_suffix('/')
            .unwrap_or(value)
            .split('/')
            .any(|part| matches!(part, "" | "." | ".."));
        match tail(&mut url, "rest", value) {
            Ok(()) => {
                assert!(!refused && !folds(&url[BASE.len()..]), "{value:?}");
                let parsed = Url::parse(&url).unwrap();
                assert_eq!(parsed.as_str(), url, "a parser changes {value:?}");
                let rest = parsed.path().strip_prefix("/api/files/").unwrap();
                assert_eq!(percent_decode_str(rest).decode_utf8().unwrap(), *value);
                let slashes = |text: &str| text.matches('/').count();
                assert_eq!(slashes(rest), slashes(value), "{value:?}");
            }
            Err(error) => {
                assert!(refused, "{value:?}: {error}");
                assert!(matches!(error, EncodeError::Empty("rest") | EncodeError::Dots("rest")));
            }
        }
    }
}

#[test]
fn a_tail_keeps_its_slashes_and_encodes_the_rest() {
    for (value, expected) in [
        ("a/b/c.txt", "a/b/c.txt"),
        ("a b/ü", "a%20b/%C3%BC"),
        ("docs/", "docs/"),
        ("a%2fb", "a%252fb"),
    ] {
        let mut url = String::new();
        tail(&mut url, "rest", &value).unwrap();
        assert_eq!(url, expected);
    }
}

#[test]
fn dots_that_meet_across_parts_are_found_in_the_whole() {
    // Paths such as `/.{a}/`, `/{a}{b}` and `/{a}.{b}` assemble dots from harmless parts.
    for (path, expected) in [
        ("/a/../b", true),
        ("/a/.", true),
        ("/a/%2e%2E/b", true),
        ("/a/.%2e", true),
        ("/%2e", true),
        ("/a/..\\b", true),
        ("..", true),
        ("/a/.../b", false),
        ("/a/.b", false),
        ("/a..b/c", false),
        ("/%2e%2e%2e", false),
        ("/%252e", false),
        ("/%2f", false),
        ("/", false),
        ("", false),
    ] {
        assert_eq!(folds(path), expected, "{path}");
        let parsed = Url::parse(&format!("https://host.example/{path}")).unwrap();
        let kept = parsed.path().len() == path.len() + 1;
        assert_eq!(!kept || path.contains('\\'), expected, "{path}: {parsed}");
    }
    // Behind the path, dots are a part of the query.
    for (whole, expected) in [
        ("/a?b=/../c", false),
        ("/a.b?c=/..", false),
        ("/a/..?b", true),
        ("/..?/a", true),
        ("?..", false),
    ] {
        assert_eq!(folds(whole), expected, "{whole}");
    }
}

#[test]
fn a_query_value_is_received_as_it_was_sent() {
    for value in HOSTILE {
        let mut url = format!("{BASE}/items");
        let mut has_query = false;
        query(&mut url, &mut has_query, "first", &1).unwrap();
        query(&mut url, &mut has_query, value, value).unwrap();
        let parsed = Url::parse(&url).unwrap();
        assert_eq!(parsed.as_str(), url, "a parser changes {value:?}");
        let pairs: Vec<_> = parsed.query_pairs().collect();
        assert_eq!(pairs, [("first".into(), "1".into()), ((*value).into(), (*value).into())]);
    }
}

#[test]
fn an_error_names_the_parameter_and_not_the_value() {
    struct Silent;
    impl Display for Silent {
        fn fmt(&self, _: &mut fmt::Formatter<'_>) -> fmt::Result {
            Err(fmt::Error)
        }
    }
    let mut url = String::new();
    let error = segment(&mut url, "id", &"..").unwrap_err().to_string();
    assert_eq!(error, "`id` has a path segment `.` or `..`, which leads to another endpoint");
    let error = tail(&mut url, "rest", &"hunter2//x").unwrap_err().to_string();
    assert_eq!(error, "`rest` has an empty path segment");
    let error = segment(&mut url, "id", &Silent).unwrap_err().to_string();
    assert_eq!(error, "the `Display` of `id` failed");
    assert_eq!(tail(&mut url, "id", &Silent), Err(EncodeError::Display("id")));
}

#[derive(Serialize)]
struct Filter<'a> {
    q: &'a str,
    page: Option<u32>,
    tags: &'a [&'a str],
    #[serde(rename = "sortBy")]
    sort: Sort,
}

#[derive(Serialize)]
enum Sort {
    Newest,
}

#[test]
fn a_struct_becomes_fields_with_repeated_lists() {
    let filter = Filter { q: "a b+c&d=ü", page: None, tags: &["x", "y z"], sort: Sort::Newest };
    assert_eq!(form(&filter).unwrap(), "q=a+b%2Bc%26d%3D%C3%BC&tags=x&tags=y+z&sortBy=Newest");
    assert_eq!(
        query_fields(&filter).unwrap(),
        "q=a%20b%2Bc%26d%3D%C3%BC&tags=x&tags=y%20z&sortBy=Newest"
    );
    assert_eq!(query_fields(&[("a", 1), ("b", 2)]).unwrap(), "a=1&b=2");
}

#[test]
fn a_struct_that_is_not_flat_is_an_error_and_not_silence() {
    #[derive(Serialize)]
    struct Nested<T> {
        first: u8,
        inner: T,
    }
    fn refused(value: &impl Serialize) {
        let error = form(value).unwrap_err().to_string();
        let expected = "a query or a form takes a struct of single values and lists: ";
        assert!(error.starts_with(expected), "{error}");
        assert!(query_fields(value).is_err());
    }
    refused(&Nested { first: 1, inner: Nested { first: 2, inner: 3 } });
    refused(&Nested { first: 1, inner: [Nested { first: 2, inner: 3 }] });
    refused(&Nested { first: 1, inner: Some(Nested { first: 2, inner: 3 }) });
    refused(&Nested { first: 1, inner: std::collections::BTreeMap::from([("a", 1)]) });
    refused(&Nested { first: 1, inner: [[1, 2], [3, 4]].to_vec() });
    refused(&7);
    refused(&"text");
    assert_eq!(form(&Nested { first: 1, inner: None::<u8> }).unwrap(), "first=1");
}

#[test]
fn nested_fields_are_named_in_brackets_and_only_of_structs_and_maps() {
    #[derive(Serialize)]
    struct Item {
        price: u32,
    }
    #[derive(Serialize)]
    struct Order {
        items: Vec<Item>,
        note: Option<&'static str>,
        name: &'static str,
    }
    let order =
        Order { items: vec![Item { price: 5 }, Item { price: 7 }], note: None, name: "a b&c" };
    let fields = brackets(&order).unwrap();
    let decoded = percent_encoding::percent_decode_str(&fields).decode_utf8().unwrap();
    assert_eq!(decoded, "items[0][price]=5&items[1][price]=7&name=a b&c");
    assert!(!fields.contains(['[', ' ', '+']), "{fields}");
    assert_eq!(brackets(&std::collections::BTreeMap::<&str, u8>::new()).unwrap(), "");
    assert_eq!(brackets(&serde_json::json!({})).unwrap(), "");
    assert!(matches!(brackets(""), Err(EncodeError::Brackets(_))));
    assert!(matches!(brackets(&5), Err(EncodeError::Brackets(_))));
    assert!(matches!(brackets("text"), Err(EncodeError::Brackets(_))));
}
