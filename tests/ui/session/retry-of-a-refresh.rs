use perennial::{Result, Tokens, api_client};

#[api_client(auth(expired(status = 401)))]
trait Shop {
    #[post("/refresh", refresh, idempotent, retry(3, on = [503]))]
    async fn refresh(&self) -> Result<Tokens>;
}

fn main() {}
