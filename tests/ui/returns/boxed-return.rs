use std::future::Future;
use std::pin::Pin;

use perennial::{Result, api_client};

type BoxFuture<'a, T> = Pin<Box<dyn Future<Output = T> + Send + 'a>>;
type BoxStream<'a, T> = Pin<Box<dyn Iterator<Item = T> + Send + 'a>>;

#[api_client]
trait Shop {
    #[get("/orders")]
    fn orders(&self) -> perennial::Call<String>;

    #[get("/users")]
    fn users(&self) -> BoxFuture<'_, Result<String>>;

    #[get("/news")]
    fn news(&self) -> BoxStream<'static, Result<String>>;

    #[get("/prices")]
    fn prices(&self) -> Pin<Box<dyn Future<Output = Result<String>> + Send + '_>>;
}

fn main() {}
