use super::{
    firm_day,
    record::Observer,
    records,
    records::{Opening, Records},
    schedule::Schedule,
};
use crate::{
    chain::{Chain, Mined},
    market::{Impact, PricePath, law::Law},
    mechanism::{
        consolidation::Consolidation,
        credit,
        disruption::Disruption,
        distress,
        growth::Growth,
        operate::{self, Operators},
        other_use::Conversion,
        power::PowerPrices,
        price_impact::Sales,
        second_hand, treasury,
        wear::Wear,
    },
    random::{Draw, Purpose, name_hash, stream},
    units::{Days, FirmId, Hashprice, Seconds, UsdPerBtc},
    world::{
        Clock, Resale, Scenario, Shared, Step, Today, WEEK, World, creditors,
        distress::Distress,
        fleet::Fleet,
        inventory::Inventory,
        ledger::{Ledger, Standing},
        places::Places,
        population::Population,
        rest::Rests,
    },
};
use std::sync::Arc;

/// The phases of a day in the order of [`Simulation::step`]; `shakeout explain` prints them.
pub const PHASES: [&str; 13] = [
    "The world moves: the price of the day, and prices of power; they do not see the day's decisions.",
    "Machines on order arrive, repaired ones return; some break, wear out, or lose their place to another use.",
    "Machines bought before arrive at their sites.",
    "Everyone learns the same: spot and smoothed hashprice, the pace of blocks, the days to the retarget, hashprice after it.",
    "All lots decide at once: those whose threshold was crossed begin to wait or change their mind, those whose wait is over switch; curtailments and bans force lots off or let them go; sites that respond to spot prices set their uptime.",
    "Running hashrate becomes blocks, through retargets and halvings within the day; the pool owes every running machine the same.",
    "Firms whose day it is settle: paid by the pool and for power left to others, they sell by policy, serve debt, take what cash cannot cover along the pecking order, pay bills; too long in arrears, they fail: restructured, under Chapter 11, or liquidated.",
    "Lenders look at what is pledged, call for more, take it where the call is not met; failed firms' coins are sold bit by bit.",
    "Firms whose day it is, and whom it pays, buy machines and build sites, enter, or let their sites to others.",
    "Members of idle cohorts give up; once a week asks and bids for used machines meet.",
    "Firms that are up for sale are bought by those with cash to spare.",
    "The day is written down.",
    "The market clears: the day's sales, all together, move the price of the days to come.",
];

/// One history of one network.
#[derive(Clone, Debug)]
pub struct Simulation<'a> {
    pub(super) world: World<'a>,
    pub(super) schedule: Schedule,
    pub(super) power: PowerPrices,
    pub(super) growth: Growth<'a>,
    pub(super) wear: Option<Wear<'a>>,
    /// Conversion of sites to another use, if there is one.
    pub(super) other_use: Option<Conversion<'a>>,
    pub(super) operators: Operators,
    pub(super) disruption: Disruption,
    /// Record of acquisitions, if firms can be bought.
    pub(super) consolidation: Option<Consolidation>,
    pub(super) sales: Sales,
    pub(super) records: Records,
}

impl<'a> Simulation<'a> {
    /// The market at the start of a replica, before miners are drawn.
    pub(super) fn opening(scenario: &Scenario, replica: u64) -> Opening {
        let chain = Chain::new(&scenario.chain, stream(scenario.run.seed, replica, Purpose::BlockArrivals, 0));
        let price =
            scenario.price.path(Seconds::ZERO, stream(scenario.run.seed, replica, Purpose::Price, 0)).at(Seconds::ZERO);
        let hashprice = Hashprice::earned(chain.difficulty(), chain.reward(), price);
        Opening {
            hashprice,
            sats_per_ph_day: hashprice.get() / price.get() * 1e8,
            issued: chain.issued(),
            difficulty: chain.difficulty(),
            ..Opening::default()
        }
    }

    /// A history at its start.
    #[must_use]
    pub fn new(scenario: &'a Scenario, replica: u64, population: Arc<Population>) -> Self {
        Self::with_law(scenario, replica, population, Growth::law(scenario))
    }

