use super::{
    failure::Failure,
    history::HistoryOptions,
    options::threads_or_usual,
    out_file::OutFile,
    terminal::{self, Screen},
};
use crate::{
    figure::{Drawing, supply::write_state},
    output::{
        bundle::NewFolder,
        shell::{flag, line},
    },
    report::plain::folded,
    study::{
        Work,
        nowcast::{BANDS_HOLD, Band, EPOCHS, MEMBERS, Nowcast as State, NowcastOptions, nowcast},
        rolling::Rolling,
    },
    units::UnixTime,
};
use clap::Args;
use std::{fmt::Write as _, num::NonZeroUsize, path::PathBuf};

/// Estimate the state of the network at a date, with bands, and forecast hashrate from there.
#[derive(Debug, Args)]
#[expect(clippy::struct_excessive_bools, reason = "each is a flag of the command line")]
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
    /// Forecast with the prices that the history and --days have after the date; the last one stays
    #[arg(long, conflicts_with = "price_usd")]
    prices_known: bool,
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
    /// Also write the state, the start of a scenario, charts and page into a new folder
    #[arg(long, value_name = "DIR")]
    out: Option<PathBuf>,
    /// Also write each chart of --out as PNG
    #[arg(long, requires = "out")]
    png: bool,
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
        let start = self.start.as_ref().map(|path| OutFile::new(path, self.force)).transpose()?;
        let folder = self.out.as_deref().map(NewFolder::at).transpose()?;
        let mut screen = Screen::new(false);
        let mut work = Work::new().threads(threads_or_usual(self.threads)).watched_by(&mut screen);
        let told = nowcast(&history, &on_sale, &self.of_nowcast()?, &mut work)?;
        if let Some(start) = start {
            let path = start.write(told.to_scenario())?;
            terminal::talk(&format!("the start of a scenario is in {}\n", path.display()));
        }
        if let Some(folder) = folder {
            let path = write_state(
                &told,
                (self.members, &self.command()),
                folder,
                &Drawing { png: self.png, ..Drawing::usual() },
            )?;
            terminal::talk(&format!("results in {}\n", path.display()));
        }
        let text = if self.json { format!("{:#}\n", told.to_json()) } else { self.text(&told.rolling, &told.state) };
        terminal::print(&text)
    }

    /// The options as a type of the library.
    fn of_nowcast(&self) -> Result<NowcastOptions, Failure> {
        let at = self.at.as_ref().map(|date| UnixTime::parse(date));
        let at = at.transpose().map_err(|error| Failure::Input(format!("--at: {error}")))?;
        let Self { epochs, price_usd, prices_known: are_prices_known, power_price_usd_per_kwh, members, seed, .. } =
            *self;
        Ok(NowcastOptions { at, epochs, price_usd, are_prices_known, power_price_usd_per_kwh, members, seed })
    }

    /// The line that makes this nowcast again.
    fn command(&self) -> String {
        let usual = NowcastOptions::default();
        let mut words = ["shakeout", "nowcast"].map(ToOwned::to_owned).to_vec();
        words.extend(self.at.iter().flat_map(|at| flag("--at", at)));
        words.extend((self.epochs != usual.epochs).then(|| flag("--epochs", self.epochs)).into_iter().flatten());
        words.extend(self.price_usd.iter().flat_map(|price| flag("--price-usd", price)));
        words.extend(self.prices_known.then(|| "--prices-known".to_owned()));
        let power = self.power_price_usd_per_kwh;
        let is_usual = power.total_cmp(&usual.power_price_usd_per_kwh).is_eq();
        words.extend((!is_usual).then(|| flag("--power-price-usd-per-kwh", power)).into_iter().flatten());
        words.extend((self.members != usual.members).then(|| flag("--members", self.members)).into_iter().flatten());
        words.extend((self.seed != usual.seed).then(|| flag("--seed", self.seed)).into_iter().flatten());
        words.extend(self.from.words());
        line(&words)
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
        let last = || rolling.history.price(f64::INFINITY, state.origin).get();
        let price = match self.price_usd {
            Some(price) => format!("held at {price} USD"),
            None if self.prices_known => "known".to_owned(),
            None => format!("held at the mean of the last epoch, {:.0} USD", last()),
        };
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
        let _ = writeln!(text, "\n{}", folded(BANDS_HOLD, 80).join("\n"));
        text
    }
}
