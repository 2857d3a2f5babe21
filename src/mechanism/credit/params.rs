//! Parameters of loans: how they are repaid, and what secures them.

use crate::declare::{Choice, KeyKind, Params, ReadKeys, Usual, params};

/// How a loan is repaid.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Repayment {
    /// By equal payments.
    Level,
    /// At its end.
    Bullet,
}

impl Choice for Repayment {
    const CHOICES: &'static [(&'static str, Self)] = &[("level", Self::Level), ("bullet", Self::Bullet)];
}

/// What is borrowed for, and on which security.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Borrowing {
    /// A debt of the start, unsecured.
    Unsecured,
    /// A debt of the start, on coins.
    OnCoins,
    /// A debt of the start, on machines.
    OnMachines,
    /// The purchase of machines, on machines.
    Purchase,
}

params! {
    /// Collateral terms: the lender's rights and when they apply.
    #[derive(Clone, Copy, Debug, PartialEq)]
    pub struct Pledge(of: Borrowing), check {
        /// Days from the end of the time to cure until the lender has the machines.
        notice_days: f64 as "d", source("section 7.11: 30-90"), uniform(30.0, 90.0, "assumed, section 7.11"), within(0.0, 3650.0),
            usual(3.0, 180.0, "A-54: 30-90") => |keys, key| if of == Borrowing::OnCoins { 0.0 } else { keys.number_or(key, 60.0) };
        /// Principal over the value of what is pledged, at the start; a margin call asks to restore it.
        loan_to_value: f64 = if of == Borrowing::OnCoins { 0.55 } else { 0.65 }, source("S11, S55"), positive(1e6), usually(LTV);
        /// Principal over value above which the lender calls for more; a large number is never.
        call_ltv: f64 = 0.75, source("S55"), positive(1e6), usually(LTV);
        /// Principal over value above which the lender gives no time to cure.
        liquidation_ltv: f64 = 0.85, source("S55"), positive(1e6), usually(LTV);
        /// Days after a margin call until loan_to_value must be restored by paying or pledging more, or the pledge is sold.
        cure_days: f64 as "d" = 5.0, source("section 7.11"), within(0.0, 3650.0), usual(1.0, 60.0, "A-54");
        /// Whether the firm owes what the pledge does not bring; without, the lender of a loan in default takes the pledge and has no more to ask.
        recourse: bool = true, source("section 7.11, A");
    }
}

/// Usual ratios of principal to value.
const LTV: Usual = Usual { low: 0.05, high: 1e6, source: "A-54, S55: 0.20-0.95; a large number is never" };

impl Pledge {
    fn check(&self, keys: &impl ReadKeys) {
        for (name, below, above) in
            [("call_ltv", self.loan_to_value, self.call_ltv), ("liquidation_ltv", self.call_ltv, self.liquidation_ltv)]
        {
            if above < below {
                keys.refuse(
                    "scenario::order",
                    format!("`{}` is below {below}", keys.name_of(name)),
                    (name, format!("must be at least {below}")),
                    "a loan starts at loan_to_value, is called above call_ltv and sold above liquidation_ltv",
                );
            }
        }
    }
}

/// Collateral of a loan.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Collateral {
    /// Unsecured: every other creditor has priority.
    None,
    /// Coins.
    Coins(Pledge),
    /// Machines.
    Machines(Pledge),
}
impl Collateral {
    /// Collateral terms, if the loan is secured.
    #[must_use]
    pub const fn pledge(&self) -> Option<&Pledge> {
        match self {
            Self::None => None,
            Self::Coins(pledge) | Self::Machines(pledge) => Some(pledge),
        }
    }
}

