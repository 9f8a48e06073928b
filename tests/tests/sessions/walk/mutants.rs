//! Mutants that are injected around the client, each to be found by the invariant that it breaks.

use std::collections::BTreeMap;
use std::pin::Pin;
use std::sync::{Arc, Mutex};
use std::task::{Context, Poll};

use futures::FutureExt;
use perennial::layer::{HttpRequest, HttpResponse, HttpService};
use perennial::system::Spawn;
use perennial::{BoxFuture, ClientBuilder, Result, Tokens};
use tower::{Layer, Service, ServiceExt};

use crate::walk::executor::Spawner;
use crate::walk::store::SlowStore;
use crate::walk::walker::{Mutant, ShopClient};
use crate::walk::world::{BoxError, World};

/// Every mutant, with the invariant that must find it.
pub(crate) fn all() -> Vec<(&'static str, &'static str, Mutant)> {
    let nothing = Mutant::default;
    vec![
        (
            "a layer repeats expired calls",
            "two sends",
            Mutant { transport: Some(eager), ..nothing() },
        ),
        (
            "a layer keeps the first token",
            "identity",
            Mutant { transport: Some(sticky), ..nothing() },
        ),
        (
            "a layer refreshes twice",
            "single flight",
            Mutant { transport: Some(twice), ..nothing() },
        ),
        ("a layer swallows answers", "settled", Mutant { transport: Some(deaf), ..nothing() }),
        ("a hook forgets repeats", "counts", Mutant { transport: Some(forgetful), ..nothing() }),
        ("a spawner forgets tasks", "settled", Mutant { spawner: Some(lazy), ..nothing() }),
        ("a store clears nothing", "store", Mutant { store: Some(hoarder), ..nothing() }),
        ("a caller repeats by itself", "two sends", Mutant { order: Some(stubborn), ..nothing() }),
        (
            "a layer makes expired responses up, for users who sign in anew at once",
            "reason",
            Mutant { transport: Some(alarming), order: Some(restless), ..nothing() },
        ),
        ("a caller makes up a response", "earned", Mutant { order: Some(dreamer), ..nothing() }),
        (
            "a caller borrows the next user",
            "identity",
            Mutant { order: Some(changeling), ..nothing() },
        ),
    ]
}

type Answering = Pin<Box<dyn Future<Output = std::result::Result<HttpResponse, BoxError>> + Send>>;

/// A layer that is one function.
#[derive(Clone)]
struct Over<F>(F);

#[derive(Clone)]
struct Under<F> {
    act: F,
    inner: HttpService,
}

impl<F: Clone> Layer<HttpService> for Over<F> {
    type Service = Under<F>;

    fn layer(&self, inner: HttpService) -> Under<F> {
        Under { act: self.0.clone(), inner }
    }
}

impl<F: Fn(HttpService, HttpRequest) -> Answering> Service<HttpRequest> for Under<F> {
    type Response = HttpResponse;
    type Error = BoxError;
    type Future = Answering;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<std::result::Result<(), BoxError>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, request: HttpRequest) -> Answering {
        (self.act)(self.inner.clone(), request)
    }
}

/// The same request again; none of these has a body.
fn copy(request: &HttpRequest) -> HttpRequest {
    let mut copy = HttpRequest::new(reqwest::Body::from(""));
    *copy.method_mut() = request.method().clone();
    *copy.uri_mut() = request.uri().clone();
    *copy.headers_mut() = request.headers().clone();
    copy
}

fn is_refresh(request: &HttpRequest) -> bool {
    request.uri().path() == "/api/refreshtoken"
}

type Builder = ClientBuilder<ShopClient>;

fn eager(builder: Builder, _: World) -> Builder {
    builder.layer(Over(|inner: HttpService, request: HttpRequest| -> Answering {
        Box::pin(async move {
            let again = (!is_refresh(&request)).then(|| copy(&request));
            let first = inner.clone().oneshot(request).await;
            match again {
                Some(again) if first.is_err() => inner.oneshot(again).await,
                _ => first,
            }
        })
    }))
}

fn sticky(builder: Builder, _: World) -> Builder {
    let kept = Arc::new(Mutex::new(None));
    builder.layer(Over(move |inner: HttpService, mut request: HttpRequest| -> Answering {
        if let Some(token) = request.headers().get("x-token").cloned() {
            let token = kept.lock().unwrap().get_or_insert(token).clone();
            request.headers_mut().insert("x-token", token);
        }
        Box::pin(inner.oneshot(request))
    }))
}

