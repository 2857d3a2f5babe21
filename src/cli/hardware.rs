use super::{failure::Failure, terminal};
use crate::hardware::{SHEET, catalogue, find, nearest};
use clap::Args;
use std::fmt::Write as _;

/// List the machine catalogue.
#[derive(Debug, Args)]
pub struct Hardware {
    /// Show only this model
    model: Option<String>,
    /// Print csv
    #[arg(long)]
    csv: bool,
}

impl Hardware {
    pub fn call(&self) -> Result<(), Failure> {
        let machines = match &self.model {
            None => catalogue(),
            Some(model) => vec![find(model).ok_or_else(|| {
                let near = nearest(model).join("`, `");
                Failure::Input(format!(
                    "no machine `{model}` in the catalogue; near it are `{near}`; `shakeout hardware` lists all"
                ))
            })?],
        };
        let rows = machines.iter().map(|machine| {
            let (year, month) = machine.release;
            (
                &machine.model,
                &machine.manufacturer,
                format!("{year}-{month:02}"),
                machine.hashrate.th(),
                machine.power().w(),
                machine.efficiency.get(),
                machine.cooling.name(),
                if machine.supports_eco() { "yes" } else { "no" },
            )
        });
        // Writing into a string cannot fail.
        let mut text = String::new();
        if self.csv {
            text += &(SHEET.names().collect::<Vec<_>>().join(",") + "\n");
            for (model, maker, release, th, w, j, cooling, eco) in rows {
                let _ = writeln!(text, "{model},{maker},{release},{th},{w:.0},{j:.2},{cooling},{eco}");
            }
        } else {
            let _ = writeln!(
                text,
                "{:<30} {:<12} {:<8} {:>9} {:>8} {:>8}  {:<9}  eco",
                "model", "maker", "released", "TH/s", "W", "J/TH", "cooling"
            );
            for (model, maker, release, th, w, j, cooling, eco) in rows {
                let _ = writeln!(
                    text,
                    "{model:<30} {maker:<12} {release:<8} {th:>9} {w:>8.0} {j:>8.2}  {cooling:<9}  {eco}"
                );
            }
        }
        terminal::print(&text)
    }
}
