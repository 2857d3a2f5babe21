use super::{failure::Failure, history::HistoryOptions, options::threads_or_usual, out_file::OutFile, terminal};
use crate::{
    study::{
        nowcast::{Band, Nowcast as State, hashprice_at, nowcast},
        rolling::Rolling,
    },
    supply::{
        events::days_since_1970,
        history::PRICES,
        state::{Prices, Setting},
    },
    units::{PowerPrice, UnixTime, UsdPerBtc},
};
use clap::Args;
use std::{fmt::Write as _, num::NonZeroUsize, path::PathBuf};

/// Power prices that are taken, USD/kWh.
const POWER_PRICES: std::ops::RangeInclusive<f64> = 1e-3..=10.0;

/// Days after the start of the last epoch in which it is still the current one.
const CURRENT: f64 = 30.0;

/// Days after which a catalogue counts as old.
const OLD: f64 = 365.0;

/// Tell the state of the network at a date, with bands, and forecast hashrate from there.
#[derive(Debug, Args)]
pub struct Nowcast {
    /// A date such as 2022-03-17: the state at the last start of an epoch before it [default: the end of the history]
    #[arg(long, value_name = "DATE")]
    at: Option<String>,
    /// Epochs to forecast
    #[arg(long, value_name = "N", default_value_t = 13, value_parser = clap::value_parser!(u16).range(1..=26))]
    epochs: u16,
    /// Price that the forecast holds [default: the mean of the last epoch]
    #[arg(long, value_name = "USD")]
    price_usd: Option<f64>,
    /// Median avoidable cost of power
    #[arg(long, value_name = "USD", default_value_t = 0.05)]
    power_price_usd_per_kwh: f64,
    /// Members of the ensemble
    #[arg(long, value_name = "N", default_value_t = 400, value_parser = clap::value_parser!(u64).range(20..=100_000))]
    members: u64,
    /// Seed of the ensemble
    #[arg(long, value_name = "N", default_value_t = 1)]
    seed: u64,
    /// Threads [default: all cores]; results do not depend on it
    #[arg(long, value_name = "N", value_parser = super::options::threads)]
    threads: Option<NonZeroUsize>,
    /// Also write the state as the start of a scenario, which another can extend
    #[arg(long, value_name = "FILE")]
    start: Option<PathBuf>,
    /// Replace the file of --start if it is there
    #[arg(long, requires = "start")]
    force: bool,
    /// As one JSON object
    #[arg(long)]
    json: bool,
    #[command(flatten)]
    from: HistoryOptions,
}

impl Nowcast {
    pub fn call(&self) -> Result<(), Failure> {
        let (history, on_sale) = (self.from.history()?, self.from.on_sale()?);
        let rolling = Rolling { history: &history, on_sale: &on_sale };
        rolling.check().map_err(Failure::Input)?;
        let origin = self.origin(&rolling)?;
        let within = |name: &str, value: f64, range: std::ops::RangeInclusive<f64>| {
            let told =
                || Failure::Input(format!("{name} {value}: give a number from {} to {}", range.start(), range.end()));
            if range.contains(&value) { Ok(value) } else { Err(told()) }
        };
        let prices = match self.price_usd {
            Some(price) => Prices::Held(UsdPerBtc::new(within("--price-usd", price, PRICES)?)),
            None => Prices::Frozen,
        };
        let power = within("--power-price-usd-per-kwh", self.power_price_usd_per_kwh, POWER_PRICES)?;
        if !(0.005..=0.2).contains(&power) {
            terminal::talk(&format!(
                "warning: {power} USD/kWh is outside 0.005 to 0.2, where medians of miners' power prices lie; write 4.5 c/kWh as 0.045\n"
            ));
        }
        if history.begins(origin) - on_sale.last_step() > OLD {
            terminal::talk(
                "warning: the last better machine of the catalogue came on sale more than a year before this date; give newer ones by --catalogue\n",
            );
        }
        let out = self.start.as_ref().map(|path| OutFile::new(path, self.force)).transpose()?;
        let setting = Setting { prices, power_price: PowerPrice::new(power), ..Setting::default() };
        let pool = rayon::ThreadPoolBuilder::new()
            .num_threads(threads_or_usual(self.threads).get())
            .build()
            .map_err(|error| Failure::Input(format!("cannot start threads: {error}")))?;
        let state =
            pool.install(|| nowcast(&rolling, &setting, origin, usize::from(self.epochs), self.seed, self.members));
        if let Some(out) = out {
            out.write(start(&rolling, &state, power))?;
        }
        terminal::print(&if self.json { json(&rolling, &state) } else { self.text(&rolling, &state) })
    }

