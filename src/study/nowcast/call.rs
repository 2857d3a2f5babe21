use super::{Band, Nowcast, hashprice_at, state_at};
use crate::{
    study::{StudyError, Work, rolling::Rolling},
    supply::{
        events::days_since_1970,
        history::History,
        on_sale::OnSale,
        state::{Prices, Setting},
    },
    units::{PowerPrice, UnixTime, UsdPerBtc},
};
use std::{fmt::Write as _, sync::Arc};

/// Valid numbers of members: with fewer than twenty no quantile of 5 % is one of a member.
pub const MEMBERS: std::ops::RangeInclusive<u64> = 20..=100_000;

/// Valid numbers of epochs to forecast: a year at most.
pub const EPOCHS: std::ops::RangeInclusive<u16> = 1..=26;

/// Valid values of the held price, USD.
const PRICES: std::ops::RangeInclusive<f64> = 1e-3..=1e8;

/// Valid power prices, USD/kWh.
const POWER_PRICES: std::ops::RangeInclusive<f64> = 1e-3..=10.0;

/// The last epoch counts as the current one for this number of days after its start.
const CURRENT: f64 = 30.0;

/// A catalogue whose newest improvement is older than this number of days counts as outdated.
const OLD: f64 = 365.0;

/// What the bands of a forecast hold and how often they were right, for whoever reads one.
pub const BANDS_HOLD: &str = "These bands hold no uncertainty of price. Over 2016 to 2023, with the price held, they held 77 % of outcomes at 13 epochs \
     and 51 % at 26; with the price known 84 to 97 % at all horizons (`shakeout score --rolling`).";

/// Estimates the state of the network at a date, with bands, and forecasts hashrate from there.
///
/// ```no_run
/// use shakeout::{hardware::catalogue, nowcast, scenario::shipped_history, study::{NowcastOptions, Work}, supply::on_sale::OnSale};
///
/// let (history, on_sale) = (shipped_history(), OnSale::of(&catalogue()).expect("machines are on sale"));
/// let found = nowcast(&history, &on_sale, &NowcastOptions::default(), &mut Work::new())?;
/// println!("{}", found.to_json());
/// # Ok::<(), shakeout::study::StudyError>(())
/// ```
///
/// # Errors
/// When the history is too short, an option is invalid, or the work is stopped.
pub fn nowcast<'a>(
    history: &'a History,
    on_sale: &'a OnSale,
    options: &NowcastOptions,
    work: &mut Work<'_>,
) -> Result<Told<'a>, StudyError> {
    let rolling = Rolling { history, on_sale };
    rolling.check().map_err(StudyError::Input)?;
    let members = within("--members", options.members, &MEMBERS)?;
    let epochs = within("--epochs", options.epochs, &EPOCHS)?;
    let origin = origin(&rolling, options.at, work)?;
    let prices = match options.price_usd {
        Some(price) => Prices::Held(UsdPerBtc::new(within("--price-usd", price, &PRICES)?)),
        None if options.are_prices_known => Prices::Known,
        None => Prices::Frozen,
    };
    let power = within("--power-price-usd-per-kwh", options.power_price_usd_per_kwh, &POWER_PRICES)?;
    if !(0.005..=0.2).contains(&power) {
        work.say(&format!(
            "warning: {power} USD/kWh is outside 0.005 to 0.2, where medians of miners' power prices lie; write 4.5 c/kWh as 0.045"
        ));
    }
    if history.begins(origin) - on_sale.last_step() > OLD {
        work.say(
            "warning: the newest gain of efficiency in the catalogue went on sale more than a year before this date; give newer machines with --catalogue",
        );
    }
    let setting = Setting { prices, power_price: PowerPrice::new(power), ..Setting::default() };
    let pool = rayon::ThreadPoolBuilder::new()
        .num_threads(work.threads.get())
        .build()
        .map_err(|source| StudyError::Threads { threads: String::new(), source })?;
    let stop = Arc::clone(work.stop());
    let ahead = usize::from(epochs);
    let state = pool.install(|| state_at(&rolling, &setting, origin, ahead, options.seed, members, &stop));
    let state = state.ok_or_else(|| StudyError::Interrupted("the nowcast was stopped".to_owned()))?;
    Ok(Told { rolling, state, power_price_usd_per_kwh: power })
}

