use perennial::{Result, Tokens, api_client};

#[api_client(auth(bearer, expired(status = 401), renewed("new-token")))]
trait Shop {
    #[post("/refresh", refresh)]
    async fn refresh(&self) -> Result<Tokens>;
}

#[api_client(auth(bearer, expired(status = 401), renewed(cookie = "sid", header = "new-token")))]
trait Site {
    #[post("/refresh", refresh)]
    async fn refresh(&self) -> Result<Tokens>;
}

#[api_client(auth(bearer, expired(status = 401), renewed = "new-token"))]
trait Other {
    #[post("/refresh", refresh)]
    async fn refresh(&self) -> Result<Tokens>;
}

fn main() {}
