use perennial::{Result, api_client};

#[api_client(envelope(code = "code", data = "data"))]
trait Shop {
    #[get("/orders")]
    async fn orders(&self) -> Result<String>;
}

#[api_client]
trait Billing {
    #[get("/invoices", envelope(data = "items"))]
    async fn invoices(&self) -> Result<String>;
}

fn main() {}
