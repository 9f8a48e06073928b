//! Throughput of one client that many tasks use at once, beside raw reqwest.

use std::sync::Arc;
use std::time::{Duration, Instant};

use crate::clients::{by_hand, generated};
use crate::server::{Server, token};
use crate::{Outcome, progress};

/// How many tasks at once.
pub(crate) const TASKS: [usize; 5] = [1, 2, 4, 8, 16];
/// So few that a round is short: where the scheduler puts tasks and server changes a time by half, and
/// only many rounds level that out.
pub(crate) const CALLS: usize = 480;
/// Rounds of four: the one, the other twice, and the one again, so that whatever drifts meanwhile
/// meets both.
const ROUNDS: usize = 40;

/// The time of perennial for that of reqwest by hand, both the median of many: below 1 is faster.
pub(crate) fn measure() -> Outcome<Vec<(usize, Duration, Duration)>> {
    let server = Server::start()?;
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
    runtime.block_on(async {
        let http = reqwest::Client::builder;
        let by_hand = Arc::new(by_hand::Client::new(http().build()?, server.address(), &token(0)));
        let shop = generated::client(http(), server.address(), &token(0)).await?;
        let ours = |tasks| {
            let client = shop.clone();
            spent(tasks, move |id| {
                let call = client.order(id);
                async move { call.await.is_ok() }
            })
        };
        let theirs = |tasks| {
            let client = Arc::clone(&by_hand);
            spent(tasks, move |id| {
                let client = Arc::clone(&client);
                async move { client.order(id).await.is_ok() }
            })
        };
        let mut times = Vec::new();
        for tasks in TASKS {
            progress::say(format_args!("{tasks} tasks at once"));
            // The connections are opened before.
            ours(tasks).await?;
            theirs(tasks).await?;
            let (mut one, mut other) = (Vec::new(), Vec::new());
            for _ in 0..ROUNDS {
                one.push(ours(tasks).await?);
                other.push(theirs(tasks).await?);
                other.push(theirs(tasks).await?);
                one.push(ours(tasks).await?);
            }
            times.push((tasks, median(one), median(other)));
        }
        Ok(times)
    })
}

fn median(mut times: Vec<Duration>) -> Duration {
    times.sort();
    times.get(times.len() / 2).copied().unwrap_or_default()
}

async fn spent<F: Future<Output = bool> + Send>(
    tasks: usize,
    order: impl Fn(u64) -> F + Clone + Send + 'static,
) -> Outcome<Duration> {
    let start = Instant::now();
    let running: Vec<_> = (0..tasks)
        .map(|task| {
            let order = order.clone();
            tokio::spawn(async move {
                let mut good = true;
                for id in 0..CALLS / tasks {
                    good &= order((task * CALLS + id) as u64).await;
                }
                good
            })
        })
        .collect();
    for task in running {
        if !task.await? {
            return Err("a call failed".into());
        }
    }
    Ok(start.elapsed())
}
