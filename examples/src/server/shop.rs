//! The routes of the server and its books.

use std::collections::{BTreeMap, HashMap};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use axum::extract::{Path, State};
use axum::http::HeaderMap;
use axum::routing::{get, post};
use axum::{Json, Router};
use serde_json::{Value, json};

use super::{Counts, Options};
use crate::timeline::{Event, Kind};

#[derive(Debug)]
pub(super) struct Shop {
    pub(super) options: Options,
    pub(super) started: Instant,
    pub(super) books: Mutex<Books>,
}

#[derive(Debug, Default)]
pub(super) struct Books {
    pub(super) counts: Counts,
    pub(super) events: Vec<Event>,
    tokens: HashMap<String, Token>,
    /// How many times each order was asked for.
    asked: BTreeMap<u64, u64>,
    serial: u64,
    pub(super) newest: Option<Instant>,
}

#[derive(Debug)]
struct Token {
    issued: Instant,
    /// When it was requested, which is when its lifetime starts for a client.
    wanted: Instant,
    /// When a refresh was requested with it.
    paid: Option<Instant>,
    /// Whether there is a newer one.
    replaced: bool,
    noticed: bool,
    void: bool,
}

pub(super) fn routes(shop: &Arc<Shop>) -> Router {
    Router::new()
        .route("/api/login", post(login))
        .route("/api/refreshtoken", post(refresh))
        .route("/api/health", get(|| async { ok(json!(null)) }))
        .route("/api/orders", get(orders))
        .route("/api/orders/{id}", get(order))
        .with_state(Arc::clone(shop))
}

type Reply = Json<Value>;

async fn login(State(shop): State<Arc<Shop>>) -> Reply {
    let token = shop.books().issue(Instant::now());
    granted(&shop, &token)
}

async fn refresh(State(shop): State<Arc<Shop>>, headers: HeaderMap) -> Reply {
    let paid = shop.takes(token_of(&headers));
    tokio::time::sleep(shop.options.refresh_work).await;
    match shop.renew(paid) {
        Some(token) => granted(&shop, &token),
        None => says(1001, "please log in"),
    }
}

async fn order(State(shop): State<Arc<Shop>>, Path(id): Path<u64>, headers: HeaderMap) -> Reply {
    let is_replay = shop.arrived(id);
    let work = tokio::time::sleep(shop.work_for(id, is_replay));
    // A replay is judged before the work: most of that is done, and the token must not expire meanwhile.
    let judged = if is_replay {
        let judged = shop.judge(&headers);
        work.await;
        judged
    } else {
        work.await;
        shop.judge(&headers)
    };
    if matches!(judged, Judged::Expired) && id % 100 < shop.options.late_percent {
        shop.replaced(token_of(&headers)).await;
    }
    shop.response(&headers, judged, json!({"id": id, "title": format!("order {id}")}))
}

async fn orders(State(shop): State<Arc<Shop>>, headers: HeaderMap) -> Reply {
    shop.books().counts.requests += 1;
    let list: Value = (1..=3).map(|id| json!({"id": id, "title": format!("order {id}")})).collect();
    let judged = shop.judge(&headers);
    shop.response(&headers, judged, list)
}

#[derive(Debug, Clone, Copy)]
enum Judged {
    Good,
    Expired,
    Unknown,
}

impl Shop {
    /// Counts a call. Returns whether it is a replay.
    fn arrived(&self, id: u64) -> bool {
        let mut books = self.books();
        books.counts.requests += 1;
        let times = books.asked.entry(id).or_default();
        *times += 1;
        if *times == 1 {
            books.counts.calls += 1;
            books.note(self, Kind::Sent);
            false
        } else {
            books.counts.replays += 1;
            books.note(self, Kind::Replayed);
            true
        }
    }

    /// Spreads the calls evenly between the shortest and the longest work, neighbors far apart. Most of
    /// the work of a replay is already done.
    fn work_for(&self, id: u64, is_replay: bool) -> Duration {
        let (shortest, longest) = self.options.work;
        if is_replay {
            return shortest / 4;
        }
        let share = id.wrapping_mul(2_654_435_761) % 1000;
        shortest + longest.saturating_sub(shortest).mul_f64(share as f64 / 1000.0)
    }

