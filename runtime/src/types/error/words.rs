//! The text of an error, in place of the error.

use std::error::Error as StdError;
use std::fmt;

/// The texts of an error and of its sources, without the values that they hold, one of which is a secret.
pub(super) struct Words {
    text: String,
    source: Option<Box<Self>>,
}

impl Words {
    /// The text of `error` after `change`; `None` if that changes neither `Display` nor `Debug`.
    pub(super) fn changed(
        error: &(dyn StdError + 'static),
        change: &impl Fn(&str) -> String,
    ) -> Option<Self> {
        let (mut chain, mut next) = (Vec::new(), Some(error));
        while let Some(error) = next {
            chain.push(error);
            next = error.source();
        }
        let is_changed = |text: String| change(&text) != text;
        let is_meant = |error: &&(dyn StdError + 'static)| {
            is_changed(error.to_string()) || is_changed(format!("{error:?} {error:#?}"))
        };
        chain.iter().any(is_meant).then_some(())?;
        chain.iter().rev().fold(None, |source, error| {
            Some(Self { text: change(&error.to_string()), source: source.map(Box::new) })
        })
    }
}

impl fmt::Display for Words {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

impl fmt::Debug for Words {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

impl StdError for Words {
    fn source(&self) -> Option<&(dyn StdError + 'static)> {
        self.source.as_deref().map(|source| source as _)
    }
}
