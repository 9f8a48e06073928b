use perennial::{Result, api_client};

#[api_client(envelope(code = "code", ok = absent("errors", "error")))]
trait Shop {
    #[get("/orders")]
    async fn orders(&self) -> Result<String>;
}

fn main() {}
