//! For every key that matters only under a condition, that condition.

use super::super::answer::{is_lent, may_be_lent};

use crate::{
    market::{ImpactLaw, PriceProcess},
    mechanism::{
        growth::params::Invest,
        operate::{
            params::Thresholds,
            rule::{Rule as Decision, Signal},
        },
    },
    power::{Contract, RegionParams},
    scenario::Scenario,
    units::{PowerPrice, Seconds},
    world::{ClassParams, MinerRow, PopulationParams},
};

/// Keys that matter only under a condition.
pub struct Rule {
    /// Dotted keys, or tables with all keys below; a star is any one part.
    pub keys: &'static [&'static str],
    /// Whether they have no effect; the second argument is the part in place of the star.
    pub idle: fn(&Scenario, &str) -> bool,
    /// The reason, as the end of "has no effect: …".
    pub why: &'static str,
}

/// Every rule.
pub const RULES: &[Rule] = &[
    Rule {
        keys: &["chain.hashrate_eh_per_s", "population.mix_shape"],
        idle: |s, _| matches!(s.population, PopulationParams::Listed(_)),
        why: "the miners are listed one by one in `population.csv`",
    },
    Rule {
        keys: &["population.mix_shape"],
        idle: |s, _| matches!(&s.population, PopulationParams::Drawn { fleet, .. } if fleet.len() == 1),
        why: "the fleet has a single model, so that all mixes are alike",
    },
    Rule {
        keys: &["chain.fees.elastic.elasticity"],
        idle: |s, _| s.chain.fees.knots.iter().all(|&(_, btc)| btc == 0.0),
        why: "the fees that it acts on are 0",
    },
    Rule {
        keys: &["class.*.entrants", "class.*.entrant_mw"],
        idle: |s, _| !matches!(s.growth.invest, Invest::Payback(_)),
        why: "firms enter only where `[invest.payback]` says who buys machines",
    },
    Rule {
        keys: &["class.*.entrant_mw"],
        idle: |s, name| class(s, name).is_some_and(|class| class.entrants == 0),
        why: "the class has no `entrants`",
    },
    Rule {
        keys: &["class.*.spare_capacity_share"],
        idle: |s, _| {
            !matches!(s.growth.invest, Invest::Payback(_))
                && s.rigs.is_none()
                && s.other_uses.is_empty()
                && s.bans.is_empty()
        },
        why: "nobody buys machines: there is neither `[invest.payback]` nor `[rigs]`",
    },
    Rule {
        keys: &["class.*.largest_share"],
        idle: |s, name| class(s, name).is_some_and(|class| class.share / f64::from(class.firms) > class.largest_share),
        why: "it is overruled: so few firms cannot hold the class's share unless each has more, and all have the same; write more `firms` or a larger `largest_share`",
    },
    Rule {
        keys: &["class.*.size_tail_index"],
        idle: |s, name| class(s, name).is_some_and(|class| class.firms == 1),
        why: "the class has a single firm",
    },
    Rule {
        keys: &["class.*.region"],
        idle: |s, name| {
            class(s, name).is_some_and(|class| {
                !class.regions.is_empty() && class.regions.iter().map(|(_, share)| share).sum::<f64>() > 1.0 - 1e-6
            })
        },
        why: "the shares of `regions` add up to 1, so that no site is left for it",
    },
    Rule {
        keys: &["class.*.finance_log_sd"],
        idle: |s, name| {
            class(s, name).is_some_and(|class| {
                class.cash_months == 0.0 && class.treasury_days == 0.0 && class.debt_usd_per_th == 0.0
            })
        },
        why: "the class has neither cash nor coins nor debt that could differ",
    },
    Rule {
        keys: &["class.*.cash_log_sd"],
        idle: |s, name| class(s, name).is_some_and(|class| class.cash_months == 0.0),
        why: "the class has no cash that could differ",
    },
    Rule {
        keys: &["class.*.debt_log_sd"],
        idle: |s, name| class(s, name).is_some_and(|class| class.debt_usd_per_th == 0.0),
        why: "the class has no debt that could differ",
    },
    Rule {
        keys: &["class.*.loan"],
        idle: |s, name| {
            class(s, name).is_some_and(|class| {
                class.debt_usd_per_th == 0.0 && class.loans.iter().all(|loan| loan.undrawn_usd_per_th == 0.0)
            })
        },
        why: "`debt_usd_per_th` of the class is 0, and nothing of the loan may be drawn later",
    },
    Rule {
        keys: &["class.*.share"],
        idle: |s, name| class(s, name).is_some_and(|class| class.share == 0.0 && class.entrants == 0),
        why: "a class with a share of 0 and no entrants does not mine",
    },
    Rule {
        keys: &["class.*.power_price_log_sd"],
        idle: |s, name| class(s, name).is_some_and(|class| all_contracts(s, class, Contract::needs_spot)),
        why: "all sites of the class have their power at spot or at a strike, not at a price of their own",
    },
    Rule {
        keys: &["fleet.*.share"],
        idle: |s, name| {
            let PopulationParams::Drawn { fleet, .. } = &s.population else { return false };
            let is_bought = s.growth.orders.is_some() || s.growth.invest != Invest::None;
            !is_bought && fleet.iter().any(|part| part.name == name && part.share == 0.0)
        },
        why: "a model with a share of 0 is in no fleet, and nobody buys machines",
    },
    Rule {
        keys: &["operation.thresholds", "operation.switching_cost_usd_per_ph", "operation.switching_cost_log_sd"],
        idle: |s, _| no_rule(s, Decision::has_band),
        why: "no lot follows a rule with a band of inaction, such as `option` or `aware`",
    },
    Rule {
        keys: &["operation.hashprice_volatility_per_sqrt_day"],
        idle: |s, _| !s.values_machines() && no_rule(s, Decision::has_band),
        why: "no lot follows a rule with a band of inaction, such as `option` or `aware`, and nobody buys, sells or repairs machines",
    },
    Rule {
        keys: &["operation.adaptive_half_life_days"],
        idle: |s, _| {
            s.growth.invest == Invest::None && s.ageing.is_none() && no_rule(s, |rule| rule.watches() == Signal::Smooth)
        },
        why: "no lot follows a rule that watches smoothed hashprice, such as `adaptive`, and nobody buys or repairs machines",
    },
    Rule {
        keys: &["operation.foresees_halvings"],
        idle: |s, _| no_rule(s, |rule| rule.watches() == Signal::Retarget),
        why: "no lot follows a rule that watches the next retarget, such as `aware`",
    },
    Rule {
        keys: &["operation.eco_efficiency_factor", "operation.eco_hashrate_factor"],
        idle: |s, _| {
            let is_eco = match &s.population {
                PopulationParams::Drawn { fleet, .. } => fleet.iter().any(|part| part.eco),
                PopulationParams::Listed(_) => false,
            };
            !is_eco && !s.growth.models.iter().any(|model| model.eco)
        },
        why: "no machine has `eco = true`",
    },
    Rule {
        keys: &["power.take_or_pay"],
        idle: |s, _| {
            every_class(
                s,
                |s, class, _| {
                    all_contracts(s, class, |contract| {
                        contract.take_or_pay(0.25).to_bits() == contract.take_or_pay(0.75).to_bits()
                    })
                },
                "",
            )
        },
        why: "the contracts of all sites have their own",
    },
    Rule {
        keys: &["power.om_usd_per_kwh"],
        idle: |s, _| every_class(s, |s, class, _| all_contracts(s, class, Contract::all_in), ""),
        why: "all sites are hosted, and a host's rate is for everything",
    },
    Rule {
        keys: &["region.*"],
        idle: |s, name| !is_inhabited(s, name),
        why: "no site is in the region: it has no `share`, and no class names it",
    },
    Rule {
        keys: &["region.*.peak_charge"],
        idle: |s, name| {
            is_inhabited(s, name)
                && every_class(
                    s,
                    |s, class, name| {
                        !regions_of(class).any(|region| region == name) || contract_in(s, class, name).all_in()
                    },
                    name,
                )
        },
        why: "all sites there are hosted, and a host's rate is for everything",
    },
    Rule {
        keys: &["region.*.spot"],
        idle: |s, name| {
            is_inhabited(s, name)
                && every_class(
                    s,
                    |s, class, name| {
                        !regions_of(class).any(|region| region == name) || !contract_in(s, class, name).needs_spot()
                    },
                    name,
                )
        },
        why: "no site there has a contract at spot (`indexed` or `ppa_resale`)",
    },
    Rule {
        keys: &[
            "settlement.debt_rate_per_year",
            "settlement.debt_default_margin_per_year",
            "settlement.debt_term_months",
        ],
        idle: |s, _| match &s.population {
            PopulationParams::Drawn { classes, .. } => {
                classes.iter().all(|class| class.debt_usd_per_th == 0.0 || !class.loans.is_empty())
            }
            PopulationParams::Listed(rows) => rows.iter().all(|row: &MinerRow| row.debt.get() == 0.0),
        },
        why: "no class has a debt without terms of its own in `[class.NAME.loan]`",
    },
    Rule {
        keys: &["settlement.participation_cap"],
        idle: |s, _| s.impact.volume_btc_per_day().is_none(),
        why: "only `[impact.square_root]` knows the volume of the market",
    },
    Rule {
        keys: &["distress.workout.wait_cover", "distress.workout.principal_cut", "distress.workout.extension_months"],
        idle: |s, _| !is_lent(s),
        why: "nobody owes anything in this scenario",
    },
    Rule {
        keys: &["event.*.credit_freeze"],
        idle: |s, _| !may_be_lent(s),
        why: "lenders pay out nothing in this scenario: no loan has `undrawn_usd_per_th`, and there is no `[invest.payback.loan]`",
    },
    Rule {
        keys: &["expectations"],
        idle: |s, _| !s.values_machines() && s.operation.thresholds == Thresholds::Formula,
        why: "nobody values machines: there is neither `[invest.payback]` nor `[ageing]` nor `[rigs]`, and the thresholds of running are not `exact`",
    },
    Rule {
        keys: &["ageing.repair_usd_per_th", "ageing.repair_days", "ageing.repair_worth"],
        idle: |s, _| {
            s.ageing.as_ref().is_some_and(|ageing| {
                ageing.failures_per_year == 0.0 && ageing.failures_by_model.values().all(|hazard| *hazard == 0.0)
            })
        },
        why: "no machine breaks: `failures_per_year` is 0",
    },
    Rule {
        keys: &["event.*.new_generation"],
        idle: |s, _| s.growth.invest == Invest::None,
        why: "nobody buys machines: write `[invest.payback]` or `[invest.barrier]`",
    },
    Rule {
        keys: &["event.*.other_use"],
        idle: |s, name| s.other_uses.iter().any(|usage| usage.name == name && usage.mw_per_month == 0.0),
        why: "tenants take no power: `mw_per_month` is 0",
    },
    Rule {
        keys: &["event.*.price_shock"],
        idle: |s, name| s.price.shocks.iter().any(|shock| shock.name == name && is_one(shock.factor)),
        why: "a factor of 1 changes nothing",
    },
    Rule {
        keys: &["event.*.power_price_shock", "event.*.power_price_drift", "event.*.tariff"],
        idle: |s, name| {
            let changes = s.power.changes.iter().filter(|change| change.name == name);
            changes.clone().next().is_some()
                && changes.clone().all(|change| is_one(change.factor) && change.addition == PowerPrice::ZERO)
        },
        why: "it neither multiplies the price of power nor adds to it",
    },
    Rule {
        keys: &["event.*.fee_spike"],
        idle: |s, name| s.chain.fees.spikes.iter().any(|spike| spike.name == name && spike.btc_per_block == 0.0),
        why: "it adds no fees",
    },
    Rule {
        keys: &[
            "impact.square_root.permanent_share",
            "impact.square_root.linear_below_share",
            "impact.square_root.shock",
        ],
        idle: |s, _| matches!(s.impact.law, ImpactLaw::SquareRoot { y, volatility_per_sqrt_day, .. } if y == 0.0 || volatility_per_sqrt_day == 0.0),
        why: "with `y` or the volatility 0, sales do not move the price",
    },
    Rule {
        keys: &["rigs.*.cohort_exit_days"],
        idle: |s, _| match &s.population {
            PopulationParams::Drawn { classes, .. } => classes.iter().all(|class| class.weight <= 1.0),
            PopulationParams::Listed(rows) => rows.iter().all(|row| row.weight <= 1.0),
        },
        why: "no class has a `weight` above 1",
    },
    Rule {
        keys: &["consolidation"],
        idle: |s, _| s.consolidation.is_none(),
        why: "firms are bought only with `enabled = true`",
    },
    Rule {
        keys: &["price.knots.points"],
        idle: |s, _| {
            let PriceProcess::Path { points } = &s.price.process else { return false };
            points.len() > 1 && all_after_the_end(s, points.iter().map(|(at, _)| at.get()))
        },
        why: "all its dates lie after the run's end, so that the price of the first holds throughout",
    },
    Rule {
        keys: &["price.knots.points"],
        idle: |s, _| {
            let PriceProcess::Path { points } = &s.price.process else { return false };
            points.len() > 1 && points.iter().all(|(at, _)| at.get() <= 0.0)
        },
        why: "all its dates lie before the run, so that the price of the last holds throughout",
    },
    Rule {
        keys: &["chain.fees.knots.points", "chain.fees.elastic.points"],
        idle: |s, _| {
            let knots = &s.chain.fees.knots;
            knots.len() > 1
                && (all_after_the_end(s, knots.iter().map(|(at, _)| at.get()))
                    || knots.iter().all(|(at, _)| at.get() <= 0.0))
        },
        why: "all its dates lie outside the run, so that fees are the same throughout",
    },
];

