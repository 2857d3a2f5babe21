//! Firms' accounts. Between two events an account is a difference of running sums times the firm's size; coins and dollars
//! move only at settlement, to the satoshi.

use super::population::Population;

/// How a firm stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub enum Standing {
    /// Pays its bills.
    Ok,
    /// Has a bill it could not pay.
    Arrears,
    /// Was wound up.
    Liquidated,
}

impl Standing {
    /// As in `firms.csv`.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Ok => "ok",
            Self::Arrears => "arrears",
            Self::Liquidated => "liquidated",
        }
    }
}

/// Coins sold, by cause, satoshi.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Sold {
    /// Of free will.
    pub voluntary: i64,
    /// For want of cash.
    pub forced: i64,
    /// Out of insolvent firms.
    pub liquidation: i64,
}

impl Sold {
    /// Of all causes.
    #[must_use]
    pub const fn total(self) -> i64 {
        self.voluntary + self.forced + self.liquidation
    }

    /// What was sold since an earlier reading.
    #[must_use]
    pub const fn since(self, earlier: Self) -> Self {
        Self {
            voluntary: self.voluntary - earlier.voluntary,
            forced: self.forced - earlier.forced,
            liquidation: self.liquidation - earlier.liquidation,
        }
    }
}

/// Why dollars move, seen from the firm whose cash does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub enum Cause {
    /// Coins were sold.
    CoinsSold,
    /// Power, other costs, interest and principal were paid.
    Bills,
    /// Creditors and owners took what a wound-up firm had left.
    Distribution,
}

impl Cause {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::CoinsSold, Self::Bills, Self::Distribution];
}

/// Columns over firms, and the pool that pays them.
#[derive(Clone, Debug)]
pub struct Ledger {
    /// Running, MH/s.
    pub running_mh: Vec<u64>,
    /// Due per day at present, 10^-9 USD.
    pub cost_nusd: Vec<i64>,
    mark_sats_per_mh: Vec<f64>,
    mark_s: Vec<f64>,
    /// Mined and not yet paid out by the pool, satoshi.
    pub accrued_sats: Vec<f64>,
    /// Bills not yet paid, USD.
    pub bill: Vec<f64>,
    /// USD.
    pub cash: Vec<f64>,
    /// Satoshi.
    pub coins: Vec<i64>,
    /// USD, what fell due and is unpaid included.
    pub debt: Vec<f64>,
    /// Principal among the unpaid bills, USD. It is paid last.
    pub principal_due: Vec<f64>,
    /// How each stands.
    pub standing: Vec<Standing>,
    /// Since when it is in arrears, or when it was wound up, s.
    pub since: Vec<f64>,
    /// Coins mined per MH/s since the start, satoshi: the running sum.
    sats_per_mh: f64,
    /// Coins the pool has received and not yet paid out, satoshi.
    pub pool: i64,
    /// Coins ever received by the pool, satoshi.
    pub issued: i64,
    /// Coins ever sold.
    pub sold: Sold,
    /// Cash of all, USD.
    pub total_cash: f64,
    /// Debt of all, USD.
    pub total_debt: f64,
    /// Coins of all, satoshi.
    pub total_coins: i64,
    /// Firms in arrears.
    pub in_arrears: u32,
    /// Coins of all at the start, satoshi.
    pub coins_at_start: i64,
    /// Cash of all at the start, USD.
    pub cash_at_start: f64,
    /// Debt that failed firms left unpaid, USD.
    pub lender_loss: f64,
    /// Dollars that have moved, by [`Cause`].
    pub flows: [f64; Cause::ALL.len()],
    /// Dollars that have moved, in or out: what residuals are held against.
    pub turnover: f64,
}

impl Ledger {
    /// Opens the accounts.
    #[must_use]
    pub fn open(population: &Population) -> Self {
        let firms = &population.firms;
        let n = firms.len();
        let coins: i64 = firms.coins.iter().sum();
        let cash: f64 = firms.cash.iter().sum();
        Self {
            running_mh: vec![0; n],
            cost_nusd: firms.fixed_nusd.clone(),
            mark_sats_per_mh: vec![0.0; n],
            mark_s: vec![0.0; n],
            accrued_sats: vec![0.0; n],
            bill: vec![0.0; n],
            cash: firms.cash.clone(),
            coins: firms.coins.clone(),
            debt: firms.debt.clone(),
            principal_due: vec![0.0; n],
            standing: vec![Standing::Ok; n],
            since: vec![0.0; n],
            sats_per_mh: 0.0,
            pool: 0,
            issued: 0,
            sold: Sold::default(),
            total_cash: cash,
            total_debt: firms.debt.iter().sum(),
            total_coins: coins,
            in_arrears: 0,
            coins_at_start: coins,
            cash_at_start: cash,
            lender_loss: 0.0,
            flows: [0.0; Cause::ALL.len()],
            turnover: 0.0,
        }
    }

