//! Delivery of machines: those on order at the start, and those ordered since.
//!
//! Orders outstanding at the start follow from the growth before it, `max(0, g + s z)`, where z is standard normal by replica and s the standard
//! error of g. They are delivered to the buyers in proportion to their size when they ordered, on each firm's own day of the month: a delivery stands
//! for half a month before that day and half a month after it, so that the total follows the order book. These machines were paid for before the
//! start, and a place was found for them: a site is enlarged by those that do not fit. With instalments ([`super::instalments`]) a part is still to be paid.
//!
//! Machines ordered in the run are paid for when they are ordered and delivered all at once. A site built for them is ready then; if a site has no
//! room, its least efficient machines are displaced, and new machines that still do not fit find no place.
//!
//! While machines of closed sites wait for places ([`Places`](crate::world::places::Places)), each delivery that is due gives them its place and waits. When all have one, the place of each
//! delivery goes to the delivery that has waited longest.

use crate::world::lots::megahashes;
use crate::{
    hardware::OrderBook,
    mechanism::growth::{
        instalments::Instalments,
        params::{OrderRule, OrdersParams, Pace},
    },
    random::Draw,
    units::{ClassId, Column, DAY_S, Days, FirmId, Hashrate, ModelId, Power, Sats, SiteId, Usd},
    world::{
        EventKind, World,
        fleet::Fleet,
        ledger::Ledger,
        lots::ph,
        machines::{Arrival, Leaving, deliver, make_room, power_of},
        population::Population,
    },
};
use std::collections::{BTreeMap, VecDeque};

const EPOCH_DAYS: f64 = 14.0;

/// Outstanding orders.
#[derive(Clone, Debug, Default)]
pub struct Deliveries {
    book: Option<Book>,
    /// Orders of the run, by second of delivery, then by number.
    orders: BTreeMap<(u64, u64), Order>,
    numbered: u64,
    /// Outstanding deliveries to each site.
    coming: BTreeMap<SiteId, Coming>,
    /// Ordered in the run and not yet delivered.
    ordered: Hashrate,
    /// Deliveries that gave their places away, those that wait longest in front.
    waiting: VecDeque<Order>,
    /// Places that they may take.
    room: Hashrate,
}

/// Machines ordered in the run for a site and not yet delivered.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct Coming {
    hashrate: Hashrate,
    /// Power at the meter, mW.
    power_mw: u64,
    /// Part of that power for which the site is enlarged, mW.
    built_mw: u64,
}

/// Machines ordered in the run.
#[derive(Clone, Copy, Debug)]
pub struct Order {
    /// Site of destination.
    pub site: SiteId,
    /// Index of the model.
    pub model: ModelId,
    /// Number of machines.
    pub units: u32,
    /// Hashrate of all of them.
    pub hashrate: Hashrate,
    /// Power of all of them at the meter.
    pub power: Power,
    /// Enlargement of the site by the time of delivery.
    pub built: Power,
}

/// Orders outstanding at the start.
#[derive(Clone, Debug)]
struct Book {
    come: OrderBook,
    model: ModelId,
    /// Size of each buyer at the start, when it ordered, MH/s; 0 for firms that did not order.
    size: Column<FirmId, f64>,
    /// Hashrate due to each firm that is less than a machine, MH/s.
    due_mh: Column<FirmId, f64>,
    total_mh: u64,
    delivered_mh: u64,
    /// What is still to be paid, and by which classes' firms.
    unpaid: Option<(Instalments, Column<FirmId, bool>)>,
    /// Days of shipment up to which each firm's machines come: infinite unless it missed an instalment.
    kept_until: Column<FirmId, f64>,
    cancelled_mh: u64,
}

impl Deliveries {
    /// Outstanding orders at the start, for this running hashrate. `trend` is the deviation of the growth before the start, in standard errors.
    #[must_use]
    pub fn open(orders: &OrdersParams, coming: usize, population: &Population, running_mh: u64, trend: Draw) -> Self {
        let come = match &orders.pace {
            Pace::Trend { growth_per_epoch, standard_error, lag } => {
                let growth = (growth_per_epoch + standard_error * trend.standard_normal(0, 0)).max(0.0);
                OrderBook::Trend { eh_per_day: growth * Hashrate::from_mh(running_mh).eh() / EPOCH_DAYS, lag: *lag }
            }
            Pace::Schedule(months) => OrderBook::Schedule(months.clone()),
        };
        let model = orders.model.id(population.models.len(), coming);
        Self::of_book(come, model, &orders.classes, orders.instalments.as_ref(), population)
    }

