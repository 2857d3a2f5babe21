//! The book agrees with the code wherever a test can check it.

use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    path::{Path, PathBuf},
};

use crate::{
    declare::Absent,
    scenario::{Origin, load},
    simulation::{PHASES, metrics::METRICS},
};

const CHAPTERS: [&str; 13] = [
    "model",
    "columns",
    "difficulty",
    "assumptions",
    "architecture",
    "performance",
    "experiments",
    "protocol",
    "validation",
    "claims",
    "glossary",
    "calibration",
    "rolling",
];

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

fn read(path: &Path) -> String {
    fs::read_to_string(path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

fn chapter(name: &str) -> String {
    read(&root().join(format!("src/book/{name}.md")))
}

/// Files below a folder of the project with one of these endings, in order.
fn files(folder: &str, endings: &[&str]) -> Vec<PathBuf> {
    let mut found = Vec::new();
    let mut open = vec![root().join(folder)];
    while let Some(folder) = open.pop() {
        for entry in fs::read_dir(&folder).unwrap_or_else(|error| panic!("{}: {error}", folder.display())) {
            let path = entry.expect("an entry of a folder just listed").path();
            if path.is_dir() {
                open.push(path);
            } else if path.extension().is_some_and(|ending| endings.iter().any(|wanted| ending == *wanted)) {
                found.push(path);
            }
        }
    }
    found.sort();
    found
}

/// Every `PREFIX` followed by this number of digits and delimited on both sides.
fn ids(text: &str, prefix: &str, digits: std::ops::RangeInclusive<usize>) -> BTreeSet<String> {
    let mut found = BTreeSet::new();
    for (at, _) in text.match_indices(prefix) {
        let number: String = text[at + prefix.len()..].chars().take_while(char::is_ascii_alphanumeric).collect();
        let alone = !text[..at].ends_with(|letter: char| letter.is_ascii_alphanumeric());
        if alone && digits.contains(&number.len()) && number.bytes().all(|byte| byte.is_ascii_digit()) {
            found.insert(format!("{prefix}{number}"));
        }
    }
    found
}

/// The ids in the first cells of table rows.
fn rows(text: &str, prefix: &str) -> Vec<String> {
    let rows = text.lines().filter_map(|line| line.strip_prefix("| ")?.split(' ').next());
    rows.filter(|cell| ids(cell, prefix, 1..=2).contains(*cell)).map(str::to_owned).collect()
}

#[test]
fn assumptions_cited_exist_and_assumptions_that_exist_are_cited() {
    let assumptions = rows(&chapter("assumptions"), "A-");
    let known: BTreeSet<String> = assumptions.iter().cloned().collect();
    assert_eq!(known.len(), assumptions.len(), "an id is given twice");
    assert!(assumptions.is_sorted());
    let mut cited: BTreeMap<String, PathBuf> = BTreeMap::new();
    for path in files("src", &["rs", "md"]).into_iter().chain(files("scenarios", &["toml"])) {
        if path.ends_with("book/assumptions.md") {
            continue;
        }
        for id in ids(&read(&path), "A-", 2..=2) {
            cited.entry(id).or_insert(path.clone());
        }
    }
    for (id, path) in &cited {
        assert!(known.contains(id), "{} cites {id}, which assumptions.md does not have", path.display());
    }
    let uncited: Vec<_> = known.iter().filter(|id| !cited.contains_key(*id)).collect();
    assert!(uncited.is_empty(), "cited nowhere: {uncited:?}");
}

#[test]
fn sources_cited_are_listed_and_sources_listed_are_cited() {
    let listed: BTreeSet<String> = rows(&chapter("assumptions"), "S").into_iter().collect();
    let mut all = BTreeSet::new();
    for name in CHAPTERS {
        let text = chapter(name);
        let links = text.lines().filter_map(|line| line.strip_prefix('[')?.split_once("]: crate")).map(|(id, _)| id);
        let linked: BTreeSet<&str> = links.filter(|id| ids(id, "S", 1..=2).contains(*id)).collect();
        // Machines have names like S19 too, so a source is cited in brackets and is a link.
        let bracketed = text.split('[').skip(1).filter_map(|rest| rest.split_once(']')).map(|(id, _)| id);
        for id in bracketed.filter(|id| ids(id, "S", 1..=2).contains(*id)) {
            assert!(listed.contains(id), "{name}.md cites {id}, which is not in the list of sources");
            assert!(linked.contains(id), "{name}.md cites {id} without a link to the list");
            assert!(text.matches(&format!("[{id}]")).count() > 1, "{name}.md has a link for {id} but does not cite it");
            all.insert(id.to_owned());
        }
    }
    for path in files("scenarios", &["toml"]) {
        for line in read(&path).lines().filter(|line| line.contains("model chapter")) {
            for id in ids(line, "S", 1..=2) {
                assert!(listed.contains(&id), "{} cites {id}, which is not in the list of sources", path.display());
                all.insert(id);
            }
        }
    }
    let uncited: Vec<_> = listed.difference(&all).collect();
    assert!(uncited.is_empty(), "listed but cited nowhere: {uncited:?}");
}

/// The citations that `explain` and the page print beside a value are in the book: sections by number, sources, assumptions.
#[test]
fn citations_of_defaults_are_in_the_book() {
    fn cited(node: &serde_json::Value, found: &mut BTreeSet<String>) {
        match node {
            serde_json::Value::Object(fields) => {
                found.extend(fields.get("x-source").and_then(|source| source.as_str()).map(str::to_owned));
                fields.values().for_each(|field| cited(field, found));
            }
            serde_json::Value::Array(items) => items.iter().for_each(|item| cited(item, found)),
            _ => {}
        }
    }
    let mut all = BTreeSet::new();
    cited(&crate::scenario::schema(), &mut all);
    assert!(all.len() > 50, "{all:?}");
    let model = chapter("model");
    let is_section = |number: &str| {
        model.lines().any(|line| {
            let title = line
                .strip_prefix("## ")
                .or_else(|| line.strip_prefix("### "))
                .and_then(|title| title.split(' ').next());
            title.is_some_and(|title| title.trim_end_matches('.') == number)
        })
    };
    let (sources, assumptions) = (rows(&chapter("assumptions"), "S"), rows(&chapter("assumptions"), "A-"));
    for source in &all {
        assert!(
            !source.starts_with(|first: char| first.is_ascii_digit()),
            "`{source}`: write `section N.N` of a section"
        );
        for id in ids(source, "S", 1..=2) {
            assert!(sources.contains(&id), "`{source}`: the book has no source {id}");
        }
        for id in ids(source, "A-", 1..=2) {
            assert!(assumptions.contains(&id), "`{source}`: the book has no assumption {id}");
        }
    }
    let report = files("src/report", &["rs", "html", "js"]);
    let shown = report.iter().map(|path| read(path)).chain(all).chain(CHAPTERS.map(chapter));
    for text in shown {
        for (at, word) in text.match_indices("section ") {
            let digits = text[at + word.len()..].split(|c: char| !c.is_ascii_digit() && c != '.').next().unwrap_or("");
            let number = digits.trim_end_matches('.');
            assert!(
                number.is_empty() || is_section(number),
                "the model chapter has no section {number}: {}",
                &text[..at.min(60)]
            );
        }
    }
}

#[test]
fn metrics_are_in_the_model_chapter_with_their_meaning() {
    let model = chapter("model");
    let table: Vec<&str> = model.lines().filter(|line| line.starts_with("| `")).collect();
    for metric in METRICS {
        let unit = if metric.unit.is_empty() { "–" } else { metric.unit };
        let absent = match metric.absent {
            Absent::Never => "never",
            Absent::Unmeasured => "left out",
        };
        let row = format!("| `{}` | {unit} | {} | {absent} |", metric.name, metric.doc);
        assert!(table.contains(&row.as_str()), "section 8 of model.md lacks the row\n{row}");
    }
}

/// Regenerated by `SHAKEOUT_BOOK=write cargo test --lib book::`.
#[test]
fn the_chapter_of_columns_follows_from_their_declarations() {
    let (path, made) = (root().join("src/book/columns.md"), crate::study::dictionary::chapter());
    if std::env::var_os("SHAKEOUT_BOOK").is_some_and(|value| value == "write") {
        fs::write(&path, &made).expect("the chapter can be written");
    }
    assert!(read(&path) == made, "src/book/columns.md is not as declared: SHAKEOUT_BOOK=write cargo test --lib book::");
}

#[test]
fn schedule_is_that_of_the_step() {
    let model = chapter("model");
    let (_, schedule) = model.split_once("## 3. Process overview and scheduling").expect("the section is there");
    let (schedule, _) = schedule.split_once("\n## 4.").expect("it ends");
    let numbered: Vec<&str> =
        schedule.lines().filter(|line| line.starts_with(|first: char| first.is_ascii_digit())).collect();
    let phases: Vec<String> =
        PHASES.iter().enumerate().map(|(number, phase)| format!("{}. *{phase}*", number + 1)).collect();
    assert_eq!(numbered, phases);

    // The calls of the step and of the end of its day, as `owner.call`, `module::call` or `call`.
    let code = read(&root().join("src/simulation/day.rs"));
    let body = |name: &str| {
        let (_, body) = code.split_once(&format!("fn {name}(")).unwrap_or_else(|| panic!("{name} is there"));
        body.split_once("\n    }\n").expect("it ends").0.to_owned()
    };
    let body = body("step") + &body("end_day");
    // These calls prepare a phase, or are the second half of one.
    let asks = [
        "records::start",
        "records::before_step",
        "end_day",
        "power.list_soon",
        "operate::record_switches",
        "open_books",
    ];
    let calls = body.lines().filter_map(|line| {
        let (path, _) = line.trim_start().trim_start_matches(['}', ' ']).split_once('(')?;
        let path = path.rsplit([' ', '!']).next()?;
        let path = path.trim_start_matches("self.").trim_start_matches("world.");
        let named = path.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"_.:".contains(&byte));
        (named && !path.is_empty()).then_some(path)
    });
    let mut rest = schedule;
    let mut found = 0;
    for call in calls.filter(|call| !asks.contains(call) && !call.contains("clock") && !call.contains("calendar")) {
        let name = format!("`{call}`");
        let at = rest
            .find(&name)
            .unwrap_or_else(|| panic!("section 3 of model.md does not name {name}, or names it out of turn"));
        rest = &rest[at + name.len()..];
        found += 1;
    }
    assert!(found >= 18, "{found} calls of the step were found");
}

/// One word for one thing: these words have a standard term.
#[test]
fn the_book_keeps_to_the_standard_terms() {
    const TERMS: [(&str, &str); 6] = [
        ("replicate", "replica"),
        ("headline", "metric"),
        ("under water", "below break-even"),
        ("wound up", "liquidated"),
        ("dear hour", "peak-price hour"),
        ("tidings", "scheduled events"),
    ];
    let readme = root().join("README.md");
    for path in files("src/book", &["md"]).into_iter().chain([readme]) {
        let text = read(&path).to_lowercase();
        for (word, term) in TERMS {
            assert!(!text.contains(word), "{} says `{word}`: the term is `{term}`", path.display());
        }
    }
}

/// Files of the repository that the book and the README name exist.
/// `CITATION.cff` states the version of this build.
#[test]
fn the_citation_states_the_version() {
    let text = read(&root().join("CITATION.cff"));
    assert!(text.lines().any(|line| line == concat!("version: ", env!("CARGO_PKG_VERSION"))), "{text}");
}

#[test]
fn files_named_in_the_book_exist() {
    let chapters = CHAPTERS.iter().map(|name| chapter(name));
    let mut found = 0;
    for text in chapters.chain([read(&root().join("README.md")), read(&root().join("scenarios/README.md"))]) {
        for name in text.split('`').skip(1).step_by(2) {
            let ours = ["src/", "tests/", "benches/", "scenarios/"].iter().any(|folder| name.starts_with(folder));
            // Bitcoin's sources are cited by their path too; a command has arguments after its path.
            if ours && !name.split_whitespace().any(|word| Path::new(word).extension().is_some_and(|end| end == "cpp"))
            {
                let path = name.split_whitespace().next().unwrap_or(name);
                assert!(root().join(path).exists(), "the book names {path}, which does not exist");
                found += 1;
            }
        }
    }
    assert!(found > 40, "{found} names were found");
}

#[test]
fn every_default_of_a_scenario_is_an_assumption() {
    let assumptions = chapter("assumptions");
    let named: Vec<&str> = assumptions.split('`').skip(1).step_by(2).collect();
    let mut read = 0;
    for path in files("scenarios", &["toml"]) {
        // Parts of a scenario, and scenarios that need further files, cannot be read alone.
        let Ok(resolved) = load(&path, &[], None) else { continue };
        read += 1;
        for value in resolved.values.iter().filter(|value| value.origin == Origin::Default) {
            let key = value.path.last().expect("a key has a name");
            let family = key.split('_').next().unwrap_or(key);
            let known = named.iter().any(|name| {
                let last = name.rsplit('.').next().unwrap_or(name);
                last == key || name.ends_with(&format!(".{family}_*"))
            });
            assert!(known || value.is_kind, "`{}` has a default, but assumptions.md does not say so", value.key());
        }
    }
    assert!(read > 0, "no scenario was read");
}
