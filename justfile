# `just` lists these.
_default:
    @just --list

# Everything that must hold before a change lands
ci:
    .ci/run

# The tests, or those with NAME in their names
test *NAME:
    cargo test {{ NAME }}

# Format and lint
lint:
    cargo fmt
    cargo clippy --all-targets -- -D warnings

# Simulate a scenario, such as `just run scenarios/halving.toml --replicas 20`
run *ARGS='scenarios/downturn.toml':
    cargo run --release -- run {{ ARGS }}

# How fast it is
bench *NAME:
    cargo bench {{ NAME }}

# The library's documentation, with the book in it
doc:
    cargo doc --no-deps --open

# The book as a site, in target/book/html; needs mdBook
book:
    .ci/book

# The program that is shipped
dist:
    cargo build --profile dist
