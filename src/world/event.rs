//! All kinds of events, declared once: `events.csv`, its documentation and the marks of charts follow from it.
use crate::units::{FirmId, Hashrate, Sats, Seconds, Usd};

/// Declares the kinds of events: for each the variant, its name in `events.csv`, and its meaning, which is also its documentation.
macro_rules! events {
    ($($(#[doc = $doc:literal])+ $variant:ident $name:literal,)+) => {
        /// A kind of event.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
        pub enum EventKind {
            $($(#[doc = $doc])+ $variant,)+
        }

        impl EventKind {
            /// All kinds.
            pub const ALL: &[Self] = &[$(Self::$variant,)+];

            /// The name in `events.csv`.
            #[must_use]
            pub const fn name(self) -> &'static str {
                match self {
                    $(Self::$variant => $name,)+
                }
            }

            /// The meaning: of the event, and of the hashrate and the amounts recorded with it.
            #[must_use]
            pub const fn doc(self) -> &'static str {
                match self {
                    $(Self::$variant => concat!($($doc),+),)+
                }
            }
        }
    };
}

events! {
    /// The chain adjusted its difficulty.
    Retarget "retarget",
    /// The subsidy halved.
    Halving "halving",
    /// A scheduled change of the coin's price begins.
    PriceShock "price_shock",
    /// A scheduled rise of fees begins.
    FeeSpike "fee_spike",
    /// A scheduled drift of power prices begins.
    PowerPriceDrift "power_price_drift",
    /// A scheduled jump of power prices begins.
    PowerPriceShock "power_price_shock",
    /// A scheduled change of tariffs or levies begins.
    Tariff "tariff",
    /// A scheduled ban on mining in some regions begins.
    RegionalBan "regional_ban",
    /// A scheduled migration of sites between regions begins.
    Migration "migration",
    /// Lenders pay out nothing new from now on, for a while.
    CreditFreeze "credit_freeze",
    /// A new machine comes on sale.
    NewGeneration "new_generation",
    /// Tenants want sites for another use than mining from now on.
    OtherUse "other_use",
    /// Machines are forced off: the hashrate that was running.
    Curtailment "curtailment",
    /// A curtailment ends: the hashrate that may run again.
    CurtailmentEnd "curtailment_end",
    /// A site is closed by a ban: the hashrate that was running.
    Closure "closure",
    /// Machines of a site that a ban closed may run again: their hashrate.
    Relocation "relocation",
    /// Machines are switched off because of hashprice: their hashrate.
    Shutdown "shutdown",
    /// Machines are switched on again: their hashrate.
    Restart "restart",
    /// Machines come from a manufacturer: their hashrate.
    Delivery "delivery",
    /// Machines are ordered: their hashrate and cost.
    Order "order",
    /// An instalment was missed, and machines on order are cancelled: their hashrate, and what had been paid for them.
    OrderCancelled "order_cancelled",
    /// A new firm orders its first machines: their hashrate and cost.
    Entry "entry",
    /// A site is let for another use: building begins.
    Conversion "conversion",
    /// A site has its other use: the hashrate that left.
    Converted "converted",
    /// A bill was not paid in full: what is unpaid.
    Arrears "arrears",
    /// The grace period is over and a bill is unpaid: the hashrate of the miners that fail, and the bill.
    Default "default",
    /// Creditors wait: the principal that they give up.
    Restructuring "restructuring",
    /// A firm files for Chapter 11: the bills that wait.
    Chapter11 "chapter11",
    /// A firm comes out of Chapter 11: the principal that creditors give up.
    Chapter11End "chapter11_end",
    /// Miners are liquidated: their hashrate, the loss of lenders, the coins sold.
    Liquidation "liquidation",
    /// A lender calls for more collateral: the principal of the loan.
    MarginCall "margin_call",
    /// A firm pledges more: the hashrate, worth and coins added.
    CollateralAdded "collateral_added",
    /// A lender releases a part of a pledge: its hashrate, worth and coins.
    CollateralReleased "collateral_released",
    /// A lender takes what was pledged: its hashrate, the claim, and the coins sold.
    CollateralTaken "collateral_taken",
    /// A lender without recourse gives up the rest of its claim: the loss.
    Surrender "surrender",
    /// A loan is drawn: its amount.
    LoanDrawn "loan_drawn",
    /// A firm sells stock: its proceeds.
    StockSold "stock_sold",
    /// Used machines are sold: their hashrate, and what the seller gets.
    MachinesSold "machines_sold",
    /// An auction brought more than the broker's advance: the rest of the money.
    MachinesPaid "machines_paid",
    /// Used machines are bought: their hashrate and price.
    MachinesBought "machines_bought",
    /// Used machines are installed by their buyer: their hashrate.
    MachinesArrive "machines_arrive",
    /// Miners give up and leave: the hashrate that they sell.
    Exit "exit",
    /// A firm is bought: its hashrate, the price, and the coins it sold.
    Acquisition "acquisition",
}

/// An event of a history.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Event {
    /// Time from the start.
    pub time: Seconds,
    /// Its kind.
    pub kind: EventKind,
    /// The firm concerned; `None` for the whole network.
    pub firm: Option<FirmId>,
    /// Hashrate concerned.
    pub hashrate: Hashrate,
    /// Dollars concerned.
    pub usd: Usd,
    /// Coins concerned.
    pub coins: Sats,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_kind_has_a_name_of_its_own_and_a_meaning() {
        let mut names: Vec<_> = EventKind::ALL.iter().map(|kind| kind.name()).collect();
        names.sort_unstable();
        names.dedup();
        assert_eq!(names.len(), EventKind::ALL.len());
        assert!(EventKind::ALL.iter().all(|kind| kind.doc().trim().ends_with('.')));
    }
}