    /// This hashrate outstanding at the start under a rule by which orders follow revenue: half of it in each stage of delivery, of the
    /// machine on sale at the start.
    #[must_use]
    pub fn of_rule(rule: &OrderRule, on_order_eh: f64, coming: usize, population: &Population) -> Self {
        let Some(offer) = rule.offers.first().filter(|_| on_order_eh > 0.0) else { return Self::default() };
        let come = OrderBook::TwoStages { eh: on_order_eh, lag: rule.lag };
        Self::of_book(come, offer.model.id(population.models.len(), coming), &[], None, population)
    }

    /// Orders of some classes, or of all, in proportion to the size of firms.
    fn of_book(
        come: OrderBook,
        model: ModelId,
        classes: &[String],
        instalments: Option<&Instalments>,
        population: &Population,
    ) -> Self {
        let firms = &population.firms;
        let among = |classes: &[String], class: ClassId| classes.is_empty() || classes.contains(&firms.classes[class]);
        let named = |class: ClassId| among(classes, class);
        let owes = |terms: &Instalments| firms.class.iter().map(|&class| among(&terms.classes, class)).collect();
        let book = Book {
            total_mh: Hashrate::from_eh(come.total_eh()).mh(),
            come,
            model,
            size: firms
                .ids()
                .map(|firm| if named(firms.class[firm]) { megahashes(firms.installed_mh[firm]) } else { 0.0 })
                .collect(),
            due_mh: Column::filled(0.0, firms.len()),
            delivered_mh: 0,
            unpaid: instalments.map(|terms| (terms.clone(), owes(terms))),
            kept_until: Column::filled(f64::INFINITY, firms.len()),
            cancelled_mh: 0,
        };
        Self { book: Some(book), ..Self::default() }
    }

    /// Hashrate not yet delivered, of initial and later orders.
    #[must_use]
    pub fn on_order(&self) -> Hashrate {
        self.ordered + self.left_of_book()
    }

    /// Hashrate not yet delivered of the initial orders.
    fn left_of_book(&self) -> Hashrate {
        Hashrate::from_mh(
            self.book.as_ref().map_or(0, |book| book.total_mh.saturating_sub(book.delivered_mh + book.cancelled_mh)),
        )
    }

