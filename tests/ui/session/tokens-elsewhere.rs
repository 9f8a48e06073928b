use perennial::{Result, Tokens, api_client};

#[api_client(auth(bearer, expired(status = 401)))]
trait Shop {
    #[post("/refresh", refresh)]
    async fn refresh(&self) -> Result<Tokens>;

    #[get("/orders", tokens(access = "data.token"))]
    async fn orders(&self) -> Result<String>;
}

fn main() {}
