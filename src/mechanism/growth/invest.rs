//! Purchases of machines by miners and entrants for which it pays, on their own day of the month.
//!
//! All firms that decide on a day use the same prices and decide together, so that their orders pay at the hashprice to which they lead ([`Ahead`]);
//! if they want more than manufacturers can build, each gets the same share. Orders are paid at once, with freight and the site that is built for
//! them.
//!
//! If lenders finance a part (`[invest.payback.loan]`), they pay L0 of the cost of the machines, freight included, and at most L0 of the value of the
//! buyer's unpledged machines; sites are built from cash. With cash B to spend and credit C, n machines at p each, of which l is financed by the
//! loan, and at q with a place, need `n q - min(n l, C) <= B`.
//!
//! A buyer first fills existing room, then builds. Room is spare capacity, and the capacity of machines that are worth replacing: those for which new
//! machines would pay even after the old machines' remaining earnings, as long as these are less than the cost of a new site.

use super::{
    deliver::{Deliveries, Order, whole},
    entry::mean_power_price,
    wish::{Choice, OnSale, Prospects, Purse, Wish},
};
use crate::world::lots::{megahashes, megawatts};
use crate::{
    market::outlook::{Ahead, Hurdle, Outlook, Prospect},
    mechanism::growth::params::{Offer, PaybackParams},
    random::{Draw, name_hash},
    units::{
        ClassId, Column, DAY_S, Days, Efficiency, FirmId, Hashprice, Hashrate, MONTH_DAYS, Power, PowerPrice, Sats,
        SiteId, Usd,
    },
    world::{
        EventKind, World,
        ledger::{Cause, Standing},
        lots::ph,
        machines::{power_of, standing},
        pledge::{borrow, credit},
        population::Population,
    },
};

/// Number of bisection steps in the search for the orders of a day that pay at the hashprice to which they lead: precision is a millionth.
const HALVES: u32 = 20;

/// Buying by payback and value.
#[derive(Clone, Debug)]
pub struct Investing<'a> {
    params: &'a PaybackParams,
    hurdle: Hurdle,
    coming: usize,
    lags: Draw,
    leads: Draw,
    /// Power price that manufacturers assume: the mean at the start, weighted by hashrate.
    usual_power: PowerPrice,
    /// Power of the site that an entrant of each class builds, MW; a class with 0 has no entrants.
    entrant_mw: Column<ClassId, f64>,
    /// Firms that have not entered.
    outside: Column<FirmId, bool>,
    /// Number of orders so far, by firm.
    placed: Column<FirmId, u32>,
    /// Manufacturers' capacity that has accumulated and is not sold, EH/s.
    free_eh: f64,
    /// Orders of each of the last thirty days, EH/s.
    last_days: [f64; 30],
    /// Hashrate ordered so far, MH/s.
    pub ordered: Hashrate,
}

impl<'a> Investing<'a> {
    /// The state before the first order.
    #[must_use]
    pub fn new(
        params: &'a PaybackParams,
        hurdle: Hurdle,
        coming: usize,
        (lags, leads): (Draw, Draw),
        entrant_mw: Column<ClassId, f64>,
        population: &Population,
    ) -> Self {
        let firms = &population.firms;
        Self {
            params,
            hurdle,
            coming,
            lags,
            leads,
            usual_power: mean_power_price(population),
            entrant_mw,
            outside: firms.installed_mh.iter().map(|&mh| mh == 0).collect(),
            placed: Column::filled(0, firms.len()),
            free_eh: 0.0,
            last_days: [0.0; 30],
            ordered: Hashrate::ZERO,
        }
    }

    /// Machines on sale now, and their prices.
    fn on_sale(&self, world: &World<'_>, outlook: &Outlook, load: f64) -> Vec<OnSale> {
        let building = self.params.mean_lead();
        let prospect = outlook.prospect(building, building + self.hurdle.life);
        let mut offers: Vec<OnSale> = Vec::new();
        for Offer { model, price_usd_per_th, .. } in
            self.params.offers.iter().filter(|offer| offer.is_on_sale(world.clock.now))
        {
            let index = model.id(world.population.models.len(), self.coming);
            let machine = &world.population.models[index];
            let cost = cost_of(world, None, machine.efficiency, self.usual_power);
            let value = (prospect.value(cost) - self.place_of_ph(world, machine.efficiency)).max(0.0) / 1e3;
            let list = self.params.manufacturers.list_price(machine.efficiency, value, load);
            offers.push(OnSale {
                model: index,
                unit: machine.unit,
                efficiency: machine.efficiency,
                price_usd_per_ph: 1e3 * price_usd_per_th.unwrap_or(list),
            });
        }
        offers
    }

