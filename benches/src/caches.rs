//! Misses of the data cache, simulated: exact counts of how much memory a call touches.

use std::process::Command;

use crate::Outcome;

/// Misses of one call, by what missed.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Misses {
    pub(crate) reads: u64,
    pub(crate) writes: u64,
}

/// 32 KB in eight ways, as most cores have. The last level is as large as the program's memory, and misses nothing.
const CACHES: [&str; 3] = ["--I1=32768,8,64", "--D1=32768,8,64", "--LL=8388608,16,64"];

/// Where the stack and the heap begin decides which lines meet in a set, and any change to the program moves them. So
/// each count is the mean of as many places: the stack moves by an eighth of a way, the heap by more.
const PLACES: usize = 8;
const APART: usize = 512;
/// Where the heap begins.
const HEAP: &str = "HEAP";
/// Its length moves the stack.
const STACK: &str = "STACK";
/// The room for the path of the program, which is on the stack twice, and its arguments. The rest is filled, so that the
/// name of a folder moves nothing.
const ROOM: usize = 1024;

/// The misses of one call: what `many` has more than `few`, divided by the number of `calls`.
pub(crate) fn misses(few: &[String], many: &[String], calls: u64) -> Outcome<Misses> {
    let mut sum = Misses::default();
    for place in 0..PLACES {
        let (few, many) = (counted(few, place)?, counted(many, place)?);
        sum.reads += many.reads.saturating_sub(few.reads);
        sum.writes += many.writes.saturating_sub(few.writes);
    }
    let each = |sum: u64| sum / calls / PLACES as u64;
    Ok(Misses { reads: each(sum.reads), writes: each(sum.writes) })
}

/// Moves the heap of a program that is counted: its first block stays for as long as the program runs.
pub(crate) fn take_place() {
    let place = std::env::var(HEAP).ok().and_then(|place| place.parse::<usize>().ok());
    if let Some(place) = place {
        std::mem::forget(Vec::<u8>::with_capacity(place * APART * 5));
    }
}

/// All misses of this program with these arguments.
fn counted(arguments: &[String], place: usize) -> Outcome<Misses> {
    let program = std::env::current_exe()?;
    let taken = 2 * program.as_os_str().len() + arguments.iter().map(String::len).sum::<usize>();
    let fill = ROOM.saturating_sub(taken);
    let output = Command::new("valgrind")
        .args(["--tool=cachegrind", "--cache-sim=yes", "--cachegrind-out-file=/dev/null"])
        .args(CACHES)
        .arg(&program)
        .args(arguments)
        // The environment is at the beginning of the stack, and is the same on every machine.
        .env_clear()
        .env(HEAP, place.to_string())
        .env(STACK, "-".repeat(fill + place * APART))
        .output()?;
    let text = String::from_utf8_lossy(&output.stderr);
    match text.lines().find_map(|line| parsed(line.split_once("D1  misses:")?.1)) {
        Some(misses) if output.status.success() => Ok(misses),
        _ => Err(format!("cachegrind failed: {text}").into()),
    }
}

/// The counts of `  619,132  (  339,311 rd   +   279,821 wr)`.
fn parsed(line: &str) -> Option<Misses> {
    let (reads, writes) = line.split_once('(')?.1.split_once("rd")?;
    let number = |text: &str| {
        let digits: String = text.chars().filter(char::is_ascii_digit).collect();
        digits.parse().ok()
    };
    Some(Misses { reads: number(reads)?, writes: number(writes.split_once("wr")?.0)? })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_and_writes_are_distinguished() {
        let misses =
            parsed("       619,132  (  339,311 rd   +   279,821 wr)").expect("it is a count");
        assert_eq!((misses.reads, misses.writes), (339_311, 279_821));
        assert!(parsed(" rate").is_none());
    }
}
