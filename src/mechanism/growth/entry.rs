//! The hashprice at which a new machine pays: the barrier that entry sets to hashprice in miners' expectation.
//!
//! It is that of the entrant who decides what machines sell for: who builds a place for the machine, and whose power costs the mean at the start. The
//! machine costs what manufacturers need to build it, or the price that the scenario states.

use super::params::{GrowthParams, Invest, ModelRef, Offer, PaybackParams};
use crate::{
    declare::usual_with,
    market::{
        law::{Beliefs, Law},
        outlook::{Hurdle, Outlook},
    },
    units::{Days, Efficiency, Hashprice, Id, ModelId, PowerPrice, Seconds},
    world::{World, lots::ph, population::Population, terms::Terms},
};
use std::sync::Arc;

/// Terms on which an entrant buys.
#[derive(Debug)]
pub struct Entry {
    params: PaybackParams,
    hurdle: Hurdle,
}

impl Entry {
    /// The terms of a scenario; those of the defaults where nobody buys machines.
    #[must_use]
    pub fn of(growth: &GrowthParams) -> Self {
        let params = match &growth.invest {
            Invest::Payback(params) => params.clone(),
            Invest::None | Invest::Barrier(_) => usual_with(Vec::new()),
        };
        Self { hurdle: growth.hurdle(params.payback), params }
    }

    /// The law of hashprice, for all spans over which somebody values a machine.
    #[must_use]
    pub fn law(&self, beliefs: Beliefs) -> Law {
        let delay = self.params.mean_lead().max(self.params.lag.median);
        Law::new(beliefs, delay + self.hurdle.life.max(self.hurdle.payback))
    }

    /// The machines that can be bought, with the hashprice at which each just pays: those on sale, or the most efficient of the fleet where none is.
    #[must_use]
    pub fn offers(&self, world: &World<'_>, law: &Arc<Law>) -> Vec<(Offer, Hashprice)> {
        let models = &world.population.models;
        let best = || {
            let order = |a: &ModelId, b: &ModelId| models[*a].efficiency.get().total_cmp(&models[*b].efficiency.get());
            let model = models.ids().min_by(order)?;
            let (from, until) = (Seconds::ZERO, Seconds::new(f64::INFINITY));
            Some(Offer { model: ModelRef::Fleet(model.row()), from, until, price_usd_per_th: None })
        };
        let growth: &GrowthParams = &world.scenario.growth;
        let offers = match &growth.invest {
            Invest::Payback(params) => params.offers.clone(),
            Invest::None => best().into_iter().collect(),
            Invest::Barrier(_) => Vec::new(),
        };
        let power = mean_power_price(&world.population);
        let priced = |offer: Offer| {
            let efficiency = models[offer.model.id(models.len(), growth.models.len())].efficiency;
            (offer, self.hashprice(&world.terms(), law, (efficiency, power), offer.price_usd_per_th))
        };
        offers.into_iter().map(priced).collect()
    }

    fn hashprice(
        &self,
        terms: &Terms<'_>,
        law: &Arc<Law>,
        (efficiency, power): (Efficiency, PowerPrice),
        usd_per_th: Option<f64>,
    ) -> Hashprice {
        let usd_per_th = usd_per_th.unwrap_or_else(|| self.params.manufacturers.cost_usd_per_th(efficiency));
        let price = 1e3 * usd_per_th * (1.0 + self.params.freight_share)
            + self.params.place_usd_per_ph(efficiency, terms.power.pue);
        let cost = terms.running(efficiency, power);
        Outlook::entry_hashprice(law, price, cost, self.params.mean_lead(), &self.hurdle)
    }
}

/// Mean power price of a population, weighted by hashrate.
#[must_use]
pub fn mean_power_price(population: &Population) -> PowerPrice {
    let firms = &population.firms;
    let (mut hash, mut paid) = (0.0, 0.0);
    for firm in firms.ids() {
        hash += ph(firms.installed_mh[firm]);
        paid += ph(firms.installed_mh[firm]) * firms.power_price[firm].get();
    }
    PowerPrice::new(paid / hash)
}

impl PaybackParams {
    /// Cost of a place for a PH/s, USD: at e J/TH, it draws e kW.
    #[must_use]
    pub fn place_usd_per_ph(&self, efficiency: Efficiency, pue: f64) -> f64 {
        self.site_usd_per_mw * efficiency.get() * pue / 1e3
    }

    /// Mean time to build a site.
    #[must_use]
    pub fn mean_lead(&self) -> Days {
        self.lead(0.5)
    }

    /// Time to build a site, at this position between the minimum and the maximum.
    #[must_use]
    pub fn lead(&self, place: f64) -> Days {
        let (least, most) = self.site_lead;
        least + (most - least) * place
    }
}