    /// The firms of this day of the calendar order.
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "machines, days of a run")]
    pub fn order(
        &mut self,
        world: &mut World<'_>,
        deliveries: &mut Deliveries,
        today: usize,
        (outlook, ahead): (&Outlook, &Ahead),
    ) {
        let capacity =
            self.params.manufacturers.capacity_eh_per_month(Hashrate::from_mh(world.fleet.installed_mh).eh());
        self.free_eh = (self.free_eh + capacity / MONTH_DAYS).min(capacity);
        let load = self.last_days.iter().sum::<f64>() / capacity;
        let slot = (world.clock.now / DAY_S) as usize % self.last_days.len();
        self.last_days[slot] = 0.0;
        let offers = self.on_sale(world, outlook, load);
        let (wishes, agreed) = self.agree(world, deliveries, today, (outlook, ahead), &offers);
        let wanted: f64 = wishes.iter().map(|wish| f64::from(wish.units) * wish.machine.unit.eh()).sum();
        let share = agreed.min(if wanted > 0.0 { self.free_eh / wanted } else { 1.0 });
        for wish in wishes {
            let units = (f64::from(wish.units) * share).floor() as u32;
            if units > 0 {
                let ordered = self.place(world, deliveries, &wish, units);
                self.free_eh = (self.free_eh - ordered.eh()).max(0.0);
                self.last_days[slot] += ordered.eh();
            }
        }
    }

    /// Orders of the firms of a day at the hashprice to which these orders lead, and the share of them that can be filled: the largest addition to
    /// hashrate that is still wanted at the hashprice expected with it.
    fn agree(
        &self,
        world: &World<'_>,
        deliveries: &Deliveries,
        today: usize,
        (outlook, ahead): (&Outlook, &Ahead),
        offers: &[OnSale],
    ) -> (Vec<Wish>, f64) {
        let firms: Vec<Vec<Choice>> = world.calendar[today]
            .iter()
            .map(|&firm| self.choices(world, deliveries, firm, offers))
            .filter(|choices| !choices.is_empty())
            .collect();
        let (delay, lead) = (self.params.lag.median, self.params.mean_lead());
        let mut prospects = Prospects {
            hashprice: outlook.hashprice,
            bought: outlook.purchase(delay, &self.hurdle),
            built: outlook.purchase(lead, &self.hurdle),
            standing: outlook.prospect(Days::ZERO, self.hurdle.life),
        };
        let mut wanted = |more_ph: f64| {
            prospects.move_to(ahead.hashprice(more_ph));
            let mut wishes = Vec::new();
            for choices in &firms {
                self.wish(world, deliveries, choices, &prospects, &mut wishes);
            }
            let adds: f64 = wishes.iter().map(|wish| wish.adds_ph(world, deliveries)).sum();
            (wishes, adds)
        };
        let (wishes, all) = wanted(0.0);
        if all <= 0.0 || wanted(all).1 >= all {
            return (wishes, 1.0);
        }
        let (mut less, mut more) = (0.0, all);
        for _ in 0..HALVES {
            let some = f64::midpoint(less, more);
            *(if wanted(some).1 >= some { &mut less } else { &mut more }) = some;
        }
        let (wishes, adds) = wanted(less);
        (wishes, if adds > less { less / adds } else { 1.0 })
    }

    /// What a firm could order, by machine on sale; empty if it could not pay for any.
    fn choices(&self, world: &World<'_>, deliveries: &Deliveries, firm: FirmId, offers: &[OnSale]) -> Vec<Choice> {
        let Some(site) = world.population.sites_of(firm).next() else { return Vec::new() };
        if world.ledger.standing[firm] != Standing::Ok {
            return Vec::new();
        }
        let class = world.population.firms.class[firm];
        let power = world.population.sites.power_price[site];
        let entrant_mw = self.entrant_mw.get(class).copied().unwrap_or(0.0);
        let funds = self.funds(world, deliveries, firm);
        // Without cash nothing is lent either.
        let buys = if self.outside[firm] { entrant_mw > 0.0 } else { funds.cash > 0.0 };
        if !buys {
            return Vec::new();
        }
        let choice = |&machine: &OnSale| {
            let price = machine.price_usd_per_ph * (1.0 + self.params.freight_share);
            let each_mw = power_of(world, machine.unit, machine.efficiency).mw().max(1);
            let wish = Wish { firm, site, machine, units: 0, lent_usd: 0.0, each_mw, builds: false, enters: false };
            Choice {
                wish: if self.outside[firm] {
                    Wish { units: whole(entrant_mw * 1e9 / megahashes(each_mw)), builds: true, enters: true, ..wish }
                } else {
                    wish
                },
                cost: cost_of(world, Some((site, class)), machine.efficiency, power),
                price,
                site_price: self.place_of_ph(world, machine.efficiency),
                purse: Purse { lent_usd: funds.lent_usd * (price * machine.unit.ph()), ..funds },
            }
        };
        let choices: Vec<Choice> = offers.iter().map(choice).collect();
        let pays = |choice: &Choice| choice.purse.most(choice.each_usd()) > 0;
        if self.outside[firm] || choices.iter().any(pays) { choices } else { Vec::new() }
    }

    /// Unconstrained order of a firm: machines for its existing room, then a site with machines.
    fn wish(
        &self,
        world: &World<'_>,
        deliveries: &Deliveries,
        choices: &[Choice],
        prospects: &Prospects,
        wishes: &mut Vec<Wish>,
    ) {
        // The offer with the shortest simple payback.
        let margin = |choice: &Choice| prospects.hashprice.get() - choice.cost.get();
        let payback = |choice: &Choice| choice.wish.machine.price_usd_per_ph / margin(choice);
        let model = |choice: &Choice| choice.wish.machine.model;
        let best = choices
            .iter()
            .filter(|choice| margin(choice) > 0.0)
            .min_by(|a, b| payback(a).total_cmp(&payback(b)).then(model(a).cmp(&model(b))));
        let Some(choice) = best else { return };
        let &Choice { wish, cost, price, site_price, mut purse } = choice;
        let builds = || prospects.built.is_worth(price + site_price, cost);
        if wish.enters {
            if builds() {
                wishes.push(wish);
            }
            return;
        }
        let each_usd = choice.each_usd();
        let most = purse.most(each_usd);
        if most == 0 {
            return;
        }
        if prospects.bought.is_worth(price, cost) {
            let worth = prospects.bought.life.value(cost) - price;
            let usd_per_mw = worth * wish.machine.unit.ph() / megahashes(wish.each_mw);
            let reserved = deliveries.reserved_mw(wish.site);
            let enough = reserved.saturating_add(u64::from(most).saturating_mul(wish.each_mw));
            let room = self.room(world, wish.site, &prospects.standing, usd_per_mw, enough);
            let room = room.saturating_sub(reserved) / wish.each_mw;
            let units = most.min(u32::try_from(room).unwrap_or(u32::MAX));
            if units > 0 {
                wishes.push(Wish { units, lent_usd: purse.spend(units, each_usd), ..wish });
            }
        }
        if builds() {
            let with_place = each_usd + site_price * wish.machine.unit.ph();
            let units = purse.most(with_place);
            if units > 0 {
                wishes.push(Wish { units, lent_usd: purse.spend(units, with_place), builds: true, ..wish });
            }
        }
    }

    /// Power available to new machines at a site, mW: spare capacity, and that of machines that earn less with it than the new ones would,
    /// `worth_usd_per_mw` for a milliwatt, and less than the cost of a new place. The count ends where it is `enough`.
    fn room(&self, world: &World<'_>, site: SiteId, stays: &Prospect, worth_usd_per_mw: f64, enough: u64) -> u64 {
        let lots = &world.population.lots;
        let most = worth_usd_per_mw.min(self.params.site_usd_per_mw / 1e9);
        let mut room = world.population.sites.spare_mw(site);
        for lot in standing(world, site) {
            if room >= enough {
                break;
            }
            let (mut earns, mut draws) = (0.0, 0);
            for row in lots.modes(lot) {
                earns += stays.value(lots.lambda[row]) * ph(lots.hash_mh[row]);
                draws += lots.power_mw[row];
            }
            if earns < most * megahashes(draws) {
                room += draws;
            }
        }
        room
    }

    /// Cost of a place for a PH/s, USD: at e J/TH, it draws e kW.
    fn place_of_ph(&self, world: &World<'_>, efficiency: Efficiency) -> f64 {
        self.params.place_usd_per_ph(efficiency, world.scenario.terms(world.replica).power.pue)
    }

    /// Funds of a firm for machines of which one costs a dollar.
    fn funds(&self, world: &World<'_>, deliveries: &Deliveries, firm: FirmId) -> Purse {
        let cash = world.ledger[firm].cash - world.ledger[firm].bill - self.reserve(world, deliveries, firm);
        let Some((terms, pledge)) =
            self.params.loan.as_ref().and_then(|terms| Some((terms, terms.collateral.pledge()?)))
        else {
            return Purse { cash, credit: 0.0, lent_usd: 0.0 };
        };
        // Firms without spare cash get no credit.
        let credit = if cash > 0.0 { credit(world, firm, terms) } else { 0.0 };
        Purse { cash, credit, lent_usd: pledge.loan_to_value }
    }

    /// Cash that a firm keeps, USD: buffers for running all machines, those on order included.
    fn reserve(&self, world: &World<'_>, deliveries: &Deliveries, firm: FirmId) -> f64 {
        let firms = &world.population.firms;
        #[expect(clippy::cast_precision_loss, reason = "nano-dollars are known to 53 bits")]
        let day = firms.full_cost_nusd[firm] as f64 * 1e-9;
        // Machines on order will have to be run too: a kW at the meter uses 24 kWh a day.
        let power = world.scenario.terms(world.replica).power;
        let om = power.running_cost.get() / power.pue;
        let sites = &world.population.sites;
        let ordered =
            |site: SiteId| 24.0 * megahashes(deliveries.coming_mw(site)) / 1e6 * (sites.power_price[site].get() + om);
        let month = (day + world.population.sites_of(firm).map(ordered).sum::<f64>()) * MONTH_DAYS;
        self.params.reserve_buffers * firms.buffer_months[firm].max(1.0) * month
    }

    /// Pays for an order and places it.
    fn place(&mut self, world: &mut World<'_>, deliveries: &mut Deliveries, wish: &Wish, units: u32) -> Hashrate {
        let firm = wish.firm;
        let agent = name_hash(&world.population.firms.name[firm]);
        let number = u64::from(self.placed[firm]);
        self.placed[firm] += 1;
        let mut delay = self.params.lag.drawn(self.lags.standard_normal(agent, number));
        let hashrate = Hashrate::from_mh(u64::from(units) * wish.machine.unit.mh());
        let power_mw = u64::from(units) * wish.each_mw;
        let machines = wish.machine.price_usd_per_ph * (1.0 + self.params.freight_share) * hashrate.ph();
        let mut usd = machines;
        let mut built_mw = 0;
        if wish.builds {
            let lead = self.params.lead(self.leads.uniform(agent, number));
            delay = if lead > delay { lead } else { delay };
            built_mw = power_mw;
            usd += self.params.site_usd_per_mw * megawatts(power_mw);
        }
        if wish.enters {
            // The owners contribute the cost, and the cash reserve of the firm.
            let class = world.population.firms.class[firm];
            let power = world.population.sites.power_price[wish.site];
            let day = cost_of(world, Some((wish.site, class)), wish.machine.efficiency, power).get() * hashrate.ph();
            let months = self.params.reserve_buffers * world.population.firms.buffer_months[firm].max(1.0);
            world.ledger.post(firm, Cause::Equity, usd + months * MONTH_DAYS * day);
            self.outside[firm] = false;
        }
        let lent_usd = f64::from(units) * wish.lent_usd;
        if let Some(terms) = self.params.loan.filter(|_| lent_usd > 0.0) {
            borrow(world, firm, &terms, lent_usd);
        }
        world.ledger.post(firm, Cause::MachinesBought, -machines);
        if wish.builds {
            world.ledger.post(firm, Cause::SiteBuilt, machines - usd);
        }
        let site = wish.site;
        let (power, built) = (Power::from_mw(power_mw), Power::from_mw(built_mw));
        let order = Order { site, model: wish.machine.model, units, hashrate, power, built };
        deliveries.order(order, world.clock.now, delay);
        self.ordered += hashrate;
        let kind = if wish.enters { EventKind::Entry } else { EventKind::Order };
        world.emit(kind, firm, hashrate, Usd::new(usd), Sats::ZERO);
        if lent_usd > 0.0 {
            world.emit(EventKind::LoanDrawn, firm, Hashrate::ZERO, Usd::new(lent_usd), Sats::ZERO);
        }
        hashrate
    }
}

/// Total running cost of a PH/s, take-or-pay included: at a site of a class, under the contract there; or anywhere.
fn cost_of(
    world: &World<'_>,
    place: Option<(SiteId, ClassId)>,
    efficiency: Efficiency,
    power: PowerPrice,
) -> Hashprice {
    let Some((site, class)) = place else {
        return world.scenario.terms(world.replica).running(efficiency, power);
    };
    let terms = world.scenario.terms(world.replica).at(&world.population, site);
    terms.avoidable(efficiency, power) + terms.fixed(class, efficiency, power)
}