/// The class of this name, if miners are drawn.
fn class<'s>(scenario: &'s Scenario, name: &str) -> Option<&'s ClassParams> {
    classes(scenario).iter().find(|class| class.name == name)
}

fn classes(scenario: &Scenario) -> &[ClassParams] {
    match &scenario.population {
        PopulationParams::Drawn { classes, .. } => classes,
        PopulationParams::Listed(_) => &[],
    }
}

/// Whether no lot follows a rule for which `uses` holds. Listed miners have bands of their own.
fn no_rule(scenario: &Scenario, uses: fn(Decision) -> bool) -> bool {
    let unused = |rule| classes(scenario).iter().all(|class| class.rules.share(rule) == 0.0);
    Decision::ALL.into_iter().filter(|&rule| uses(rule)).all(unused)
}

/// Whether there are classes, and the condition holds for all of them.
fn every_class(scenario: &Scenario, holds: fn(&Scenario, &ClassParams, &str) -> bool, name: &str) -> bool {
    let classes = classes(scenario);
    !classes.is_empty() && classes.iter().all(|class| holds(scenario, class, name))
}

/// The regions in which a class has sites.
fn regions_of(class: &ClassParams) -> impl Iterator<Item = &str> {
    let rest = 1.0 - class.regions.iter().map(|(_, share)| share).sum::<f64>();
    let named = class.regions.iter().filter(|(_, share)| *share > 0.0).map(|(name, _)| name.as_str());
    named.chain((rest > 1e-6).then_some(class.region.as_str()))
}

