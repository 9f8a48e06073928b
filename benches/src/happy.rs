//! The happy path: a call with a good token over a connection that is open.

use clap::ValueEnum;
use stats_alloc::Region;

use crate::caches::{Misses, misses};
use crate::clients::{Order, by_hand, careful, generated, raw};
use crate::server::{Server, token};
use crate::{HEAP, Outcome, callgrind, has_valgrind, progress, runtime};

/// Between these two numbers of calls, whatever is done once cancels out.
const FEW: u64 = 100;
const MANY: u64 = 600;

/// A way to write a client.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Which {
    /// The limit: no client on reqwest can cost less.
    Raw,
    ByHand,
    Careful,
    Perennial,
    /// The same call without a session.
    Public,
    #[cfg(feature = "peers")]
    Middleware,
    #[cfg(feature = "peers")]
    Progenitor,
    #[cfg(feature = "peers")]
    Feignhttp,
}

/// The cost of one call.
#[derive(Debug)]
pub(crate) struct Cost {
    pub(crate) which: Which,
    /// `None` where there is no valgrind.
    pub(crate) instructions: Option<u64>,
    pub(crate) allocations: f64,
    pub(crate) bytes: f64,
    /// Of some clients: every call of one is counted eight times.
    pub(crate) misses: Option<Misses>,
}

impl Which {
    pub(crate) fn all() -> &'static [Self] {
        Self::value_variants()
    }

    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::Raw => "reqwest alone, with raw bytes",
            Self::ByHand => "reqwest with a typed envelope, handwritten",
            Self::Careful => "reqwest with a careful shared refresh, handwritten",
            Self::Perennial => "perennial",
            Self::Public => "perennial without a session",
            #[cfg(feature = "peers")]
            Self::Middleware => "reqwest-middleware with an auth middleware",
            #[cfg(feature = "peers")]
            Self::Progenitor => "progenitor",
            #[cfg(feature = "peers")]
            Self::Feignhttp => "feignhttp",
        }
    }
}

/// Measures all clients.
pub(crate) fn measure() -> Outcome<Vec<Cost>> {
    let server = Server::start()?;
    Which::all().iter().map(|which| cost(*which, server.address())).collect()
}

fn cost(which: Which, base: &str) -> Outcome<Cost> {
    progress::say(format_args!("one call: {}", which.name()));
    let (allocations, bytes) = allocations(which, base)?;
    let (mut instructions, mut of_caches) = (None, None);
    if has_valgrind() {
        let name = which.to_possible_value().ok_or("every client has a name")?;
        let call =
            |calls: u64| ["call", name.get_name(), base, &calls.to_string()].map(str::to_owned);
        let count = |calls: u64| callgrind(&call(calls).each_ref().map(String::as_str));
        let (few, many) = (count(FEW)?, count(MANY)?);
        instructions = Some(many.saturating_sub(few) / (MANY - FEW));
        if matches!(which, Which::Raw | Which::ByHand | Which::Careful | Which::Perennial) {
            of_caches = Some(misses(&call(FEW), &call(MANY), MANY - FEW)?);
        }
    }
    Ok(Cost { which, instructions, allocations, bytes, misses: of_caches })
}

/// Makes so many calls; this is what callgrind counts.
pub(crate) fn call(which: Which, base: &str, calls: u64) -> Outcome<()> {
    runtime()?.block_on(async {
        let (sum, _) = calling(which, base, 0, calls).await?;
        println!("{sum}");
        Ok(())
    })
}

/// Allocations of one call, and their bytes.
fn allocations(which: Which, base: &str) -> Outcome<(f64, f64)> {
    runtime()?.block_on(async {
        let (_, change) = calling(which, base, FEW, MANY - FEW).await?;
        let calls = (MANY - FEW) as f64;
        let count = change.allocations + change.reallocations;
        Ok((count as f64 / calls, change.bytes_allocated as f64 / calls))
    })
}

/// Warms up, then calls, and tells what the allocator saw meanwhile.
async fn calling(
    which: Which,
    base: &str,
    warm: u64,
    calls: u64,
) -> Outcome<(u64, stats_alloc::Stats)> {
    let http = reqwest::Client::builder();
    let token = token(0);
    macro_rules! run {
        ($call:expr) => {{
            let call = $call;
            let mut sum = 0;
            for id in 0..warm {
                sum += call(1000 + id).await?;
            }
            let region = Region::new(HEAP);
            for id in 0..calls {
                sum += call(1000 + id).await?;
            }
            Ok((sum, region.change()))
        }};
    }
    let sum = |order: Order| order.sum();
    match which {
        Which::Raw => {
            let client = raw::Client::new(http.build()?, base, &token)?;
            run!(async |id| client.order(id).await.map(|bytes| bytes.len() as u64))
        }
        Which::ByHand => {
            let client = by_hand::Client::new(http.build()?, base, &token);
            run!(async |id| client.order(id).await.map(sum))
        }
        Which::Careful => {
            let client = careful::Client::new(http.build()?, base, &token);
            run!(async |id| client.order(id).await.map(sum))
        }
        Which::Perennial => {
            let client = generated::client(http, base, &token).await?;
            run!(async |id| client.order(id).await.map(sum))
        }
        Which::Public => {
            let client = generated::client(http, base, &token).await?;
            run!(async |id| client.open(id).await.map(sum))
        }
        #[cfg(feature = "peers")]
        Which::Middleware => {
            let client = crate::clients::middleware::Client::new(http.build()?, base, &token);
            run!(async |id| client.order(id).await.map(sum))
        }
        #[cfg(feature = "peers")]
        Which::Progenitor => {
            let client = crate::clients::progenitor::Client::new(http, base, &token)?;
            run!(async |id| client.order(id).await.map(sum))
        }
        #[cfg(feature = "peers")]
        Which::Feignhttp => {
            let client = crate::clients::feign::Client::new(base, &token)?;
            run!(async |id| client.order(id).await.map(sum))
        }
    }
}
