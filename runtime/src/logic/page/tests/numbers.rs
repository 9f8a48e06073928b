//! Walks by page number and by offset.

use http::HeaderValue;

use super::super::*;
use super::{AFTER, PAGE, to};

const BY_NUMBER: Page = Page::new(PageStep::Number { param: PAGE, start: 1, last_page: None });

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
fn a_last_page_that_is_the_count_of_pages_from_zero_on_leads_to_one_that_may_not_exist() {
    let step =
        PageStep::Number { param: PAGE, start: 0, last_page: Some(PagePlace::Body(&["pages"])) };
    let page = Page::new(step);
    let mut position = Position::start(&page, |_| None).unwrap().0;
    let body = br#"{"pages":2}"#;
    let mut next = |count| position.turn(&page, &["data"], &HeaderMap::new(), body, count);
    assert_eq!(next(3), Ok(to(PAGE, "1")));
    // Without a page 2, a server may respond with 404 or with an empty page.
    assert!(matches!(next(1), Ok(Turn::Maybe(_))));
    assert_eq!(next(0), Ok(Turn::End));
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
