use crate::declare::{Column, Kind, Sheet};

/// The columns of `sensitivity.csv`; a design writes only some of them.
pub const SHEET: Sheet = Sheet {
    name: "sensitivity",
    doc: "One row per metric and factor of a sweep; `seed` is the factor of replicas.",
    key: &["metric", "names"],
    columns: &[
        Column::new(
            "metric",
            "",
            Kind::Text,
            "The metric; `NAME.never` or `NAME.unmeasured` is whether a run lacks it",
        ),
        Column::new("names", "", Kind::Text, "The factor; two joined by × are a pair"),
        Column::new(
            "PRCC",
            "",
            Kind::OptionalNumber,
            "Partial rank correlation of the metric with the factor, the other factors held fixed",
        ),
        Column::new("PRCC_low", "", Kind::OptionalNumber, "Lower end of its 95 % confidence interval"),
        Column::new("PRCC_high", "", Kind::OptionalNumber, "Upper end of its 95 % confidence interval"),
        Column::new(
            "S1",
            "",
            Kind::OptionalNumber,
            "First-order Sobol' index: share of variance explained by the factor alone",
        ),
        Column::new("S1_conf", "", Kind::OptionalNumber, "Half the width of its 95 % confidence interval"),
        Column::new(
            "ST",
            "",
            Kind::OptionalNumber,
            "Total Sobol' index: share of variance that remains if all other factors are known",
        ),
        Column::new("ST_conf", "", Kind::OptionalNumber, "Half the width of its 95 % confidence interval"),
        Column::new(
            "S2",
            "",
            Kind::OptionalNumber,
            "Second-order Sobol' index of two factors: share of variance that they explain together and neither alone",
        ),
        Column::new("S2_conf", "", Kind::OptionalNumber, "Half the width of its 95 % confidence interval"),
        Column::new("mu", "", Kind::OptionalNumber, "Mean elementary effect, over the factor's whole range"),
        Column::new("mu_star", "", Kind::OptionalNumber, "Mean absolute elementary effect"),
        Column::new("sigma", "", Kind::OptionalNumber, "Standard deviation of elementary effects"),
        Column::new(
            "mu_star_conf",
            "",
            Kind::OptionalNumber,
            "Half the width of the 95 % confidence interval of mu_star",
        ),
        Column::new("least_mean", "", Kind::OptionalNumber, "Least mean of the metric over the factor's levels"),
        Column::new("greatest_mean", "", Kind::OptionalNumber, "Greatest mean of the metric over the factor's levels"),
        Column::new("range", "", Kind::OptionalNumber, "Greatest mean minus least mean"),
        Column::new("elasticity", "", Kind::OptionalNumber, "Elasticity of the metric to the factor"),
    ],
    others: None,
};
