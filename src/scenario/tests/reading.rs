use super::example::{GOOD, bad, changed, good};

#[test]
fn reads_the_example() {
    let resolved = good(GOOD);
    println!("{}", resolved.canonical());
    println!("{}", crate::scenario::explain(&resolved, None).unwrap());
    let again = good(&resolved.canonical());
    assert_eq!(again.scenario, resolved.scenario);
    assert_eq!(again.canonical(), resolved.canonical());
}

#[test]
fn sample_diagnostic() {
    let problems = bad(&changed("[class.home]\nshare = 0.3", "[class.home]\nshare = 0.6").replace("days = 180", "dyas = nan"));
    println!("{}", problems.render(false, 100));
}
