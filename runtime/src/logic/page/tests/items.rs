//! Where the items of a page are.

use super::super::*;
use super::{BY_CURSOR, BY_LAST};

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
fn a_list_in_the_object_of_a_page_without_items_is_named() {
    use crate::types::envelope::Scalar;
    const DECLARED: Envelope =
        Envelope::new(&["code"]).data(&["data"]).ok(&[Scalar::Int(0)], false);
    let said = |declared: Option<&Envelope>, body: &str| {
        let mut found: Option<Vec<u8>> = None;
        match items(declared, &BY_LAST, body.as_bytes(), &mut found) {
            Opened::Broken(broken) => broken.to_string(),
            other => format!("{other:?}"),
        }
    };
    for (declared, body, place) in [
        (None, r#"{"total":1,"rows":[7]}"#, "rows"),
        (Some(&DECLARED), r#"{"code":0,"data":{"total":1,"rows":[7]}}"#, "data.rows"),
    ] {
        let leads = format!("(there is a list at `{place}`: write `items = \"{place}\"`)");
        assert!(said(declared, body).contains(&leads), "{}", said(declared, body));
    }
    for body in [r#"{"total":1}"#, r#"["x"]"#, "7", "<p>"] {
        assert!(!said(None, body).contains("there is a list"), "{}", said(None, body));
    }
}

#[test]
fn a_list_below_the_declared_place_is_never_an_empty_one() {
    use crate::types::envelope::Scalar;
    const DECLARED: Envelope =
        Envelope::new(&["code"]).data(&["data"]).ok(&[Scalar::Int(0)], false);
    let said = |declared: Option<&Envelope>, page: &Page, body: &str| {
        let mut found: Option<Vec<u8>> = None;
        match items(declared, page, body.as_bytes(), &mut found) {
            Opened::Taken => format!("{:?}", found.unwrap_or_default()),
            Opened::Broken(broken) => broken.to_string(),
            other => format!("{other:?}"),
        }
    };
    let rows = BY_LAST.items(&["rows"]);
    let lenient = rows.may_be_absent(true);
    let body = r#"{"code":0,"data":{"rows":[7],"total":1}}"#;
    let leads = "there is a list at `data.rows`: the places in `page(..)` start at the top of the body, \
                 write `items = \"data.rows\"`";
    for (declared, page) in [(Some(&DECLARED), &rows), (Some(&DECLARED), &lenient), (None, &rows)] {
        let said = said(declared, page, body);
        assert!(said.contains(leads), "{said}");
        assert!(!said.contains("empty = absent"), "{said}");
    }
    for (body, place) in [
        (r#"{"code":0,"data":{"total":1,"list":[7]}}"#, "data.list"),
        (r#"{"code":0,"errors":[],"data":{"total":1,"list":[7]}}"#, "errors"),
    ] {
        let said = said(Some(&DECLARED), &rows, body);
        let leads =
            format!("(there is a list at `{place}`; if that means an empty list, add `empty");
        assert!(said.contains(&leads), "{said}");
    }
    for body in [
        r#"{"code":0}"#,
        r#"{"code":0,"data":null}"#,
        r#"{"code":0,"data":{"rows":null}}"#,
        r#"{"code":0,"rows":null,"data":{"rows":[7]}}"#,
        r#"{"code":0,"meta":{"rows":[7]}}"#,
    ] {
        assert_eq!(said(Some(&DECLARED), &lenient, body), "[]", "{body}");
    }
}
