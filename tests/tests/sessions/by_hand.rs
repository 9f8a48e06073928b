//! A refresh that the user writes, and hooks that call back.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::mpsc::channel;
use std::sync::{Arc, Mutex, OnceLock};

use perennial::{Error, ErrorKind, EventKind, RefreshFailure, Session, Tokens};
use perennial_tests::{Protocol, Reply, Server};
use serde_json::json;

use crate::support::{On, ShopClient, Told, World, builder, cases, run, secs, timed, tokens};

/// Gives out the tokens that `server` issues, and says how often.
fn issuing(server: &Arc<Server>) -> (impl Fn() -> Tokens + Send + Sync + use<>, Arc<AtomicUsize>) {
    let (server, count) = (Arc::clone(server), Arc::new(AtomicUsize::new(0)));
    let counted = Arc::clone(&count);
    let issue = move || {
        counted.fetch_add(1, Ordering::SeqCst);
        tokens(&server.issue("ann"))
    };
    (issue, count)
}

async fn signed_in(server: &Server, shop: &ShopClient) {
    shop.session().login(tokens(&server.issue("ann"))).await.unwrap();
    server.expire_all();
}

cases! {
    async fn a_refresh_that_completes_at_once_does_not_deadlock() {
        let server = Arc::new(Server::start(Protocol::article()));
        let (issue, count) = issuing(&server);
        let shop = builder(&server, &Told::default())
            .refresh(move |_old: Option<Tokens>| std::future::ready(Ok(issue())))
            .build()
            .unwrap();
        signed_in(&server, &shop).await;
        shop.fast().await.unwrap();
        assert_eq!(count.load(Ordering::SeqCst), 1);
        assert_eq!((server.refreshes(), server.sends()), (0, 2));
    }

    async fn a_call_from_within_the_refresh_fails_at_once() {
        let server = Arc::new(Server::start(Protocol::article()));
        let (issue, _) = issuing(&server);
        let issue = Arc::new(issue);
        let own: Arc<OnceLock<ShopClient>> = Arc::default();
        let seen: Arc<OnceLock<Error>> = Arc::default();
        let (inner, told) = (Arc::clone(&own), Arc::clone(&seen));
        let shop = builder(&server, &Told::default())
            .refresh(move |_old: Option<Tokens>| {
                let (inner, told) = (Arc::clone(&inner), Arc::clone(&told));
                let issue = Arc::clone(&issue);
                async move {
                    let shop = inner.get().unwrap();
                    let error = shop.fast().await.unwrap_err();
                    told.set(error).unwrap();
                    // So is an explicit refresh; a public call goes out.
                    assert!(shop.session().refresh().await.unwrap_err().kind() == ErrorKind::ReentrantRefresh);
                    assert!(shop.refresh().await.unwrap_err().kind() == ErrorKind::ReentrantRefresh);
                    shop.health().await.unwrap();
                    Ok(issue())
                }
            })
            .build()
            .unwrap();
        own.set(shop.clone()).unwrap();
        signed_in(&server, &shop).await;
        shop.slow().await.unwrap();
        let error = seen.get().unwrap();
        assert!(error.kind() == ErrorKind::ReentrantRefresh, "{error}");
        assert_eq!((server.count("/fast"), server.count("/health")), (0, 1));
    }

    async fn a_rejected_refresh_ends_the_session() {
        let server = Server::start(Protocol::article());
        let shop = builder(&server, &Told::default())
            .refresh(async |_old: Option<Tokens>| Err(RefreshFailure::rejected("no such account")))
            .build()
            .unwrap();
        signed_in(&server, &shop).await;
        let error = shop.fast().await.unwrap_err();
        assert!(error.kind() == ErrorKind::SessionLost, "{error}");
        assert!(error.to_string().contains("no such account"), "{error}");
    }

    async fn a_refresh_by_hand_may_end_with_the_error_of_reqwest_which_says_whether_a_token_may_be_used() {
        let ambiguous = |event: &EventKind| matches!(event, EventKind::RotationAmbiguous { .. });
        for (lost, expected) in [(false, 0), (true, 1)] {
            let server = Arc::new(Server::start(Protocol::article()));
            let told = Told::default();
            let provider = Server::start(Protocol::article());
            let url = provider.url("/health");
            if lost {
                provider.on("/health").close_after();
            } else {
                provider.shut().await;
            }
            let shop = builder(&server, &told)
                .refresh(move |_old: Option<Tokens>| {
                    let url = url.clone();
                    async move { Ok(Tokens::new(reqwest::get(&url).await?.text().await?)) }
                })
                .build()
                .unwrap();
            signed_in(&server, &shop).await;
            let error = shop.fast().await.unwrap_err();
            assert!(error.kind() == ErrorKind::RefreshFailed, "{error}");
            assert!(shop.session().is_signed_in());
            assert_eq!(told.count(ambiguous), expected, "{error}");
        }
    }

    async fn a_refresh_by_hand_may_end_with_the_error_of_another_client() {
        let rejected = json!({"code": 7, "message": "not now"});
        for (reply, said, expected) in [
            (Some(Reply::status(503)), "503", 0),
            (Some(Reply::json(&rejected)), "not now", 0),
            (Some(Reply::html()), "does not match", 1),
            // Nobody is signed in there, so nothing is sent.
            (None, "nobody is signed in", 0),
        ] {
            let server = Server::start(Protocol::article());
            let provider = Server::start(Protocol::article());
            let is_sent = reply.is_some();
            if let Some(reply) = reply {
                provider.on("/health").response(reply);
            }
            let told = Told::default();
            let other = builder(&provider, &Told::default()).build().unwrap();
            let shop = builder(&server, &told)
                .refresh(move |_old: Option<Tokens>| {
                    let other = other.clone();
                    async move {
                        if is_sent {
                            other.health().await?;
                        } else {
                            other.fast().await?;
                        }
                        Ok(Tokens::new("never"))
                    }
                })
                .build()
                .unwrap();
            signed_in(&server, &shop).await;
            let error = shop.fast().await.unwrap_err();
            assert!(error.kind() == ErrorKind::RefreshFailed, "{error}");
            assert!(error.to_string().contains(said), "{error}");
            let ambiguous = |event: &EventKind| matches!(event, EventKind::RotationAmbiguous { .. });
            assert_eq!(told.count(ambiguous), expected, "{error}");
        }
    }

    async fn a_hook_may_use_the_session() {
        let server = Server::start(Protocol::article());
        let own: Arc<OnceLock<Session>> = Arc::default();
        let inner = Arc::clone(&own);
        let shop = builder(&server, &Told::default())
            .on_event(move |_| {
                if let Some(session) = inner.get() {
                    let _ = (session.stats(), session.tokens(), session.is_signed_in());
                }
            })
            .build()
            .unwrap();
        own.set(shop.session().clone()).unwrap();
        signed_in(&server, &shop).await;
        shop.fast().await.unwrap();
        assert_eq!(server.refreshes(), 1);
    }

    async fn a_panicking_hook_affects_no_caller() {
        let world = World::with(|builder| {
            builder.on_event(|event| {
                assert!(!matches!(event.kind, EventKind::RefreshFinished { .. }), "the hook panics");
            })
        })
        .await;
        world.server.expire_all();
        world.shop.fast().await.unwrap();
        world.server.expire_all();
        world.shop.fast().await.unwrap();
        assert_eq!(world.server.refreshes(), 2);
    }

    async fn waiters_fail_after_the_hook_even_if_it_panics() {
        let told = Arc::new(AtomicUsize::new(0));
        let count = Arc::clone(&told);
        let world = World::with(|builder| {
            builder.on_logout(move |_| {
                count.fetch_add(1, Ordering::SeqCst);
                panic!("the hook panics");
            })
        })
        .await;
        world.server.expire_all();
        let hold = world.server.hold_refresh();
        world.server.on_refresh().response_after(gone());
        let leader = tokio::spawn(world.shop.fast());
        hold.arrived(1).await;
        let calls = world.orders(0..5);
        world.waiting(6).await;
        hold.release();
        for call in calls {
            assert!(call.await.unwrap().unwrap_err().kind() == ErrorKind::SessionLost);
            assert_eq!(told.load(Ordering::SeqCst), 1);
        }
        assert!(leader.await.unwrap().unwrap_err().kind() == ErrorKind::SessionLost);
        assert!(world.shop.fast().await.unwrap_err().kind() == ErrorKind::SessionLost);
        assert_eq!(told.load(Ordering::SeqCst), 1);
    }

    async fn the_hook_gets_the_reason_and_finds_no_user_signed_in() {
        let own: Arc<OnceLock<Session>> = Arc::default();
        let seen: Arc<Mutex<Vec<(bool, bool, String)>>> = Arc::default();
        let (inner, told) = (Arc::clone(&own), Arc::clone(&seen));
        let world = World::with(|builder| {
            builder.on_logout(move |why| {
                let session = inner.get().unwrap();
                let own = why.session() == Some(session.id());
                told.lock().unwrap().push((own, session.is_signed_in(), why.to_string()));
            })
        })
        .await;
        own.set(world.session().clone()).unwrap();
        world.server.expire_all();
        world.server.on_refresh().response(gone());
        world.shop.fast().await.unwrap_err();
        let seen = seen.lock().unwrap();
        let [(own, signed_in, why)] = seen.as_slice() else { panic!("{seen:?}") };
        assert!(*own && !*signed_in && why.contains("gone fishing"), "{seen:?}");
    }
}

