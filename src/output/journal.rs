use std::{
    fmt::Write as _,
    fs::{File, OpenOptions},
    io::{Seek as _, SeekFrom, Write as _},
    path::{Path, PathBuf},
};

use super::{
    disk::{At as _, DiskError, read_if_there},
    plan::sha256,
};

/// How far the tables were known to be on the disk.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Mark {
    /// The first item not in them.
    pub next: u64,
    /// What is written of each table, in their order.
    pub tables: Vec<Written>,
}

/// What was on the disk of a table.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Written {
    /// Bytes from its beginning.
    pub length: u64,
    /// Hash of these bytes.
    pub sha256: String,
}

/// A list of [`Mark`]s, each written after the tables it speaks of.
///
/// One line each: the next item, each table's length and hash, and a check over all of it and the plan, by which a line cut
/// or spoilt by a crash is known.
#[derive(Debug)]
pub struct Journal {
    path: PathBuf,
    file: File,
    plan: String,
}

impl Journal {
    /// Opens the journal of a plan and asks of its marks in turn whether they are true of the tables, as far as all are. What
    /// comes after the last one that is true is cut off: tables only grow, so that nothing after it can be.
    ///
    /// # Errors
    /// When the disk refuses.
    pub fn open(
        path: &Path,
        plan: &str,
        mut is_true: impl FnMut(&Mark) -> Result<bool, DiskError>,
    ) -> Result<(Self, Option<Mark>), DiskError> {
        let text = read_if_there(path)?.unwrap_or_default();
        let mut good_end = 0;
        let mut last = None;
        for line in text.split_inclusive(|&byte| byte == b'\n') {
            let Some(mark) = parse(line, plan) else { break };
            if !is_true(&mark)? {
                break;
            }
            good_end += line.len() as u64;
            last = Some(mark);
        }
        let options = OpenOptions::new().create(true).truncate(false).write(true).clone();
        let mut file = options.open(path).at("open", path)?;
        file.set_len(good_end).at("write", path)?;
        file.seek(SeekFrom::End(0)).at("write", path)?;
        Ok((Self { path: path.to_owned(), file, plan: plan.to_owned() }, last))
    }

    /// Adds a mark, and puts it on the disk.
    ///
    /// # Errors
    /// When the disk refuses.
    pub fn add(&mut self, mark: &Mark) -> Result<(), DiskError> {
        let line = line_of(mark, &self.plan);
        self.file.write_all(line.as_bytes()).at("write", &self.path)?;
        self.file.sync_data().at("write", &self.path)
    }
}

fn line_of(mark: &Mark, plan: &str) -> String {
    let mut body = mark.next.to_string();
    for Written { length, sha256 } in &mark.tables {
        write!(body, " {length}:{sha256}").expect("writing to a string cannot fail");
    }
    format!("{body} {}\n", check(&body, plan))
}

fn parse(line: &[u8], plan: &str) -> Option<Mark> {
    let line = std::str::from_utf8(line).ok()?.strip_suffix('\n')?;
    let (body, written) = line.rsplit_once(' ')?;
    if written != check(body, plan) {
        return None;
    }
    let mut words = body.split(' ');
    let next = words.next()?.parse().ok()?;
    let table = |word: &str| {
        let (length, sha256) = word.split_once(':')?;
        Some(Written { length: length.parse().ok()?, sha256: sha256.to_owned() })
    };
    Some(Mark { next, tables: words.map(table).collect::<Option<_>>()? })
}

fn check(body: &str, plan: &str) -> String {
    let mut hash = sha256(format!("{plan} {body}").as_bytes());
    hash.truncate(16);
    hash
}

#[cfg(test)]
mod tests {
    use super::*;

    fn mark(next: u64) -> Mark {
        let written = |length: u64| Written { length, sha256: sha256(&length.to_le_bytes()) };
        Mark { next, tables: vec![written(next * 100), written(next * 7)] }
    }

    #[test]
    fn a_journal_cut_or_spoilt_anywhere_gives_its_last_whole_mark() {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let path = folder.path().join("journal");
        let mut ends = vec![0];
        let (mut journal, none) = Journal::open(&path, "plan", |_| Ok(true)).expect("it is made");
        assert_eq!(none, None);
        for next in 1..=4 {
            journal.add(&mark(next)).expect("it is written");
            ends.push(std::fs::read(&path).expect("it is there").len());
        }
        let whole = std::fs::read(&path).expect("it is there");
        for cut in 0..=whole.len() {
            for garbage in ["", "x", "5 500 35 0123456789abcdef\n", "\n\n", "\0\0\0\0"] {
                std::fs::write(&path, [&whole[..cut], garbage.as_bytes()].concat()).expect("it is written");
                let (_, last) = Journal::open(&path, "plan", |_| Ok(true)).expect("it is read");
                // A garbage line end may complete the last line: that is no harm, for its check holds.
                let completed = garbage.starts_with('\n') && ends.contains(&(cut + 1));
                let n = ends.iter().filter(|&&end| end <= cut + usize::from(completed)).count() as u64 - 1;
                assert_eq!(last, (n > 0).then(|| mark(n)), "cut at {cut}, then {garbage:?}");
                assert_eq!(std::fs::read(&path).expect("it is there").len(), ends[usize::try_from(n).expect("small")]);
            }
        }
    }

    #[test]
    fn what_comes_after_a_mark_that_is_not_true_is_cut_off() {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let path = folder.path().join("journal");
        let (mut journal, _) = Journal::open(&path, "plan", |_| Ok(true)).expect("it is made");
        for next in 1..=4 {
            journal.add(&mark(next)).expect("it is written");
        }
        let (_, last) = Journal::open(&path, "plan", |mark| Ok(mark.tables[0].length != 300)).expect("it is read");
        assert_eq!(last, Some(mark(2)));
        let (_, last) = Journal::open(&path, "plan", |_| Ok(true)).expect("it is read");
        assert_eq!(last, Some(mark(2)), "the rest is gone");
    }

    #[test]
    fn the_journal_of_another_plan_says_nothing() {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let path = folder.path().join("journal");
        Journal::open(&path, "plan", |_| Ok(true)).expect("it is made").0.add(&mark(1)).expect("it is written");
        let (_, last) = Journal::open(&path, "another", |_| Ok(true)).expect("it is read");
        assert_eq!(last, None);
    }
}
