//! A firm's settlement: the one place where it decides about coins and dollars.
//!
//! In order: the pool pays what was mined; production is sold by policy; bills and debt service fall due; what cash cannot cover is
//! taken along the pecking order; what is still unpaid puts the firm in arrears, and too long in arrears is a default (model.md 5.7, 5.10).

use super::Resale;
use crate::miner::{
    decide::{
        cover_shortfall::{Cover, Means, cover},
        fail::{Arrears, Workout},
        sell_coins::{Holdings, offered},
    },
    distress::{Distress, Happening},
    draw::DAYS_PER_MONTH,
    fleet::Fleet,
    inventory::Inventory,
    ledger::{Ledger, Sale, Standing},
    lenders::LenderParams,
    params::SettlementParams,
    population::{Population, ph},
    terms::Terms,
};
use crate::random::Draw;
use std::sync::Arc;

/// What a settlement changes.
#[derive(Debug)]
pub struct Books<'a> {
    /// Machines, and who owns them.
    pub population: &'a mut Arc<Population>,
    /// Which of them run.
    pub fleet: &'a mut Fleet,
    /// Coins, cash, bills and debts.
    pub ledger: &'a mut Ledger,
    /// Firms in distress.
    pub distress: &'a mut Distress,
    /// Machines by model.
    pub inventory: &'a mut Inventory,
    /// The market of used machines, where there is one.
    pub resale: Option<&'a mut Resale>,
}

/// The terms on which firms settle on a day.
#[derive(Clone, Copy, Debug)]
pub struct Settlement<'a> {
    /// Periods, grace, interest.
    pub params: &'a SettlementParams,
    /// What is tried before a firm is liquidated.
    pub workout: Option<&'a Workout>,
    /// How lenders react to losses.
    pub lenders: &'a LenderParams,
    /// What lots follow from.
    pub terms: Terms<'a>,
    /// Whether creditors agree, by firm and default.
    pub agreement: Draw,
    /// Price at which coins are sold, USD/BTC.
    pub price_usd: f64,
    /// What a PH/s earns in a day, satoshi.
    pub sats_per_ph_day: f64,
    /// Most coins that one miner sells in a day for want of cash, satoshi.
    pub most_sats_per_day: f64,
    /// Now, s.
    pub now: f64,
}

