use super::{failure::Failure, terminal};
use crate::scenario::{BUNDLED, bundled_text, nearest};
use clap::Args;
use std::{io::Write as _, path::PathBuf};

/// Copy a bundled scenario to start from, with all that it builds on in one file.
#[derive(Debug, Args)]
pub struct Init {
    /// Which; without it they are listed
    name: Option<String>,
    /// Where to [default: NAME.toml here]
    #[arg(long, value_name = "FILE")]
    out: Option<PathBuf>,
}

impl Init {
    pub fn call(&self) -> Result<(), Failure> {
        let Some(name) = &self.name else {
            let list = BUNDLED.map(|(name, text)| format!("{name:<24} {}\n", first_line(text)));
            return terminal::print(&list.concat());
        };
        let text = bundled_text(name).ok_or_else(|| Failure::Input(no_such(name)))?;
        let path = self.out.clone().unwrap_or_else(|| PathBuf::from(format!("{name}.toml")));
        let written = std::fs::File::create_new(&path).and_then(|mut file| file.write_all(text.as_bytes()));
        match written {
            Ok(()) => {
                terminal::talk(&format!("wrote {}; run it with: shakeout run {0}\n", path.display()));
                Ok(())
            }
            Err(error) if error.kind() == std::io::ErrorKind::AlreadyExists => {
                Err(Failure::Input(format!("{} is there already; choose another name with --out FILE", path.display())))
            }
            Err(error) => Err(Failure::Disk(format!("cannot write {}: {error}", path.display()))),
        }
    }
}

fn no_such(name: &str) -> String {
    let names = || BUNDLED.iter().map(|(name, _)| *name);
    let meant = nearest(name.strip_suffix(".toml").unwrap_or(name), names());
    let meant = meant.map_or_else(String::new, |meant| format!(" Did you mean `{meant}`?"));
    format!("no scenario `{name}` is shipped.{meant} There are {}", names().collect::<Vec<_>>().join(", "))
}

/// What the scenario says of itself in its first line.
fn first_line(text: &str) -> &str {
    text.lines().next().unwrap_or("").trim_start_matches('#').trim()
}
