//! Whether a run can give the metrics that are to answer its question.

use super::warning;
use crate::{
    chain::{Arrivals, CompactTarget, Retarget, estimate::EPOCH_BLOCKS},
    declare::Metric,
    market::ImpactLaw,
    mechanism::{credit::params::Collateral, growth::params::Invest},
    scenario::{Resolved, Scenario, problem::Problem, tree::Place},
    simulation::metrics::METRICS,
    world::PopulationParams,
};

/// Why a metric has no value, or no meaning.
enum Lack {
    /// It cannot be measured.
    Unmeasured(&'static str),
    /// Its value is the same in every history.
    Idle(&'static str),
}

/// Metrics that no run can measure are errors; metrics without information are warnings.
pub fn questions(resolved: &Resolved) -> Vec<Problem> {
    let places = answer_places(resolved);
    let of_one = |(at, name): (usize, &String)| {
        let (problem, label) = match lack(&resolved.scenario, name)? {
            Lack::Unmeasured(why) => (
                Problem::new("plausible::answer", format!("`{name}` cannot be given by this scenario: {why}")),
                "never has a value here",
            ),
            Lack::Idle(why) => (
                warning("plausible::answer", format!("`{name}` says nothing in this scenario: {why}")),
                "the same whatever happens",
            ),
        };
        let help = "write what makes it move, or let another number answer the question";
        Some(problem.at(places.get(at).copied(), label).help(help))
    };
    resolved.scenario.answers.iter().enumerate().filter_map(of_one).collect()
}

/// Metrics whose value is the same in every history of a scenario, each with the reason.
#[must_use]
pub fn idle_metrics(scenario: &Scenario) -> Vec<(&'static str, &'static str)> {
    let of = |metric: &Metric| match lack(scenario, metric.name)? {
        Lack::Idle(why) => Some((metric.name, why)),
        Lack::Unmeasured(_) => None,
    };
    METRICS.iter().filter_map(of).collect()
}

/// Metrics of the recovery, where a setting keeps hashrate from growing, each with the setting.
#[must_use]
pub fn assumed_metrics(scenario: &Scenario) -> Vec<(&'static str, &'static str)> {
    let buys = scenario.growth.orders.is_some() || scenario.growth.invest != Invest::None;
    let why = "no machine is bought in this scenario, so hashrate returns only as idle machines restart";
    let of = |name| (name, why);
    if buys { Vec::new() } else { ["days_to_95pct", "days_to_100pct"].map(of).into() }
}

fn answer_places(resolved: &Resolved) -> Vec<Place> {
    let written = resolved.tree.get("answers").and_then(|node| node.value.as_list());
    written.iter().flat_map(|items| items.iter()).map(|item| item.place).collect()
}

/// The reason why a run of the scenario cannot give a metric.
fn lack(scenario: &Scenario, metric: &str) -> Option<Lack> {
    let days = scenario.run.days.get();
    let says = |holds: bool, why| (!holds).then_some(Lack::Idle(why));
    let measures = |holds: bool, why| (!holds).then_some(Lack::Unmeasured(why));
    let growth = &scenario.growth;
    match metric {
        "block_gap_longest_s" | "block_interval_sd_s" => measures(
            scenario.chain.arrivals == Arrivals::Exact,
            "gaps between blocks are drawn only with `chain.arrivals = \"exact\"`",
        ),
        "sold_of_volume_share" => measures(
            scenario.impact.volume_btc_per_day().is_some(),
            "only `[impact.square_root]` knows the volume of the market",
        ),
        "excess_sold_btc" => measures(
            scenario.impact.volume_btc_per_day().is_some(),
            "only `[impact.square_root]` compares sales with those of the same seed without the shock",
        ),
        "acquisitions" | "acquired_hashrate_share" => {
            measures(scenario.consolidation.is_some(), "firms are bought only with `[consolidation] enabled = true`")
        }
        "machines_left_share" => {
            measures(scenario.rigs.is_some(), "machines are sold only with `[rigs.reduced]` or `[rigs.auction]`")
        }
        "rig_price_elasticity_new" => rig_price(scenario, 0),
        "rig_price_elasticity_mid" => rig_price(scenario, 1),
        "rig_price_elasticity_old" => rig_price(scenario, 2),
        "hashrate_volatility_per_sqrt_day" => measures(days >= 3.0, "it needs a run of at least three days"),
        "hashprice_trend_per_year" | "revenue_trend_per_year" | "block_pace_sd" => {
            measures(days >= 2.0, "it needs a run of at least two days")
        }
        "hashrate_trough_share" | "days_to_trough" | "days_to_95pct" | "days_to_100pct" => says(
            days >= days_left_in_epoch(scenario).min(7.0),
            "hashrate is compared by difficulty epoch, and the run holds less than a week of one",
        ),
        "worst_retarget" | "difficulty_end_share" => {
            // Blocks can arrive much faster than every 600 s.
            says(days * 1.5 >= days_left_in_epoch(scenario), "no retarget lies within the run")
        }
        "price_impact_worst" | "price_impact_attributable" | "price_fall_attributable_share" => {
            says(scenario.impact.law != ImpactLaw::None, "sales do not move the price with `[impact.none]`")
        }
        "delivered_share" => says(
            growth.orders.is_some() || growth.invest != Invest::None,
            "machines come only with `[orders]` or `[invest]`",
        ),
        "scrapped_share" => {
            says(scenario.ageing.is_some() || growth.invest != Invest::None, "machines wear only with `[ageing]`")
        }
        "released_share" | "converted_mw" => {
            says(!scenario.other_uses.is_empty(), "sites go to another use only by an event `other_use`")
        }
        "restructured" | "chapter11" | "surviving_workout_share" | "surviving_chapter11_share" => {
            says(scenario.distress.is_some(), "firms that fail are liquidated at once without `[distress.workout]`")
        }
        "lender_loss_usd" | "surrendered" => says(is_lent(scenario), "nobody owes anything in this scenario"),
        "collateral_liquidated_btc" => {
            says(scenario_loans(scenario).any(is_on_coins), "no loan is secured by coins in this scenario")
        }
        "peak_charge_usd" | "peak_charged_share" => says(
            scenario.power.regions.iter().any(|region| region.peak_charge.is_some()),
            "no region has a `peak_charge`",
        ),
        "left_twh" | "demand_response_usd" => says(
            scenario.responds(),
            "no site has a contract `ppa_resale`, or `indexed` with `responds`, in a region with spot prices",
        ),
        _ => None,
    }
}

/// Days until the initial epoch ends if blocks come every 600 s; nearly zero under rules that adjust at every block.
#[expect(clippy::cast_precision_loss, reason = "blocks of an epoch")]
fn days_left_in_epoch(scenario: &Scenario) -> f64 {
    let length = match scenario.chain.retarget {
        Retarget::Bitcoin => EPOCH_BLOCKS,
        Retarget::FixedWindow { window, .. } => u64::from(window),
        _ => 1,
    };
    let left = length - (scenario.chain.height + 1) % length;
    let active = match &scenario.population {
        PopulationParams::Drawn { active, .. } => active.hashes_per_s(),
        PopulationParams::Listed(rows) => rows.iter().map(|row| row.hashrate.hashes_per_s()).sum(),
    };
    let interval = CompactTarget::new(scenario.chain.nbits).difficulty() * 4_294_967_296.0 / active;
    left as f64 * interval / 86_400.0
}

/// Whether a generation of machines has a price whose elasticity can be estimated.
fn rig_price(scenario: &Scenario, generation: usize) -> Option<Lack> {
    let Some(rigs) = &scenario.rigs else {
        return Some(Lack::Unmeasured("machines have prices only with `[rigs.reduced]` or `[rigs.auction]`"));
    };
    let PopulationParams::Drawn { fleet, .. } = &scenario.population else { return None };
    let efficiencies = fleet.iter().filter(|part| part.share > 0.0).map(|part| part.machine.efficiency);
    let mut coming = efficiencies.chain(scenario.growth.models.iter().map(|model| model.machine.efficiency));
    let is_there = coming.any(|efficiency| rigs.generations.of(efficiency) == generation);
    (!is_there).then_some(Lack::Unmeasured("no machine of the scenario is of that generation"))
}

fn scenario_loans(scenario: &Scenario) -> impl Iterator<Item = &crate::mechanism::credit::params::LoanTerms> {
    let classes = match &scenario.population {
        PopulationParams::Drawn { classes, .. } => classes.as_slice(),
        PopulationParams::Listed(_) => &[],
    };
    classes.iter().filter(|class| class.debt_usd_per_th > 0.0).flat_map(|class| &class.loans)
}

fn is_on_coins(loan: &crate::mechanism::credit::params::LoanTerms) -> bool {
    matches!(loan.collateral, Collateral::Coins(_))
}

/// Whether any firm has debts at the start, or may draw or take a loan later.
pub fn is_lent(scenario: &Scenario) -> bool {
    let at_start = match &scenario.population {
        PopulationParams::Drawn { classes, .. } => classes.iter().any(|class| class.debt_usd_per_th > 0.0),
        PopulationParams::Listed(rows) => rows.iter().any(|row| row.debt.get() > 0.0),
    };
    at_start || may_be_lent(scenario)
}

/// Whether lenders may pay out loans in the run: on undrawn lines, or for machines.
pub fn may_be_lent(scenario: &Scenario) -> bool {
    let lines = match &scenario.population {
        PopulationParams::Drawn { classes, .. } => {
            classes.iter().flat_map(|class| &class.loans).any(|loan| loan.undrawn_usd_per_th > 0.0)
        }
        PopulationParams::Listed(_) => false,
    };
    lines || matches!(&scenario.growth.invest, Invest::Payback(payback) if payback.loan.is_some())
}
