use crate::{
    output::shell::{flag, line},
    scenario::{
        Disk, Problems, REGISTERED, Remembered, Resolved, is_bundled, load_bundled_with, load_str_with, load_with,
    },
    study::{Loader, Questions},
};
use std::{
    collections::BTreeMap,
    path::{Path, PathBuf},
    sync::Arc,
};

/// A scenario with changes to its values: the input of every study.
///
/// Files are read only when a study or [`Input::load`] needs them.
///
/// ```
/// use shakeout::study::Input;
///
/// let resolved = Input::shipped("downturn").set("run.days=10").replicas(3).load()?;
/// assert_eq!(resolved.scenario.run.replicas, 3);
/// # Ok::<(), shakeout::scenario::Problems>(())
/// ```
#[derive(Clone, Debug)]
pub struct Input {
    origin: Origin,
    sets: Vec<String>,
    variant: Option<String>,
    seed: Option<u64>,
    replicas: Option<u64>,
    allowed: Vec<PathBuf>,
    held: BTreeMap<PathBuf, Arc<[u8]>>,
}

#[derive(Clone, Debug)]
enum Origin {
    File(PathBuf),
    Text { name: String, text: String, folder: PathBuf },
    Shipped(String),
}

/// The name of a scenario file: the last part of the path without the extension. A registered episode keeps the folder `registered`
/// in its name, because a scenario of the same name without it is another one.
#[must_use]
pub fn name_of(path: &Path) -> String {
    let stem = path.file_stem().unwrap_or(path.as_os_str()).to_string_lossy();
    let folder = path.parent().and_then(Path::file_name);
    if folder.is_some_and(|folder| folder == REGISTERED) { format!("{REGISTERED}/{stem}") } else { stem.into_owned() }
}

impl Input {
    /// A scenario in a file.
    #[must_use]
    pub fn file(path: impl Into<PathBuf>) -> Self {
        Self::of(Origin::File(path.into()))
    }

    /// A scenario named by a user: a file or, if there is no such file, the shipped scenario of this name, such as `downturn`.
    #[must_use]
    pub fn named(path: &Path) -> Self {
        match path.to_str() {
            Some(name) if is_bundled(name) && !path.exists() => Self::shipped(name),
            _ => Self::file(path),
        }
    }

    /// A scenario given as text; messages refer to it as `name`. Files that it names are searched in `folder`.
    #[must_use]
    pub fn text(name: impl Into<String>, text: impl Into<String>, folder: impl Into<PathBuf>) -> Self {
        Self::of(Origin::Text { name: name.into(), text: text.into(), folder: folder.into() })
    }

    /// A shipped scenario, such as `downturn`.
    #[must_use]
    pub fn shipped(name: impl Into<String>) -> Self {
        Self::of(Origin::Shipped(name.into()))
    }

    const fn of(origin: Origin) -> Self {
        Self {
            origin,
            sets: Vec::new(),
            variant: None,
            seed: None,
            replicas: None,
            allowed: Vec::new(),
            held: BTreeMap::new(),
        }
    }

    /// Changes a value, given as a dotted key and a TOML value, such as `class.public.cash_months=3`.
    #[must_use]
    pub fn set(mut self, key_and_value: impl Into<String>) -> Self {
        self.sets.push(key_and_value.into());
        self
    }

    /// Changes several values.
    #[must_use]
    pub fn sets(mut self, all: impl IntoIterator<Item = String>) -> Self {
        self.sets.extend(all);
        self
    }

    /// Applies the patch `[variant.NAME]` of the scenario; the default is no patch.
    #[must_use]
    pub fn variant(mut self, name: impl Into<Option<String>>) -> Self {
        self.variant = name.into();
        self
    }

    /// Sets the seed of all random numbers.
    #[must_use]
    pub fn seed(mut self, seed: impl Into<Option<u64>>) -> Self {
        self.seed = seed.into();
        self
    }

    /// Sets the number of replicas.
    #[must_use]
    pub fn replicas(mut self, replicas: impl Into<Option<u64>>) -> Self {
        self.replicas = replicas.into();
        self
    }

