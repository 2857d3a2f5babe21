use super::*;
use crate::report::summary::Spread;

fn headline(name: &str, unit: &str, [low, middle, high]: [f64; 3]) -> Headline {
    let finite = |value: f64| Some(value).filter(|value| value.is_finite());
    let n_censored = if high.is_finite() { 0 } else { 6 };
    let (p05, p50, p95) = (finite(low), finite(middle), finite(high));
    let spread = Spread { unit: unit.into(), p05, p50, p95, n: 20, n_censored, ..Spread::default() };
    Headline { name: name.into(), spread }
}

fn run(label: &str, trough: f64) -> PaperRun {
    let summary = Summary {
        title: "A fall of 40 %".into(),
        seed: 7,
        replicas: 20,
        scenario_sha256: "0123456789abcdef0123456789abcdef".into(),
        metrics: vec![
            headline("hashrate_trough_share", "", [trough - 0.03, trough, trough + 0.02]),
            headline("days_to_95pct", "d", [40.0, 120.0, f64::INFINITY]),
            headline("worst_retarget", "", [-0.13, -0.09, -0.07]),
            headline("lender_loss_usd", "USD", [8.9e6, 15.04e6, 28.8e6]),
        ],
        ..Summary::default()
    };
    PaperRun { label: label.into(), summary, version: "0.1.0".into() }
}

const MAIN: PaperRows = PaperRows::Of(Extent::Main);

#[test]
fn markdown_has_median_and_band_in_the_digits_that_are_known() {
    insta::assert_snapshot!(markdown(&[run("one", 0.8577)], &MAIN));
}

#[test]
fn several_runs_stand_side_by_side_under_their_labels() {
    let mut second = run("second", 0.7);
    second.summary.scenario_sha256 = "fedcba9876543210fedcba9876543210".into();
    let text = markdown(
        &[run("first|run", 0.8577), second],
        &PaperRows::Named(vec!["worst_retarget".into(), "hashrate_trough_share".into()]),
    );
    let lines: Vec<&str> = text.lines().collect();
    assert_eq!(lines[0], "| metric | unit | first\\|run | second |");
    assert!(lines[2].starts_with("| Difficulty and blocks, largest downward adjustment | % | "), "{text}");
    assert!(lines[3].contains("86 (83 to 88)") && lines[3].contains("70 (67 to 72)"), "{text}");
    assert!(
        text.contains("first|run: shakeout 0.1.0, scenario SHA-256 0123456789abcdef, seed 7, 20 replicas."),
        "{text}"
    );
    assert!(text.contains("second: shakeout 0.1.0, scenario SHA-256 fedcba9876543210, seed 7, 20 replicas."), "{text}");
}

/// Forms of one scenario cite it once, and many labels do not all stand in that of the table.
#[test]
fn an_ablation_is_cited_as_one_scenario() {
    let forms: Vec<PaperRun> = ["as it stands", "no delay", "no fees", "no debt"].map(|form| run(form, 0.8)).into();
    let text = latex(&forms, &MAIN);
    assert_eq!(text.matches("SHA-256").count(), 1, "{text}");
    assert!(text.contains("changed as its heading says: shakeout 0.1.0, scenario SHA-256 0123456789abcdef"), "{text}");
    assert!(text.contains("\\label{tab:as-it-stands-and-3-more}"), "{text}");
}

#[test]
fn a_latex_table_has_caption_label_headings_and_rules() {
    insta::assert_snapshot!(latex(&[run("out/one_run", 0.8577)], &MAIN));
}

/// What TeX asks of a table: each row as many cells as the head has columns, whatever stands in them, no bare special character, and
/// what begins ends.
#[test]
fn latex_rows_have_as_many_cells_as_columns() {
    for (runs, count) in [(1, 1), (2, 1), (4, 1), (1, 40), (3, 40)] {
        let labels = ["R&D_cost", "50 % of #1", "a{b}", "~^"];
        let mut runs: Vec<PaperRun> = labels[..runs].iter().map(|label| run(label, 0.8)).collect();
        for run in &mut runs {
            run.summary
                .metrics
                .extend((0..count).map(|place| headline(&format!("odd_{place}#"), "USD/(TH/s)", [1.0, 2.0, 3.0])));
        }
        let text = latex(&runs, &PaperRows::Of(Extent::All));
        let cells_of = |row: &str| row.replace("\\&", "").matches('&').count() + 1;
        let mut rows = 0;
        for row in text.lines().filter(|line| line.ends_with("\\\\") || line.ends_with("\\\\*")) {
            if row.starts_with("\\multicolumn") || row.starts_with("\\label") {
                continue;
            }
            rows += 1;
            assert_eq!(cells_of(row), runs.len() + 2, "{row}");
            let bare =
                ["\\%", "\\#", "\\_", "\\&"].iter().fold(row.to_owned(), |row, escaped| row.replace(escaped, ""));
            assert!(!bare.contains(['%', '#', '_']), "{row}");
        }
        assert_eq!(rows, 1 + (4 + count) * if runs.len() > BESIDE { 2 } else { 1 });
        let table = if count > ON_A_PAGE { "longtable" } else { "tabular" };
        for part in [table.to_owned(), if count > ON_A_PAGE { table.to_owned() } else { "table".to_owned() }] {
            assert_eq!(text.matches(&format!("\\begin{{{part}}}")).count(), 1, "{text}");
            assert_eq!(text.matches(&format!("\\end{{{part}}}")).count(), 1, "{text}");
        }
        let unescaped = text.replace("\\{", "").replace("\\}", "");
        assert_eq!(unescaped.matches('{').count(), unescaped.matches('}').count(), "{text}");
        assert_eq!(text.matches("\\label{tab:").count(), 1);
    }
    assert_eq!(
        escape("50 % & #1_{x} $^~\\"),
        "50 \\% \\& \\#1\\_\\{x\\} \\$\\textasciicircum{}\\textasciitilde{}\\textbackslash{}"
    );
}
