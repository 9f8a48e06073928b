use perennial::{Result, Tokens, api_client};

#[api_client(auth(bearer, expired(status = 200), logout(status = [401, 204])))]
trait Shop {
    #[post("/refresh", refresh, rejected(status = 200, code = 7), envelope(code = "code", ok = 0))]
    async fn refresh(&self) -> Result<Tokens>;
}

fn main() {}
