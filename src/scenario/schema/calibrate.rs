use crate::declare::{Key, KeyKind, KeyPrior, Law, Params, Range, ReadKeys, shown};
use crate::scenario::{
    calibration::{Calibration, DeclaredPrior, Target, no_prior},
    problem::Problem,
    section::Section,
};

/// Maximum number of parameters: a few episodes do not identify more.
const MOST_PARAMETERS: usize = 8;

/// Reads `[calibrate]`.
pub fn calibrate(s: &mut Section<'_>) -> Calibration {
    let mut calibration = Calibration::read(s);
    let summaries_at = s.entry("summaries").and_then(|entry| entry.node.value.as_list());
    let places: Vec<_> = summaries_at.iter().flat_map(|items| items.iter()).map(|item| item.place).collect();
    let names = s.texts(Key::new("summaries", "Summaries of a history that are compared; if absent, the usual ones."));
    calibration.summaries = names.into_iter().enumerate().map(|(at, name)| (name, places.get(at).copied())).collect();
    calibration.priors = s.each("prior", "A parameter to be fitted, by a name that you choose.", &prior);
    if let Some(over) = calibration.priors.get(MOST_PARAMETERS) {
        let message = format!("{} parameters are to be fitted, more than {MOST_PARAMETERS}", calibration.priors.len());
        s.report(
            Problem::new("scenario::many", message)
                .at(over.target_at, "one too many")
                .help("keep those that the summaries can tell apart; fix the others, or sweep them"),
        );
    }
    calibration
}

/// Reads a parameter and its prior.
pub(super) fn prior(s: &mut Section<'_>) -> DeclaredPrior {
    let mark = s.reading.mark();
    let key = s.optional_text(Key::new("key", "Dotted key that the parameter sets. Give either this or `scales`."));
    let scales = s.optional_text(Key::new(
        "scales",
        "Pattern of the keys that the parameter multiplies, such as class.*.cash_months, where `*` stands for any single part.",
    ));
    let target_at = s.place_of(if key.is_some() { "key" } else { "scales" });
    if key.is_some() == scales.is_some() && s.reading.clean_since(mark) {
        let label = if key.is_some() { "both are given" } else { "neither is given" };
        s.report(
            Problem::new("scenario::both", format!("`[{}]` needs either `key` or `scales`", s.name()))
                .at(target_at, label)
                .help("a parameter sets one key, or multiplies all keys of a form"),
        );
    }
    let number = Range::within(-1e30, 1e30);
    let flat = move |s: &mut Section<'_>, law: Law, range: Range| {
        let low = s.number(Key::new("low", "Minimum.").range(range));
        let high = s.number(Key::new("high", "Maximum.").range(range));
        in_order(s, low, high);
        (law, low, high)
    };
    let uniform = |s: &mut Section<'_>| flat(s, Law::Uniform, number);
    let log_uniform = |s: &mut Section<'_>| flat(s, Law::LogUniform, Range::positive(1e30));
    let normal = |s: &mut Section<'_>| {
        let mean = s.number(Key::new("mean", "Mean before truncation.").range(number));
        let sd = s.number(Key::new("sd", "Standard deviation before truncation.").positive(1e30));
        flat(s, Law::Normal { mean, sd }, number)
    };
    // If no distribution is written, the prior of the key applies.
    let declared = |s: &mut Section<'_>| {
        let of_key = key.as_deref().and_then(|key| if s.is_quiet() { None } else { (s.reading.prior_of)(key) });
        if of_key.is_none() && !s.is_quiet() && s.reading.clean_since(mark) {
            let message = key
                .as_deref()
                .map_or_else(|| format!("`[{}]` is a factor, so its range must be given", s.name()), no_prior);
            let help = "write the distribution, such as uniform = { low = 0.8, high = 1.25 }; there are uniform, log_uniform, normal";
            s.report(Problem::new("calibrate::no_prior", message).at(target_at, "of this").help(help));
        }
        of_key.map_or((Law::Uniform, 0.0, 1.0), |KeyPrior { law, low, high, .. }| (law, low, high))
    };
    let law_at = ["uniform", "log_uniform", "normal"].into_iter().find_map(|name| s.entry(name)).map(|e| e.key_place);
    let (law, low, high) = s
        .kind(
            Some("declared"),
            &[
                KeyKind { name: "declared", doc: "The prior declared with the key.", read: &declared },
                KeyKind { name: "uniform", doc: "Uniform: every value is equally likely.", read: &uniform },
                KeyKind {
                    name: "log_uniform",
                    doc: "Log-uniform: the logarithm of the value is uniform.",
                    read: &log_uniform,
                },
                KeyKind { name: "normal", doc: "Normal, truncated at both ends.", read: &normal },
            ],
        )
        .unwrap_or((Law::Uniform, 0.0, 1.0));
    let target = key.clone().map_or_else(|| Target::Scales(scales.unwrap_or_default()), Target::Key);
    DeclaredPrior { name: s.last_name().to_owned(), target, target_at, law, low, high, law_at }
}

fn in_order(s: &Section<'_>, low: f64, high: f64) {
    // A missing number reads as a placeholder, and has been reported.
    if s.entry("low").is_some() && s.entry("high").is_some() && low >= high {
        let problem = Problem::new("scenario::order", format!("the prior `{}` is empty", s.name()));
        s.report(
            problem
                .at(s.place_of("high"), format!("not above {}", shown(low)))
                .help("`low` is the minimum, `high` the maximum"),
        );
    }
}
