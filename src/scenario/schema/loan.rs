use super::shares::must_add_up;
use crate::{
    mechanism::{
        credit::loan::{Collateral, LoanTerms, Pledge, Repayment},
        growth::params::Invest,
    },
    scenario::{
        problem::Problem,
        section::{Kind, Section},
        shape::{KeyPrior, Range},
        tree::Place,
    },
    world::PopulationParams,
};

/// Reads every `[class.NAME.loan.LOAN]`; without any, the class's debt is one level loan on the terms of `[settlement]`.
pub fn loans(s: &mut Section<'_>) -> Vec<LoanTerms> {
    let mark = s.reading.mark();
    let doc = "A loan of the class by name: one table named by what secures it, as in [class.public.loan.bank.coins].";
    let read: Vec<(LoanTerms, Option<Place>)> = s.each("loan", doc, &loan).into_iter().flatten().collect();
    if s.reading.clean_since(mark) && !read.is_empty() {
        let shares: Vec<_> = read.iter().map(|(terms, place)| (terms.share, *place)).collect();
        must_add_up(
            s,
            &format!("the loans of `{}`", s.name()),
            &shares,
            "a loan's share is the fraction of the class's debt",
        );
    }
    read.into_iter().map(|(terms, _)| terms).collect()
}

type Read = (LoanTerms, Option<Place>);

fn loan(s: &mut Section<'_>) -> Option<Read> {
    s.kind(
        None,
        &[
            Kind {
                name: "unsecured",
                doc: "Nothing is pledged: the lender is served last. A convertible bond is an unsecured bullet.",
                read: &|s| terms(s, Collateral::None, true),
            },
            Kind {
                name: "coins",
                doc: "Coins of the firm are pledged; no more is borrowed than loan_to_value of what it has.",
                read: &|s| {
                    let pledge = pledge(s, [0.55, 0.75, 0.85], 0.0);
                    terms(s, Collateral::Coins(pledge), false)
                },
            },
            Kind {
                name: "machines",
                doc: "A share of the firm's machines is pledged, whatever they are; no more is borrowed than loan_to_value of their value on the market for used machines, which there must be: `[rigs]`.",
                read: &|s| {
                    let collateral = on_machines(s);
                    terms(s, collateral, true)
                },
            },
        ],
    )
}

/// Reads the terms of a pledge of machines.
fn on_machines(s: &mut Section<'_>) -> Collateral {
    let notice = s
        .key("notice_days", "Days from the end of the time to cure until the lender has the machines.")
        .unit("d")
        .source("section 7.11: 30-90")
        .prior(KeyPrior::uniform(30.0, 90.0, "assumed, section 7.11"))
        .range(Range::within(0.0, 3650.0))
        .usual(3.0, 180.0, "A-54: 30-90")
        .number_or(60.0);
    Collateral::Machines(pledge(s, [0.65, 0.75, 0.85], notice))
}

/// Reads `[invest.payback.loan]`: on what terms lenders pay a part of what machines cost.
pub fn for_purchases(s: &mut Section<'_>) -> LoanTerms {
    let mark = s.reading.mark();
    let collateral = on_machines(s);
    let most = collateral.pledge().map_or(0.0, |pledge| pledge.loan_to_value);
    if s.reading.clean_since(mark) && most >= 1.0 {
        let problem = Problem::new("scenario::range", format!("`{}` is not below 1", s.name_of("loan_to_value")));
        s.report(
            problem.at(s.place_of("loan_to_value"), "must be below 1").help("a buyer pays a part of the price himself"),
        );
    }
    repaid(s, collateral)
}

fn pledge(s: &mut Section<'_>, [at_start, called, sold]: [f64; 3], notice_days: f64) -> Pledge {
    let mark = s.reading.mark();
    let mut ltv = |name, doc, source, default| {
        s.key(name, doc)
            .source(source)
            .range(Range::positive(1e6))
            .usual(0.05, 1e6, "A-54, S55: 0.20-0.95; a large number is never")
            .number_or(default)
    };
    let loan_to_value = ltv(
        "loan_to_value",
        "Principal over the value of what is pledged, at the start; a margin call asks to restore it.",
        "S11, S55",
        at_start,
    );
    let call_ltv = ltv(
        "call_ltv",
        "Principal over value above which the lender calls for more; a large number is never.",
        "S55",
        called,
    );
    let liquidation_ltv =
        ltv("liquidation_ltv", "Principal over value above which the lender gives no time to cure.", "S55", sold);
    let ordered = [("call_ltv", loan_to_value, call_ltv), ("liquidation_ltv", call_ltv, liquidation_ltv)];
    for (name, below, above) in ordered {
        if s.reading.clean_since(mark) && above < below {
            let problem = Problem::new("scenario::order", format!("`{}` is below {below}", s.name_of(name)));
            s.report(
                problem
                    .at(s.place_of(name), format!("must be at least {below}"))
                    .help("a loan starts at loan_to_value, is called above call_ltv and sold above liquidation_ltv"),
            );
        }
    }
    Pledge {
        loan_to_value,
        call_ltv,
        liquidation_ltv,
        cure_days: s
            .key("cure_days", "Days after a margin call until loan_to_value must be restored by paying or pledging more, or the pledge is sold.")
            .unit("d")
            .source("section 7.11")
            .range(Range::within(0.0, 3650.0)).usual(1.0, 60.0, "A-54")
            .number_or(5.0),
        notice_days,
        recourse: s
            .key("recourse", "Whether the firm owes what the pledge does not bring; without, the lender of a loan in default takes the pledge and has no more to ask.")
            .source("section 7.11, A")
            .boolean_or(true),
    }
}

