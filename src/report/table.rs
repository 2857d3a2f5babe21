//! The headline table for a manuscript, in Markdown or in LaTeX.

use std::fmt::Write as _;

use super::{
    number::human,
    summary::{Headline, Summary},
};

/// A Markdown table: a row per headline number with median, bands and the replicas that never get there.
#[must_use]
pub fn markdown(summary: &Summary) -> String {
    let mut out =
        String::from("| metric | unit | median | 50 % band | 90 % band | never |\n|---|---|--:|--:|--:|--:|\n");
    for headline in &summary.metrics {
        let [meaning, unit, median, half, most, never] = cells(headline);
        let meaning = meaning.replace('|', "\\|");
        // Writing into a string cannot fail.
        let _ = writeln!(out, "| {meaning} | {unit} | {median} | {half} | {most} | {never} |");
    }
    let _ = writeln!(out, "\n{}", note(summary));
    out
}

/// A LaTeX `tabular` in the style of the `booktabs` package.
#[must_use]
pub fn latex(summary: &Summary) -> String {
    let mut out = String::from(
        "% needs \\usepackage{booktabs}\n\\begin{tabular}{llrrrr}\n\\toprule\nMetric & Unit & Median & 50\\,\\% band & 90\\,\\% band & Never \\\\\n\\midrule\n",
    );
    for headline in &summary.metrics {
        let row = cells(headline).map(|cell| escape(&cell));
        let _ = writeln!(out, "{} \\\\", row.join(" & "));
    }
    let _ = writeln!(out, "\\bottomrule\n\\end{{tabular}}\n% {}", note(summary));
    out
}

fn note(summary: &Summary) -> String {
    format!("{} replicas, seed {}.", summary.replicas, summary.seed)
}

fn cells(headline: &Headline) -> [String; 6] {
    let spread = &headline.spread;
    let number = |value: Option<f64>| value.map_or_else(|| "never".into(), human);
    let band = |low: Option<f64>, high: Option<f64>| format!("{} to {}", number(low), number(high));
    [
        headline.meaning(),
        spread.unit.clone(),
        number(spread.p50),
        band(spread.p25, spread.p75),
        band(spread.p05, spread.p95),
        if spread.n_censored == 0 { String::new() } else { format!("{} of {}", spread.n_censored, spread.n) },
    ]
}

fn escape(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for character in text.chars() {
        match character {
            '&' | '%' | '$' | '#' | '_' | '{' | '}' => {
                out.push('\\');
                out.push(character);
            }
            '\\' => out.push_str("\\textbackslash{}"),
            '~' => out.push_str("\\textasciitilde{}"),
            '^' => out.push_str("\\textasciicircum{}"),
            '−' => out.push_str("$-$"),
            _ => out.push(character),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::summary::Spread;

    fn summary() -> Summary {
        let spread = Spread {
            unit: "%".into(),
            doc: "Worst retarget | a_b".into(),
            p05: Some(-0.2),
            p25: Some(-0.15),
            p50: Some(-0.1),
            p75: None,
            p95: None,
            n: 20,
            n_censored: 6,
            ..Spread::default()
        };
        Summary {
            seed: 7,
            replicas: 20,
            metrics: vec![Headline { name: "worst".into(), spread }],
            ..Summary::default()
        }
    }

    #[test]
    fn markdown_table_has_every_number() {
        insta::assert_snapshot!(markdown(&summary()), @r"
        | metric | unit | median | 50 % band | 90 % band | never |
        |---|---|--:|--:|--:|--:|
        | Worst retarget \| a_b | % | −0.100 | −0.150 to never | −0.200 to never | 6 of 20 |

        20 replicas, seed 7.
        ");
    }

    #[test]
    fn latex_table_escapes_what_tex_would_eat() {
        let text = latex(&summary());
        assert!(
            text.contains(
                "Worst retarget | a\\_b & \\% & $-$0.100 & $-$0.150 to never & $-$0.200 to never & 6 of 20 \\\\"
            ),
            "{text}"
        );
    }
}
