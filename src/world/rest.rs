//! Dormant firms: a firm that settles every day, and covers its needs from its coins or from its cash, is updated lazily until that ends.
//!
//! The days of a dormant firm are alike. Its sales and payments are a sum over days that is common to all firms, times its own hashrate or costs:
//!
//! | symbol | code | unit | meaning |
//! |---|---|---|---|
//! | h, c | `Ledger::running_mh`, `Ledger::cost_nusd` | MH/s, USD/day | of the firm; neither changes while it is dormant |
//! | S | `Sums::sats_per_mh` | sat/(MH/s) | mined since the start |
//! | U | `Sums::sats_per_usd_day` | sat day/USD | coins that pay a dollar a day since the start: Σ Δt 10^8/P |
//! | V | `Sums::usd_per_mh` | USD/(MH/s) | revenue if production is sold at the price of its day: Σ ΔS P/10^8 |
//!
//! - **covering** (policy `cover`, with coins): coins B + h ΔS - c ΔU, cash as it is.
//! - **selling** (policy `all`, or `cover` without coins while production does not cover the bills): no coins, cash C + h ΔV - c Δt.
//!
//! The network's daily sales and payments follow from the sums of h and c over dormant firms, and are booked in whole satoshi every day; a firm's own
//! follow when it wakes. Coins sold in the name of firms and not yet taken from them are [`Rests::ahead`]. A firm wakes when its hashrate or costs
//! change, before its coins or cash run out, and when its production begins to cover its bills; on that day it settles normally.
//!
//! **Known error.** A firm that settles sells up to a satoshi more than it needs, so that rounding leaves no bill unpaid; a dormant firm does not.
//! This is the only difference between histories with and without dormant firms, and a test checks that.

use crate::{
    mechanism::treasury::params::TreasuryPolicy,
    units::{Column, DAY_S, FirmId, Sats, Usd, UsdPerBtc},
    world::ledger::{Cause, Ledger, Sale, Sold, Standing},
};
use std::{cmp::Reverse, collections::BinaryHeap};

/// Source of a dormant firm's payments.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum Rest {
    /// The firm is not dormant.
    #[default]
    Awake,
    /// Its coins.
    Covering,
    /// Its production and its cash.
    Selling,
}

/// The sums from which accounts follow, up to the end of the last day.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
struct Sums {
    /// Time of these sums, s.
    at: f64,
    sats_per_mh: f64,
    sats_per_usd_day: f64,
    usd_per_mh: f64,
}

/// When a firm must be examined: a value of U for covering firms, an instant for selling ones. Neither is negative, so that the bits of these floats
/// sort in their order. Entries with an older counter of dormant periods are stale.
type Alarms = BinaryHeap<Reverse<(u64, FirmId, u32)>>;

/// Dormant firms, and the movements booked in their name.
#[derive(Clone, Debug, Default)]
pub struct Rests {
    /// Empty if no firm may become dormant.
    rest: Column<FirmId, Rest>,
    /// Number of dormant periods of each firm so far.
    number: Column<FirmId, u32>,
    /// U and V at the beginning of each firm's dormant period.
    began: Column<FirmId, (f64, f64)>,
    /// Fraction of a satoshi sold in a firm's name and not taken from it.
    owed_sats: Column<FirmId, f64>,
    sums: Sums,
    /// Costs of covering firms, and of selling firms, 10^-9 USD per day.
    covering_nusd: i64,
    selling_nusd: i64,
    /// Hashrate of covering firms, and of selling firms, MH/s.
    covering_mh: u64,
    selling_mh: u64,
    covering: Alarms,
    selling: Alarms,
    /// Firms of policy `cover` that sell all of their production: they wake as soon as it pays their bills.
    thriving: Vec<(FirmId, u32)>,
    /// Fraction of a satoshi that the network has still to sell.
    part_sold: f64,
    /// Coins sold in the name of firms and not yet taken from them.
    pub ahead: Sats,
    /// Coins mined by dormant firms and not yet paid out, satoshi.
    mined: f64,
    /// Net cash received in the name of firms and not yet in their accounts, USD.
    pub cash: f64,
    /// Firms that woke since the last settlement.
    pub woken: Vec<FirmId>,
}

/// Movements in a firm's name since it became dormant.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
struct Unbooked {
    mined_sats: f64,
    sold_sats: f64,
    came_usd: f64,
    went_usd: f64,
}

/// A firm's account at the end of the last day, dormant or not.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Balance {
    /// Cash.
    pub cash: Usd,
    /// Coins.
    pub coins: Sats,
    /// Coins paid out to it so far.
    pub mined: Sats,
    /// Coins sold so far, by cause.
    pub sold: Sold,
}

