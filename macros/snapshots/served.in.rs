/// Each kind of argument and of result, seen from the server.
#[api_client(
    base = "/api",
    envelope(code = "code", message = "message", data = "data", ok = 0),
    auth(header = "X-Token", expired(code = 1234)),
    serve = "fake",
)]
pub trait Shop {
    /// Signs in.
    #[post("/login", login)]
    async fn login(&self, #[field] user: &str, #[field] password: &str) -> Result<Tokens>;

    /// Renews the session.
    #[post("/refreshtoken", refresh)]
    async fn refresh(&self) -> Result<Tokens>;

    /// Everything that is text.
    #[get("/shops/{shop}/items/{kind?}")]
    #[errors(404 => NotFound, code 2001 => QuotaExceeded)]
    async fn items<'a>(
        &self,
        shop: u64,
        kind: Option<&'a str>,
        #[query("ids", style = csv)] ids: &[u64],
        #[query] tags: &[&str],
        #[query] colors: Option<&[&str]>,
        #[query(flatten)] filter: &Filter<'a>,
        #[header] if_match: Option<&str>,
        #[headers] more: &HeaderMap,
        #[ext] priority: Priority,
    ) -> Result<Response<Vec<Item>>, ShopError>;

    /// A body.
    #[put("/items/{id}")]
    async fn replace(&self, id: u64, #[json] item: &Item) -> Result<()>;

    /// Parts.
    #[post("/photos")]
    async fn upload(&self, #[part] title: &str, #[part(json)] about: &About, #[part] photo: Part) -> Result<()>;

    /// Bytes.
    #[put("/raw")]
    async fn raw(&self, #[body] bytes: Bytes) -> Result<Bytes>;

    /// A stream.
    #[get("/events")]
    #[cfg(all())]
    fn events(&self) -> Events<Item>;

    /// Anywhere, so that it is not served.
    #[get(url)]
    async fn fetch(&self, #[url] url: &str) -> Result<Bytes>;
}