/// A value of an option, if it is valid.
fn within<T: PartialOrd + std::fmt::Display>(
    name: &str,
    value: T,
    range: &std::ops::RangeInclusive<T>,
) -> Result<T, StudyError> {
    if range.contains(&value) {
        return Ok(value);
    }
    Err(StudyError::Input(format!("{name} {value}: give a number from {} to {}", range.start(), range.end())))
}

/// Options of a nowcast.
#[derive(Clone, Debug, PartialEq)]
pub struct NowcastOptions {
    /// The state is estimated at the last start of an epoch before this date; by default at the end of the history.
    pub at: Option<UnixTime>,
    /// Number of epochs to forecast.
    pub epochs: u16,
    /// Price that the forecast holds constant; by default the last price known before the date.
    pub price_usd: Option<f64>,
    /// Whether the forecast knows the prices of the history and of its days after the date, if `price_usd` holds none; the last one stays.
    pub are_prices_known: bool,
    /// Median avoidable cost of power.
    pub power_price_usd_per_kwh: f64,
    /// Number of members of the ensemble.
    pub members: u64,
    /// Seed of the ensemble.
    pub seed: u64,
}

impl Default for NowcastOptions {
    fn default() -> Self {
        Self {
            at: None,
            epochs: 13,
            price_usd: None,
            are_prices_known: false,
            power_price_usd_per_kwh: 0.05,
            members: 400,
            seed: 1,
        }
    }
}

/// A nowcast, with the history that it was computed from.
#[derive(Debug)]
pub struct Told<'a> {
    /// The history and the machines on sale.
    pub rolling: Rolling<'a>,
    /// The state of the network, and the forecast.
    pub state: Nowcast,
    power_price_usd_per_kwh: f64,
}

impl Told<'_> {
    /// The nowcast as one JSON object.
    #[must_use]
    pub fn to_json(&self) -> serde_json::Value {
        let Self { rolling, state, .. } = self;
        let epoch = &rolling.history.epochs()[state.origin];
        let band =
            |band: &Band| serde_json::json!({"mean": band.mean, "p05": band.p05, "p50": band.p50, "p95": band.p95});
        let quantities: serde_json::Map<String, serde_json::Value> = state
            .quantities
            .iter()
            .map(|quantity| {
                let value = serde_json::json!({
                    "doc": quantity.doc,
                    "after": band(&quantity.after),
                    "before": band(&quantity.before),
                });
                (quantity.name.to_owned(), value)
            })
            .collect();
        let fleet: Vec<_> = state
            .fleet
            .iter()
            .map(|class| {
                serde_json::json!({
                    "efficiency_j_per_th": class.j_per_th,
                    "installed_share": class.installed,
                    "running_share": class.running,
                })
            })
            .collect();
        serde_json::json!({
            "height": epoch.start_height,
            "time_utc": epoch.start.to_string(),
            "difficulty": epoch.nbits.difficulty(),
            "state": quantities,
            "fleet": fleet,
            "forecast_hashrate_eh_per_s": state.forecast_eh.iter().map(band).collect::<Vec<_>>(),
        })
    }

    /// The state as the start of a scenario: the chain, the installed fleet, and the machines on order. It sets no prices, classes and finances.
    #[must_use]
    pub fn to_scenario(&self) -> String {
        let Self { rolling, state, power_price_usd_per_kwh: power } = self;
        let epoch = &rolling.history.epochs()[state.origin];
        let median = |name: &str| {
            let quantity = state.quantities.iter().find(|quantity| quantity.name == name);
            quantity.map_or(0.0, |quantity| quantity.after.p50)
        };
        let mut text = format!(
            "# The network at block {height}, as estimated by `shakeout nowcast` with power at {power} USD/kWh: a start that a scenario extends.\n\
         # Hashprice there was {hashprice:.2} USD/PH/day. Classes, prices and the length of the run are the scenario's own.\n\
         # Shares are of installed hashrate; which machines run at the start follows from the scenario's costs.\n\
         format = 1\n\n[run]\nstart = \"{time}\"\n\n[chain]\nheight = {height}\nnbits = \"{nbits:08x}\"\nhashrate_eh_per_s = {running:.3}\n\
         \n[orders.rule]\non_order_eh_per_s = {on_order:.3}\n",
            height = epoch.start_height,
            hashprice = hashprice_at(rolling, state.origin).get(),
            time = epoch.start,
            nbits = epoch.nbits.get(),
            running = median("running_eh_per_s"),
            on_order = median("on_order_eh_per_s"),
        );
        let kept: Vec<_> = state.fleet.iter().filter(|class| class.installed >= 0.002).collect();
        let total: f64 = kept.iter().map(|class| class.installed).sum();
        let mut left = 1.0;
        for (place, class) in kept.iter().enumerate() {
            // The shares in the file add up to one, because the last one takes the rounding error.
            let last = place + 1 == kept.len();
            let share = if last { left } else { (class.installed / total * 1e4).round() / 1e4 };
            left -= share;
            let name = format!("{:.0}", class.j_per_th * 10.0);
            let _ = write!(
                text,
                "\n[fleet.j{name}]\nhashrate_th_per_s = 100\nefficiency_j_per_th = {:.2}\nshare = {:.4}\n",
                class.j_per_th, share
            );
        }
        text
    }
}

