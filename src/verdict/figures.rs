//! Figures as people read them: few digits, thousands parted.

/// A share as a percentage, small ones told from none: `31 %`, `0.04 %`.
pub fn percent(share: f64) -> String {
    let percent = share * 100.0;
    match percent {
        p if p >= 9.95 || p == 0.0 => format!("{p:.0} %"),
        p if p >= 0.095 => format!("{p:.1} %"),
        p => format!("{p:.2} %"),
    }
}

/// Two numbers with as many digits as it takes to tell them apart, at least three.
pub(super) fn pair_of_numbers(from: f64, to: f64) -> (String, String) {
    let shown = (3..=17).map(|digits| (number(from, digits), number(to, digits)));
    shown.into_iter().find(|(from, to)| from != to).unwrap_or((number(from, 17), number(to, 17)))
}

/// A number to so many significant digits, its thousands parted by commas.
pub fn number(value: f64, digits: usize) -> String {
    if value == 0.0 || !value.is_finite() {
        return format!("{value}");
    }
    let magnitude = value.abs().log10().floor() as i32;
    if !(-5..15).contains(&magnitude) {
        return format!("{value:.*e}", digits - 1);
    }
    let decimals = (digits as i32 - 1 - magnitude).clamp(-15, 20);
    let rounded = match decimals {
        0.. => format!("{value:.*}", decimals as usize),
        _ => {
            let unit = 10f64.powi(-decimals);
            format!("{:.0}", (value / unit).round() * unit)
        }
    };
    let (whole, fraction) = rounded.split_once('.').unwrap_or((&rounded, ""));
    let (sign, whole) = whole.strip_prefix('-').map_or(("", whole), |whole| ("-", whole));
    let mut parted = String::new();
    for (i, digit) in whole.chars().enumerate() {
        if i > 0 && (whole.len() - i).is_multiple_of(3) {
            parted.push(',');
        }
        parted.push(digit);
    }
    let fraction = fraction.trim_end_matches('0');
    if fraction.is_empty() { format!("{sign}{parted}") } else { format!("{sign}{parted}.{fraction}") }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_have_a_few_digits_and_commas() {
        assert_eq!(number(29_312.4, 3), "29,300");
        assert_eq!(number(1_234_567.0, 3), "1,230,000");
        assert_eq!(number(-41_000.0, 3), "-41,000");
        assert_eq!(number(0.012_345, 3), "0.0123");
        assert_eq!(number(3.0, 3), "3");
        assert_eq!(number(1e-9, 3), "1.00e-9");
        assert_eq!(pair_of_numbers(29_312.0, 29_318.0), ("29,310".to_owned(), "29,320".to_owned()));
    }

    #[test]
    fn percentages_keep_small_shares_apart_from_none() {
        assert_eq!([0.31, 0.051, 0.0004, 0.0].map(percent), ["31 %", "5.1 %", "0.04 %", "0 %"]);
    }
}
