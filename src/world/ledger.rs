//! Accounts of firms. Between two events, an account is a difference of running sums times the firm's size; coins and dollars move only at
//! settlement, in whole satoshi.

use crate::{
    units::{Column, FirmId, NanoUsd, Sats, Seconds, Usd, UsdPerBtc, whole::floor},
    world::{loans::Loans, population::Population, rest::Rests},
};

use std::ops::{Index, IndexMut};

/// Standing of a firm.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub enum Standing {
    /// Pays its bills.
    Ok,
    /// Has an unpaid bill.
    Arrears,
    /// Continues under Chapter 11.
    Chapter11,
    /// Has failed: its machines are gone, its coins are being sold.
    Liquidating,
    /// Was liquidated.
    Liquidated,
    /// Was acquired.
    Acquired,
    /// Gave up: its machines were sold.
    Exited,
}

impl Standing {
    /// Name in `firms.csv`.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Ok => "ok",
            Self::Arrears => "arrears",
            Self::Chapter11 => "chapter11",
            Self::Liquidating => "liquidating",
            Self::Liquidated => "liquidated",
            Self::Acquired => "acquired",
            Self::Exited => "exited",
        }
    }

    /// Whether the firm mines and settles.
    #[must_use]
    pub const fn lives(self) -> bool {
        matches!(self, Self::Ok | Self::Arrears | Self::Chapter11)
    }
}

/// Why coins are sold.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Sale {
    /// By treasury policy.
    Voluntary,
    /// Because cash is short.
    Forced,
    /// In the liquidation of a firm.
    Liquidation,
}

/// Coins sold, by cause.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Sold {
    /// Sold by treasury policy.
    pub voluntary: Sats,
    /// Sold because cash was short.
    pub forced: Sats,
    /// Sold in liquidations.
    pub liquidation: Sats,
}

impl Sold {
    /// Adds a sale of coins.
    pub fn add(&mut self, sale: Sale, coins: Sats) {
        match sale {
            Sale::Voluntary => self.voluntary += coins,
            Sale::Forced => self.forced += coins,
            Sale::Liquidation => self.liquidation += coins,
        }
    }

    /// Sum over all causes.
    #[must_use]
    pub fn total(self) -> Sats {
        self.voluntary + self.forced + self.liquidation
    }

    /// Sum of both.
    #[must_use]
    pub fn plus(self, other: Self) -> Self {
        Self {
            voluntary: self.voluntary + other.voluntary,
            forced: self.forced + other.forced,
            liquidation: self.liquidation + other.liquidation,
        }
    }

    /// Coins sold since an earlier reading.
    #[must_use]
    pub fn since(self, earlier: Self) -> Self {
        Self {
            voluntary: self.voluntary - earlier.voluntary,
            forced: self.forced - earlier.forced,
            liquidation: self.liquidation - earlier.liquidation,
        }
    }
}

/// Why cash moves, from the viewpoint of the firm whose cash it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub enum Cause {
    /// Coins were sold by policy.
    SoldVoluntary,
    /// Coins were sold because cash was short.
    SoldForced,
    /// Coins were sold in the firm's liquidation.
    SoldLiquidation,
    /// Power and other costs were paid.
    Bills,
    /// Interest was paid.
    Interest,
    /// Principal was repaid.
    Principal,
    /// A loan was drawn.
    LoanDrawn,
    /// Machines were sold, less the broker's fee.
    MachinesSold,
    /// Owners received the remaining assets of a firm that left.
    Distribution,
    /// Power under contract was resold.
    Resale,
    /// The grid paid for interruptible load.
    Ancillary,
    /// New machines were paid for, with freight and installation.
    MachinesBought,
    /// A site was built.
    SiteBuilt,
    /// Owners of an entrant put money in.
    Equity,
    /// Stock was sold.
    StockSold,
    /// A tenant paid for another use of a site.
    Tenant,
    /// Used machines were bought.
    UsedBought,
    /// Freight of used machines was paid.
    Freight,
    /// Sites with their machines were sold to another firm.
    SitesSold,
    /// Sites with their machines were bought.
    SitesBought,
}

impl Cause {
    /// All causes.
    pub const ALL: [Self; 20] = [
        Self::SoldVoluntary,
        Self::SoldForced,
        Self::SoldLiquidation,
        Self::Bills,
        Self::Interest,
        Self::Principal,
        Self::LoanDrawn,
        Self::MachinesSold,
        Self::Distribution,
        Self::Resale,
        Self::Ancillary,
        Self::MachinesBought,
        Self::SiteBuilt,
        Self::Equity,
        Self::StockSold,
        Self::Tenant,
        Self::UsedBought,
        Self::Freight,
        Self::SitesSold,
        Self::SitesBought,
    ];

