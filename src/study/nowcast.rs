//! Estimates the state of the network at a date, with bands, and forecasts from there, by running the law of hash supply through
//! history.
//!
//! Each quantity has two bands. The band *before the data* comes from an ensemble that is not corrected after 2014: it uses only
//! prices, machines and dated events. The band *after the data* comes from an ensemble that is corrected by hashrate up to the
//! date. If the second band is no narrower than the first, hashrate does not identify the quantity.

mod call;

pub use call::{BANDS_HOLD, EPOCHS, MEMBERS, NowcastOptions, Told, nowcast};

use super::{
    rolling::Rolling,
    score::{mean, quantile},
};
use crate::{
    chain::subsidy::subsidy,
    supply::{
        law::Classes,
        state::{Correction, Member, Noise, Setting, classes},
    },
    units::{Efficiency, Hashprice},
};
use rayon::prelude::*;
use std::sync::atomic::{AtomicBool, Ordering};

/// A band of an ensemble, over the members that have a value; all NaN if no member has one.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Band {
    /// 5 % quantile.
    pub p05: f64,
    /// Median.
    pub p50: f64,
    /// 95 % quantile.
    pub p95: f64,
    /// Mean.
    pub mean: f64,
}

impl Band {
    fn of(mut values: Vec<f64>) -> Self {
        values.retain(|value| !value.is_nan());
        values.sort_by(f64::total_cmp);
        let at = |share| quantile(&values, share);
        Self { p05: at(0.05), p50: at(0.5), p95: at(0.95), mean: mean(&values) }
    }
}

/// A quantity of the network at the date.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Quantity {
    /// Its name, which ends with its unit.
    pub name: &'static str,
    /// Its description.
    pub doc: &'static str,
    /// The band without the data.
    pub before: Band,
    /// The band corrected by hashrate.
    pub after: Band,
}

/// A class of machines, with its mean share of installed and of running hashrate over the ensemble.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct ClassShare {
    /// Energy per hash, J/TH.
    pub j_per_th: f64,
    /// Share of installed hashrate.
    pub installed: f64,
    /// Share of the hashrate that may run.
    pub running: f64,
}

/// The result of a nowcast.
#[derive(Clone, Debug, PartialEq)]
pub struct Nowcast {
    /// The index of the epoch that begins at the date.
    pub origin: usize,
    /// Quantities of the network.
    pub quantities: Vec<Quantity>,
    /// The fleet by class, from the least to the most efficient.
    pub fleet: Vec<ClassShare>,
    /// Forecast hashrate of the following epochs, EH/s.
    pub forecast_eh: Vec<Band>,
}

/// Names and descriptions of the quantities, in the order of [`values`].
const QUANTITIES: [(&str, &str); 9] = [
    ("running_eh_per_s", "Hashrate that runs."),
    ("installed_eh_per_s", "Hashrate that is installed, running or idle."),
    ("idle_share", "Share of installed hashrate that does not run."),
    ("on_order_eh_per_s", "Machines on order."),
    ("efficiency_j_per_th", "Mean energy per hash of what may run, at the machine."),
    ("installed_gw", "Power of all installed machines, at the machine."),
    ("power_gw", "Power of what may run, at the machine."),
    ("stops_at_minus_10pct", "Share of running hashrate that stops if hashprice falls by 10 % for good."),
    ("stops_at_minus_30pct", "Share of running hashrate that stops if hashprice falls by 30 % for good."),
];

