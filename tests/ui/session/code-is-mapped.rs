use perennial::{Result, Tokens, api_client};

enum ShopError {
    NotFound,
    Other,
}

impl From<perennial::Error> for ShopError {
    fn from(_: perennial::Error) -> Self {
        Self::Other
    }
}

#[api_client(envelope(code = "code", data = "data", ok = 0), auth(expired(code = 1234)))]
trait Shop {
    #[post("/refresh", refresh)]
    async fn refresh(&self) -> Result<Tokens>;

    #[get("/orders")]
    #[errors(code 1234 => Other)]
    async fn orders(&self) -> Result<String, ShopError>;
}

fn main() {}
