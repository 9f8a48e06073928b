//! Word of what is being measured, on standard error: the whole table takes an hour and more.

use std::fmt::Display;
use std::sync::LazyLock;
use std::time::Instant;

static START: LazyLock<Instant> = LazyLock::new(Instant::now);

/// Says what begins now, and how many seconds have gone since the first word.
pub(crate) fn say(what: impl Display) {
    eprintln!("{:>5} s  {what}", START.elapsed().as_secs());
}
