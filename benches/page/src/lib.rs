//! The parts that both pages share: the types of ten endpoints, and the use of them.

#![cfg(target_family = "wasm")]

use serde::{Deserialize, Serialize};

#[derive(Serialize)]
pub struct Credentials {
    pub user: String,
    pub password: String,
}

#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Order {
    pub id: u64,
    pub title: String,
    pub lines: Vec<Line>,
}

#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Line {
    pub article: u64,
    pub count: u32,
}

#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Article {
    pub id: u64,
    pub name: String,
    pub price: f64,
}

#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Customer {
    pub id: u64,
    pub name: String,
    pub email: Option<String>,
}

/// Shows a value, so that nothing of it is left out of the program.
pub fn show(value: &impl std::fmt::Debug) {
    web_sys::console::log_1(&format!("{value:?}").into());
}