/// The epoch at whose start the state is estimated.
fn origin(rolling: &Rolling<'_>, at: Option<UnixTime>, work: &mut Work<'_>) -> Result<usize, StudyError> {
    let (history, settled) = (rolling.history, rolling.settled());
    let last = history.closed();
    let Some(date) = at else { return Ok(last) };
    if days_since_1970(date) > history.begins(last) + CURRENT {
        work.say(&format!(
            "warning: the history ends with {}; the state is estimated at that date; give newer epochs with --history",
            history.epochs()[last].start
        ));
    }
    let begun = history.epochs().partition_point(|epoch| epoch.start <= date);
    match begun.checked_sub(1).filter(|origin| *origin > settled + 1) {
        Some(origin) => Ok(origin),
        None => Err(StudyError::Input(format!(
            "--at {date}: the state can be estimated from {} on; at earlier dates it still depends on how the run started",
            history.epochs()[settled + 2].start
        ))),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{hardware::catalogue, scenario::shipped_history};
    use std::sync::atomic::{AtomicBool, Ordering};

    #[test]
    fn a_stopped_nowcast_ends_at_once() {
        let (history, on_sale) = (shipped_history(), OnSale::of(&catalogue()).expect("machines are on sale"));
        let stop = Arc::new(AtomicBool::new(true));
        let mut work = Work::new().stopped_by(&stop);
        let options = NowcastOptions { members: 200, ..NowcastOptions::default() };
        let stopped = nowcast(&history, &on_sale, &options, &mut work);
        assert!(matches!(stopped, Err(StudyError::Interrupted(_))));
        stop.store(false, Ordering::Relaxed);
        let options = NowcastOptions { members: 20, epochs: 1, ..NowcastOptions::default() };
        assert!(nowcast(&history, &on_sale, &options, &mut work).is_ok());
        for (name, wrong) in [
            ("--members 0", NowcastOptions { members: 0, ..options.clone() }),
            ("--epochs 0", NowcastOptions { epochs: 0, ..options.clone() }),
            ("--epochs 27", NowcastOptions { epochs: 27, ..options }),
        ] {
            let told = nowcast(&history, &on_sale, &wrong, &mut work).expect_err(name).to_string();
            assert!(told.starts_with(name) && told.contains("give a number from"), "{told}");
        }
    }
}
