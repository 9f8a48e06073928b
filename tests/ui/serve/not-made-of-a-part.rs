use std::fmt;

use perennial::{Result, api_client};

struct Title(String);

impl fmt::Display for Title {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

#[api_client(serve)]
trait Shop {
    #[post("/photos")]
    async fn upload(&self, #[part] title: Title) -> Result<()>;
}

fn main() {}
