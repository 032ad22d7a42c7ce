//! What formulas come to, in numbers and units, and what they say where they cannot.

use std::collections::BTreeMap;

use driftd::kpi::{Formula, FormulaError, FormulaName, NotComputable, Unit};

fn parsed(text: &str) -> Formula {
    Formula::parse(text).unwrap_or_else(|error| panic!("{text}: {error}"))
}

fn error(text: &str) -> String {
    Formula::parse(text).unwrap_err().to_string()
}

/// a = 12, b = 4, zero = 0, missing: no data.
fn value(text: &str) -> Result<f64, NotComputable> {
    parsed(text).value(|name| match name.to_string().as_str() {
        "a" | "e" | "{claims/a}" => Ok(12.0),
        "b" | "pi" | "minimum" | "{claims/model:m-1/b}" => Ok(4.0),
        "zero" => Ok(0.0),
        "huge" => Ok(1e308),
        "infinite" => Ok(f64::INFINITY),
        "missing" => Err(NotComputable::NoData),
        other => Err(NotComputable::UnknownInput { name: other.into() }),
    })
}

#[test]
fn formulas_are_computed_as_written() {
    for (text, exact) in [
        ("a", 12.0),
        (" 3 ", 3.0),
        ("0.25", 0.25),
        ("a - b - 1", 7.0),
        ("a - (b - 1)", 9.0),
        ("a / b / 2", 1.5),
        ("a / b * 2", 6.0),
        ("a * b / 2", 24.0),
        ("2 + a * b", 50.0),
        ("(2 + a) * b", 56.0),
        ("-a + b", -8.0),
        ("-a * -b", 48.0),
        ("a - -b", 16.0),
        ("--a", 12.0),
        ("-(a - b)", -8.0),
        ("min(a, b)", 4.0),
        ("max(a, b)", 12.0),
        ("min(a, b, 1, 9)", 1.0),
        ("max(1, min(a, b)) + 1", 5.0),
        ("min(max(1, 2), max(3, 4), 5 - 1)", 2.0),
        ("-max(a - 1, b) * 2", -22.0),
        ("abs(b - a)", 8.0),
        ("-abs(-b) - abs(1)", -5.0),
        ("abs(min(-a, b) - 1) / 13", 1.0),
        ("a/b+a*b-1", 50.0),
        ("minimum + e + pi", 20.0),
        ("{claims/a} - {claims/model:m-1/b}", 8.0),
        ("(((a)))", 12.0),
        ("zero / a", 0.0),
        ("-zero", 0.0),
        ("\ta\n+ b", 16.0),
    ] {
        assert_eq!(value(text), Ok(exact), "{text}");
        assert!(value(text).unwrap().is_sign_positive() || exact < 0.0, "{text}: no negative zero");
    }
}

/// A gain as the mission states it: time saved × hourly cost + errors avoided × cost of an error + added revenue − run cost.
#[test]
fn a_return_on_investment() {
    let known = BTreeMap::from([
        ("hours_saved", (1_200.0, "h")),
        ("hourly_cost", (42.5, "EUR/h")),
        ("errors_avoided", (30.0, "error")),
        ("cost_of_error", (150.0, "EUR/error")),
        ("revenue", (0.0, "EUR")),
        ("run_cost", (18_000.0, "EUR")),
    ]);
    let gain = "hours_saved * hourly_cost + errors_avoided * cost_of_error + revenue - run_cost";
    // 51,000 + 4,500 + 0 − 18,000 = 37,500; 37,500 / 18,000 = 2.08333…
    for (text, exact, unit) in [(gain, 37_500.0, "EUR"), (&format!("({gain}) / run_cost"), 37.5 / 18.0, "1")]
    {
        let formula = parsed(text);
        let value = formula.value(|name| Ok(known[name.to_string().as_str()].0)).unwrap();
        assert!((value - exact).abs() < 1e-12, "{value}");
        let computed = formula.unit(|name| known[name.to_string().as_str()].1.parse().ok()).unwrap();
        assert_eq!(computed.to_string(), unit);
    }
}

