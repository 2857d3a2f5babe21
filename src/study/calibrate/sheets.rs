//! The tables of a calibration. Some of their columns are named after its parameters.

use crate::declare::{Column, Kind, Sheet};

pub const POSTERIOR: Sheet = Sheet {
    name: "posterior",
    doc: "One row per draw of the posterior: particles of the last generation, as drawn and adjusted by regression.",
    key: &["draw"],
    columns: &[
        Column::new("draw", "", Kind::Count, "Number of the draw"),
        Column::new("weight", "", Kind::Number, "Its weight"),
        Column::new("distance", "", Kind::Number, "Distance of its histories from the observation"),
    ],
    others: Some(
        "Value of this parameter before adjustment; `PARAMETER_adjusted` is the value after adjustment by regression",
    ),
};

pub const GENERATIONS: Sheet = Sheet {
    name: "generations",
    doc: "One row per generation of particles.",
    key: &["generation"],
    columns: &[
        Column::new("generation", "", Kind::Count, "Number of the generation, from 0"),
        Column::new("tolerance", "", Kind::OptionalNumber, "Distance below which histories are accepted"),
        Column::new("accepted", "", Kind::Count, "Particles accepted"),
        Column::new("simulated", "", Kind::Count, "Number of histories begun"),
        Column::new("failed", "", Kind::Count, "Number of these that could not be simulated"),
        Column::new("acceptance", "", Kind::OptionalNumber, "Accepted over simulated"),
        Column::new("effective_size", "", Kind::OptionalNumber, "Effective number of particles, by their weights"),
    ],
    others: None,
};

pub const PARAMETERS: Sheet = Sheet {
    name: "parameters",
    doc: "One row per parameter: its prior and its posterior.",
    key: &["parameter"],
    columns: &[
        Column::new("parameter", "", Kind::Text, "The parameter"),
        Column::new("sets", "", Kind::Text, "The key of the scenario that it sets"),
        Column::new("prior_p05", "", Kind::Number, "5 % quantile of the prior"),
        Column::new("prior_p50", "", Kind::Number, "Median of the prior"),
        Column::new("prior_p95", "", Kind::Number, "95 % quantile of the prior"),
        Column::new("mean", "", Kind::OptionalNumber, "Mean of the posterior"),
        Column::new("sd", "", Kind::OptionalNumber, "Standard deviation of the posterior"),
        Column::new("p05", "", Kind::OptionalNumber, "5 % quantile of the posterior"),
        Column::new("p25", "", Kind::OptionalNumber, "25 % quantile of the posterior"),
        Column::new("p50", "", Kind::OptionalNumber, "Median of the posterior"),
        Column::new("p75", "", Kind::OptionalNumber, "75 % quantile of the posterior"),
        Column::new("p95", "", Kind::OptionalNumber, "95 % quantile of the posterior"),
        Column::new("shrinkage", "", Kind::OptionalNumber, "1 less posterior over prior variance"),
        Column::new("identified", "", Kind::Text, "Verdict: identified, not identified, or does not reach the data"),
        Column::new("truth", "", Kind::OptionalNumber, "True value, if the observation was simulated"),
    ],
    others: None,
};

pub const CORRELATIONS: Sheet = Sheet {
    name: "correlations",
    doc: "One row per parameter: its correlation with each of the others in the posterior.",
    key: &["parameter"],
    columns: &[Column::new("parameter", "", Kind::Text, "The parameter")],
    others: Some("Correlation with this parameter"),
};

pub const PROFILE: Sheet = Sheet {
    name: "profile",
    doc: "One row per parameter and interval of its prior: the distance of its histories from the observation.",
    key: &["parameter", "from"],
    columns: &[
        Column::new("parameter", "", Kind::Text, "The parameter"),
        Column::new("from", "", Kind::Number, "Lower end of the interval"),
        Column::new("to", "", Kind::Number, "Upper end of the interval"),
        Column::new("draws", "", Kind::Count, "Number of prior draws in the interval"),
        Column::new(
            "distance",
            "",
            Kind::OptionalNumber,
            "10 % quantile of their distances, with all other parameters free",
        ),
    ],
    others: None,
};

pub const SUMMARIES: Sheet = Sheet {
    name: "summaries",
    doc: "One row per episode and summary of its history: the observed value, and quantiles among accepted histories.",
    key: &["episode", "summary"],
    columns: &[
        Column::new("episode", "", Kind::Text, "The episode"),
        Column::new("summary", "", Kind::Text, "The summary"),
        Column::new("unit", "", Kind::Text, "Its unit"),
        Column::new("observed", "", Kind::OptionalNumber, "Its observed value"),
        Column::new("scale", "", Kind::OptionalNumber, "Scale of the summary in the distance"),
        Column::new("p05", "", Kind::OptionalNumber, "5 % quantile among accepted histories"),
        Column::new("p50", "", Kind::OptionalNumber, "Median among accepted histories"),
        Column::new("p95", "", Kind::OptionalNumber, "95 % quantile among accepted histories"),
    ],
    others: None,
};

