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
    #[errors(404 => NotFound, 404 => Other)]
    async fn orders(&self) -> Result<String, ShopError>;
}

fn main() {}
