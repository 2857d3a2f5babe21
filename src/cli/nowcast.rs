use super::{
    failure::Failure,
    history::HistoryOptions,
    options::threads_or_usual,
    out_file::OutFile,
    terminal::{self, Screen},
};
use crate::{
    study::{
        Work,
        nowcast::{Band, EPOCHS, MEMBERS, Nowcast as State, NowcastOptions, nowcast},
        rolling::Rolling,
    },
    units::UnixTime,
};
use clap::Args;
use std::{fmt::Write as _, num::NonZeroUsize, path::PathBuf};

/// Estimate the state of the network at a date, with bands, and forecast hashrate from there.
#[derive(Debug, Args)]
pub struct Nowcast {
    /// A date such as 2022-03-17: the state at the last start of an epoch before it [default: the end of the history]
    #[arg(long, value_name = "DATE")]
    at: Option<String>,
    /// Epochs to forecast
    #[arg(long, value_name = "N", default_value_t = 13, value_parser = clap::value_parser!(u16).range(i64::from(*EPOCHS.start())..=i64::from(*EPOCHS.end())))]
    epochs: u16,
    /// Constant price of the forecast [default: the mean of the last epoch]
    #[arg(long, value_name = "USD")]
    price_usd: Option<f64>,
    /// Median avoidable cost of power
    #[arg(long, value_name = "USD", default_value_t = 0.05)]
    power_price_usd_per_kwh: f64,
    /// Members of the ensemble
    #[arg(long, value_name = "N", default_value_t = 400, value_parser = clap::value_parser!(u64).range(MEMBERS))]
    members: u64,
    /// Seed of the ensemble
    #[arg(long, value_name = "N", default_value_t = 1)]
    seed: u64,
    /// Threads [default: all cores]; results do not depend on it
    #[arg(long, value_name = "N", value_parser = super::options::threads)]
    threads: Option<NonZeroUsize>,
    /// Also write the state as an initial state in a scenario file, which another scenario can extend
    #[arg(long, value_name = "FILE")]
    start: Option<PathBuf>,
    /// Replace the file of --start if it is there
    #[arg(long, requires = "start")]
    force: bool,
    /// Print one JSON object
    #[arg(long)]
    json: bool,
    #[command(flatten)]
    from: HistoryOptions,
}

impl Nowcast {
    pub fn call(&self) -> Result<(), Failure> {
        let (history, on_sale) = (self.from.history()?, self.from.on_sale()?);
        let out = self.start.as_ref().map(|path| OutFile::new(path, self.force)).transpose()?;
        let mut screen = Screen::new(false);
        let mut work = Work::new().threads(threads_or_usual(self.threads)).watched_by(&mut screen);
        let told = nowcast(&history, &on_sale, &self.of_nowcast()?, &mut work)?;
        if let Some(out) = out {
            out.write(told.to_scenario())?;
        }
        let text = if self.json { format!("{:#}\n", told.to_json()) } else { self.text(&told.rolling, &told.state) };
        terminal::print(&text)
    }

    /// The options as a type of the library.
    fn of_nowcast(&self) -> Result<NowcastOptions, Failure> {
        let at = self.at.as_ref().map(|date| UnixTime::parse(date));
        let at = at.transpose().map_err(|error| Failure::Input(format!("--at: {error}")))?;
        let Self { epochs, price_usd, power_price_usd_per_kwh, members, seed, .. } = *self;
        Ok(NowcastOptions { at, epochs, price_usd, power_price_usd_per_kwh, members, seed })
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
                    "held at the mean of the last epoch, {:.0} USD",
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
                let _ = writeln!(text, "{:>8}{:>32}", step + 1, "hardly any hashrate runs: not reached");
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
