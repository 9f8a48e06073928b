//! What stands in place of a secret.

use std::fmt;

/// Stands in place of a secret in `Debug` and `Display`. It keeps nothing, so it can show nothing.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) struct Hidden;

impl fmt::Debug for Hidden {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("***")
    }
}

impl fmt::Display for Hidden {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(self, f)
    }
}
