use perennial::{Result, api_client};

#[api_client]
pub trait Shop {
    #[get("/orders")]
    async fn orders(&self) -> Result<String>;
}

pub trait Shop {}

fn main() {}
