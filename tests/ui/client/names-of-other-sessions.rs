use perennial::{RefreshToken, Response, Result, Session, Tokens, api_client};

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
    shop.session().renew().await?;
    shop.orders().await?.json().await
}

async fn leave(shop: &ShopClient) {
    println!("{}", shop.session().access_token());
    shop.session().clear().await;
}

fn token() -> RefreshToken {
    RefreshToken::new("token")
}

fn parts(tokens: &Tokens) -> (&str, Option<&RefreshToken>) {
    (tokens.access_token(), tokens.refresh_token())
}

fn shared() -> Result<ShopClient> {
    ShopClient::builder("https://shop.example").session(&Session::new()).build()
}

async fn of_another(shop: &ShopClient, user: &String) -> Result<Response<Vec<u64>>> {
    shop.orders().in_session(user).await
}

fn main() {}
