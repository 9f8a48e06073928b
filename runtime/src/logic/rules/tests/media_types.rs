//! The format of a body, as its media type names it.

use super::*;

fn typed(media_type: &'static str) -> HeaderMap {
    headers(&[(CONTENT_TYPE, media_type)])
}

#[test]
fn a_media_type_names_its_format_with_or_without_a_prefix_a_suffix_and_parameters() {
    for media_type in [
        "application/xml",
        "text/XML; charset=utf-8",
        "application/soap+xml",
        "application/x-xml",
        "application/vnd.xml ; q=1",
    ] {
        assert!(may_be_in("application/xml", &typed(media_type)), "{media_type}");
        assert!(!may_be_in("application/cbor", &typed(media_type)), "{media_type}");
    }
    assert!(may_be_in("application/vnd.msgpack", &typed("application/x-msgpack")));
    assert!(!may_be_in("application/xml", &typed("application/xhtml")));
    assert!(may_be_in("application/xml", &HeaderMap::new()));
}

#[test]
fn lines_are_json_only_if_the_media_type_says_so() {
    for media_type in [
        "application/x-ndjson",
        "application/jsonl; charset=utf-8",
        "text/JSONLines",
        "application/json-lines",
    ] {
        assert!(is_json_lines(&typed(media_type)), "{media_type}");
    }
    for media_type in ["application/json", "text/plain", "application/x-ndjson2", ""] {
        assert!(!is_json_lines(&typed(media_type)), "{media_type}");
    }
    assert!(!is_json_lines(&HeaderMap::new()));
}
