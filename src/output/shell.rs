//! Commands as a shell reads them.

/// As one word of a shell.
#[must_use]
pub fn quoted(word: &str) -> String {
    if !word.is_empty() && word.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"/._-=:,+".contains(&byte)) {
        return word.to_owned();
    }
    format!("'{}'", word.replace('\'', "'\\''"))
}

/// As a command of a shell.
#[must_use]
pub fn line(words: &[String]) -> String {
    words.iter().map(|word| quoted(word)).collect::<Vec<_>>().join(" ")
}

/// The words of a command that [`line()`] wrote.
#[must_use]
pub fn words(line: &str) -> Vec<String> {
    let (mut words, mut word, mut quoted, mut begun) = (Vec::new(), String::new(), false, false);
    let mut rest = line.chars();
    while let Some(character) = rest.next() {
        match character {
            '\'' => (quoted, begun) = (!quoted, true),
            '\\' if !quoted => word.extend(rest.next()),
            ' ' if !quoted => {
                if begun {
                    words.push(std::mem::take(&mut word));
                }
                begun = false;
            }
            _ => {
                word.push(character);
                begun = true;
            }
        }
    }
    if begun {
        words.push(word);
    }
    words
}

/// A flag with its value.
#[must_use]
pub fn flag(name: &str, value: impl std::fmt::Display) -> [String; 2] {
    [name.to_owned(), value.to_string()]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_survive_the_shell() {
        for word in ["plain", "a b", "it's", "$HOME", "", "a\"b", "--set", "x=[1, 2]", "`id`", "back\\slash"] {
            let shown = std::process::Command::new("sh")
                .arg("-c")
                .arg(format!("printf %s {}", quoted(word)))
                .output()
                .expect("there is a shell");
            assert_eq!(String::from_utf8_lossy(&shown.stdout), word);
            let command = ["shakeout".to_owned(), word.to_owned(), "last".to_owned()];
            assert_eq!(words(&line(&command)), command);
        }
    }
}
