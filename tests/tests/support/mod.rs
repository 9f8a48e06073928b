//! The parts that the tests of the whole share: a strict server that speaks as the article does, a client that is
//! signed in at it, what its hooks reported, and the runtimes that a case runs on.
//!
//! A case is a few lines: `let world = World::expired().await;`, what happens, and what was counted.

// Each test binary uses a part of it.
#![allow(dead_code, unreachable_pub, unused_imports, unused_macros)]

mod clock;
mod renewal;
mod run;
mod shop;
mod store;
mod told;
mod world;

use std::time::Duration;

pub use clock::Turned;
pub use renewal::{Grant, Renewal};
pub use run::{On, run};
pub(crate) use run::{cases, timed};
pub use shop::{Order, Shop, ShopClient, Who};
pub(crate) use store::as_in;
pub use told::{Counts, Told};
pub(crate) use world::SignedIn;
pub use world::{World, builder, lasting, sign_in, tokens};

pub const fn secs(seconds: u64) -> Duration {
    Duration::from_secs(seconds)
}
