//! The options of one attribute, which are taken out by name.

use syn::{Ident, Lit, LitStr};

use super::{Body, Key, Opt, Value};
use crate::diagnostic::Diagnostics;
use crate::parse::advice;
use crate::suggest::{help, near, text_of};

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
                option.wrong::<()>("`off` to switch it off", &format!("{name} = off"), diagnostics);
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
                    format!(
                        "unexpected `{text}`\n\
                         help: write `{known}` without quotes"
                    )
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
