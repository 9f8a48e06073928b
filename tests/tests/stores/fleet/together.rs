//! Processes that share a store, for every kind of store.

use axum::extract::Path;
use perennial_tests::{Payload, Placement, Protocol, Reply, Server};
use serde_json::json;

use super::{Called, Worker, good, lost};

/// As many processes with as many calls each, through as many expiries. In each round one of the
/// processes ends, and another begins with what it finds.
pub async fn one_refresh_for_each_expiry(store: &str, rounds: usize) {
    let server = Server::start(Protocol::article());
    let mut workers = Vec::new();
    for _ in 0..8 {
        workers.push(Worker::start(&server, store).await);
    }
    workers[0].login(&server.issue("ann").access).await;
    for round in 1..=rounds {
        server.expire_all();
        workers[round % 8] = Worker::start(&server, store).await;
        for worker in &mut workers {
            worker.say("call 25").await;
        }
        for worker in &mut workers {
            assert_eq!(worker.called().await, good(25), "{:?}", worker.told);
            assert_eq!(worker.heard("event store-failed"), 0, "{:?}", worker.told);
        }
        assert_eq!(server.refreshes(), round, "after {round} expiries");
    }
    assert_eq!((server.rotations(), server.reuses()), (rounds, 0));
}

/// Processes whose calls carry two tokens, each of which is renewed for itself.
pub async fn one_refresh_for_each_credential(store: &str) {
    let device = Protocol {
        placement: Placement::Header("x-device"),
        refresh: "POST /device/refresh",
        login: "POST /device/login",
        logout: "",
        expired: Reply::json(&json!({"code": 5678, "message": "device token expired"})),
        unknown: Reply::json(&json!({"code": 5001, "message": "unknown device"})),
        refresh_rejected: Reply::json(&json!({"code": 5001, "message": "unknown device"})),
        ..Protocol::article()
    };
    let server = Server::with_credentials([Protocol::article(), device]);
    let both = async |Path(id): Path<u64>| Payload(json!({"id": id, "title": "both"}));
    server.route("/both/{id}", axum::routing::any(both));
    server.ask("/both/{id}", &[0, 1]);
    let mut workers = Vec::new();
    for _ in 0..2 {
        workers.push(Worker::start(&server, store).await);
    }
    workers[0].login(&server.issue("ann").access).await;
    workers[0].login_as("device", &server.credential(1).issue("phone").access).await;
    for round in 1..=5 {
        server.expire_all();
        server.credential(1).expire_all();
        workers[round % 2] = Worker::start(&server, store).await;
        for worker in &mut workers {
            worker.say("both 10").await;
        }
        for worker in &mut workers {
            assert_eq!(worker.called().await, good(10), "{:?}", worker.told);
            assert_eq!(worker.heard("event store-failed"), 0, "{:?}", worker.told);
        }
        let refreshes = (server.tokens().refreshes(), server.credential(1).refreshes());
        assert_eq!(refreshes, (round, round), "after {round} expiries of each");
    }
    assert_eq!(server.reuses(), 0);
    workers[0].logout().await;
    let mut late = Worker::start(&server, store).await;
    late.say("both 1").await;
    assert_eq!(late.called().await, lost(1), "{:?}", late.told);
}

/// A change by one process is seen by the next call of another before it is sent.
pub async fn what_others_do_is_met_before_the_next_call(store: &str) {
    let server = Server::start(Protocol::article());
    let mut one = Worker::start(&server, store).await;
    let mut other = Worker::start(&server, store).await;
    assert_eq!(other.call(1).await, lost(1), "nobody is signed in yet");
    one.login(&server.issue("ann").access).await;
    other.notice().await;
    assert_eq!(other.call(5).await, good(5), "a login was not met: {:?}", other.told);
    server.expire_all();
    assert_eq!(one.call(1).await, good(1));
    other.notice().await;
    let before = server.expiries();
    assert_eq!(other.call(5).await, good(5));
    assert_eq!(server.expiries(), before, "a call went out with a token that was renewed");
    let bob = server.issue("bob").access;
    one.login(&bob).await;
    other.notice().await;
    let changed = Called { bad: 1, ..Called::default() };
    assert_eq!(other.call(1).await, changed, "a call of one user ran as the other");
    let is_told = |line: &String| line.contains("a different user signed in");
    assert_eq!(other.told.iter().filter(|line| is_told(line)).count(), 1, "{:?}", other.told);
    assert_eq!(other.call(5).await, good(5));
    assert_eq!(server.carrying(&bob), 5);
    one.logout().await;
    other.notice().await;
    let before = server.requests();
    assert_eq!(other.call(5).await, lost(5), "{:?}", other.told);
    assert_eq!(server.requests(), before, "a call went out for a user who had signed out");
    assert_eq!(other.heard("event lost"), 1, "{:?}", other.told);
    one.login(&server.issue("ann").access).await;
    other.notice().await;
    assert_eq!(other.call(1).await, changed, "what was started as one went out as the next");
    assert_eq!(other.call(5).await, good(5), "{:?}", other.told);
    assert_eq!((server.refreshes(), server.reuses()), (1, 0));
}
