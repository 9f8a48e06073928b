use perennial::{Result, Tokens, api_client};

#[api_client(
    auth(header = X-Token, expired(status = 401)),
    auth(name = "b", header("X-Token")),
    auth(name = "c", api_key = "X-Api-Key"),
    auth(name = "d", header = "Authorization", prefix = "Token"),
    auth(name = "e", "Bearer"),
)]
trait Shop {
    #[post("/refresh", refresh)]
    async fn refresh(&self) -> Result<Tokens>;

    #[get("/orders", auth = false)]
    async fn orders(&self) -> Result<String>;
}

fn main() {}
