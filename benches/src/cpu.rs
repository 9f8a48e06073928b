//! CPU time, as the system counts it.

use crate::Outcome;

/// Microseconds of this process.
#[cfg(unix)]
pub(crate) fn of_this() -> Outcome<u64> {
    micros(nix::sys::resource::UsageWho::RUSAGE_SELF)
}

/// Microseconds of all processes that were started here and have ended.
#[cfg(unix)]
pub(crate) fn of_children() -> Outcome<u64> {
    micros(nix::sys::resource::UsageWho::RUSAGE_CHILDREN)
}

/// Kilobytes of memory that the largest of these processes had at most.
#[cfg(unix)]
pub(crate) fn memory_of_children() -> Outcome<u64> {
    let usage = nix::sys::resource::getrusage(nix::sys::resource::UsageWho::RUSAGE_CHILDREN)?;
    Ok(usage.max_rss().try_into()?)
}

#[cfg(unix)]
fn micros(who: nix::sys::resource::UsageWho) -> Outcome<u64> {
    use nix::sys::time::TimeValLike as _;
    let usage = nix::sys::resource::getrusage(who)?;
    let micros = usage.user_time().num_microseconds() + usage.system_time().num_microseconds();
    Ok(micros.try_into()?)
}

#[cfg(not(unix))]
pub(crate) fn of_this() -> Outcome<u64> {
    Err("CPU time is measured on Unix only".into())
}

#[cfg(not(unix))]
pub(crate) fn of_children() -> Outcome<u64> {
    of_this()
}

#[cfg(not(unix))]
pub(crate) fn memory_of_children() -> Outcome<u64> {
    of_this()
}
