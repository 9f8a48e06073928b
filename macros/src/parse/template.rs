//! Parses a path, and reports its mistakes.

#[cfg(test)]
mod tests;

use std::ops::Range;

use syn::LitStr;

use crate::diagnostic::Diagnostics;
use crate::model::template::{Piece, Placeholder, PlaceholderKind, Template};
use crate::suggest::{caret, is_invisible, look_alike, shown};

/// Parses a path. The parts that could be parsed are returned even after a mistake.
pub(super) fn parse(literal: &LitStr, diagnostics: &Diagnostics) -> Template {
    let whole = literal.value();
    let (origin, text) = split(&whole);
    let part = diagnostics.nested();
    let reader = Reader { text, literal, diagnostics: &part };
    let mut template = Template {
        literal: literal.clone(),
        origin: origin.map(str::to_owned),
        text: text.to_owned(),
        pieces: Vec::new(),
        query: None,
        is_broken: false,
    };
    if reader.begins_well() {
        let end = text.find(['?', '#']).map(|at| reader.outside_braces(at)).unwrap_or(text.len());
        template.pieces = reader.pieces(end);
        template.query = reader.query(end);
        reader.segments(end);
        reader.characters();
        reader.whole_segments(&template);
    }
    template.is_broken = part.unless_wrong(()).is_none();
    template
}

/// Splits an absolute URL into its origin and the rest.
fn split(whole: &str) -> (Option<&str>, &str) {
    let host = whole.strip_prefix("https://").or_else(|| whole.strip_prefix("http://"));
    let Some(host) = host.filter(|host| !host.starts_with(['/', '?', '#', '{'])) else {
        return (None, whole);
    };
    let begin = whole.len() - host.len();
    let end = host.find(['/', '?', '#']).map_or(whole.len(), |at| begin + at);
    (Some(&whole[..end]), if end == whole.len() { "/" } else { &whole[end..] })
}

struct Reader<'a> {
    text: &'a str,
    literal: &'a LitStr,
    diagnostics: &'a Diagnostics,
}

