use perennial::{Result, api_client};

#[api_client(timeout = "10s", retry(2), envelope(code = "code", ok = 0))]
trait Shop {
    #[get("/orders", timeout = none, retry = false, envelope = null)]
    async fn orders(&self) -> Result<String>;

    #[get("/items", redirect = true, replay = never)]
    async fn items(&self) -> Result<String>;
}

fn main() {}
