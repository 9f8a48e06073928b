use perennial::{Result, api_client};

#[api_client(headers = { "Accept" = "text/csv" })]
trait Shop {
    #[get("/orders")]
    async fn orders(&self) -> Result<String>;
}

fn main() {}
