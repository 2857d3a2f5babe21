//! The table of metrics for a manuscript, in Markdown or in LaTeX.

use std::fmt::Write as _;

use super::summary::{Headline, Summary};

/// A Markdown table: a row for each metric with median, bands and the replicas that never get there.
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

/// A LaTeX table in the style of the `booktabs` package, no wider than a page of A4 in `\small`: long meanings are
/// folded, the unit stands after them, and of the bands there is the wider one. A `tabular`, or a `longtable` where it would
/// not fit on one page.
#[must_use]
pub fn latex(summary: &Summary) -> String {
    const ON_A_PAGE: usize = 20;
    let is_long = summary.metrics.len() > ON_A_PAGE;
    let (table, packages, head) =
        if is_long { ("longtable", "{booktabs,longtable}", "\\endhead\n") } else { ("tabular", "{booktabs}", "") };
    let mut out = format!(
        "% needs \\usepackage{packages}; in \\small it fits the width of a page of A4\n\
         \\begin{{{table}}}{{@{{}}p{{0.38\\linewidth}}rrr@{{}}}}\n\\toprule\nMetric & Median & 90\\,\\% band & Never \\\\\n\
         \\midrule\n{head}"
    );
    for headline in &summary.metrics {
        let [meaning, unit, median, _, most, never] = cells(headline).map(|cell| escape(&cell));
        let unit = if unit.is_empty() { unit } else { format!(" ({unit})") };
        let _ = writeln!(out, "{meaning}{unit} & {median} & {most} & {never} \\\\");
    }
    let _ = writeln!(out, "\\bottomrule\n\\end{{{table}}}\n% {}", note(summary));
    out
}

fn note(summary: &Summary) -> String {
    let failures = summary.failures().map_or_else(String::new, |failures| format!(" {failures}"));
    format!("{} replicas, seed {}.{failures}", summary.replicas, summary.seed)
}

fn cells(headline: &Headline) -> [String; 6] {
    let spread = &headline.spread;
    let number = |value: Option<f64>| spread.shown(value);
    let band = |low: Option<f64>, high: Option<f64>| match (low, high) {
        (None, None) => number(None),
        _ if headline.never_falls() => number(low),
        _ => format!("{} to {}", number(low), number(high)),
    };
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
        assert!(text.contains("Worst retarget | a\\_b (\\%) & $-$0.100 & $-$0.200 to never & 6 of 20 \\\\"), "{text}");
        assert_eq!(
            escape("50 % & #1_{x} $^~\\"),
            "50 \\% \\& \\#1\\_\\{x\\} \\$\\textasciicircum{}\\textasciitilde{}\\textbackslash{}"
        );
    }

    /// What TeX asks of a table: each row as many cells as the head has columns, whatever stands in them, and what begins ends.
    #[test]
    fn latex_rows_have_as_many_cells_as_columns() {
        let odd = Spread { doc: "R&D_cost at 5 % of #1".into(), unit: "USD/(TH/s)".into(), ..Spread::default() };
        for count in [1, 30] {
            let mut summary = summary();
            let one = Headline { name: "odd".into(), spread: odd.clone() };
            summary.metrics.extend(std::iter::repeat_n(one, count));
            let text = latex(&summary);
            let rows: Vec<&str> = text.lines().filter(|line| line.ends_with("\\\\")).collect();
            assert_eq!(rows.len(), 2 + count);
            for row in rows {
                let cells = row.replace("\\&", "").matches('&').count() + 1;
                assert_eq!(cells, 4, "{row}");
                let bare = row.replace("\\%", "").replace("\\#", "").replace("\\_", "");
                assert!(!bare.contains(['%', '#', '_']), "{row}");
            }
            let table = if count > 20 { "longtable" } else { "tabular" };
            assert!(
                text.contains(&format!("\\begin{{{table}}}")) && text.contains(&format!("\\end{{{table}}}")),
                "{text}"
            );
        }
    }

    #[test]
    fn markdown_rows_have_as_many_cells_as_columns() {
        let mut summary = summary();
        let odd = Spread { doc: "a | b || c".into(), unit: "d".into(), ..Spread::default() };
        summary.metrics.push(Headline { name: "odd".into(), spread: odd });
        let text = markdown(&summary);
        let rows: Vec<&str> = text.lines().filter(|line| line.starts_with('|')).collect();
        assert_eq!(rows.len(), 4);
        for row in rows {
            assert_eq!(row.replace("\\|", "").matches('|').count(), 7, "{row}");
        }
    }
}