    /// A firm last settled `days` before the start and has mined and spent since as it does now: the start is a day like any other.
    #[expect(clippy::cast_possible_truncation, clippy::cast_precision_loss, reason = "known to 53 bits")]
    pub fn carry_in(&mut self, firm: usize, days: f64, sats_per_mh_day: f64) {
        let owed = self.running_mh[firm] as f64 * sats_per_mh_day * days;
        self.accrued_sats[firm] += owed;
        self.bill[firm] += self.cost_nusd[firm] as f64 * 1e-9 * days;
        let sats = owed.ceil() as i64;
        self.pool += sats;
        self.coins_at_start += sats;
    }

    /// The pool receives a tick's coins; every running MH/s is owed the same.
    #[expect(clippy::cast_precision_loss, reason = "a tick's coins and a network's MH/s are below 2^53")]
    pub fn credit(&mut self, sats: i64, running_mh: u64) {
        self.pool += sats;
        self.issued += sats;
        if running_mh > 0 {
            self.sats_per_mh += sats as f64 / running_mh as f64;
        }
    }

    /// Brings a firm's account up to now. Must come before any change of its running hashrate or of its costs.
    #[expect(clippy::cast_precision_loss, reason = "a firm's MH/s and nano-dollars are known to 53 bits")]
    pub fn accrue(&mut self, firm: usize, now: f64) {
        self.accrued_sats[firm] += self.running_mh[firm] as f64 * self.sats_since_mark(firm);
        self.bill[firm] += self.cost_nusd[firm] as f64 * 1e-9 * ((now - self.mark_s[firm]) / 86_400.0);
        self.mark_sats_per_mh[firm] = self.sats_per_mh;
        self.mark_s[firm] = now;
    }

    /// The pool pays a firm the whole satoshi it is owed; the fraction stays accrued. Returns what was paid.
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_precision_loss,
        reason = "all coins are below 2^53 satoshi"
    )]
    pub fn pay_out(&mut self, firm: usize) -> i64 {
        let paid = (self.accrued_sats[firm].floor() as i64).min(self.pool);
        self.accrued_sats[firm] -= paid as f64;
        self.pool -= paid;
        self.coins[firm] += paid;
        self.total_coins += paid;
        paid
    }

    /// A firm sells coins at a price.
    #[expect(clippy::cast_precision_loss, reason = "all coins are below 2^53 satoshi")]
    pub fn sell(&mut self, firm: usize, sats: i64, price_usd: f64) {
        if sats == 0 {
            return;
        }
        let usd = sats as f64 / 1e8 * price_usd;
        self.coins[firm] -= sats;
        self.total_coins -= sats;
        self.post(firm, Cause::CoinsSold, usd);
    }

    /// A firm's cash moves: up by a positive amount, down by a negative one.
    pub fn post(&mut self, firm: usize, cause: Cause, usd: f64) {
        self.cash[firm] += usd;
        self.total_cash += usd;
        self.flows[cause as usize] += usd;
        self.turnover += usd.abs();
    }

    /// A firm pays another: what leaves the one arrives at the other.
    pub fn transfer(&mut self, from: usize, to: usize, usd: f64, paid: Cause, received: Cause) {
        self.post(from, paid, -usd);
        self.post(to, received, usd);
    }

    /// A firm pays as much of its bills as its cash covers; the rest stays due.
    pub fn pay_bill(&mut self, firm: usize) {
        let paid = self.bill[firm].min(self.cash[firm]);
        self.bill[firm] -= paid;
        self.post(firm, Cause::Bills, -paid);
        if self.principal_due[firm] > 0.0 {
            let principal = (self.principal_due[firm] - self.bill[firm]).max(0.0);
            self.principal_due[firm] -= principal;
            self.repay(firm, principal.min(self.debt[firm]));
        }
    }

    /// Creditors and owners take what a wound-up firm has left.
    pub fn distribute(&mut self, firm: usize) {
        self.post(firm, Cause::Distribution, -self.cash[firm]);
        (self.bill[firm], self.principal_due[firm]) = (0.0, 0.0);
    }

    /// Coins mined per MH/s since a firm's account was last brought up to date, satoshi.
    #[must_use]
    pub fn sats_since_mark(&self, firm: usize) -> f64 {
        self.sats_per_mh - self.mark_sats_per_mh[firm]
    }

    /// A firm's debt falls by `usd`.
    pub fn repay(&mut self, firm: usize, usd: f64) {
        self.debt[firm] -= usd;
        self.total_debt -= usd;
    }
}