    /// Name in `ledger.csv`.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::SoldVoluntary => "sold_voluntary",
            Self::SoldForced => "sold_forced",
            Self::SoldLiquidation => "sold_liquidation",
            Self::Bills => "bills",
            Self::Interest => "interest",
            Self::Principal => "principal",
            Self::LoanDrawn => "loan_drawn",
            Self::MachinesSold => "machines_sold",
            Self::Distribution => "distribution",
            Self::Resale => "resale",
            Self::Ancillary => "ancillary",
            Self::MachinesBought => "machines_bought",
            Self::SiteBuilt => "site_built",
            Self::Equity => "equity",
            Self::StockSold => "stock_sold",
            Self::Tenant => "tenant",
            Self::UsedBought => "used_bought",
            Self::Freight => "freight",
            Self::SitesSold => "sites_sold",
            Self::SitesBought => "sites_bought",
        }
    }
}

/// An entry in the account of the followed firm.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Entry {
    /// Cause of the movement.
    pub cause: &'static str,
    /// Change of cash.
    pub usd: Usd,
    /// Change of coins.
    pub sats: Sats,
    /// Cash after it.
    pub cash: Usd,
    /// Coins after it.
    pub coins: Sats,
    /// Of these, pledged to lenders.
    pub pledged: Sats,
    /// Share of the firm's machines pledged to lenders after it.
    pub charged_share: f64,
    /// Principal owed after it.
    pub debt: NanoUsd,
}

/// What is read and changed whenever a firm's account is brought up to date: one cache line.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
#[repr(align(64))]
pub struct Account {
    /// Running hashrate, MH/s.
    pub running_mh: u64,
    /// Current costs per day, 10^-9 USD.
    pub cost_nusd: i64,
    /// Running sum of coins at which the account was last brought up to date.
    pub(crate) mark_sats_per_mh: f64,
    /// Instant at which it was, s.
    pub(crate) mark_s: f64,
    /// Mined and not yet paid out by the pool, satoshi.
    pub accrued_sats: f64,
    /// Bills not yet paid, USD.
    pub bill: f64,
    /// Cash, USD.
    pub cash: f64,
    /// All coins it owns, satoshi.
    pub coins: i64,
}

const _: () = assert!(size_of::<Account>() == 64, "an account is one cache line");

/// Accounts and columns over firms, and the pool that pays them. A firm's account is `ledger[firm]`.
#[derive(Clone, Debug)]
pub struct Ledger {
    /// The accounts.
    pub accounts: Column<FirmId, Account>,
    /// Of these, pledged to lenders.
    pub pledged: Column<FirmId, i64>,
    /// Coins that it aims to hold, satoshi: its holding at the start.
    pub target_sats: Column<FirmId, i64>,
    /// Principal of all its loans, unpaid due principal included.
    pub debt: Column<FirmId, NanoUsd>,
    /// Instalments on machines on order that fall due at the settlement of today, USD.
    pub instalments: Column<FirmId, Usd>,
    /// The loans.
    pub loans: Loans,
    /// Dormant firms, which are updated lazily.
    pub rests: Rests,
    /// Standing of each firm.
    pub standing: Column<FirmId, Standing>,
    /// Instant at which its arrears began or it was liquidated.
    pub since: Column<FirmId, Seconds>,
    /// Coins at the start.
    pub opening: Column<FirmId, Sats>,
    /// Coins paid out to it so far.
    pub mined: Column<FirmId, Sats>,
    /// Coins that it has sold so far, by cause.
    pub sold_by_firm: Column<FirmId, Sold>,
    /// Dollars received so far, the initial cash included.
    pub came_usd: Column<FirmId, f64>,
    /// Dollars paid so far.
    pub went_usd: Column<FirmId, f64>,
    /// Coins mined per MH/s since the start, satoshi: the running sum.
    pub(crate) sats_per_mh: f64,
    /// Coins the pool has received and not yet paid out.
    pub pool: Sats,
    /// Coins received by the pool so far.
    pub issued: Sats,
    /// Coins sold so far.
    pub sold: Sold,
    /// Cash of all firms; each firm's cash is rounded to whole 10^-9 USD, so that the sum is exactly zero when no firm has any.
    pub total_cash: NanoUsd,
    /// Debt of all firms.
    pub total_debt: NanoUsd,
    /// Coins of all firms, satoshi.
    pub total_coins: i64,
    /// Of these, pledged to lenders.
    pub total_pledged: i64,
    /// Firms in arrears.
    pub in_arrears: u32,
    /// Coins of all firms at the start.
    pub coins_at_start: Sats,
    /// Cash of all firms at the start, USD.
    pub cash_at_start: f64,
    /// Dollars that have moved, by [`Cause`].
    pub flows: [f64; Cause::ALL.len()],
    /// Dollars that have moved, in or out: the scale for residuals.
    pub turnover: f64,
    /// The firm whose every movement of coins and dollars is recorded, with the entries since the last day.
    pub followed: Option<(FirmId, Vec<Entry>)>,
}

