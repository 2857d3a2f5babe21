//! Machines arrive: those on order at the start, and those ordered since.
//!
//! What was on order at the start follows from the growth before it, `max(0, g + s z)`, where z is standard normal by replica and s the standard
//! error of g. It comes to its buyers in proportion to their size when they ordered, on each firm's own day of the month: half of it
//! for the days before, half ahead, so that on the whole it comes when the order book says. It was paid before the start, and a place was
//! found for it: a site grows by what does not fit.
//!
//! What is ordered in the run is paid when it is ordered and comes all at once. A site that was built for it is ready then; where it
//! has no room, the least efficient machines there make room, and what still does not fit finds no place.

use crate::{
    hardware::OrderBook,
    mechanism::growth::params::{OrdersParams, Pace},
    random::Draw,
    units::{DAY_S, Days, Hashrate},
    world::{
        EventKind, World,
        fleet::Fleet,
        ledger::Ledger,
        lots::ph,
        machines::{Arrival, Leaving, deliver, make_room},
        population::Population,
    },
};
use std::collections::BTreeMap;

const EPOCH_DAYS: f64 = 14.0;

/// What has been ordered and has not come.
#[derive(Clone, Debug, Default)]
pub struct Deliveries {
    book: Option<Book>,
    /// Ordered in the run, by the second in which they come, then by number.
    orders: BTreeMap<(u64, u64), Order>,
    numbered: u64,
    /// What comes to each site.
    coming: BTreeMap<u32, Coming>,
    /// Ordered in the run and not yet delivered, MH/s.
    ordered_mh: u64,
}

/// What was ordered in the run for a site and has not come.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct Coming {
    hash_mh: u64,
    /// Power at the meter, mW.
    power_mw: u64,
    /// Of this, what the site is enlarged by.
    built_mw: u64,
}

/// Machines ordered in the run.
#[derive(Clone, Copy, Debug)]
pub struct Order {
    /// Where they will stand.
    pub site: u32,
    /// Index of the model.
    pub model: u16,
    /// How many.
    pub units: u32,
    /// Of all of them.
    pub hash_mh: u64,
    /// Of all of them at the meter, mW.
    pub power_mw: u64,
    /// By how much the site has been enlarged when they come, mW.
    pub built_mw: u64,
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
    /// What is on order at the start, where so much hashrate runs. `trend` says how far the growth before the start is off.
    #[must_use]
    pub fn open(
        orders: Option<&OrdersParams>,
        coming: usize,
        population: &Population,
        running_mh: u64,
        trend: Draw,
    ) -> Self {
        let book = orders.map(|orders| {
            let come = match &orders.pace {
                Pace::Trend { growth_per_epoch, standard_error, lag } => {
                    let growth = (growth_per_epoch + standard_error * trend.standard_normal(0, 0)).max(0.0);
                    OrderBook::Trend { eh_per_day: growth * Hashrate::from_mh(running_mh).eh() / EPOCH_DAYS, lag: *lag }
                }
                Pace::Schedule(months) => OrderBook::Schedule(months.clone()),
            };
            let firms = &population.firms;
            let named =
                |class: u32| orders.classes.is_empty() || orders.classes.contains(&firms.classes[class as usize]);
            Book {
                total_mh: Hashrate::from_eh(come.total_eh()).mh(),
                come,
                model: orders.model.index(population.models.len(), coming),
                size: (0..firms.len())
                    .map(|firm| if named(firms.class[firm]) { megahashes(firms.installed_mh[firm]) } else { 0.0 })
                    .collect(),
                due_mh: vec![0.0; firms.len()],
                delivered_mh: 0,
            }
        });
        Self { book, ..Self::default() }
    }

    /// Not yet delivered, of what was on order at the start and of what was ordered since, MH/s.
    #[must_use]
    pub fn on_order_mh(&self) -> u64 {
        self.ordered_mh + self.book.as_ref().map_or(0, |book| book.total_mh.saturating_sub(book.delivered_mh))
    }

