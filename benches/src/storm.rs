//! A storm: many calls whose token expires together, and what each holds while it waits.

use std::future::poll_fn;
use std::pin::Pin;
use std::process::Command;
use std::task::{Context, Poll};
use std::time::{Duration, Instant};

use perennial::Tokens;
use tokio::task::JoinSet;

use crate::clients::{careful, generated};
use crate::heap::live;
use crate::server::{Control, Server, token};
use crate::{Outcome, progress, runtime};

/// The cost of a storm of one client.
#[derive(Debug, Clone)]
pub(crate) struct Storm {
    pub(crate) calls: usize,
    pub(crate) refreshes: u64,
    pub(crate) requests: u64,
    /// Bytes of heap for each call that waits.
    pub(crate) parked: usize,
    /// Bytes that are there when all calls have gone and were not before: the room that the connection
    /// has taken for itself meanwhile, or given back.
    pub(crate) kept: i64,
    /// Bytes for each call that waits, when each has a task of its own.
    pub(crate) spawned: usize,
    /// The shortest of several.
    pub(crate) time: Duration,
}

/// A storm of both clients, side by side.
pub(crate) struct Storms {
    pub(crate) by_hand: Storm,
    pub(crate) perennial: Storm,
    /// Requests when the expiry was known before.
    pub(crate) early: u64,
}

/// Prints a storm of so many calls.
pub(crate) fn print(calls: usize) -> Outcome<()> {
    let Storms { by_hand, perennial, early } = measure(calls)?;
    for (name, storm) in [("by hand", by_hand), ("perennial", perennial)] {
        let Storm { refreshes, requests, parked, kept, spawned, time, .. } = storm;
        println!(
            "{name}: {refreshes} refreshes, {requests} requests, {time:?}; {parked} bytes for each that \
             waits, {spawned} with its task; the connection keeps {kept}"
        );
    }
    println!("perennial, when it was known: {early} requests");
    Ok(())
}

type Waiting = Pin<Box<dyn Future<Output = bool> + Send>>;

/// A storm of so many calls.
pub(crate) fn measure(calls: usize) -> Outcome<Storms> {
    progress::say(format_args!("{calls} calls that expire together"));
    let server = Server::start()?;
    runtime()?.block_on(async {
        let control = Control::new(server.address());
        let http = || reqwest::Client::builder().http2_prior_knowledge();
        let by_hand = careful::Client::new(http().build()?, server.address(), &token(0));
        let shop = generated::client(http(), server.address(), &token(0)).await?;
        let order = |id: u64| -> Waiting {
            let client = by_hand.clone();
            Box::pin(async move { client.order(id).await.is_ok() })
        };
        let declared = |id: u64| -> Waiting {
            let call = shop.order(id);
            Box::pin(async move { call.await.is_ok() })
        };
        let (mut times, mut declared_times) = (Vec::new(), Vec::new());
        // The first round warms both up: the connection keeps the room that so many streams need.
        for round in 0..5 {
            let spent = timed(&control, calls, &order).await?;
            let declared_spent = timed(&control, calls, &declared).await?;
            if round > 0 {
                times.push(spent);
                declared_times.push(declared_spent);
            }
        }
        let waiting = || by_hand.waiting();
        let mut by_hand_storm = lightest(&control, calls, &waiting, || order(1)).await?;
        let alone = || {
            let client = by_hand.clone();
            async move { client.order(1).await.is_ok() }
        };
        for _ in 0..WEIGHINGS {
            let weighed = spawned(&control, calls, &waiting, alone).await?;
            by_hand_storm.spawned = by_hand_storm.spawned.min(weighed);
        }
        let waiting = || shop.session().stats().waiting;
        let bare = || shop.order(1);
        let mut perennial_storm = lightest(&control, calls, &waiting, bare).await?;
        for _ in 0..WEIGHINGS {
            let weighed = spawned(&control, calls, &waiting, bare).await?;
            perennial_storm.spawned = perennial_storm.spawned.min(weighed);
        }
        by_hand_storm.time = times.into_iter().min().unwrap_or_default();
        perennial_storm.time = declared_times.into_iter().min().unwrap_or_default();
        control.expire(false).await?;
        shop.session().expire_now();
        all((0..calls as u64).map(&declared).collect()).await?;
        let (early, _) = control.counts().await?;
        Ok(Storms { by_hand: by_hand_storm, perennial: perennial_storm, early })
    })
}

async fn timed(
    control: &Control,
    calls: usize,
    order: &impl Fn(u64) -> Waiting,
) -> Outcome<Duration> {
    control.expire(false).await?;
    let start = Instant::now();
    all((0..calls as u64).map(order).collect()).await?;
    Ok(start.elapsed())
}

/// Waits until all have ended; each must have gone well.
async fn all(calls: Vec<Waiting>) -> Outcome<()> {
    let mut running: JoinSet<bool> = calls.into_iter().collect();
    while let Some(went_well) = running.join_next().await {
        if !went_well? {
            return Err("a call of the storm failed".into());
        }
    }
    Ok(())
}

/// Now and then the connection takes a quarter of a megabyte for itself while the calls wait. It takes
/// it once, and it is not the calls': of several storms the lightest tells what these hold.
const WEIGHINGS: usize = 3;

