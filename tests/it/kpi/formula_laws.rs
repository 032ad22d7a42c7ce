//! Formulas against an evaluator of their own tree, and against texts that are none.

use driftd::kpi::{Formula, NotComputable};
use proptest::prelude::*;

/// A formula as a tree.
#[derive(Debug, Clone)]
enum Tree {
    Number(u32),
    Name(usize),
    Negated(Box<Tree>),
    Abs(Box<Tree>),
    Least(Vec<Tree>),
    Greatest(Vec<Tree>),
    Two(char, Box<Tree>, Box<Tree>),
}

/// Exact in halves, so that no sum of a few rounds.
const VALUES: [f64; 4] = [0.0, 3.5, -2.0, 8.0];

impl Tree {
    fn value(&self) -> Option<f64> {
        let all = |trees: &[Tree]| trees.iter().map(Self::value).collect::<Option<Vec<f64>>>();
        Some(match self {
            Self::Number(number) => f64::from(*number) / 2.0,
            Self::Name(name) => VALUES[*name],
            Self::Negated(tree) => -tree.value()?,
            Self::Abs(tree) => tree.value()?.abs(),
            Self::Least(trees) => all(trees)?.into_iter().fold(f64::INFINITY, f64::min),
            Self::Greatest(trees) => all(trees)?.into_iter().fold(f64::NEG_INFINITY, f64::max),
            Self::Two(operator, left, right) => {
                let (left, right) = (left.value()?, right.value()?);
                match operator {
                    '+' => left + right,
                    '-' => left - right,
                    '*' => left * right,
                    _ if right == 0.0 => return None,
                    _ => left / right,
                }
            }
        })
    }

    /// With no more parentheses than it needs, or as many as there can be.
    fn text(&self, generous: bool) -> String {
        let list =
            |trees: &[Tree]| trees.iter().map(|tree| tree.text(generous)).collect::<Vec<_>>().join(" ,");
        let within = |tree: &Tree, bind: u8| match generous || tree.binds() < bind {
            true => format!("({})", tree.text(generous)),
            false => tree.text(generous),
        };
        match self {
            Self::Number(number) => format!("{}.{}", number / 2, number % 2 * 5),
            Self::Name(name) => format!("v{name}"),
            Self::Negated(tree) => format!("-{}", within(tree, 3)),
            Self::Abs(tree) => format!("abs ({})", tree.text(generous)),
            Self::Least(trees) => format!("min({})", list(trees)),
            Self::Greatest(trees) => format!("max( {})", list(trees)),
            Self::Two(operator, left, right) => {
                format!("{}{operator} {}", within(left, self.binds()), within(right, self.binds() + 1))
            }
        }
    }

    fn binds(&self) -> u8 {
        match self {
            Self::Two('+' | '-', ..) => 1,
            Self::Two(..) => 2,
            Self::Negated(_) => 3,
            _ => 4,
        }
    }
}

fn trees() -> impl Strategy<Value = Tree> {
    let leaf = prop_oneof![(0..20u32).prop_map(Tree::Number), (0..VALUES.len()).prop_map(Tree::Name)];
    leaf.prop_recursive(6, 40, 3, |tree| {
        prop_oneof![
            tree.clone().prop_map(|tree| Tree::Negated(Box::new(tree))),
            tree.clone().prop_map(|tree| Tree::Abs(Box::new(tree))),
            prop::collection::vec(tree.clone(), 2..4).prop_map(Tree::Least),
            prop::collection::vec(tree.clone(), 2..4).prop_map(Tree::Greatest),
            (prop::sample::select(vec!['+', '-', '*', '/']), tree.clone(), tree)
                .prop_map(|(operator, left, right)| Tree::Two(operator, Box::new(left), Box::new(right))),
        ]
    })
}

fn value(text: &str) -> Result<f64, NotComputable> {
    let formula = Formula::parse(text).unwrap_or_else(|error| panic!("{text}: {error}"));
    formula.value(|name| Ok(VALUES[name.to_string()[1..].parse::<usize>().unwrap()]))
}

/// Whatever it is: it is refused, or can be evaluated.
fn survives(text: &str) {
    if let Ok(formula) = Formula::parse(text) {
        let _ = formula.value(|_| Ok(2.0));
        let _ = formula.unit(|name| name.to_string().len().is_multiple_of(2).then(|| "EUR".parse().unwrap()));
        assert_eq!(Formula::parse(formula.as_str()), Ok(formula));
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 3_000, ..ProptestConfig::default() })]

    #[test]
    fn a_formula_is_its_tree(tree in trees(), generous in any::<bool>()) {
        let text = tree.text(generous);
        prop_assume!(text.len() <= Formula::BYTES_MAX);
        match (value(&text), tree.value()) {
            (Ok(value), Some(exact)) => prop_assert!(value == exact, "{text} is {exact}, not {value}"),
            (computed, exact) => prop_assert_eq!(computed.ok(), exact, "{}", text),
        }
    }

    #[test]
    fn any_text(text in "\\PC{0,60}") {
        survives(&text);
    }

    /// Of the characters that mean something, long ones too.
    #[test]
    fn any_tokens(tokens in prop::collection::vec(
        prop::sample::select(vec![
            "(", ")", ",", "+", "-", "*", "/", "min(", "max(", "abs(", "abs", "min", "max", "a", "bb", "1", "2.5", ".",
            " ", "{a}", "{", "}", "{a/b}", "e", "E", "PI", "π", "τ", "^", "0", "1e308", "\u{0}", "\n", "é", "{n00}",
        ]),
        0..300,
    )) {
        survives(&tokens.concat());
    }

    /// What a formula may be, with a character changed, left out or doubled.
    #[test]
    fn nearly_a_formula(tree in trees(), at in any::<prop::sample::Index>(), with in "[-+*/(),.{}a-c0-9 π]{0,3}") {
        let text = tree.text(false);
        let at = at.index(text.len());
        survives(&format!("{}{with}{}", &text[..at], &text[at + 1..]));
        survives(&format!("{}{with}{}", &text[..at], &text[at..]));
    }
}
