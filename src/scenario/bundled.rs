use std::path::Path;

use super::{
    load::load_with,
    problem::Problems,
    resolve::Resolved,
    shipped::BUNDLED,
    source::{Disk, Files},
};

/// The shipped scenarios as files `NAME.toml` of one folder, so that a machine that has only the program can read them. Any
/// other file is read beside them.
#[derive(Clone, Copy)]
struct Bundle<'f> {
    beside: &'f dyn Files,
}

fn text(path: &Path) -> Option<&'static str> {
    let name = path.to_str()?.strip_suffix(".toml")?;
    BUNDLED.iter().find(|(bundled, _)| *bundled == name).map(|(_, text)| *text)
}

impl Files for Bundle<'_> {
    fn length(&self, path: &Path) -> std::io::Result<u64> {
        text(path).map_or_else(|| self.beside.length(path), |text| Ok(text.len() as u64))
    }

    fn read(&self, path: &Path) -> std::io::Result<Vec<u8>> {
        text(path).map_or_else(|| self.beside.read(path), |text| Ok(text.as_bytes().to_vec()))
    }
}

/// Reads a shipped scenario by its name, without files from the disk.
///
/// # Errors
/// When no scenario of this name is shipped; everything that is wrong with it as changed by `sets` and `variant`.
pub fn load_bundled(name: &str, sets: &[String], variant: Option<&str>) -> Result<Resolved, Problems> {
    load_bundled_with(&Disk::default(), name, sets, variant)
}

/// Reads a shipped scenario by its name. Files that `sets` name, such as prices, are read from `files`.
///
/// # Errors
/// When no scenario of this name is shipped; everything that is wrong with it as changed by `sets` and `variant`.
pub fn load_bundled_with(
    files: &dyn Files,
    name: &str,
    sets: &[String],
    variant: Option<&str>,
) -> Result<Resolved, Problems> {
    load_with(&Bundle { beside: files }, Path::new(&format!("{name}.toml")), sets, variant)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::scenario::REGISTERED;

    /// `init` can copy every scenario in `scenarios/` and `scenarios/registered/`.
    #[test]
    fn every_scenario_is_bundled() {
        let root = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("scenarios");
        let files = |folder: &Path| std::fs::read_dir(folder).expect("the folder is there");
        let mut there: Vec<String> = files(&root)
            .chain(files(&root.join(REGISTERED)))
            .map(|entry| entry.expect("it can be read").path())
            .filter(|path| path.extension().is_some_and(|end| end == "toml"))
            .map(|path| {
                path.strip_prefix(&root).expect("below it").with_extension("").to_string_lossy().replace('\\', "/")
            })
            .collect();
        there.sort();
        let mut bundled = BUNDLED.map(|(name, _)| name.to_owned()).to_vec();
        bundled.sort();
        assert_eq!(there, bundled);
    }

    /// `scenarios/gallery/run` makes the page. Registered episodes are in the chapter on validation.
    #[test]
    fn every_scenario_is_in_the_gallery() {
        let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("scenarios");
        let page = std::fs::read_to_string(folder.join("README.md")).expect("the page is there");
        let mut bytes = 0;
        for (name, _) in BUNDLED.into_iter().filter(|(name, _)| !name.starts_with(REGISTERED)) {
            let scenario = load_bundled(name, &[], None).expect("it can be read").scenario;
            let entry = format!("\n## {}\n\n[`{name}.toml`]({name}.toml): {}\n", scenario.title, scenario.question);
            assert!(page.contains(&entry), "the gallery does not ask {entry}");
            assert!(page.contains(&format!("](gallery/{name}.svg)")), "{name} has no figure");
            let figure = std::fs::metadata(folder.join(format!("gallery/{name}.svg"))).expect("the figure is there");
            assert!(figure.len() < 60_000, "the figure of {name} has {} bytes", figure.len());
            bytes += figure.len();
        }
        assert!(bytes < 1_500_000, "{bytes} bytes of figures");
    }

    /// No file on the disk is needed, since base scenarios are in the bundle too.
    #[test]
    fn every_bundled_scenario_can_be_read() {
        for (name, _) in BUNDLED {
            load_bundled(name, &[], None).unwrap_or_else(|problems| panic!("{name}: {}", problems.render(false, 100)));
        }
        assert!(load_bundled("no-such", &[], None).is_err());
    }
}
