//! A sweep as a Slurm job array: one shard a task, and a merge that depends on it.

use super::{super::StudyError, parts::parts_folder};
use crate::output::{
    disk::{At as _, DiskError, with_ending, write_whole},
    shell::{line, quoted},
};
use std::{
    num::NonZeroU32,
    path::{Path, PathBuf},
};

/// The scripts.
const ARRAY: &str = "array.sh";
const MERGE: &str = "merge.sh";
const SUBMIT: &str = "submit.sh";

/// What the job array asks of the cluster.
#[derive(Clone, Debug)]
pub struct JobArray {
    /// Tasks of the array, each one shard.
    pub shards: NonZeroU32,
    /// Time limit of a task.
    pub time: String,
    /// Partition; `None` is the cluster's.
    pub partition: Option<String>,
    /// CPUs of a task.
    pub cpus: NonZeroU32,
    /// Memory of a task.
    pub memory: String,
}

impl JobArray {
    /// Writes the scripts to `DIR.slurm` and gives the one that submits the others. `sweep` are the words of the command that runs the whole sweep,
    /// `merge` those of the command that merges it.
    ///
    /// # Errors
    /// When a word is none that Slurm takes, a script is there already and not to be replaced, or the disk refuses.
    pub fn write(&self, target: &Path, sweep: &[String], merge: &[String], force: bool) -> Result<PathBuf, StudyError> {
        for (flag, word) in [
            ("--time", &self.time),
            ("--memory", &self.memory),
            ("--partition", self.partition.as_ref().unwrap_or(&self.time)),
        ] {
            // These stand in comments that Slurm reads: a space would end the value, a line the comment.
            if word.is_empty() || !word.bytes().all(|byte| byte.is_ascii_alphanumeric() || b":-_.,".contains(&byte)) {
                return Err(StudyError::Input(format!("{flag}: `{word}` is not a word that Slurm takes")));
            }
        }
        let absolute = std::path::absolute(target).at("find", target)?;
        let folder = with_ending(&absolute, ".slurm");
        for name in [ARRAY, MERGE, SUBMIT] {
            let path = folder.join(name);
            if path.exists() && !force {
                let shown = path.display();
                let remedy = "--force replaces it, --out DIR writes elsewhere";
                return Err(StudyError::Input(format!("{shown} is there already; {remedy}")));
            }
        }
        let logs = folder.join("logs");
        std::fs::create_dir_all(&logs).at("create", &logs)?;
        let here = std::env::current_dir().at("find", Path::new("."))?;
        let scripts = Scripts { options: self, here: &here, target: &absolute, folder: &folder, logs: &logs };
        for (name, text) in [(ARRAY, scripts.array(sweep)), (MERGE, scripts.merge(merge)), (SUBMIT, scripts.submit())] {
            let path = folder.join(name);
            write_whole(&path, text.as_bytes())?;
            make_executable(&path)?;
        }
        Ok(folder.join(SUBMIT))
    }
}

struct Scripts<'a> {
    options: &'a JobArray,
    here: &'a Path,
    target: &'a Path,
    folder: &'a Path,
    logs: &'a Path,
}

impl Scripts<'_> {
    /// A task runs its shard. If its node dies, Slurm restarts the task, which then completes its unfinished shard.
    fn array(&self, sweep: &[String]) -> String {
        let shards = self.options.shards;
        let parts = quoted(&parts_folder(self.target).display().to_string());
        let lock = format!("{parts}/\"$SLURM_ARRAY_TASK_ID\"-of-{shards}.partial/lock");
        format!(
            "{}#SBATCH --array=0-{last}\n#SBATCH --cpus-per-task={cpus}\n#SBATCH --mem={memory}\n\
             #SBATCH --requeue\n#SBATCH --open-mode=append\n#SBATCH --signal=B:TERM@60\n\
             set -euo pipefail\ncd {here}\n\
             # A lock names the job that took it. If that is this job (its node died, and it was begun again elsewhere), or one\n\
             # that Slurm no longer has in its queue, nobody is writing there any more.\n\
             lock={lock}\n\
             job=\nif [ -e \"$lock\" ]; then read -r _ _ _ job < \"$lock\" || true; fi\n\
             if [ -n \"$job\" ]; then\n  \
               if [ \"$job\" = \"$SLURM_JOB_ID\" ] || {{ queue=$(squeue --noheader --format=%A) && ! grep -qx \"$job\" <<< \"$queue\"; }}; then\n    \
                 rm -f \"$lock\"\n  fi\nfi\n\
             exec {command} --shard \"$SLURM_ARRAY_TASK_ID\"/{shards} --resume --quiet\n",
            self.head("shards", "%A_%a"),
            last = shards.get() - 1,
            cpus = self.options.cpus,
            memory = self.options.memory,
            here = quoted(&self.here.display().to_string()),
            command = line(sweep),
        )
    }

    /// Runs when the array has ended, successfully or not, and names the missing shards.
    fn merge(&self, merge: &[String]) -> String {
        format!(
            "{}#SBATCH --cpus-per-task=1\n#SBATCH --mem={}\n#SBATCH --requeue\nset -euo pipefail\ncd {}\nexec {} --resume\n",
            self.head("merge", "merge_%j"),
            self.options.memory,
            quoted(&self.here.display().to_string()),
            line(merge),
        )
    }

    fn submit(&self) -> String {
        let file = |name: &str| quoted(&self.folder.join(name).display().to_string());
        format!(
            "#!/bin/bash\n# Submits all shards, or those named: submit.sh 3,7,9-12; then the merge, which names any that are missing.\n\
             set -euo pipefail\njob=$(sbatch --parsable --array=\"${{1:-0-{last}}}\" {array})\n\
             echo \"shards: job $job\"\nmerge=$(sbatch --parsable --dependency=afterany:\"$job\" {merge})\necho \"merge: job $merge\"\n",
            last = self.options.shards.get() - 1,
            array = file(ARRAY),
            merge = file(MERGE),
        )
    }

    fn head(&self, what: &str, log: &str) -> String {
        let name = self.target.file_name().unwrap_or_default().to_string_lossy();
        let name: String =
            name.chars().map(|letter| if letter.is_ascii_alphanumeric() { letter } else { '-' }).collect();
        let partition =
            self.options.partition.as_ref().map(|name| format!("#SBATCH --partition={name}\n")).unwrap_or_default();
        format!(
            "#!/bin/bash\n#SBATCH --job-name={name}-{what}\n#SBATCH --output=\"{}/{log}.log\"\n#SBATCH --time={}\n{partition}",
            self.logs.display(),
            self.options.time,
        )
    }
}

#[cfg(unix)]
fn make_executable(path: &Path) -> Result<(), DiskError> {
    use std::os::unix::fs::PermissionsExt as _;
    std::fs::set_permissions(path, std::fs::Permissions::from_mode(0o755)).at("make executable", path)
}

#[cfg(not(unix))]
fn make_executable(_: &Path) -> Result<(), DiskError> {
    Ok(())
}
