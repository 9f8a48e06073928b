use perennial::{Result, api_client};

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
    #[get("/a")]
    #[errors(404 => ShopError::NotFound)]
    async fn a(&self) -> Result<String, ShopError>;

    #[get("/b")]
    #[errors(404 = NotFound)]
    async fn b(&self) -> Result<String, ShopError>;

    #[get("/c")]
    #[errors(NotFound => 404)]
    async fn c(&self) -> Result<String, ShopError>;

    #[get("/d")]
    #[errors(404 => NotFound, _ => Other)]
    async fn d(&self) -> Result<String, ShopError>;

    #[get("/e")]
    #[errors(404 | 410 => NotFound)]
    async fn e(&self) -> Result<String, ShopError>;

    #[get("/f")]
    #[errors("4xx" => NotFound)]
    async fn f(&self) -> Result<String, ShopError>;

    #[get("/g")]
    #[errors(ShopError)]
    async fn g(&self) -> Result<String, ShopError>;

    #[get("/h")]
    #[errors(StatusCode::NOT_FOUND => NotFound)]
    async fn h(&self) -> Result<String, ShopError>;

    #[get("/i")]
    #[errors(404 => "not found")]
    async fn i(&self) -> Result<String, ShopError>;

    #[get("/j")]
    #[errors(404 => NotFound; 410 => NotFound)]
    async fn j(&self) -> Result<String, ShopError>;
}

fn main() {}
