//! What a firm does on its day, in order.

use crate::{
    mechanism::{
        credit, distress,
        treasury::{
            self,
            cover::{Cover, Means, cover},
        },
    },
    world::{World, sale},
};

/// A firm settles: it is paid, sells by policy, finds the money for its bills, pays them, and fails when it has not for too long
/// (model.md 5.7, 5.10).
pub(super) fn settle(world: &mut World<'_>, firm: usize) {
    // The pool pays for what was mined, and production is sold by policy.
    let produced = treasury::collect(world, firm);
    treasury::sell_by_policy(world, firm, produced);
    // Interest and principal fall due with the other bills.
    credit::fall_due(world, firm);
    let due = world.ledger.bill[firm];
    // The money that is missing is found along the pecking order: coins, credit, idle machines.
    if let Some(means) = treasury::shortfall(world, firm) {
        let credit = credit::available(world, firm);
        let machines = sale::idle_machines_usd(world, firm);
        let Cover { coins, credit, machines } = cover(&Means { credit, machines, ..means });
        treasury::sell_for_cash(world, firm, coins);
        if credit > 0.0 {
            credit::draw(world, firm, credit);
        }
        if machines > 0.0 {
            sale::sell_idle_machines(world, firm, machines);
        }
    }
    treasury::pay_bills(world, firm);
    // What is still unpaid puts the firm in arrears; too long in arrears is a default.
    distress::judge(world, firm, due);
}
