use perennial::body::FileBody;
use perennial::{Result, api_client};

#[api_client(serve)]
trait Shop {
    #[post("/photos")]
    async fn upload(&self, #[part] photo: FileBody) -> Result<()>;
}

fn main() {}