params! {
    /// Terms on which a class borrows, or on which machines are bought.
    #[derive(Clone, Copy, Debug, PartialEq)]
    pub struct LoanTerms(of: Borrowing) {
        /// Its collateral.
        collateral: Collateral => |keys, _| Collateral::read(keys, of);
        /// Share of the class's debt; the loans' shares add up to 1.
        share: f64, within(0.0, 1.0) => |keys, key| if of == Borrowing::Purchase { 1.0 } else { keys.number(key) };
        /// By level payments, or all at the end (bullet).
        repayment: Repayment = Repayment::Level, source("S11, S12");
        /// Interest.
        rate_per_year: f64 as "1/year" = 0.11, source("S11, S55: 0.08-0.18; converts 0-0.03"), uniform(0.08, 0.18, "S11, S55"),
            within(0.0, 10.0), usual(0.0025, 0.3, "A-54, S11, S55: 0.08-0.18; converts 0-0.03");
        /// Added to the interest on principal that is overdue.
        default_margin_per_year: f64 as "1/year" = 0.02, source("A: 0-0.05"), uniform(0.0, 0.05, "assumed"), within(0.0, 10.0),
            usual(0.001, 0.15, "A-54: 0-0.05");
        /// Months from the start, or from when it is drawn, to its end.
        term_months: f64 as "month" = 24.0, source("S11: 12-36; converts 60"), uniform(12.0, 36.0, "S11"), within(1.0, 1200.0),
            usual(3.0, 120.0, "A-54, S11: 12-36; converts 60");
        /// What may be drawn in all for want of cash, per hashrate installed at the start, while lenders lend; half of it in all while they are tight.
        undrawn_usd_per_th: f64 as "USD/(TH/s)", source("A"), within(0.0, 1e6), usual(0.1, 200.0, "A-54; what was owed was 31-65 (S11, S12)")
            => |keys, key| if of.may_be_drawn() { keys.number_or(key, 0.0) } else { 0.0 };
    }
}

impl Borrowing {
    /// Whether more may be drawn. Coins are sold before a loan on them would be drawn.
    fn may_be_drawn(self) -> bool {
        matches!(self, Self::Unsecured | Self::OnMachines)
    }
}

impl Collateral {
    /// Name of the kind of loan in a scenario.
    const fn kind(&self) -> &'static str {
        match self {
            Self::None => "unsecured",
            Self::Coins(_) => "coins",
            Self::Machines(_) => "machines",
        }
    }

    fn read<K: ReadKeys>(keys: &mut K, of: Borrowing) -> Self {
        let before = keys.problems();
        match of {
            Borrowing::Unsecured => return Self::None,
            Borrowing::OnCoins => return Self::Coins(Pledge::read_with(keys, of)),
            Borrowing::OnMachines | Borrowing::Purchase => {}
        }
        let pledge = Pledge::read_with(keys, of);
        if keys.problems() == before && of == Borrowing::Purchase && pledge.loan_to_value >= 1.0 {
            keys.refuse(
                "scenario::range",
                format!("`{}` is not below 1", keys.name_of("loan_to_value")),
                ("loan_to_value", "must be below 1".to_owned()),
                "a buyer pays a part of the price himself",
            );
        }
        Self::Machines(pledge)
    }
}

impl LoanTerms {
    /// Reads a loan of a class: a table named by what secures it.
    fn read_kind<K: ReadKeys>(keys: &mut K) -> Option<Self> {
        keys.kind(
            None,
            &[
                KeyKind {
                    name: "unsecured",
                    doc: "Nothing is pledged: the lender is served last. A convertible bond is an unsecured bullet.",
                    read: &|keys| Self::read_with(keys, Borrowing::Unsecured),
                },
                KeyKind {
                    name: "coins",
                    doc: "Coins of the firm are pledged; no more is borrowed than loan_to_value of what it has.",
                    read: &|keys| Self::read_with(keys, Borrowing::OnCoins),
                },
                KeyKind {
                    name: "machines",
                    doc: "A share of the firm's machines is pledged, whatever they are; no more is borrowed than loan_to_value of their value on the market for used machines, which there must be: `[rigs]`.",
                    read: &|keys| Self::read_with(keys, Borrowing::OnMachines),
                },
            ],
        )
    }

    /// Reads every loan of a class.
    pub fn read_all<K: ReadKeys>(keys: &mut K, doc: &'static str) -> Vec<Self> {
        let before = keys.problems();
        let named = |keys: &mut K| {
            let name = keys.last_name().to_owned();
            Self::read_kind(keys).map(|terms| (name, terms))
        };
        let read: Vec<(String, Self)> = keys.each("loan", doc, &named).into_iter().flatten().collect();
        if keys.problems() == before && !read.is_empty() {
            let place = |(name, terms): &(String, Self)| {
                (terms.share, format!("loan.{name}.{}.share", terms.collateral.kind()))
            };
            let shares: Vec<(f64, String)> = read.iter().map(place).collect();
            let what = format!("the loans of `{}`", keys.name());
            keys.must_add_up(&what, &shares, "a loan's share is the fraction of the class's debt");
        }
        read.into_iter().map(|(_, terms)| terms).collect()
    }
}
