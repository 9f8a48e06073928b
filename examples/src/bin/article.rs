//! The main example: waves of calls through a session whose token keeps expiring.
//!
//! It starts the server of the article, signs in, and sends waves of concurrent calls, each timed so that the token
//! expires while the server works on them. It then draws a chart of the run, or reports it as JSON. It fails if a call
//! failed, or if the server saw more than one refresh per expiry.

use std::error::Error;
use std::process::ExitCode;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, OnceLock, PoisonError};
use std::time::{Duration, Instant};

use clap::Parser;
use indicatif::{HumanCount, ProgressBar, ProgressStyle};
use perennial::{EventKind, Result as ApiResult, Tokens, api_client};
use perennial_examples::server::{Counts, Options, Server};
use perennial_examples::timeline::{self, Event, Kind};
use perennial_examples::{lifetime, say};
use serde::{Deserialize, Serialize};
use tokio::task::JoinSet;

/// Sends waves of calls while the token keeps expiring, and draws what happened.
#[derive(Debug, Parser)]
struct Arguments {
    /// Calls of one wave, all at once: 1 to 100,000
    #[arg(long, default_value_t = 1000, value_parser = clap::value_parser!(u64).range(1..=100_000))]
    calls: u64,
    /// How long a token lives: `2s` or `500ms`; from 10 ms to an hour [default: 2s, longer on a slow
    /// machine]
    #[arg(long, value_parser = lifetime)]
    ttl: Option<Duration>,
    /// How many waves there are: 1 to 100
    #[arg(long, default_value_t = 5, value_parser = clap::value_parser!(u64).range(1..=100))]
    waves: u64,
    /// Prints one JSON object and nothing else
    #[arg(long)]
    json: bool,
}

/// Who signs in.
#[derive(Debug, Serialize)]
pub struct Credentials {
    /// The user's name.
    pub name: String,
    /// The user's password.
    pub password: String,
}

/// An order of the shop.
#[derive(Debug, Deserialize)]
pub struct Order {
    /// Its number.
    pub id: u64,
    /// The name of the item.
    pub title: String,
}

