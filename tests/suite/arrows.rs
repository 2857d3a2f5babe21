//! The architecture, read from the code: which layer may import which, that no two files import one another, and that no mechanism imports another.
//! The layers are those of the book's chapter on architecture.

use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    path::{Path, PathBuf},
};

/// The layers, the lowest first. A file may import its own layer and those before it.
const LAYERS: [(&str, &[&str]); 13] = [
    ("ground", &["units", "random"]),
    ("declarations", &["declare"]),
    ("values and formulas", &["chain", "hardware", "market", "power"]),
    (
        "rules",
        &[
            "mechanism/*/rule",
            "mechanism/*/params",
            "mechanism/*/cover",
            "mechanism/*/loan",
            "mechanism/*/instalments",
            "supply",
        ],
    ),
    ("world", &["world"]),
    ("population", &["population"]),
    ("mechanisms", &["mechanism"]),
    ("simulation", &["simulation"]),
    ("scenario", &["scenario"]),
    ("results", &["output"]),
    ("study", &["study"]),
    ("figures", &["report", "figure"]),
    ("command line", &["cli"]),
];

/// Files that import one another today, by the first of them in alphabetical order. The list may only become shorter.
const KNOWN_CYCLES: [&str; 2] = ["simulation/day.rs", "world/ledger.rs"];

/// A source file: its module path, such as `world::sale`, and what it imports.
struct Source {
    file: String,
    imports: BTreeSet<String>,
}

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("src")
}

/// The module path of a file: `world/sale.rs` and `world/sale/mod.rs` are both `world::sale`.
fn module_of(file: &str) -> String {
    file.trim_end_matches(".rs").trim_end_matches("/mod").replace('/', "::")
}

fn files() -> Vec<String> {
    let mut found = Vec::new();
    let mut open = vec![root()];
    while let Some(folder) = open.pop() {
        for entry in fs::read_dir(&folder).expect("the folder is there") {
            let path = entry.expect("it can be read").path();
            if path.is_dir() {
                open.push(path);
            } else if path.extension().is_some_and(|end| end == "rs") {
                let name = path.strip_prefix(root()).expect("below src").display().to_string().replace('\\', "/");
                found.push(name);
            }
        }
    }
    // Tests may import anything, and the root and the book name everything.
    let excluded = |name: &str| {
        name.contains("test") || name.contains("fixture") || name.starts_with("book/") || !name.contains('/')
    };
    found.retain(|name| !excluded(name));
    found.sort();
    found
}

/// The paths of a `use` tree, such as `a::{b, c::{d, e}}`.
fn flatten(tree: &str, prefix: &str, out: &mut Vec<String>) {
    let (mut depth, mut start) = (0, 0);
    let mut parts = Vec::new();
    for (at, character) in tree.char_indices() {
        match character {
            '{' => depth += 1,
            '}' => depth -= 1,
            ',' if depth == 0 => {
                parts.push(&tree[start..at]);
                start = at + 1;
            }
            _ => {}
        }
    }
    parts.push(&tree[start..]);
    for part in parts.into_iter().map(str::trim).filter(|part| !part.is_empty()) {
        if let Some((head, rest)) = part.split_once('{') {
            flatten(rest.trim_end().trim_end_matches('}'), &format!("{prefix}{}", head.trim()), out);
        } else {
            let path = part.split(" as ").next().unwrap_or(part);
            out.push(format!("{prefix}{path}").trim_end_matches("::self").to_owned());
        }
    }
}

/// The code of a file without comments, and without its tests.
fn code(file: &str) -> String {
    let text = fs::read_to_string(root().join(file)).expect("the file can be read");
    let tests = text.find("mod tests {").and_then(|at| text[..at].rfind("#[cfg(test)]"));
    let text = &text[..tests.unwrap_or(text.len())];
    text.lines().map(|line| line.split("//").next().unwrap_or_default()).collect::<Vec<_>>().join("\n")
}

/// The `use` statements of some code: whether public, and the paths.
fn uses(code: &str) -> Vec<(bool, Vec<String>)> {
    let mut found = Vec::new();
    for (at, _) in code.match_indices("use ") {
        let line = code[..at].rsplit('\n').next().unwrap_or_default().trim();
        if !(line.is_empty() || line.starts_with("pub") && !line.contains('=')) {
            continue;
        }
        let Some(end) = code[at..].find(';') else { continue };
        let mut paths = Vec::new();
        flatten(&code[at + 4..at + end].replace('\n', " "), "", &mut paths);
        found.push((line.starts_with("pub"), paths));
    }
    found
}

/// A path as seen from the crate's root.
fn absolute(path: &str, module: &str, is_folder: bool) -> Option<String> {
    let mut here: Vec<&str> = module.split("::").collect();
    let mut rest: Vec<&str> = path.split("::").collect();
    match rest[0] {
        "crate" => here.clear(),
        "self" => {}
        "super" => {
            while rest.get(1) == Some(&"super") {
                here.pop();
                rest.remove(0);
            }
            here.pop();
        }
        // A child of a folder's `mod.rs`.
        _ if is_folder => rest.insert(0, "self"),
        _ => return None,
    }
    here.extend(&rest[1..]);
    Some(here.join("::"))
}

