use perennial::{Result, api_client};

#[api_client(auth(bearer = "X-Token"))]
trait Shop {
    #[get("/orders")]
    async fn orders(&self) -> Result<String>;
}

#[api_client(auth("bearer"))]
trait Billing {
    #[get("/invoices")]
    async fn invoices(&self) -> Result<String>;
}

#[api_client(auth(bearer, refresh = "/refresh"))]
trait Stock {
    #[get("/items")]
    async fn items(&self) -> Result<String>;
}

fn main() {}