/// The shop's API.
#[api_client(
    base = "/api",
    envelope(code = "code", message = "message", data = "data", ok = 0),
    auth(header = "X-Token", expired(code = 1234))
)]
pub trait Shop {
    /// Signs in. The session keeps the returned tokens.
    #[post("/login", login)]
    async fn login(&self, #[json] who: &Credentials) -> ApiResult<Tokens>;

    /// Refreshes the token. The request carries the old one.
    #[post("/refreshtoken", refresh)]
    async fn refresh(&self) -> ApiResult<Tokens>;

    /// One order.
    #[get("/orders/{id}")]
    async fn order(&self, id: u64) -> ApiResult<Order>;

    /// Orders, newest first.
    #[get("/orders")]
    async fn orders(&self, #[query] page: u32, #[query] tag: &[&str]) -> ApiResult<Vec<Order>>;

    /// Needs no token and never waits for one.
    #[get("/health", public)]
    async fn health(&self) -> ApiResult<()>;
}

/// The report at the end; requests and refreshes as the server counted them.
#[derive(Debug, Serialize)]
struct Report {
    calls: u64,
    failed: u64,
    expiries: u64,
    refreshes: u64,
    requests: u64,
    replays: u64,
    late: u64,
    largest_queue: u64,
}

/// The client's view of the run.
#[derive(Debug, Default)]
struct Watch {
    /// When calls were queued.
    queued: Mutex<Vec<Event>>,
    largest_queue: AtomicU64,
    ended: AtomicU64,
    failed: AtomicU64,
    first_failure: OnceLock<String>,
}

#[tokio::main]
async fn main() -> Result<ExitCode, Box<dyn Error>> {
    let arguments = Arguments::parse();
    let ttl = match arguments.ttl {
        Some(ttl) => ttl,
        None => long_enough(arguments.calls).await?,
    };
    if !arguments.json {
        say!("A token lives for {:.1} s.", ttl.as_secs_f64());
    }
    let server = Server::start(options(ttl)).await?;
    let watch = Arc::new(Watch::default());
    let shop = client(&server, &watch)?;
    let who = Credentials { name: "ann".to_owned(), password: "secret".to_owned() };
    shop.health().await?;
    shop.login(&who).await?;

    let mut waves = Vec::new();
    for number in 0..arguments.waves {
        wait_for_the_moment(&server, ttl).await;
        waves.push(millis(server.started().elapsed()));
        wave(&shop, &watch, number, &arguments, &server).await;
    }

    let report = report(&watch, server.counts());
    if arguments.json {
        say!("{}", serde_json::to_string(&report)?);
    } else {
        show(&server, &watch, &waves, &report);
    }
    Ok(verdict(&report, &watch))
}

/// Two seconds, or four times as long as this machine needs for a wave: a call that is replayed must
/// reach the server before the new token expires.
async fn long_enough(calls: u64) -> Result<Duration, Box<dyn Error>> {
    let server = Server::start(Options::default()).await?;
    let shop = client(&server, &Arc::default())?;
    shop.health().await?;
    let before = Instant::now();
    let mut wave: JoinSet<_> = (0..calls).map(|_| shop.health()).collect();
    while let Some(response) = wave.join_next().await {
        response??;
    }
    Ok((before.elapsed() * 4).max(Duration::from_secs(2)))
}

/// The server takes so long for each call that a wave sent at three fifths of the token's lifetime
/// outlives it.
fn options(ttl: Duration) -> Options {
    Options {
        ttl,
        work: (ttl.mul_f64(0.34), ttl.mul_f64(0.44)),
        refresh_work: ttl.mul_f64(0.08),
        late_percent: 10,
    }
}

fn client(server: &Server, watch: &Arc<Watch>) -> ApiResult<ShopClient> {
    let (started, watch) = (server.started(), Arc::clone(watch));
    ShopClient::builder(server.url())
        .http(reqwest::Client::builder().http2_prior_knowledge().no_proxy())
        .on_event(move |event| {
            if let EventKind::Queued { waiting, .. } = &event.kind {
                let queued = Event::at(started.elapsed(), Kind::Queued);
                watch.queued.lock().unwrap_or_else(PoisonError::into_inner).push(queued);
                watch.largest_queue.fetch_max(*waiting as u64, Ordering::Relaxed);
            }
        })
        .build()
}

async fn wait_for_the_moment(server: &Server, ttl: Duration) {
    if let Some(newest) = server.newest_token() {
        tokio::time::sleep_until((newest + ttl.mul_f64(0.6)).into()).await;
    }
}

/// Sends one wave, all calls at once, and waits until all have ended.
async fn wave(
    shop: &ShopClient,
    watch: &Arc<Watch>,
    number: u64,
    arguments: &Arguments,
    server: &Server,
) {
    let before = watch.ended.load(Ordering::Relaxed);
    let mut calls = JoinSet::new();
    for call in 0..arguments.calls {
        let id = number * arguments.calls + call;
        let (shop, watch) = (shop.clone(), Arc::clone(watch));
        calls.spawn(async move {
            let response = shop.order(id).await;
            watch.ended.fetch_add(1, Ordering::Relaxed);
            match response {
                Ok(order) if order.id == id => {}
                Ok(order) => watch.fail(format!("asked for order {id}, got {}", order.title)),
                Err(error) => watch.fail(error.to_string()),
            }
        });
    }
    // Draws itself on a terminal alone.
    let bar = ProgressBar::new(arguments.calls).with_style(bar_style());
    if arguments.json {
        bar.set_draw_target(indicatif::ProgressDrawTarget::hidden());
    }
    bar.set_prefix(format!("wave {}/{}", number + 1, arguments.waves));
    let mut tick = tokio::time::interval(Duration::from_millis(100));
    loop {
        tokio::select! {
            biased;
            ended = calls.join_next() => if ended.is_none() { break },
            _ = tick.tick() => {
                bar.set_position(watch.ended.load(Ordering::Relaxed) - before);
                let queued = shop.session().stats().waiting;
                let Counts { refreshes, replays, .. } = server.counts();
                bar.set_message(format!("queued {queued}, refreshes {refreshes}, replays {replays}"));
            }
        }
    }
    bar.finish_and_clear();
}

fn bar_style() -> ProgressStyle {
    ProgressStyle::with_template("{prefix} {bar:20.green} {human_pos}/{human_len} {msg}")
        .unwrap_or_else(|_| ProgressStyle::default_bar())
}

fn report(watch: &Watch, counts: Counts) -> Report {
    let Counts { requests, replays, refreshes, expiries, late, .. } = counts;
    Report {
        calls: watch.ended.load(Ordering::Relaxed),
        failed: watch.failed.load(Ordering::Relaxed),
        expiries,
        refreshes,
        requests,
        replays,
        late,
        largest_queue: watch.largest_queue.load(Ordering::Relaxed),
    }
}

fn show(server: &Server, watch: &Watch, waves: &[u64], report: &Report) {
    let mut events = server.events();
    events.extend(watch.queued.lock().unwrap_or_else(PoisonError::into_inner).iter());
    events.sort_by_key(|event| event.ms);
    say!("\n{}", timeline::draw(&events, waves, width()));
    let n = HumanCount;
    say!(
        "{} calls, {} failed. The token expired {} times and was renewed {} times.",
        n(report.calls),
        n(report.failed),
        n(report.expiries),
        n(report.refreshes),
    );
    say!(
        "The server saw {} requests, {} of them replays; {} learned of the expiry after the refresh.",
        n(report.requests),
        n(report.replays),
        n(report.late),
    );
    say!("At most {} calls were queued at once.", n(report.largest_queue));
}

fn verdict(report: &Report, watch: &Watch) -> ExitCode {
    if let Some(failure) = watch.first_failure.get() {
        eprintln!("{} calls failed, the first: {failure}", report.failed);
        return ExitCode::FAILURE;
    }
    if report.refreshes > report.expiries {
        eprintln!("{} refreshes for {} expiries", report.refreshes, report.expiries);
        return ExitCode::FAILURE;
    }
    ExitCode::SUCCESS
}

impl Watch {
    fn fail(&self, why: String) {
        self.failed.fetch_add(1, Ordering::Relaxed);
        let _ = self.first_failure.set(why);
    }
}

fn width() -> usize {
    terminal_size::terminal_size().map_or(100, |(width, _)| usize::from(width.0))
}

fn millis(duration: Duration) -> u64 {
    u64::try_from(duration.as_millis()).unwrap_or(u64::MAX)
}