/// Reads what the debts of a class have; `draws` says whether more may be drawn on it. Coins are sold before a loan on them is drawn.
fn terms(s: &mut Section<'_>, collateral: Collateral, draws: bool) -> Read {
    let share = s
        .key("share", "Share of the class's debt; the loans' shares add up to 1.")
        .range(Range::within(0.0, 1.0))
        .number();
    let terms = LoanTerms { share, ..repaid(s, collateral) };
    let undrawn_usd_per_th = if draws { undrawn(s) } else { 0.0 };
    (LoanTerms { undrawn_usd_per_th, ..terms }, s.place_of("share"))
}

/// Reads how a loan is repaid.
fn repaid(s: &mut Section<'_>, collateral: Collateral) -> LoanTerms {
    LoanTerms {
        share: 1.0,
        repayment: s
            .key("repayment", "By level payments, or all at the end (bullet).")
            .source("S11, S12")
            .choice_or("level", &[("level", Repayment::Level), ("bullet", Repayment::Bullet)]),
        rate_per_year: s
            .key("rate_per_year", "Interest.")
            .unit("1/year")
            .source("S11, S55: 0.08-0.18; converts 0-0.03")
            .prior(KeyPrior::uniform(0.08, 0.18, "S11, S55"))
            .range(Range::within(0.0, 10.0))
            .usual(0.0025, 0.3, "A-54, S11, S55: 0.08-0.18; converts 0-0.03")
            .number_or(0.11),
        default_margin_per_year: s
            .key("default_margin_per_year", "Added to the interest on principal that is overdue.")
            .unit("1/year")
            .source("A: 0-0.05")
            .prior(KeyPrior::uniform(0.0, 0.05, "assumed"))
            .range(Range::within(0.0, 10.0))
            .usual(0.001, 0.15, "A-54: 0-0.05")
            .number_or(0.02),
        term_months: s
            .key("term_months", "Months from the start, or from when it is drawn, to its end.")
            .unit("month")
            .source("S11: 12-36; converts 60")
            .prior(KeyPrior::uniform(12.0, 36.0, "S11"))
            .range(Range::within(1.0, 1200.0))
            .usual(3.0, 120.0, "A-54, S11: 12-36; converts 60")
            .number_or(24.0),
        collateral,
        undrawn_usd_per_th: 0.0,
    }
}

fn undrawn(s: &mut Section<'_>) -> f64 {
    s.key(
        "undrawn_usd_per_th",
        "What may be drawn in all for want of cash, per hashrate installed at the start, while lenders lend; half of it in all while they are tight.",
    )
    .unit("USD/(TH/s)")
    .source("A")
    .range(Range::within(0.0, 1e6))
    .usual(0.1, 200.0, "A-54; what was owed was 31-65 (S11, S12)")
    .number_or(0.0)
}

/// Machines that are pledged have the value that a market gives them.
pub fn need_a_market(s: &Section<'_>, population: &PopulationParams, invest: &Invest, there_is: bool) {
    if there_is {
        return;
    }
    let report = |who: String, table: &str| {
        let problem = Problem::new("scenario::missing", format!("{who} on machines that no market values"));
        s.report(problem.at(s.place_of(table), "a loan on machines").help(
            "write `[rigs.reduced]` or `[rigs.auction]`, the market of used machines, or secure the loan by coins or not at all",
        ));
    };
    let on_machines = |loan: &LoanTerms| matches!(loan.collateral, Collateral::Machines(_));
    if let PopulationParams::Drawn { classes, .. } = population
        && let Some(class) = classes.iter().find(|class| class.loans.iter().any(on_machines))
    {
        report(format!("`class.{}` borrows", class.name), "class");
    }
    if matches!(invest, Invest::Payback(payback) if payback.loan.is_some()) {
        report("`invest.payback.loan` lends".to_owned(), "invest");
    }
}
