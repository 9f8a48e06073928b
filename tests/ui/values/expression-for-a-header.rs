use perennial::{Result, api_client};

#[api_client(headers("User-Agent" = format!("shop/{}", 1)))]
trait Shop {
    #[get("/a", headers("X-Key" = &KEY))]
    async fn a(&self) -> Result<String>;

    #[get("/b", headers("X-Key" = self.key))]
    async fn b(&self) -> Result<String>;
}

fn main() {}
