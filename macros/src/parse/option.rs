//! One option of an attribute, before anyone knows what it means: `flag`, `key = value` or
//! `key(..)`. Every part carries its tokens.

mod reader;

use proc_macro2::TokenStream;
use quote::{ToTokens, TokenStreamExt};
use syn::{Ident, Lit, LitStr, Path};

pub(crate) use reader::options;

use crate::diagnostic::Diagnostics;
use crate::suggest::help;

/// An option, with its tokens.
#[derive(Clone)]
pub(crate) struct Opt {
    pub(crate) key: Key,
    pub(crate) body: Body,
    tokens: TokenStream,
}

/// What stands before `=` or the parentheses.
#[derive(Clone)]
pub(crate) enum Key {
    /// A name of the language.
    Name(Ident),
    /// A name of the wire: `"Accept" = ..`.
    Text(LitStr),
    /// Nothing: a bare value.
    None,
}

/// What stands after the key.
#[derive(Clone)]
pub(crate) enum Body {
    Flag,
    Value(Value),
    List(Vec<Opt>),
    /// Something that could not be read, and that was reported when it was met.
    Broken,
}

/// A value, as it was written.
#[derive(Clone)]
pub(crate) enum Value {
    Lit(Lit),
    Path(Path),
    List(Vec<Value>, TokenStream),
}

impl ToTokens for Opt {
    fn to_tokens(&self, tokens: &mut TokenStream) {
        tokens.append_all(self.tokens.clone());
    }
}

impl ToTokens for Value {
    fn to_tokens(&self, tokens: &mut TokenStream) {
        match self {
            Self::Lit(lit) => lit.to_tokens(tokens),
            Self::Path(path) => path.to_tokens(tokens),
            Self::List(_, list) => tokens.append_all(list.clone()),
        }
    }
}

impl Opt {
    /// Whether the option has this name.
    pub(crate) fn is(&self, name: &str) -> bool {
        matches!(&self.key, Key::Name(key) if key == name)
    }

    /// Whether it is `key = off`.
    pub(crate) fn is_off(&self) -> bool {
        matches!(&self.body, Body::Value(Value::Path(path)) if path.is_ident("off"))
    }

    /// Whether its value could not be read, which was reported.
    pub(crate) fn is_broken(&self) -> bool {
        matches!(self.body, Body::Broken)
    }

    /// The value as a string.
    pub(crate) fn string(&self, example: &str, diagnostics: &Diagnostics) -> Option<LitStr> {
        match &self.body {
            Body::Value(Value::Lit(Lit::Str(text))) => Some(text.clone()),
            _ => self.wrong("a string", example, diagnostics),
        }
    }

    /// The value as the path of a function.
    pub(crate) fn path(&self, example: &str, diagnostics: &Diagnostics) -> Option<Path> {
        match &self.body {
            Body::Value(Value::Path(path)) if !self.is_off() => Some(path.clone()),
            _ => self.wrong("a path", example, diagnostics),
        }
    }

    /// The options in the parentheses.
    pub(crate) fn list(&self, example: &str, diagnostics: &Diagnostics) -> Option<Vec<Opt>> {
        match &self.body {
            Body::List(list) => Some(list.clone()),
            _ => self.wrong("options in parentheses", example, diagnostics),
        }
    }

    /// Whether it stands alone, as it must.
    pub(crate) fn flag(&self, diagnostics: &Diagnostics) -> Option<()> {
        match (&self.key, &self.body) {
            (_, Body::Flag) => Some(()),
            (Key::Name(name), _) => self.wrong("no value", &name.to_string(), diagnostics),
            _ => self.wrong("no value", "", diagnostics),
        }
    }

    /// One value or a list of them.
    pub(crate) fn values(&self, example: &str, diagnostics: &Diagnostics) -> Option<Vec<Value>> {
        match &self.body {
            Body::Value(Value::List(list, _)) => Some(list.clone()),
            Body::Value(value) => Some(vec![value.clone()]),
            _ => self.wrong("a value or a list of values", example, diagnostics),
        }
    }

    /// Reports that the value is of the wrong kind.
    pub(crate) fn wrong<T>(
        &self,
        kind: &str,
        example: &str,
        diagnostics: &Diagnostics,
    ) -> Option<T> {
        if self.is_broken() {
            return None;
        }
        let name = self.name();
        let text = format!("option {name} takes {kind}\nhelp: write `{example}`");
        match &self.body {
            Body::Value(value) => diagnostics.error("wrong-value", value, text),
            _ => diagnostics.error("wrong-value", self, text),
        }
        None
    }

    fn name(&self) -> String {
        match &self.key {
            Key::Name(name) => format!("`{name}`"),
            Key::Text(name) => format!("`{}`", name.value()),
            Key::None => "without a name".to_owned(),
        }
    }
}

/// Options that are asked for by name. Those that nobody knows, and those that are given twice, are
/// reported when it is made.
pub(crate) struct Options(Vec<Opt>);

