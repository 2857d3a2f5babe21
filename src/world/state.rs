use super::{
    Clock, Event, EventKind, Resale, Scenario, Shared, distress::Distress, fleet::Fleet, inventory::Inventory,
    ledger::Ledger, places::Places, population::Population, terms::Terms,
};
use crate::{
    chain::Chain,
    market::{Impact, PricePath},
    units::{FirmId, Hashprice, Hashrate, Sats, Seconds, Usd, UsdPerBtc},
};

/// The state of one history that more than one mechanism reads or changes.
#[derive(Clone, Debug)]
pub struct World<'a> {
    /// All parameters.
    pub scenario: &'a Scenario,
    /// Index of the replica, which addresses its random draws.
    pub replica: u64,
    /// The time.
    pub clock: Clock,
    /// The chain.
    pub chain: Chain,
    /// The price before the impact of miners' sales.
    pub base_price: PricePath,
    /// Impact of miners' sales on the price.
    pub impact: Impact,
    /// Price over base price, from the sales of previous days.
    pub impact_factor: f64,
    /// Hashprice at the start.
    pub opening_hashprice: Hashprice,
    /// The market at the most recent settlement.
    pub today: Today,
    /// Firms, sites and lots of machines.
    pub population: Shared<Population>,
    /// Which lots run.
    pub fleet: Fleet,
    /// Accounts.
    pub ledger: Ledger,
    /// Machines that stand in no lot.
    pub inventory: Inventory,
    /// Places that machines of closed sites wait for.
    pub places: Places,
    /// The market of used machines, if there is one.
    pub resale: Option<Resale>,
    /// Lenders, and firms in distress.
    pub distress: Distress,
    /// Firms by the day on which they settle.
    pub calendar: Vec<Vec<FirmId>>,
    /// Events that have not been recorded yet, in the order in which they happened.
    pub events: Vec<Event>,
}

/// The prices of a day's settlements.
#[derive(Clone, Copy, Debug, Default)]
pub struct Today {
    /// Price at which coins are sold.
    pub price: UsdPerBtc,
    /// Hashprice at that price.
    pub hashprice: Hashprice,
    /// Revenue of a PH/s per day, satoshi.
    pub sats_per_ph_day: f64,
    /// Maximum daily forced sale of one miner, satoshi.
    pub most_sats_per_day: f64,
}

impl<'a> World<'a> {
    /// Terms of operation of lots in this history.
    #[must_use]
    pub fn terms(&self) -> Terms<'a> {
        self.scenario.terms(self.replica)
    }

    /// Seconds from the start.
    #[must_use]
    pub fn now(&self) -> Seconds {
        Seconds::new(self.clock.now)
    }

    /// Running hashrate.
    #[must_use]
    pub fn running(&self) -> Hashrate {
        Hashrate::from_mh(self.fleet.running_mh)
    }

    /// The price now: the base price, moved by past sales.
    #[must_use]
    pub fn quote(&self) -> UsdPerBtc {
        self.base_price.at(self.now()) * self.impact_factor
    }

    /// Hashprice at this price of a coin.
    #[must_use]
    pub fn hashprice_at(&self, price: UsdPerBtc) -> Hashprice {
        Hashprice::earned(self.chain.difficulty(), self.chain.reward(), price)
    }

    /// Hashprice at the price at which firms settle.
    #[must_use]
    pub const fn hashprice(&self) -> Hashprice {
        self.today.hashprice
    }

    /// Sets the prices at which firms settle from now on.
    pub fn open_books(&mut self, price: UsdPerBtc) {
        let x = self.hashprice_at(price);
        let volume_btc = self.scenario.impact.volume_btc_per_day().unwrap_or(f64::INFINITY);
        self.today = Today {
            price,
            hashprice: x,
            sats_per_ph_day: x.get() / price.get() * 1e8,
            most_sats_per_day: volume_btc * 1e8 * self.scenario.settlement.participation_cap,
        };
    }

    /// Index in the calendar of the day with this number.
    #[must_use]
    #[expect(clippy::cast_possible_truncation, reason = "an index into the calendar")]
    pub fn place_in_calendar(&self, day: u64) -> usize {
        (day % self.calendar.len() as u64) as usize
    }

    /// Whether a firm mines and settles.
    #[must_use]
    pub fn lives(&self, firm: FirmId) -> bool {
        self.ledger.standing[firm].lives()
    }

    /// Value of coins.
    #[must_use]
    pub fn usd(&self, coins: Sats) -> Usd {
        coins * self.today.price
    }

    /// Coins of a value of at least `usd`.
    #[must_use]
    #[expect(clippy::cast_possible_truncation, reason = "`as` saturates, and more than is held is not taken")]
    pub fn coins(&self, usd: Usd) -> Sats {
        Sats::new(((usd.get() / self.today.price.get() * 1e8) as i64).saturating_add(1))
    }

    /// Whether lenders make new loans: not during a freeze.
    #[must_use]
    pub fn lends(&self) -> bool {
        !self.scenario.freezes.iter().any(|freeze| freeze.lasts(self.clock.now))
    }

    /// Records a loss of the lenders.
    pub fn lose(&mut self, usd: Usd) {
        self.distress.lost += usd;
    }

    /// Records an event of the whole network at an instant.
    pub fn emit_at(&mut self, time: Seconds, kind: EventKind) {
        let hashrate = self.running();
        self.events.push(Event { time, kind, firm: None, hashrate, usd: Usd::ZERO, coins: Sats::ZERO });
    }

    /// Records an event of a firm.
    pub fn emit(&mut self, kind: EventKind, firm: FirmId, hashrate: Hashrate, usd: Usd, coins: Sats) {
        self.events.push(Event { time: self.now(), kind, firm: Some(firm), hashrate, usd, coins });
    }

    /// Records an event of a firm with all its machines.
    pub fn emit_whole(&mut self, kind: EventKind, firm: FirmId, usd: Usd, coins: Sats) {
        self.emit(kind, firm, Hashrate::from_mh(self.population.firms.installed_mh[firm]), usd, coins);
    }
}
