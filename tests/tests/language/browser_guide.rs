//! The guide's chapter on the browser: its code is compiled for the browser word for word.

const CHAPTER: &str = include_str!("../../../runtime/guide/browser.md");
const COMPILED: &str = include_str!("../../browser/src/guide.rs");

/// The code that only a browser compiles, as it is shown.
fn browser_blocks() -> Vec<String> {
    let blocks = CHAPTER.split("```rust\n").skip(1);
    let blocks = blocks.map(|rest| rest.split("```").next().unwrap());
    let blocks = blocks.filter(|block| block.contains("target_family = \"wasm\""));
    blocks.map(|block| trimmed(block.lines().filter(|line| !line.starts_with('#')))).collect()
}

fn trimmed<'a>(lines: impl Iterator<Item = &'a str>) -> String {
    lines.map(str::trim).filter(|line| !line.is_empty()).collect::<Vec<_>>().join("\n")
}

#[test]
fn the_code_for_the_browser_is_compiled_for_it_word_for_word() {
    let compiled = trimmed(COMPILED.lines());
    let blocks = browser_blocks();
    assert_eq!(blocks.len(), 5);
    for block in blocks {
        assert!(compiled.contains(&block), "tests/browser/src/guide.rs does not have:\n{block}");
    }
    assert!(!CHAPTER.contains("```rust,"), "a block of the chapter is not compiled");
}
