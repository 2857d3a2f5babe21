//! Exit of a firm that has not failed: it was acquired, or gave up.
//!
//! Its production is paid out, its coins are sold, bills and debts are paid as far as the money goes, in the order of a liquidation, and the owners
//! receive the rest. Unpaid debt is the lenders' loss.

use super::World;
use crate::{
    mechanism::credit::loan::Loan,
    units::{FirmId, LoanId, NanoUsd, Sats, Usd, UsdPerBtc},
    world::{
        distress::{Lost, Short},
        ledger::{Cause, Ledger, Sale, Standing},
    },
};

/// Whether a firm without machines could pay all its debts at this price of a coin.
#[must_use]
pub fn can_pay_all(ledger: &Ledger, firm: FirmId, price: UsdPerBtc) -> bool {
    let (_, principal) = ledger.service_due(firm);
    let owned = ledger[firm].cash + (Sats::new(ledger[firm].coins) * price).get();
    owned >= ledger[firm].bill + (ledger.debt[firm] - principal).usd()
}

/// Removes a firm whose machines now belong to others. Returns the coins that it sold.
pub fn retire(world: &mut World<'_>, firm: FirmId, standing: Standing) -> Sats {
    if let Some(case) = world.distress.cases.remove(&firm) {
        world.ledger[firm].bill += case.stayed.get();
    }
    world.distress.arrears.remove(&firm);
    let ledger = &mut world.ledger;
    ledger.accrue(firm, world.clock.now);
    ledger.pay_out(firm);
    for loan in ledger.loans.of(firm).collect::<Vec<_>>() {
        let row = ledger.loans.rows[loan];
        ledger.pledge(loan, -row.pledged);
        ledger.loans.rows[loan].charge = 0.0;
        ledger.accelerate(loan, row.principal);
    }
    let coins = ledger[firm].coins;
    ledger.sell(firm, coins, world.today.price, Sale::Voluntary);
    let lost = distribute(world, firm).lenders().usd();
    world.lose(Usd::new(lost));
    world.ledger[firm].cost_nusd = 0;
    world.ledger.set_standing(firm, standing, world.clock.now);
    Sats::new(coins)
}

/// A lender loses its remaining claims on the failed members: their part of the principal, and all unpaid due interest, since the other members have
/// paid theirs. Returns the loss, which the caller books once no further proceeds are possible.
pub fn give_up_claim(world: &mut World<'_>, loan: LoanId, principal: NanoUsd) -> Lost {
    let Loan { interest_due: interest, principal: owed, .. } = world.ledger.loans.rows[loan];
    let principal = principal.min(owed);
    if principal > NanoUsd::ZERO {
        world.ledger.write_off(loan, principal);
    }
    world.ledger.waive(loan);
    Lost { loan, principal, interest }
}

/// Distributes the assets of failed members by priority: bills, interest, loans in their order in the scenario, and the rest to the owners. Returns
/// the creditors' shortfall.
pub fn distribute(world: &mut World<'_>, firm: FirmId) -> Short {
    world.ledger.pay_bill(firm);
    let (interest, principal) = world.ledger.service_due(firm);
    let bills = (world.ledger[firm].bill - (interest + principal).usd()).max(0.0);
    let mut short = Short { bills: Usd::new(bills), lost: Vec::new() };
    for loan in world.ledger.loans.of(firm).collect::<Vec<_>>() {
        let unpaid = world.ledger.loans.rows[loan].due;
        short.lost.push(give_up_claim(world, loan, unpaid));
    }
    world.ledger[firm].bill = 0.0;
    let rest = world.ledger[firm].cash;
    world.ledger.post(firm, Cause::Distribution, -rest);
    short
}
