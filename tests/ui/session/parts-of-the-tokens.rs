use perennial::{Result, Tokens, api_client};

#[api_client(
    auth(bearer, expired(status = 401)),
    tokens(tenant_id = "data.tenant", extra(tenant = "data.tenant", "base" = "instance_url", "region", "region" = "data.region")),
    headers("X-Tenant" = extra("tenant"), "X-Region" = tokens(region)),
)]
trait Shop {
    #[post("/refresh", refresh)]
    async fn refresh(&self) -> Result<Tokens>;

    #[post("/logout", logout, fields("token" = tokens("refresh_token")))]
    async fn logout(&self) -> Result<()>;
}

fn main() {}