pub const PREDICTIVE: Sheet = Sheet {
    name: "predictive",
    doc: "One row per episode and observed difficulty epoch: observed values, and quantiles over posterior draws.",
    key: &["episode", "epoch"],
    columns: &[
        Column::new("episode", "", Kind::Text, "The episode"),
        Column::new("epoch", "", Kind::Count, "Number of the epoch in the episode, from 0"),
        Column::new("draws", "", Kind::Count, "Draws of the posterior with this epoch"),
        Column::new("start_days", "d", Kind::Number, "Observed start of the epoch, from the start of the episode"),
        Column::new("observed_difficulty", "", Kind::OptionalNumber, "Observed difficulty"),
        Column::new("difficulty_p05", "", Kind::OptionalNumber, "5 % quantile of difficulty among draws"),
        Column::new("difficulty_p25", "", Kind::OptionalNumber, "25 % quantile of difficulty among draws"),
        Column::new("difficulty_p50", "", Kind::OptionalNumber, "Median of difficulty among draws"),
        Column::new("difficulty_p75", "", Kind::OptionalNumber, "75 % quantile of difficulty among draws"),
        Column::new("difficulty_p95", "", Kind::OptionalNumber, "95 % quantile of difficulty among draws"),
        Column::new("observed_hashrate_eh_per_s", "EH/s", Kind::OptionalNumber, "Observed hashrate"),
        Column::new("hashrate_eh_per_s_p05", "EH/s", Kind::OptionalNumber, "5 % quantile of hashrate among draws"),
        Column::new("hashrate_eh_per_s_p25", "EH/s", Kind::OptionalNumber, "25 % quantile of hashrate among draws"),
        Column::new("hashrate_eh_per_s_p50", "EH/s", Kind::OptionalNumber, "Median of hashrate among draws"),
        Column::new("hashrate_eh_per_s_p75", "EH/s", Kind::OptionalNumber, "75 % quantile of hashrate among draws"),
        Column::new("hashrate_eh_per_s_p95", "EH/s", Kind::OptionalNumber, "95 % quantile of hashrate among draws"),
    ],
    others: None,
};

pub const PATHS: Sheet = Sheet {
    name: "paths",
    doc: "One row per draw of the posterior, episode and difficulty epoch of a history simulated anew.",
    key: &["draw", "episode", "epoch"],
    columns: &[
        Column::new("draw", "", Kind::Count, "Number of the draw"),
        Column::new("episode", "", Kind::Text, "The episode"),
        Column::new("epoch", "", Kind::Count, "Number of the epoch in the episode, from 0"),
        Column::new("start_days", "d", Kind::Number, "Start of the epoch, from the start of the episode"),
        Column::new("duration_days", "d", Kind::Number, "First block to first block of the next epoch"),
        Column::new("difficulty", "", Kind::Number, "Difficulty in force"),
        Column::new("hashrate_eh_per_s", "EH/s", Kind::Number, "Hashrate as an observer of the chain infers it"),
        Column::new(
            "hashprice_usd_per_ph_day",
            "USD/PH/day",
            Kind::Number,
            "Revenue per PH/s and day, mean over the epoch",
        ),
    ],
    others: None,
};

pub const PARTICLES: Sheet = Sheet {
    name: "particles",
    doc: "One row per particle of a generation: a draw and the summaries of its histories; a particle without a weight was given up.",
    key: &["generation", "particle"],
    columns: &[
        Column::new("generation", "", Kind::Count, "Number of the generation, from 0"),
        Column::new("particle", "", Kind::Count, "Number of the particle in it, from 0"),
        Column::new("attempts", "", Kind::Count, "Number of histories begun for it"),
        Column::new("failed", "", Kind::Count, "Number of these that could not be simulated"),
        Column::new("weight", "", Kind::OptionalNumber, "Weight of the particle"),
    ],
    others: Some("Value of this parameter, or of the summary `EPISODE.SUMMARY` of its history"),
};

/// The table that `shakeout calibrate --ranks` writes.
pub const RANKS: Sheet = Sheet {
    name: "ranks",
    doc: "One row per truth drawn from the prior: how its posterior was sampled, the truth, and its rank among draws of that posterior.",
    key: &["truth"],
    columns: &[
        Column::new("truth", "", Kind::Count, "Number of the truth, from 0"),
        Column::new("generations", "", Kind::Count, "Number of generations sampled"),
        Column::new("tolerance", "", Kind::Number, "Distance below which histories were accepted in the last one"),
        Column::new("histories", "", Kind::Count, "Number of histories begun"),
        Column::new("failed", "", Kind::Count, "Number of these that could not be simulated"),
    ],
    others: Some("True value of this parameter; `PARAMETER_rank` is how many draws of the posterior are below it"),
};

/// All tables of a calibration.
pub const ALL: [&Sheet; 10] = [
    &POSTERIOR,
    &GENERATIONS,
    &PARAMETERS,
    &CORRELATIONS,
    &PROFILE,
    &SUMMARIES,
    &PREDICTIVE,
    &PARTICLES,
    &PATHS,
    &RANKS,
];
