mod api;
mod types;

use std::hint::black_box;
use std::pin::Pin;

type Called<'a> = Pin<Box<dyn Future<Output = Result<(), api::Error>> + Send + 'a>>;

#[tokio::main(flavor = "current_thread")]
async fn main() {
    let api = api::client("http://127.0.0.1:1").expect("a client can be made");
    let number = std::env::args().nth(1).and_then(|number| number.parse().ok());
    if let Some(call) = number.and_then(|number| call(&api, number)) {
        println!("{:?}", call.await);
    }
}
