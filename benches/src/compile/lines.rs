//! Lines of LLVM's language by function, before any pass: what a crate gives the compiler to do, as
//! an exact count.

use std::collections::BTreeMap;

use rustc_demangle::demangle;

/// Lines by the function's name without its hash, and how many functions have it.
pub(super) fn by_function(ir: &str) -> BTreeMap<String, (u64, u64)> {
    let mut functions = BTreeMap::new();
    let mut current: Option<String> = None;
    for line in ir.lines() {
        if line.starts_with("define ") {
            let symbol = line.split_once('@').map_or("", |(_, rest)| rest);
            let symbol = symbol.trim_start_matches('"').split(['(', '"']).next().unwrap_or("");
            let name = format!("{:#}", demangle(symbol));
            functions.entry(name.clone()).or_insert((0, 0)).1 += 1;
            current = Some(name);
        } else if line == "}" {
            current = None;
        } else if let Some(name) = &current
            && let Some((lines, _)) = functions.get_mut(name)
        {
            *lines += 1;
        }
    }
    functions
}