    /// Machines are ordered, and come after so many days.
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "seconds of a run")]
    pub fn order(&mut self, order: Order, now: f64, delay: Days) {
        self.numbered += 1;
        self.ordered_mh += order.hash_mh;
        let coming = self.coming.entry(order.site).or_default();
        coming.hash_mh += order.hash_mh;
        coming.power_mw += order.power_mw;
        coming.built_mw += order.built_mw;
        self.orders.insert(((now + delay.get() * DAY_S) as u64, self.numbered), order);
    }

    /// Power that machines on order for a site will draw, mW.
    #[must_use]
    pub fn coming_mw(&self, site: usize) -> u64 {
        self.coming_to(site).power_mw
    }

    /// Power of a site that they will take from what is there now: less what is built for them, mW.
    #[must_use]
    pub fn reserved_mw(&self, site: usize) -> u64 {
        let Coming { power_mw, built_mw, .. } = self.coming_to(site);
        power_mw.saturating_sub(built_mw)
    }

    fn coming_to(&self, site: usize) -> Coming {
        u32::try_from(site).ok().and_then(|site| self.coming.get(&site)).copied().unwrap_or_default()
    }

    /// By how much hashrate will have grown once all that is on order has come, less what it displaces, PH/s. Orders of firms that have failed
    /// do not come.
    #[must_use]
    pub fn adds_ph(&self, population: &Population, fleet: &Fleet, ledger: &Ledger) -> f64 {
        let lives = |site: &usize| ledger.standing[population.sites.firm[*site] as usize].lives();
        let sites = self.coming.iter().map(|(&site, coming)| (site as usize, coming)).filter(|(site, _)| lives(site));
        let ordered = sites.map(|(site, coming)| {
            ph(coming.hash_mh) - displaced_ph(population, fleet, site, coming.power_mw.saturating_sub(coming.built_mw))
        });
        let book = self.book.as_ref().map_or(0, |book| book.total_mh.saturating_sub(book.delivered_mh));
        ordered.sum::<f64>() + ph(book)
    }

    /// Machines ordered in the run come.
    pub fn arrive(&mut self, world: &mut World<'_>, arrivals: &mut Vec<Arrival>) {
        while let Some(entry) = self.orders.first_entry() {
            #[expect(clippy::cast_precision_loss, reason = "seconds of a run")]
            if entry.key().0 as f64 > world.clock.now {
                break;
            }
            let order = entry.remove();
            let site = order.site as usize;
            self.ordered_mh -= order.hash_mh;
            if let Some(coming) = self.coming.get_mut(&order.site) {
                coming.hash_mh -= order.hash_mh;
                coming.power_mw -= order.power_mw;
                coming.built_mw -= order.built_mw;
            }
            let firm = world.population.sites.firm[site] as usize;
            // The order of a firm that has failed goes to no one.
            if !world.lives(firm) {
                continue;
            }
            world.population.sites.capacity_mw[site] += order.built_mw;
            make_room(world, site, order.power_mw, Leaving::Displaced);
            let each = order.power_mw / u64::from(order.units.max(1));
            let room = world.population.sites.spare_mw(site) / each.max(1);
            let units = order.units.min(u32::try_from(room).unwrap_or(u32::MAX));
            if units < order.units {
                let unit_mh = world.population.models[order.model as usize].unit.mh();
                world.inventory.deliver(order.model, order.units - units, unit_mh);
                world.inventory.scrap(order.model, order.units - units, unit_mh);
            }
            if units > 0 {
                let lot = deliver(world, site, order.model, units);
                let unit = world.population.models[order.model as usize].unit;
                let hash_mh = u64::from(units) * unit.mh();
                world.emit(EventKind::Delivery, firm, hash_mh, 0.0, 0);
                arrivals.push(Arrival { lot, units });
            }
        }
    }

    /// Machines on order at the start come to the firms whose day it is.
    pub fn arrive_of_book(&mut self, world: &mut World<'_>, today: usize, arrivals: &mut Vec<Arrival>) {
        let Some(book) = &mut self.book else { return };
        if book.delivered_mh >= book.total_mh {
            return;
        }
        let days_between = f64::from(world.scenario.settlement.every_days);
        let now = world.clock.now / DAY_S;
        // A firm's day stands for the days around it; its first for all before.
        let from = if now < days_between { 0.0 } else { now - days_between / 2.0 };
        let eh = book.come.come_by(Days::new(now + days_between / 2.0)) - book.come.come_by(Days::new(from));
        let all: f64 = (0..book.size.len()).filter(|&firm| world.lives(firm)).map(|firm| book.size[firm]).sum();
        let unit = world.population.models[book.model as usize].unit;
        for place in 0..world.calendar[today].len() {
            let firm = world.calendar[today][place] as usize;
            let Some(site) = world.population.sites_of(firm).next() else { continue };
            if book.size[firm] == 0.0 || !world.lives(firm) {
                continue;
            }
            let due = book.due_mh[firm] + eh * 1e12 * book.size[firm] / all;
            #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "`as` saturates")]
            let units = (due / unit.th() / 1e6).floor().max(0.0) as u32;
            let came = u64::from(units) * unit.mh();
            book.due_mh[firm] = due - megahashes(came);
            if units == 0 {
                continue;
            }
            let lot = deliver(world, site, book.model, units);
            let sites = &mut world.population.sites;
            sites.capacity_mw[site] = sites.capacity_mw[site].max(sites.used_mw[site]);
            book.delivered_mh += came;
            world.emit(EventKind::Delivery, firm, came, 0.0, 0);
            arrivals.push(Arrival { lot, units });
        }
    }
}

