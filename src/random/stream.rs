use rand_chacha::{ChaCha8Rng, rand_core::SeedableRng};

/// The sequence of random numbers of one address.
pub type Stream = ChaCha8Rng;

/// Purpose of a draw. The number is part of the address, so a variant never changes its number.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u64)]
pub enum Purpose {
    /// The path of the coin's price.
    Price = 1,
    /// The instants at which blocks arrive.
    BlockArrivals = 2,
    /// The sizes of a class's firms.
    FirmSize = 3,
    /// The machine mix of a firm.
    FleetMix = 4,
    /// The power price of a site.
    PowerPrice = 5,
    /// A lot's decision rule.
    Rule = 6,
    /// A lot's cost of switching off and on.
    SwitchingCost = 7,
    /// The delay with which a lot reacts to a crossed threshold.
    Response = 8,
    /// The settlement day of a firm.
    SettlementDay = 9,
    /// The points of a sweep.
    Design = 10,
    /// The resampling of a bootstrap interval.
    Bootstrap = 11,
    /// The lots that a curtailment takes.
    Curtailment = 12,
    /// The delivery time of an order of machines.
    DeliveryLag = 20,
    /// The number of machines of a lot that break.
    Failure = 21,
    /// The initial age of a lot's machines.
    Age = 22,
    /// The sites that go to another use, and the building time there.
    Conversion = 23,
    /// The building time of a site.
    SiteLead = 24,
    /// The parameters tried in a calibration.
    Calibration = 40,
    /// The region of a firm's site.
    Region = 50,
    /// The sites that leave a region with a ban, when, and where they go.
    Relocation = 51,
    /// The error of the growth before the start.
    Trend = 60,
    /// The error of the level of power prices.
    PriceLevel = 61,
    /// The hourly spot price of power in a region.
    SpotPrice = 80,
    /// The day of a month on which the grid's load is highest.
    PeakDay = 81,
    /// Whether a firm that loses cash is up for sale.
    WeakOwner = 31,
    /// The differences between members of a nowcast ensemble.
    Nowcast = 70,
    /// The assumptions that a run with `[uncertainty]` draws.
    Assumption = 71,
    /// A firm's initial cash, coins and debt relative to its class.
    Finance = 32,
}

/// The stream of (seed, replica, purpose, agent). The four words are the cipher's key, so no two addresses share a stream.
#[must_use]
pub fn stream(seed: u64, replica: u64, purpose: Purpose, agent: u64) -> Stream {
    let mut key = [0u8; 32];
    for (bytes, word) in key.chunks_exact_mut(8).zip([seed, replica, purpose as u64, agent]) {
        bytes.copy_from_slice(&word.to_le_bytes());
    }
    ChaCha8Rng::from_seed(key)
}

/// The address of an agent: a 64-bit FNV-1a hash of its stable name, so that its draws do not depend on its position.
#[must_use]
pub fn name_hash(name: &str) -> u64 {
    name_hash_on(0xcbf2_9ce4_8422_2325, name)
}

/// The address of a name continued by `more`, given the address `start` of its beginning.
#[must_use]
pub fn name_hash_on(start: u64, more: &str) -> u64 {
    more.bytes().fold(start, |hash, byte| (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3))
}