    fn judge(&self, headers: &HeaderMap) -> Judged {
        let books = self.books();
        match token_of(headers).and_then(|token| books.tokens.get(token)) {
            None => Judged::Unknown,
            Some(token) if token.void => Judged::Unknown,
            Some(token) if token.has_expired(self.options.ttl) => Judged::Expired,
            Some(_) => Judged::Good,
        }
    }

    /// Waits until a token has been replaced and the client knows, or for as long as a token lives.
    async fn replaced(&self, token: Option<&str>) {
        let step = Duration::from_millis(5);
        let until = Instant::now() + self.options.ttl;
        let is_replaced = || {
            let books = self.books();
            token.and_then(|token| books.tokens.get(token)).is_some_and(|token| token.replaced)
        };
        while !is_replaced() && Instant::now() < until {
            tokio::time::sleep(step).await;
        }
        tokio::time::sleep(self.options.refresh_work * 2 + step).await;
    }

    fn response(&self, headers: &HeaderMap, judged: Judged, data: Value) -> Reply {
        let books = &mut *self.books();
        match judged {
            Judged::Good => {
                books.note(self, Kind::Done);
                ok(data)
            }
            Judged::Unknown => says(1001, "please log in"),
            Judged::Expired => {
                let token = token_of(headers).and_then(|token| books.tokens.get_mut(token));
                let late = token.is_some_and(|token| {
                    books.counts.expiries += u64::from(!token.noticed);
                    token.noticed = true;
                    token.replaced
                });
                books.counts.late += u64::from(late);
                books.note(self, if late { Kind::Late } else { Kind::Expired });
                says(1234, "token expired")
            }
        }
    }

    /// Accepts a token for a refresh. A token that was used for one before revokes the login.
    fn takes<'a>(&self, old: Option<&'a str>) -> Option<&'a str> {
        let books = &mut *self.books();
        books.counts.requests += 1;
        books.counts.refreshes += 1;
        books.note(self, Kind::RefreshStarted);
        let token = books.tokens.get_mut(old?)?;
        if token.void {
            return None;
        }
        if token.paid.is_some() {
            books.counts.reuses += 1;
            books.tokens.values_mut().for_each(|token| token.void = true);
            return None;
        }
        token.paid = Some(Instant::now());
        if !token.noticed && token.wanted.elapsed() >= self.options.ttl / 2 {
            token.noticed = true;
            books.counts.expiries += 1;
        }
        old
    }

    /// Issues the next token. The old one is void from here on.
    fn renew(&self, paid: Option<&str>) -> Option<String> {
        let books = &mut *self.books();
        books.note(self, Kind::RefreshFinished);
        let old = books.tokens.get_mut(paid?)?;
        old.replaced = true;
        let wanted = old.paid?;
        Some(books.issue(wanted))
    }

    pub(super) fn books(&self) -> MutexGuard<'_, Books> {
        self.books.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Books {
    fn issue(&mut self, wanted: Instant) -> String {
        self.serial += 1;
        let token =
            format!("token-{:04}-{:08x}", self.serial, self.serial.wrapping_mul(0x9e37_79b1));
        let issued = Instant::now();
        self.newest = Some(issued);
        self.tokens.insert(
            token.clone(),
            Token { issued, wanted, paid: None, replaced: false, noticed: false, void: false },
        );
        token
    }

    fn note(&mut self, shop: &Shop, kind: Kind) {
        self.events.push(Event::at(shop.started.elapsed(), kind));
    }
}

impl Token {
    fn has_expired(&self, ttl: Duration) -> bool {
        self.replaced || self.issued.elapsed() >= ttl
    }
}

fn token_of(headers: &HeaderMap) -> Option<&str> {
    headers.get("x-token")?.to_str().ok()
}

/// The lifetime in seconds, spelled as in the article; a fraction stays one.
fn granted(shop: &Shop, token: &str) -> Reply {
    let seconds = shop.options.ttl.as_secs_f64();
    let lifetime =
        if seconds.fract() == 0.0 { json!(shop.options.ttl.as_secs()) } else { json!(seconds) };
    ok(json!({"token": token, "tokenExprieIn": lifetime}))
}

fn ok(data: Value) -> Reply {
    Json(json!({"code": 0, "message": "ok", "data": data}))
}

fn says(code: i64, message: &str) -> Reply {
    Json(json!({"code": code, "message": message, "data": {}}))
}