    /// Places an order with a given delivery time.
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "seconds of a run")]
    pub fn order(&mut self, order: Order, now: f64, delay: Days) {
        self.numbered += 1;
        self.ordered += order.hashrate;
        let coming = self.coming.entry(order.site).or_default();
        coming.hashrate += order.hashrate;
        coming.power_mw += order.power.mw();
        coming.built_mw += order.built.mw();
        self.orders.insert(((now + delay.get() * DAY_S) as u64, self.numbered), order);
    }

    /// Power of the machines on order for a site, mW.
    #[must_use]
    pub fn coming_mw(&self, site: SiteId) -> u64 {
        self.coming_to(site).power_mw
    }

    /// Power that they will take from the site's present capacity: less the capacity built for them, mW.
    #[must_use]
    pub fn reserved_mw(&self, site: SiteId) -> u64 {
        let Coming { power_mw, built_mw, .. } = self.coming_to(site);
        power_mw.saturating_sub(built_mw)
    }

    fn coming_to(&self, site: SiteId) -> Coming {
        self.coming.get(&site).copied().unwrap_or_default()
    }

    /// Growth of hashrate once all orders have been delivered, less displaced hashrate, PH/s. Orders of firms that have failed are not delivered.
    #[must_use]
    pub fn adds_ph(&self, population: &Population, fleet: &Fleet, ledger: &Ledger) -> f64 {
        let lives = |site: &SiteId| ledger.standing[population.sites.firm[*site]].lives();
        let sites = self.coming.iter().map(|(&site, coming)| (site, coming)).filter(|(site, _)| lives(site));
        let ordered = sites.map(|(site, coming)| {
            coming.hashrate.ph()
                - displaced_ph(population, fleet, site, coming.power_mw.saturating_sub(coming.built_mw))
        });
        ordered.sum::<f64>() + self.left_of_book().ph()
    }

    /// Delivers machines that were ordered in the run and are due.
    pub fn arrive(&mut self, world: &mut World<'_>, arrivals: &mut Vec<Arrival>) {
        while let Some(entry) = self.orders.first_entry() {
            #[expect(clippy::cast_precision_loss, reason = "seconds of a run")]
            if entry.key().0 as f64 > world.clock.now {
                break;
            }
            let order = entry.remove();
            if self.is_queued(world, order) {
                continue;
            }
            self.hand_over(world, order, arrivals);
        }
        while self.waiting.front().is_some_and(|order| order.hashrate <= self.room) {
            if let Some(order) = self.waiting.pop_front() {
                self.room -= order.hashrate;
                self.hand_over(world, order, arrivals);
            }
        }
    }

    /// A delivery that is due waits if its place is taken by machines that waited before it. Returns whether it waits.
    fn is_queued(&mut self, world: &mut World<'_>, order: Order) -> bool {
        if !world.places.give(order.hashrate) {
            if self.waiting.is_empty() {
                self.room = Hashrate::ZERO;
                return false;
            }
            self.room += order.hashrate;
        }
        self.waiting.push_back(order);
        true
    }

    /// Machines arrive at the site for which they were ordered.
    fn hand_over(&mut self, world: &mut World<'_>, order: Order, arrivals: &mut Vec<Arrival>) {
        let site = order.site;
        self.ordered -= order.hashrate;
        if let Some(coming) = self.coming.get_mut(&order.site) {
            coming.hashrate -= order.hashrate;
            coming.power_mw -= order.power.mw();
            coming.built_mw -= order.built.mw();
            if *coming == Coming::default() {
                self.coming.remove(&order.site);
            }
        }
        let firm = world.population.sites.firm[site];
        // The order of a firm that has failed is delivered to no one.
        if !world.lives(firm) {
            return;
        }
        world.population.sites.capacity_mw[site] += order.built.mw();
        make_room(world, site, order.power.mw(), Leaving::Displaced);
        let each = order.power.mw() / u64::from(order.units.max(1));
        let room = world.population.sites.spare_mw(site) / each.max(1);
        let units = order.units.min(u32::try_from(room).unwrap_or(u32::MAX));
        if units < order.units {
            let unit = world.population.models[order.model].unit;
            world.inventory.deliver(order.model, order.units - units, unit);
            world.inventory.scrap(order.model, order.units - units, unit);
        }
        if units > 0 {
            let lot = deliver(world, site, order.model, units);
            let unit = world.population.models[order.model].unit;
            world.emit(EventKind::Delivery, firm, unit * u64::from(units), Usd::ZERO, Sats::ZERO);
            arrivals.push(Arrival { lot, units });
        }
    }

    /// Delivers machines that were on order at the start to the firms of this day of the calendar.
    pub fn arrive_of_book(&mut self, world: &mut World<'_>, today: usize, arrivals: &mut Vec<Arrival>) {
        let Some(book) = &mut self.book else { return };
        if book.delivered_mh + book.cancelled_mh >= book.total_mh {
            return;
        }
        let days_between = f64::from(world.scenario.settlement.every_days);
        let now = world.clock.now / DAY_S;
        // A firm's day stands for the days around it; the first one for all days before it.
        let from = if now < days_between { 0.0 } else { now - days_between / 2.0 };
        let to = now + days_between / 2.0;
        let all = book.size_of_all(world);
        let unit = world.population.models[book.model].unit;
        let due_by = |to: f64| book.come.come_by(Days::new(to)) - book.come.come_by(Days::new(from.min(to)));
        let due_today = due_by(to);
        let mut late: Vec<Order> = Vec::new();
        for place in 0..world.calendar[today].len() {
            let firm = world.calendar[today][place];
            let Some(site) = world.population.sites_of(firm).next() else { continue };
            if book.size[firm] == 0.0 || !world.lives(firm) {
                continue;
            }
            // What was cancelled does not come any more.
            let kept = book.kept_until[firm];
            let eh = if kept >= to { due_today } else { due_by(kept) };
            let due = book.due_mh[firm] + eh * 1e12 * book.size[firm] / all;
            #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "`as` saturates")]
            let units = (due / unit.th() / 1e6).floor().max(0.0) as u32;
            let came = unit * u64::from(units);
            book.due_mh[firm] = due - megahashes(came.mh());
            if units == 0 {
                continue;
            }
            if world.places.waiting() > Hashrate::ZERO || !self.waiting.is_empty() {
                let power = Power::from_mw(
                    u64::from(units)
                        * power_of(world, unit, world.population.models[book.model].efficiency).mw().max(1),
                );
                late.push(Order { site, model: book.model, units, hashrate: came, power, built: power });
                book.delivered_mh += came.mh();
                continue;
            }
            let lot = deliver(world, site, book.model, units);
            let sites = &mut world.population.sites;
            sites.capacity_mw[site] = sites.capacity_mw[site].max(sites.used_mw[site]);
            book.delivered_mh += came.mh();
            world.emit(EventKind::Delivery, firm, came, Usd::ZERO, Sats::ZERO);
            arrivals.push(Arrival { lot, units });
        }
        // Where machines wait for places, these are due like orders of the run.
        for order in late {
            self.order(order, world.clock.now, Days::ZERO);
        }
    }
}