/// Running hashrate of a site that machines of this power displace, beyond what the site can carry beside its own, PH/s: machines there are
/// counted alike.
pub(super) fn displaced_ph(population: &Population, fleet: &Fleet, site: usize, power_mw: u64) -> f64 {
    let sites = &population.sites;
    let (over, used) = (power_mw.saturating_sub(sites.spare_mw(site)), sites.used_mw[site]);
    if over == 0 || used == 0 {
        return 0.0;
    }
    let running = population.lots_of_site(site).filter(|&lot| fleet.runs(lot)).map(|lot| population.lots.hash_mh[lot]);
    ph(running.sum()) * (megahashes(over) / megahashes(used)).min(1.0)
}

#[expect(clippy::cast_precision_loss, reason = "a firm's MH/s are known to 53 bits")]
fn megahashes(mh: u64) -> f64 {
    mh as f64
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{hardware::Lag, mechanism::growth::params::ModelRef, random::Purpose};

    /// A trend of 4 % an epoch, known to 2 %: by a lag of 14 days 40 EH/s on 1000 are on order in the middle, with a deviation of 20,
    /// and nothing in the 2.3 % of histories in which growth is drawn below 0.
    #[test]
    fn orders_are_as_well_known_as_the_growth_before_the_start() {
        let on_order = |standard_error: f64| -> Vec<f64> {
            let lag = Lag { median: Days::new(14.0), log_sd: 0.0 };
            let pace = Pace::Trend { growth_per_epoch: 0.04, standard_error, lag };
            let orders = OrdersParams { model: ModelRef::Fleet(0), pace, classes: Vec::new() };
            let running = Hashrate::from_eh(1000.0).mh();
            let open = |replica| {
                let trend = Draw::new(1, replica, Purpose::Trend);
                let deliveries = Deliveries::open(Some(&orders), 0, &Population::default(), running, trend);
                Hashrate::from_mh(deliveries.on_order_mh()).eh()
            };
            let mut all: Vec<f64> = (0..2000).map(open).collect();
            all.sort_by(f64::total_cmp);
            all
        };
        assert!(on_order(0.0).iter().all(|eh| (eh - 40.0).abs() < 1e-9));
        let drawn = on_order(0.02);
        // Four standard errors of a quantile of 2000 draws: 4 sqrt(p (1 - p)/2000) over the density there.
        for (place, eh, tolerance) in [(1000, 40.0, 2.3), (317, 20.0, 2.8), (1683, 60.0, 2.8)] {
            assert!((drawn[place] - eh).abs() < tolerance, "{} EH/s, not {eh}", drawn[place]);
        }
        let none = drawn.iter().filter(|eh| **eh <= 0.0).count();
        assert!((20..=75).contains(&none), "{none} of 2000 without orders, where 45.5 are expected");
    }

    /// Machines for which a place is built take nothing from what is there, but will have to be run: 30 and 20 mW come, 20 of which are built.
    #[test]
    fn what_is_built_takes_no_room() {
        let mut deliveries = Deliveries::default();
        let order = |power_mw, built_mw| Order { site: 3, model: 0, units: 1, hash_mh: 7, power_mw, built_mw };
        deliveries.order(order(30, 0), 0.0, Days::new(10.0));
        deliveries.order(order(20, 20), 0.0, Days::new(20.0));
        assert_eq!((deliveries.coming_mw(3), deliveries.reserved_mw(3)), (50, 30));
        assert_eq!((deliveries.coming_mw(2), deliveries.reserved_mw(2)), (0, 0));
    }
}
