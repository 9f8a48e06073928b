use perennial::{Result, api_client};

#[api_client(retry = 3)]
trait Shop {
    #[get("/a", retry(max = 3))]
    async fn a(&self) -> Result<String>;

    #[get("/b", retry("3"))]
    async fn b(&self) -> Result<String>;

    #[get("/c", retry(3, delay = "1s"))]
    async fn c(&self) -> Result<String>;

    #[get("/d", retry(3, on = 5xx))]
    async fn d(&self) -> Result<String>;

    #[get("/e", retry(max = 3, on = [502, "5xx"], backoff = "1 sec"))]
    async fn e(&self) -> Result<String>;

    #[get("/f", retry(3, backoff = exponential))]
    async fn f(&self) -> Result<String>;
}

fn main() {}