#[test]
fn what_is_not_computable_says_why() {
    let missing = NotComputable::Input { name: "missing".into(), reason: Box::new(NotComputable::NoData) };
    for (text, reason) in [
        ("a / zero", NotComputable::DivisionByZero),
        ("zero / zero", NotComputable::DivisionByZero),
        ("1 / (b - 4)", NotComputable::DivisionByZero),
        ("0 * (1 / zero)", NotComputable::DivisionByZero),
        ("max(1, a / zero)", NotComputable::DivisionByZero),
        ("huge * a", NotComputable::NotFinite),
        ("huge + huge", NotComputable::NotFinite),
        ("1 / (huge * a)", NotComputable::NotFinite),
        ("missing + a", missing.clone()),
        ("0 * missing", missing),
        ("unheard_of", NotComputable::UnknownInput { name: "unheard_of".into() }),
    ] {
        assert_eq!(value(text), Err(reason), "{text}");
    }
    assert_eq!(value("missing").unwrap_err().to_string(), "`missing` is not computable: no data");
    assert_eq!(
        value("infinite").unwrap_err().to_string(),
        "`infinite` is not computable: the result is not finite"
    );
    assert_eq!(value("unheard_of").unwrap_err().to_string(), "nothing is called `unheard_of`");
}

#[test]
fn names_are_told_once_in_order() {
    let formula = parsed("b + a * {claims/roi} - b / {model:fraud/recall}");
    let names: Vec<String> = formula.names().iter().map(ToString::to_string).collect();
    assert_eq!(names, ["a", "b", "{model:fraud/recall}", "{claims/roi}"]);
    assert!(matches!(&formula.names()[0], FormulaName::Own(name) if name.as_str() == "a"));
    assert_eq!(formula.to_string(), "b + a * {claims/roi} - b / {model:fraud/recall}");
    assert_eq!(parsed(" a+b"), parsed("a+b "));
    assert_ne!(parsed("a+b"), parsed("b+a"));
    assert!(parsed("12 * 3").names().is_empty());
}

fn unit_of(text: &str) -> Result<String, FormulaError> {
    let units = |name: &FormulaName| -> Option<Unit> {
        let unit = match name.to_string().as_str() {
            "gain" | "cost" => "EUR",
            "saved" => "h",
            "wage" => "EUR/h",
            "rate" => "ratio",
            "share" => "%",
            _ => return None,
        };
        Some(unit.parse().unwrap())
    };
    parsed(text).unit(units).map(|unit| unit.to_string())
}

#[test]
fn units_follow() {
    for (text, unit) in [
        ("gain - cost", "EUR"),
        ("saved * wage + gain", "EUR"),
        ("gain / saved - wage", "EUR/h"),
        ("gain / cost", "1"),
        ("1 - rate", "ratio"),
        ("rate + share", "ratio"),
        ("100 * gain + 5", "EUR"),
        ("5 - gain", "EUR"),
        ("2 / saved", "1/h"),
        ("min(gain, 0)", "EUR"),
        ("max(0, 1, cost)", "EUR"),
        ("-abs(gain) / 12", "EUR"),
        ("rate * gain", "EUR"),
        ("2 * 3 + 1", "1"),
        ("(2 + 3) + saved", "h"),
        ("saved * saved", "h^2"),
    ] {
        assert_eq!(unit_of(text).as_deref(), Ok(unit), "{text}");
    }
}

#[test]
fn units_that_do_not_fit_are_both_named() {
    let error = |text: &str| unit_of(text).unwrap_err().to_string();
    assert_eq!(error("gain + saved"), "mixes units: `+` of EUR and h");
    assert_eq!(error("gain - rate"), "mixes units: `-` of EUR and ratio");
    assert_eq!(error("min(gain, 0, saved)"), "mixes units: `min` of EUR and h");
    assert_eq!(error("(gain / cost) + wage * 2"), "mixes units: `+` of 1 and EUR/h");
    // A product of numbers is one still, a quotient of units is not.
    assert_eq!(error("gain / cost + gain"), "mixes units: `+` of 1 and EUR");
    assert_eq!(error("gain + nothing"), "reads `nothing`, whose unit is not known");
    let power = vec!["saved"; 17].join(" * ");
    assert!(error(&power).contains("has the exponent `17`"), "{}", error(&power));
}

