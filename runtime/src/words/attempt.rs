//! One send of a call, as a layer sees it.

use super::endpoint::Endpoint;

/// One send of a call. It stands in the extensions of each request that a layer sees.
#[derive(Debug, Clone, Copy)]
#[non_exhaustive]
pub struct Attempt {
    /// What is called.
    pub endpoint: &'static Endpoint,
    /// Tells calls apart. All attempts of one call have the same.
    pub call: u64,
    /// Which attempt of the call this is, from 1. A redirect that is followed is no new attempt.
    pub number: u32,
}
