//! Logins that are not saved yet, while another process changes or reads what the store has.

use std::sync::{Arc, Mutex};

use crate::lost_replies::{FAILS, GOOD, LOSES, Line, assert_stored, renew};
use crate::support::{ShopClient, as_in};
use crate::watched::{calls, client, sign_in};
use perennial::store::{StoreError, Stored, TokenStore, Version};
use perennial::{BoxFuture, Tokens};
use perennial_tests::{Protocol, Server};
use tokio::sync::oneshot;
use tokio::task::yield_now;

#[derive(Debug, Clone, Copy)]
enum Elsewhere {
    RenewsBefore,
    Renews,
    SignsOut,
    SignsIn,
}

async fn change(elsewhere: Elsewhere, server: &Server, other: &ShopClient) {
    match elsewhere {
        Elsewhere::RenewsBefore | Elsewhere::Renews => renew(server, other).await,
        Elsewhere::SignsOut => other.session().logout().await.unwrap(),
        Elsewhere::SignsIn => {
            other.session().login(Tokens::new(server.issue("eve").access)).await.unwrap();
        }
    }
}

#[tokio::test]
async fn a_login_that_could_not_be_saved_yet_is_renewed_as_its_own_user_whatever_others_did() {
    use Elsewhere::{Renews, RenewsBefore, SignsIn, SignsOut};
    for elsewhere in [RenewsBefore, Renews, SignsOut, SignsIn] {
        for has_lock in [false, true] {
            let server = Server::start(Protocol::article());
            let line = Line::new(has_lock);
            let (shop, events) = client(&server, line.clone());
            sign_in(&server, &shop).await;
            let (other, _) = client(&server, line.of_another());
            calls(&other, 1).await;
            if let RenewsBefore = elsewhere {
                change(elsewhere, &server, &other).await;
            }
            line.set(FAILS);
            let ben = Tokens::new(server.issue("ben").access);
            shop.session().login(ben).await.unwrap();
            line.set(GOOD);
            if !matches!(elsewhere, RenewsBefore) {
                change(elsewhere, &server, &other).await;
            }
            server.expire_all();
            let before = server.requests();
            calls(&shop, 3).await;
            let case = format!("{elsewhere:?}, lock {has_lock}: {:?}", events.0);
            let sent = server.recorded();
            let users: Vec<_> = sent[before..].iter().filter_map(|it| it.user()).collect();
            assert_eq!(users, ["ben"; 6], "as another user: {case}");
            assert_eq!((events.count("Adopted"), server.reuses()), (0, 0), "{case}");
            assert_stored(&server, &line, &shop).await;
        }
    }
}

#[tokio::test]
async fn a_login_whose_save_lost_its_response_adopts_what_another_process_made_of_it() {
    let server = Server::start(Protocol::article());
    let line = Line::new(true);
    let (shop, _) = client(&server, line.clone());
    sign_in(&server, &shop).await;
    line.set(LOSES);
    shop.session().login(Tokens::new(server.issue("ben").access)).await.unwrap();
    line.set(FAILS);
    let (other, _) = client(&server, line.of_another());
    renew(&server, &other).await;
    let renewed = other.session().tokens().unwrap();
    calls(&shop, 1).await;
    assert_eq!(shop.session().tokens().unwrap().access(), renewed.access());
    line.set(GOOD);
    renew(&server, &shop).await;
    assert_stored(&server, &line, &shop).await;
}

/// A store in which others can read while a write is on its way.
#[derive(Clone)]
struct Slow(Line);

impl TokenStore for Slow {
    as_in! { 0: load, lock }

    fn save<'a>(
        &'a self,
        next: &'a Stored,
        expected: Option<Version>,
    ) -> BoxFuture<'a, Result<(), StoreError>> {
        Box::pin(async move {
            turns().await;
            self.0.save(next, expected).await
        })
    }
    fn clear(&self, expected: Version) -> BoxFuture<'_, Result<(), StoreError>> {
        Box::pin(async move {
            turns().await;
            self.0.clear(expected).await
        })
    }
}

/// Lets each other task of this thread run until it waits for something else.
async fn turns() {
    for _ in 0..100 {
        yield_now().await;
    }
}

#[tokio::test]
async fn nobody_reads_a_used_token_when_the_user_changes_as_its_refresh_ends() {
    for signs_in in [true, false] {
        let store = Slow(Line::new(true));
        let (end, ending) = oneshot::channel::<()>();
        let ending = Mutex::new(Some(ending));
        let first = ShopClient::builder("http://localhost")
            .store(store.clone())
            .refresh(move |_: Option<Tokens>| {
                let ending = ending.lock().unwrap().take().expect("one refresh");
                async move {
                    ending.await.unwrap();
                    Ok(Tokens::new("renewed"))
                }
            })
            .build()
            .unwrap();
        first.session().login(Tokens::new("used")).await.unwrap();
        let sent = Arc::new(Mutex::new(Vec::new()));
        let presented = Arc::clone(&sent);
        let second = ShopClient::builder("http://localhost")
            .store(store.clone())
            .refresh(move |old: Option<Tokens>| {
                presented.lock().unwrap().push(old.unwrap().access().to_owned());
                std::future::ready(Ok(Tokens::new("another")))
            })
            .build()
            .unwrap();
        second.session().load().await;
        assert_eq!(second.session().tokens().unwrap().access(), "used");

        let refreshing = first.session().clone();
        let refreshing = tokio::spawn(async move { refreshing.refresh().await });
        turns().await;
        let waiting = second.session().clone();
        let waiting = tokio::spawn(async move { waiting.refresh().await });
        turns().await;
        // The refresh continues before the write of the login does.
        end.send(()).unwrap();
        match signs_in {
            true => first.session().login(Tokens::new("new")).await.unwrap(),
            false => first.session().logout().await.unwrap(),
        }
        refreshing.await.unwrap().unwrap_err();
        waiting.await.unwrap().unwrap_err();
        assert!(sent.lock().unwrap().is_empty(), "signs in: {signs_in}");
        let stored = store.0.stored().map(|stored| stored.tokens.access().to_owned());
        assert_eq!(stored.as_deref(), signs_in.then_some("new"));
    }
}
