//! Decoding: an envelope in one pass, beside a struct that serde derives.

use std::hint::black_box;

use clap::ValueEnum;
use perennial::declared::{Envelope as Declared, Scalar};
use serde::Deserialize;

use crate::clients::{Envelope, Order};
use crate::heap::allocations;
use crate::{Outcome, callgrind, progress};

const ENVELOPE: Declared =
    Declared::new(&["code"]).message(&["message"]).data(&["data"]).ok(&[Scalar::Int(0)], false);

/// The sizes that are decoded, in bytes, and how often, so that the difference is large.
pub(crate) const SIZES: [(usize, u64); 4] =
    [(1 << 10, 2000), (1 << 16, 60), (1 << 20, 6), (5 << 20, 2)];

/// The decoded type, and the decoder.
#[derive(Debug, Clone, Copy, ValueEnum)]
pub(crate) enum Way {
    /// A struct that serde derives, the code first.
    Typed,
    /// perennial, the code first.
    CodeFirst,
    /// perennial, the data first.
    DataFirst,
}

/// Instructions of one size, each for one body.
#[derive(Debug)]
pub(crate) struct Decoding {
    pub(crate) size: usize,
    pub(crate) typed: u64,
    pub(crate) code_first: u64,
    pub(crate) data_first: u64,
}

/// Measures these sizes under callgrind.
pub(crate) fn measure(sizes: &[(usize, u64)]) -> Outcome<Vec<Decoding>> {
    sizes.iter().map(|(size, times)| one(*size, *times)).collect()
}

fn one(size: usize, times: u64) -> Outcome<Decoding> {
    progress::say(format_args!("a response of {size} bytes"));
    let count = |way: Way| -> Outcome<u64> {
        let name = way.to_possible_value().ok_or("every way has a name")?;
        let run = |times: u64| {
            callgrind(&["open", name.get_name(), &size.to_string(), &times.to_string()])
        };
        Ok(run(1 + times)?.saturating_sub(run(1)?) / times)
    };
    Ok(Decoding {
        size,
        typed: count(Way::Typed)?,
        code_first: count(Way::CodeFirst)?,
        data_first: count(Way::DataFirst)?,
    })
}

/// Decodes so many times; this is what callgrind counts.
pub(crate) fn open(way: Way, size: usize, times: u64) -> Outcome<()> {
    let body = body(way, size);
    let mut orders = 0;
    for _ in 0..times {
        let list: List = match way {
            Way::Typed => serde_json::from_slice::<Envelope<List>>(black_box(&body))?.open()?,
            Way::CodeFirst | Way::DataFirst => {
                perennial::__private::open_envelope(&ENVELOPE, black_box(&body))
                    .ok_or("the code is good")?
            }
        };
        orders += list.items.iter().map(Order::sum).sum::<u64>();
    }
    println!("{orders}");
    Ok(())
}

/// Allocations of judging an expired response: with `null` for its data, as servers send it, and
/// with data that is nested.
pub(crate) fn expired() -> [usize; 2] {
    ["null", r#"{"why":[1,2,"three"]}"#].map(|data| {
        let body = format!(r#"{{"code":1234,"message":"the token has expired","data":{data}}}"#);
        allocations(|| {
            let opened: Option<List> =
                perennial::__private::open_envelope(&ENVELOPE, black_box(body.as_bytes()));
            assert!(opened.is_none(), "the code is not good");
        })
    })
}

#[derive(Deserialize)]
struct List {
    items: Vec<Order>,
}

fn body(way: Way, size: usize) -> Vec<u8> {
    let item = r#"{"id":1,"customer":"Ada Lovelace","total":1299,"currency":"EUR","note":"nnnnnnnnnnnnnnnnnnnnnnnnnnnn"}"#;
    let items = vec![item; (size / (item.len() + 1)).max(1)].join(",");
    match way {
        Way::DataFirst => format!(r#"{{"data":{{"items":[{items}]}},"message":"ok","code":0}}"#),
        Way::Typed | Way::CodeFirst => {
            format!(r#"{{"code":0,"message":"ok","data":{{"items":[{items}]}}}}"#)
        }
    }
    .into_bytes()
}
