use crate::{
    mechanism::consolidation::rule::ConsolidationParams,
    scenario::{problem::Problem, section::Section, shape::Range},
};

/// Reads `[consolidation]`; a firm is bought with its machines, at their market's price.
pub fn consolidation(s: &mut Section<'_>, machines_have_prices: bool) -> Option<ConsolidationParams> {
    let enabled = s
        .key("enabled", "Whether firms are bought by others; needs `[rigs.reduced]` or `[rigs.auction]` for the price of their machines.")
        .source("design")
        .boolean_or(false);
    let params = ConsolidationParams {
        runway_months: s
            .key("runway_months", "A firm whose money lasts for less at the present burn is up for sale.")
            .unit("months")
            .source("section 7.19, A")
            .range(Range::within(0.0, 1200.0)).usual(0.1, 24.0, "A-85")
            .number_or(2.0),
        weak_sale_per_month: s
            .key("weak_sale_per_month", "Probability by which a firm that burns money is up for sale in a month.")
            .source("section 7.19, A")
            .range(Range::within(0.0, 1.0)).usual(0.001, 0.3, "A-85")
            .number_or(0.01),
        buffer_months: s
            .key("buffer_months", "A buyer's buffer, in months of running all its machines; a class's own, where that is larger.")
            .unit("months")
            .source("A")
            .range(Range::within(0.0, 1200.0)).usual(0.1, 24.0, "A-85")
            .number_or(1.0),
        buffers_kept: s
            .key("buffers_kept", "Buffers of cash that a buyer keeps after paying.")
            .source("section 7.19, A")
            .range(Range::within(0.0, 100.0)).usual(0.1, 12.0, "A-85")
            .number_or(2.0),
        site_share_of_npv: s
            .key("site_share_of_npv", "Part of a site's net present value that its seller gets, within the bounds.")
            .source("A")
            .range(Range::within(0.0, 1.0))
            .number_or(0.5),
        site_low_usd_per_mw: s
            .key("site_low_usd_per_mw", "Least price of a site per power.")
            .unit("USD/MW")
            .source("A")
            .range(Range::within(0.0, 1e9)).usual(10_000.0, 3e6, "A-86, S25")
            .number_or(150_000.0),
        site_high_usd_per_mw: s
            .key("site_high_usd_per_mw", "Highest price of a site per power.")
            .unit("USD/MW")
            .source("S25")
            .range(Range::within(0.0, 1e9)).usual(10_000.0, 3e6, "A-86, S25: 430,000-450,000")
            .number_or(500_000.0),
        cost_convergence: s
            .key("cost_convergence", "Share of the way by which the power price of a bought site comes down to the buyer's mean, where that is lower.")
            .source("section 7.19, A")
            .range(Range::within(0.0, 1.0))
            .number_or(0.5),
    };
    if params.site_low_usd_per_mw > params.site_high_usd_per_mw {
        let problem = Problem::new(
            "scenario::order",
            format!("`{}` is above `{}`", s.name_of("site_low_usd_per_mw"), s.name_of("site_high_usd_per_mw")),
        );
        let place = s.place_of("site_low_usd_per_mw").or(s.place_of("site_high_usd_per_mw"));
        s.report(
            problem
                .at(place, format!("must not be above {}", params.site_high_usd_per_mw))
                .help("the price of a site is kept between the two"),
        );
    }
    if enabled && !machines_have_prices && !s.is_quiet() {
        let problem = Problem::new(
            "scenario::missing",
            format!("`{}` is true, but machines have no market", s.name_of("enabled")),
        );
        s.report(
            problem
                .at(s.place_of("enabled"), "firms are bought at the market's price of their machines")
                .help("add `[rigs.reduced]` or `[rigs.auction]`"),
        );
    }
    enabled.then_some(params)
}
