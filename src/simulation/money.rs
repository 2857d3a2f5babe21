//! The money half of the day: who settles when, debts of the start, margin calls and estates, and what is told of them.

use super::{
    record::{ClassRecord, EventRecord, LedgerRecord, Observer},
    step::Simulation,
};
use crate::{
    market::ImpactLaw,
    miner::{
        PopulationParams,
        act::{Books, Settlement},
        decide::sell_coins::usual_share,
        ledger::{Ledger, Sold, Standing},
        loan::LoanTerms,
        population::{Population, ph},
        runway,
    },
    random::{Draw, Purpose, name_hash},
    scenario::Scenario,
    units::{Hashprice, Hashrate, NanoUsd, Sats, Seconds, Usd, UsdPerBtc},
};

impl<'a> Simulation<'a> {
    /// The terms of the day.
    pub(super) fn settlement(&self, price: UsdPerBtc) -> Settlement<'a> {
        let scenario = self.scenario;
        let x = Hashprice::earned(self.chain.difficulty(), self.chain.reward(), price);
        let volume_btc = match scenario.impact.law {
            ImpactLaw::SquareRoot { volume_btc_per_day, .. } => volume_btc_per_day,
            _ => f64::INFINITY,
        };
        Settlement {
            params: &scenario.settlement,
            workout: scenario.distress.as_ref(),
            lenders: &scenario.lenders,
            terms: self.terms(),
            agreement: Draw::new(scenario.run.seed, self.replica, Purpose::Agreement),
            price_usd: price.get(),
            sats_per_ph_day: x.get() / price.get() * 1e8,
            most_sats_per_day: volume_btc * 1e8 * scenario.settlement.participation_cap,
            now: self.now,
        }
    }

    /// Runs over the books, and tells what happened.
    pub(super) fn over_books(&mut self, observer: &mut impl Observer, run: impl FnOnce(&mut Books<'_>)) {
        let mut books = Books {
            population: &mut self.population,
            fleet: &mut self.fleet,
            ledger: &mut self.ledger,
            distress: &mut self.distress,
            inventory: &mut self.growth.inventory,
            resale: self.resale.as_mut(),
        };
        run(&mut books);
        self.tell_distress(observer);
    }

    /// The debts of the start.
    pub(super) fn lend(&mut self, price: UsdPerBtc) {
        let settlement = self.settlement(price);
        let usual = [self.scenario.settlement.loan()];
        let classes = match &self.scenario.population {
            PopulationParams::Drawn { classes, .. } => classes.as_slice(),
            PopulationParams::Listed(_) => &[],
        };
        let mut books = Books {
            population: &mut self.population,
            fleet: &mut self.fleet,
            ledger: &mut self.ledger,
            distress: &mut self.distress,
            inventory: &mut self.growth.inventory,
            resale: self.resale.as_mut(),
        };
        for firm in 0..books.population.firms.len() {
            let firms = &books.population.firms;
            let written = classes.get(firms.class[firm] as usize).map_or(&[][..], |class| &class.loans);
            let loans: &[LoanTerms] = if written.is_empty() { &usual } else { written };
            let (debt, installed_th) = (firms.debt[firm], ph(firms.installed_mh[firm]) * 1e3);
            settlement.lend(&mut books, firm, debt, installed_th, loans);
        }
    }

    /// The firms whose day it is settle. Where it is every day, those whose days are alike leave the calendar until they wake.
    pub(super) fn settle(&mut self, price: UsdPerBtc, observer: &mut impl Observer) {
        self.pay_for_response();
        let settlement = self.settlement(price);
        let today = self.today(self.days - 1);
        let mut firms = std::mem::take(&mut self.calendar[today]);
        self.ledger.rest_through(self.now, price.get());
        firms.append(&mut self.ledger.rests.woken);
        self.over_books(observer, |books| {
            for &firm in &firms {
                let firm = firm as usize;
                if books.ledger.standing[firm].lives() {
                    settlement.settle(books, firm);
                }
            }
            if books.ledger.rests.are_taken() {
                firms.retain(|&firm| !settlement.rest(books, firm as usize));
            }
        });
        self.calendar[today] = firms;
    }

    /// Lenders call, and estates sell.
    pub(super) fn call_in(&mut self, price: UsdPerBtc, observer: &mut impl Observer) {
        if self.ledger.loans.secured.is_empty() && self.distress.estates.is_empty() {
            return;
        }
        let settlement = self.settlement(price);
        self.over_books(observer, |books| {
            settlement.call_margins(books);
            settlement.wind_estates(books);
        });
    }

    /// Days of runway of each owner, with its weight.
    #[expect(clippy::cast_precision_loss, reason = "nano-dollars are known to 53 bits")]
    fn runways(&self, now: f64) -> impl Iterator<Item = (Option<f64>, f64)> {
        let (ledger, price) = (&self.ledger, self.quote());
        let x = Hashprice::earned(self.chain.difficulty(), self.chain.reward(), price).get();
        let period = ledger.loans.period_days;
        let of = move |firm: usize| {
            let service = |loan: usize| {
                let (interest, principal) = ledger.loans.rows[loan].falls_due(now, period);
                (interest + principal).usd() / period
            };
            let serves = ledger.standing[firm] != Standing::Chapter11;
            let service: f64 = if serves { ledger.loans.of(firm).map(service).sum() } else { 0.0 };
            let burn = ledger.cost_nusd[firm] as f64 * 1e-9 + service - x * ph(ledger.running_mh[firm]);
            let balance = ledger.balance(firm);
            let free = balance.coins - ledger.pledged[firm];
            let liquid = balance.cash + Sats::new(free).btc() * price.get();
            (runway::days(liquid, burn), self.population.firms.weight[firm])
        };
        (0..self.population.firms.len()).filter(|&firm| self.is_owner(firm)).map(of)
    }

    /// Days of runway that 10, 50 and 90 % of miners do not exceed.
    pub(super) fn runway(&self, now: f64) -> [Option<f64>; 3] {
        runway::quantiles(self.runways(now), [0.1, 0.5, 0.9])
    }

    /// Whether the median runway may be shorter than at the end of every epoch before.
    pub(super) fn runway_may_be_shortest(&self, now: f64) -> bool {
        self.measure.shortest_runway().is_none_or(|days| runway::median_may_be_below(self.runways(now), days))
    }

    /// The money of each class's firms.
    pub(super) fn record_classes(&self, epoch: u64, now: f64, observer: &mut impl Observer) {
        let (firms, ledger) = (&self.population.firms, &self.ledger);
        for (index, class) in firms.classes.iter().enumerate() {
            let (mut running_mh, mut mined, mut coins, mut sold) = (0, 0, 0, Sold::default());
            let (mut cash, mut debt) = (0.0, NanoUsd::ZERO);
            for firm in (0..firms.len()).filter(|&firm| firms.class[firm] as usize == index) {
                running_mh += ledger.running_mh[firm];
                let balance = ledger.balance(firm);
                mined += balance.mined;
                sold = sold.plus(balance.sold);
                coins += balance.coins;
                cash += balance.cash;
                debt += ledger.debt[firm];
            }
            observer.on_class(&ClassRecord {
                epoch,
                time: Seconds::new(now),
                class,
                running: Hashrate::from_mh(running_mh),
                mined: Sats::new(mined),
                sold_voluntary: Sats::new(sold.voluntary),
                sold_forced: Sats::new(sold.forced),
                sold_liquidation: Sats::new(sold.liquidation),
                coins: Sats::new(coins),
                cash: Usd::new(cash),
                debt: Usd::new(debt.usd()),
            });
        }
    }

    /// What happened to firms is told, and what moved at the one that is followed.
    fn tell_distress(&mut self, observer: &mut impl Observer) {
        for happening in self.distress.told.drain(..) {
            observer.on_event(&EventRecord {
                time: Seconds::new(self.now),
                kind: happening.kind,
                firm: &self.population.firms.name[happening.firm],
                hashrate: Hashrate::from_mh(happening.hash_mh),
                amount_usd: happening.usd,
                amount_btc: Sats::new(happening.sats).btc(),
            });
        }
    }

    /// Every coin and dollar of a firm is told from now on.
    pub fn follow(&mut self, firm: usize) {
        self.ledger.follow(firm);
    }

    /// What moved at the firm that is followed since the last day is told.
    pub(super) fn tell_followed(&mut self, observer: &mut impl Observer) {
        let Some((_, entries)) = &mut self.ledger.followed else { return };
        for entry in entries.drain(..) {
            #[expect(clippy::cast_precision_loss, reason = "all coins are below 2^53 satoshi")]
            let [amount_sat, coins_sat, pledged_sat] = [entry.sats, entry.coins, entry.pledged].map(|sats| sats as f64);
            observer.on_ledger(&LedgerRecord {
                time: Seconds::new(self.now),
                cause: entry.cause,
                amount_usd: entry.usd,
                amount_sat,
                cash_usd: entry.cash,
                coins_sat,
                pledged_sat,
                charged_share: entry.charged_share,
                debt: Usd::new(entry.debt.usd()),
                row: 0,
            });
        }
    }
}

