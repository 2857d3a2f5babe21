//! A firm's settlement: the one place where coins and dollars move.
//!
//! In order: the pool pays what was mined; production is sold by policy; bills and debt service fall due; coins are sold for
//! what cash cannot cover; what is still unpaid puts the firm in arrears, and too long in arrears winds it up (model.md 5.7, 5.10).

use super::LevelLoan;
use crate::miner::{
    draw::DAYS_PER_MONTH,
    fleet::Fleet,
    ledger::{Ledger, Standing},
    params::SettlementParams,
    population::Population,
};

/// What a settlement came to.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Outcome {
    /// The firm was wound up: its machines' hashrate, MH/s.
    pub liquidated_mh: u64,
    /// Coins sold out of the wound-up firm, satoshi.
    pub liquidated_sats: i64,
    /// Debt that stays unpaid, USD.
    pub unpaid_debt: f64,
    /// The firm fell into arrears.
    pub fell_behind: bool,
}

/// The terms on which firms settle.
#[derive(Clone, Copy, Debug)]
pub struct Settlement<'a> {
    /// Periods, grace, interest.
    pub params: &'a SettlementParams,
    /// Price at which coins are sold, USD/BTC.
    pub price_usd: f64,
    /// Now, s.
    pub now: f64,
    /// Since the firm last settled, days.
    days: f64,
    loan: LevelLoan,
}

impl<'a> Settlement<'a> {
    /// The terms at an instant.
    #[must_use]
    pub fn new(params: &'a SettlementParams, price_usd: f64, now: f64) -> Self {
        let days = f64::from(params.every_days);
        let periods = params.debt_term_months * DAYS_PER_MONTH / days;
        let loan = LevelLoan::new(params.debt_rate_per_year / 365.0 * days, periods);
        Self { params, price_usd, now, days, loan }
    }

    /// Settles one firm.
    pub fn settle(&self, population: &Population, fleet: &mut Fleet, ledger: &mut Ledger, firm: usize) -> Outcome {
        let firms = &population.firms;
        ledger.accrue(firm, self.now);
        let produced = ledger.pay_out(firm);

        let above_target = (ledger.coins[firm] - produced - firms.coins[firm]).max(0);
        let mut offered = share(produced, firms.sale_share[firm]);
        if above_target > 0 && firms.excess_sale_per_day[firm] > 0.0 {
            offered += share(above_target, 1.0 - libm::pow(1.0 - firms.excess_sale_per_day[firm], self.days));
        }
        ledger.sold.voluntary += offered;
        ledger.sell(firm, offered, self.price_usd);

        self.serve_debt(population, ledger, firm);
        let due = ledger.bill[firm];
        #[expect(clippy::cast_precision_loss, reason = "nano-dollars are known to 53 bits")]
        let month = firms.full_cost_nusd[firm] as f64 * 1e-9 * DAYS_PER_MONTH;
        let short = due + firms.buffer_months[firm] * month - ledger.cash[firm];
        if short > 0.0 {
            #[expect(clippy::cast_possible_truncation, reason = "`as` saturates, and more than is held is not sold")]
            // Up to a satoshi more than needed, so that rounding leaves no bill unpaid.
            let needed = ((short / self.price_usd * 1e8) as i64).saturating_add(1);
            let forced = needed.min(ledger.coins[firm]);
            ledger.sold.forced += forced;
            ledger.sell(firm, forced, self.price_usd);
        }
        ledger.pay_bill(firm);
        self.stand(population, fleet, ledger, firm)
    }

    /// Interest and principal of the period are added to the firm's bills; principal is owed until it is paid.
    fn serve_debt(&self, population: &Population, ledger: &mut Ledger, firm: usize) {
        let debt = ledger.debt[firm] - ledger.principal_due[firm];
        if debt <= 0.0 {
            return;
        }
        let interest = debt * (self.params.debt_rate_per_year / 365.0) * self.days;
        let level = self.loan.payment(population.firms.debt[firm]);
        let payment = (level * self.days / f64::from(self.params.every_days)).min(debt + interest);
        ledger.bill[firm] += payment;
        ledger.principal_due[firm] += (payment - interest).min(debt);
    }

    /// Arrears begin, end, or outlast the grace period.
    fn stand(&self, population: &Population, fleet: &mut Fleet, ledger: &mut Ledger, firm: usize) -> Outcome {
        let behind = ledger.bill[firm] > 0.0;
        match (ledger.standing[firm], behind) {
            (Standing::Ok, true) => {
                ledger.standing[firm] = Standing::Arrears;
                ledger.since[firm] = self.now;
                ledger.in_arrears += 1;
                let mut outcome = if self.params.grace_days > 0.0 {
                    Outcome::default()
                } else {
                    self.wind_up(population, fleet, ledger, firm)
                };
                outcome.fell_behind = true;
                outcome
            }
            (Standing::Arrears, false) => {
                ledger.standing[firm] = Standing::Ok;
                ledger.in_arrears -= 1;
                Outcome::default()
            }
            (Standing::Arrears, true) if self.now - ledger.since[firm] >= self.params.grace_days * 86_400.0 => {
                self.wind_up(population, fleet, ledger, firm)
            }
            _ => Outcome::default(),
        }
    }

    /// The firm is wound up: its coins are sold, its machines leave, its creditors take what there is.
    fn wind_up(&self, population: &Population, fleet: &mut Fleet, ledger: &mut Ledger, firm: usize) -> Outcome {
        let installed = population.firms.installed_mh[firm];
        fleet.remove(population, ledger, firm, self.now);
        let coins = ledger.coins[firm];
        ledger.sold.liquidation += coins;
        ledger.sell(firm, coins, self.price_usd);
        let others = ledger.bill[firm] - ledger.principal_due[firm];
        let for_lender = (ledger.cash[firm] - others).clamp(0.0, ledger.debt[firm]);
        let unpaid = ledger.debt[firm] - for_lender;
        ledger.lender_loss += unpaid;
        ledger.repay(firm, ledger.debt[firm]);
        ledger.distribute(firm);
        ledger.standing[firm] = Standing::Liquidated;
        ledger.since[firm] = self.now;
        ledger.in_arrears -= 1;
        Outcome { liquidated_mh: installed, liquidated_sats: coins, unpaid_debt: unpaid, fell_behind: false }
    }
}

#[expect(clippy::cast_possible_truncation, clippy::cast_precision_loss, reason = "all coins are below 2^53 satoshi")]
fn share(sats: i64, share: f64) -> i64 {
    (sats as f64 * share).floor() as i64
}
