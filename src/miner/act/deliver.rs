//! Machines arrive: those on order at the start, and those ordered since.
//!
//! What was on order comes to its buyers in proportion to their size when they ordered, on each firm's own day of the month: half of it
//! for the days before, half ahead, so that on the whole it comes when the order book says. It was paid before the start, and a place was
//! found for it: a site grows by what does not fit.

use crate::{
    hardware::OrderBook,
    miner::{
        fleet::Fleet,
        growth::{OrdersParams, Pace},
        inventory::Inventory,
        ledger::{Ledger, Standing},
        population::Population,
        terms::Terms,
    },
    units::{Days, Hashrate},
};

const EPOCH_DAYS: f64 = 14.0;
const DAY: f64 = 86_400.0;

/// Where machines go: everything that a change of them touches.
#[derive(Debug)]
pub struct Ground<'a> {
    /// Firms, sites and lots.
    pub population: &'a mut Population,
    /// Which run.
    pub fleet: &'a mut Fleet,
    /// Accounts.
    pub ledger: &'a mut Ledger,
    /// Machines that stand in no lot.
    pub inventory: &'a mut Inventory,
    /// What lots follow from.
    pub terms: Terms<'a>,
    /// Now, s.
    pub now: f64,
}

impl Ground<'_> {
    /// Machines come from a maker and are installed at a site, whatever room it has.
    pub fn deliver(&mut self, site: usize, model: u16, units: u32) {
        let unit_mh = self.population.models[model as usize].unit.mh();
        self.inventory.deliver(model, units, unit_mh);
        self.fleet.install(self.population, self.ledger, &self.terms, site, model, units, self.now);
    }
}

/// What has been ordered and has not come.
#[derive(Clone, Debug, Default)]
pub struct Deliveries {
    book: Option<Book>,
    /// Not yet delivered, MH/s.
    pub on_order_mh: u64,
}

/// The order book of the start.
#[derive(Clone, Debug)]
struct Book {
    come: OrderBook,
    model: u16,
    /// Size of each buyer when it ordered, at the start, MH/s; 0 for who did not order.
    size: Vec<f64>,
    /// Hashrate due to each firm that is less than a machine, MH/s.
    due_mh: Vec<f64>,
    total_mh: u64,
    delivered_mh: u64,
}

impl Deliveries {
    /// What is on order at the start, where so much hashrate runs.
    #[must_use]
    pub fn open(orders: Option<&OrdersParams>, coming: usize, population: &Population, running_mh: u64) -> Self {
        let book = orders.map(|orders| {
            let book = match &orders.pace {
                Pace::Trend { growth_per_epoch, lag } => OrderBook::Trend {
                    eh_per_day: growth_per_epoch * Hashrate::from_mh(running_mh).eh() / EPOCH_DAYS,
                    lag: *lag,
                },
                Pace::Schedule(months) => OrderBook::Schedule(months.clone()),
            };
            let firms = &population.firms;
            let named =
                |class: u32| orders.classes.is_empty() || orders.classes.contains(&firms.classes[class as usize]);
            Book {
                total_mh: Hashrate::from_eh(book.total_eh()).mh(),
                come: book,
                model: orders.model.index(population, coming),
                size: (0..firms.len())
                    .map(|firm| if named(firms.class[firm]) { megahashes(firms.installed_mh[firm]) } else { 0.0 })
                    .collect(),
                due_mh: vec![0.0; firms.len()],
                delivered_mh: 0,
            }
        });
        Self { on_order_mh: book.as_ref().map_or(0, |book| book.total_mh), book }
    }

    /// Machines on order at the start come to the firms whose day it is. Calls `tell` with each firm and the hashrate that came.
    pub fn arrive(
        &mut self,
        ground: &mut Ground<'_>,
        today: &[u32],
        days_between: f64,
        mut tell: impl FnMut(usize, Hashrate),
    ) {
        let Some(book) = &mut self.book else { return };
        if book.delivered_mh >= book.total_mh {
            return;
        }
        let now = ground.now / DAY;
        // A firm's day stands for the days around it; its first for all before.
        let from = if now < days_between { 0.0 } else { now - days_between / 2.0 };
        let eh = book.come.come_by(Days::new(now + days_between / 2.0)) - book.come.come_by(Days::new(from));
        let buys =
            |firm: usize, ledger: &Ledger| book.size[firm] > 0.0 && ledger.standing[firm] != Standing::Liquidated;
        let all: f64 = (0..book.size.len()).filter(|&firm| buys(firm, ground.ledger)).map(|firm| book.size[firm]).sum();
        let unit = ground.population.models[book.model as usize].unit;
        for &firm in today {
            let firm = firm as usize;
            let Some(site) = ground.population.sites_of(firm).next().filter(|_| buys(firm, ground.ledger)) else {
                continue;
            };
            let due = book.due_mh[firm] + eh * 1e12 * book.size[firm] / all;
            #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "`as` saturates")]
            let units = (due / unit.th() / 1e6).floor().max(0.0) as u32;
            let came = u64::from(units) * unit.mh();
            book.due_mh[firm] = due - megahashes(came);
            if units == 0 {
                continue;
            }
            ground.deliver(site, book.model, units);
            let sites = &mut ground.population.sites;
            sites.capacity_mw[site] = sites.capacity_mw[site].max(sites.used_mw[site]);
            book.delivered_mh += came;
            self.on_order_mh = self.on_order_mh.saturating_sub(came);
            tell(firm, Hashrate::from_mh(came));
        }
    }
}

#[expect(clippy::cast_precision_loss, reason = "a firm's MH/s are known to 53 bits")]
fn megahashes(mh: u64) -> f64 {
    mh as f64
}
