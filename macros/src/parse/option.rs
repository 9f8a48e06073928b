//! One option of an attribute, before it is interpreted: `flag`, `key = value` or `key(..)`. Every part carries its
//! tokens.

mod reader;

use proc_macro2::TokenStream;
use quote::{ToTokens, TokenStreamExt};
use syn::{Ident, Lit, LitStr, Path};

pub(crate) use reader::options;

use super::advice;
use super::headers::is_constant;
use crate::diagnostic::Diagnostics;
use crate::suggest::{help, near, text_of};

/// An option, with its tokens.
#[derive(Clone)]
pub(crate) struct Opt {
    pub(crate) key: Key,
    pub(crate) body: Body,
    tokens: TokenStream,
}

/// The part before `=` or the parentheses.
#[derive(Clone)]
pub(crate) enum Key {
    /// A name of the language.
    Name(Ident),
    /// A wire name: `"Accept" = ..`.
    Text(LitStr),
    /// A place as a list of names: `["error", ".tag"] = ..`.
    Place(Value),
    /// None: a bare value.
    None,
}

/// The part after the key.
#[derive(Clone)]
pub(crate) enum Body {
    Flag,
    Value(Value),
    List(Vec<Opt>),
    /// Unreadable, and already reported.
    Broken,
}

/// A value, as written.
#[derive(Clone)]
pub(crate) enum Value {
    Lit(Lit),
    Path(Path),
    List(Vec<Value>, TokenStream),
    /// `body("path")` or `header("Name")`.
    Call(Ident, Vec<Value>, TokenStream),
}

impl ToTokens for Opt {
    fn to_tokens(&self, tokens: &mut TokenStream) {
        tokens.append_all(self.tokens.clone());
    }
}

impl ToTokens for Key {
    fn to_tokens(&self, tokens: &mut TokenStream) {
        match self {
            Self::Name(name) => name.to_tokens(tokens),
            Self::Text(text) => text.to_tokens(tokens),
            Self::Place(place) => place.to_tokens(tokens),
            Self::None => {}
        }
    }
}

impl ToTokens for Value {
    fn to_tokens(&self, tokens: &mut TokenStream) {
        match self {
            Self::Lit(lit) => lit.to_tokens(tokens),
            Self::Path(path) => path.to_tokens(tokens),
            Self::List(_, list) => tokens.append_all(list.clone()),
            Self::Call(_, _, call) => tokens.append_all(call.clone()),
        }
    }
}

impl Opt {
    /// A bare string.
    pub(crate) fn text(text: LitStr) -> Self {
        let tokens = text.to_token_stream();
        Self { key: Key::None, body: Body::Value(Value::Lit(Lit::Str(text))), tokens }
    }

    /// Whether the option has this name.
    pub(crate) fn is(&self, name: &str) -> bool {
        matches!(&self.key, Key::Name(key) if key == name)
    }

    /// Whether it is `key = off`.
    pub(crate) fn is_off(&self) -> bool {
        matches!(&self.body, Body::Value(Value::Path(path)) if path.is_ident("off"))
    }

    /// Whether it is `key = none` or `key = false`, which other languages use for `off`.
    pub(crate) fn is_no(&self) -> bool {
        const NO: [&str; 6] = ["none", "None", "no", "never", "null", "disabled"];
        match &self.body {
            Body::Value(Value::Lit(Lit::Bool(value))) => !value.value,
            Body::Value(Value::Path(path)) => NO.iter().any(|no| path.is_ident(no)),
            _ => false,
        }
    }

    /// Whether its value was unreadable, which is already reported.
    pub(crate) fn is_broken(&self) -> bool {
        matches!(self.body, Body::Broken)
    }

    /// Whether it or an option in its parentheses was unreadable.
    pub(crate) fn has_broken(&self) -> bool {
        match &self.body {
            Body::Broken => true,
            Body::List(list) => list.iter().any(Self::has_broken),
            Body::Flag | Body::Value(_) => false,
        }
    }