impl Rests {
    /// The state of `firms` firms, all awake.
    #[must_use]
    pub fn of(firms: usize) -> Self {
        Self {
            rest: Column::filled(Rest::Awake, firms),
            number: Column::filled(0, firms),
            began: Column::filled((0.0, 0.0), firms),
            owed_sats: Column::filled(0.0, firms),
            ..Self::default()
        }
    }

    /// Whether any firm may become dormant.
    #[must_use]
    pub fn are_taken(&self) -> bool {
        !self.rest.is_empty()
    }

    /// Whether a firm is dormant.
    #[must_use]
    pub fn is_resting(&self, firm: FirmId) -> bool {
        self.rest.get(firm).is_some_and(|&rest| rest != Rest::Awake)
    }

    /// Whether an alarm belongs to the firm's present dormant period.
    fn is_of_now(&self, firm: FirmId, number: u32) -> bool {
        self.is_resting(firm) && self.number[firm] == number
    }

    /// Whether the coins sold in the name of firms equal those still to be taken from them, to a satoshi for each firm and the rounding of sums.
    #[must_use]
    #[expect(clippy::cast_precision_loss, reason = "all coins are below 2^53 satoshi")]
    pub fn balance(&self, ledger: &Ledger) -> bool {
        let all = || self.rest.ids().map(|firm| (firm, ledger.unbooked(firm)));
        let sold: f64 = all().map(|(firm, unbooked)| unbooked.sold_sats + self.owed_sats[firm]).sum();
        let cash: f64 = all().map(|(_, unbooked)| unbooked.came_usd - unbooked.went_usd).sum();
        let slack = self.rest.len() as f64 + 1.0 + 1e-9 * ledger.sold.total().get() as f64;
        (self.ahead.get() as f64 + self.part_sold - sold).abs() <= slack
            && (self.cash - cash).abs() <= 1e-9 * (ledger.turnover + 1.0)
    }

    /// Adds a firm to the totals of dormant firms, or subtracts it.
    fn count(&mut self, rest: Rest, hash_mh: u64, cost_nusd: i64, into: bool) {
        let (costs, hash) = match rest {
            Rest::Awake => return,
            Rest::Covering => (&mut self.covering_nusd, &mut self.covering_mh),
            Rest::Selling => (&mut self.selling_nusd, &mut self.selling_mh),
        };
        *costs += if into { cost_nusd } else { -cost_nusd };
        *hash = if into { *hash + hash_mh } else { *hash - hash_mh };
    }
}

#[expect(clippy::cast_precision_loss, reason = "MH/s, nano-dollars and satoshi are known to 53 bits")]
impl Ledger {
    /// A firm's costs, USD/day.
    fn cost(&self, firm: FirmId) -> f64 {
        self[firm].cost_nusd as f64 * 1e-9
    }

    /// Movements in a firm's name since it became dormant, up to the given sums.
    fn unbooked_at(&self, firm: FirmId, sums: &Sums) -> Unbooked {
        let rests = &self.rests;
        let (hash, cost) = (self[firm].running_mh as f64, self.cost(firm));
        // Most firms are awake, and have no need of these.
        let mined_sats = || hash * (sums.sats_per_mh - self[firm].mark_sats_per_mh);
        let went_usd = || cost * ((sums.at - self[firm].mark_s) / DAY_S);
        match rests.rest.get(firm) {
            None | Some(Rest::Awake) => Unbooked::default(),
            Some(Rest::Covering) => {
                let sold_sats = cost * (sums.sats_per_usd_day - rests.began[firm].0);
                let (mined_sats, went_usd) = (mined_sats(), went_usd());
                Unbooked { mined_sats, sold_sats, came_usd: went_usd, went_usd }
            }
            Some(Rest::Selling) => {
                let came_usd = hash * (sums.usd_per_mh - rests.began[firm].1);
                let (mined_sats, went_usd) = (mined_sats(), went_usd());
                Unbooked { mined_sats, sold_sats: mined_sats, came_usd, went_usd }
            }
        }
    }

    fn unbooked(&self, firm: FirmId) -> Unbooked {
        self.unbooked_at(firm, &self.rests.sums)
    }

