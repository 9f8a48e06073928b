//! The queue of the calls that wait for a refresh: its release, without a network, so that every
//! instruction is the client's.

use std::sync::Arc;

use perennial::Tokens;
use perennial::layer::{HttpRequest, HttpResponse, HttpService};
use tokio::sync::Notify;
use tokio::task::JoinSet;

use crate::clients::generated::ShopClient;
use crate::server::{EXPIRED, order, token};
use crate::{Outcome, callgrind, progress, runtime};

/// How many calls wait; each is twice as many as the one before.
pub(crate) const CALLS: [u64; 5] = [1_000, 2_000, 4_000, 8_000, 16_000];

/// Instructions of each of the calls by which one number is larger than the one before.
pub(crate) fn measure(calls: &[u64]) -> Outcome<Vec<(u64, u64)>> {
    let mut counts = Vec::new();
    for calls in calls {
        progress::say(format_args!("{calls} calls that wait and go"));
        counts.push((*calls, callgrind(&["park", &calls.to_string()])?));
    }
    Ok(counts
        .windows(2)
        .filter_map(|pair| match pair {
            [(few, less), (many, more)] => Some((*many, more.saturating_sub(*less) / (many - few))),
            _ => None,
        })
        .collect())
}

/// Lets so many calls meet an expired token, wait for one refresh, and go. This is what callgrind
/// counts.
pub(crate) fn park(calls: u64) -> Outcome<()> {
    runtime()?.block_on(async {
        let refresh = Arc::new(Notify::new());
        let shop = without_network(&refresh)?;
        shop.session().login(Tokens::new(token(0))).await?;
        let mut running: JoinSet<bool> = JoinSet::new();
        for id in 0..calls {
            let call = shop.order(id);
            running.spawn(async move { call.await.is_ok() });
        }
        while (shop.session().stats().waiting as u64) < calls {
            tokio::task::yield_now().await;
        }
        refresh.notify_one();
        while let Some(went_well) = running.join_next().await {
            if !went_well? {
                return Err("a call that waited failed".into());
            }
        }
        println!("{}", shop.session().stats().replays);
        Ok(())
    })
}

/// A client that gets every response from a layer. The refresh waits until it is released.
fn without_network(refresh: &Arc<Notify>) -> Outcome<ShopClient> {
    let refresh = Arc::clone(refresh);
    let layer = tower::layer::layer_fn(move |_: HttpService| {
        let refresh = Arc::clone(&refresh);
        tower::service_fn(move |request: HttpRequest| response(Arc::clone(&refresh), request))
    });
    Ok(ShopClient::builder("http://shop.example").layer(layer).build()?)
}

async fn response(
    refresh: Arc<Notify>,
    request: HttpRequest,
) -> Result<HttpResponse, std::convert::Infallible> {
    let path = request.uri().path();
    let body = if path == "/refresh" {
        refresh.notified().await;
        format!(r#"{{"code":0,"message":"ok","data":"{}"}}"#, token(1))
    } else if request.headers().get("x-token").is_some_and(|it| *it == *token(1)) {
        order(path)
    } else {
        format!(r#"{{"code":{EXPIRED},"message":"the token has expired","data":null}}"#)
    };
    let response = http::Response::builder().header("content-type", "application/json");
    Ok(response.body(body.into()).expect("the header is well formed"))
}
