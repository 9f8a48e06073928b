#![allow(clippy::unwrap_used)]

mod items;
mod numbers;

use http::HeaderValue;

use super::*;

const AFTER: PageParam = PageParam::Query("after");
const BY_CURSOR: Page =
    Page::new(PageStep::Cursor { param: AFTER, next: PageCursor::Body(&["next"]) });
const BY_LAST: Page =
    Page::new(PageStep::Cursor { param: AFTER, next: PageCursor::LastItem(&["id"]) });
const PAGE: PageParam = PageParam::Query("page");

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
fn a_value_beside_the_list_that_was_declared_at_the_top_is_an_error_and_not_the_end() {
    let turn = |page: &Page, body: &str| {
        let body = format!(r#"{{"code":0,"data":{{"list":[1],{body}}}}}"#);
        Position::default().turn(page, &["data", "list"], &HeaderMap::new(), body.as_bytes(), 1)
    };
    let last = PageStep::Number {
        param: PAGE,
        start: 1,
        last_page: Some(PagePlace::Body(&["meta", "pages"])),
    };
    let link = Page::new(PageStep::Link { next: Some(&["next"]), keeps_host: false });
    for (page, body, expected) in [
        (BY_CURSOR, r#""next":"x""#, "`next` is missing, and there is a value at `data.next`"),
        (BY_CURSOR, r#""next":7"#, "a value at `data.next`"),
        (link, r#""next":"/x""#, "`link` is missing, and there is a value at `data.next`"),
        (
            BY_LAST.more(&["more"]),
            r#""more":false"#,
            "`more` is missing; there is a value at `data.more`",
        ),
        (BY_LAST.is_last(&["last"]), r#""last":true"#, "a value at `data.last`"),
        (Page::new(last), r#""meta":{"pages":2}"#, "a value at `data.meta.pages`"),
    ] {
        let error = turn(&page, body).unwrap_err();
        assert!(error.contains(expected), "{body}: {error}");
        assert!(error.ends_with("start at the top of the body"), "{error}");
    }
    for page in [BY_CURSOR, link] {
        for body in [r#""next":null"#, r#""next":"""#, r#""next":{}"#, r#""other":"x""#] {
            assert_eq!(turn(&page, body), Ok(Turn::End), "{body}");
        }
    }
    // At the declared place, null says that the list ends.
    let ended = br#"{"next":null,"data":{"list":[1],"next":"x"}}"#;
    let turned = Position::default().turn(&link, &["data", "list"], &HeaderMap::new(), ended, 1);
    assert_eq!(turned, Ok(Turn::End));
    let flagged = BY_CURSOR.more(&["data", "more"]);
    assert_eq!(turn(&flagged, r#""more":false,"next":"x""#), Ok(Turn::End));
}

#[test]
fn a_value_of_the_same_name_in_another_part_is_an_error_if_the_declared_part_is_missing() {
    const NEXT: PageCursor = PageCursor::Body(&["meta", "next"]);
    let page = Page::new(PageStep::Cursor { param: AFTER, next: NEXT });
    for (body, found) in [
        (r#"{"data":[1],"paging":{"next":"x"}}"#, "paging.next"),
        (r#"{"data":[1],"next":7}"#, "next"),
    ] {
        let error = turn(&page, body, 1).unwrap_err();
        let expected = format!("`next` is missing, and there is a value at `{found}`");
        assert!(error.starts_with(&expected), "{error}");
    }
    for body in [
        r#"{"data":[1]}"#,
        r#"{"data":[{"next":"x"}]}"#,
        r#"{"data":[1],"paging":{"next":null}}"#,
        r#"{"data":[1],"paging":{"next":""}}"#,
        r#"{"data":[1],"meta":null,"paging":{"next":"x"}}"#,
        r#"{"data":[1],"meta":{},"paging":{"next":"x"}}"#,
    ] {
        assert_eq!(turn(&page, body, 1), Ok(Turn::End), "{body}");
    }
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
fn the_kind_of_a_value_and_its_place_are_named() {
    let by_link = Page::new(PageStep::Link { next: Some(&["links", "next"]), keeps_host: true });
    for (body, expected) in [
        (r#"{"links":{"next":7}}"#, "`link` is a URL, but `links.next` is a number"),
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
fn a_cursor_in_a_body_may_be_a_list_or_an_object() {
    let param = PageParam::Body(&["search_after"]);
    let by_next = Page::new(PageStep::Cursor { param, next: PageCursor::Body(&["next"]) });
    let by_last = Page::new(PageStep::Cursor { param, next: PageCursor::LastItem(&["sort"]) });
    let sent = |page: &Page, body: &str| match turn(page, body, 1) {
        Ok(Turn::To(Next::Param(PageParam::Body(path), value))) => {
            json::with_value(r#"{"size":2}"#, path, &value)
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
