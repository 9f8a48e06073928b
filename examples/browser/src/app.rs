//! The page.

use std::time::UNIX_EPOCH;

use futures::future::join_all;
use gloo_timers::future::TimeoutFuture;
use perennial::Expiry;
use perennial::store::BrowserStore;
use web_sys::HtmlInputElement;
use yew::platform::spawn_local;
use yew::prelude::*;

use crate::shop::{Credentials, Order, ShopClient};
use crate::timeline::{Report, Timeline};

/// The client, and the store through which it learns what other tabs do.
#[derive(Clone)]
struct Api {
    shop: ShopClient,
    store: BrowserStore,
}

impl PartialEq for Api {
    /// There is one.
    fn eq(&self, _: &Self) -> bool {
        true
    }
}

/// The hooks report to the page. They need not be `Send`.
fn api(timeline: UseReducerDispatcher<Timeline>) -> Api {
    let store = BrowserStore::local("shop.tokens");
    let shop = ShopClient::builder("")
        .store(store.clone())
        .on_event(move |event| {
            if let Some(report) = Report::of(event) {
                timeline.dispatch(report);
            }
        })
        .build()
        .expect("the page has an origin");
    Api { shop, store }
}

#[component]
pub fn App() -> Html {
    let timeline = use_reducer(Timeline::default);
    let api = use_memo((), |()| api(timeline.dispatcher()));
    let (following, redraw) = (api.clone(), use_force_update());
    use_effect_with((), move |()| {
        spawn_local(async move {
            // The first look finds the login of an earlier visit.
            following.shop.session().load().await;
            redraw.force_update();
            following.store.follow(following.shop.session()).await;
        });
    });
    // Every event draws the page anew, so its content is never stale.
    let view = if api.shop.session().is_signed_in() {
        html! { <Orders api={(*api).clone()} timeline={timeline.dispatcher()} /> }
    } else {
        html! { <Login api={(*api).clone()} timeline={timeline.dispatcher()} /> }
    };
    html! {
        <main>
            <h1>{ "The shop" }</h1>
            <p>{ "Tokens live for a few seconds. Open this page in a second tab: one of them refreshes for both." }</p>
            { view }
            { timeline.view() }
        </main>
    }
}

#[derive(Properties, PartialEq)]
struct Parts {
    api: Api,
    timeline: UseReducerDispatcher<Timeline>,
}

#[component]
fn Login(Parts { api, timeline }: &Parts) -> Html {
    let (user, password) = (use_node_ref(), use_node_ref());
    let failure = use_state(String::new);
    let submit = {
        let (api, timeline) = (api.clone(), timeline.clone());
        let (user, password, failure) = (user.clone(), password.clone(), failure.clone());
        Callback::from(move |event: SubmitEvent| {
            event.prevent_default();
            let value = |input: &NodeRef| input.cast::<HtmlInputElement>().map(|it| it.value());
            let (Some(user), Some(password)) = (value(&user), value(&password)) else { return };
            let (api, timeline, failure) = (api.clone(), timeline.clone(), failure.clone());
            spawn_local(async move {
                match api.shop.login(&Credentials { user, password }).await {
                    Ok(_) => timeline.dispatch(Report::Session("new", "signed in".into())),
                    Err(error) => failure.set(error.to_string()),
                }
            });
        })
    };
    html! {
        <form onsubmit={submit}>
            <input id="user" ref={user} placeholder="user" value="ann" />
            <input id="password" ref={password} type="password" placeholder="password" value="right" />
            <button id="login">{ "Sign in" }</button>
            <output>{ (*failure).clone() }</output>
        </form>
    }
}

#[component]
fn Orders(Parts { api, timeline }: &Parts) -> Html {
    let orders = use_state(Vec::<Order>::new);
    let show = {
        let (api, timeline, orders) = (api.clone(), timeline.clone(), orders.clone());
        Callback::from(move |_: MouseEvent| {
            let (api, timeline, orders) = (api.clone(), timeline.clone(), orders.clone());
            spawn_local(async move {
                let list = api.shop.orders(1).await;
                let good = usize::from(list.is_ok());
                timeline.dispatch(Report::Calls { good, failed: 1 - good });
                orders.set(list.unwrap_or_default());
            });
        })
    };
    let fifty = {
        let (api, timeline) = (api.clone(), timeline.clone());
        Callback::from(move |_: MouseEvent| spawn_local(across(api.clone(), timeline.clone())))
    };
    let leave = {
        let (api, timeline) = (api.clone(), timeline.clone());
        Callback::from(move |_: MouseEvent| {
            let (api, timeline) = (api.clone(), timeline.clone());
            spawn_local(async move {
                let text = match api.shop.session().logout().await {
                    Ok(()) => "signed out".to_owned(),
                    Err(error) => error.to_string(),
                };
                timeline.dispatch(Report::Session("bad", text));
            });
        })
    };
    let row = |order: &Order| html! { <li>{ format!("{}: {}", order.id, order.title) }</li> };
    html! {
        <>
            <nav>
                <button id="orders" onclick={show}>{ "Orders" }</button>
                <button id="fifty" onclick={fifty}>{ "50 calls across an expiry" }</button>
                <button id="logout" onclick={leave}>{ "Sign out" }</button>
            </nav>
            <ul class="orders">{ for orders.iter().map(row) }</ul>
        </>
    }
}

/// Fifty calls, spread over the life of a token, so that it expires on the way.
async fn across(api: Api, timeline: UseReducerDispatcher<Timeline>) {
    let expiry = api.shop.session().tokens().and_then(|tokens| tokens.expiry());
    let span = match expiry {
        Some(Expiry::In(lifetime)) => lifetime.as_millis() as f64,
        Some(Expiry::At(end)) => {
            let end = end.duration_since(UNIX_EPOCH).unwrap_or_default();
            end.as_millis() as f64 - js_sys::Date::now() + 1000.0
        }
        _ => 1000.0,
    };
    // A demonstration takes half a minute at most.
    let step = span.clamp(1000.0, 30_000.0) as u32 / 50;
    let calls = (1..=50_u32).map(|number| {
        let shop = api.shop.clone();
        async move {
            TimeoutFuture::new(number * step).await;
            shop.order(number.into()).await
        }
    });
    let done = join_all(calls).await;
    let good = done.iter().filter(|result| result.is_ok()).count();
    timeline.dispatch(Report::Calls { good, failed: 50 - good });
}