fn gone() -> Reply {
    Reply::json(&json!({"code": 1001, "message": "gone fishing", "data": {}}))
}

#[test]
fn a_blocking_hook_delays_no_caller_forever() {
    run(On::ManyThreads, async || {
        let (free, blocked) = channel::<()>();
        let blocked = Mutex::new(blocked);
        let world = World::with(|builder| {
            builder.on_logout(move |_| {
                // It ends when the test drops the other side, after all calls have ended.
                let _ = blocked.lock().unwrap().recv();
            })
        })
        .await;
        world.server.expire_all();
        world.server.on_refresh().response(gone());
        for call in world.orders(0..5) {
            assert!(call.await.unwrap().unwrap_err().kind() == ErrorKind::SessionLost);
        }
        assert!(world.session().stats().refreshes == 1 && world.told.counts().lost == 1);
        drop(free);
        world.told.quiet().await;
    });
}

timed! {
    async fn a_panicking_refresh_fails_the_waiters_and_no_other_call() {
        let server = Arc::new(Server::start(Protocol::article()));
        let (issue, count) = issuing(&server);
        let shop = builder(&server, &Told::default())
            .refresh(move |_old: Option<Tokens>| {
                let tokens = issue();
                let first = count.load(Ordering::SeqCst) == 1;
                async move {
                    assert!(!first, "the refresh panics");
                    Ok(tokens)
                }
            })
            .build()
            .unwrap();
        signed_in(&server, &shop).await;
        let (one, two) = tokio::join!(shop.fast(), shop.slow());
        assert!(one.unwrap_err().kind() == ErrorKind::RefreshFailed);
        assert!(two.unwrap_err().kind() == ErrorKind::RefreshFailed);
        tokio::time::sleep(secs(60)).await;
        shop.fast().await.unwrap();
    }
}

