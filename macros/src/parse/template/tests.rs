//! Slips in paths, and paths that have none.

use proc_macro2::Span;

use syn::LitStr;

use super::parse;
use crate::diagnostic::Diagnostics;

fn rules(path: &str) -> Vec<&'static str> {
    let diagnostics = Diagnostics::new();
    parse(&LitStr::new(path, Span::call_site()), &diagnostics);
    let (errors, warnings) = diagnostics.into_parts();
    errors.iter().chain(&warnings).map(|diagnostic| diagnostic.rule).collect()
}

#[test]
fn each_slip_in_a_path_has_its_own_rule() {
    for (path, rule) in [
        ("orders", "no-leading-slash"),
        ("//host/a", "absolute-path"),
        ("/a\\b", "backslash"),
        ("/a//b", "empty-segment"),
        ("/a/../b", "dot-segment"),
        ("/a/%2E%2e/b", "dot-segment"),
        ("/a#b", "fragment"),
        ("/a b", "space-or-non-ascii"),
        ("/größe", "space-or-non-ascii"),
        ("/a/{id", "unclosed-brace"),
        ("/a/{id/b}", "unclosed-brace"),
        ("/a/id}", "stray-brace"),
        ("/a/{}", "empty-placeholder"),
        ("/a/{?}", "empty-placeholder"),
        ("/a/{id:u64}", "bad-placeholder-name"),
        ("/a/{1}", "bad-placeholder-name"),
        ("/a?page={page}", "placeholder-in-query"),
        ("/a/{ id }", "bad-placeholder-name"),
        ("/a/<id>", "foreign-placeholder"),
        ("/a/${id}", "foreign-placeholder"),
        ("/{*rest}/b", "tail-not-last"),
        ("/a{*rest}", "tail-not-last"),
        ("/a{id?}", "optional-not-whole"),
    ] {
        let expected: Vec<_> =
            if path == "/a/{id/b}" { vec![rule, "stray-brace"] } else { vec![rule] };
        assert_eq!(rules(path), expected, "{path}");
    }
}

#[test]
fn good_paths_have_nothing_to_say() {
    for path in [
        "/",
        "/a",
        "/a/",
        "/a/{id}",
        "/v{n}/x",
        "/{a}-{b}",
        "/a/{id?}",
        "/{id?}/b",
        "/f/{*rest}",
        "/a?sort=new",
        "https://host/a/{id}",
        "https://host",
    ] {
        assert_eq!(rules(path), [""; 0], "{path}");
    }
}
