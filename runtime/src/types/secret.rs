//! The placeholder that is shown instead of a secret.

use std::fmt;

/// The placeholder of a secret in `Debug` and `Display`. It does not hold the secret, so it cannot show it.
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