/// An error that quotes the request that failed.
#[derive(Debug)]
struct Quotes(String, Option<Box<Quotes>>);

impl std::fmt::Display for Quotes {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for Quotes {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        self.1.as_deref().map(|source| source as _)
    }
}

#[tokio::test]
async fn the_wait_that_the_programs_own_refresh_states_is_that_of_the_calls() {
    let server = Server::start(Protocol::article());
    let down = |_| async { Err(RefreshFailure::unavailable("it is down").retry_after(secs(9))) };
    let shop = builder(&server, &Told::default()).refresh(down).build().unwrap();
    signed_in(&server, &shop).await;
    for _ in 0..2 {
        let error = shop.fast().await.unwrap_err();
        assert_eq!(error.retry_after(), Some(secs(9)), "{error}");
    }
}

#[tokio::test]
async fn an_error_of_the_programs_own_refresh_shows_none_of_the_tokens_that_it_quotes() {
    for is_final in [false, true] {
        let told = Arc::new(Mutex::new(String::new()));
        let (events, ends) = (Arc::clone(&told), Arc::clone(&told));
        let shop = ShopClient::builder("http://127.0.0.1:1")
            .refresh(move |old: Option<Tokens>| async move {
                let old = old.unwrap();
                let refresh = old.refresh().unwrap();
                let inner = Quotes(format!("Bearer {}", old.access()), None);
                let outer = Quotes(format!("GET /?token={refresh}"), Some(Box::new(inner)));
                Err(match is_final {
                    true => RefreshFailure::rejected(outer),
                    false => RefreshFailure::unavailable(outer),
                })
            })
            .on_event(move |event| {
                events.lock().unwrap().push_str(&format!("{event:?} {event:#?}"))
            })
            .on_logout(move |error| ends.lock().unwrap().push_str(&format!("{error} {error:#?}")))
            .build()
            .unwrap();
        let old = Tokens::new("access-own-1").with_refresh("refresh/own 1");
        shop.session().login(old).await.unwrap();
        let error = shop.session().refresh().await.unwrap_err();
        let mut text = format!("{error} {error:?} {error:#?} {}", told.lock().unwrap());
        let mut cause = error.cause();
        while let Some(error) = cause {
            text += &format!(" {error} {error:?}");
            cause = error.source();
        }
        assert!(text.contains("GET /?token=***") && text.contains("Bearer ***"), "{text}");
        assert!(!text.contains("own-1") && !text.contains("own 1"), "{text}");
    }
}