    /// As [`Self::new`], with a law of hashprice that several replicas share.
    #[must_use]
    pub(super) fn with_law(
        scenario: &'a Scenario,
        replica: u64,
        population: Arc<Population>,
        law: Option<Arc<Law>>,
    ) -> Self {
        let seed = scenario.run.seed;
        let end = Seconds::from(scenario.run.days);
        let chain = Chain::new(&scenario.chain, stream(seed, replica, Purpose::BlockArrivals, 0));
        let base_price = scenario.price.path(end, stream(seed, replica, Purpose::Price, 0));
        let mut world = open_world(scenario, replica, population, chain, base_price);
        let hashprice = world.hashprice();
        let opening = Opening {
            running_mh: world.fleet.running_mh,
            installed_mh: world.fleet.installed_mh,
            power_mw: world.fleet.power_mw,
            running_by_region: world.fleet.running_by_region.clone(),
            ..Self::opening(scenario, replica)
        };
        fill_calendar(&mut world, opening.sats_per_ph_day);
        if scenario.lets_firms_rest() {
            world.ledger.rests = Rests::of(world.population.firms.len());
        }
        let growth = Growth::open(&world, law);
        world.resale = scenario.rigs.zip(growth.outlook(&world)).map(|(params, outlook)| {
            let prospect = outlook.prospect(Days::ZERO, scenario.growth.expectations.life);
            Resale::new(params, &world.population, &world.terms(), hashprice, prospect)
        });
        let weak = Draw::new(seed, replica, Purpose::WeakOwner);
        let mut simulation = Self {
            schedule: Schedule::new(scenario),
            power: PowerPrices::new(scenario, replica),
            growth,
            wear: Wear::open(&world),
            other_use: Conversion::open(&world),
            operators: Operators::new(seed, replica, hashprice),
            disruption: Disruption::new(seed, replica),
            consolidation: scenario.consolidation.map(|params| Consolidation::new(params, weak)),
            sales: Sales::new(world.calendar.len()),
            records: Records::new(&world, opening),
            world,
        };
        credit::lend(&mut simulation.world);
        simulation.records.opening.concentration = records::owners::concentration(&simulation.world);
        simulation
    }

    /// From now on, records every movement of coins and dollars of a firm.
    pub fn follow(&mut self, firm: FirmId) {
        self.world.ledger.follow(firm);
    }