    /// Allows the scenario to read files below this folder, in addition to its own folder and the current one.
    #[must_use]
    pub fn allow(mut self, folder: impl Into<PathBuf>) -> Self {
        self.allowed.push(folder.into());
        self
    }

    /// Provides a file from memory under the path that the scenario uses for it; it replaces a file on the disk.
    #[must_use]
    pub fn hold(mut self, path: impl Into<PathBuf>, bytes: impl Into<Arc<[u8]>>) -> Self {
        self.held.insert(path.into(), bytes.into());
        self
    }

    /// Reads the scenario.
    ///
    /// # Errors
    /// Returns all problems of the scenario.
    pub fn load(&self) -> Result<Resolved, Problems> {
        self.loader()(&[], None)
    }

    /// Returns a function that reads the scenario repeatedly, each time with more changed values or with another variant. Each
    /// file is read from the disk only once, so that edits made in the meantime have no effect.
    #[must_use]
    pub fn loader(&self) -> Box<Loader<'static>> {
        let (own, origin, sets) = (self.variant.clone(), self.origin.clone(), self.all_sets());
        let folder = self.folder();
        let held = self.held.iter().map(|(path, bytes)| (folder.join(path), Arc::clone(bytes))).collect();
        let files = Remembered::with(self.disk(), held);
        Box::new(move |more: &[String], variant: Option<&str>| {
            let sets = [sets.as_slice(), more].concat();
            let variant = variant.or(own.as_deref());
            match &origin {
                Origin::File(path) => load_with(&files, path, &sets, variant),
                Origin::Text { name, text, folder } => load_str_with(&files, name, text, folder, &sets, variant),
                Origin::Shipped(name) => load_bundled_with(&files, name, &sets, variant),
            }
        })
    }

    /// The folder of the scenario, to which the paths in it are relative.
    fn folder(&self) -> &Path {
        match &self.origin {
            Origin::File(path) => path.parent().unwrap_or(Path::new("")),
            Origin::Text { folder, .. } => folder,
            Origin::Shipped(_) => Path::new(""),
        }
    }

    fn disk(&self) -> Disk {
        let own = match &self.origin {
            Origin::File(path) => Disk::beside(path),
            Origin::Text { folder, .. } => Disk::below(folder),
            Origin::Shipped(_) => Disk::below(Path::new("")),
        };
        self.allowed.iter().fold(own, |disk, folder| disk.allowing(folder))
    }

    /// The warnings and notes on the loaded scenario. For a variant, only those that the scenario without the variant does not
    /// have.
    pub(super) fn questions(&self, resolved: &Resolved) -> Questions {
        let without = || Self { variant: None, ..self.clone() }.load().ok();
        match self.variant.as_ref().and_then(|_| without()) {
            Some(base) => {
                let mut questions = Questions::default();
                questions.add_form(&base, resolved);
                questions
            }
            None => Questions::of(resolved),
        }
    }

    /// The name of the scenario: see [`name_of`] for a file.
    #[must_use]
    pub fn name(&self) -> String {
        match &self.origin {
            Origin::File(path) => name_of(path),
            Origin::Text { name, .. } => name_of(Path::new(name)),
            Origin::Shipped(name) => name.clone(),
        }
    }

    /// The name of the scenario in messages.
    #[must_use]
    pub fn shown(&self) -> String {
        match &self.origin {
            Origin::File(path) => path.display().to_string(),
            Origin::Text { name, .. } | Origin::Shipped(name) => name.clone(),
        }
    }

    /// Every change as `KEY=VALUE`, including those of the seed and of the number of replicas.
    #[must_use]
    pub fn all_sets(&self) -> Vec<String> {
        let mut sets = self.sets.clone();
        sets.extend(self.seed.map(|seed| format!("run.seed={seed}")));
        sets.extend(self.replicas.map(|replicas| format!("run.replicas={replicas}")));
        sets
    }

    /// This input with the variant that a point chooses, if it chooses one.
    pub(super) fn or_variant(&self, chosen: Option<String>) -> Self {
        Self { variant: chosen.or_else(|| self.variant.clone()), ..self.clone() }
    }

    /// The name that a command line in the scenario's folder uses for the file.
    pub(super) fn file_name(&self) -> String {
        match &self.origin {
            Origin::File(path) => path.file_name().unwrap_or(path.as_os_str()).to_string_lossy().into_owned(),
            Origin::Text { name, .. } | Origin::Shipped(name) => name.clone(),
        }
    }

    /// The command-line flags that make these changes.
    #[must_use]
    pub fn change_words(&self) -> Vec<String> {
        let mut words: Vec<String> = self.sets.iter().flat_map(|set| flag("--set", set)).collect();
        words.extend(self.variant.iter().flat_map(|name| flag("--variant", name)));
        words.extend(self.seed.iter().flat_map(|seed| flag("--seed", seed)));
        words.extend(self.replicas.iter().flat_map(|replicas| flag("--replicas", replicas)));
        words
    }

    /// The command-line words that name the scenario, from within its own folder, with its changes.
    pub(super) fn words(&self) -> Vec<String> {
        let folder = self.folder();
        let from = if folder.as_os_str().is_empty() { Path::new(".") } else { folder };
        let allowed = self.allowed.iter().flat_map(|folder| flag("--allow", way(from, folder).display()));
        [vec![self.file_name()], self.change_words(), allowed.collect()].concat()
    }

    /// The flags of `shakeout run` that make these changes and the changes in `more`, and run this replica alone.
    pub(super) fn flags_of(&self, more: &[String], seed: u64, replica: u64) -> String {
        let mut words = Vec::new();
        words.extend(self.variant.iter().flat_map(|variant| flag("--variant", variant)));
        words.extend(self.sets.iter().chain(more).flat_map(|set| flag("--set", set)));
        words.extend(flag("--seed", seed));
        words.extend(flag("--replica", replica));
        line(&words)
    }
}

