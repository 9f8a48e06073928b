//! The path of an endpoint: `/orders/{id}`, with `{name?}`, `{*rest}` and fixed query values.

use std::ops::Range;

use syn::LitStr;

use crate::suggest::caret;

/// A path template.
pub(crate) struct Template {
    pub(crate) literal: LitStr,
    /// `https://accounts.example`, if it is an absolute URL.
    pub(crate) origin: Option<String>,
    /// The part after the origin.
    pub(crate) text: String,
    pub(crate) pieces: Vec<Piece>,
    /// The part after the `?`, such as `sort=new`.
    pub(crate) query: Option<String>,
    /// Whether a part could not be parsed, so that no rule reports a placeholder as missing.
    pub(crate) is_broken: bool,
}

/// A part of a path.
pub(crate) enum Piece {
    /// Text that is sent unchanged.
    Literal(String),
    /// A value.
    Placeholder(Placeholder),
}

/// A place in a path that a parameter fills.
pub(crate) struct Placeholder {
    pub(crate) name: String,
    pub(crate) kind: PlaceholderKind,
    /// Its bytes in the value of the literal, braces included.
    pub(crate) range: Range<usize>,
}

/// The kind of value that fills a placeholder.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum PlaceholderKind {
    /// `{id}`
    Segment,
    /// `{id?}`
    Optional,
    /// `{*rest}`
    Tail,
}

impl Template {
    /// The placeholders, in order.
    pub(crate) fn placeholders(&self) -> impl Iterator<Item = &Placeholder> {
        self.pieces.iter().filter_map(|piece| match piece {
            Piece::Placeholder(placeholder) => Some(placeholder),
            Piece::Literal(_) => None,
        })
    }

    /// The placeholders whose name was used by an earlier one.
    pub(crate) fn repeats(&self) -> Vec<&Placeholder> {
        let all: Vec<_> = self.placeholders().collect();
        let is_repeat = |at: usize| all[..at].iter().any(|other| other.name == all[at].name);
        (0..all.len()).filter(|at| is_repeat(*at)).map(|at| all[at]).collect()
    }

    /// The path with unnamed placeholders: equal for endpoints whose requests cannot be distinguished.
    pub(crate) fn shape(&self) -> String {
        let piece = |piece: &Piece| match piece {
            Piece::Literal(text) => text.clone(),
            Piece::Placeholder(_) => "{}".to_owned(),
        };
        let path: String = self.pieces.iter().map(piece).collect();
        let path = self.origin.clone().unwrap_or_default() + &path;
        match &self.query {
            Some(query) => format!("{path}?{query}"),
            None => path,
        }
    }

    /// The names of the query values that the path fixes.
    pub(crate) fn query_names(&self) -> impl Iterator<Item = &str> {
        let pairs = self.query.as_deref().unwrap_or_default().split('&');
        pairs.map(|pair| pair.split('=').next().unwrap_or(pair)).filter(|name| !name.is_empty())
    }

    /// The text with carets under a placeholder.
    pub(crate) fn caret(&self, placeholder: &Placeholder) -> String {
        caret(&self.text, placeholder.range.clone())
    }
}
