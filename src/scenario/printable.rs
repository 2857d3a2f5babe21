//! Text from outside that is shown: a title, a firm's name, a file's path.

use std::{borrow::Cow, fmt::Write as _};

/// A text in which no character acts on the terminal or page that shows it: control characters other than ends of lines and tabs, and
/// the invisible ones that turn the direction of writing or stand for nothing, are written as their number, such as `\u001B`.
#[must_use]
pub fn printable(text: &str) -> Cow<'_, str> {
    shown(text, |c| is_hidden(c) && c != '\n' && c != '\t')
}

/// A printable text on one line: ends of lines and tabs become spaces.
#[must_use]
pub fn one_line(text: &str) -> Cow<'_, str> {
    shown(text, is_hidden)
}

/// A printable text on one line; of a long text only the beginning.
#[must_use]
pub fn brief(text: &str) -> String {
    const MOST: usize = 60;
    let line = one_line(text);
    match line.char_indices().nth(MOST) {
        Some((end, _)) => format!("{}…", &line[..end]),
        None => line.into_owned(),
    }
}

/// A printable text with as many bytes, so that places in it remain valid: each hidden byte becomes a question mark.
#[cfg(feature = "charts")]
#[must_use]
pub(super) fn masked(text: &str) -> String {
    let mut masked = String::with_capacity(text.len());
    for c in text.chars() {
        if is_hidden(c) && !matches!(c, '\n' | '\r' | '\t') {
            masked.extend(std::iter::repeat_n('?', c.len_utf8()));
        } else {
            masked.push(c);
        }
    }
    masked
}

fn shown(text: &str, hide: impl Fn(char) -> bool) -> Cow<'_, str> {
    if !text.chars().any(&hide) {
        return Cow::Borrowed(text);
    }
    let mut shown = String::with_capacity(text.len() + 8);
    for c in text.chars() {
        match c {
            '\n' | '\t' if hide(c) => shown.push(' '),
            // Some systems end a line by two characters; one of them is enough.
            '\r' => {}
            _ if hide(c) => {
                // Writing into a string cannot fail.
                let _ = write!(shown, "\\u{:04X}", u32::from(c));
            }
            _ => shown.push(c),
        }
    }
    Cow::Owned(shown)
}

/// Control characters (C0, C1 and DEL), and Unicode's marks of direction, separators of lines, and characters without a shape.
fn is_hidden(c: char) -> bool {
    c.is_control()
        || matches!(
            c,
            '\u{061C}' | '\u{200B}' | '\u{200E}' | '\u{200F}' | '\u{2028}'..='\u{202E}' | '\u{2060}'..='\u{206F}' | '\u{FEFF}'
                | '\u{FFF9}'..='\u{FFFB}' | '\u{E0000}'..='\u{E007F}'
        )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_acts_on_a_terminal_is_written_out() {
        assert_eq!(
            printable("\u{1b}]0;x\u{7}a\u{9b}b\u{202e}c\n\td\r\n"),
            "\\u001B]0;x\\u0007a\\u009Bb\\u202Ec\n\td\n"
        );
        assert_eq!(one_line("a\nb\tc\u{7f}"), "a b c\\u007F");
        assert!(matches!(printable("Größe 5 % – ₿\n"), Cow::Borrowed(_)));
        #[cfg(feature = "charts")]
        assert_eq!(masked("a\u{1b}b\u{202e}c\n"), "a?b???c\n");
        assert_eq!(brief(&"é".repeat(100)).chars().count(), 61);
    }
}
