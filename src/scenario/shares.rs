use super::{problem::Problem, section::Section, tree::Place};

/// Largest deviation from 1 that counts as rounding.
const TOLERANCE: f64 = 1e-6;

/// Reports shares that do not add up to 1: at the share by which the sum exceeds 1, otherwise at the last.
pub fn must_add_up(s: &Section<'_>, what: &str, shares: &[(f64, Option<Place>)], help: &str) {
    let total: f64 = shares.iter().map(|(share, _)| share).sum();
    if (total - 1.0).abs() <= TOLERANCE {
        return;
    }
    let mut before = 0.0;
    let mut overshoots = None;
    for (share, place) in shares {
        if before + share > 1.0 + TOLERANCE && *share > 0.0 {
            overshoots = Some((before, *share, *place));
            break;
        }
        before += share;
    }
    let problem = Problem::new("scenario::shares", format!("{what} add up to {}, not 1", rounded(total))).help(help);
    let last_written = shares.iter().rev().find(|(_, place)| place.is_some());
    let problem = match (overshoots, last_written) {
        (Some((before, share, place)), _) => {
            problem.at(place, format!("{} so far, this adds {}", rounded(before), rounded(share)))
        }
        (None, Some((_, place))) => {
            problem.at(*place, format!("{} in all: {} is missing", rounded(total), rounded(1.0 - total)))
        }
        (None, None) => problem,
    };
    s.report(problem);
}

/// Reports shares that add up to more than 1, at the share by which the sum exceeds 1.
pub fn at_most_one(s: &Section<'_>, what: &str, shares: &[(f64, Option<Place>)], help: &str) {
    let mut before = 0.0;
    for (share, place) in shares {
        if before + share > 1.0 + TOLERANCE {
            let problem = Problem::new("scenario::shares", format!("{what} add up to more than 1"));
            let label = format!("{} so far, this adds {}", rounded(before), rounded(*share));
            s.report(problem.at(*place, label).help(help));
            return;
        }
        before += share;
    }
}

/// A share rounded to six digits.
fn rounded(value: f64) -> f64 {
    (value * 1e6).round() / 1e6
}
