use perennial::{Result, api_client};

struct Trace(u64);

impl std::fmt::Display for Trace {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        self.0.fmt(f)
    }
}

#[api_client(serve)]
trait Shop {
    #[get("/orders")]
    async fn orders(&self, #[header("X-Trace")] trace: &Trace) -> Result<String>;
}

fn main() {}
