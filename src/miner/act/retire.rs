//! How a firm leaves that has not failed: it was bought, or gave up.
//!
//! What it mined is paid out, its coins are sold, bills and debts are paid as far as the money goes, in the order of a liquidation, and its
//! owners take the rest. Debt that stays unpaid is the lenders' loss.

use super::{Books, Settlement};
use crate::miner::ledger::{Ledger, Sale, Standing};

/// Whether a firm without machines could pay all it owes, at this price of a coin.
#[must_use]
#[expect(clippy::cast_precision_loss, reason = "all coins are below 2^53 satoshi")]
pub fn can_pay_all(ledger: &Ledger, firm: usize, price_usd: f64) -> bool {
    let (_, principal) = ledger.service_due(firm);
    let owned = ledger.cash[firm] + ledger.coins[firm] as f64 / 1e8 * price_usd;
    owned >= ledger.bill[firm] + (ledger.debt[firm] - principal).usd()
}

impl Settlement<'_> {
    /// A firm whose machines have gone to others leaves. Returns the coins it sold, satoshi.
    pub fn retire(&self, books: &mut Books<'_>, firm: usize, standing: Standing) -> i64 {
        if let Some(case) = books.distress.cases.remove(&firm) {
            books.ledger.bill[firm] += case.stayed;
        }
        books.distress.arrears.remove(&firm);
        let ledger = &mut *books.ledger;
        ledger.accrue(firm, self.now);
        ledger.pay_out(firm);
        for loan in ledger.loans.of(firm).collect::<Vec<_>>() {
            let row = ledger.loans.rows[loan];
            ledger.pledge(loan, -row.pledged);
            ledger.loans.rows[loan].charge = 0.0;
            ledger.accelerate(loan, row.principal);
        }
        let coins = ledger.coins[firm];
        ledger.sell(firm, coins, self.price_usd, Sale::Voluntary);
        let lost = Self::distribute(books, firm).lenders().usd();
        books.distress.lenders.lose(lost, self.lenders, self.now);
        books.ledger.cost_nusd[firm] = 0;
        books.ledger.set_standing(firm, standing, self.now);
        coins
    }
}
