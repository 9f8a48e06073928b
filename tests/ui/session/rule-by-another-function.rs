use perennial::{Result, Tokens, api_client};

fn is_expired(status: u16, _body: &str) -> bool {
    status == 401
}

#[api_client(auth(bearer, expired(when = is_expired)))]
trait Shop {
    #[post("/refresh", refresh)]
    async fn refresh(&self) -> Result<Tokens>;
}

fn main() {}
