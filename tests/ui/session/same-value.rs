use perennial::{RefreshToken, Result, Tokens, api_client};

#[api_client(auth(bearer, expired(status = 401)))]
trait Shop {
    #[post("/refresh", refresh)]
    async fn refresh(
        &self,
        #[field] client_id: String,
        #[field] client_secret: String,
        #[field] refresh_token: RefreshToken,
    ) -> Result<Tokens>;
}

fn main() {}
