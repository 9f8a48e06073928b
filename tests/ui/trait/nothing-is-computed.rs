use perennial::{Result, api_client};

#[api_client(base = concat!("/a", "pi"), envelope(code = "code", ok = 0 | 200))]
trait Shop {
    #[get("/orders")]
    async fn orders(&self) -> Result<String>;
}

fn main() {}