async fn lightest<F: Future<Output: Good> + Unpin>(
    control: &Control,
    calls: usize,
    waiting: &dyn Fn() -> usize,
    order: impl Fn() -> F,
) -> Outcome<Storm> {
    let mut lightest = parked(control, calls, waiting, &order).await?;
    for _ in 1..WEIGHINGS {
        let next = parked(control, calls, waiting, &order).await?;
        if next.parked < lightest.parked {
            lightest = next;
        }
    }
    Ok(lightest)
}

/// Lets all calls wait for one refresh, and weighs them then.
async fn parked<F: Future<Output: Good> + Unpin>(
    control: &Control,
    calls: usize,
    waiting: &dyn Fn() -> usize,
    order: impl Fn() -> F,
) -> Outcome<Storm> {
    control.expire(true).await?;
    settle().await;
    let before = live();
    let mut open: Vec<Option<F>> = (0..calls).map(|_| Some(order())).collect();
    let mut good = true;
    let mut poll_all = |open: &mut [Option<F>], context: &mut Context<'_>| {
        for slot in open.iter_mut() {
            if let Some(call) = slot
                && let Poll::Ready(result) = Pin::new(call).poll(context)
            {
                good &= result.is_good();
                *slot = None;
            }
        }
    };
    // The server responds to all of them before the refresh, which waits until it is released.
    while waiting() < calls {
        poll_fn(|context| {
            poll_all(&mut open, context);
            Poll::Ready(())
        })
        .await;
        tokio::time::sleep(Duration::from_millis(2)).await;
    }
    settle().await;
    let parked = live().saturating_sub(before) / calls;
    control.release().await?;
    while open.iter().any(Option::is_some) {
        poll_fn(|context| {
            poll_all(&mut open, context);
            Poll::Ready(())
        })
        .await;
        tokio::time::sleep(Duration::from_millis(2)).await;
    }
    if !good {
        return Err("a call of the storm failed".into());
    }
    let (requests, refreshes) = control.counts().await?;
    drop(open);
    settle().await;
    let kept = live() as i64 - before as i64;
    Ok(Storm {
        calls,
        refreshes,
        requests,
        parked,
        kept,
        spawned: usize::MAX,
        time: Duration::ZERO,
    })
}

/// The same with a task for each call: the bytes of each that waits, its task included.
async fn spawned<F>(
    control: &Control,
    calls: usize,
    waiting: &dyn Fn() -> usize,
    order: impl Fn() -> F,
) -> Outcome<usize>
where
    F: Future<Output: Good + Send + 'static> + Send + 'static,
{
    control.expire(true).await?;
    settle().await;
    let before = live();
    let mut tasks = Vec::with_capacity(calls);
    for _ in 0..calls {
        tasks.push(tokio::spawn(order()));
    }
    while waiting() < calls {
        tokio::time::sleep(Duration::from_millis(2)).await;
    }
    settle().await;
    let parked = live().saturating_sub(before) / calls;
    control.release().await?;
    for task in tasks {
        if !task.await?.is_good() {
            return Err("a call of the storm failed".into());
        }
    }
    Ok(parked)
}

/// Memory that the connection frees a little later does not belong to the calls.
async fn settle() {
    tokio::time::sleep(Duration::from_millis(50)).await;
}

/// Whether a call went well.
trait Good {
    fn is_good(&self) -> bool;
}

impl Good for bool {
    fn is_good(&self) -> bool {
        *self
    }
}

impl<T, E> Good for Result<T, E> {
    fn is_good(&self) -> bool {
        self.is_ok()
    }
}

/// The memory of signed-in sessions that are idle.
pub(crate) struct Idle {
    /// Bytes of heap for each.
    pub(crate) heap: usize,
    /// Kilobytes by which the process has grown, where the system says so.
    pub(crate) resident: Option<u64>,
}

/// Opens so many sessions.
pub(crate) fn idle(sessions: usize) -> Outcome<Idle> {
    runtime()?.block_on(async {
        let shop =
            generated::client(reqwest::Client::builder(), "http://127.0.0.1:1", &token(0)).await?;
        let mut all = Vec::with_capacity(sessions);
        let (before, resident_before) = (live(), resident());
        for number in 0..sessions {
            let session = shop.session().sibling();
            session.login(Tokens::new(token(number as u64)).with_refresh(token(1))).await?;
            all.push(session);
        }
        let heap = live().saturating_sub(before) / sessions;
        let resident =
            resident().zip(resident_before).map(|(now, before)| now.saturating_sub(before));
        Ok(Idle { heap, resident })
    })
}

/// The same in a process of its own, whose memory nothing else has used before.
pub(crate) fn idle_apart(sessions: usize) -> Outcome<Idle> {
    progress::say(format_args!("{sessions} idle sessions"));
    let output =
        Command::new(std::env::current_exe()?).args(["idle", &sessions.to_string()]).output()?;
    let text = String::from_utf8_lossy(&output.stdout);
    let mut numbers = text.split_whitespace();
    let heap = numbers.next().ok_or("no sessions could be opened")?.parse()?;
    Ok(Idle { heap, resident: numbers.next().map(str::parse).transpose()? })
}

/// Prints what so many sessions hold, for the process that asks.
pub(crate) fn print_idle(sessions: usize) -> Outcome<()> {
    let Idle { heap, resident } = idle(sessions)?;
    println!("{heap} {}", resident.map_or_else(String::new, |kilobytes| kilobytes.to_string()));
    Ok(())
}

/// The resident memory of this process in kilobytes, on Linux.
fn resident() -> Option<u64> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"))?;
    line.trim().trim_end_matches(" kB").parse().ok()
}