/// Coins a market is used to seeing sold, BTC/day: what policy sells of production at the start, or what must be sold to pay.
#[expect(clippy::cast_precision_loss, reason = "MH/s and nano-dollars are known to 53 bits")]
pub(super) fn expected_sales(population: &Population, ledger: &Ledger, sats_per_ph_day: f64, price: UsdPerBtc) -> f64 {
    let firms = &population.firms;
    let firm = |firm: usize| {
        let mined = ledger.running_mh[firm] as f64 / 1e9 * sats_per_ph_day / 1e8;
        let needed = ledger.cost_nusd[firm] as f64 * 1e-9 / price.get();
        let earns = ph(firms.installed_mh[firm]) * sats_per_ph_day / 1e8 * price.get();
        let share = usual_share(firms.treasury[firm], earns / (firms.full_cost_nusd[firm] as f64 * 1e-9));
        (share * mined).max(needed.min(mined))
    };
    (0..firms.len()).map(firm).sum()
}

/// Each firm's own day among those between its settlements, drawn by its name; what it is owed and owes since the last.
pub(super) fn calendar(
    population: &Population,
    scenario: &Scenario,
    ledger: &mut Ledger,
    sats_per_ph_day: f64,
) -> Vec<Vec<u32>> {
    let days = u64::from(scenario.settlement.every_days);
    let mut calendar = vec![Vec::new(); usize::try_from(days).expect("the scenario layer bounds it")];
    let draw = Draw::new(scenario.run.seed, 0, Purpose::SettlementDay);
    for (firm, name) in population.firms.name.iter().enumerate() {
        let uniform = draw.uniform(name_hash(name), 0);
        #[expect(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            clippy::cast_precision_loss,
            reason = "a day of the calendar"
        )]
        let day = ((uniform * days as f64).ceil() as usize - 1).min(calendar.len() - 1);
        calendar[day].push(u32::try_from(firm).expect("firms are counted in u32"));
        #[expect(clippy::cast_precision_loss, reason = "days between settlements")]
        let since_last = (calendar.len() - 1 - day) as f64;
        // A PH/s is 10^9 MH/s.
        ledger.carry_in(firm, since_last, sats_per_ph_day / 1e9);
    }
    calendar
}