    /// The value as a string.
    pub(crate) fn string(&self, example: &str, diagnostics: &Diagnostics) -> Option<LitStr> {
        match &self.body {
            Body::Value(Value::Lit(Lit::Str(text))) => Some(text.clone()),
            Body::Value(Value::Path(path)) if is_constant(path) => {
                let text = format!(
                    "`{}`: expected a string, found the constant `{}`\n\
                     help: write the string itself, since an attribute cannot read a constant",
                    self.name(),
                    text_of(path)
                );
                diagnostics.error("wrong-value", path, text);
                None
            }
            _ => {
                let own = self.quoted();
                self.wrong("a string", own.as_deref().unwrap_or(example), diagnostics)
            }
        }
    }

    /// The option with its value in quotes: a name, or a string in parentheses.
    pub(crate) fn quoted(&self) -> Option<String> {
        let value = match &self.body {
            Body::Value(Value::Path(path)) => text_of(path),
            Body::List(list) => match &list[..] {
                [Opt { key: Key::None, body: Body::Value(Value::Lit(Lit::Str(text))), .. }] => {
                    text.value()
                }
                _ => return None,
            },
            _ => return None,
        };
        Some(format!("{} = {value:?}", self.name()))
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

    /// Checks that it has neither a value nor parentheses.
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

    /// Reports a value of the wrong kind.
    pub(crate) fn wrong<T>(
        &self,
        kind: &str,
        example: &str,
        diagnostics: &Diagnostics,
    ) -> Option<T> {
        if self.is_broken() {
            return None;
        }
        let name = match self.name() {
            name if name.is_empty() => name,
            name => format!("`{name}`: "),
        };
        let text = format!("{name}expected {kind}\nhelp: write `{example}`");
        match &self.body {
            Body::Value(value) => diagnostics.error("wrong-value", value, text),
            _ => diagnostics.error("wrong-value", self, text),
        }
        None
    }

    /// Its key, as text.
    pub(crate) fn name(&self) -> String {
        match &self.key {
            Key::Name(name) => name.to_string(),
            Key::Text(name) => name.value(),
            Key::Place(place) => text_of(place),
            Key::None => String::new(),
        }
    }
}

/// Options that are taken out by name. The constructor reports unknown ones and duplicates.
pub(crate) struct Options {
    list: Vec<Opt>,
    known: Vec<String>,
}

impl Options {
    /// `what` introduces the list of known options in a message: ``"the options of `auth` are"``.
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
            if let Some(page) = page(what) {
                diagnostics.word(page, name, known.contains(&text.as_str()));
            }
            if !known.contains(&text.as_str()) {
                if option.is_broken() {
                    continue;
                }
                unknown(name, known, what, diagnostics);
            } else if !many.contains(&text.as_str()) && kept.iter().any(|other| other.is(&text)) {
                let text = format!("duplicate option `{text}`\nhelp: keep one of the two");
                diagnostics.error("duplicate-option", &option, text);
            } else {
                kept.push(option);
            }
        }
        Self { list: kept, known: known.iter().map(|&name| name.to_owned()).collect() }
    }

    /// Whether an option of this name could be here.
    pub(crate) fn knows(&self, name: &str) -> bool {
        self.known.iter().any(|known| known == name)
    }

    /// The option of this name, without taking it out.
    pub(crate) fn find(&self, name: &str) -> Option<&Opt> {
        self.list.iter().find(|option| option.is(name))
    }

    /// The option of this name.
    pub(crate) fn take(&mut self, name: &str) -> Option<Opt> {
        let at = self.list.iter().position(|option| option.is(name))?;
        Some(self.list.remove(at))
    }

    /// All options of this name.
    pub(crate) fn take_all(&mut self, name: &str) -> Vec<Opt> {
        let (taken, kept) =
            std::mem::take(&mut self.list).into_iter().partition(|option| option.is(name));
        self.list = kept;
        taken
    }

    /// Reports and removes options that are switched off with another word.
    pub(crate) fn switched_off(&mut self, names: &[&str], diagnostics: &Diagnostics) {
        self.list.retain(|option| {
            let name = option.name();
            let is_wrong = option.is_no() && names.contains(&name.as_str());
            if is_wrong {
                option.wrong::<()>("`off`", &format!("{name} = off"), diagnostics);
            }
            !is_wrong
        });
    }

    /// The first bare value.
    pub(crate) fn take_bare(&mut self) -> Option<Value> {
        let at = self.list.iter().position(|option| matches!(option.key, Key::None))?;
        match self.list.remove(at).body {
            Body::Value(value) => Some(value),
            _ => None,
        }
    }

    /// The first bare value, if it is a string. It is not taken out.
    pub(crate) fn bare_text(&self) -> Option<String> {
        match &self.list.iter().find(|option| matches!(option.key, Key::None))?.body {
            Body::Value(Value::Lit(Lit::Str(text))) => Some(text.value()),
            _ => None,
        }
    }

    /// The entries whose key is a string.
    pub(crate) fn take_texts(&mut self) -> Vec<(LitStr, Opt)> {
        let (taken, kept) = std::mem::take(&mut self.list)
            .into_iter()
            .partition(|option| matches!(option.key, Key::Text(_)));
        self.list = kept;
        let with_name = |option: Opt| match &option.key {
            Key::Text(name) => Some((name.clone(), option)),
            _ => None,
        };
        Vec::into_iter(taken).filter_map(with_name).collect()
    }

    /// The first option that was not taken.
    pub(crate) fn take_rest(self) -> Option<Opt> {
        self.list.into_iter().find(|option| !option.is_broken())
    }

    /// Reports the options that were not taken out. Several bare values are one mistake.
    pub(crate) fn end(self, example: &str, diagnostics: &Diagnostics) {
        let mut is_reported = false;
        for option in self.list.iter().filter(|option| !option.is_broken()) {
            let is_bare = matches!(option.key, Key::None);
            if is_bare && is_reported {
                continue;
            }
            is_reported |= is_bare;
            let quoted = match &option.body {
                Body::Value(Value::Lit(Lit::Str(text))) => text.value(),
                _ => String::new(),
            };
            let known = self.known.iter().find(|known| known.eq_ignore_ascii_case(&quoted));
            let text = text_of(option);
            let text = match known {
                Some(known) if !example.contains(&format!("{known} = ")) => {
                    format!("unexpected `{text}`\nhelp: write `{known}`, without quotes")
                }
                _ => format!("unexpected `{text}`\nhelp: write `{example}`"),
            };
            diagnostics.error("wrong-value", option, text);
        }
    }
}

