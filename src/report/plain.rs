//! A run for a terminal: title, question, the answer in sentences, and a table of metrics under headings.

use std::fmt::Write as _;

use super::summary::{Headline, Summary};
use crate::declare::Group;

/// Which metrics the table has.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Extent {
    /// Those that answer the question, and the main ones in which anything happened: at most [`ROWS`].
    Main,
    /// Every metric.
    All,
}

/// Rows of the short table at most.
pub const ROWS: usize = 15;

/// Between two columns.
const GAP: &str = "  ";
/// Width of the names, of the median and of the band.
const WIDTHS: [usize; 3] = [36, 10, 18];
/// The same where there are two bands.
const NARROW: [usize; 3] = [24, 8, 16];

/// The text for a terminal of this width.
#[must_use]
pub fn plain(summary: &Summary, width: usize, extent: Extent) -> String {
    let mut out = String::new();
    for text in [&summary.title, &summary.question] {
        paragraph(&mut out, text, width);
    }
    for one in summary.in_sentences() {
        bullet(&mut out, &one.text, width);
    }
    out.push('\n');
    paragraph(&mut out, &summary.about_bands(), width);
    let hangs_on = summary.hangs_on();
    for text in &hangs_on {
        bullet(&mut out, text, width);
    }
    if !hangs_on.is_empty() {
        out.push('\n');
    }
    table(&mut out, &rows(summary, extent), width);
    let notes = notes(summary, extent);
    if !notes.is_empty() {
        out.push('\n');
    }
    for line in notes.iter().flat_map(|note| folded(note, width)) {
        let _ = writeln!(out, "{line}");
    }
    out
}

/// The metrics of the table, in the order of the headings.
pub(super) fn rows(summary: &Summary, extent: Extent) -> Vec<&Headline> {
    let mut chosen: Vec<&Headline> = match extent {
        Extent::All => summary.metrics.iter().collect(),
        Extent::Main => {
            let answers: Vec<&Headline> = summary.answering().filter(|one| one.spread.idle.is_none()).collect();
            let is_new = |one: &&Headline| answers.iter().all(|known| known.name != one.name);
            let others = main(summary).filter(|one| one.happens()).filter(is_new);
            answers.iter().copied().chain(others).take(ROWS).collect()
        }
    };
    let place = |name: &str| summary.metrics.iter().position(|one| one.name == name);
    chosen.sort_by_key(|one| (one.metric().map(|metric| metric.group), place(&one.name)));
    chosen
}

fn main(summary: &Summary) -> impl Iterator<Item = &Headline> {
    summary.metrics.iter().filter(|one| one.metric().is_some_and(|metric| metric.is_main))
}

fn table(out: &mut String, rows: &[&Headline], width: usize) {
    let has_drawn = rows.iter().any(|row| row.spread.uncertain.is_some());
    let [of_name, of_median, of_band] = if has_drawn { NARROW } else { WIDTHS };
    let bands = if has_drawn { 2 * of_band + GAP.len() } else { of_band };
    let of_name = of_name.min(width.saturating_sub(of_median + bands + 14).max(20));
    let second = |text: &str| if has_drawn { format!("{GAP}{text:>of_band$}") } else { String::new() };
    let head = if has_drawn { "90 %, luck" } else { "90 % of replicas" };
    let head = format!("{:of_name$}{GAP}{:>of_median$}{GAP}{head:>of_band$}", "", "median") + &second("and ignorance");
    out.push_str(head.trim_end());
    out.push('\n');
    let mut heading: Option<Group> = None;
    for row in rows {
        let group = row.metric().map(|metric| metric.group);
        if let Some(new) = group.filter(|_| group != heading) {
            let _ = writeln!(out, "{}", new.heading());
            heading = group;
        }
        let band = if row.spread.idle.is_some() { "by assumption".to_owned() } else { row.band() };
        let drawn = second(&if row.spread.idle.is_some() { String::new() } else { row.drawn_band() });
        let unit = row.measure().unit;
        let mut names = folded(&row.label(), of_name - 2).into_iter();
        let name = names.next().unwrap_or_default();
        let line = format!(
            "  {name:<0$}{GAP}{1:>of_median$}{GAP}{band:>of_band$}{drawn}{GAP}{unit}",
            of_name - 2,
            row.median()
        );
        let _ = writeln!(out, "{}", line.trim_end());
        for rest in names {
            let _ = writeln!(out, "    {rest}");
        }
    }
}

/// What the table leaves out, and replicas that could not be run.
fn notes(summary: &Summary, extent: Extent) -> Vec<String> {
    let mut notes = Vec::new();
    if extent == Extent::Main {
        let zero = |one: &&Headline| one.spread.idle.is_none() && !one.happens() && !one.never_falls();
        let names: Vec<String> = main(summary).filter(zero).map(Headline::label).collect();
        if !names.is_empty() {
            notes.push(format!("Zero in nearly all replicas: {}.", names.join("; ")));
        }
        let more = summary.metrics.len() - rows(summary, extent).len();
        notes.push(format!("{more} more metrics: --all."));
    }
    notes.extend(summary.failures());
    notes
}

fn paragraph(out: &mut String, text: &str, width: usize) {
    if !text.is_empty() {
        let _ = writeln!(out, "{}\n", folded(text, width).join("\n"));
    }
}

