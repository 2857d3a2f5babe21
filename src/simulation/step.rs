use super::{
    grow::Growth,
    measure::{Measure, Rates},
    money::{calendar, expected_sales},
    record::{EventRecord, Observer},
    world::Held,
};
use crate::{
    chain::{Chain, ChainEvent, Mined, subsidy::subsidy},
    market::{Impact, PricePath},
    miner::{
        act::{Consolidation, Resale, Responding},
        concentration::Concentration,
        decide::run_rigs::{View, expected_retarget, smoothed},
        distress::Distress,
        fleet::{Decision, Fleet},
        ledger::Ledger,
        population::Population,
        relocation::Closing,
        rest::Rests,
        survival::Survival,
        terms::Terms,
    },
    random::{Draw, Purpose, stream},
    scenario::{Scenario, Step},
    units::{Days, Hashprice, Hashrate, Power, Sats, Seconds, UsdPerBtc},
};
use std::sync::Arc;

pub(super) const DAY: f64 = 86_400.0;
const TARGET_SPACING: Seconds = Seconds::new(600.0);

/// The day in the order in which [`Simulation::step`] lives it, in words; `shakeout explain` prints them.
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
    pub(super) scenario: &'a Scenario,
    pub(super) replica: u64,
    pub(super) population: Arc<Population>,
    pub(super) chain: Chain,
    pub(super) fleet: Fleet,
    pub(super) ledger: Ledger,
    pub(super) growth: Growth<'a>,
    pub(super) distress: Distress,
    pub(super) base_price: PricePath,
    pub(super) impact: Impact,
    /// The market of used machines, where there is one.
    pub(super) resale: Option<Resale>,
    /// Who bought whom, where firms are bought.
    pub(super) consolidation: Option<Consolidation>,
    /// Price over base price, from the sales of the days before.
    pub(super) impact_factor: f64,
    pub(super) response: Draw,
    pub(super) curtailment: Draw,
    /// Curtailments begun so far.
    pub(super) curtailments_begun: usize,
    /// Lots forced off, and when that ends.
    pub(super) held: Vec<Held>,
    /// Sites that bans will close, the next one last.
    pub(super) closings: Vec<Closing>,
    /// Bans begun so far.
    pub(super) bans_begun: usize,
    pub(super) relocation: Draw,
    /// When prices of power are to be found anew, s.
    pub(super) power_due: f64,
    /// Sites that respond to spot prices, where contracts do, and when they are to be gathered anew, s.
    pub(super) responding: Option<Responding>,
    pub(super) gather_due: f64,
    /// Firms by the day on which they settle.
    pub(super) calendar: Vec<Vec<u32>>,
    pub(super) now: f64,
    pub(super) end: f64,
    /// Steps taken, or days recorded: instants are multiples, so that no rounding adds up.
    pub(super) ticks: u64,
    pub(super) days: u64,
    pub(super) smooth: Hashprice,
    /// When the market last cleared, s, and the coins sold until then, satoshi.
    pub(super) cleared: f64,
    pub(super) sold_before: i64,
    /// Sales of the last days between settlements, BTC/day.
    pub(super) orders: Vec<f64>,
    /// Smallest factor of impact so far, at most 1.
    pub(super) worst_impact: f64,
    /// What the scenario says will happen and is told when it does: instants, s, and kinds, the next one last.
    pub(super) tidings: Vec<(f64, &'static str)>,
    pub(super) measure: Measure,
    pub(super) chain_events: Vec<ChainEvent>,
    pub(super) expected_blocks: f64,
    pub(super) found_blocks: f64,
    pub(super) opening: Opening,
    pub(super) survival: Survival,
    /// Room to sort idle lots in.
    pub(super) idle: Vec<(u64, u64)>,
    /// Coins issued before the start, satoshi.
    pub(super) issued_before: i64,
    /// Fees collected since the start, satoshi.
    pub(super) fees: i64,
    /// Retargets and difficulty before the last step.
    pub(super) epoch_before: (u64, f64),
}

/// The market at the start.
#[derive(Clone, Debug)]
pub struct Opening {
    /// Spot.
    pub hashprice: Hashprice,
    /// Satoshi a PH/s earns in a day.
    pub sats_per_ph_day: f64,
    /// Coins issued up to then.
    pub issued: Sats,
    pub(super) running_mh: u64,
    pub(super) installed_mh: u64,
    pub(super) power_mw: u64,
    pub(super) running_by_region: Vec<(u64, u64)>,
    pub(super) difficulty: f64,
    pub(super) concentration: Concentration,
}

