use perennial::{Result, api_client};

#[api_client]
trait Shop {
    #[post("/orders")]
    async fn create(&self, #[part(mime = "image")] photo: Vec<u8>) -> Result<()>;

    #[post("/titles")]
    async fn title(&self, #[json("title")] title: &str) -> Result<()>;
}

fn main() {}
