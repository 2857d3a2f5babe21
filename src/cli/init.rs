use super::{failure::Failure, out_file::OutFile, terminal};
use crate::scenario::{BUNDLED, bundled_text, nearest};
use clap::Args;
use std::path::PathBuf;

/// Copy a bundled scenario to start from, merged with the scenarios that it extends.
#[derive(Debug, Args)]
pub struct Init {
    /// Name of the scenario; without it, all are listed
    name: Option<String>,
    /// Output file [default: NAME.toml in the current folder]
    #[arg(long, value_name = "FILE")]
    out: Option<PathBuf>,
    /// Overwrite an existing file
    #[arg(long)]
    force: bool,
}

impl Init {
    pub fn call(&self) -> Result<(), Failure> {
        let Some(name) = &self.name else {
            let list = BUNDLED.map(|(name, text)| format!("{name:<24} {}\n", first_line(text)));
            return terminal::print(&list.concat());
        };
        let text = bundled_text(name).ok_or_else(|| Failure::Input(no_such(name)))?;
        let path = self.out.clone().unwrap_or_else(|| PathBuf::from(format!("{name}.toml")));
        let file = OutFile::new(&path, self.force)?;
        // The name of a registered episode has a folder, in which it is written.
        if let Some(folder) = path.parent().filter(|_| self.out.is_none()) {
            std::fs::create_dir_all(folder)
                .map_err(|error| Failure::Disk(format!("cannot create {}: {error}", folder.display())))?;
        }
        file.write(text)?;
        terminal::talk(&format!("wrote {}; run it with: shakeout run {0}\n", path.display()));
        Ok(())
    }
}

fn no_such(name: &str) -> String {
    let names = || BUNDLED.iter().map(|(name, _)| *name);
    let meant = nearest(name.strip_suffix(".toml").unwrap_or(name), names());
    let meant = meant.map_or_else(String::new, |meant| format!(" Did you mean `{meant}`?"));
    format!("no scenario `{name}` is shipped.{meant} There are {}", names().collect::<Vec<_>>().join(", "))
}

/// The first line of the scenario, which describes it.
fn first_line(text: &str) -> &str {
    text.lines().next().unwrap_or("").trim_start_matches('#').trim()
}
