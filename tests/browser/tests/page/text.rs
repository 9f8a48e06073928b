//! A browser parses text here in the place of a crate: the result is the same.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD_NO_PAD;
use wasm_bindgen_test::wasm_bindgen_test;

use crate::parse;
use crate::url_of_browser::Url;

const ADDRESSES: [&str; 33] = [
    "https://host.example",
    "https://host.example/",
    "HTTPS://Host.EXAMPLE:443/A/../b/./c?d=e#f",
    "http://host.example:8080/a%20b/ü?q=ä&r=%2F#ß",
    "https://user:secret@host.example/path",
    "https://user@host.example/path@x:y",
    "https://user:@host.example",
    "https://:secret@host.example",
    "https://bücher.example/ß",
    "https://xn--bcher-kva.example/",
    "https://faß.example/",
    "http://127.0.0.1:8000/api",
    "http://0x7f.1/",
    "http://[::1]:80/x",
    "http://[2001:db8::1]/",
    "https://host.example//double//",
    "https://host.example/a;b=c,d/(e)'f'",
    "https://host.example/?",
    "https://host.example/#",
    "https://host.example?q=a?b/c#d?e",
    "https://host.example\\back\\slash",
    "  https://host.example/blanks  ",
    "mailto:ann@host.example",
    "data:text/plain,a?b#c",
    "file:///etc/passwd",
    "//host.example/relative",
    "/path",
    "host.example/path",
    "",
    "https://",
    "https://host.example:99999/",
    "https://[::1/",
    "http://a.b.1/",
];

#[wasm_bindgen_test]
fn a_browser_reads_an_address_as_the_url_crate_does() {
    for text in ADDRESSES {
        let (ours, theirs) = (Url::parse(text), url::Url::parse(text));
        let (ours, theirs) = match (ours, theirs) {
            (Ok(ours), Ok(theirs)) => (ours, theirs),
            (Err(_), Err(_)) => continue,
            (ours, theirs) => panic!("`{text}`: {ours:?}, {theirs:?}"),
        };
        same(&ours, &theirs, text);
        for link in
            ["", "x", "/x/y", "../z?q", "?q=1", "#f", "//other.example/a", "http://b/", "\\e"]
        {
            if let (Ok(ours), Ok(theirs)) = (ours.join(link), theirs.join(link)) {
                same(&ours, &theirs, &format!("{text} and {link}"));
            }
        }
    }
}

fn same(ours: &Url, theirs: &url::Url, text: &str) {
    assert_eq!(ours.as_str(), theirs.as_str(), "{text}");
    assert_eq!(ours.scheme(), theirs.scheme(), "{text}");
    assert_eq!(ours.username(), theirs.username(), "{text}");
    assert_eq!(ours.password(), theirs.password(), "{text}");
    assert_eq!(ours.path(), theirs.path(), "{text}");
    assert_eq!(ours.query(), theirs.query(), "{text}");
    assert_eq!(ours.fragment(), theirs.fragment(), "{text}");
    let (our, their) = (ours.origin(), theirs.origin());
    assert_eq!(our.ascii_serialization(), their.ascii_serialization(), "{text}");
    // One that is opaque is like no other, and in the crate like itself alone.
    assert_eq!(our == ours.origin(), their.is_tuple(), "{text}");
    if theirs.scheme().starts_with("http") {
        assert_eq!(ours.has_host(), theirs.has_host(), "{text}");
    }
}

#[wasm_bindgen_test]
fn a_path_and_a_query_are_replaced_by_those_of_another_address() {
    let mut url = Url::parse("https://u:p@host.example/a?b#c").unwrap();
    url.set_path("/d/e");
    url.set_query(Some("f=g"));
    assert_eq!(url.as_str(), "https://u:p@host.example/d/e?f=g#c");
    url.set_query(None);
    assert_eq!(url.as_str(), "https://u:p@host.example/d/e#c");
    url.set_query(Some("h"));
    assert_eq!(url.as_str(), "https://u:p@host.example/d/e?h#c");
}

#[wasm_bindgen_test]
fn a_browser_reads_the_dates_of_http_and_nothing_else() {
    for text in [
        "Sun, 06 Nov 1994 08:49:37 GMT",
        "Sunday, 06-Nov-94 08:49:37 GMT",
        "Sun Nov  6 08:49:37 1994",
        "Tue, 29 Feb 2028 23:59:59 GMT",
        "Fri, 01 Jan 2100 00:00:00 GMT",
    ] {
        let date = httpdate::parse_http_date(text).unwrap();
        assert_eq!(parse::http_date(text), Some(date), "{text}");
    }
    for text in ["", "soon", "12", "in 12 minutes", "Monday", "Sun, 06 Nov", "2026-01-01T00:00:00Z"]
    {
        assert_eq!(parse::http_date(text), None, "{text}");
    }
}

#[wasm_bindgen_test]
fn a_browser_reads_numbers_and_base64() {
    for text in ["3600", " 7200.5 ", "-1", "1e3", "0", "", " ", "soon", "12s", "1 2", "NaN"] {
        let number = text.trim().parse::<f64>().ok().filter(|number| !number.is_nan());
        assert_eq!(parse::number(text), number, "{text}");
    }
    for bytes in [&b"ann:right"[..], b"", b"\x00\xff\x80:\xfe", "ü:ß".as_bytes()] {
        let text = STANDARD_NO_PAD.encode(bytes);
        assert_eq!(parse::base64(text.as_bytes()).as_deref(), Some(bytes), "{text}");
    }
    for text in [&b"*"[..], b"a", b"\xff\xfe", b"a.b.c", b"YW5u_"] {
        assert_eq!(parse::base64(text), None, "{text:?}");
    }
}
