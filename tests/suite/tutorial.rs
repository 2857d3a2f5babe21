//! The tutorial of the book, carried out as it is written.

use crate::cli::Desk;

const CHAPTER: &str = include_str!("../../src/book/tutorial.md");

/// Blocks of code of the chapter with their kind and the file that the line before them names, in order.
fn blocks() -> Vec<(&'static str, &'static str, String)> {
    let mut found: Vec<(&str, &str, String)> = Vec::new();
    let (mut is_open, mut before) = (false, "");
    for line in CHAPTER.lines() {
        match line.strip_prefix("```") {
            Some(kind) if !is_open => {
                let file = before.split('`').nth_back(1).unwrap_or_default();
                found.push((kind, file, String::new()));
                is_open = true;
            }
            Some(_) => is_open = false,
            None if is_open => {
                let (_, _, text) = found.last_mut().expect("a block is open");
                text.push_str(line);
                text.push('\n');
            }
            None if !line.is_empty() => before = line,
            None => {}
        }
    }
    found
}

#[test]
fn every_command_works_and_prints_what_the_chapter_says() {
    let desk = Desk::new();
    let mut said = String::new();
    for (kind, file, text) in blocks() {
        if kind == "sh" {
            for line in text.lines() {
                let arguments = line.strip_prefix("shakeout ").unwrap_or_else(|| panic!("{line} calls the program"));
                said += &desk.ends(arguments, 0).out.replace(['\n', '\u{a0}'], " ");
            }
        } else {
            assert!(["prices.csv", "mine.toml"].contains(&file), "a block of {kind} is of a file: {file}");
            desk.write(file, &text);
        }
    }
    let said = said.split_whitespace().collect::<Vec<_>>().join(" ");
    for words in [
        "Hashrate fell to 93.3 % of its previous peak (91.9 to 94.9 %).",
        "Firms with 0.000 to 0.289 %",
        "depends most on",
        "\\toprule",
    ] {
        assert!(said.contains(words), "{words} in {said}");
    }
    let chapter = CHAPTER.split_whitespace().collect::<Vec<_>>().join(" ");
    for words in ["93.3 % of its previous peak (91.9 to 94.9 %)", "0.29 % of all hashrate defaults"] {
        assert!(chapter.contains(words), "the chapter says {words}");
    }
    for file in [
        "output/mine/report.html",
        "output/mine/columns.json",
        "output/mine/charts/recovery.png",
        "output/uncertain/drawn.csv",
    ] {
        assert!(desk.path(file).exists(), "{file}");
    }
}
