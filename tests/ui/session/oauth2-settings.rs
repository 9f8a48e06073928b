use perennial::{Result, api_client};

#[api_client(auth(oauth2("https://id.example")))]
trait Shop {
    #[get("/orders")]
    async fn orders(&self) -> Result<String>;
}

#[api_client(auth(oauth2 = "https://id.example"))]
trait Billing {
    #[get("/invoices")]
    async fn invoices(&self) -> Result<String>;
}

#[api_client(auth(oauth2, scopes = ["read"]))]
trait Stock {
    #[get("/items")]
    async fn items(&self) -> Result<String>;
}

fn main() {}
