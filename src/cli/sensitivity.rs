use super::{failure::Failure, out_file::OutFile, terminal};
use crate::study::sensitivity::{RANKING, sensitivity};
use clap::Args;
use std::path::PathBuf;

const CONVENTIONS: &str = "\
A morris design gives mean elementary effects per whole range of a factor (mu, mu_star, sigma), a sobol design shares of \
variance (S1, ST; with sobol-second-order also S2 of each pair of factors), a grid the range of the mean and its elasticity; each is of the mean over replicas. The row `seed` is \
of single runs: the share of their variance that the seed explains by itself (S1) and with its interactions (ST). Columns \
that end in _conf are half the width of a 95 % bootstrap interval. Where a metric is missing in some runs, \
whether it is missing is analysed in its place.";

/// Rank the factors of a finished sweep.
#[derive(Debug, Args)]
#[command(after_help = CONVENTIONS)]
pub struct Sensitivity {
    /// The folder of a finished sweep
    folder: PathBuf,
    /// A metric to analyse, repeatable; all by default
    #[arg(long = "metric", value_name = "NAME")]
    metrics: Vec<String>,
    /// Output file of the table; by default sensitivity.csv in the folder
    #[arg(long, value_name = "FILE")]
    out: Option<PathBuf>,
    /// Overwrite an existing file
    #[arg(long)]
    force: bool,
}

impl Sensitivity {
    pub fn call(&self) -> Result<(), Failure> {
        let out = OutFile::unless_own(self.out.as_ref(), &self.folder, RANKING);
        let out = out.map(|path| OutFile::new(&path, self.force)).transpose()?;
        let ranking = sensitivity(&self.folder, &self.metrics)?;
        for note in &ranking.notes {
            terminal::talk(&format!("note: {note}\n"));
        }
        for analysis in &ranking.analyses {
            for note in &analysis.notes {
                terminal::talk(&format!("note: {}: {note}\n", analysis.name));
            }
        }
        let path = match &out {
            Some(out) => out.write(ranking.to_csv()?)?.to_owned(),
            None => ranking.put_into(&self.folder)?,
        };
        terminal::print(&ranking.to_text())?;
        terminal::talk(&format!("wrote {}\n", path.display()));
        Ok(())
    }
}
