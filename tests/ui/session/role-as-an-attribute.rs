use perennial::{Result, Tokens, api_client};

#[api_client(auth(bearer, expired(status = 401)))]
trait Shop {
    #[login("/sessions")]
    async fn login(&self) -> Result<Tokens>;

    #[post("/refresh", refresh(token = "refresh_token"))]
    async fn refresh(&self) -> Result<Tokens>;

    #[post("/signout", signout)]
    async fn logout(&self) -> Result<()>;
}

fn main() {}