impl Reader<'_> {
    fn error(&self, rule: &'static str, piece: Range<usize>, what: &str, way_out: &str) {
        let text = format!("{what}\n{}\nhelp: {way_out}", caret(self.text, piece));
        self.diagnostics.error(rule, self.literal, text);
    }

    fn begins_well(&self) -> bool {
        let text = self.text;
        if text.contains("://") && text.find("://") < text.find('/') || text.starts_with("//") {
            let text = format!(
                "expected a path, found a URL that would send the token to another host\n\
                 {text}\n\
                 help: write an http(s) URL, or put the host in `base`"
            );
            self.diagnostics.error("absolute-path", self.literal, text);
            return false;
        }
        // A path that consists of a query alone calls the base itself.
        if !text.starts_with(['/', '?']) {
            let verb = text
                .split_once(' ')
                .filter(|(verb, _)| verb.chars().all(|c| c.is_ascii_uppercase()));
            let way_out = match verb {
                Some((_, path)) => format!("write `{:?}`: the attribute is the verb", path.trim()),
                None if text.starts_with('{') => {
                    let name = text[1..].split('}').next().unwrap_or_default();
                    format!(
                        "write `\"/{text}\"`\n\
                         help: for a whole URL, write `url` instead of the path, and \
                         `#[url] {name}: &str`"
                    )
                }
                None => format!("write `\"/{text}\"`"),
            };
            let text = format!("a path must start with `/`\nhelp: {way_out}");
            self.diagnostics.error("no-leading-slash", self.literal, text);
            return false;
        }
        true
    }

    /// A `?` in braces belongs to `{name?}`; the query begins at the first one outside of braces.
    fn outside_braces(&self, from: usize) -> usize {
        let mut depth = 0_usize;
        for (at, c) in self.text.char_indices() {
            match c {
                '{' => depth += 1,
                '}' => depth = depth.saturating_sub(1),
                '?' | '#' if depth == 0 && at >= from => return at,
                _ => {}
            }
        }
        self.text.len()
    }

    fn pieces(&self, end: usize) -> Vec<Piece> {
        let (path, mut pieces, mut at) = (&self.text[..end], Vec::new(), 0);
        while at < path.len() {
            let next = path[at..].find(['{', '}']).map_or(path.len(), |offset| at + offset);
            if next > at {
                pieces.push(Piece::Literal(path[at..next].to_owned()));
            }
            if next == path.len() {
                break;
            }
            at = if path[next..].starts_with('}') {
                let way_out = "remove it, or add `{` before the name of the placeholder";
                self.error("stray-brace", next..next + 1, "unmatched `}`", way_out);
                next + 1
            } else {
                self.placeholder(path, next, &mut pieces)
            };
        }
        pieces
    }

    /// Parses the placeholder that begins at the brace; returns where to continue.
    fn placeholder(&self, path: &str, open: usize, pieces: &mut Vec<Piece>) -> usize {
        let inside = open + 1;
        // `{{id}}` of templates and of `format!`.
        if let Some(name) = path[open..].strip_prefix("{{").and_then(|rest| rest.split_once("}}"))
            && is_name(name.0)
        {
            let (name, end) = (name.0, open + name.0.len() + 4);
            let what = format!("expected a placeholder in single braces, found `{{{{{name}}}}}`");
            self.error("foreign-placeholder", open..end, &what, &format!("write `{{{name}}}`"));
            return end;
        }
        let stop = path[inside..].find(['}', '{', '/']).map(|offset| inside + offset);
        let Some(close) = stop.filter(|at| path[*at..].starts_with('}')) else {
            let end = stop.unwrap_or(path.len());
            let way_out = format!("write `{{{}}}`", path[inside..end].trim_end_matches('?'));
            self.error("unclosed-brace", open..end, "unclosed `{`", &way_out);
            return end;
        };
        let range = open..close + 1;
        if path[..open].ends_with('$') {
            let way_out = "remove it, or write `%24` to send it";
            let what = "a `$` before a placeholder is sent as text";
            self.error("foreign-placeholder", open - 1..close + 1, what, way_out);
        }
        let inner = &path[inside..close];
        let (kind, name) = match (inner.strip_prefix('*'), inner.strip_suffix('?')) {
            (Some(name), _) => (PlaceholderKind::Tail, name),
            (_, Some(name)) => (PlaceholderKind::Optional, name),
            (None, None) => (PlaceholderKind::Segment, inner),
        };
        if name.is_empty() {
            let way_out = "write the name of a parameter, as in `{id}`";
            self.error("empty-placeholder", range, "expected a name in the braces", way_out);
        } else if !is_name(name) {
            let what = format!("`{inner}` cannot be the name of a parameter");
            let plain = inner.trim_matches(|c: char| "*?.+ ".contains(c));
            let strange = inner.chars().find(|c| !c.is_ascii() && !c.is_alphanumeric());
            let way_out = match name.split_once(':') {
                _ if strange.is_some() => {
                    format!("remove the {}", strange.map(shown).unwrap_or_default())
                }
                Some((name, _)) if is_name(name.trim()) => {
                    format!("write `{{{}}}`, and declare the type in the signature", name.trim())
                }
                _ if !is_name(plain) => {
                    "write the name of a parameter, as in `{id}`, `{id?}` or `{*rest}`".to_owned()
                }
                _ if inner.contains(['*', '+', '.']) => format!("write `{{*{plain}}}`"),
                _ if inner.contains('?') => format!("write `{{{plain}?}}`"),
                _ => format!("write `{{{plain}}}`"),
            };
            self.error("bad-placeholder-name", range, &what, &way_out);
        } else {
            pieces.push(Piece::Placeholder(Placeholder { name: name.to_owned(), kind, range }));
        }
        close + 1
    }

    fn query(&self, end: usize) -> Option<String> {
        let rest = self.text[end..].strip_prefix('?')?;
        let rest = rest.split('#').next().unwrap_or(rest);
        let begin = end + 1;
        if let Some(open) = rest.find('{') {
            let close = rest[open..].find('}').map_or(rest.len(), |offset| open + offset + 1);
            let name = rest[open..close].trim_matches(['{', '}', '*', '?']);
            let wire = rest[..open].rsplit('&').next().unwrap_or_default().trim_end_matches('=');
            let role =
                if wire == name { "#[query]".to_owned() } else { format!("#[query({wire:?})]") };
            let what = format!("placeholder `{}` is in the query", &rest[open..close]);
            let way_out =
                format!("remove it from the path, and add `{role} {name}: ..` to the signature");
            self.error("placeholder-in-query", begin + open..begin + close, &what, &way_out);
        }
        (!rest.is_empty()).then(|| rest.to_owned())
    }

    /// Reports mistakes in whole segments.
    fn segments(&self, end: usize) {
        let path = &self.text[..end];
        let mut begin = 1;
        for segment in path.get(1..).unwrap_or_default().split('/') {
            let range = begin..begin + segment.len();
            begin = range.end + 1;
            let plain = segment.to_ascii_lowercase().replace("%2e", ".");
            if segment.is_empty() && range.end < path.len() {
                let way_out = "remove one `/`";
                self.error(
                    "empty-segment",
                    range.start - 1..range.end + 1,
                    "empty path segment",
                    way_out,
                );
            } else if plain == "." || plain == ".." {
                let what = format!("`{segment}` resolves to another path");
                self.error("dot-segment", range, &what, "write the resolved path");
            }
        }
    }

    fn characters(&self) {
        if let Some(at) = self.text.find('#') {
            let way_out = "remove it, or write `%23` to send `#`";
            self.error("fragment", at..self.text.len(), "a fragment is never sent", way_out);
        }
        // Text in braces is not part of the path, and has its own error.
        let is_inside = |at: usize| self.text[..at].rfind('{') > self.text[..at].rfind('}');
        if let Some(at) = self.text.find('\\').filter(|at| !is_inside(*at)) {
            let way_out = "separate segments with `/`";
            self.error("backslash", at..at + 1, "unexpected `\\` in a path", way_out);
        }
        let strange = |c: char| !c.is_ascii() || c.is_ascii_control() || " \"<>^`|".contains(c);
        let found = self.text.char_indices().find(|(at, c)| strange(*c) && !is_inside(*at));
        if let Some((at, c)) = found {
            let what = format!("unexpected {} in a path", shown(c));
            let encoded =
                || c.to_string().bytes().map(|byte| format!("%{byte:02X}")).collect::<String>();
            let way_out = match look_alike(c) {
                Some(ascii) => format!("write `{ascii}`, or `{}` to send it", encoded()),
                None if is_invisible(c) && c != ' ' => "remove it".to_owned(),
                None => format!("write `{}` to send it", encoded()),
            };
            match self.text[at..].split_once('>') {
                Some((name, _)) if c == '<' && is_name(&name[1..]) => {
                    let what =
                        format!("expected a placeholder in braces, found `<{}>`", &name[1..]);
                    let way_out = format!("write `{{{}}}`", &name[1..]);
                    self.error("foreign-placeholder", at..at + name.len() + 1, &what, &way_out);
                }
                _ => {
                    self.error("space-or-non-ascii", at..at + c.len_utf8(), &what, &way_out);
                }
            }
        }
    }

    /// Placeholders that must be whole segments.
    fn whole_segments(&self, template: &Template) {
        let path_end = self.text.len();
        for placeholder in template.placeholders() {
            let Range { start, end } = placeholder.range.clone();
            let before = self.text[..start].ends_with('/');
            let after = end == path_end || self.text[end..].starts_with(['/', '?']);
            match placeholder.kind {
                PlaceholderKind::Tail if !(before && after) => {
                    let what = format!("`{{*{}}}` must be whole segments", placeholder.name);
                    let way_out = "put it between two `/`, or remove the `*`";
                    self.error("tail-not-whole", start..end, &what, way_out);
                }
                PlaceholderKind::Optional if !(before && after) => {
                    let what = format!("`{{{}?}}` must be a whole segment", placeholder.name);
                    let way_out = "put it between two `/`, or remove the `?`";
                    self.error("optional-not-whole", start..end, &what, way_out);
                }
                _ => {}
            }
        }
    }
}

fn is_name(name: &str) -> bool {
    let mut chars = name.chars();
    chars.next().is_some_and(|c| c == '_' || c.is_alphabetic())
        && chars.all(|c| c == '_' || c.is_alphanumeric())
}
