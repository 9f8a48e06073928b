/// The shop's API.
#[api_client(
    base = "/api",
    envelope(code = "code", message = "message", data = "data", ok = 0),
    auth(header = "X-Token", expired(code = 1234)),
)]
pub trait Shop {
    /// Signs in. The tokens that come back become the session's.
    #[post("/login", login)]
    async fn login(&self, #[json] who: &Credentials) -> Result<Tokens>;

    /// Renews the session. Carries the old token, waits for nothing.
    #[post("/refreshtoken", refresh)]
    async fn refresh(&self) -> Result<Tokens>;

    /// One order.
    #[get("/orders/{id}")]
    async fn order(&self, id: u64) -> Result<Order>;

    /// Orders, newest first.
    #[get("/orders")]
    async fn orders(&self, #[query] page: u32, #[query] tag: &[&str]) -> Result<Vec<Order>>;

    /// Needs no token and never waits for one.
    #[get("/health", public)]
    async fn health(&self) -> Result<()>;
}
