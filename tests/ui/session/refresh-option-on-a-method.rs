use perennial::{Result, Tokens, api_client};

#[api_client(auth(bearer, expired(status = 401)))]
trait Shop {
    #[post("/refresh", refresh)]
    async fn refresh(&self) -> Result<Tokens>;

    #[get("/orders", auth(header = "X-Token", expired(status = 401), grace = "10s"))]
    async fn orders(&self) -> Result<String>;
}

fn main() {}