fn bullet(out: &mut String, text: &str, width: usize) {
    let _ = writeln!(out, "- {}", folded(text, width - 2).join("\n  "));
}

/// A text in lines of at most this number of characters, where its words allow that.
pub(crate) fn folded(text: &str, width: usize) -> Vec<String> {
    let mut lines: Vec<String> = vec![String::new()];
    for word in text.split(' ') {
        let line = lines.last_mut().expect("there is always one");
        if line.is_empty() {
            line.push_str(word);
        } else if line.chars().count() + 1 + word.chars().count() <= width {
            line.push(' ');
            line.push_str(word);
        } else {
            lines.push(word.to_owned());
        }
    }
    lines
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        output::uncertain::{DrawnAssumption, DrawnSpread, Uncertain},
        report::summary::Spread,
    };

    fn headline(name: &str, unit: &str, [low, middle, high]: [f64; 3]) -> Headline {
        let spread = Spread {
            unit: unit.into(),
            p05: Some(low),
            p50: Some(middle),
            p95: Some(high),
            n: 20,
            ..Spread::default()
        };
        Headline { name: name.into(), spread }
    }

    fn summary() -> Summary {
        let mut by_assumption = headline("delivered_share", "", [0.0; 3]);
        by_assumption.spread.idle = Some("machines come only with `[orders]`".into());
        Summary {
            title: "A fall".into(),
            question: "The price falls by 40 % and stays low: how far does hashrate fall, and does it return?".into(),
            answers: vec!["hashrate_trough_share".into()],
            replicas: 20,
            metrics: vec![
                headline("hashrate_trough_share", "", [0.826, 0.8577, 0.879]),
                headline("sold_forced_btc", "BTC", [0.0; 3]),
                by_assumption,
                headline("top1_share_end", "", [0.05, 0.06, 0.07]),
            ],
            ..Summary::default()
        }
    }

    fn shown(extent: Extent) -> String {
        let text = plain(&summary(), 80, extent);
        assert!(text.lines().all(|line| line.chars().count() <= 80), "{text}");
        text.replace('\u{a0}', " ")
    }

    #[test]
    fn a_terminal_shows_the_answer_and_a_short_table() {
        insta::assert_snapshot!(shown(Extent::Main), @r"
        A fall

        The price falls by 40 % and stays low: how far does hashrate fall, and does it
        return?

        - Hashrate fell to 86 % of its previous peak (83 to 88 %).

        Medians of 20 replicas (seed 0); in brackets what 90 % of them lie between. The
        bands hold luck alone: every assumption is as written.

                                                  median    90 % of replicas
        Hashrate
          lowest, of the peak before                  86            83 to 88  %

        Zero in nearly all replicas: sold because cash was short.
        3 more metrics: --all.
        ");
    }

    /// The second band has a column of its own, and the lines still hold 80 characters.
    #[test]
    fn drawn_assumptions_have_a_second_band_and_are_ranked() {
        let mut summary = summary();
        summary.uncertain =
            Some(Uncertain { drawn: vec![DrawnAssumption::default(); 3], needed: Some(46), hangs_on: Vec::new() });
        let band = |low, high| DrawnSpread { p05: Some(low), p95: Some(high), n: 20, ..DrawnSpread::default() };
        summary.metrics[0].spread.uncertain = Some(band(0.701, 0.9312));
        let text = plain(&summary, 80, Extent::Main).replace('\u{a0}', " ");
        assert!(text.lines().all(|line| line.chars().count() <= 80), "{text}");
        insta::assert_snapshot!(text, @r"
        A fall

        The price falls by 40 % and stays low: how far does hashrate fall, and does it
        return?

        - Hashrate fell to 86 % of its previous peak (83 to 88 %; 70 to 93 % with drawn
          assumptions).

        Medians of 20 replicas (seed 0); in brackets what 90 % of them lie between. The
        first band holds luck alone: every assumption is as written. The second holds
        luck and ignorance: each replica is simulated again with 3 assumptions drawn
        from their priors, which are themselves assumed where nothing is published.

        - 20 replicas are too few to rank 3 drawn assumptions by their rank correlation:
          it takes 46.

                                    median        90 %, luck     and ignorance
        Hashrate
          lowest, of the peak           86          83 to 88          70 to 93  %
            before

        Zero in nearly all replicas: sold because cash was short.
        3 more metrics: --all.
        ");
    }

    #[test]
    fn all_metrics_stand_under_their_headings() {
        insta::assert_snapshot!(shown(Extent::All), @r"
        A fall

        The price falls by 40 % and stays low: how far does hashrate fall, and does it
        return?

        - Hashrate fell to 86 % of its previous peak (83 to 88 %).

        Medians of 20 replicas (seed 0); in brackets what 90 % of them lie between. The
        bands hold luck alone: every assumption is as written.

                                                  median    90 % of replicas
        Hashrate
          lowest, of the peak before                  86            83 to 88  %
        Coins and price
          sold because cash was short                  0                   0  BTC
        Machines
          delivered, of the start                      0       by assumption  %
        Owners
          largest owner, end                         6.0          5.0 to 7.0  %
        ");
    }
}