fn unknown(name: &Ident, known: &[&str], what: &str, diagnostics: &Diagnostics) {
    let word = name.to_string();
    let is_method = known.contains(&"public");
    if let Some(ours) = advice::in_scope(what.split('`').nth(1), is_method, &word) {
        let text = format!("unknown option `{word}`\nhelp: {ours}");
        diagnostics.error("unknown-option", name, text);
        return;
    }
    // `token` is not a misspelling of `tokens`, however similar.
    let is_near = word != "token" && near(&word, known).is_some();
    let foreign = advice::foreign_option(&word).filter(|_| !is_near);
    let (rule, text) = match (advice::option(&word), foreign) {
        (Some(home), _) => {
            ("misplaced-option", format!("option `{word}` does not belong here\nhelp: {home}"))
        }
        (None, Some(ours)) => ("unknown-option", format!("unknown option `{word}`\nhelp: {ours}")),
        (None, None) => {
            ("unknown-option", format!("unknown option `{word}`\n{}", help(&word, known, what)))
        }
    };
    diagnostics.error(rule, name, text);
}

/// The page of the reference for the options that `what` introduces.
fn page(what: &str) -> Option<&'static str> {
    if what.starts_with("besides a name") {
        return Some("role_option");
    }
    match what.split('`').nth(1) {
        None => what.starts_with("the options").then_some("option"),
        Some("expired" | "logout" | "rejected" | "on" | "insufficient_scope") => Some("rule"),
        Some(owner) => ["auth", "envelope", "timeout", "retry", "page", "events", "tokens"]
            .into_iter()
            .find(|page| *page == owner),
    }
}

/// Takes the string before the options.
pub(super) fn first_text(list: &mut Vec<Opt>) -> Option<LitStr> {
    let text = match list.first() {
        Some(Opt { key: Key::None, body: Body::Value(Value::Lit(Lit::Str(text))), .. }) => {
            text.clone()
        }
        _ => return None,
    };
    list.remove(0);
    Some(text)
}
