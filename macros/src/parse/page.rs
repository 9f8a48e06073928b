//! Parses `page(cursor = "after", next = "data.next", items = "data.items")`.

use syn::Lit;

use super::option::{Body, Key, Opt, Options, Value};
use super::value::{header_name, json_path, json_path_value, scalar};
use crate::diagnostic::{At, Diagnostics};
use crate::model::page::{Flag, Page, PageCursor, PageParam, PagePlace, PageStep};
use crate::model::value::Scalar;
use crate::suggest::choices;

const KNOWN: &[&str] = &[
    "cursor",
    "next",
    "last",
    "offset",
    "number",
    "start",
    "size",
    "last_page",
    "link",
    "host",
    "more",
    "end",
    "items",
    "empty",
];
const EXAMPLE: &str = r#"page(cursor = "after", next = "data.next", items = "data.items")"#;
const BY_NUMBER: &str = r#"page(number = "page", start = 1, items = "data")"#;

/// Parses the option.
pub(super) fn parse(option: &Opt, diagnostics: &Diagnostics) -> Option<Page> {
    let part = diagnostics.nested();
    let list = option.list(EXAMPLE, &part).unwrap_or_default();
    let list = list.into_iter().filter(|it| is_known(it, &part)).collect();
    let mut options = Options::new(list, KNOWN, &[], "the options of `page` are", &part);
    let items = path(&mut options, "items", &part).unwrap_or_default();
    let more = more(&mut options, &part);
    let end_at = options.find("end").map(At::from);
    let ends = options.take("end").map(|it| ends(&it, &part)).unwrap_or_default();
    let may_be_absent = options.take("empty").is_some_and(|it| is_absent(&it, &part));
    let size_at = options.find("size").map(At::from);
    let size = options.take("size").and_then(|it| param(&it, r#"size = "per_page""#, &part));
    let step = part.unless_wrong(()).and_then(|()| step(option, &mut options, diagnostics));
    let step = step?;
    let kind = match &step {
        PageStep::Cursor { .. } => "cursor",
        PageStep::Offset { .. } => "offset",
        PageStep::Number { .. } => "number",
        PageStep::Link { .. } => "link",
    };
    if let Some(other) = options.take_rest() {
        let name = other.name();
        let text = format!(
            "`{name}` has no effect with `{kind}`\n\
             help: {}",
            home(&name)
        );
        diagnostics.error("page-option", &other, text);
    }
    let is_counted = matches!(step, PageStep::Offset { .. } | PageStep::Number { .. });
    let names_cursor =
        matches!(&step, PageStep::Cursor { next, .. } if !matches!(next, PageCursor::LastItem(_)));
    if let Some(end) = end_at.filter(|_| !names_cursor) {
        let text = format!(
            "`end` has no effect without `next`\n\
             help: {}",
            home("end")
        );
        diagnostics.error("page-option", end, text);
    }
    let mut page = Page { step, items, more, size, ends, may_be_absent };
    if page.size.is_some() && !is_counted {
        let text = format!(
            "`size` has no effect with `{kind}`\n\
             help: {}",
            home("size")
        );
        diagnostics.error("page-option", size_at.unwrap_or(At::from(option)), text);
        page.size = None;
    }
    if let (PageStep::Number { last_page: Some(_), .. }, Some(_)) = (&page.step, &page.more) {
        let text = "`last_page` and `more` both declare the end of the list\n\
                    help: keep one of the two";
        diagnostics.error("page-option", option, text);
    }
    Some(page)
}

/// Reports the names that other libraries use for an option.
fn is_known(option: &Opt, diagnostics: &Diagnostics) -> bool {
    let Key::Name(name) = &option.key else { return true };
    let text = name.to_string();
    let meant = match text.as_str() {
        _ if KNOWN.contains(&text.as_str()) => return true,
        "page" | "pages" | "page_number" | "page_param" | "index" => "number",
        "limit" | "per_page" | "page_size" | "count" | "max" => "size",
        "has_more" | "has_next" | "until" => "more",
        "next_link" | "next_url" | "url" | "href" => "link",
        "total_pages" | "page_count" => "last_page",
        "after" | "token" | "page_token" | "param" | "starting_after" => "cursor",
        "next_cursor" | "next_token" | "next_page" => "next",
        "id" | "key" | "last_id" | "last_item" => "last",
        "data" | "results" | "list" | "values" | "item" => "items",
        "skip" | "from" => "offset",
        "first" | "begin" => "start",
        _ => return true,
    };
    let text = format!(
        "unknown option `{text}`\n\
         help: did you mean `{meant}`?\n\
         help: the options of `page` are {}",
        crate::suggest::all(KNOWN)
    );
    diagnostics.error("unknown-option", name, text);
    false
}

fn step(option: &Opt, options: &mut Options, diagnostics: &Diagnostics) -> Option<PageStep> {
    let kinds = ["cursor", "offset", "number", "link"];
    let mut found = kinds.into_iter().filter_map(|kind| options.take(kind));
    let (first, second) = (found.next(), found.next());
    if let Some(second) = second {
        let text = format!(
            "`page` declares two ways to the next page\n\
             help: keep one of {}",
            choices(&kinds)
        );
        return diagnostics.fail("page-option", &second, text);
    }
    let Some(kind) = first else {
        let help = match options.find("next") {
            Some(_) => "name the parameter that takes the cursor, as in `page(cursor = \"after\", \
                        next = \"data.next\")`\n\
                        help: if `next` is a URL, write `link` instead of `next`"
                .to_owned(),
            None => format!(
                "write `{EXAMPLE}`, `{BY_NUMBER}`, `page(offset = \"skip\")` or `page(link)`"
            ),
        };
        let text = format!("`page` declares no way to the next page\nhelp: {help}");
        return diagnostics.fail("page-option", option, text);
    };
    if kind.is("cursor") {
        by_cursor(&kind, options, diagnostics)
    } else if kind.is("offset") {
        by_offset(&kind, options, diagnostics)
    } else if kind.is("number") {
        by_number(&kind, options, diagnostics)
    } else {
        by_link(&kind, options, diagnostics)
    }
}

fn by_cursor(kind: &Opt, options: &mut Options, diagnostics: &Diagnostics) -> Option<PageStep> {
    let param = param(kind, r#"cursor = "after""#, diagnostics)?;
    let next = match (options.take("next"), options.take("last")) {
        (Some(next), None) => next_cursor(&next, diagnostics)?,
        (None, Some(last)) => {
            PageCursor::LastItem(json_path(&last, r#"last = "id""#, diagnostics)?)
        }
        (None, None) => {
            let text = "`page` does not declare where the next cursor is\n\
                        help: add its place in the response, as in `next = \"data.next\"`, or in \
                        the last item, as in `last = \"id\"`";
            return diagnostics.fail("page-option", kind, text);
        }
        (Some(_), Some(last)) => {
            let text = "`next` and `last` both declare the next cursor\n\
                        help: keep one of the two";
            return diagnostics.fail("page-option", &last, text);
        }
    };
    Some(PageStep::Cursor { param, next })
}

fn next_cursor(next: &Opt, diagnostics: &Diagnostics) -> Option<PageCursor> {
    let example = r#"next = "data.next""#;
    if let Some(PageParam::Header(name)) = place(next, example, diagnostics)? {
        return Some(PageCursor::Header(name));
    }
    let path = match &next.body {
        Body::Value(Value::Call(..)) => {
            return next.wrong("a path into the body, or a header", example, diagnostics);
        }
        _ => json_path(next, example, diagnostics)?,
    };
    let name: String = path.last().map(String::as_str).unwrap_or_default().replace('_', "");
    let flags =
        ["hasmore", "hasnext", "hasnextpage", "more", "islast", "islastpage", "istruncated"];
    if flags.contains(&name.to_lowercase().as_str()) {
        let flag = path.join(".");
        let text = format!(
            "`next` needs a cursor, but `{flag}` looks like a boolean\n\
             help: write `more = \"{flag}\"`, and declare the cursor with `next`, or with `last = \
             \"id\"` if it is a field of the last item"
        );
        return diagnostics.fail("boolean-cursor", next, text);
    }
    Some(PageCursor::Body(path))
}

fn by_offset(kind: &Opt, options: &mut Options, diagnostics: &Diagnostics) -> Option<PageStep> {
    let param = param(kind, r#"offset = "skip""#, diagnostics)?;
    let start = match options.take("start") {
        // A wrong start is reported, and the rest is checked.
        Some(start) => start_of(&start, "the number of the first item", diagnostics).unwrap_or(0),
        None => 0,
    };
    Some(PageStep::Offset { param, start })
}

/// The number with which counting begins.
fn start_of(start: &Opt, what: &str, diagnostics: &Diagnostics) -> Option<u64> {
    match &start.body {
        Body::Value(Value::Lit(Lit::Int(number))) => number.base10_parse::<u64>().ok(),
        _ => None,
    }
    .or_else(|| start.wrong(what, "start = 1", diagnostics))
}

fn by_number(kind: &Opt, options: &mut Options, diagnostics: &Diagnostics) -> Option<PageStep> {
    let param = param(kind, r#"number = "page""#, diagnostics)?;
    let start = match options.take("start") {
        Some(start) => start_of(&start, "the number of the first page", diagnostics),
        None => {
            let text = "`page` does not declare the number of the first page\n\
                        help: add `start = 1`, or `start = 0` if the API counts from zero";
            diagnostics.fail("page-option", kind, text)
        }
    };
    // A page without its start is still checked for other mistakes.
    let start = start.unwrap_or(1);
    let last_page = match options.take("last_page") {
        Some(last_page) => Some(last_page_place(&last_page, diagnostics)?),
        None => None,
    };
    Some(PageStep::Number { param, start, last_page })
}

fn last_page_place(option: &Opt, diagnostics: &Diagnostics) -> Option<PagePlace> {
    let example = r#"last_page = "meta.last_page""#;
    match (place(option, example, diagnostics)?, &option.body) {
        (Some(PageParam::Header(name)), _) => Some(PagePlace::Header(name)),
        (_, Body::Value(Value::Call(..))) => {
            option.wrong("a path into the body, or a header", example, diagnostics)
        }
        _ => Some(PagePlace::Body(json_path(option, example, diagnostics)?)),
    }
}

fn by_link(kind: &Opt, options: &mut Options, diagnostics: &Diagnostics) -> Option<PageStep> {
    let next = match &kind.body {
        Body::Flag => None,
        _ => {
            let example = r#"link` for the `Link` header, or `link = "next""#;
            let path = json_path(kind, example, diagnostics)?;
            if let [one] = &path[..]
                && one.eq_ignore_ascii_case("link")
            {
                let text = "`link` alone reads the `Link` header, and `link = \"..\"` reads the \
                            body\n\
                            help: write `link` for the header, or `link = [\"link\"]` for a name \
                            in the body";
                if !matches!(kind.body, Body::Value(Value::List(..))) {
                    return diagnostics.fail("wrong-value", kind, text);
                }
            }
            Some(path)
        }
    };
    let keeps_host = match options.take("host") {
        None => false,
        Some(host) => match &host.body {
            Body::Value(Value::Path(path)) if path.is_ident("keep") => true,
            _ => return host.wrong("`keep`", "host = keep", diagnostics),
        },
    };
    Some(PageStep::Link { next, keeps_host })
}

/// A parameter of the request: `"name"` for the query, `header("Name")` or `body("path")`.
fn param(option: &Opt, example: &str, diagnostics: &Diagnostics) -> Option<PageParam> {
    if let Some(place) = place(option, example, diagnostics)? {
        return Some(place);
    }
    let name = option.string(example, diagnostics)?;
    if name.value().is_empty() {
        return option.wrong("a name", example, diagnostics);
    }
    Some(PageParam::Query(name.value()))
}

/// `header("Name")` or `body("path")`; inner `None` for any other value.
fn place(option: &Opt, example: &str, diagnostics: &Diagnostics) -> Option<Option<PageParam>> {
    let Body::Value(Value::Call(function, arguments, _)) = &option.body else {
        return Some(None);
    };
    if function == "cookie" {
        return option.wrong("a name, `header(..)` or `body(..)`", example, diagnostics);
    }
    let [argument] = &arguments[..] else {
        return option.wrong("one name in the parentheses", example, diagnostics);
    };
    if function == "body" {
        let path = json_path_value(argument, r#"body("start_cursor")"#, diagnostics)?;
        return Some(Some(PageParam::Body(path)));
    }
    match argument {
        Value::Lit(Lit::Str(name)) => {
            Some(Some(PageParam::Header(header_name(name, diagnostics)?)))
        }
        _ => option.wrong("the name of a header", r#"header("X-Continuation")"#, diagnostics),
    }
}

fn path(options: &mut Options, name: &str, diagnostics: &Diagnostics) -> Option<Vec<String>> {
    json_path(&options.take(name)?, &format!("{name} = \"data.{name}\""), diagnostics)
}

/// The flag that is true as long as there are more pages or, with `not(..)`, on the last page.
fn more(options: &mut Options, diagnostics: &Diagnostics) -> Option<Flag> {
    let option = options.take("more")?;
    let example = r#"more = "data.more""#;
    let (path, is_negated) = match &option.body {
        Body::Value(Value::Call(function, arguments, _)) if function == "not" => {
            let example = r#"more = not("isLast")"#;
            let [place] = &arguments[..] else {
                return option.wrong("one place in the parentheses", example, diagnostics);
            };
            (json_path_value(place, example, diagnostics)?, true)
        }
        _ => (json_path(&option, example, diagnostics)?, false),
    };
    let name = path.last().map(String::as_str).unwrap_or_default().replace('_', "").to_lowercase();
    let flag = path.join(".");
    if ENDS.contains(&name.as_str()) && !is_negated {
        let text = format!(
            "`more` is true while there are more pages, but `{flag}` looks like the opposite\n\
             help: write `more = not(\"{flag}\")`"
        );
        return diagnostics.fail("opposite-of-more", &option, text);
    }
    if MORE.contains(&name.as_str()) && is_negated {
        let text = format!(
            "`not(..)` takes a flag that is true on the last page, but `{flag}` looks like the \
             opposite\n\
             help: write `more = \"{flag}\"`"
        );
        return diagnostics.fail("opposite-of-more", &option, text);
    }
    Some(Flag { path, is_negated })
}

/// Names of flags that are true on the last page, in lower case.
const ENDS: &[&str] = &[
    "islast",
    "islastpage",
    "lastpage",
    "last",
    "done",
    "end",
    "isend",
    "eof",
    "endofstream",
    "endoflist",
    "finished",
    "iscomplete",
    "complete",
];

/// Names of flags that are true as long as there are more pages, in lower case.
const MORE: &[&str] = &["hasmore", "hasnext", "hasnextpage", "more", "istruncated", "truncated"];

/// The values of a cursor that mean the end.
fn ends(option: &Opt, diagnostics: &Diagnostics) -> Vec<Scalar> {
    let values = option.values("end = 0", diagnostics).unwrap_or_default();
    values.iter().filter_map(|value| scalar(value, diagnostics)).collect()
}

/// `empty = absent`.
fn is_absent(option: &Opt, diagnostics: &Diagnostics) -> bool {
    match &option.body {
        Body::Value(Value::Path(path)) if path.is_ident("absent") => true,
        _ => option.wrong::<()>("`absent`", "empty = absent", diagnostics).is_some(),
    }
}

/// The purpose of an option.
fn home(option: &str) -> &'static str {
    match option {
        "next" | "last" => "remove it, or use it with `cursor`",
        "start" => "remove it, or use it with `number` or `offset`",
        "last_page" => "remove it, or use it with `number`",
        "end" => "remove it, or use it with `cursor` and `next`",
        "size" => "remove it, or use it with `number` or `offset`",
        "host" => "remove it, or use it with `link`",
        _ => "remove it",
    }
}
