#![allow(clippy::unwrap_used)]

use http::HeaderValue;

use super::*;

const AFTER: PageParam = PageParam::Query("after");
const BY_CURSOR: Page =
    Page::new(PageStep::Cursor { param: AFTER, next: PageCursor::Body(&["next"]) });
const BY_LAST: Page =
    Page::new(PageStep::Cursor { param: AFTER, next: PageCursor::LastItem(&["id"]) });
const PAGE: PageParam = PageParam::Query("page");
const BY_NUMBER: Page = Page::new(PageStep::Number { param: PAGE, start: 1, last_page: None });

fn turn(page: &Page, body: &str, count: usize) -> Result<Turn, String> {
    Position::default().turn(page, &["data"], &HeaderMap::new(), body.as_bytes(), count)
}

fn to(param: PageParam, text: &str) -> Turn {
    let value = text.parse::<u64>().map_or_else(|_| Scalar::text(text), Scalar::from);
    Turn::To(Next::Param(param, value))
}

#[test]
fn a_cursor_that_is_missing_null_or_empty_is_the_end() {
    for body in [r#"{"next":""}"#, r#"{"next":null}"#, "{}", "null"] {
        assert_eq!(turn(&BY_CURSOR, body, 1), Ok(Turn::End), "{body}");
    }
    assert_eq!(turn(&BY_CURSOR, r#"{"next":"x"}"#, 0), Ok(to(AFTER, "x")));
    assert_eq!(turn(&BY_CURSOR, r#"{"next":7}"#, 1), Ok(to(AFTER, "7")));
}

#[test]
fn an_impossible_cursor_is_an_error() {
    for (body, expected) in [
        (r#"{"next":true}"#, "`more = \"next\"`"),
        (r#"{"next":false}"#, "`more = \"next\"`"),
        (r#"{"next":{}}"#, "is an object"),
        (r#"{"next":["a"]}"#, "is a list"),
        (r#"{"next":"https://h/?page=2"}"#, "`link = \"next\"`"),
        ("[1,2]", "the response is a list"),
        ("7", "the response is a single value"),
        ("<html>", "is not JSON"),
    ] {
        let error = turn(&BY_CURSOR, body, 1).unwrap_err();
        assert!(error.contains(expected), "{body}: {error}");
    }
    let dotted =
        Page::new(PageStep::Link { next: Some(&["@odata", "nextLink"]), keeps_host: false });
    let error = turn(&dotted, r#"{"@odata.nextLink":"/x"}"#, 1).unwrap_err();
    assert!(error.contains("[\"@odata.nextLink\"]"), "{error}");
}

#[test]
fn the_flag_decides_where_it_is_declared() {
    let page = BY_CURSOR.more(&["more"]);
    assert_eq!(turn(&page, r#"{"more":false,"next":"x"}"#, 1), Ok(Turn::End));
    assert_eq!(turn(&page, r#"{"more":1,"next":"x"}"#, 1), Ok(to(AFTER, "x")));
    for (body, expected) in [
        (r#"{"more":true}"#, "the cursor of the next page is missing"),
        (r#"{"next":"x"}"#, "`more` is missing"),
        (r#"{"more":"yes","next":"x"}"#, "`more` is a string"),
    ] {
        let error = turn(&page, body, 1).unwrap_err();
        assert!(error.contains(expected), "{body}: {error}");
    }
}

#[test]
fn the_last_item_has_the_cursor() {
    let body = r#"{"data":[{"id":"a"},{"id":"b"}]}"#;
    assert_eq!(turn(&BY_LAST, body, 2), Ok(to(AFTER, "b")));
    assert_eq!(turn(&BY_LAST, r#"{"data":[]}"#, 0), Ok(Turn::End));
    let error = turn(&BY_LAST, r#"{"data":[{"key":"a"}]}"#, 1).unwrap_err();
    assert!(error.contains("`id` is missing (in the last item)"), "{error}");
    let flagged = BY_LAST.more(&["has_more"]);
    let end = r#"{"has_more":false,"data":[{}]}"#;
    assert_eq!(turn(&flagged, end, 1), Ok(Turn::End));
    assert!(turn(&flagged, r#"{"has_more":true,"data":[]}"#, 0).is_err());
}

#[test]
fn a_numbered_walk_starts_where_the_call_says_or_at_the_declared_start() {
    let (position, first) = Position::start(&BY_NUMBER, |_| None).unwrap();
    assert_eq!((position.at, first), (1, Some(Next::Param(PAGE, Scalar::from(1)))));
    let (position, first) = Position::start(&BY_NUMBER, |_| Some("7".into())).unwrap();
    assert_eq!((position.at, first), (7, None));
    assert!(Position::start(&BY_NUMBER, |_| Some("x".into())).is_err());
}

#[test]
fn a_numbered_walk_without_a_size_ends_at_an_empty_page() {
    let mut position = Position { at: 1, ..Position::default() };
    let mut turn = |count| position.turn(&BY_NUMBER, &[], &HeaderMap::new(), b"[]", count).unwrap();
    assert_eq!(turn(3), to(PAGE, "2"));
    assert_eq!(turn(1), to(PAGE, "3"));
    assert_eq!(turn(0), Turn::End);
}

#[test]
fn a_page_shorter_than_the_first_is_the_last_even_if_the_server_allows_fewer_than_requested() {
    let page = BY_NUMBER.size(PageParam::Query("per_page"));
    let mut position = Position { at: 1, size: Some(1000), first: None };
    let mut turn = |count| position.turn(&page, &[], &HeaderMap::new(), b"[]", count).unwrap();
    assert!(matches!(turn(100), Turn::Maybe(_)));
    assert_eq!(turn(100), to(PAGE, "3"));
    assert_eq!(turn(99), Turn::End);
}

#[test]
fn the_number_of_the_last_page_decides_where_it_is_declared() {
    let step =
        PageStep::Number { param: PAGE, start: 1, last_page: Some(PagePlace::Body(&["last"])) };
    let page = Page::new(step);
    let headers = HeaderMap::new();
    let mut position = Position { at: 1, ..Position::default() };
    let mut turn = |body: &str| position.turn(&page, &[], &headers, body.as_bytes(), 0);
    assert_eq!(turn(r#"{"last":2}"#), Ok(to(PAGE, "2")));
    assert_eq!(turn(r#"{"last":"2"}"#), Ok(Turn::End));
    assert!(turn("{}").unwrap_err().contains("`last` is missing"));
    assert!(turn(r#"{"last":true}"#).unwrap_err().contains("`last` is a boolean"));
}

#[test]
fn a_cursor_may_travel_in_a_header() {
    let next = PageCursor::Header("x-next");
    let page = Page::new(PageStep::Cursor { param: PageParam::Header("x-next"), next });
    let mut headers = HeaderMap::new();
    let mut turn = |value: Option<&'static [u8]>| {
        headers.clear();
        headers.extend(value.map(|it| {
            (http::HeaderName::from_static("x-next"), HeaderValue::from_bytes(it).unwrap())
        }));
        Position::default().turn(&page, &[], &headers, b"[1]", 1)
    };
    assert_eq!(turn(Some(b"abc")), Ok(to(PageParam::Header("x-next"), "abc")));
    assert_eq!(turn(None), Ok(Turn::End));
    assert!(turn(Some(b"\xff")).is_err());
}

#[test]
fn a_value_in_a_body_is_replaced_and_the_rest_stays_to_the_byte() {
    for (body, path, expected) in [
        ("", &["a"] as JsonPath, r#"{"a":"x"}"#),
        ("{ }", &["a"], r#"{"a":"x"}"#),
        (r#"{"b": 1.10 , "a":null}"#, &["a"], r#"{"b": 1.10 , "a":"x"}"#),
        (r#"{"b":[{"a":1}], "é":"}"}"#, &["a"], r#"{"b":[{"a":1}], "é":"}","a":"x"}"#),
        (r#"{"p":{"size":2,"a":"old"},"z":1}"#, &["p", "a"], r#"{"p":{"size":2,"a":"x"},"z":1}"#),
        (r#"{"p":null}"#, &["p", "a"], r#"{"p":{"a":"x"}}"#),
        ("{}", &["p", "a"], r#"{"p":{"a":"x"}}"#),
    ] {
        assert_eq!(with_json_value(body, path, &Scalar::text("x")).as_deref(), Ok(expected));
    }
    assert!(with_json_value("[1]", &["a"], &Scalar::text("x")).is_err());
    assert_eq!(json_value(&["p", "a"], br#"{"p":{"a":7}}"#).as_deref(), Some("7"));
}

#[test]
fn items_are_found_with_an_envelope_and_without() {
    use crate::types::envelope::Scalar;
    const DECLARED: Envelope =
        Envelope::new(&["code"]).data(&["data"]).ok(&[Scalar::Int(0)], false);
    fn some(declared: Option<&Envelope>, place: JsonPath, body: &str) -> Option<Vec<u8>> {
        let mut found = None;
        match items(declared, &BY_LAST.items(place), body.as_bytes(), &mut found) {
            Opened::Taken => Some(found.unwrap_or_default()),
            _ => None,
        }
    }
    let plain = |place, body: &str| some(None, place, body);
    let enveloped = |place, body: &str| some(Some(&DECLARED), place, body);
    assert_eq!(plain(&[], "[1,2]"), Some(vec![1, 2]));
    assert_eq!(plain(&["a", "b"], r#"{"a":{"b":[1]}}"#), Some(vec![1]));
    assert_eq!(plain(&["a", "b"], r#"{"a":{"b":null}}"#), Some(vec![]));
    assert_eq!(plain(&["a", "b"], r#"{"a":{"c":[1]}}"#), None);
    assert_eq!(plain(&["0"], "[[1],[2]]"), Some(vec![1]));
    assert_eq!(enveloped(&[], r#"{"code":0,"data":[1]}"#), Some(vec![1]));
    assert_eq!(enveloped(&["data", "x"], r#"{"code":0,"data":{"x":[1]}}"#), Some(vec![1]));
    assert_eq!(enveloped(&["data", "x"], r#"{"code":9,"data":{"x":[1]}}"#), None);
}

#[test]
fn a_walk_by_offset_continues_after_the_items_that_it_has() {
    let page =
        Page::new(PageStep::Offset { param: AFTER, start: 0 }).size(PageParam::Query("limit"));
    let value = |param: PageParam| (param == AFTER).then(|| "30".to_owned());
    let (mut position, first) = Position::start(&page, value).unwrap();
    assert_eq!((position.at, position.size, first), (30, None, None));
    let mut turn = |count| position.turn(&page, &[], &HeaderMap::new(), b"[]", count);
    assert_eq!(turn(20), Ok(to(AFTER, "50")));
    assert_eq!(turn(0), Ok(Turn::End));
    let (mut position, _) = Position::start(&page, |_| Some("10".to_owned())).unwrap();
    assert_eq!((position.at, position.size), (10, Some(10)));
    let mut turn = |count| position.turn(&page, &[], &HeaderMap::new(), b"[]", count);
    assert_eq!(turn(10), Ok(to(AFTER, "20")));
    assert_eq!(turn(10), Ok(to(AFTER, "30")));
    assert_eq!(turn(9), Ok(Turn::End));
    let (position, _) = Position::start(&page, |_| Some("0".to_owned())).unwrap();
    assert_eq!((position.at, position.size), (0, None));
}

#[test]
fn a_parameter_that_is_not_a_number_is_named_by_its_place() {
    for (param, expected) in [
        (PageParam::Query("page"), "query parameter `page`: expected a whole number"),
        (PageParam::Header("x-page"), "header `x-page`: expected a whole number"),
        (PageParam::Body(&["p", "at"]), "`p.at` in the body: expected a whole number"),
    ] {
        let page = Page::new(PageStep::Offset { param, start: 0 });
        let error = Position::start(&page, |_| Some("x".to_owned())).unwrap_err();
        assert_eq!(error, expected);
    }
}

#[test]
fn a_page_that_does_not_exist_is_past_the_end_and_no_other_failure() {
    assert!(is_past_the_end(Some(StatusCode::NOT_FOUND)));
    for status in [None, Some(StatusCode::GONE), Some(StatusCode::OK)] {
        assert!(!is_past_the_end(status), "{status:?}");
    }
}

#[test]
fn a_text_becomes_a_member_of_an_object() {
    assert_eq!(with_json_text("", "token", "a\"b").as_deref(), Ok(r#"{"token":"a\"b"}"#));
    let changed = with_json_text(r#"{"x":1,"token":null}"#, "token", "7");
    assert_eq!(changed.as_deref(), Ok(r#"{"x":1,"token":"7"}"#));
    assert!(with_json_text("7", "token", "x").is_err());
}

#[test]
fn only_a_value_other_than_null_false_and_empty_counts_as_present() {
    for (body, expected) in [
        (r#"{"errors":[{"message":"no"}]}"#, true),
        (r#"{"errors":"no"}"#, true),
        (r#"{"errors":{"a":1}}"#, true),
        (r#"{"errors":0}"#, true),
        (r#"{"errors":true}"#, true),
        (r#"{"errors":false}"#, false),
        (r#"{"errors":null}"#, false),
        (r#"{"errors":[ ]}"#, false),
        (r#"{"errors":{}}"#, false),
        (r#"{"errors":""}"#, false),
        ("{}", false),
        ("[]", false),
        ("<html>", false),
    ] {
        assert_eq!(is_given(&["errors"], body.as_bytes()), expected, "{body}");
    }
}

#[test]
fn a_string_or_a_number_is_a_scalar_and_nothing_else() {
    for (body, expected) in [
        (r#"{"a":{"b":"x\n"}}"#, Some("x\n")),
        (r#"{"a":{"b":-1.50}}"#, Some("-1.50")),
        (r#"{"a":{"b":0}}"#, Some("0")),
        (r#"{"a":{"b":true}}"#, None),
        (r#"{"a":{"b":null}}"#, None),
        (r#"{"a":{"b":[1]}}"#, None),
        (r#"{"a":null}"#, None),
        (r#"{"a":7}"#, None),
    ] {
        assert_eq!(scalar_at(&["a", "b"], body.as_bytes()).as_deref(), expected, "{body}");
    }
}

#[test]
fn the_kind_of_a_value_and_its_place_are_named() {
    let by_link = Page::new(PageStep::Link { next: Some(&["links", "next"]), keeps_host: true });
    for (body, expected) in [
        (r#"{"links":{"next":7}}"#, "`link` is an address, `links.next` is a number"),
        (r#"{"links":{"next":{}}}"#, "`links.next` is an object"),
        (r#"{"links":{"next":[]}}"#, "`links.next` is a list"),
        (r#"{"links":{"next":false}}"#, "`links.next` is a boolean"),
        (r#"{"links":[]}"#, "expected an object with `next` at `links`, found a list"),
        (r#"{"links":7}"#, "expected an object with `next` at `links`, found a single value"),
    ] {
        let error = turn(&by_link, body, 1).unwrap_err();
        assert!(error.contains(expected), "{body}: {error}");
    }
    let next = Next::Link { address: "/b".to_owned(), keeps_host: true };
    assert_eq!(turn(&by_link, r#"{"links":{"next":"/b"}}"#, 1), Ok(Turn::To(next)));
    for body in [r#"{"links":{"next":""}}"#, r#"{"links":{"next":null}}"#, r#"{"links":null}"#] {
        assert_eq!(turn(&by_link, body, 1), Ok(Turn::End), "{body}");
    }
    let flagged = BY_CURSOR.more(&["more"]);
    let error = turn(&flagged, r#"{"more":null,"next":"x"}"#, 1).unwrap_err();
    assert_eq!(error, "`more` is a boolean, `more` is null");
}

#[test]
fn a_last_page_that_is_the_count_of_pages_from_zero_on_leads_to_one_that_may_not_exist() {
    let step =
        PageStep::Number { param: PAGE, start: 0, last_page: Some(PagePlace::Body(&["pages"])) };
    let page = Page::new(step);
    let mut position = Position::start(&page, |_| None).unwrap().0;
    let body = br#"{"pages":2}"#;
    let mut next = |count| position.turn(&page, &["data"], &HeaderMap::new(), body, count);
    assert_eq!(next(3), Ok(to(PAGE, "1")));
    // If there is no page 2, a server may respond with 404 or with an empty page.
    assert!(matches!(next(1), Ok(Turn::Maybe(_))));
    assert_eq!(next(0), Ok(Turn::End));
}

#[test]
fn any_value_but_null_is_text_in_one_line_with_each_digit() {
    let body = "\u{feff}{\"a\": {\"b\": \"x \\\" y\", \"n\": 12345678901234567890.10,\n \"t\": true, \"none\": null,\r\n\
                \"l\": [ 1,\t\"a b\", \"\\\\\" , {\"k\" : \" \\\" \"} ]}}";
    let text = |path: &[&str]| json::text_at(path, body.as_bytes());
    for (path, expected) in [
        (&["a", "b"] as &[&str], Some("x \" y")),
        (&["a", "n"], Some("12345678901234567890.10")),
        (&["a", "t"], Some("true")),
        (&["a", "none"], None),
        (&["a", "absent"], None),
        (&["a", "b", "c"], None),
        (&["a", "l", "1"], Some("a b")),
        (&["a", "l"], Some(r#"[1,"a b","\\",{"k":" \" "}]"#)),
    ] {
        assert_eq!(text(path).as_deref(), expected, "{path:?}");
    }
    assert_eq!(json::text_at(&["a"], b"no JSON"), None);
}

#[test]
fn a_flag_that_is_true_at_the_last_page_ends_the_walk_there() {
    let page = BY_CURSOR.is_last(&["done"]);
    assert_eq!(turn(&page, r#"{"done":false,"next":"x"}"#, 1), Ok(to(AFTER, "x")));
    assert_eq!(turn(&page, r#"{"done":true,"next":"x"}"#, 1), Ok(Turn::End));
    for (body, expected) in [
        (r#"{"done":false}"#, "the cursor of the next page is missing"),
        (r#"{"next":"x"}"#, "`done` is missing"),
    ] {
        let error = turn(&page, body, 1).unwrap_err();
        assert!(error.contains(expected), "{body}: {error}");
    }
}

#[test]
fn a_declared_value_of_a_cursor_is_the_end_as_a_number_or_as_text() {
    use crate::types::envelope::Scalar;
    let page = BY_CURSOR.ends(&[Scalar::Int(0), Scalar::Text("none"), Scalar::Int(-1)]);
    for body in [r#"{"next":0}"#, r#"{"next":"0"}"#, r#"{"next":"none"}"#, r#"{"next":-1}"#] {
        assert_eq!(turn(&page, body, 1), Ok(Turn::End), "{body}");
    }
    for (body, cursor) in [(r#"{"next":10}"#, "10"), (r#"{"next":"00"}"#, "00")] {
        let Ok(Turn::To(Next::Param(_, found))) = turn(&page, body, 1) else { panic!("{body}") };
        assert_eq!(found.as_str(), cursor);
    }
    let flagged = page.more(&["more"]);
    let error = turn(&flagged, r#"{"more":true,"next":0}"#, 1).unwrap_err();
    assert!(error.contains("is missing"), "{error}");
}

#[test]
fn an_offset_that_counts_from_one_is_sent_and_continues_after_the_items() {
    let page = Page::new(PageStep::Offset { param: AFTER, start: 1 });
    let (mut position, first) = Position::start(&page, |_| None).unwrap();
    assert_eq!(first, Some(Next::Param(AFTER, Scalar::from(1))));
    let mut turn = |count| position.turn(&page, &[], &HeaderMap::new(), b"[]", count);
    assert_eq!(turn(2), Ok(to(AFTER, "3")));
    assert_eq!(turn(2), Ok(to(AFTER, "5")));
    assert_eq!(turn(0), Ok(Turn::End));
    let (position, first) = Position::start(&page, |_| Some("7".to_owned())).unwrap();
    assert_eq!((position.at, first), (7, None));
}

#[test]
fn the_number_of_the_last_page_may_be_in_a_header() {
    let last_page = Some(PagePlace::Header("x-total-pages"));
    let page = Page::new(PageStep::Number { param: PAGE, start: 1, last_page });
    let mut position = Position { at: 1, ..Position::default() };
    let mut headers = HeaderMap::new();
    headers.insert("x-total-pages", HeaderValue::from_static("2"));
    assert_eq!(position.turn(&page, &[], &headers, b"[1]", 1), Ok(to(PAGE, "2")));
    assert_eq!(position.turn(&page, &[], &headers, b"[1]", 1), Ok(Turn::End));
    headers.insert("x-total-pages", HeaderValue::from_static("many"));
    assert!(position.turn(&page, &[], &headers, b"[1]", 1).unwrap_err().contains("another value"));
    let error = position.turn(&page, &[], &HeaderMap::new(), b"[1]", 1).unwrap_err();
    assert!(error.contains("`x-total-pages` is missing"), "{error}");
}

#[test]
fn a_header_of_pages_that_comes_twice_is_believed_only_if_both_agree() {
    let last_page = Some(PagePlace::Header("x-total-pages"));
    let counted = Page::new(PageStep::Number { param: PAGE, start: 1, last_page });
    let next = PageCursor::Header("x-next");
    let by_cursor = Page::new(PageStep::Cursor { param: PAGE, next });
    for (page, name, value, expected) in
        [(counted, "x-total-pages", "2", to(PAGE, "2")), (by_cursor, "x-next", "b", to(PAGE, "b"))]
    {
        let mut headers = HeaderMap::new();
        let turned = |headers: &HeaderMap| {
            Position { at: 1, ..Position::default() }.turn(&page, &[], headers, b"[1]", 1)
        };
        headers.append(name, HeaderValue::from_static(value));
        headers.append(name, HeaderValue::from_static(value));
        assert_eq!(turned(&headers), Ok(expected), "{name}");
        headers.append(name, HeaderValue::from_static(""));
        assert!(turned(&headers).unwrap_err().contains("different values"), "{name}");
    }
}

#[test]
fn a_list_that_is_left_out_is_empty_only_where_that_is_declared() {
    let strict = BY_CURSOR.items(&["a", "b"]);
    let lenient = strict.may_be_absent(true);
    for (body, is_empty) in [
        (r#"{"a":{}}"#, true),
        ("{}", true),
        (r#"{"a":null}"#, true),
        (r#"{"a":[]}"#, false),
        (r#"{"a":7}"#, false),
        (r#"{"a.b":[1]}"#, false),
    ] {
        let open = |page: &Page| {
            let mut found: Option<Vec<u8>> = None;
            matches!(items(None, page, body.as_bytes(), &mut found), Opened::Taken)
        };
        assert_eq!((open(&strict), open(&lenient)), (false, is_empty), "{body}");
    }
}

#[test]
fn a_cursor_in_a_body_may_be_a_list_or_an_object() {
    let param = PageParam::Body(&["search_after"]);
    let by_next = Page::new(PageStep::Cursor { param, next: PageCursor::Body(&["next"]) });
    let by_last = Page::new(PageStep::Cursor { param, next: PageCursor::LastItem(&["sort"]) });
    let sent = |page: &Page, body: &str| match turn(page, body, 1) {
        Ok(Turn::To(Next::Param(PageParam::Body(path), value))) => {
            with_json_value(r#"{"size":2}"#, path, &value)
        }
        other => Err(format!("{other:?}")),
    };
    let expected = Ok(r#"{"size":2,"search_after":[1.50, "a b"]}"#.to_owned());
    assert_eq!(sent(&by_next, r#"{"next":[1.50, "a b"]}"#), expected);
    assert_eq!(sent(&by_last, r#"{"data":[{"sort":[1]},{"sort":[1.50, "a b"]}]}"#), expected);
    let key = sent(&by_next, r#"{"next":{"id":{"S":"x"}}}"#).unwrap();
    assert_eq!(key, r#"{"size":2,"search_after":{"id":{"S":"x"}}}"#);
    for body in [r#"{"next":{}}"#, r#"{"next":[]}"#] {
        assert_eq!(turn(&by_next, body, 1), Ok(Turn::End), "{body}");
    }
    assert!(turn(&by_next, r#"{"next":true}"#, 1).is_err());
    assert!(turn(&by_last, r#"{"data":[{"sort":[]}]}"#, 1).is_err());
}