impl Deliveries {
    /// The firms of this day of the calendar are told which instalments on machines of the start fall due.
    pub fn ask_instalments(&self, world: &mut World<'_>, today: usize) {
        let Some(book) = &self.book else { return };
        let Some((terms, owes)) = &book.unpaid else { return };
        let (from, to) = payment_days(world);
        let (due, all) = (terms.due(&book.come, from, to), book.size_of_all(world));
        for place in 0..world.calendar[today].len() {
            let firm = world.calendar[today][place];
            if owes[firm] && world.lives(firm) && book.kept_until[firm].is_infinite() {
                world.ledger.instalments[firm] = due * (book.size[firm] / all);
            }
        }
    }

    /// Firms of this day of the calendar that did not pay an instalment lose what they paid before, and their machines.
    pub fn cancel_unpaid(&mut self, world: &mut World<'_>, today: usize) {
        let Some(book) = &mut self.book else { return };
        let Some((terms, _)) = &book.unpaid else { return };
        let (from, _) = payment_days(world);
        let (hashrate, paid) = terms.lost(&book.come, from);
        let all = book.size_of_all(world);
        for place in 0..world.calendar[today].len() {
            let firm = world.calendar[today][place];
            if std::mem::take(&mut world.ledger.instalments[firm]) > Usd::ZERO {
                let share = book.size[firm] / all;
                let lost = Hashrate::from_th(hashrate.th() * share);
                book.kept_until[firm] = (from + terms.last).get();
                book.cancelled_mh += lost.mh();
                world.emit(EventKind::OrderCancelled, firm, lost, paid * share, Sats::ZERO);
            }
        }
    }
}

impl Book {
    /// Sum of the sizes of the firms that live, MH/s.
    fn size_of_all(&self, world: &World<'_>) -> f64 {
        self.size.ids().filter(|&firm| world.lives(firm)).map(|firm| self.size[firm]).sum()
    }
}

/// The days for which instalments fall due at the settlements of today: those since the firm's last day; before its first day, since the start.
fn payment_days(world: &World<'_>) -> (Days, Days) {
    let now = Days::new(world.clock.now / DAY_S);
    let from = now - Days::new(f64::from(world.scenario.settlement.every_days));
    (if from > Days::ZERO { from } else { Days::ZERO }, now)
}

/// Number of whole units.
#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "`as` saturates, which is the meaning")]
pub(super) fn whole(number: f64) -> u32 {
    number.floor().max(0.0) as u32
}

/// Running hashrate of a site that new machines of this power displace, beyond the site's spare capacity, PH/s. All machines there are assumed alike.
pub(super) fn displaced_ph(population: &Population, fleet: &Fleet, site: SiteId, power_mw: u64) -> f64 {
    let sites = &population.sites;
    let (over, used) = (power_mw.saturating_sub(sites.spare_mw(site)), sites.used_mw[site]);
    if over == 0 || used == 0 {
        return 0.0;
    }
    ph(fleet.running_at(site)) * (megahashes(over) / megahashes(used)).min(1.0)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::units::Id;
    use crate::{hardware::Lag, mechanism::growth::params::ModelRef, random::Purpose};

    /// Growth of 4 % an epoch with a standard error of 2 %: with a lag of 14 days, 40 EH/s on 1000 are on order at the median, with a standard
    /// deviation of 20, and nothing in the 2.3 % of histories in which growth is drawn below 0.
    #[test]
    fn orders_are_as_well_known_as_the_growth_before_the_start() {
        let on_order = |standard_error: f64| -> Vec<f64> {
            let lag = Lag { median: Days::new(14.0), log_sd: 0.0 };
            let pace = Pace::Trend { growth_per_epoch: 0.04, standard_error, lag };
            let orders = OrdersParams { model: ModelRef::Fleet(0), pace, classes: Vec::new(), instalments: None };
            let running = Hashrate::from_eh(1000.0).mh();
            let open = |replica| {
                let trend = Draw::new(1, replica, Purpose::Trend);
                let deliveries = Deliveries::open(&orders, 0, &Population::default(), running, trend);
                deliveries.on_order().eh()
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

    /// Machines whose place is built for them take nothing from the present capacity, but must be run: 30 and 20 mW are delivered, 20 of which are
    /// built.
    #[test]
    fn what_is_built_takes_no_room() {
        let mut deliveries = Deliveries::default();
        let (site, other) = (SiteId::of(3), SiteId::of(2));
        let order = |power, built| Order {
            site,
            model: ModelId::of(0),
            units: 1,
            hashrate: Hashrate::from_mh(7),
            power: Power::from_mw(power),
            built: Power::from_mw(built),
        };
        deliveries.order(order(30, 0), 0.0, Days::new(10.0));
        deliveries.order(order(20, 20), 0.0, Days::new(20.0));
        assert_eq!((deliveries.coming_mw(site), deliveries.reserved_mw(site)), (50, 30));
        assert_eq!((deliveries.coming_mw(other), deliveries.reserved_mw(other)), (0, 0));
    }
}
