use perennial::{Result, api_client};

#[api_client(auth = "bearer")]
trait Shop {
    #[get("/orders")]
    async fn orders(&self) -> Result<String>;
}

#[api_client(auth(bearer = "eyJhbGciOi"))]
trait Stock {
    #[get("/items")]
    async fn items(&self) -> Result<String>;
}

fn main() {}
