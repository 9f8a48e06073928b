/// A bit of everything that the language has.
#[api_client(
    base = "https://shop.example/api",
    envelope(code = "errors.0.code", data = "data", ok = ["0000", absent("errors")]),
    auth(
        scheme = "Token",
        expired(code = ["9999", "9998"]),
        expired(status = 401, header("WWW-Authenticate", contains = "invalid_token")),
        logout(code = "8888", body("soft_logout" = false)),
        early = "30s",
        renewed(header = "new-token"),
        grace = "10s",
        window(5, "30s"),
    ),
    auth(name = "device", header = "X-Device", early = off, expired(when = is_over)),
    timeout(total = "1m", attempt = "10s", connect = "500ms"),
    retry(3, on = [502, connect, timeout], backoff = "100ms..5s"),
    headers("Accept" = "application/json", "X-Request-Id" = request_id),
    rename_all = "camelCase",
    replay = idempotent,
    dyn,
)]
pub trait Shop: Send + Sync {
    /// Renews the session.
    #[post("/auth/refresh", refresh, public)]
    async fn refresh(&self, #[json] with: RefreshRequest) -> Result<Tokens>;

    /// Renews the device.
    #[post("/device/refresh", refresh("device"))]
    async fn refresh_device(&self) -> Result<Tokens>;

    /// Ends the session.
    #[post("/logout", logout)]
    async fn logout(&self) -> Result<()>;

    /// One item of many shapes.
    #[get("/shops/{shop}/items/{kind?}", timeout = off, retry = off, headers("Accept" = off))]
    #[errors(404 => NotFound, 5xx => Outage, code 2001 => QuotaExceeded)]
    async fn item(
        &self,
        shop: &str,
        kind: Option<u32>,
        #[query] page_size: Option<u32>,
        #[query("ids", style = csv)] ids: &[u64],
        #[query(flatten)] filter: &Filter,
        #[header] if_match: Option<&str>,
    ) -> Result<Item, ShopError>;

    /// A file, whatever its path.
    #[get("/files/{*path}?raw=1", envelope = off, optional)]
    #[cfg(all())]
    async fn file(&self, path: &str) -> Result<Bytes>;

    /// Only there by a flag that nobody sets.
    #[get("/never")]
    #[cfg(any())]
    async fn never(&self) -> Result<Never>;

    /// A form, once.
    #[put("/items/{id}", idempotent("Idempotency-Key"), replay = off)]
    #[deprecated(note = "use something else")]
    async fn rename(&self, id: u64, #[field] name: &str, #[field("tag")] tags: Vec<String>) -> Result<()>;

    /// Another method, and another host.
    #[http("PROPFIND", url)]
    async fn properties(&self, #[url] url: &str) -> Result<String>;

    /// A method that stays as it is.
    async fn both(&self) -> bool {
        self.logout().await.is_ok()
    }
}