/// Estimates the state at the start of an epoch and forecasts the following epochs, with an ensemble of `members`; `None` if it
/// was stopped.
#[must_use]
pub fn state_at(
    rolling: &Rolling<'_>,
    setting: &Setting,
    origin: usize,
    ahead: usize,
    seed: u64,
    members: u64,
    stop: &AtomicBool,
) -> Option<Nowcast> {
    let classes = classes(rolling.on_sale, setting);
    let uncorrected = Setting { correction: Correction::Epochs { gain: 0.0 }, ..setting.clone() };
    let run = |setting: &Setting, member: u64, ahead: usize| {
        let begun =
            Member::new((rolling.history, rolling.on_sale, setting, &classes), rolling.first(), rolling.settled());
        let mut walker = begun.with_noise(Noise::default(), seed, member);
        while walker.epoch() < origin {
            walker.live();
        }
        let mut forecast = vec![f64::NAN; ahead];
        walker.forecast(&mut forecast);
        let cost = libm::log(setting.power_price.get()) + walker.ln_cost_level();
        (values(walker.network(), &classes, setting, cost), shares(walker.network(), &classes), forecast)
    };
    let ensemble = |setting: &Setting, ahead: usize| -> Option<Vec<_>> {
        let unless_stopped = |member| (!stop.load(Ordering::Relaxed)).then(|| run(setting, member, ahead));
        (0..members).into_par_iter().map(unless_stopped).collect()
    };
    let (before, after) = (ensemble(&uncorrected, 0)?, ensemble(setting, ahead)?);
    let quantities = QUANTITIES.iter().enumerate().map(|(place, (name, doc))| Quantity {
        name,
        doc,
        before: Band::of(before.iter().map(|(values, ..)| values[place]).collect()),
        after: Band::of(after.iter().map(|(values, ..)| values[place]).collect()),
    });
    let fleet = classes.efficiencies().enumerate().map(|(class, efficiency)| ClassShare {
        j_per_th: efficiency.get(),
        installed: mean(&after.iter().map(|(_, shares, _)| shares[class].0).collect::<Vec<_>>()),
        running: mean(&after.iter().map(|(_, shares, _)| shares[class].1).collect::<Vec<_>>()),
    });
    let forecast = |step: usize| Band::of(after.iter().map(|(.., forecast)| libm::exp(forecast[step])).collect());
    Some(Nowcast {
        origin,
        quantities: quantities.collect(),
        fleet: fleet.collect(),
        forecast_eh: (0..ahead).map(forecast).collect(),
    })
}

/// Hashprice at the start of an epoch, from its difficulty and subsidy, and from the price and the fees known from earlier epochs.
#[must_use]
pub fn hashprice_at(rolling: &Rolling<'_>, origin: usize) -> Hashprice {
    let epoch = &rolling.history.epochs()[origin];
    let day = rolling.history.begins(origin);
    let reward = subsidy(epoch.start_height) + rolling.history.fees(day, origin);
    Hashprice::earned(epoch.nbits.difficulty(), reward, rolling.history.price(day, origin))
}

fn values(network: &crate::supply::law::Network, classes: &Classes, setting: &Setting, ln_cost: f64) -> [f64; 9] {
    let (mut installed, mut allowed, mut drawn, mut drawn_running) = (0.0, 0.0, 0.0, 0.0);
    let mut stops = [0.0; 2];
    let thresholds = [0.9, 0.7].map(|left| network.ln_expected + libm::log(left) - ln_cost + setting.law.half_band);
    let efficiencies: Vec<f64> = classes.efficiencies().map(Efficiency::get).collect();
    for (lot, (of_lot, share)) in network.installed.iter().zip(&network.allowed).enumerate() {
        let efficiency = efficiencies[lot / classes.quantiles()];
        let runs = of_lot * share;
        installed += of_lot;
        allowed += runs;
        drawn += of_lot * efficiency;
        drawn_running += runs * efficiency;
        for (stopped, threshold) in stops.iter_mut().zip(thresholds) {
            if classes.ln_costs()[lot] > threshold {
                *stopped += runs;
            }
        }
    }
    [
        network.running,
        installed,
        1.0 - network.running / installed,
        network.ordered_eh(),
        drawn_running / allowed,
        drawn / 1000.0,
        drawn_running / 1000.0,
        stops[0] / allowed,
        stops[1] / allowed,
    ]
}

fn shares(network: &crate::supply::law::Network, classes: &Classes) -> Vec<(f64, f64)> {
    let (installed, allowed) = (network.installed_eh(), network.allowed_eh());
    let lots = network.installed.chunks(classes.quantiles()).zip(network.allowed.chunks(classes.quantiles()));
    lots.map(|(of_class, may_run)| {
        let runs: f64 = of_class.iter().zip(may_run).map(|(lot, share)| lot * share).sum();
        (of_class.iter().sum::<f64>() / installed, runs / allowed)
    })
    .collect()
}
