use perennial::{Result, api_client};

enum ShopError {
    NotFound,
    Other,
}

impl From<perennial::Error> for ShopError {
    fn from(_: perennial::Error) -> Self {
        Self::Other
    }
}

#[api_client]
trait Shop {
    #[get("/orders")]
    #[errors(4xx => Other, 404 => NotFound)]
    async fn orders(&self) -> Result<String, ShopError>;
}

fn main() {}