    /// The epoch at whose start the state is told.
    fn origin(&self, rolling: &Rolling<'_>) -> Result<usize, Failure> {
        let (history, settled) = (rolling.history, rolling.settled());
        let last = history.closed();
        let Some(date) = &self.at else { return Ok(last) };
        let date = UnixTime::parse(date).map_err(|error| Failure::Input(format!("--at: {error}")))?;
        if days_since_1970(date) > history.begins(last) + CURRENT {
            terminal::talk(&format!(
                "warning: the history ends with {}; the state is told at that date, and newer epochs can be given by --history\n",
                history.epochs()[last].start
            ));
        }
        let begun = history.epochs().partition_point(|epoch| epoch.start <= date);
        match begun.checked_sub(1).filter(|origin| *origin > settled + 1) {
            Some(origin) => Ok(origin),
            None => Err(Failure::Input(format!(
                "--at {date}: the state is told from {} on; before, the run has not forgotten its start",
                history.epochs()[settled + 2].start
            ))),
        }
    }

    fn text(&self, rolling: &Rolling<'_>, state: &State) -> String {
        let epoch = &rolling.history.epochs()[state.origin];
        let mut text = format!(
            "The network at block {} ({}), by {} members: median, and 90 % of members\n\n",
            epoch.start_height, epoch.start, self.members
        );
        let _ = writeln!(text, "{:<24}{:>10}{:>22}{:>22}", "", "median", "90 %", "90 % without data");
        for quantity in &state.quantities {
            let (after, before) = (&quantity.after, &quantity.before);
            let digits = if after.p50 < 2.0 { 3 } else { 1 };
            let band = |band: &Band| format!("{:.digits$} to {:.digits$}", band.p05, band.p95);
            let _ =
                writeln!(text, "{:<24}{:>10.digits$}{:>22}{:>22}", quantity.name, after.p50, band(after), band(before));
        }
        let _ = writeln!(
            text,
            "\nFleet by machine, shares of hashrate\n\n{:>8}{:>12}{:>12}",
            "J/TH", "installed", "running"
        );
        for class in state.fleet.iter().filter(|class| class.installed >= 0.001) {
            let _ = writeln!(text, "{:>8.1}{:>12.3}{:>12.3}", class.j_per_th, class.installed, class.running);
        }
        let price = self.price_usd.map_or_else(
            || {
                format!(
                    "held at that of the last epoch, {:.0} USD",
                    rolling.history.price(f64::INFINITY, state.origin).get()
                )
            },
            |price| format!("held at {price} USD"),
        );
        let _ = writeln!(
            text,
            "\nForecast of hashrate, EH/s, with the price {price}\n\n{:>8}{:>10}{:>22}",
            "epoch", "median", "90 %"
        );
        for (step, band) in state.forecast_eh.iter().enumerate() {
            if band.p50.is_nan() {
                let _ = writeln!(text, "{:>8}{:>32}", step + 1, "hardly anyone runs: not reached");
                continue;
            }
            let range = format!("{:.1} to {:.1}", band.p05, band.p95);
            let _ = writeln!(text, "{:>8}{:>10.1}{:>22}", step + 1, band.p50, range);
        }
        text.push_str(
            "\nThese bands hold no uncertainty of price. Over 2016 to 2023, with the price held, they held 77 % of outcomes at\n\
             13 epochs and 51 % at 26; with the price known 84 to 97 % at all horizons (`shakeout score --rolling`).\n",
        );
        text
    }
}

fn json(rolling: &Rolling<'_>, state: &State) -> String {
    let epoch = &rolling.history.epochs()[state.origin];
    let band = |band: &Band| serde_json::json!({"mean": band.mean, "p05": band.p05, "p50": band.p50, "p95": band.p95});
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
    let value = serde_json::json!({
        "height": epoch.start_height,
        "time_utc": epoch.start.to_string(),
        "difficulty": epoch.nbits.difficulty(),
        "state": quantities,
        "fleet": fleet,
        "forecast_hashrate_eh_per_s": state.forecast_eh.iter().map(band).collect::<Vec<_>>(),
    });
    format!("{value:#}\n")
}

/// The state as the start of a scenario: the chain, and the fleet that runs. Prices, classes and finances are the scenario's own.
fn start(rolling: &Rolling<'_>, state: &State, power: f64) -> String {
    let epoch = &rolling.history.epochs()[state.origin];
    let running = state.quantities[0].after.p50;
    let mut text = format!(
        "# The network at block {height}, as `shakeout nowcast` tells it with power at {power} USD/kWh: a start that a scenario extends.\n\
         # Hashprice there was {hashprice:.2} USD/PH/day. Classes, prices and the length of the run are the scenario's own.\n\
         format = 1\n\n[run]\nstart = \"{time}\"\n\n[chain]\nheight = {height}\nnbits = \"{nbits:08x}\"\nhashrate_eh_per_s = {running:.3}\n",
        height = epoch.start_height,
        hashprice = hashprice_at(rolling, state.origin).get(),
        time = epoch.start,
        nbits = epoch.nbits.get(),
    );
    let kept: Vec<_> = state.fleet.iter().filter(|class| class.running >= 0.002).collect();
    let total: f64 = kept.iter().map(|class| class.running).sum();
    let mut left = 1.0;
    for (place, class) in kept.iter().enumerate() {
        // Written shares add up to one: the last takes what rounding leaves.
        let last = place + 1 == kept.len();
        let share = if last { left } else { (class.running / total * 1e4).round() / 1e4 };
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
