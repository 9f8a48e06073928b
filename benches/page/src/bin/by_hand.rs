//! The same by hand, as a careful page does it: the token in `localStorage`, one refresh at a time within
//! the tab, one replay. It knows nothing of other tabs.

#[cfg(target_family = "wasm")]
mod page {
    use std::cell::RefCell;
    use std::fmt;

    use futures::lock::Mutex;
    use perennial_bench_page::{Article, Credentials, Customer, Order, show};
    use reqwest::{Client, Method, RequestBuilder};
    use serde::de::DeserializeOwned;
    use serde::{Deserialize, Serialize};
    use serde_json::Value;

    #[derive(Debug)]
    enum Failure {
        Transport(reqwest::Error),
        Decode(serde_json::Error),
        Api(i64, String),
        SignedOut,
    }

    impl fmt::Display for Failure {
        fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            match self {
                Self::Transport(error) => write!(f, "the request failed: {error}"),
                Self::Decode(error) => write!(f, "the response cannot be read: {error}"),
                Self::Api(code, message) => write!(f, "the server refused: {code} {message}"),
                Self::SignedOut => f.write_str("please sign in"),
            }
        }
    }

    impl From<reqwest::Error> for Failure {
        fn from(error: reqwest::Error) -> Self {
            Self::Transport(error)
        }
    }

    impl From<serde_json::Error> for Failure {
        fn from(error: serde_json::Error) -> Self {
            Self::Decode(error)
        }
    }

    #[derive(Deserialize)]
    struct Envelope {
        code: i64,
        #[serde(default)]
        message: String,
        #[serde(default)]
        data: Value,
    }

    #[derive(Deserialize)]
    struct Grant {
        token: String,
    }

    struct Shop {
        http: Client,
        base: String,
        token: RefCell<Option<String>>,
        refreshing: Mutex<()>,
    }

    fn storage() -> Option<web_sys::Storage> {
        web_sys::window()?.local_storage().ok()?
    }

    impl Shop {
        fn new() -> Self {
            let origin = web_sys::window().map(|window| window.origin());
            Self {
                http: Client::new(),
                base: format!("{}/api", origin.unwrap_or_default()),
                token: RefCell::new(storage().and_then(|it| it.get_item("token").ok()?)),
                refreshing: Mutex::new(()),
            }
        }

        fn keep(&self, token: Option<String>) {
            if let Some(storage) = storage() {
                let _ = match &token {
                    Some(token) => storage.set_item("token", token),
                    None => storage.remove_item("token"),
                };
            }
            *self.token.borrow_mut() = token;
        }

        async fn once(
            &self,
            request: RequestBuilder,
            token: Option<&str>,
        ) -> Result<Envelope, Failure> {
            let request = match token {
                Some(token) => request.header("X-Token", token),
                None => request,
            };
            let bytes = request.send().await?.error_for_status()?.bytes().await?;
            Ok(serde_json::from_slice(&bytes)?)
        }

        async fn call<T: DeserializeOwned>(
            &self,
            method: Method,
            path: &str,
            query: &[(&str, String)],
            body: Option<Value>,
        ) -> Result<T, Failure> {
            let build = || {
                let request =
                    self.http.request(method.clone(), format!("{}{path}", self.base)).query(query);
                match &body {
                    Some(body) => request.json(body),
                    None => request,
                }
            };
            let token = self.token.borrow().clone();
            let mut envelope = self.once(build(), token.as_deref()).await?;
            if envelope.code == 1234 {
                let token = self.renewed(token).await?;
                envelope = self.once(build(), Some(&token)).await?;
            }
            if envelope.code != 0 {
                return Err(Failure::Api(envelope.code, envelope.message));
            }
            Ok(serde_json::from_value(envelope.data)?)
        }

        /// The token after this one. A task that waited finds that it was renewed already.
        async fn renewed(&self, old: Option<String>) -> Result<String, Failure> {
            let _one = self.refreshing.lock().await;
            let now = self.token.borrow().clone();
            if let Some(now) = now.clone().filter(|_| now != old) {
                return Ok(now);
            }
            let request = self.http.post(format!("{}/refreshtoken", self.base));
            let envelope = self.once(request, old.as_deref()).await?;
            if envelope.code != 0 {
                self.keep(None);
                return Err(Failure::SignedOut);
            }
            let Grant { token } = serde_json::from_value(envelope.data)?;
            self.keep(Some(token.clone()));
            Ok(token)
        }

        async fn login(&self, who: &Credentials) -> Result<(), Failure> {
            let request = self.http.post(format!("{}/login", self.base)).json(who);
            let envelope = self.once(request, None).await?;
            if envelope.code != 0 {
                return Err(Failure::Api(envelope.code, envelope.message));
            }
            let Grant { token } = serde_json::from_value(envelope.data)?;
            self.keep(Some(token));
            Ok(())
        }

        async fn order(&self, id: u64) -> Result<Order, Failure> {
            self.call(Method::GET, &format!("/orders/{id}"), &[], None).await
        }

        async fn orders(&self, page: u32) -> Result<Vec<Order>, Failure> {
            self.call(Method::GET, "/orders", &[("page", page.to_string())], None).await
        }

        async fn place(&self, order: &Order) -> Result<Order, Failure> {
            self.call(Method::POST, "/orders", &[], Some(json(order)?)).await
        }

        async fn cancel(&self, id: u64) -> Result<(), Failure> {
            self.call(Method::DELETE, &format!("/orders/{id}"), &[], None).await
        }

        async fn article(&self, id: u64) -> Result<Article, Failure> {
            self.call(Method::GET, &format!("/articles/{id}"), &[], None).await
        }

        async fn articles(&self, name: &str) -> Result<Vec<Article>, Failure> {
            self.call(Method::GET, "/articles", &[("name", name.to_owned())], None).await
        }

        async fn customer(&self, id: u64) -> Result<Customer, Failure> {
            self.call(Method::GET, &format!("/customers/{id}"), &[], None).await
        }

        async fn update(&self, id: u64, customer: &Customer) -> Result<Customer, Failure> {
            self.call(Method::PUT, &format!("/customers/{id}"), &[], Some(json(customer)?)).await
        }
    }

    fn json(value: &impl Serialize) -> Result<Value, Failure> {
        Ok(serde_json::to_value(value)?)
    }

    async fn visit() -> Result<(), Failure> {
        let shop = Shop::new();
        let who = Credentials { user: "ann".into(), password: "right".into() };
        shop.login(&who).await?;
        let order = shop.order(1).await?;
        show(&shop.place(&order).await?);
        show(&shop.orders(1).await?);
        shop.cancel(1).await?;
        show(&shop.article(1).await?);
        show(&shop.articles("pen").await?);
        let customer = shop.customer(1).await?;
        show(&shop.update(1, &customer).await?);
        Ok(())
    }

    pub async fn run() {
        if let Err(error) = visit().await {
            show(&error.to_string());
        }
    }
}

fn main() {
    #[cfg(target_family = "wasm")]
    wasm_bindgen_futures::spawn_local(page::run());
}