    /// A firm's account at the end of the last day.
    #[must_use]
    #[expect(clippy::cast_possible_truncation, reason = "all coins are below 2^53 satoshi")]
    pub fn balance(&self, firm: FirmId) -> Balance {
        let Unbooked { mined_sats, sold_sats, came_usd, went_usd } = self.unbooked(firm);
        let owed = self.rests.owed_sats.get(firm).copied().unwrap_or_default();
        let rests = self.rests.is_resting(firm);
        let mined = if rests { (self[firm].accrued_sats + mined_sats).floor() as i64 } else { 0 };
        let sold = if rests { (sold_sats + owed).floor() as i64 } else { 0 };
        let mut sold_by_cause = self.sold_by_firm[firm];
        sold_by_cause.add(Sale::Voluntary, Sats::new(sold));
        Balance {
            // The last fraction of a satoshi may have been sold before the pool paid it out, and the last cent may have been spent.
            cash: Usd::new((self[firm].cash + came_usd - went_usd).max(0.0)),
            coins: Sats::new((self[firm].coins + mined - sold).max(0)),
            mined: self.mined[firm] + Sats::new(mined),
            sold: sold_by_cause,
        }
    }

    /// Coins of all firms at the end of the last day, satoshi. The error is up to one for each firm that has been dormant, since the network sells
    /// fractions of a satoshi that the pool has not paid out yet; never negative.
    #[must_use]
    #[expect(clippy::cast_possible_truncation, reason = "all coins are below 2^53 satoshi")]
    pub fn coins_held(&self) -> i64 {
        (self.total_coins + self.rests.mined.floor() as i64 - self.rests.ahead.get()).max(0)
    }

    /// Cash of all firms at the end of the last day, USD; never negative, which rounding could otherwise make it.
    #[must_use]
    pub fn cash_held(&self) -> f64 {
        (self.total_cash.usd() + self.rests.cash).max(0.0)
    }

    /// Makes a firm that has settled dormant if its next days are alike. Returns whether it does. The firm aims to keep a cash buffer.
    pub fn rest(&mut self, firm: FirmId, policy: TreasuryPolicy, buffer: Usd, price: UsdPerBtc) -> bool {
        let (coins, cash, cost) = (self[firm].coins as f64, self[firm].cash, self.cost(firm));
        let quiet = self.standing[firm] == Standing::Ok
            && self[firm].bill <= 0.0
            && cost > 0.0
            && self.loans.of(firm).next().is_none();
        let covers = policy == TreasuryPolicy::Cover;
        let rest = if !quiet {
            Rest::Awake
        } else if covers && cash >= buffer.get() && coins >= cost / price.get() * 1e8 {
            Rest::Covering
        } else if (covers || policy == TreasuryPolicy::All) && self[firm].coins == 0 && cash >= cost {
            Rest::Selling
        } else {
            Rest::Awake
        };
        if rest == Rest::Awake {
            return false;
        }
        let (hash, cost_nusd) = (self[firm].running_mh, self[firm].cost_nusd);
        let rests = &mut self.rests;
        rests.rest[firm] = rest;
        rests.number[firm] += 1;
        rests.began[firm] = (rests.sums.sats_per_usd_day, rests.sums.usd_per_mh);
        rests.count(rest, hash, cost_nusd, true);
        if rest == Rest::Covering {
            self.set_alarm(firm, rests_from(self.rests.sums.sats_per_usd_day, coins / cost));
        } else {
            self.set_alarm(firm, rests_from(self.rests.sums.at, cash / cost * DAY_S));
            if covers && hash > 0 {
                self.rests.thriving.push((firm, self.rests.number[firm]));
            }
        }
        true
    }

    fn set_alarm(&mut self, firm: FirmId, key: f64) {
        let alarm = Reverse((key.to_bits(), firm, self.rests.number[firm]));
        let alarms = match self.rests.rest[firm] {
            Rest::Covering => &mut self.rests.covering,
            Rest::Awake | Rest::Selling => &mut self.rests.selling,
        };
        alarms.push(alarm);
    }

    /// Wakes a dormant firm: its account is brought up to the end of the last day.
    #[expect(clippy::cast_possible_truncation, reason = "all coins are below 2^53 satoshi")]
    pub(crate) fn wake(&mut self, firm: FirmId) {
        let unbooked = self.unbooked(firm);
        self[firm].accrued_sats += unbooked.mined_sats;
        self.pay_out(firm);
        let owed = unbooked.sold_sats + self.rests.owed_sats[firm];
        let sold = (owed.floor() as i64).min(self[firm].coins);
        self[firm].coins -= sold;
        self.sold_by_firm[firm].add(Sale::Voluntary, Sats::new(sold));
        self.total_coins -= sold;
        self.came_usd[firm] += unbooked.came_usd;
        self.went_usd[firm] += unbooked.went_usd;
        self.change_cash(firm, unbooked.came_usd);
        self.note(firm, Cause::SoldVoluntary.name(), unbooked.came_usd, -sold);
        self.change_cash(firm, -unbooked.went_usd);
        self.note(firm, Cause::Bills.name(), -unbooked.went_usd, 0);
        let (hash, cost) = (self[firm].running_mh, self[firm].cost_nusd);
        let rests = &mut self.rests;
        let account = &mut self.accounts[firm];
        account.mark_sats_per_mh = rests.sums.sats_per_mh;
        account.mark_s = rests.sums.at;
        rests.owed_sats[firm] = owed - sold as f64;
        rests.ahead -= Sats::new(sold);
        rests.mined -= unbooked.mined_sats;
        rests.cash -= unbooked.came_usd - unbooked.went_usd;
        rests.count(rests.rest[firm], hash, cost, false);
        rests.rest[firm] = Rest::Awake;
        rests.woken.push(firm);
    }

