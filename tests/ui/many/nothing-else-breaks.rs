use perennial::{Result, Tokens, api_client};

/// One mistake, and much that uses what is around it.
#[api_client(bse = "/api", envelope(code = "code", ok = 0), auth(expired(code = 1234)))]
pub trait Shop: Clone {
    #[post("/login", login)]
    async fn login(&self, #[json] name: &str) -> Result<Tokens>;

    #[post("/refresh", refresh)]
    async fn refresh(&self) -> Result<Tokens>;

    #[get("/orders/{id}")]
    async fn order<T: serde::de::DeserializeOwned + Send + 'static>(&self, id: u64) -> Result<T>;

    async fn first(&self) -> Result<String> {
        self.order(1).await
    }
}

#[derive(Clone)]
struct Fake;

impl Shop for Fake {
    async fn login(&self, _: &str) -> Result<Tokens> {
        Ok(Tokens::new("a"))
    }

    async fn refresh(&self) -> Result<Tokens> {
        Ok(Tokens::new("b"))
    }

    async fn order<T: serde::de::DeserializeOwned + Send + 'static>(&self, _: u64) -> Result<T> {
        unreachable!()
    }
}

async fn use_it() -> Result<String> {
    let shop = ShopClient::builder("https://shop.example").build()?;
    shop.login("me").await?;
    shop.session().logout().await?;
    let other = ShopClient::with_session("https://other.example", shop.session())?;
    println!("{} {other:?}", ShopClient::ENDPOINTS.len());
    let handle = tokio::spawn(async move { other.order::<String>(2).await });
    let _ = handle.await;
    Fake.first().await?;
    shop.first().await
}

fn main() {}
