use perennial::{Result, get};

trait Shop {
    #[get("/orders")]
    async fn orders(&self, #[query] page: u32) -> Result<String>;
}

fn main() {}
