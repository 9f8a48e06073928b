use perennial::{Result, api_client};

struct Quota;

enum ShopError {
    Exceeded(Quota),
    Other(perennial::Error),
}

impl From<perennial::Error> for ShopError {
    fn from(error: perennial::Error) -> Self {
        Self::Other(error)
    }
}

#[api_client]
trait Shop {
    #[get("/orders")]
    #[errors(429 => Exceeded, 5xx => Other)]
    async fn orders(&self) -> Result<String, ShopError>;
}

fn main() {}
