use super::*;
use crate::figure::{FigureSize, Shape, draw, tests::assert_nothing_is_cut};
use crate::{
    report::calibration::{Fitted, Predicted, Ranked},
    study::calibrate::{Law, Prior},
};

fn posterior(parameters: usize) -> Posterior {
    let fitted = |place: usize| {
        let prior = if place.is_multiple_of(2) {
            Prior { law: Law::Uniform, low: 0.8, high: 1.25 }
        } else {
            Prior { law: Law::LogUniform, low: 20.0, high: 1000.0 }
        };
        let values: Vec<f64> = (1..=40).map(|draw| prior.quantile(0.3 + 0.01 * f64::from(draw))).collect();
        let weights = vec![1.0 / 40.0; 40];
        let median = prior.quantile(0.5);
        Fitted {
            name: format!("parameter_{place}"),
            prior,
            truth: Some(median),
            even: values.clone(),
            values,
            weights,
            median,
            band: (prior.quantile(0.31), prior.quantile(0.7)),
            shrinkage: 0.6,
            verdict: "identified".to_owned(),
        }
    };
    let epoch = |number: i32| {
        let middle = 50.0 - f64::from(number);
        (14.0 * f64::from(number), middle + 1.0, [-4.0, -2.0, 0.0, 2.0, 4.0].map(|shift| middle + shift))
    };
    Posterior {
        reaches_data: true,
        simulated: 4_000,
        distances: Some((0.2, 0.5)),
        parameters: (0..parameters).map(fitted).collect(),
        correlations: vec![vec![0.75; parameters]; parameters],
        episodes: vec![Predicted { name: "2018-crash".to_owned(), epochs: (0..10).map(epoch).collect() }],
    }
}

/// Every chart, at every usual size, for as few and as many parameters as there may be; what it says is on it.
#[test]
fn charts_are_drawn_at_every_size() {
    for size in [FigureSize::Page, FigureSize::Column] {
        for count in [2, 8] {
            let style = FigureStyle { size, titles: true };
            let posterior = posterior(count);
            let marginals = draw(&marginals::marginals(&posterior), &style).expect("it is drawn");
            assert_eq!(marginals.matches("parameter_1").count(), 2, "in words and below its panel");
            assert!(marginals.contains("truth (in dashes)") && marginals.contains("(log)"));
            let predictive = draw(&predictive::predictive(&posterior), &style).expect("it is drawn");
            for (name, svg) in [("marginals", &marginals), ("predictive", &predictive)] {
                assert_nothing_is_cut(name, svg);
            }
            assert!(predictive.contains("10 of 10 observed epochs lie within the 90 % band"));
            if size == FigureSize::Page || count == 2 {
                let pairs = draw(&pairs::pairs(&posterior), &style).expect("it is drawn");
                assert_eq!(pairs.matches("\n0.75\n").count(), count * (count - 1) / 2, "a number in each cell");
            }
        }
        let ranked = Ranked { name: "cost".to_owned(), bins: vec![11, 9, 10, 10], p_value: 0.97 };
        let ranks = Ranks { truths: 40, parameters: vec![ranked] };
        let svg = draw(&ranks::histograms(&ranks), &FigureStyle { size, titles: false }).expect("it is drawn");
        assert!(svg.contains("p = 0.970") && svg.contains("rank of cost"));
    }
}

/// The area under the line of the prior and the area of the bars of the posterior are both one.
#[test]
fn a_narrow_posterior_stands_higher_than_its_prior() {
    let layers = |posterior: &Posterior| {
        let figure = marginals::marginals(posterior);
        let [Shape::Stack(bars, _), Shape::Line(prior, ..)] =
            [0, 1].map(|place| figure.panels[0].layers[place].shape.clone())
        else {
            panic!("bars and a line")
        };
        (bars[..bars.len() - 1].to_vec(), prior)
    };
    let mean = |values: &[f64]| values.iter().sum::<f64>() / f64::from(u32::try_from(values.len()).unwrap());
    let (wide, prior) = layers(&posterior(1));
    let mut narrow = posterior(1);
    narrow.parameters[0].values.iter_mut().for_each(|value| *value = 1.0);
    let (narrow, _) = layers(&narrow);
    for values in [&wide, &narrow, &prior] {
        assert!((mean(values) - 1.0).abs() < 1e-9, "{values:?}");
    }
    assert_eq!(narrow.iter().filter(|&&height| height > 0.0).count(), 1);
}

/// For a look at the figures: `SHAKEOUT_LOOK=/tmp/look cargo test --lib figure::calibrate -- --ignored`.
#[test]
#[ignore = "writes figures for the eye into $SHAKEOUT_LOOK"]
fn figures_to_look_at() {
    let out = PathBuf::from(std::env::var("SHAKEOUT_LOOK").expect("SHAKEOUT_LOOK names a folder")).join("calibration");
    let posterior = posterior(3);
    let ranked = Ranked { name: "cost".to_owned(), bins: vec![11, 9, 10, 10], p_value: 0.97 };
    let ranks = Ranks { truths: 40, parameters: vec![ranked] };
    for (name, size) in [("column", FigureSize::Column), ("page", FigureSize::Page)] {
        let style = FigureStyle { size, titles: name == "page" };
        let mut figures = figures(&posterior);
        figures.push(ranks::histograms(&ranks));
        write(&figures, &out.join(name), &style).unwrap();
    }
}

/// The answer names every parameter with its band, says where a median lies at an end of its prior and where a fit does not reach the data.
#[test]
fn the_page_says_what_the_fit_found() {
    let mut posterior = posterior(2);
    let sentences = page::answer(&posterior);
    assert_eq!(sentences.len(), 3);
    let first =
        format!("parameter_0: {}, with 90 % between", crate::report::number::human(posterior.parameters[0].median));
    assert!(sentences[0].starts_with(&first) && !sentences[0].contains("end of its prior"), "{}", sentences[0]);
    assert_eq!(sentences[2], "In 2018-crash the 90 % band of the posterior holds 10 of 10 observed epochs.");
    posterior.parameters[1].median = posterior.parameters[1].prior.quantile(0.97);
    posterior.reaches_data = false;
    let sentences = page::answer(&posterior);
    assert!(
        sentences[0].contains("does not reach the data: the nearest history lies 0.200 deviations"),
        "{}",
        sentences[0]
    );
    assert!(sentences[2].contains("at the upper end of its prior"), "{}", sentences[2]);
}
