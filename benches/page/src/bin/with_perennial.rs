//! Ten endpoints with perennial.

#[cfg(target_family = "wasm")]
mod page {
    use perennial::store::BrowserStore;
    use perennial::{Result, Tokens, api_client};
    use perennial_bench_page::{Article, Credentials, Customer, Order, show};

    #[api_client(
        base = "/api",
        envelope(code = "code", message = "message", data = "data", ok = 0),
        auth(header = "X-Token", expired(code = 1234))
    )]
    pub trait Shop {
        #[post("/login", login)]
        async fn login(&self, #[json] who: &Credentials) -> Result<Tokens>;
        #[post("/refreshtoken", refresh)]
        async fn refresh(&self) -> Result<Tokens>;
        #[get("/orders/{id}")]
        async fn order(&self, id: u64) -> Result<Order>;
        #[get("/orders")]
        async fn orders(&self, #[query] page: u32) -> Result<Vec<Order>>;
        #[post("/orders")]
        async fn place(&self, #[json] order: &Order) -> Result<Order>;
        #[delete("/orders/{id}")]
        async fn cancel(&self, id: u64) -> Result<()>;
        #[get("/articles/{id}")]
        async fn article(&self, id: u64) -> Result<Article>;
        #[get("/articles")]
        async fn articles(&self, #[query] name: &str) -> Result<Vec<Article>>;
        #[get("/customers/{id}")]
        async fn customer(&self, id: u64) -> Result<Customer>;
        #[put("/customers/{id}")]
        async fn update(&self, id: u64, #[json] customer: &Customer) -> Result<Customer>;
    }

    async fn visit() -> Result<()> {
        let shop = ShopClient::builder("").store(BrowserStore::local("tokens")).build()?;
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
