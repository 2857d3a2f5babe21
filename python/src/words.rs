//! The words of the command line, in which the library says its remedies, as a user of Python writes them.

/// Flags whose argument has another name in Python, or none.
const OTHERWISE: [(&str, &str); 10] = [
    ("set", "changes"),
    ("vary", "vary"),
    ("force", "replace=True"),
    ("out", "another path"),
    ("resume", "`--resume` of the command line"),
    ("points", "size"),
    ("design-file", "points"),
    ("deny-warnings", "deny_warnings=True"),
    ("fail-fast", "fail_fast=True"),
    ("audit", "audit=True"),
];

/// A text with an argument of Python in place of each flag: `--design morris` as `design="morris"`, `--set a.b=3` as `changes={"a.b": 3}`.
pub fn in_python(text: &str) -> String {
    let mut said = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find("--") {
        let (before, flag) = rest.split_at(at);
        let end = flag[2..]
            .find(|letter: char| !letter.is_ascii_lowercase() && letter != '-')
            .map_or(flag.len(), |end| 2 + end);
        let is_flag = end > 2 && !before.ends_with(|letter: char| letter.is_alphanumeric() || letter == '-');
        said.push_str(before);
        if !is_flag {
            said.push_str(&flag[..end]);
            rest = &flag[end..];
            continue;
        }
        let (argument, used) = argument(&flag[2..end], &flag[end..]);
        said.push_str(&argument);
        rest = &flag[end + used..];
    }
    said + rest
}

/// The argument of a flag, and how much of what follows is its value.
fn argument(flag: &str, after: &str) -> (String, usize) {
    let known = OTHERWISE.iter().find(|(known, _)| *known == flag);
    let name = known.map_or_else(|| flag.replace('-', "_"), |(_, name)| (*name).to_owned());
    let Some(word) = after.strip_prefix(' ') else { return (name, 0) };
    let word = word.split([' ', '`', ';', ')', '\n']).next().unwrap_or("").trim_end_matches([',', '.', ':']);
    let used = 1 + word.len();
    let is_value =
        !word.is_empty() && word.chars().all(|letter| letter.is_ascii_uppercase() || letter.is_ascii_digit());
    match word.split_once('=') {
        Some((key, value)) if flag == "set" => (format!("{name}={{\"{key}\": {value}}}"), used),
        Some((key, levels)) => (format!("{name}={{\"{key}\": \"{levels}\"}}"), used),
        // What stands for a path is a part of the words above.
        None if flag == "out" && is_value => (name, used),
        None if is_value => (format!("{name}={word}"), used),
        None if ["design", "format"].contains(&flag)
            && word.chars().all(|letter| letter.is_ascii_lowercase())
            && !word.is_empty() =>
        {
            (format!("{name}=\"{word}\""), used)
        }
        None => (name, 0),
    }
}