    /// The state of the network, its firms and machines.
    #[must_use]
    pub const fn world(&self) -> &World<'a> {
        &self.world
    }

    /// The metrics of the history so far.
    #[must_use]
    pub fn metrics(&self) -> records::metrics::Metrics {
        records::metrics::metrics(self)
    }

    /// Whether the end of the run is reached.
    #[must_use]
    pub fn is_over(&self) -> bool {
        self.world.clock.is_over()
    }

    /// Advances one step. The order of these lines is the model's causal order; see the book's model chapter.
    pub fn step(&mut self, observer: &mut impl Observer) {
        if self.world.clock.now == 0.0 {
            records::start(self, observer);
        }
        records::before_step(self);
        // Exogenous changes come first: prices do not depend on the decisions of the day.
        let price = self.world.quote();
        self.schedule.record(&mut self.world);
        self.power.renew(&mut self.world);
        // Machines paid for earlier arrive before lots decide, whatever the price.
        self.machines_come(price);
        second_hand::arrive(&mut self.world);
        // All lots decide simultaneously, on the same information. Forced stops follow.
        let view = self.operators.view(&self.world, price);
        let decision = self.operators.decide(&mut self.world, view);
        if self.disruption.force(&mut self.world, &decision) {
            self.power.list_soon(&self.world);
        }
        operate::record_switches(&mut self.world);
        self.power.respond(&mut self.world, view.x);
        // The chain turns running hashrate into blocks, through retargets and halvings; the pool owes every running MH/s the same amount.
        let mined = self.mine(price, view.x, observer);
        self.world.ledger.credit(mined.reward(), self.world.fleet.running_mh);
        if self.world.clock.now >= self.world.clock.next_day() {
            self.end_day(price, observer);
        }
    }

    /// The end of a day, in the model's causal order.
    fn end_day(&mut self, price: UsdPerBtc, observer: &mut impl Observer) {
        self.world.clock.days += 1;
        self.world.open_books(price);
        let today = self.world.place_in_calendar(self.world.clock.days - 1);
        // Firms whose settlement day it is are paid, sell, pay, and may fail.
        self.power.pay(&mut self.world, today);
        self.growth.ask_instalments(&mut self.world, today);
        self.settle(today);
        self.growth.cancel_unpaid(&mut self.world, today);
        // Lenders value collateral, and estates sell, after all firms had the day to pay.
        credit::call_margins(&mut self.world);
        distress::wind_estates(&mut self.world);
        // After bills are paid, the remaining cash can buy machines, or a site is converted; orders are paid today and delivered later.
        self.growth.follow(&mut self.world, today);
        self.invest(today);
        // Members of idle cohorts give up; once a week the market of used machines clears.
        self.trade_machines(observer);
        // Firms with cash buy distressed firms, at the present prices of machines.
        self.consolidate(today);
        records::day(self, price, observer);
        // All orders of the day are in before the price changes: it does not matter which firm sold.
        self.sales.clear(&mut self.world);
    }

    /// On the first step of a day new machines arrive, repaired ones return, some break or wear out, and sites are converted.
    fn machines_come(&mut self, price: UsdPerBtc) {
        let clock = &mut self.world.clock;
        if clock.opened > clock.days || self.world.scenario.keeps_its_machines() {
            return;
        }
        clock.opened = clock.days + 1;
        let today = self.world.place_in_calendar(self.world.clock.days);
        let outlook = self.wear.as_ref().and_then(|_| self.growth.outlook(&self.world));
        let arrivals = self.growth.deliver(&mut self.world, today, price);
        if let Some((wear, outlook)) = self.wear.as_mut().zip(outlook) {
            let prospect = outlook.prospect(Days::ZERO, self.world.scenario.growth.expectations.life);
            wear.pass(&mut self.world, today, &arrivals, &prospect);
        }
        if let Some(other_use) = &mut self.other_use {
            other_use.finish(&mut self.world);
        }
    }

    /// Advances the chain through the step at the hashrate just chosen.
    fn mine(&mut self, price: UsdPerBtc, hashprice: Hashprice, observer: &mut impl Observer) -> Mined {
        let world = &mut self.world;
        let from = world.clock.now;
        let hashrate = world.running();
        let mut events = std::mem::take(&mut self.records.chain_events);
        let mut log = |event| events.push(event);
        let mined = match world.scenario.run.step {
            Step::Every(step) => {
                world.clock.ticks += 1;
                #[expect(clippy::cast_precision_loss, reason = "steps of a run")]
                let until = (world.clock.ticks as f64 * step.get()).min(world.clock.end);
                world.clock.now = until;
                world.chain.advance(Seconds::new(until), hashrate, &mut log)
            }
            Step::Block => {
                // Without a block, information is updated at the end of the day, and when machines are forced off or released.
                let most = world.clock.next_day().min(self.disruption.next(world.scenario)) - from;
                let mined = world.chain.advance_block(Seconds::new(most), hashrate, &mut log);
                // The chain's clock adds the same span to the same instant, or stops at the end of the day.
                world.clock.now = if mined.blocks > 0.0 { world.chain.now().get() } else { from + most };
                mined
            }
        };
        let passed = Days::from(Seconds::new(world.clock.now - from));
        self.power.earn(world, passed);
        let hashprice = records::passed(self, from, &mined, (price, hashprice), &events, observer);
        self.operators.learn(&self.world, hashprice, passed);
        events.clear();
        self.records.chain_events = events;
        mined
    }

    /// Settles the firms of this day of the calendar. If firms settle every day, those whose days are alike leave the calendar until they wake.
    fn settle(&mut self, today: usize) {
        let world = &mut self.world;
        let mut firms = std::mem::take(&mut world.calendar[today]);
        world.ledger.rest_through(world.clock.now, world.today.price);
        firms.append(&mut world.ledger.rests.woken);
        for &firm in &firms {
            if world.lives(firm) {
                firm_day::settle(world, firm);
            }
        }
        if world.ledger.rests.are_taken() {
            firms.retain(|&firm| !treasury::rest(world, firm));
        }
        world.calendar[today] = firms;
    }

    /// The firms of this day of the calendar let sites to tenants, and buy machines.
    fn invest(&mut self, today: usize) {
        if !self.growth.invests() && self.other_use.is_none() {
            return;
        }
        if let Some(other_use) = &mut self.other_use {
            other_use.decide(&mut self.world, today);
        }
        self.growth.invest(&mut self.world, today);
    }

    /// Advances the market of used machines by a day; once a week it clears. Cohorts that have sold everything leave.
    fn trade_machines(&mut self, observer: &mut impl Observer) {
        let clears = self.world.clock.days.is_multiple_of(WEEK);
        if clears {
            self.value_machines();
        }
        let leaving = second_hand::trade(&mut self.world);
        if clears {
            let proceeds = second_hand::proceeds(&mut self.world);
            distress::pass_on(&mut self.world, &proceeds);
        }
        for firm in leaving {
            creditors::retire(&mut self.world, firm, Standing::Exited);
        }
        if clears {
            records::machines(&self.world, observer);
        }
    }

    /// The market learns what machines are expected to earn from today on.
    fn value_machines(&mut self) {
        let outlook = self.growth.outlook(&self.world);
        if let Some((resale, outlook)) = self.world.resale.as_mut().zip(outlook) {
            resale.prospect = outlook.prospect(Days::ZERO, self.world.scenario.growth.expectations.life);
        }
    }

    /// Firms that settled today and are for sale are bought, if there is a bidder.
    fn consolidate(&mut self, today: usize) {
        let Some(mut consolidation) = self.consolidation.take() else { return };
        let firms = std::mem::take(&mut self.world.calendar[today]);
        let every_days = self.world.scenario.settlement.every_days;
        let settlement = ((self.world.clock.days - 1) / u64::from(every_days), f64::from(every_days));
        // All are valued as before the first purchase of the day. Days on which none is for sale have no need of it.
        let mut valued = self.world.clock.days.is_multiple_of(WEEK);
        for &firm in &firms {
            if !consolidation.is_up_for_sale(&self.world, firm, settlement) {
                continue;
            }
            if !std::mem::replace(&mut valued, true) {
                self.value_machines();
            }
            consolidation.sell(&mut self.world, firm);
        }
        self.world.calendar[today] = firms;
        self.consolidation = Some(consolidation);
    }

    /// Ends the history: the pool pays out, the running epoch is cut, firms and metrics are recorded.
    pub fn close(&mut self, observer: &mut impl Observer) {
        let world = &mut self.world;
        for firm in world.population.firms.ids() {
            world.ledger.accrue(firm, world.clock.now);
            if world.ledger.standing[firm].lives() {
                world.ledger.pay_out(firm);
            }
        }
        records::end(self, observer);
    }
}