impl Index<FirmId> for Ledger {
    type Output = Account;
    fn index(&self, firm: FirmId) -> &Account {
        &self.accounts[firm]
    }
}

impl IndexMut<FirmId> for Ledger {
    fn index_mut(&mut self, firm: FirmId) -> &mut Account {
        &mut self.accounts[firm]
    }
}

impl Ledger {
    /// Opens the accounts, without loans; payments on loans will fall due every `period_days` days.
    #[must_use]
    pub fn open(population: &Population, period_days: f64) -> Self {
        let firms = &population.firms;
        let n = firms.len();
        let coins: i64 = firms.coins.iter().sum();
        let cash: f64 = firms.cash.iter().sum();
        let account = |firm| Account {
            cost_nusd: firms.fixed_nusd[firm],
            cash: firms.cash[firm],
            coins: firms.coins[firm],
            ..Account::default()
        };
        Self {
            accounts: firms.name.ids().map(account).collect(),
            pledged: Column::filled(0, n),
            target_sats: firms.coins.clone(),
            debt: Column::filled(NanoUsd::ZERO, n),
            instalments: Column::filled(Usd::ZERO, n),
            loans: Loans::none(n, period_days),
            rests: Rests::default(),
            standing: Column::filled(Standing::Ok, n),
            since: Column::filled(Seconds::ZERO, n),
            opening: firms.coins.iter().copied().map(Sats::new).collect(),
            mined: Column::filled(Sats::ZERO, n),
            sold_by_firm: Column::filled(Sold::default(), n),
            came_usd: firms.cash.clone(),
            went_usd: Column::filled(0.0, n),
            sats_per_mh: 0.0,
            pool: Sats::ZERO,
            issued: Sats::ZERO,
            sold: Sold::default(),
            total_cash: firms.cash.iter().copied().map(NanoUsd::nearest).sum(),
            total_debt: NanoUsd::ZERO,
            total_coins: coins,
            total_pledged: 0,
            in_arrears: 0,
            coins_at_start: Sats::new(coins),
            cash_at_start: cash,
            flows: [0.0; Cause::ALL.len()],
            turnover: 0.0,
            followed: None,
        }
    }

    /// Starts a firm as if it had last settled `days` before the start and had mined and spent since as it does now.
    #[expect(clippy::cast_possible_truncation, clippy::cast_precision_loss, reason = "known to 53 bits")]
    pub fn carry_in(&mut self, firm: FirmId, days: f64, sats_per_mh_day: f64) {
        let owed = self[firm].running_mh as f64 * sats_per_mh_day * days;
        self[firm].accrued_sats += owed;
        self[firm].bill += self[firm].cost_nusd as f64 * 1e-9 * days;
        let coins = Sats::new(owed.ceil() as i64);
        self.pool += coins;
        self.coins_at_start += coins;
    }

    /// The pool receives a tick's coins; every running MH/s is owed an equal part.
    #[expect(clippy::cast_precision_loss, reason = "a tick's coins and a network's MH/s are below 2^53")]
    pub fn credit(&mut self, coins: Sats, running_mh: u64) {
        self.pool += coins;
        self.issued += coins;
        if running_mh > 0 {
            self.sats_per_mh += coins.get() as f64 / running_mh as f64;
        }
    }

    /// Brings a firm's account up to now. Must come before any change of its running hashrate or of its costs.
    #[expect(clippy::cast_precision_loss, reason = "a firm's MH/s and nano-dollars are known to 53 bits")]
    pub fn accrue(&mut self, firm: FirmId, now: f64) {
        if self.rests.is_resting(firm) {
            self.wake(firm);
        }
        let account = &mut self.accounts[firm];
        account.accrued_sats += account.running_mh as f64 * (self.sats_per_mh - account.mark_sats_per_mh);
        account.bill += account.cost_nusd as f64 * 1e-9 * ((now - account.mark_s) / 86_400.0);
        account.mark_sats_per_mh = self.sats_per_mh;
        account.mark_s = now;
    }

