use perennial::{Pages, api_client};

enum ShopError {
    NotFound,
    Other(perennial::Error),
}

impl From<perennial::Error> for ShopError {
    fn from(error: perennial::Error) -> Self {
        Self::Other(error)
    }
}

#[api_client]
trait Shop {
    #[get("/orders", page(link))]
    #[errors(404 => NotFound, 410 => Gone)]
    fn orders(&self) -> Pages<String, ShopError>;
}

fn main() {}