fn twice(builder: Builder, _: World) -> Builder {
    builder.layer(Over(|inner: HttpService, request: HttpRequest| -> Answering {
        let again = is_refresh(&request).then(|| inner.clone().oneshot(copy(&request)));
        let first = inner.oneshot(request);
        Box::pin(async move {
            match again {
                Some(again) => futures::future::select(first, again).await.factor_first().0,
                None => first.await,
            }
        })
    }))
}

fn deaf(builder: Builder, _: World) -> Builder {
    let heard = Arc::new(Mutex::new(0_usize));
    builder.layer(Over(move |inner: HttpService, request: HttpRequest| -> Answering {
        let mut heard = heard.lock().unwrap();
        *heard += 1;
        if heard.is_multiple_of(7) && request.uri().path() == "/api/orders" {
            return Box::pin(std::future::pending());
        }
        Box::pin(inner.oneshot(request))
    }))
}

fn forgetful(builder: Builder, world: World) -> Builder {
    let told = Arc::new(Mutex::new(0_usize));
    builder.on_event(move |event| {
        let mut told = told.lock().unwrap();
        *told += 1;
        if !told.is_multiple_of(5) {
            crate::walk::invariants::event(&world, event);
        }
    })
}

fn alarming(builder: Builder, _: World) -> Builder {
    builder.layer(Over(|inner: HttpService, request: HttpRequest| -> Answering {
        let is_order = request.uri().path() == "/api/orders";
        Box::pin(async move {
            let mut response = inner.oneshot(request).await?;
            if is_order {
                *response.body_mut() = reqwest::Body::from(r#"{"code":1234,"message":"expired"}"#);
            }
            Ok(response)
        })
    }))
}

/// Runs only every other task.
struct Lazy(Spawner, Mutex<usize>);

impl Spawn for Lazy {
    fn spawn(
        &self,
        task: BoxFuture<'static, ()>,
    ) -> std::result::Result<(), BoxFuture<'static, ()>> {
        let mut spawned = self.1.lock().unwrap();
        *spawned += 1;
        if spawned.is_multiple_of(2) {
            return self.0.spawn(Box::pin(std::future::pending().map(move |()| drop(task))));
        }
        self.0.spawn(task)
    }
}

fn lazy(spawner: Spawner) -> Box<dyn Spawn> {
    Box::new(Lazy(spawner, Mutex::new(0_usize)))
}

fn hoarder() -> SlowStore {
    SlowStore::that_never_clears()
}

fn stubborn(shop: ShopClient, number: usize) -> BoxFuture<'static, Result<u64>> {
    Box::pin(async move {
        for _ in 0..3 {
            if let Ok(value) = shop.order(number).await {
                return Ok(value);
            }
        }
        shop.order(number).await
    })
}

fn dreamer(shop: ShopClient, number: usize) -> BoxFuture<'static, Result<u64>> {
    Box::pin(async move { Ok(shop.order(number).await.unwrap_or(7)) })
}

/// Makes the call only when it is awaited, as a client without this library would.
fn changeling(shop: ShopClient, number: usize) -> BoxFuture<'static, Result<u64>> {
    Box::pin(async move { shop.order(number).await })
}

/// Signs in again in the same breath in which its call starts a refresh, so that the refresh is discarded.
fn restless(shop: ShopClient, number: usize) -> BoxFuture<'static, Result<u64>> {
    let mut call = Box::pin(shop.order(number));
    Box::pin(std::future::poll_fn(move |context| {
        let refreshing = shop.session().stats().refreshing;
        let polled = call.as_mut().poll(context);
        if !refreshing && shop.session().stats().refreshing {
            let login = shop.session().login(Tokens::new(format!("made up by {number}")));
            drop(Box::pin(login).as_mut().poll(context));
        }
        polled
    }))
}

/// How many walks it took to find each rule that was broken.
pub(crate) fn first_finds(mutant: &Mutant, walks: u64) -> BTreeMap<String, u64> {
    let mut finds = BTreeMap::new();
    for seed in 0..walks {
        for fault in crate::walk::walker::walk(seed, mutant).faults {
            let rule = fault.split(':').next().unwrap_or_default().to_owned();
            finds.entry(rule).or_insert(seed);
        }
    }
    finds
}