/// The relative path from one folder to another.
fn way(from: &Path, to: &Path) -> PathBuf {
    let (Ok(from), Ok(to)) = (from.canonicalize(), to.canonicalize()) else { return to.to_owned() };
    let shared = from.components().zip(to.components()).take_while(|(from, to)| from == to).count();
    let up = from.components().skip(shared).map(|_| Path::new(".."));
    let way: PathBuf = up.chain(to.components().skip(shared).map(|part| Path::new(part.as_os_str()))).collect();
    if way.as_os_str().is_empty() { PathBuf::from(".") } else { way }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::scenario::bundled_text;

    /// A price file in memory takes precedence over the disk, under the path that the scenario uses for it.
    #[test]
    fn files_can_be_held_in_memory() {
        let price: &[u8] = b"date,price_usd\n2024-01-01,50000\n2026-01-01,50000\n";
        let input = Input::shipped("halving").set("price.csv.file=data/price.csv").hold("data/price.csv", price);
        assert!(input.load().is_ok());
        let text = bundled_text("halving").expect("it is shipped");
        let below = Input::text("mine", text, "./no-such-folder/../elsewhere").set("price.csv.file=price.csv");
        assert!(below.hold("price.csv", price).load().is_ok(), "the folder is spelt in another way");
        let mut packer = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
        std::io::Write::write_all(&mut packer, price).expect("memory takes it");
        let zipped = packer.finish().expect("memory takes it");
        let input = Input::shipped("halving").set("price.csv.file=price.csv.gz").hold("price.csv.gz", zipped.clone());
        assert!(input.load().is_ok(), "gzip is unpacked");
        let cut = input.hold("price.csv.gz", &zipped[..zipped.len() / 2]).load().expect_err("half of it is missing");
        assert!(cut.to_string().contains("cannot be unpacked"), "{cut}");
        let elsewhere = Input::shipped("halving").set("price.csv.file=price.csv").hold("data/price.csv", price);
        assert!(elsewhere.load().is_err(), "there is no such file");
    }
}
