use perennial::{Result, api_client};

#[api_client(envelope(code = "code", ok = 0), retry(3, on = [502, 5003, "BUSY", body("error")]))]
trait Shop {
    #[get("/orders", retry(3, on(503, connect)))]
    async fn orders(&self) -> Result<String>;
    #[get("/files", retry(3, on(code = 0)))]
    async fn files(&self) -> Result<String>;
}

fn main() {}
