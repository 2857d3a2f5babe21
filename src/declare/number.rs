//! Numbers as a reader wants them: three significant digits, thousands set apart.

/// `value` with three significant digits, or whole where it has more than three digits before the point; what is no finite number is said so.
#[cfg(any(feature = "charts", feature = "cli"))]
pub(crate) fn human(value: f64) -> String {
    let size = value.abs();
    if !size.is_finite() {
        return "no value".into();
    }
    if size >= 1e15 {
        return format!("{value:.2e}");
    }
    if size == 0.0 {
        return "0".into();
    }
    if size < 1e-4 {
        return format!("{value:.1e}").replace('-', "−");
    }
    let mut decimals = 0;
    // 99.95 rounds to 100, so that the digit is dropped slightly below the power of ten.
    let mut limit = 99.95;
    while size < limit && decimals < 6 {
        decimals += 1;
        limit /= 10.0;
    }
    grouped(value, decimals)
}

/// `value` with this number of decimals, a comma between thousands and a true minus sign.
pub(crate) fn grouped(value: f64, decimals: usize) -> String {
    let text = format!("{:.decimals$}", value.abs());
    let (whole, fraction) = text.split_once('.').unwrap_or((&text, ""));
    let is_zero = text.bytes().all(|byte| byte == b'0' || byte == b'.');
    let mut out = String::with_capacity(text.len() + 8);
    if value < 0.0 && !is_zero {
        out.push('−');
    }
    for (place, digit) in whole.chars().enumerate() {
        if place > 0 && (whole.len() - place).is_multiple_of(3) {
            out.push(',');
        }
        out.push(digit);
    }
    if !fraction.is_empty() {
        out.push('.');
        out.push_str(fraction);
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_have_three_digits_and_thousands() {
        let cases = [
            (0.0, "0"),
            (0.683_21, "0.683"),
            (-0.1513, "−0.151"),
            (16.52, "16.5"),
            (99.96, "100"),
            (240.4, "240"),
            (6493.4, "6,493"),
            (-12_345_678.0, "−12,345,678"),
            (0.000_012, "1.2e−5"),
            (f64::NAN, "no value"),
        ];
        for (value, text) in cases {
            assert_eq!(human(value), text);
        }
        assert_eq!(grouped(-0.001, 1), "0.0");
        assert_eq!(grouped(1000.0, 1), "1,000.0");
    }
}
