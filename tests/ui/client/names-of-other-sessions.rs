use perennial::{RefreshToken, Response, Result, Tokens, api_client};

#[api_client(auth(bearer, expired(status = 401)))]
trait Shop {
    #[post("/refresh", refresh)]
    async fn refresh(&self) -> Result<Tokens>;

    #[get("/orders")]
    async fn orders(&self) -> Result<Response<Vec<u64>>>;
}

async fn run(shop: ShopClient) -> Result<Vec<u64>> {
    shop.session().set_token("token");
    if !shop.session().is_logged_in() {
        return Ok(Vec::new());
    }
    shop.orders().await?.json().await
}

fn token() -> RefreshToken {
    RefreshToken::new("token")
}

fn main() {}