impl Options {
    /// `what` says whose options they are: ``"the options of `auth` are"``.
    pub(crate) fn new(
        list: Vec<Opt>,
        known: &[&str],
        many: &[&str],
        what: &str,
        diagnostics: &Diagnostics,
    ) -> Self {
        let mut kept: Vec<Opt> = Vec::new();
        for option in list {
            let Key::Name(name) = &option.key else {
                kept.push(option);
                continue;
            };
            let text = name.to_string();
            if !known.contains(&text.as_str()) {
                if option.is_broken() {
                    continue;
                }
                match home(&text) {
                    Some(home) => {
                        let text = format!("option `{text}` has no place here\nhelp: it {home}");
                        diagnostics.error("misplaced-option", name, text);
                    }
                    None => {
                        let help = help(&text, known, what);
                        let text = format!("unknown option `{text}`\n{help}");
                        diagnostics.error("unknown-option", name, text);
                    }
                }
            } else if !many.contains(&text.as_str()) && kept.iter().any(|other| other.is(&text)) {
                let text = format!("option `{text}` is given twice\nhelp: keep one of them");
                diagnostics.error("duplicate-option", &option, text);
            } else {
                kept.push(option);
            }
        }
        Self(kept)
    }

    /// The option of this name, left where it is.
    pub(crate) fn find(&self, name: &str) -> Option<&Opt> {
        self.0.iter().find(|option| option.is(name))
    }

    /// The option of this name.
    pub(crate) fn take(&mut self, name: &str) -> Option<Opt> {
        let at = self.0.iter().position(|option| option.is(name))?;
        Some(self.0.remove(at))
    }

    /// All options of this name.
    pub(crate) fn take_all(&mut self, name: &str) -> Vec<Opt> {
        let (taken, kept) =
            std::mem::take(&mut self.0).into_iter().partition(|option| option.is(name));
        self.0 = kept;
        taken
    }

    /// The first bare value.
    pub(crate) fn take_bare(&mut self) -> Option<Value> {
        let at = self.0.iter().position(|option| matches!(option.key, Key::None))?;
        match self.0.remove(at).body {
            Body::Value(value) => Some(value),
            _ => None,
        }
    }

    /// The entries that are named by a string.
    pub(crate) fn take_texts(&mut self) -> Vec<(LitStr, Opt)> {
        let (taken, kept) = std::mem::take(&mut self.0)
            .into_iter()
            .partition(|option| matches!(option.key, Key::Text(_)));
        self.0 = kept;
        let with_name = |option: Opt| match &option.key {
            Key::Text(name) => Some((name.clone(), option)),
            _ => None,
        };
        Vec::into_iter(taken).filter_map(with_name).collect()
    }

    /// The first of those that nobody took.
    pub(crate) fn take_lonely(self) -> Option<Opt> {
        self.0.into_iter().find(|option| !option.is_broken())
    }

    /// Reports whatever nobody took.
    pub(crate) fn end(self, example: &str, diagnostics: &Diagnostics) {
        for option in self.0.into_iter().filter(|option| !option.is_broken()) {
            let text = format!(
                "nothing takes `{}` here\nhelp: write `{example}`",
                crate::suggest::text_of(&option)
            );
            diagnostics.error("wrong-value", &option, text);
        }
    }
}

/// Where an option belongs that stands somewhere else: a name of the language is mostly misplaced, not
/// misspelt.
fn home(name: &str) -> Option<&'static str> {
    Some(match name {
        "base" | "crate" | "dyn" => "is an option of the trait: move it to `#[api_client(..)]`",
        "login" | "refresh" => "marks a method, as in `#[post(\"/login\", login)]`",
        "public" | "optional" | "idempotent" | "page" | "rejected" => {
            "is an option of a method: write it behind the path, as in `#[get(\"/orders\", public)]`"
        }
        "logout" => {
            "marks the method that signs out; a response that ends the session is declared in `auth(logout(..))`"
        }
        "bearer" | "scheme" | "expired" | "early" | "renewed" | "grace" | "window" => {
            "stands in `auth(..)`"
        }
        "header" => {
            "stands in `auth(..)` for the one that carries the token; others stand in `headers(..)`"
        }
        "status" | "body" | "when" => "stands in a rule, as in `auth(expired(..))`",
        "code" => {
            "stands in `envelope(..)` for its place, and in a rule, as in `auth(expired(..))`, for its value"
        }
        "message" | "data" | "ok" => "stands in `envelope(..)`",
        "total" | "connect" | "attempt" => "stands in `timeout(..)`",
        "on" | "backoff" => "stands in `retry(..)`",
        "cursor" | "next" | "offset" | "link" | "items" => "stands in `page(..)`",
        "mime" | "file" | "json" => "stands in `#[part(..)]`",
        "flatten" => "stands in `#[query(flatten)]`",
        _ => return None,
    })
}
