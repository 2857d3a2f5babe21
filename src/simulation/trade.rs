//! The market half of the day: machines arrive, are offered and cleared, and firms are bought.

use super::{
    record::{EventRecord, Observer},
    step::Simulation,
};
use crate::{
    miner::{
        act::{Acquisition, Machinery, Resale, WEEK},
        ledger::Standing,
    },
    units::{Hashprice, Sats, Seconds, UsdPerBtc},
};

impl Simulation<'_> {
    /// The market of machines, and what it moves.
    fn market_of_machines(&mut self, price: UsdPerBtc) -> Option<(&mut Resale, Machinery<'_>)> {
        let machinery = Machinery {
            terms: self.scenario.terms(self.replica),
            population: &mut self.population,
            fleet: &mut self.fleet,
            ledger: &mut self.ledger,
            hashprice: Hashprice::earned(self.chain.difficulty(), self.chain.reward(), price),
            now: self.now,
        };
        self.resale.as_mut().map(|resale| (resale, machinery))
    }

    /// What was bought and is due arrives at its site.
    pub(super) fn receive_machines(&mut self, observer: &mut impl Observer) {
        if self.resale.is_none() {
            return;
        }
        let price = self.quote();
        if let Some((resale, mut machinery)) = self.market_of_machines(price) {
            resale.arrive(&mut machinery);
            self.tell_deals(observer);
        }
    }

    /// A day of the market of machines; once a week it clears. Cohorts that have sold everything leave.
    pub(super) fn trade_machines(&mut self, price: UsdPerBtc, observer: &mut impl Observer) {
        let day = self.days;
        let Some((resale, mut machinery)) = self.market_of_machines(price) else { return };
        let leaving = resale.day(&mut machinery, day, price.get());
        if day.is_multiple_of(WEEK) {
            let more =
                self.resale.as_mut().map(|resale| resale.take_more(&self.distress.consignments)).unwrap_or_default();
            let settlement = self.settlement(price);
            self.over_books(observer, |books| settlement.pass_on(books, &more));
        }
        self.tell_deals(observer);
        if !leaving.is_empty() {
            let settlement = self.settlement(price);
            self.over_books(observer, |books| {
                for firm in leaving {
                    settlement.retire(books, firm, Standing::Exited);
                }
            });
        }
        if day.is_multiple_of(WEEK) {
            self.record_rigs(observer);
        }
    }

    /// Firms that settled today and are up for sale are bought, if someone has the cash.
    pub(super) fn consolidate(&mut self, price: UsdPerBtc, observer: &mut impl Observer) {
        let Some(mut consolidation) = self.consolidation.take() else { return };
        let today = self.today(self.days - 1);
        let firms = std::mem::take(&mut self.calendar[today]);
        let every_days = self.scenario.settlement.every_days;
        let settlement = ((self.days - 1) / u64::from(every_days), f64::from(every_days));
        for &firm in &firms {
            let Some((resale, mut machinery)) = self.market_of_machines(price) else { break };
            let Some(bought) = consolidation.look(&mut machinery, resale, firm as usize, price.get(), settlement)
            else {
                continue;
            };
            self.take_over(&bought, price, observer);
        }
        self.calendar[today] = firms;
        self.consolidation = Some(consolidation);
    }

    /// The firm that was bought leaves, and it is told.
    fn take_over(&mut self, bought: &Acquisition, price: UsdPerBtc, observer: &mut impl Observer) {
        let settlement = self.settlement(price);
        let mut sats = 0;
        self.over_books(observer, |books| sats = settlement.retire(books, bought.target, Standing::Acquired));
        observer.on_event(&EventRecord {
            time: Seconds::new(self.now),
            kind: "acquisition",
            firm: &self.population.firms.name[bought.target],
            hashrate: bought.hashrate,
            amount_usd: bought.usd,
            amount_btc: Sats::new(sats).btc(),
        });
    }
}
