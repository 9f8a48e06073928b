//! The page about performance: each section that the command writes is between two marks, so that the page always
//! matches the last measurement.

use std::fmt::Write as _;
use std::path::Path;
use std::process::Command;
use std::time::SystemTime;

use crate::Outcome;
use crate::compile::cargo::root;
use crate::table::Section;

/// When and with what it was measured.
pub(crate) fn head() -> Outcome<String> {
    let lock = std::fs::read_to_string(root()?.join("Cargo.lock"))?;
    let rustc = Command::new("rustc").arg("--version").output()?;
    let rustc = String::from_utf8_lossy(&rustc.stdout);
    let rustc = rustc.split_whitespace().nth(1).unwrap_or("unknown").to_owned();
    let today = httpdate::fmt_http_date(SystemTime::now());
    let today = today.get(5..16).unwrap_or_default();
    let mut versions = vec![format!("rustc {rustc}")];
    let mut names = vec!["reqwest", "hyper", "tokio", "serde_json"];
    if cfg!(feature = "peers") {
        names.extend(["reqwest-middleware", "progenitor", "feignhttp"]);
    }
    for name in names {
        let version = version(&lock, name).ok_or_else(|| format!("no {name} is locked"))?;
        versions.push(format!("{name} {version}"));
    }
    let (arch, os) = (std::env::consts::ARCH, std::env::consts::OS);
    Ok(format!("Measured on {today} with {}, on {arch} {os}.\n", versions.join(", ")))
}

fn version<'l>(lock: &'l str, name: &str) -> Option<&'l str> {
    let (_, rest) = lock.split_once(&format!("name = \"{name}\"\nversion = \""))?;
    rest.split('"').next()
}

/// Puts each section between its marks on the page, and then the comparisons of the whole page, those of older sections
/// too, into the table at its beginning.
pub(crate) fn write(path: &Path, sections: &[Section]) -> Outcome<()> {
    let mut page = std::fs::read_to_string(path)?;
    let head = head()?;
    for section in sections {
        let text = section.text(Some(&head));
        page = with(&page, section.heading, &text).ok_or("the page has lost a mark")?;
    }
    let ratios = ratios(&page);
    page = with(&page, "Ratios", &ratios).ok_or("the page has lost a mark")?;
    Ok(std::fs::write(path, page)?)
}

fn with(page: &str, name: &str, text: &str) -> Option<String> {
    let (begin, end) = (
        format!("<!-- {name}: written by `table --record`. -->\n"),
        format!("<!-- end of {name} -->\n"),
    );
    let (before, rest) = page.split_once(&begin)?;
    let (_, after) = rest.split_once(&end)?;
    Some(format!("{before}{begin}\n{text}\n{end}{after}"))
}

/// All comparisons that have a goal: what, ratio, goal and verdict.
fn ratios(page: &str) -> String {
    let mut table = String::from("| what | ratio | goal | |\n|---|---:|---:|---|\n");
    for line in page.lines() {
        let cells: Vec<_> = line.trim_matches('|').split('|').map(str::trim).collect();
        if let [what, _, beside, ratio, most, verdict @ ("met" | "missed")] = cells[..] {
            let (ratio, most) = match beside.strip_prefix("at most ") {
                // A count, which is not beside anything.
                Some(most) => (cells[1], most),
                None => (ratio, most),
            };
            writeln!(table, "| {what} | {ratio} | {most} | {verdict} |")
                .expect("a string takes everything");
        }
    }
    table
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_stands_between_the_marks_of_a_section_is_replaced() {
        let page = |text: &str| {
            format!(
                "before\n<!-- A: written by `table --record`. -->\n{text}<!-- end of A -->\nafter\n"
            )
        };
        assert_eq!(with(&page("\nold\n\n"), "A", "new\n"), Some(page("\nnew\n\n")));
        assert_eq!(with(&page("old"), "B", "new"), None);
    }

    #[test]
    fn the_comparisons_of_the_page_are_those_with_a_goal() {
        let page = "| what | perennial | compared with | ratio | at most | |\n\
                    | one: instructions | 9 | 10 | 0.900 | 0.92 | met |\n\
                    | one: bytes | 9 | 10 | 0.900 |  |  |\n\
                    | one: allocations | 51 | at most 50 | 1.020 | 1.00 | missed |\n";
        let rows: Vec<_> = ratios(page).lines().skip(2).map(str::to_owned).collect();
        assert_eq!(
            rows,
            [
                "| one: instructions | 0.900 | 0.92 | met |",
                "| one: allocations | 51 | 50 | missed |"
            ]
        );
    }

    #[test]
    fn a_version_is_that_of_the_whole_name() {
        let lock =
            "name = \"hyper-util\"\nversion = \"0.1\"\n\nname = \"hyper\"\nversion = \"1.2\"\n";
        assert_eq!(version(lock, "hyper"), Some("1.2"));
        assert_eq!(version(lock, "h2"), None);
    }
}
