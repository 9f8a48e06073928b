//! Faults that a seed determines.

use std::time::Duration;

use crate::Reply;
use crate::script::{Action, When};

/// A number that is well distributed over all 64 bits (splitmix64).
pub(crate) fn spread(seed: u64) -> u64 {
    let mut mixed = seed.wrapping_add(0x9e37_79b9_7f4a_7c15);
    mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    mixed ^ (mixed >> 31)
}

/// The fault of one request; half of them have none. No request is processed and then left without its response: no
/// client could survive the loss of a rotated refresh token.
pub(crate) fn fault(seed: u64, number: usize) -> Option<(When, Action)> {
    let chance = spread(seed ^ spread(number as u64));
    let delay = Duration::from_millis(chance >> 32 & 0xf);
    Some(match chance % 10 {
        0 => (When::Before, Action::Respond(Reply::status(503))),
        1 => (When::Before, Action::Respond(Reply::html())),
        2 => (When::Before, Action::Respond(Reply::broken("{", 100))),
        3 => (When::Before, Action::Close),
        4 => (When::Before, Action::wait(delay)),
        5 => (When::After, Action::wait(delay)),
        _ => return None,
    })
}
