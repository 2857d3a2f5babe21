use crate::{
    mechanism::{
        operate::params::{OperationParams, Thresholds},
        treasury::params::SettlementParams,
    },
    power::PowerParams,
    scenario::{
        problem::Problem,
        section::Section,
        shape::{KeyPrior, Range},
    },
    units::{Days, Seconds},
};

/// Reads `[operation]`.
pub fn operation(s: &mut Section<'_>) -> OperationParams {
    let days = Range::within(0.0, 3650.0);
    OperationParams {
        response: Days::new(
            s.key(
                "response_days",
                "Mean of the exponential delay between a crossed threshold and the switch; zero acts at once.",
            )
            .unit("d")
            .source("A; S23: 1-14")
            .prior(KeyPrior::log_uniform(1.0, 14.0, "assumed; S23"))
            .range(days)
            .usual(0.05, 30.0, "A-20, S23: 1-14")
            .number_or(3.0),
        )
        .into(),
        foresees_halvings: s
            .key(
                "foresees_halvings",
                "Whether miners who look ahead to the next retarget see a halving on the way to it.",
            )
            .source("section 7.4, design")
            .boolean_or(true),
        adaptive_half_life: Days::new(
            s.key("adaptive_half_life_days", "Half-life of the adaptive rule's moving average of hashprice.")
                .unit("d")
                .source("section 7.4, A")
                .range(Range::positive(3650.0))
                .usual(0.25, 60.0, "A-23")
                .number_or(3.0),
        )
        .into(),
        hashprice_volatility_per_sqrt_day: s
            .key("hashprice_volatility_per_sqrt_day", "Volatility of hashprice that the option rule reckons with.")
            .unit("1/sqrt(d)")
            .source("D: 0.024-0.050")
            .prior(KeyPrior::uniform(0.024, 0.05, "D"))
            .range(Range::within(0.0, 1.0))
            .usual(0.01, 0.1, "A-25: 0.024-0.050")
            .number_or(0.035),
        switching_cost_median_usd_per_ph: s
            .key("switching_cost_usd_per_ph", "Median cost of stopping and restarting.")
            .unit("USD/(PH/s)")
            .source("A: 20-1000")
            .prior(KeyPrior::log_uniform(20.0, 1000.0, "assumed"))
            .range(Range::within(0.0, 1e6))
            .usual(5.0, 3000.0, "A-24: 20-1000")
            .number_or(150.0),
        switching_cost_log_sd: s
            .key("switching_cost_log_sd", "Standard deviation of the logarithm of the switching cost.")
            .source("A: 0.3-1.2")
            .prior(KeyPrior::uniform(0.3, 1.2, "assumed"))
            .range(Range::within(0.0, 3.0))
            .usual(0.0, 1.5, "A-24: 0.3-1.2")
            .number_or(0.8),
        thresholds: s
            .key(
                "thresholds",
                "How the option rule's thresholds are found: the cube-root law, or the four equations solved.",
            )
            .source("section 7.4")
            .choice_or("formula", &[("formula", Thresholds::Formula), ("exact", Thresholds::Exact)]),
        discount_per_year: s
            .key("discount_per_year", "Discount rate of the exact thresholds.")
            .unit("1/year")
            .source("A: 0.10-0.40")
            .prior(KeyPrior::uniform(0.1, 0.4, "assumed"))
            .range(Range::positive(10.0))
            .usual(0.03, 0.6, "A-26: 0.10-0.40")
            .number_or(0.20),
        hashprice_drift_per_year: s
            .key(
                "hashprice_drift_per_year",
                "Expected drift of hashprice in the exact thresholds; below the discount rate.",
            )
            .unit("1/year")
            .source("section 7.4")
            .range(Range::within(-10.0, 10.0))
            .usual(-0.6, 0.3, "A-26, A-52")
            .number_or(0.0),
        eco_efficiency_factor: s
            .key("eco_efficiency_factor", "Energy per hash in eco mode, relative to full power.")
            .source("S48: 0.80-0.90")
            .prior(KeyPrior::uniform(0.8, 0.9, "S48"))
            .range(Range::within(0.1, 1.0))
            .usual(0.7, 1.0, "A-28, S48: 0.80-0.90")
            .number_or(0.861),
        eco_hashrate_factor: s
            .key("eco_hashrate_factor", "Hashrate in eco mode, relative to full power.")
            .source("S48: 0.65-0.85")
            .prior(KeyPrior::uniform(0.65, 0.85, "S48"))
            .range(Range::within(0.1, 1.0))
            .usual(0.5, 1.0, "A-28, S48: 0.65-0.85")
            .number_or(0.776),
        restart_delays: restart_delays(s),
    }
    .checked(s)
}