fn region<'s>(scenario: &'s Scenario, name: &str) -> Option<&'s RegionParams> {
    scenario.power.regions.iter().find(|region| region.name == name)
}

/// The contract of the sites of a class in a region.
fn contract_in(scenario: &Scenario, class: &ClassParams, name: &str) -> Contract {
    region(scenario, name).and_then(|region| region.contract).unwrap_or(class.contract)
}

fn all_contracts(scenario: &Scenario, class: &ClassParams, holds: fn(&Contract) -> bool) -> bool {
    regions_of(class).all(|name| holds(&contract_in(scenario, class, name)))
}

/// Whether a region has miners, or may receive them from a region with a ban.
fn is_inhabited(scenario: &Scenario, name: &str) -> bool {
    let has_sites = match &scenario.population {
        PopulationParams::Drawn { classes, .. } => {
            classes.iter().any(|class| regions_of(class).any(|region| region == name))
        }
        PopulationParams::Listed(rows) => rows.iter().any(|row| row.region.as_deref() == Some(name)),
    };
    has_sites || scenario.bans.iter().any(|ban| ban.to.is_empty() || ban.to.iter().any(|to| to == name))
}

fn all_after_the_end(scenario: &Scenario, mut instants: impl Iterator<Item = f64>) -> bool {
    let end = Seconds::from(scenario.run.days).get();
    instants.all(|instant| instant >= end)
}

fn is_one(factor: f64) -> bool {
    (factor - 1.0).abs() < f64::EPSILON
}
