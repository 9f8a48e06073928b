use perennial::{Result, api_client};

#[api_client(envelope(code = code, msg = "msg", success = 0))]
trait Shop {
    #[get("/a", envelope("code"))]
    async fn a(&self) -> Result<String>;
}

fn main() {}
