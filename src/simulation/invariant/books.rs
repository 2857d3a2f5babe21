//! I1, I2 and I7: coins, cash and debts, of the network and of each firm.

use super::{DOLLARS, Simulation, Violation};
use crate::{
    units::{FirmId, NanoUsd, Sats},
    world::ledger::Ledger,
};

impl Simulation<'_> {
    /// Checks I1, I2 and I7 now.
    ///
    /// # Errors
    /// The first that does not hold.
    pub fn check_books(&self) -> Result<(), Violation> {
        self.check_supply()?;
        self.check_coins()?;
        self.check_cash()?;
        self.check_debts()
    }

    /// I1 of the network, from the ledger's own totals: every satoshi issued is in the pool, with a firm, or sold; and issuance follows the schedule.
    ///
    /// # Errors
    /// If it does not hold.
    pub fn check_supply(&self) -> Result<(), Violation> {
        let ledger = &self.world.ledger;
        let placed = ledger.pool + Sats::new(ledger.total_coins) + ledger.sold.total() - ledger.rests.ahead;
        let there = ledger.coins_at_start + ledger.issued;
        self.require("I1", placed == there, || format!("{} sat have a place, {} exist", placed.get(), there.get()))?;
        let scheduled = self.world.chain.issued() - self.records.issued_before + self.records.fees;
        self.require("I1", ledger.issued == scheduled, || {
            format!("{} sat issued, the schedule says {}", ledger.issued.get(), scheduled.get())
        })
    }

    /// I1 of firms: they hold the coins that they mined and did not sell, and the pool the amounts that it owes them.
    fn check_coins(&self) -> Result<(), Violation> {
        let ledger = &self.world.ledger;
        let held: i64 = ledger.accounts.iter().map(|account| account.coins).sum();
        self.require("I1", held == ledger.total_coins, || {
            format!("firms hold {held} sat, the ledger says {}", ledger.total_coins)
        })?;
        for (firm, name) in self.world.population.firms.name.entries() {
            let should = (ledger.opening[firm] + ledger.mined[firm] - ledger.sold_by_firm[firm].total()).get();
            self.require("I1", ledger[firm].coins == should, || {
                format!("{name} holds {} sat, what it mined and sold says {should}", ledger[firm].coins)
            })?;
        }
        let owed: f64 = ledger.accounts.ids().map(|firm| ledger.owed(firm)).sum();
        #[expect(clippy::cast_precision_loss, reason = "all coins are below 2^53 satoshi")]
        let (pool, slack) =
            (ledger.pool.get() as f64, ledger.accounts.len() as f64 + 1e-9 * ledger.issued.get() as f64 + 1.0);
        self.require("I1", (pool - owed).abs() <= slack, || format!("the pool has {pool} sat and owes {owed}"))
    }

    /// I2: cash is initial cash plus sales, less bills and payments to owners and creditors.
    fn check_cash(&self) -> Result<(), Violation> {
        let ledger = &self.world.ledger;
        let held = ledger.accounts.iter().map(|account| account.cash).sum::<f64>() + ledger.rests.cash;
        self.require("I2", ledger.rests.balance(ledger), || {
            format!("what {} resting firms sold and paid is not what was sold and paid for them", ledger.accounts.len())
        })?;
        let turnover = ledger.cash_at_start + ledger.turnover + 1.0;
        let should = ledger.cash_at_start + ledger.flows.iter().sum::<f64>();
        self.require("I2", (held - should).abs() <= DOLLARS * turnover, || {
            format!("firms hold {held} USD, the flows say {should}")
        })?;
        for (firm, name) in self.world.population.firms.name.entries() {
            let (came, went) = (ledger.came_usd[firm], ledger.went_usd[firm]);
            self.require("I2", (ledger[firm].cash - (came - went)).abs() <= DOLLARS * (came + went + 1.0), || {
                format!("{name} holds {} USD, what came and went says {}", ledger[firm].cash, came - went)
            })?;
        }
        let accounts: NanoUsd = ledger.accounts.iter().map(|account| NanoUsd::nearest(account.cash)).sum();
        self.require("I2", accounts == ledger.total_cash, || {
            format!("firms hold {} USD, the ledger says {}", accounts.usd(), ledger.total_cash.usd())
        })
    }

    /// I7: debt is the amount lent, less repayments and write-offs; nothing is pledged twice, or beyond the firm's assets.
    fn check_debts(&self) -> Result<(), Violation> {
        let (ledger, loans) = (&self.world.ledger, &self.world.ledger.loans);
        let owed: NanoUsd = loans.rows.iter().map(|loan| loan.principal).sum();
        let should = loans.drawn - loans.repaid - loans.written_off;
        self.require("I7", owed == should, || {
            format!("firms owe {owed:?}, what was lent, repaid and given up says {should:?}")
        })?;
        self.require("I7", owed == ledger.total_debt, || {
            format!("firms owe {owed:?}, the ledger says {:?}", ledger.total_debt)
        })?;
        let mut all_pledged = 0;
        for (firm, name) in self.world.population.firms.name.entries() {
            let (mut principal, mut due, mut pledged, mut charge) = (NanoUsd::ZERO, NanoUsd::ZERO, 0, 0.0);
            for loan in loans.of(firm).map(|loan| &loans.rows[loan]) {
                let sound = loan.due >= NanoUsd::ZERO
                    && loan.due <= loan.principal
                    && loan.interest_due >= NanoUsd::ZERO
                    && loan.undrawn >= NanoUsd::ZERO
                    && loan.pledged >= 0
                    && loan.charge >= 0.0;
                self.require("I7", sound, || format!("a loan of {name} cannot be: {loan:?}"))?;
                principal += loan.principal;
                due += loan.due + loan.interest_due;
                pledged += loan.pledged;
                charge += loan.charge;
            }
            self.require("I7", principal == ledger.debt[firm], || {
                format!("{name} owes {principal:?} by loan, {:?} in the ledger", ledger.debt[firm])
            })?;
            let (bill, due) = (ledger[firm].bill, due.usd());
            self.require("I7", due <= bill.max(0.0) + DOLLARS * (ledger.turnover + bill + 1.0), || {
                format!("{name} has {due} USD due on loans and bills of {bill} USD in all")
            })?;
            self.require("I7", pledged == ledger.pledged[firm] && pledged <= ledger[firm].coins.max(0), || {
                let (kept, held) = (ledger.pledged[firm], ledger[firm].coins);
                format!("{name} has pledged {pledged} sat by loan, {kept} in the ledger, and holds {held}")
            })?;
            self.require("I7", charge <= 1.0 + DOLLARS, || format!("{name} has pledged {charge} of its machines"))?;
            all_pledged += pledged;
        }
        self.require("I7", all_pledged == ledger.total_pledged, || {
            format!("{all_pledged} sat are pledged, the ledger says {}", ledger.total_pledged)
        })
    }
}

impl Ledger {
    /// Amount that the pool owes a firm, satoshi.
    #[must_use]
    #[expect(clippy::cast_precision_loss, reason = "known to 53 bits")]
    fn owed(&self, firm: FirmId) -> f64 {
        self[firm].accrued_sats + self[firm].running_mh as f64 * self.sats_since_mark(firm)
    }
}
