//! Mistakes in paths, and paths without one.

use proc_macro2::Span;
use proptest::prelude::*;
use syn::LitStr;

use super::parse;
use crate::diagnostic::Diagnostics;
use crate::model::template::{Piece, PlaceholderKind, Template};

fn rules(path: &str) -> Vec<&'static str> {
    let diagnostics = Diagnostics::new();
    parse(&LitStr::new(path, Span::call_site()), &diagnostics);
    let (errors, warnings) = diagnostics.into_parts();
    errors.iter().chain(&warnings).map(|diagnostic| diagnostic.rule).collect()
}

#[test]
fn each_mistake_in_a_path_has_its_own_rule() {
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
        ("/a{*rest}", "tail-not-whole"),
        ("/{*rest}b/c", "tail-not-whole"),
        ("/a{id?}", "optional-not-whole"),
    ] {
        let expected: Vec<_> =
            if path == "/a/{id/b}" { vec![rule, "stray-brace"] } else { vec![rule] };
        assert_eq!(rules(path), expected, "{path}");
    }
}

#[test]
fn valid_paths_report_nothing() {
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

/// The pieces of a valid path, joined, are the path; an invalid path reports its mistake.
fn path(bytes: &[u8]) {
    let path = String::from_utf8_lossy(bytes);
    let diagnostics = Diagnostics::new();
    let template = parse(&LitStr::new(&path, Span::call_site()), &diagnostics);
    let (errors, _) = diagnostics.into_parts();
    assert_eq!(template.is_broken, !errors.is_empty(), "{path}");
    if !template.is_broken {
        // An origin alone becomes `/`, and a `?` without a query is left out.
        let text = text(&template);
        let is_whole = [&*path, &format!("{path}/")].contains(&&*text);
        assert!(is_whole || path.strip_suffix('?') == Some(&text), "{text} of {path}");
        // Hosts may have letters of any language.
        assert!(template.text.is_ascii() || path.contains('{'), "{path}");
    }
}

fn text(template: &Template) -> String {
    let piece = |piece: &Piece| match piece {
        Piece::Literal(text) => text.clone(),
        Piece::Placeholder(placeholder) => match (placeholder.kind, &placeholder.name) {
            (PlaceholderKind::Segment, name) => format!("{{{name}}}"),
            (PlaceholderKind::Optional, name) => format!("{{{name}?}}"),
            (PlaceholderKind::Tail, name) => format!("{{*{name}}}"),
        },
    };
    let path: String = template.pieces.iter().map(piece).collect();
    let query = template.query.as_ref().map(|query| format!("?{query}")).unwrap_or_default();
    template.origin.clone().unwrap_or_default() + &path + &query
}

#[test]
fn the_corpus_holds() {
    crate::fuzz::corpus("path").iter().for_each(|it| path(it));
}

proptest! {
    #![proptest_config(crate::fuzz::config())]

    #[test]
    fn an_edited_path_is_its_pieces_or_a_mistake(
        edited in crate::fuzz::inputs("path", &[
            "/", "{", "}", "{id}", "{id?}", "{*rest}", "?", "#", "&", "=", "..", ".", "%2e", "%", "$", "<id>", ":id", "\\",
            "https://", "//", " ", "é", "\u{200b}", "*", "\"",
        ])
    ) {
        path(&edited);
    }
}
