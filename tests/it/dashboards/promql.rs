//! Expressions of dashboards as PromQL's grammar reads them.

use std::time::Duration;

use promql_parser::label::{METRIC_NAME, Matcher};
use promql_parser::parser::{self, Expr, LabelModifier, VectorSelector};

/// Stand for `$__rate_interval`, `$__range` and `$__interval`: nobody would write them by hand.
pub const RATE_INTERVAL: Duration = Duration::from_secs(4 * 60 + 13);
pub const RANGE: Duration = Duration::from_secs(7 * 3600 + 61);

/// Stands for the metric that a reader chooses.
const METRIC: &str = "accuracy";

/// What an expression asks of Prometheus.
#[derive(Debug, Default)]
pub struct Asked {
    pub selectors: Vec<Selector>,
    pub groupings: Vec<Grouping>,
}

/// Series that are read.
#[derive(Debug, Clone)]
pub struct Selector {
    /// The name, or what it has to match.
    pub name: Matcher,
    pub labels: Vec<String>,
    pub range: Option<Duration>,
    /// The function that it is the argument of.
    pub function: Option<&'static str>,
    /// Whether some aggregation, however far out, holds it.
    pub aggregated: bool,
}

/// Labels that an aggregation or a matching keeps, and what it goes over.
#[derive(Debug)]
pub struct Grouping {
    pub labels: Vec<String>,
    pub of: Vec<Selector>,
    /// That `label_replace` makes within it.
    pub made: Vec<String>,
}

/// With values for the variables.
pub fn substituted(expr: &str) -> String {
    // Longer names first: `$model` is the beginning of no other, `$__range` is of none.
    let mut text = expr.replace("$__rate_interval", "4m13s").replace("$__range", "7h1m1s");
    text = text.replace("${metric}", METRIC);
    for name in ["instance", "job", "model", "segment", "use_case", "version", "window"] {
        text = text.replace(&format!("${name}"), ".*");
    }
    text
}

pub fn asked(expr: &str) -> Asked {
    let text = substituted(expr);
    assert!(!text.contains("$__"), "a variable of Grafana that has no stand-in: {text}");
    let parsed = parser::parse(&text).unwrap_or_else(|error| panic!("{error}: {text}"));
    let mut asked = Asked::default();
    walk(&parsed, Place { function: None, aggregated: false }, &mut asked, &mut Vec::new());
    asked
}

#[derive(Clone, Copy)]
struct Place {
    function: Option<&'static str>,
    aggregated: bool,
}

fn walk(expr: &Expr, place: Place, asked: &mut Asked, made: &mut Vec<String>) {
    let plain = Place { function: None, ..place };
    match expr {
        Expr::Aggregate(aggregate) => {
            let (before, made_before) = (asked.selectors.len(), made.len());
            walk(&aggregate.expr, Place { function: None, aggregated: true }, asked, made);
            if let Some(LabelModifier::Include(labels) | LabelModifier::Exclude(labels)) = &aggregate.modifier
            {
                asked.groupings.push(Grouping {
                    labels: labels.labels.clone(),
                    of: asked.selectors[before..].to_vec(),
                    made: made[made_before..].to_vec(),
                });
            }
        }
        Expr::Unary(unary) => walk(&unary.expr, plain, asked, made),
        Expr::Paren(paren) => walk(&paren.expr, plain, asked, made),
        Expr::Subquery(subquery) => walk(&subquery.expr, plain, asked, made),
        Expr::Binary(binary) => {
            let matching = binary.modifier.as_ref().and_then(|modifier| modifier.matching.as_ref());
            for side in [&binary.lhs, &binary.rhs] {
                let before = asked.selectors.len();
                walk(side, plain, asked, made);
                if let Some(labels) = matching {
                    asked.groupings.push(Grouping {
                        labels: labels.labels().labels.clone(),
                        of: asked.selectors[before..].to_vec(),
                        made: Vec::new(),
                    });
                }
            }
        }
        Expr::Call(call) => {
            let name = call.func.name;
            if let (true, Some(label)) = (name == "label_replace", call.args.args.get(1)) {
                let Expr::StringLiteral(label) = &**label else { panic!("{expr}") };
                made.push(label.val.clone());
            }
            let inside = Place { function: Some(name), ..place };
            call.args.args.iter().for_each(|argument| walk(argument, inside, asked, made));
        }
        Expr::VectorSelector(selector) => asked.selectors.push(selected(selector, None, place)),
        Expr::MatrixSelector(matrix) => asked.selectors.push(selected(&matrix.vs, Some(matrix.range), place)),
        Expr::NumberLiteral(_) | Expr::StringLiteral(_) | Expr::Extension(_) => {}
    }
}

fn selected(selector: &VectorSelector, range: Option<Duration>, place: Place) -> Selector {
    assert!(selector.matchers.or_matchers.is_empty(), "{selector}");
    let (names, labels): (Vec<_>, Vec<_>) =
        selector.matchers.matchers.iter().partition(|matcher| matcher.name == METRIC_NAME);
    let given = selector.name.clone().map(|name| Matcher::new_metric_name_matcher(name).unwrap());
    Selector {
        name: given.or_else(|| names.first().map(|matcher| (*matcher).clone())).expect("a name"),
        labels: labels.iter().map(|matcher| matcher.name.clone()).collect(),
        range,
        function: place.function,
        aggregated: place.aggregated,
    }
}

#[test]
fn every_part_of_an_expression_is_seen() {
    let asked =
        asked(r#"sum by (a) (rate(x_total{job=~"$job"}[$__rate_interval])) / on (b) max(y{c="$1"} or -z)"#);
    let names: Vec<&str> = asked.selectors.iter().map(|selector| selector.name.value.as_str()).collect();
    assert_eq!(names, ["x_total", "y", "z"]);
    assert_eq!(asked.selectors[0].range, Some(RATE_INTERVAL));
    assert_eq!(asked.selectors[0].function, Some("rate"));
    assert!(asked.selectors.iter().all(|selector| selector.aggregated));
    assert_eq!(asked.selectors[0].labels, ["job"]);
    let groupings: Vec<(&str, usize)> =
        asked.groupings.iter().map(|grouping| (grouping.labels[0].as_str(), grouping.of.len())).collect();
    assert_eq!(groupings, [("a", 1), ("b", 1), ("b", 2)]);
}
