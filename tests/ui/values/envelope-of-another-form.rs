use perennial::{Result, api_client};

#[api_client(envelope(code = code, msg = "msg", success = 0))]
trait Shop {
    #[get("/a", envelope("code"))]
    async fn a(&self) -> Result<String>;

    #[get("/b", envelope(code = 0, data = "data"))]
    async fn b(&self) -> Result<String>;

    #[get("/c", envelope(code = 0, ok = 0))]
    async fn c(&self) -> Result<String>;
}

fn main() {}