#[test]
fn what_cannot_be_read_says_what_and_where() {
    for (text, message) in [
        ("", "is empty"),
        ("  ", "is empty"),
        ("a +", "has the end at column 4, where a value is expected"),
        ("a b", "has `b` at column 3, where an operator is expected"),
        ("a (b)", "calls `a` at column 1; abs, max and min are known"),
        ("2 (b)", "has `(` at column 3, where an operator is expected"),
        ("2a", "has `a` at column 2, where an operator is expected"),
        ("(a", "has the end at column 3, where `)` is expected"),
        ("a)", "has `)` at column 2, where an operator is expected"),
        ("()", "has `)` at column 2, where a value is expected"),
        ("a, b", "has `,` at column 2, where an operator is expected"),
        ("(a, b)", "has `,` at column 3, where an operator is expected"),
        ("* a", "has `*` at column 1, where a value is expected"),
        ("+a", "has `+` at column 1, where a value is expected"),
        ("a ^ 2", "has the unexpected character '^' at column 3"),
        ("é + $", "has the unexpected character 'é' at column 1"),
        ("a + é", "has the unexpected character 'é' at column 5"),
        ("sin(a)", "calls `sin` at column 1; abs, max and min are known"),
        ("min(a)", "gives `min` 1 values at column 4; it takes two or more"),
        ("abs(a, b)", "gives `abs` 2 values at column 6; it takes one"),
        ("min()", "has `)` at column 5, where a value is expected"),
        ("min(a,)", "has `)` at column 7, where a value is expected"),
        ("1.", "has `1.` at column 1, where a number such as 12 or 0.5 is expected"),
        ("1.2.3", "has `1.2.3` at column 1, where a number such as 12 or 0.5 is expected"),
        (".5", "has the unexpected character '.' at column 1"),
        ("1e5", "has `e` at column 2, where an operator is expected"),
        ("{a", "has `{` at column 1, where a name that ends with `}` is expected"),
        (
            "1 + PI",
            "has the name `PI` at column 5, which has the character 'P'; lower-case letters, digits and `_` are allowed, the first a letter",
        ),
        ("{}", "has the name `` at column 1, which is empty"),
        (
            "{a/b/c/d}",
            "has the name `a/b/c/d` at column 1, which has the character '/'; an id is `use_case/model:model/name`",
        ),
    ] {
        assert_eq!(error(text), message, "{text}");
    }
}

#[test]
fn formulas_are_bounded() {
    assert_eq!(error(&"1+".repeat(501)), "has 1002 bytes; at most 1000 are allowed");
    let nested = |open: &str, close: &str, n: usize| format!("{}a{}", open.repeat(n), close.repeat(n));
    for (open, close) in [("(", ")"), ("abs(", ")"), ("-", ""), ("min(1,", ")"), ("max(", ",2)")] {
        assert!(Formula::parse(&nested(open, close, 50)).is_ok(), "{open}");
        assert!(error(&nested(open, close, 51)).starts_with("is nested deeper than 50"), "{open}");
    }
    assert!(error(&nested("-(", ")", 26)).starts_with("is nested deeper than 50"));
    assert_eq!(value(&nested("min(13,", ")", 50)), Ok(12.0));
    assert_eq!(value(&nested("-", "", 50)), Ok(12.0));
    let sum = |n: usize| (0..n).map(|i| format!("k{i}")).collect::<Vec<_>>().join("+");
    // 0 + 1 + … + 49.
    let number = |name: &FormulaName| Ok(name.to_string()[1..].parse().unwrap());
    assert_eq!(parsed(&sum(50)).value(number), Ok(1_225.0));
    assert_eq!(error(&sum(51)), "reads more than 50 names");
    // 499 operators, past the 64 that a word of bits tracks.
    assert_eq!(value(&["1"; 500].join("+")), Ok(500.0));
    assert_eq!(value(&["1"; 500].join("-")), Ok(-498.0));
    assert!(error(&"9".repeat(400)).ends_with("where a number such as 12 or 0.5 is expected"));
}