    /// A day ends at `now` and a price: firms that cannot stay dormant through it wake, and the others sell and pay.
    #[expect(clippy::cast_possible_truncation, reason = "all coins are below 2^53 satoshi")]
    pub fn rest_through(&mut self, now: f64, price: UsdPerBtc) {
        let price_usd = price.get();
        if !self.rests.are_taken() {
            return;
        }
        let before = self.rests.sums;
        let days = (now - before.at) / DAY_S;
        let mined = self.sats_per_mh - before.sats_per_mh;
        let sums = Sums {
            at: now,
            sats_per_mh: self.sats_per_mh,
            sats_per_usd_day: before.sats_per_usd_day + days * 1e8 / price_usd,
            usd_per_mh: before.usd_per_mh + mined * price_usd / 1e8,
        };
        self.wake_exhausted(&sums);
        self.wake_covered(mined * price_usd / 1e8, days);
        let rests = &self.rests;
        let (covering, selling) = (rests.covering_nusd as f64 * 1e-9, rests.selling_nusd as f64 * 1e-9);
        let sells = rests.selling_mh as f64;
        let (sold_sats, sold_usd) = (sells * mined, sells * mined * price_usd / 1e8);
        let sats = covering * (sums.sats_per_usd_day - before.sats_per_usd_day) + sold_sats + rests.part_sold;
        let (came, went) = (covering * days + sold_usd, (covering + selling) * days);
        let mined_sats = (rests.covering_mh + rests.selling_mh) as f64 * mined;
        self.flows[Cause::SoldVoluntary as usize] += came;
        self.flows[Cause::Bills as usize] -= went;
        self.turnover += came + went;
        let sold = Sats::new(sats.floor() as i64);
        self.sold.voluntary += sold;
        let rests = &mut self.rests;
        rests.ahead += sold;
        rests.part_sold = sats - sats.floor();
        rests.mined += mined_sats;
        rests.cash += came - went;
        rests.sums = sums;
    }

    /// Wakes firms whose coins or cash do not last to these sums; firms for which that was only possible get a later alarm.
    fn wake_exhausted(&mut self, sums: &Sums) {
        while let Some(&Reverse((key, firm, number))) = self.rests.covering.peek()
            && f64::from_bits(key) < sums.sats_per_usd_day
        {
            self.rests.covering.pop();
            if !self.rests.is_of_now(firm, number) {
                continue;
            }
            let unbooked = self.unbooked_at(firm, sums);
            // A margin of two satoshi covers rounding.
            let left = self[firm].coins as f64 + unbooked.mined_sats - unbooked.sold_sats - 2.0;
            if left >= 0.0 {
                self.set_alarm(firm, rests_from(sums.sats_per_usd_day, left / self.cost(firm)));
            } else {
                self.wake(firm);
            }
        }
        while let Some(&Reverse((key, firm, number))) = self.rests.selling.peek()
            && f64::from_bits(key) < sums.at
        {
            self.rests.selling.pop();
            if !self.rests.is_of_now(firm, number) {
                continue;
            }
            let unbooked = self.unbooked_at(firm, sums);
            let left = self[firm].cash + unbooked.came_usd - unbooked.went_usd;
            if left >= 0.0 {
                self.set_alarm(firm, rests_from(sums.at, left / self.cost(firm) * DAY_S));
            } else {
                self.wake(firm);
            }
        }
    }

    /// Firms of policy `cover` whose production of the day pays the day's bills keep the remaining coins: they wake.
    fn wake_covered(&mut self, usd_per_mh: f64, days: f64) {
        let mut thriving = std::mem::take(&mut self.rests.thriving);
        thriving.retain(|&(firm, number)| {
            let sells = self.rests.is_of_now(firm, number);
            let pays = self[firm].running_mh as f64 * usd_per_mh >= self.cost(firm) * days;
            if sells && pays {
                self.wake(firm);
            }
            sells && !pays
        });
        self.rests.thriving = thriving;
    }
}

/// The value at which something that lasts for `lasts` more runs out; slightly earlier, so that rounding does not miss it.
fn rests_from(now: f64, lasts: f64) -> f64 {
    now + lasts * (1.0 - 1e-12)
}
