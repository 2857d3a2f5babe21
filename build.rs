//! Names the commit of an optimised build, so that a result can be traced to the code that made it.
//!
//! A build for development is called `debug`: it is made anew at every change, and no commit describes it.

use std::{env, path::Path, process::Command};

fn main() {
    println!("cargo:rerun-if-changed=build.rs");
    let build = if env::var("PROFILE").as_deref() == Ok("release") { commit() } else { "debug".to_owned() };
    println!("cargo:rustc-env=SHAKEOUT_BUILD={build}");
}

/// The commit of the working tree, with `-modified` if files differ from it; that of a packed crate; or `unknown commit`.
fn commit() -> String {
    for state in ["HEAD", "index", "logs/HEAD"] {
        if let Some(path) = git(&["rev-parse", "--git-path", state]).filter(|path| Path::new(path).exists()) {
            println!("cargo:rerun-if-changed={path}");
        }
    }
    println!("cargo:rerun-if-changed=src");
    let head = git(&["rev-parse", "--short=12", "HEAD"]).or_else(packed);
    let modified = git(&["status", "--porcelain", "--untracked-files=no"]).is_some_and(|files| !files.is_empty());
    let commit = head.unwrap_or_else(|| "unknown commit".to_owned());
    if modified { commit + "-modified" } else { commit }
}

fn git(words: &[&str]) -> Option<String> {
    // A crate below somebody else's repository is not of that repository.
    let own = Path::new(&env::var_os("CARGO_MANIFEST_DIR")?).join(".git").exists();
    let said = own.then(|| Command::new("git").args(words).output().ok()).flatten()?;
    said.status.success().then(|| String::from_utf8_lossy(&said.stdout).trim().to_owned())
}

/// The commit that `cargo package` wrote down.
fn packed() -> Option<String> {
    let text = std::fs::read_to_string(".cargo_vcs_info.json").ok()?;
    let hash = text.split("\"sha1\": \"").nth(1)?.split('"').next()?;
    Some(hash.chars().take(12).collect())
}