impl<'a> Simulation<'a> {
    /// The market at the start of a replica, before there are miners.
    pub(super) fn opening(scenario: &Scenario, replica: u64) -> Opening {
        let chain = Chain::new(&scenario.chain, stream(scenario.run.seed, replica, Purpose::BlockArrivals, 0));
        let price =
            scenario.price.path(Seconds::ZERO, stream(scenario.run.seed, replica, Purpose::Price, 0)).at(Seconds::ZERO);
        let hashprice = Hashprice::earned(chain.difficulty(), chain.reward(), price);
        Opening {
            hashprice,
            sats_per_ph_day: hashprice.get() / price.get() * 1e8,
            issued: chain.issued(),
            running_mh: 0,
            installed_mh: 0,
            power_mw: 0,
            running_by_region: Vec::new(),
            difficulty: chain.difficulty(),
            concentration: Concentration::default(),
        }
    }

    /// A history at its start.
    #[must_use]
    pub fn new(scenario: &'a Scenario, replica: u64, population: Arc<Population>) -> Self {
        let seed = scenario.run.seed;
        let end = Seconds::from(scenario.run.days);
        let chain = Chain::new(&scenario.chain, stream(seed, replica, Purpose::BlockArrivals, 0));
        let base_price = scenario.price.path(end, stream(seed, replica, Purpose::Price, 0));
        let price = base_price.at(Seconds::ZERO);
        let hashprice = Hashprice::earned(chain.difficulty(), chain.reward(), price);
        let mut ledger = Ledger::open(&population, f64::from(scenario.settlement.every_days));
        let fleet = Fleet::start(&population, hashprice.get(), &mut ledger);
        let opening = Opening {
            running_mh: fleet.running_mh,
            installed_mh: fleet.installed_mh,
            power_mw: fleet.power_mw,
            running_by_region: fleet.running_by_region.clone(),
            ..Self::opening(scenario, replica)
        };
        let calendar = calendar(&population, scenario, &mut ledger, opening.sats_per_ph_day);
        if scenario.lets_firms_rest() {
            ledger.rests = Rests::of(population.firms.len());
        }
        let distress = Distress::default();
        let expected = expected_sales(&population, &ledger, opening.sats_per_ph_day, price);
        let mut simulation = Self {
            scenario,
            replica,
            growth: Growth::open(scenario, replica, &population, fleet.running_mh, &chain),
            impact: Impact::new(scenario.impact, expected),
            resale: scenario.rigs.map(|params| Resale::new(params, &population, &scenario.terms(replica), hashprice)),
            consolidation: scenario
                .consolidation
                .map(|params| Consolidation::new(params, Draw::new(seed, replica, Purpose::WeakOwner))),
            orders: vec![expected; calendar.len()],
            impact_factor: 1.0,
            calendar,
            base_price,
            response: Draw::new(seed, replica, Purpose::Response),
            curtailment: Draw::new(seed, replica, Purpose::Curtailment),
            curtailments_begun: 0,
            held: Vec::new(),
            closings: Vec::new(),
            bans_begun: 0,
            relocation: Draw::new(seed, replica, Purpose::Relocation),
            power_due: if scenario.power.is_still() {
                f64::INFINITY
            } else {
                scenario.power.next_renewal(Seconds::ZERO).get()
            },
            responding: scenario.responds().then(Responding::default),
            gather_due: 0.0,
            now: 0.0,
            end: end.get(),
            ticks: 0,
            days: 0,
            smooth: hashprice,
            cleared: 0.0,
            sold_before: 0,
            worst_impact: 1.0,
            tidings: tidings(scenario),
            measure: Measure::new(chain.epochs().first(chain.height()), chain.epoch_start().get(), chain.difficulty()),
            chain_events: Vec::new(),
            expected_blocks: 0.0,
            found_blocks: 0.0,
            opening,
            survival: Survival::new(&population),
            idle: Vec::new(),
            issued_before: chain.issued().get(),
            fees: 0,
            epoch_before: (0, chain.difficulty()),
            population,
            chain,
            distress,
            fleet,
            ledger,
        };
        simulation.lend(price);
        simulation.opening.concentration = simulation.concentration();
        simulation
    }

    /// Every firm settles on each of its days, whether anything has changed or not: slower, and the reference for firms that rest. For a
    /// history that has not begun.
    pub fn let_nobody_rest(&mut self) {
        self.ledger.rests = Rests::default();
    }

