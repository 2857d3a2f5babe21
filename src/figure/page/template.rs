//! From content to HTML: one style sheet, one library and one security policy for all pages.

use minijinja::{AutoEscape, Environment, value::Serde};
use serde::Serialize;
use sha2::{Digest as _, Sha256};

use super::block::Block;
use crate::{report::ReportError, scenario::printable};

/// uPlot 1.6.32, as npm's `uplot` has it; see the licence beside it.
pub(super) const PLOT_LIBRARY: &str = include_str!("../vendor/uplot/uPlot.iife.min.js");
pub(super) const PLOT_STYLE: &str = include_str!("../vendor/uplot/uPlot.min.css");
const STYLE: &str = include_str!("style.css");
/// In the order in which they run.
pub(super) const SCRIPTS: [&str; 4] =
    [PLOT_LIBRARY, include_str!("plot.js"), include_str!("run.js"), include_str!("sweep.js")];
const TEMPLATES: [(&str, &str); 6] = [
    ("base.html", include_str!("base.html")),
    ("macros.html", include_str!("macros.html")),
    ("run.html", include_str!("run.html")),
    ("compare.html", include_str!("compare.html")),
    ("sweep.html", include_str!("sweep.html")),
    ("plain.html", include_str!("plain.html")),
];

/// What every page is given beside its own content.
#[derive(Serialize)]
struct Common<'a, C> {
    #[serde(flatten)]
    content: &'a C,
    policy: String,
    plot_style: &'a str,
    style: &'a str,
    scripts: &'a [&'a str],
    data: String,
}

/// One of the pages.
///
/// # Errors
/// If the template fails: a bug of ours.
pub(crate) fn render(name: &str, content: &impl Serialize, block: &Block) -> Result<String, ReportError> {
    let failed =
        |error: minijinja::Error| ReportError::Drawing { what: "report.html".into(), problem: format!("{error:#}") };
    let mut environment = Environment::new();
    environment.set_auto_escape_callback(|_| AutoEscape::Html);
    for (name, text) in TEMPLATES {
        environment.add_template(name, text).map_err(failed)?;
    }
    let template = environment.get_template(name).map_err(failed)?;
    let common = Common {
        content,
        policy: policy(),
        plot_style: PLOT_STYLE,
        style: STYLE,
        scripts: &SCRIPTS,
        data: block.to_json(),
    };
    // What a folder holds may have been written by another program.
    template.render(Serde(&common)).map(|page| printable(&page).into_owned()).map_err(failed)
}

/// Content security policy: nothing may be loaded, and only our scripts may run, which are identified by their hashes.
fn policy() -> String {
    let hashes: Vec<String> =
        SCRIPTS.iter().map(|script| format!("'sha256-{}'", base64(&Sha256::digest(script.as_bytes())))).collect();
    format!("default-src 'none'; style-src 'unsafe-inline'; script-src {}", hashes.join(" "))
}

/// RFC 4648.
fn base64(bytes: &[u8]) -> String {
    const LETTERS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let mut text = String::with_capacity(bytes.len().div_ceil(3) * 4);
    for group in bytes.chunks(3) {
        let mut three = [0; 3];
        three[..group.len()].copy_from_slice(group);
        let bits = u32::from_be_bytes([0, three[0], three[1], three[2]]);
        for place in 0..4 {
            let letter = LETTERS[(bits >> (18 - 6 * place)) as usize & 63];
            text.push(if place > group.len() { '=' } else { char::from(letter) });
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_library_is_the_one_that_was_published() {
        // Of the files in npm's uplot-1.6.32.tgz; UPSTREAM.md says how to get them again.
        let published = include_str!("../vendor/uplot/SHA256SUMS");
        let files = [
            ("uPlot.iife.min.js", PLOT_LIBRARY),
            ("uPlot.min.css", PLOT_STYLE),
            ("LICENSE", include_str!("../vendor/uplot/LICENSE")),
        ];
        assert_eq!(published.lines().count(), files.len());
        for (name, text) in files {
            let sum = crate::output::plan::sha256(text.as_bytes());
            assert!(published.contains(&format!("{sum}  {name}\n")), "{name} is {sum}");
        }
        assert!(PLOT_LIBRARY.contains("uPlot (v1.6.32)"));
    }

    #[test]
    fn base64_is_that_of_the_standard() {
        for (text, code) in [("", ""), ("f", "Zg=="), ("fo", "Zm8="), ("foo", "Zm9v"), ("foobar", "Zm9vYmFy")] {
            assert_eq!(base64(text.as_bytes()), code);
        }
    }

    #[test]
    fn scripts_are_short_and_cannot_end_their_element() {
        let own: usize = SCRIPTS[1..].iter().map(|script| script.lines().count()).sum();
        assert!(own < 700, "{own} lines");
        assert!(SCRIPTS.iter().all(|script| !script.contains("</script")));
    }
}
