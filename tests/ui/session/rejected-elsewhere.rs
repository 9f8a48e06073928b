use perennial::{Result, Tokens, api_client};

#[api_client(envelope(code = "code", ok = 0), auth(bearer, expired(code = 401)))]
trait Shop {
    #[post("/refresh", refresh, rejected(code = [400, 401]))]
    async fn refresh(&self) -> Result<Tokens>;

    #[get("/orders", rejected(code = 400))]
    async fn orders(&self) -> Result<String>;
}

fn main() {}
