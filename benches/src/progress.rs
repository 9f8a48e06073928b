//! Reports the progress on standard error: the whole table takes an hour and more.

use std::fmt::Display;
use std::sync::LazyLock;
use std::time::Instant;

static START: LazyLock<Instant> = LazyLock::new(Instant::now);

/// Reports the next step, and the seconds since the first report.
pub(crate) fn say(what: impl Display) {
    eprintln!("{:>5} s  {what}", START.elapsed().as_secs());
}