impl Settlement<'_> {
    /// Settles one firm.
    pub fn settle(&self, books: &mut Books<'_>, firm: usize) {
        let days = f64::from(self.params.every_days);
        let ledger = &mut *books.ledger;
        ledger.accrue(firm, self.now);
        let produced = ledger.pay_out(firm);
        let held = Holdings {
            produced,
            free: ledger.free(firm),
            meant: ledger.target_sats[firm],
            days,
            full_day: ph(books.population.firms.installed_mh[firm]) * self.sats_per_ph_day,
            // Up to a satoshi more than needed, so that rounding leaves no bill unpaid.
            #[expect(clippy::cast_possible_truncation, reason = "`as` saturates, and no more than is held is sold")]
            due: ((ledger.bill[firm] / self.price_usd * 1e8) as i64).saturating_add(1),
            earns_over_costs: self.earns_over_costs(books.population, firm),
        };
        let sats = offered(books.population.firms.treasury[firm], &held);
        ledger.sell(firm, sats, self.price_usd, Sale::Voluntary);
        if ledger.standing[firm] != Standing::Chapter11 {
            ledger.fall_due(firm, self.now);
        }
        let due = ledger.bill[firm];
        self.find_money(books, firm, days);
        books.ledger.pay_bill(firm);
        self.stand(books, firm, due);
    }

    /// A firm that has settled rests, if its next days are alike. Returns whether it does, or is no more.
    pub fn rest(&self, books: &mut Books<'_>, firm: usize) -> bool {
        let policy = books.population.firms.treasury[firm];
        let buffer = Self::buffer_usd(books.population, firm);
        !books.ledger.standing[firm].lives() || books.ledger.rest(firm, policy, buffer, self.price_usd)
    }

    /// Cash that a firm means to keep, USD.
    #[expect(clippy::cast_precision_loss, reason = "nano-dollars are known to 53 bits")]
    fn buffer_usd(population: &Population, firm: usize) -> f64 {
        let firms = &population.firms;
        firms.buffer_months[firm] * (firms.full_cost_nusd[firm] as f64 * 1e-9 * DAYS_PER_MONTH)
    }

    /// What cash does not cover is taken along the pecking order.
    fn find_money(&self, books: &mut Books<'_>, firm: usize, days: f64) {
        let firms = &books.population.firms;
        let ledger = &mut *books.ledger;
        let mut means = Means {
            due: ledger.bill[firm],
            buffer: Self::buffer_usd(books.population, firm),
            cash: ledger.cash[firm],
            free: ledger.free(firm),
            #[expect(
                clippy::cast_possible_truncation,
                reason = "`as` saturates: without a bound, any number of coins"
            )]
            most: (self.most_sats_per_day * days * firms.weight[firm]) as i64,
            price_usd: self.price_usd,
            ..Means::default()
        };
        if means.due + means.buffer <= means.cash {
            return;
        }
        if ledger.standing[firm] != Standing::Chapter11 {
            means.credit = self.credit(books, firm);
        }
        means.machines = Self::idle_machines_usd(books, firm);
        let Cover { coins, credit, machines } = cover(&means);
        books.ledger.sell(firm, coins, self.price_usd, Sale::Forced);
        if credit > 0.0 {
            self.draw_credit(books, firm, credit);
        }
        if machines > 0.0 {
            self.sell_idle_machines(books, firm, machines);
        }
    }

    /// What all machines of a firm would earn over what they would cost.
    #[expect(clippy::cast_precision_loss, reason = "nano-dollars are known to 53 bits")]
    fn earns_over_costs(&self, population: &Population, firm: usize) -> f64 {
        let firms = &population.firms;
        let earns = ph(firms.installed_mh[firm]) * self.sats_per_ph_day / 1e8 * self.price_usd;
        earns / (firms.full_cost_nusd[firm] as f64 * 1e-9)
    }

    /// Arrears begin, end, or outlast the grace period; `due` is what was to be paid today, old bills included.
    fn stand(&self, books: &mut Books<'_>, firm: usize, due: f64) {
        let (ledger, distress) = (&mut *books.ledger, &mut *books.distress);
        let unpaid = ledger.bill[firm];
        let behind = unpaid > 0.0;
        match (ledger.standing[firm], behind) {
            (Standing::Ok, true) => {
                let since = if distress.arrears.contains_key(&firm) { ledger.since[firm] } else { self.now };
                ledger.set_standing(firm, Standing::Arrears, since);
                distress.arrears.insert(firm, Arrears::begin(due, unpaid));
                Self::tell(books, "arrears", firm, unpaid, 0);
                if self.now - since >= self.params.grace_days * 86_400.0 {
                    self.default(books, firm);
                }
            }
            (Standing::Ok | Standing::Arrears, false) if distress.arrears.remove(&firm).is_some() => {
                ledger.set_standing(firm, Standing::Ok, self.now);
            }
            (Standing::Arrears, true) => {
                if let Some(arrears) = distress.arrears.get_mut(&firm) {
                    arrears.go_on(due, unpaid);
                }
                if self.now - ledger.since[firm] >= self.params.grace_days * 86_400.0 {
                    self.default(books, firm);
                }
            }
            (Standing::Chapter11, _) => self.review(books, firm, behind),
            _ => {}
        }
    }

    /// Something happens to a firm with all its machines and members.
    pub(super) fn tell(books: &mut Books<'_>, kind: &'static str, firm: usize, usd: f64, sats: i64) {
        let firms = &books.population.firms;
        books.distress.told.push(Happening {
            kind,
            firm,
            weight: firms.weight[firm],
            hash_mh: firms.installed_mh[firm],
            usd,
            sats,
        });
    }
}
