use super::*;

#[test]
fn table() {
    for (lab, r, mu, soff) in [("base", 0.2, 0.0, 0.5), ("r.02", 0.02, 0.0, 0.5), ("r.05", 0.05, 0.0, 0.5),("r.1", 0.1, 0.0, 0.5), ("r.3", 0.3, 0.0, 0.5), ("mu-.03", 0.2, -0.03, 0.5), ("mu-.05", 0.2, -0.05, 0.5),  ("mu.03", 0.2, 0.03, 0.5), ("alloff", 0.2, 0.0, 1.0), ("allon", 0.2, 0.0, 0.0)] {
    for k in [100.0, 200.0, 500.0, 1000.0] {
        let l = Hashprice::new(31.0);
        let e = exact_thresholds(l, 0.035, r, mu, k*soff, k*(1.0-soff));
        eprintln!("{lab} {k}: {:?}", e.map(|(a,b)| (a/l,b/l)));
    }}
    panic!();
}
