use super::failure::Failure;
use crate::output::{
    disk::{followed, write_among_others},
    folder::MANIFEST,
};
use std::{
    fs, io,
    path::{Path, PathBuf},
};

/// An output file chosen by the user, in a folder that may hold other files.
#[derive(Debug)]
pub struct OutFile(PathBuf);

impl OutFile {
    /// Checks the path before any work is done.
    ///
    /// # Errors
    /// When a file is there, unless with `force`; when it is a folder or, even with `force`, a file of a result.
    pub fn new(path: &Path, force: bool) -> Result<Self, Failure> {
        let shown = path.display();
        let place = followed(path)?;
        match fs::metadata(&place) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => {}
            Err(error) => return Err(Failure::Disk(format!("cannot write {shown}: {error}"))),
            Ok(there) if there.is_dir() => {
                return Err(Failure::Input(format!("{shown} is a folder; name a file in it with --out FILE")));
            }
            // Writing to a device or a pipe overwrites nothing.
            Ok(there) if !there.is_file() => {}
            Ok(_) if place.parent().is_some_and(|folder| folder.join(MANIFEST).is_file()) => {
                return Err(Failure::Input(format!(
                    "{shown} is a file of a result folder; write elsewhere with --out FILE"
                )));
            }
            Ok(_) if !force => {
                return Err(Failure::Input(format!(
                    "{shown} is there already; --force replaces it, --out FILE writes elsewhere"
                )));
            }
            Ok(_) => {}
        }
        Ok(Self(path.to_owned()))
    }

    /// Writes it, whole or not at all.
    ///
    /// # Errors
    /// When the disk refuses.
    pub fn write(&self, bytes: impl AsRef<[u8]>) -> Result<&Path, Failure> {
        write_among_others(&self.0, bytes.as_ref())?;
        Ok(&self.0)
    }

    /// The path as given, or `None` if it is the file of a result folder that the command writes anyway.
    pub fn unless_own(out: Option<&PathBuf>, folder: &Path, own: &str) -> Option<PathBuf> {
        let place = |path: &Path| {
            let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
            folder.canonicalize().ok().zip(path.file_name().map(ToOwned::to_owned))
        };
        out.filter(|out| place(out).is_none() || place(out) != place(&folder.join(own))).cloned()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn existing_files_are_replaced_only_by_force_and_result_files_never() {
        let home = tempfile::tempdir().expect("a folder");
        let file = |name: &str| home.path().join(name);
        fs::create_dir(file("result")).expect("made");
        for name in ["mine.html", "result/days.csv", "result/manifest.json", "result/report.html"] {
            fs::write(file(name), "x").expect("written");
        }
        for (name, plainly, by_force) in [
            ("new.html", true, true),
            ("mine.html", false, true),
            ("result/new.html", true, true),
            ("result/days.csv", false, false),
            ("result/manifest.json", false, false),
            ("result", false, false),
        ] {
            assert_eq!(OutFile::new(&file(name), false).is_ok(), plainly, "{name}");
            assert_eq!(OutFile::new(&file(name), true).is_ok(), by_force, "{name}, by force");
        }
        let own = |out: PathBuf| OutFile::unless_own(Some(&out), &file("result"), "report.html");
        assert_eq!(own(file("result/../result/report.html")), None);
        assert_eq!(own(file("mine.html")), Some(file("mine.html")));
    }

    #[test]
    #[cfg(unix)]
    fn links_are_written_through() {
        let home = tempfile::tempdir().expect("a folder");
        let file = |name: &str| home.path().join(name);
        fs::create_dir(file("elsewhere")).expect("made");
        for (link, target) in [("dangling", "elsewhere/new"), ("old", "elsewhere/old")] {
            std::os::unix::fs::symlink(target, file(link)).expect("linked");
        }
        fs::write(file("elsewhere/old"), "old").expect("written");
        OutFile::new(&file("dangling"), false).expect("nothing is there").write("new").expect("written");
        assert!(OutFile::new(&file("old"), false).is_err());
        OutFile::new(&file("old"), true).expect("forced").write("newer").expect("written");
        let read = |name: &str| fs::read_to_string(file(name)).expect("it is there");
        assert_eq!((read("elsewhere/new"), read("elsewhere/old")), ("new".to_owned(), "newer".to_owned()));
        assert_eq!(fs::read_dir(file("elsewhere")).expect("read").count(), 2, "nothing else is left");
        std::os::unix::fs::symlink("circle", file("circle")).expect("linked");
        assert!(OutFile::new(&file("circle"), true).is_err());
        OutFile::new(Path::new("/dev/null"), false).expect("a device holds nothing").write("x").expect("written");
    }
}