    /// The pool pays a firm the whole satoshi it is owed; the fraction stays accrued. Returns what was paid.
    #[expect(clippy::cast_precision_loss, reason = "all coins are below 2^53 satoshi")]
    pub fn pay_out(&mut self, firm: FirmId) -> i64 {
        let account = &mut self.accounts[firm];
        let paid = floor(account.accrued_sats).min(self.pool.get());
        account.accrued_sats -= paid as f64;
        account.coins += paid;
        self.pool -= Sats::new(paid);
        self.mined[firm] += Sats::new(paid);
        self.total_coins += paid;
        self.note(firm, "mined", 0.0, paid);
        paid
    }

    /// A firm sells coins at a price. Only unpledged coins may be sold; a pledge must be released first.
    pub fn sell(&mut self, firm: FirmId, sats: i64, price: UsdPerBtc, sale: Sale) {
        if sats == 0 {
            return;
        }
        let cause = match sale {
            Sale::Voluntary => Cause::SoldVoluntary,
            Sale::Forced => Cause::SoldForced,
            Sale::Liquidation => Cause::SoldLiquidation,
        };
        self.sold.add(sale, Sats::new(sats));
        self.sold_by_firm[firm].add(sale, Sats::new(sats));
        self[firm].coins -= sats;
        self.total_coins -= sats;
        self.move_cash(firm, cause, (Sats::new(sats) * price).get(), -sats);
    }

    /// Changes a firm's cash: up by a positive amount, down by a negative one.
    pub fn post(&mut self, firm: FirmId, cause: Cause, usd: f64) {
        if usd != 0.0 {
            self.move_cash(firm, cause, usd, 0);
        }
    }

    fn move_cash(&mut self, firm: FirmId, cause: Cause, usd: f64, sats: i64) {
        self.change_cash(firm, usd);
        *(if usd > 0.0 { &mut self.came_usd[firm] } else { &mut self.went_usd[firm] }) += usd.abs();
        self.flows[cause as usize] += usd;
        self.turnover += usd.abs();
        self.note(firm, cause.name(), usd, sats);
    }

    /// Changes a firm's cash and the sum over firms.
    pub(crate) fn change_cash(&mut self, firm: FirmId, usd: f64) {
        let before = self[firm].cash;
        self[firm].cash += usd;
        self.total_cash += NanoUsd::nearest(self[firm].cash) - NanoUsd::nearest(before);
    }

    /// Records an entry if the firm is the followed one.
    pub(crate) fn note(&mut self, firm: FirmId, cause: &'static str, usd: f64, sats: i64) {
        if self.followed.as_ref().is_none_or(|(followed, _)| *followed != firm) {
            return;
        }
        let entry = Entry {
            cause,
            usd: Usd::new(usd),
            sats: Sats::new(sats),
            cash: Usd::new(self[firm].cash),
            coins: Sats::new(self[firm].coins),
            pledged: Sats::new(self.pledged[firm]),
            charged_share: self.loans.charged_share(firm),
            debt: self.debt[firm],
        };
        if let Some((_, entries)) = &mut self.followed {
            entries.push(entry);
        }
    }

    /// Records a firm's account from now on; the first entry is its balance.
    pub fn follow(&mut self, firm: FirmId) {
        self.followed = Some((firm, Vec::new()));
        self.note(firm, "opening", self[firm].cash, self[firm].coins);
    }

    /// Sets the standing of a firm.
    pub fn set_standing(&mut self, firm: FirmId, standing: Standing, now: f64) {
        let behind = |standing| u32::from(standing == Standing::Arrears);
        self.in_arrears = self.in_arrears + behind(standing) - behind(self.standing[firm]);
        self.standing[firm] = standing;
        self.since[firm] = Seconds::new(now);
    }

    /// A firm pays another: the amount leaves one account and arrives in the other.
    pub fn transfer(&mut self, from: FirmId, to: FirmId, usd: f64, paid: Cause, received: Cause) {
        self.post(from, paid, -usd);
        self.post(to, received, usd);
    }

    /// Coins mined per MH/s since a firm's account was last brought up to date, satoshi.
    #[must_use]
    pub fn sats_since_mark(&self, firm: FirmId) -> f64 {
        self.sats_per_mh - self[firm].mark_sats_per_mh
    }
}
