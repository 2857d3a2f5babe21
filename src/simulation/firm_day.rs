//! A firm's settlement day, in order.

use crate::units::{FirmId, Usd};
use crate::{
    mechanism::{
        credit, distress, equity,
        treasury::{
            self,
            cover::{Cover, Means, cover},
        },
    },
    world::{World, sale},
};

/// A firm settles: it is paid, sells by policy, raises the money for its bills, pays them, and defaults when it has not paid for too long (model.md
/// 5.7, 5.10).
pub(super) fn settle(world: &mut World<'_>, firm: FirmId) {
    // The pool pays for production, which is sold by policy.
    let produced = treasury::collect(world, firm);
    treasury::sell_by_policy(world, firm, produced);
    // Interest and principal fall due with the other bills, and late bills bear interest.
    distress::charge_late(world, firm);
    credit::fall_due(world, firm);
    let due = distress::due(world, firm);
    // A shortfall is covered along the pecking order: coins, credit, stock, idle machines.
    if let Some(means) = treasury::shortfall(world, firm) {
        let credit = credit::available(world, firm);
        let stock = equity::available(world, firm);
        let machines = sale::idle_machines(world, firm);
        let Cover { coins, credit, stock, machines } = cover(&Means { credit, stock, machines, ..means });
        treasury::sell_for_cash(world, firm, coins);
        if credit > Usd::ZERO {
            credit::draw(world, firm, credit);
        }
        if stock > Usd::ZERO {
            equity::sell(world, firm, stock);
        }
        if machines > Usd::ZERO {
            sale::sell_idle_machines(world, firm, machines);
        }
    }
    treasury::pay_bills(world, firm);
    treasury::pay_instalment(world, firm);
    // An unpaid bill puts the firm in arrears; too long in arrears is a default.
    distress::judge(world, firm, &due);
}