    /// What lots follow from in this history.
    #[must_use]
    pub fn terms(&self) -> Terms<'a> {
        self.scenario.terms(self.replica)
    }

    /// Whether the run's last instant is reached.
    #[must_use]
    pub fn is_over(&self) -> bool {
        self.now >= self.end
    }

    /// Seconds from the start.
    #[must_use]
    pub fn now(&self) -> Seconds {
        Seconds::new(self.now)
    }

    /// Running hashrate.
    #[must_use]
    pub fn running(&self) -> Hashrate {
        Hashrate::from_mh(self.fleet.running_mh)
    }

    /// The chain.
    #[must_use]
    pub fn chain(&self) -> &Chain {
        &self.chain
    }

    /// Advances one step. The order of these lines is the model's causal order; see the book's model chapter.
    pub fn step(&mut self, observer: &mut impl Observer) {
        if self.now == 0.0 {
            self.record_start(observer);
        }
        // The world moves first: today's price does not see today's decisions.
        self.epoch_before = (self.epoch_after(), self.chain.difficulty());
        let price = self.quote();
        self.tell_tidings(observer);
        self.renew_power_prices();
        // Machines on order arrive before anyone decides what runs: what was paid for comes whatever the price.
        self.arrive(price, observer);
        // Machines bought a while ago arrive, and can be switched on.
        self.receive_machines(observer);
        // Everyone knows the same, and decides at once.
        let view = self.view(price);
        self.choose_running(view, observer);
        self.respond(view.x.get());
        // The chain turns running hashrate into blocks, through retargets and halvings.
        let mined = self.mine(price, view.x.get(), observer);
        // The pool owes every running machine the same.
        self.ledger.credit(mined.reward().get(), self.fleet.running_mh);
        // At the end of a day firms whose day it is pay, sell and fail; then the day is written down.
        if self.now >= self.next_day() {
            self.days += 1;
            self.settle(price, observer);
            // Lenders look at what is pledged, and estates sell, once everyone has had the day to pay.
            self.call_in(price, observer);
            // With bills paid, what is left can buy machines; what is bought is paid today and comes later.
            self.invest(observer);
            // Members of idle cohorts give up; once a week asks and bids for machines meet.
            self.trade_machines(price, observer);
            // Those with cash buy those without, at the price that machines have now.
            self.consolidate(price, observer);
            self.tell_followed(observer);
            self.record_day(price, observer);
            // All orders of the day are in before the market moves: who sold does not matter.
            self.clear_market();
        }
    }

    /// The price now: the given one, moved by past sales.
    pub(super) fn quote(&self) -> UsdPerBtc {
        self.base_price.at(self.now()) * self.impact_factor
    }

    /// The day's sales move the price of the days to come.
    fn clear_market(&mut self) {
        let days = (self.now - self.cleared) / DAY;
        let sold = Sats::new(self.ledger.sold.total() - self.sold_before).btc();
        self.sold_before = self.ledger.sold.total();
        self.cleared = self.now;
        // A firm's order is worked off evenly until it settles again: the market sees the mean of as many days.
        let place = usize::try_from(self.days).expect("days of a run") % self.orders.len();
        self.orders[place] = sold / days;
        #[expect(clippy::cast_precision_loss, reason = "days between settlements")]
        let rate = self.orders.iter().sum::<f64>() / self.orders.len() as f64;
        self.impact.sell(rate * days, days);
        self.impact_factor = self.impact.factor();
        self.worst_impact = self.worst_impact.min(self.impact_factor);
    }

    /// What every miner knows at the start of a step.
    fn view(&self, price: UsdPerBtc) -> View {
        let x = Hashprice::earned(self.chain.difficulty(), self.chain.reward(), price);
        let Some(left) = self.chain.blocks_to_retarget() else {
            return View { x, x_smooth: self.smooth, x_next: x, days_to_retarget: Days::ZERO };
        };
        #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "blocks of one epoch")]
        let found = self.chain.blocks_into_epoch() as u64;
        let ratio = expected_retarget(found, self.chain.epoch_elapsed(), TARGET_SPACING);
        #[expect(clippy::cast_precision_loss, reason = "blocks of one epoch")]
        let days_to_retarget = Days::from(TARGET_SPACING) * (left as f64 / ratio);
        View { x, x_smooth: self.smooth, x_next: x * self.pay_at_retarget(left) / ratio, days_to_retarget }
    }

    /// What a block is expected to pay once `left` more are found, over what it pays now: less by a halving on the way.
    fn pay_at_retarget(&self, left: u64) -> f64 {
        let ahead = self.chain.next_halving() - self.chain.height() - 1;
        if ahead > left || !self.scenario.operation.foresees_halvings {
            return 1.0;
        }
        let after = subsidy(self.chain.next_halving()) + self.chain.fees();
        let now = self.chain.reward();
        if now == Sats::ZERO { 1.0 } else { after.btc() / now.btc() }
    }

    fn choose_running(&mut self, view: View, observer: &mut impl Observer) {
        if self.fleet.is_changed() {
            self.fleet.refresh(Arc::make_mut(&mut self.population));
        }
        let decision = Decision { view, now: self.now, operation: &self.scenario.operation, response: self.response };
        self.fleet.decide(&self.population, &mut self.ledger, &decision);
        self.force(&decision, observer);
        for switch in &self.fleet.switches {
            let firm = self.population.lots.firm[switch.lot] as usize;
            observer.on_event(&EventRecord {
                time: Seconds::new(self.now),
                kind: if switch.on { "restart" } else { "shutdown" },
                firm: &self.population.firms.name[firm],
                hashrate: Hashrate::from_mh(self.population.lots.hash_mh[switch.lot]),
                amount_usd: 0.0,
                amount_btc: 0.0,
            });
        }
    }

    /// The instant at which the day being lived ends.
    fn next_day(&self) -> f64 {
        #[expect(clippy::cast_precision_loss, reason = "days of a run")]
        let day = (self.days + 1) as f64 * DAY;
        // Less than a second at the end of the run is no day of its own.
        if self.end - day < 1.0 { self.end } else { day }
    }

    /// Where the firms stand in the calendar whose day is the one with this number.
    #[expect(clippy::cast_possible_truncation, reason = "an index into the calendar")]
    pub(super) fn today(&self, day: u64) -> usize {
        (day % self.calendar.len() as u64) as usize
    }

    /// Retargets since genesis.
    pub(super) fn epoch_after(&self) -> u64 {
        self.chain.epochs().closed(self.chain.height())
    }

    /// Advances the chain through the step at the hashrate just chosen.
    fn mine(&mut self, price: UsdPerBtc, hashprice: f64, observer: &mut impl Observer) -> Mined {
        let from = self.now;
        let hashrate = self.running();
        let mut events = std::mem::take(&mut self.chain_events);
        let mut log = |event| events.push(event);
        let mined = match self.scenario.run.step {
            Step::Every(step) => {
                self.ticks += 1;
                #[expect(clippy::cast_precision_loss, reason = "steps of a run")]
                let until = (self.ticks as f64 * step.get()).min(self.end);
                self.now = until;
                self.chain.advance(Seconds::new(until), hashrate, &mut log)
            }
            Step::Block => {
                // Without a block, information is renewed at the end of the day, and where machines are forced off or let go.
                let most = self.next_day().min(self.next_force()) - from;
                let mined = self.chain.advance_block(Seconds::new(most), hashrate, &mut log);
                // The chain's clock adds the same span to the same instant, or stops at the day's end.
                self.now = if mined.blocks > 0.0 { self.chain.now().get() } else { from + most };
                mined
            }
        };
        self.fees += mined.fees.get();
        self.found_blocks += mined.blocks;
        self.expected_blocks += mined.expected_blocks;
        self.measure.day_blocks += mined.blocks;
        let passed = Days::from(Seconds::new(self.now - from));
        self.earn_by_response(passed);
        self.measure.pass_regions(self.now - from, &self.fleet.running_by_region);
        self.measure.underwater_loss_usd += self.fleet.underwater_loss_usd_per_day() * passed.get();
        let mut rates = Rates {
            hashrate: hashrate.eh(),
            power: Power::from_mw(self.fleet.power_mw).gw(),
            price: price.get(),
            hashprice,
        };
        let mut mark = from;
        for event in &events {
            self.record_chain_event(event, &mut mark, &mut rates, observer);
        }
        self.measure.pass(self.now - mark, &rates);
        let half_life = Days::from(self.scenario.operation.adaptive_half_life);
        self.smooth = smoothed(self.smooth, Hashprice::new(rates.hashprice), passed, half_life);
        events.clear();
        self.chain_events = events;
        mined
    }

    /// Ends the history: the pool pays out, the running epoch is cut, firms and headline numbers are told.
    pub fn close(&mut self, observer: &mut impl Observer) {
        for firm in 0..self.population.firms.len() {
            self.ledger.accrue(firm, self.now);
            if self.ledger.standing[firm].lives() {
                self.ledger.pay_out(firm);
            }
        }
        self.tell_followed(observer);
        // An epoch that begins with the last second of the run has nothing to tell.
        if self.now - self.measure.epoch_start >= 1.0 {
            self.record_epoch(self.now, None, observer);
        }
        for firm in 0..self.population.firms.len() {
            self.record_firm(firm, observer);
        }
        self.record_regions(observer);
        observer.on_metrics(&self.metrics());
    }
}

/// What the scenario's events are told as, the last first.
fn tidings(scenario: &Scenario) -> Vec<(f64, &'static str)> {
    let shocks = scenario.price.shocks.iter().map(|shock| (shock.at.get(), "price_shock"));
    let spikes = scenario.chain.fees.spikes.iter().map(|spike| (spike.at.get(), "fee_spike"));
    let changes = scenario.power.changes.iter().map(|change| (change.from.get(), change.kind));
    let bans = scenario.bans.iter().map(|ban| (ban.at.get(), "regional_ban"));
    let mut tidings: Vec<_> = shocks.chain(spikes).chain(changes).chain(bans).collect();
    tidings.sort_by(|a, b| b.0.total_cmp(&a.0));
    tidings
}