/// The state before initial loans.
fn open_world(
    scenario: &Scenario,
    replica: u64,
    population: Arc<Population>,
    chain: Chain,
    base_price: PricePath,
) -> World<'_> {
    let price = base_price.at(Seconds::ZERO);
    let hashprice = Hashprice::earned(chain.difficulty(), chain.reward(), price);
    let mut ledger = Ledger::open(&population, f64::from(scenario.settlement.every_days));
    let fleet = Fleet::start(&population, hashprice, &mut ledger);
    let mut world = World {
        scenario,
        replica,
        clock: Clock::new(Seconds::from(scenario.run.days)),
        chain,
        base_price,
        impact: Impact::new(scenario.impact.law),
        impact_factor: 1.0,
        opening_hashprice: hashprice,
        today: Today::default(),
        inventory: Inventory::open(&population),
        places: Places::default(),
        population: Shared::new(population),
        fleet,
        ledger,
        resale: None,
        distress: Distress::default(),
        calendar: Vec::new(),
        events: Vec::new(),
    };
    world.open_books(price);
    world
}

/// Draws each firm's own settlement day by its name, and books the amounts owed to it and by it since its last settlement.
fn fill_calendar(world: &mut World<'_>, sats_per_ph_day: f64) {
    let days = u64::from(world.scenario.settlement.every_days);
    world.calendar = vec![Vec::new(); usize::try_from(days).expect("the scenario layer bounds it")];
    let draw = Draw::new(world.scenario.run.seed, 0, Purpose::SettlementDay);
    for (firm, name) in world.population.firms.name.entries() {
        let uniform = draw.uniform(name_hash(name), 0);
        #[expect(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            clippy::cast_precision_loss,
            reason = "a day of the calendar"
        )]
        let day = ((uniform * days as f64).ceil() as usize - 1).min(world.calendar.len() - 1);
        world.calendar[day].push(firm);
        #[expect(clippy::cast_precision_loss, reason = "days between settlements")]
        let since_last = (world.calendar.len() - 1 - day) as f64;
        // A PH/s is 10^9 MH/s.
        world.ledger.carry_in(firm, since_last, sats_per_ph_day / 1e9);
    }
}

#[cfg(test)]
mod tests;
