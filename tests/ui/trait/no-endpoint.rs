#![deny(deprecated)]

use perennial::api_client;

#[api_client]
trait Shop {}

fn main() {}