trait Checked {
    fn checked(self, s: &Section<'_>) -> Self;
}

impl Checked for OperationParams {
    /// The exact thresholds exist only where hashprice is not expected to outgrow the discount rate.
    fn checked(self, s: &Section<'_>) -> Self {
        if self.thresholds == Thresholds::Exact && self.hashprice_drift_per_year >= self.discount_per_year {
            let problem = Problem::new(
                "scenario::range",
                format!("`{}` is not below the discount rate", s.name_of("hashprice_drift_per_year")),
            );
            let problem =
                problem.at(s.place_of("hashprice_drift_per_year"), format!("must be below {}", self.discount_per_year));
            s.report(problem.help(
                "a stream that outgrows its discount rate has no finite value, and the exact thresholds do not exist",
            ));
        }
        self
    }
}

fn restart_delays(s: &mut Section<'_>) -> Vec<(Seconds, Seconds)> {
    let mark = s.reading.mark();
    let pairs = s
        .key("restart_delays", "Time to bring a lot back, by how long it was off: [off for less than, delay], in order; the last, [delay], holds beyond.")
        .unit("d")
        .source("section 7.4, A")
        .range(Range::within(0.0, 3650.0)).usual(0.01, 365.0, "A-21")
        .day_pairs_or(&[(7.0, 0.25), (60.0, 2.0), (f64::INFINITY, 14.0)]);
    let clean = s.reading.clean_since(mark);
    for pair in pairs.windows(2) {
        if clean && pair[1].0.get() <= pair[0].0.get() {
            let problem = Problem::new("scenario::order", format!("`{}` is not in order", s.name_of("restart_delays")));
            let label = if pair[0].0.get().is_finite() {
                format!("not above {}", Days::from(pair[0].0).get())
            } else {
                "nothing can follow the last".to_owned()
            };
            s.report(
                problem.at(pair[1].2, label).help("each pair is for lots that were off for longer than the one before"),
            );
        }
    }
    pairs.into_iter().map(|(off, delay, _)| (off, delay)).collect()
}

/// Reads `[power]`.
pub fn power(s: &mut Section<'_>) -> PowerParams {
    PowerParams {
        pue: s
            .key("pue", "Energy at the meter per energy at the machines.")
            .source("S3, S8: 1.01-1.20")
            .prior(KeyPrior::uniform(1.01, 1.2, "S3, S8"))
            .range(Range::within(1.0, 10.0)).usual(1.0, 1.6, "A-14, S3, S8: 1.01-1.20")
            .number_or(1.06),
        om_usd_per_kwh: s
            .key(
                "om_usd_per_kwh",
                "Avoidable running cost beside power (repair, crew, fees), per energy at the machine.",
            )
            .unit("USD/kWh")
            .source("S4: 0.002-0.010")
            .prior(KeyPrior::uniform(0.002, 0.01, "S4"))
            .range(Range::within(0.0, 10.0)).usual(0.0005, 0.02, "A-15, S4: 0.002-0.010")
            .number_or(0.005),
        take_or_pay: s
            .key("take_or_pay", "Share of the power bill that is due even when a lot is off.")
            .source("A: 0-0.8")
            .prior(KeyPrior::uniform(0.0, 0.8, "assumed"))
            .range(Range::within(0.0, 1.0))
            .number_or(0.15),
        price_level_log_sd: s
            .key(
                "price_level_log_sd",
                "How well the level of the classes' power prices is known: standard deviation of the logarithm of a factor on all of them, drawn by replica.",
            )
            .source("design")
            .range(Range::within(0.0, 3.0)).usual(0.0, 0.5, "A-76")
            .number_or(0.0),
        emission_kg_per_kwh: s
            .key("emission_kg_per_kwh", "CO2 per energy at the meter.")
            .unit("kg/kWh")
            .source("S4, D: 0.2-0.56")
            .prior(KeyPrior::uniform(0.2, 0.56, "S4, D"))
            .range(Range::within(0.0, 10.0)).usual(0.01, 1.0, "A-17, S4: 0.2-0.56; grids 0.02-0.98")
            .number_or(0.288),
        ..PowerParams::default()
    }
}

/// Reads `[settlement]`.
#[expect(clippy::cast_possible_truncation, reason = "the range is below 2^32")]
pub fn settlement(s: &mut Section<'_>) -> SettlementParams {
    SettlementParams {
        every_days: s
            .key("every_days", "Days between a firm's settlements.")
            .unit("d")
            .source("section 7.8")
            .range(Range::within(1.0, 3650.0)).usual(1.0, 92.0, "A-33: a month or a quarter")
            .integer_or(30) as u32,
        grace_days: s
            .key("grace_days", "Days a payment may be late before the firm is wound up.")
            .unit("d")
            .source("A: 10-90")
            .prior(KeyPrior::uniform(10.0, 90.0, "assumed"))
            .range(Range::within(0.0, 3650.0)).usual(1.0, 365.0, "A-34: 10-90")
            .number_or(30.0),
        debt_rate_per_year: s
            .key("debt_rate_per_year", "Interest on the debt of the start.")
            .unit("1/year")
            .source("S11: 0.08-0.18")
            .prior(KeyPrior::uniform(0.08, 0.18, "S11"))
            .range(Range::within(0.0, 10.0)).usual(0.005, 0.3, "A-35, S11: 0.08-0.18; converts 0-0.03")
            .number_or(0.11),
        debt_default_margin_per_year: s
            .key("debt_default_margin_per_year", "Added to the interest on principal that is overdue.")
            .unit("1/year")
            .source("A: 0-0.05")
            .prior(KeyPrior::uniform(0.0, 0.05, "assumed"))
            .range(Range::within(0.0, 10.0))
            .usual(0.001, 0.15, "A-54: 0-0.05")
            .number_or(0.02),
        debt_term_months: s
            .key("debt_term_months", "Months in which the debt of the start is repaid by level payments.")
            .unit("month")
            .source("S11: 12-36")
            .prior(KeyPrior::uniform(12.0, 36.0, "S11"))
            .range(Range::within(1.0, 1200.0)).usual(6.0, 120.0, "A-35, S11: 12-36; converts 60")
            .number_or(24.0),
        participation_cap: s
            .key("participation_cap", "Most that a miner sells per day for want of cash, as a share of the market's volume; there is a volume with [impact.square_root] alone.")
            .source("section 7.8, A")
            .range(Range::positive(1e6)).usual(0.005, 1.0, "A-53")
            .number_or(0.10),
    }
}
