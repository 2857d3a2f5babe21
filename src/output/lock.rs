//! One process at a time writes a result folder.

use std::{
    fs::{self, File, OpenOptions, TryLockError},
    io::{self, Read as _, Seek as _, Write as _},
    path::{Path, PathBuf},
    process,
};

use super::disk::{At as _, DiskError};

/// Held while a process writes a partial folder: a file that names it, locked where the file system can.
///
/// The system's lock vanishes with its process, but is not to be relied on over NFS; the name in the file tells on any
/// file system, but outlives a killed process. Both together: a folder is taken over when no lock is held on its file and
/// the process it names has ended on this host.
#[derive(Debug)]
pub struct Lock {
    path: PathBuf,
    /// Open for as long as the lock is held.
    _file: File,
}

/// Why a folder cannot be had.
#[derive(Debug, thiserror::Error)]
pub enum LockError {
    /// Another process has it.
    #[error(
        "{holder} is writing this folder; wait for it, or if it has ended, remove {} and go on with --resume",
        path.display()
    )]
    Held {
        /// The lock file.
        path: PathBuf,
        /// The process that holds it.
        holder: String,
    },
    /// The disk refused.
    #[error(transparent)]
    Disk(#[from] DiskError),
}

/// The holder of a lock, as its file says.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Holder {
    pid: u32,
    host: String,
    /// When the process started, in ticks since boot: tells it from a later one of the same number. Empty if unknown.
    started: String,
    /// The Slurm job it ran in; empty if in none. By it a task on another node learns from Slurm whether it has ended.
    job: String,
}

impl Holder {
    fn this_process() -> Self {
        let pid = process::id();
        let job = std::env::var("SLURM_JOB_ID").unwrap_or_default();
        let job = if job.bytes().all(|byte| byte.is_ascii_digit()) { job } else { String::new() };
        Self { pid, host: host(), started: start_of(pid).unwrap_or_default(), job }
    }

    fn parse(text: &str) -> Option<Self> {
        let mut words = text.strip_suffix('\n')?.split(' ');
        let holder = Self {
            pid: words.next()?.parse().ok()?,
            host: words.next()?.into(),
            started: words.next()?.into(),
            job: words.next().unwrap_or_default().into(),
        };
        words.next().is_none().then_some(holder)
    }

    /// Known to have ended. Of a process on another host, or on a system without `/proc`, this cannot be known.
    fn has_ended(&self) -> bool {
        self.host == host()
            && Path::new("/proc/self/stat").exists()
            && start_of(self.pid).is_none_or(|started| started != self.started)
    }
}

impl std::fmt::Display for Holder {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "process {} on {}", self.pid, self.host)
    }
}

impl Lock {
    /// Takes the lock, or says who has it.
    ///
    /// # Errors
    /// When another living process has it, or the disk refuses.
    pub fn take(path: &Path) -> Result<Self, LockError> {
        let held = |holder: String| Err(LockError::Held { path: path.to_owned(), holder });
        let (mut file, is_new) = open(path).at("create", path)?;
        match file.try_lock() {
            // A file system without locks: the name in the file has to do.
            Ok(()) | Err(TryLockError::Error(_)) => {}
            Err(TryLockError::WouldBlock) => {
                return held(read(&mut file).map_or_else(|| "another process".to_owned(), |holder| holder.to_string()));
            }
        }
        if !is_new
            && let Some(holder) = read(&mut file)
            && !holder.has_ended()
        {
            return held(holder.to_string());
        }
        // Its holder may have removed the file between our opening and locking it: then ours has no name any more.
        if !fs::exists(path).at("read", path)? {
            return held("another process, just ending,".to_owned());
        }
        let Holder { pid, host, started, job } = Holder::this_process();
        file.set_len(0).and_then(|()| file.rewind()).at("write", path)?;
        file.write_all(format!("{pid} {host} {started} {job}\n").as_bytes()).at("write", path)?;
        file.sync_all().at("write", path)?;
        Ok(Self { path: path.to_owned(), _file: file })
    }
}

impl Drop for Lock {
    fn drop(&mut self) {
        // If it cannot be removed, it names a process that has ended, and is taken over.
        let _ = fs::remove_file(&self.path);
    }
}

fn open(path: &Path) -> io::Result<(File, bool)> {
    let mut options = OpenOptions::new();
    options.read(true).write(true);
    match options.clone().create_new(true).open(path) {
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists => options.open(path).map(|file| (file, false)),
        opened => opened.map(|file| (file, true)),
    }
}

/// `None` for a file whose writer was killed before it had put its name: it holds nothing worth keeping.
fn read(file: &mut File) -> Option<Holder> {
    let mut text = String::new();
    file.read_to_string(&mut text).ok()?;
    Holder::parse(&text)
}

fn host() -> String {
    let name = fs::read_to_string("/proc/sys/kernel/hostname").unwrap_or_default();
    // One word, since the file is read by words.
    let name: String = name.split_whitespace().collect();
    if name.is_empty() { "this-host".to_owned() } else { name }
}

fn start_of(pid: u32) -> Option<String> {
    let stat = fs::read_to_string(format!("/proc/{pid}/stat")).ok()?;
    // The second field is the program's name in parentheses and may hold anything; the start is the 22nd.
    let (_, after_name) = stat.rsplit_once(')')?;
    after_name.split_whitespace().nth(19).map(ToOwned::to_owned)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn folder() -> tempfile::TempDir {
        tempfile::tempdir().expect("a temporary folder")
    }

    #[test]
    fn a_held_lock_is_refused_and_names_its_holder() {
        let folder = folder();
        let path = folder.path().join("lock");
        let lock = Lock::take(&path).expect("nobody has it");
        let error = Lock::take(&path).expect_err("we have it").to_string();
        assert!(error.starts_with(&format!("process {} on ", process::id())), "{error}");
        assert!(error.ends_with("go on with --resume"), "{error}");
        drop(lock);
        assert!(!path.exists());
        Lock::take(&path).expect("it was given back");
    }

    #[test]
    #[cfg(target_os = "linux")]
    fn a_lock_of_a_process_that_has_ended_is_taken_over() {
        let folder = folder();
        let path = folder.path().join("lock");
        let mut child = process::Command::new("true").spawn().expect("`true` is on every Linux");
        let pid = child.id();
        child.wait().expect("it ends");
        let this = Holder::this_process();
        for text in [
            // It ended.
            format!("{pid} {} 1\n", host()),
            // Its number was given to another since: ours.
            format!("{} {} 1\n", this.pid, this.host),
            // It was killed before it could write its name.
            String::new(),
            format!("{pid} hal"),
        ] {
            fs::write(&path, &text).expect("a lock is left");
            let lock = Lock::take(&path);
            assert!(lock.is_ok(), "{text}: {lock:?}");
            let now = fs::read_to_string(&path).expect("it is there");
            assert_eq!(Holder::parse(&now), Some(Holder::this_process()));
        }
    }

    #[test]
    fn a_lock_from_another_host_is_not_judged() {
        let folder = folder();
        let path = folder.path().join("lock");
        fs::write(&path, "1234567 node17.cluster 99\n").expect("a lock is left");
        let error = Lock::take(&path).expect_err("it may be alive").to_string();
        assert!(error.starts_with("process 1234567 on node17.cluster is writing this folder"), "{error}");
        assert!(path.exists(), "the lock of another is not removed");
    }
}
