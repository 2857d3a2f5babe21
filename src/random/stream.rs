use rand_chacha::{ChaCha8Rng, rand_core::SeedableRng};

/// A sequence of random numbers that belongs to one address.
pub type Stream = ChaCha8Rng;

/// What a draw is for. The number is part of the address, so a variant keeps its number for ever.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u64)]
pub enum Purpose {
    /// The path of the coin's price.
    Price = 1,
    /// The instants at which blocks arrive.
    BlockArrivals = 2,
    /// The sizes of a class's firms.
    FirmSize = 3,
    /// Which machines a firm has.
    FleetMix = 4,
    /// The power price of a site.
    PowerPrice = 5,
    /// A lot's decision rule.
    Rule = 6,
    /// A lot's cost of switching off and on.
    SwitchingCost = 7,
    /// How long a lot takes to react to a crossed threshold.
    Response = 8,
    /// The day of the month on which a firm settles.
    SettlementDay = 9,
    /// The points of a sweep.
    Design = 10,
    /// Which results a bootstrap interval is made of.
    Bootstrap = 11,
    /// Which lots a curtailment takes.
    Curtailment = 12,
    /// How long an order of machines takes to come.
    DeliveryLag = 20,
    /// How many machines of a lot break.
    Failure = 21,
    /// When a lot's machines were built.
    Age = 22,
    /// Which sites are given to another use, and how long the building takes.
    Conversion = 23,
    /// How long a site takes to build.
    SiteLead = 24,
    /// Which parameters are tried in a calibration.
    Calibration = 40,
    /// Whether a failing firm's creditors agree to wait.
    Agreement = 30,
    /// The region of a firm's site.
    Region = 50,
    /// Who leaves a region that bans mining, when, and where to.
    Relocation = 51,
    /// How far the growth before the start is off the growth that goes on.
    Trend = 60,
    /// How far the level of power prices is off the one that is given.
    PriceLevel = 61,
    /// Whether a firm that burns money is up for sale.
    WeakOwner = 31,
    /// What differs between the members of an ensemble that tells the state of the network.
    Nowcast = 70,
    /// How a firm's cash, coins and debt of the start compare with its class's.
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

/// The address of the name that goes on with `more` after the one that has the address `start`.
#[must_use]
pub fn name_hash_on(start: u64, more: &str) -> u64 {
    more.bytes().fold(start, |hash, byte| (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3))
}