/// All files with the files that they import; an item that a `mod.rs` passes on is taken for the file that defines it.
fn sources() -> Vec<Source> {
    let files = files();
    let modules: BTreeMap<String, String> = files.iter().map(|file| (module_of(file), file.clone())).collect();
    let mut passed_on: BTreeMap<String, String> = BTreeMap::new();
    for file in &files {
        let module = module_of(file);
        for (public, paths) in uses(&code(file)) {
            for path in paths.iter().filter(|_| public) {
                if let Some(target) = absolute(path, &module, file.ends_with("mod.rs")) {
                    let name = target.rsplit("::").next().unwrap_or_default();
                    passed_on.insert(format!("{module}::{name}"), target.clone());
                }
            }
        }
    }
    // Names may be passed on more than once.
    let defined = |path: &str| {
        let mut path = path.to_owned();
        for _ in 0..4 {
            match passed_on.get(&path) {
                Some(next) if *next != path => path.clone_from(next),
                _ => break,
            }
        }
        path
    };
    let file_of = |path: &str| {
        let mut path = defined(path);
        loop {
            if let Some(file) = modules.get(&path) {
                return Some(file.clone());
            }
            let shorter = path.rsplit_once("::")?.0.to_owned();
            path = defined(&shorter);
            if path.len() > shorter.len() && !modules.contains_key(&path) {
                path = shorter;
            }
        }
    };
    files
        .iter()
        .map(|file| {
            let (module, code) = (module_of(file), code(file));
            let mut imports = BTreeSet::new();
            let mut paths: Vec<String> =
                uses(&code).into_iter().filter(|(public, _)| !public).flat_map(|(_, paths)| paths).collect();
            for (at, _) in code.match_indices("crate::") {
                let path: String = code[at..]
                    .chars()
                    .take_while(|&character| character.is_alphanumeric() || character == '_' || character == ':')
                    .collect();
                paths.push(path.trim_end_matches(':').to_owned());
            }
            for path in paths {
                let target = absolute(&path, &module, file.ends_with("mod.rs")).and_then(|path| file_of(&path));
                imports.extend(target.filter(|target| target != file));
            }
            Source { file: file.clone(), imports }
        })
        .collect()
}

fn matches(file: &str, pattern: &str) -> bool {
    let mut parts = file.split('/');
    pattern.split('/').all(|wanted| {
        parts.next().is_some_and(|part| wanted == "*" || part == wanted || part.strip_suffix(".rs") == Some(wanted))
    })
}

/// The number of a file's layer: of the most precise pattern that it matches.
fn layer(file: &str) -> usize {
    let fits = LAYERS.iter().enumerate().flat_map(|(number, (_, patterns))| {
        patterns
            .iter()
            .filter(|pattern| matches(file, pattern))
            .map(move |pattern| (pattern.matches('/').count(), number))
    });
    fits.max().unwrap_or_else(|| panic!("{file} is in no layer: name it in LAYERS")).1
}

#[test]
fn arrows_run_one_way() {
    let mut wrong = Vec::new();
    for source in sources() {
        for import in &source.imports {
            if layer(import) > layer(&source.file) {
                let (from, to) = (LAYERS[layer(&source.file)].0, LAYERS[layer(import)].0);
                wrong.push(format!("{} ({from}) imports {import} ({to})", source.file));
            }
        }
    }
    assert!(wrong.is_empty(), "imports against the order of the layers:\n{}", wrong.join("\n"));
}

#[test]
fn no_mechanism_imports_another() {
    let folder = |file: &str| {
        file.strip_prefix("mechanism/").and_then(|rest| rest.split_once('/')).map(|(name, _)| name.to_owned())
    };
    let mut wrong = Vec::new();
    for source in sources() {
        let Some(own) = folder(&source.file).filter(|_| LAYERS[layer(&source.file)].0 == "mechanisms") else {
            continue;
        };
        for import in source.imports.iter().filter(|import| LAYERS[layer(import)].0 == "mechanisms") {
            if folder(import).is_some_and(|other| other != own) {
                wrong.push(format!("{} imports {import}", source.file));
            }
        }
    }
    assert!(wrong.is_empty(), "mechanisms that import others:\n{}", wrong.join("\n"));
}

/// The files that can be reached from a file by following imports.
fn reached<'a>(from: &'a str, graph: &BTreeMap<&'a str, &'a BTreeSet<String>>) -> BTreeSet<&'a str> {
    let mut found = BTreeSet::new();
    let mut open = vec![from];
    while let Some(file) = open.pop() {
        for import in graph.get(file).into_iter().flat_map(|imports| imports.iter()) {
            if found.insert(import.as_str()) {
                open.push(import);
            }
        }
    }
    found
}

#[test]
fn no_two_files_import_one_another() {
    let sources = sources();
    let graph: BTreeMap<&str, &BTreeSet<String>> =
        sources.iter().map(|source| (source.file.as_str(), &source.imports)).collect();
    let reach: BTreeMap<&str, BTreeSet<&str>> = graph.keys().map(|&file| (file, reached(file, &graph))).collect();
    let cycles: BTreeSet<Vec<&str>> = graph
        .keys()
        .filter(|&&file| reach[file].contains(file))
        .map(|&file| reach[file].iter().copied().filter(|other| reach[other].contains(file)).collect())
        .collect();
    let new: Vec<String> =
        cycles.iter().filter(|cycle| !KNOWN_CYCLES.contains(&cycle[0])).map(|cycle| cycle.join(", ")).collect();
    assert!(new.is_empty(), "files that import one another:\n{}", new.join("\n"));
    let gone: Vec<&&str> =
        KNOWN_CYCLES.iter().filter(|known| !cycles.iter().any(|cycle| cycle[0] == **known)).collect();
    assert!(gone.is_empty(), "these cycles are gone: take them off the list: {gone:?}");
}
