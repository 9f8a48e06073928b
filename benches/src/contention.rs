//! CPU time of calls that share one client, beside raw reqwest.

use std::sync::Arc;

use crate::clients::{by_hand, generated};
use crate::server::{Server, token};
use crate::{Outcome, cpu, progress};

/// How many calls at once.
pub(crate) const IN_FLIGHT: [usize; 4] = [1, 8, 64, 256];
/// The threads that make them.
pub(crate) const WORKERS: usize = 2;
/// Calls of one round: enough that the clock of the CPU time is fine beside them, and so few that a round is short. What
/// drifts meanwhile meets all.
const CALLS: usize = 1536;
/// Each has reqwest by hand twice, and perennial between.
pub(crate) const ROUNDS: usize = 41;

/// The caption of the numbers.
pub(crate) const ABOUT: &str = "CPU time of one call on two workers, compared with reqwest with a typed envelope, \
     handwritten: medians of 41 alternating rounds. Each round measures the handwritten client twice, as its own control. The \
     times are meaningful only on an idle machine.";

/// CPU time of one call, in nanoseconds: each is the median of all rounds.
pub(crate) struct Times {
    pub(crate) in_flight: usize,
    pub(crate) perennial: u64,
    pub(crate) by_hand: u64,
    /// The same client once more: how far two equal ones are apart.
    pub(crate) control: u64,
}

/// Measures both clients in turn. The server has a process of its own, whose time is not counted.
pub(crate) fn measure() -> Outcome<Vec<Times>> {
    let server = Server::start()?;
    let runtime =
        tokio::runtime::Builder::new_multi_thread().worker_threads(WORKERS).enable_all().build()?;
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
        for in_flight in IN_FLIGHT {
            progress::say(format_args!("{in_flight} calls in flight"));
            // The connections are opened before.
            ours(in_flight).await?;
            theirs(in_flight).await?;
            let (mut one, mut other, mut control) = (Vec::new(), Vec::new(), Vec::new());
            for round in 0..ROUNDS {
                let (first, second) = match round % 2 {
                    0 => (&mut other, &mut control),
                    _ => (&mut control, &mut other),
                };
                first.push(theirs(in_flight).await?);
                one.push(ours(in_flight).await?);
                second.push(theirs(in_flight).await?);
            }
            let [perennial, by_hand, control] = [one, other, control].map(median);
            times.push(Times { in_flight, perennial, by_hand, control });
        }
        Ok(times)
    })
}

fn median(mut times: Vec<u64>) -> u64 {
    times.sort_unstable();
    times.get(times.len() / 2).copied().unwrap_or_default()
}

/// The CPU time of each call of so many tasks at once.
async fn spent<F: Future<Output = bool> + Send>(
    tasks: usize,
    order: impl Fn(u64) -> F + Clone + Send + 'static,
) -> Outcome<u64> {
    let start = cpu::of_this()?;
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
    Ok((cpu::of_this()? - start) * 1000 / (CALLS / tasks * tasks) as u64)
}
