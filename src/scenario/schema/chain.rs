use crate::{
    chain::{ChainParams, CompactTarget, DIFFICULTY, HASHRATE, Tip},
    declare::{Params, ReadKeys, shown},
    scenario::{other_units::meant, section::Section},
    units::Hashrate,
};

/// Reads `[chain]`, and the initial running hashrate.
pub fn chain(s: &mut Section<'_>) -> (ChainParams, Hashrate) {
    let mark = s.reading.mark();
    let tip = Tip::read(s);
    if s.reading.clean_since(mark) && s.entry("hashrate_eh_per_s").is_none() {
        implies_hashrate(s, &tip);
    }
    let chain = ChainParams::read_with(s, tip);
    if s.reading.clean_since(mark) {
        chain.check_history(s);
    }
    (chain, tip.hashrate)
}

/// The hashrate that follows from difficulty must be in the range of `hashrate_eh_per_s`.
fn implies_hashrate(s: &Section<'_>, tip: &Tip) {
    let expected = CompactTarget::new(tip.nbits).hashrate_eh();
    let Some(bound) = HASHRATE.fault(expected) else { return };
    let key = if s.is_written("nbits") { "nbits" } else { "difficulty" };
    let written = s.entry(key).and_then(|entry| entry.node.value.as_number());
    let difficulty = written.unwrap_or_else(|| CompactTarget::new(tip.nbits).difficulty());
    let message = format!(
        "`{}` means a hashrate of {} EH/s, which must be {bound}",
        s.name_of(key),
        shown(format!("{expected:.3e}").parse().unwrap_or(expected))
    );
    let meant = meant("difficulty", difficulty, "", |value| DIFFICULTY.holds(value));
    let meant = meant.map_or_else(String::new, |meant| meant + "; ");
    let help = format!(
        "{meant}blocks come every 600 s at a hashrate of difficulty · 2^32 / 600; another can be given as `chain.hashrate_eh_per_s`"
    );
    s.refuse("scenario::range", message, (key, format!("usually {DIFFICULTY}")), &help);
}
