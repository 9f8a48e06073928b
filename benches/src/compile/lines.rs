//! Lines of LLVM's language by function, before any pass: what a crate gives the compiler to do, as
//! an exact count.

use std::collections::BTreeMap;

use rustc_demangle::demangle;

use super::cargo::Workspace;
use super::forms::Form;
use crate::Outcome;

/// Lines, and how many functions they are in.
type Count = (u64, u64);

/// Lines by the function's name, without its hash.
pub(super) fn by_function(ir: &str) -> BTreeMap<String, Count> {
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

/// Prints the functions that grow with the number of endpoints: lines for each endpoint, and copies.
pub(crate) fn explain(form: Form, few: usize, many: usize) -> Outcome<()> {
    let workspace = Workspace::write("compile", &[form.package(few)?, form.package(many)?])?;
    let count = |size| -> Outcome<_> {
        Ok(without_numbers(by_function(&workspace.ir(&form.package_name(size))?)))
    };
    let (before, after) = (count(few)?, count(many)?);
    let mut grown: Vec<_> = after
        .iter()
        .map(|(name, (lines, copies))| {
            let (old, old_copies) = before.get(name).copied().unwrap_or_default();
            (lines.saturating_sub(old), copies.saturating_sub(old_copies), name)
        })
        .filter(|(lines, ..)| *lines > 0)
        .collect();
    grown.sort_by(|one, other| other.cmp(one));
    let more = many.saturating_sub(few).max(1) as f64;
    let whole: u64 = grown.iter().map(|(lines, ..)| lines).sum();
    println!("{}: {:.1} lines for each endpoint", form.name(), whole as f64 / more);
    for (lines, copies, name) in grown {
        println!("{:8.1} {:6.2} {name}", lines as f64 / more, copies as f64 / more);
    }
    Ok(())
}

/// One entry for the functions that differ in a number only, as those of two endpoints do.
fn without_numbers(functions: BTreeMap<String, Count>) -> BTreeMap<String, Count> {
    let mut groups: BTreeMap<String, Count> = BTreeMap::new();
    for (name, (lines, copies)) in functions {
        let mut short = String::new();
        for character in name.chars() {
            match character.is_ascii_digit() {
                true if short.ends_with('#') => {}
                true => short.push('#'),
                false => short.push(character),
            }
        }
        let group = groups.entry(short).or_default();
        group.0 += lines;
        group.1 += copies;
    }
    groups
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_are_counted_within_functions_and_grouped_without_their_numbers() {
        let ir = "target triple = \"x\"\n\
                  define void @_ZN4shop6order117h0123456789abcdefE(ptr %0) {\nstart:\n  ret void\n}\n\
                  declare void @elsewhere()\n\
                  define i1 @\"_ZN4shop8order22b17h0123456789abcdefE\"() {\n  ret i1 0\n}\n\
                  define void @_ZN4shop6order217h0123456789abcdefE() {\n  ret void\n}\n";
        let counted = by_function(ir);
        assert_eq!(counted["shop::order1"], (2, 1));
        assert_eq!(counted.values().map(|(lines, _)| lines).sum::<u64>(), 4);
        let grouped = without_numbers(counted);
        assert_eq!(grouped["shop::order#"], (3, 2));
        assert_eq!(grouped["shop::order#b"], (1, 1));
    }
}
