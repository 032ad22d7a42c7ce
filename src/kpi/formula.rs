//! Formulas over KPIs and constants: `(gain - run_cost) / run_cost`.
//!
//! Grammar: numbers (`12`, `0.5`), names, `{use_case/name}` and the like for KPIs elsewhere, `+ - * /`, unary `-`,
//! parentheses, `abs(x)`, `min(x, …)` and `max(x, …)` of two or more. `*` and `/` bind before `+` and `-`, all from the left.
//!
//! The text is checked here, token by token, before the expression crate sees it: what it is handed is always well formed,
//! of bounded size and depth, holds names by number only, and calls in full parentheses.

use std::fmt;
use std::sync::Arc;

use exmex::{Express, FlatEx};

use super::id::{KpiId, KpiName};
use super::quantity::{Measure, Operators, Quantity, UnitClash, finite};
use super::tokens::Translator;
use super::unit::Unit;
use super::value::NotComputable;

/// A parsed formula.
#[derive(Debug, Clone)]
pub struct Formula {
    text: Box<str>,
    /// Sorted, each once.
    names: Vec<FormulaName>,
    /// 20 KB: the crate keeps room for 32 operators in place.
    expression: Arc<FlatEx<Quantity, Operators>>,
}

/// What a formula reads.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum FormulaName {
    /// A KPI of the same use case and model as the formula's own, else a constant.
    Own(KpiName),
    /// Any KPI, by its whole id in braces: `{claims/roi}`, `{model:fraud/recall}`, `{headcount}`.
    Other(KpiId),
}

/// What is wrong with a formula.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum FormulaError {
    #[error("is empty")]
    Empty,
    #[error("has {bytes} bytes; at most {max} are allowed", max = Formula::BYTES_MAX)]
    TooLong { bytes: usize },
    #[error("is nested deeper than {max} at column {column}", max = Formula::NESTING_MAX)]
    TooDeep { column: usize },
    #[error("reads more than {max} names", max = Formula::NAMES_MAX)]
    TooManyNames,
    #[error("has the unexpected character {character:?} at column {column}")]
    Character { character: char, column: usize },
    #[error("has {found} at column {column}, where {expected} is expected")]
    Unexpected { found: Box<str>, column: usize, expected: &'static str },
    #[error("has the name `{name}` at column {column}, which {reason}")]
    Name { name: Box<str>, column: usize, reason: Box<str> },
    #[error("calls `{function}` at column {column}; {known} are known", known = "abs, max and min")]
    Function { function: Box<str>, column: usize },
    #[error("gives `{function}` {given} values at column {column}; it takes {takes}")]
    Values { function: &'static str, given: usize, column: usize, takes: &'static str },
    #[error("cannot be read: {0}")]
    Unreadable(Box<str>),
    #[error("reads `{0}`, whose unit is not known")]
    UnknownUnit(FormulaName),
    #[error("mixes units: {0}")]
    Units(#[from] Box<UnitClash>),
}

impl Formula {
    /// Longest text, in bytes.
    pub const BYTES_MAX: usize = 1_000;
    /// Deepest nesting of parentheses, calls and signs.
    pub const NESTING_MAX: usize = 50;
    /// Most different names.
    pub const NAMES_MAX: usize = 50;

    pub fn parse(text: &str) -> Result<Self, FormulaError> {
        if text.len() > Self::BYTES_MAX {
            return Err(FormulaError::TooLong { bytes: text.len() });
        }
        let mut translator = Translator::new(text);
        translator.translate()?;
        let (expression, names) = translator.finish();
        let expression: FlatEx<Quantity, Operators> = FlatEx::parse_wo_compile(&expression)
            .map_err(|error| FormulaError::Unreadable(error.msg().into()))?;
        debug_assert_eq!(expression.var_names().len(), names.len());
        Ok(Self { text: text.trim().into(), names, expression: Arc::new(expression) })
    }

    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// What it reads, sorted, each once.
    pub fn names(&self) -> &[FormulaName] {
        &self.names
    }

    /// The unit of its value, from those of its names.
    ///
    /// Sums, differences, least and greatest are of one unit, which a literal number takes on; products and quotients
    /// multiply units, and there a literal has none.
    pub fn unit(&self, of: impl Fn(&FormulaName) -> Option<Unit>) -> Result<Unit, FormulaError> {
        let quantity = |name: &FormulaName| {
            let unit = of(name).ok_or_else(|| FormulaError::UnknownUnit(name.clone()))?;
            Ok(Quantity { value: Ok(1.0), unit: Ok(Measure::Of(unit)) })
        };
        let inputs: Vec<_> = self.names.iter().map(quantity).collect::<Result<_, FormulaError>>()?;
        Ok(self.evaluate(&inputs)?.unit?.unit())
    }

    /// Its value, from those of its names. Errors where one has none (the first by name), on division by zero, 0/0
    /// too, and where any step is not finite.
    pub fn value(
        &self,
        of: impl Fn(&FormulaName) -> Result<f64, NotComputable>,
    ) -> Result<f64, NotComputable> {
        let quantity = |name: &FormulaName| match of(name).and_then(finite) {
            Ok(value) => Ok(Quantity::plain(Ok(value))),
            Err(reason @ NotComputable::UnknownInput { .. }) => Err(reason),
            Err(reason) => {
                Err(NotComputable::Input { name: name.to_string().into(), reason: Box::new(reason) })
            }
        };
        let inputs: Vec<_> = self.names.iter().map(quantity).collect::<Result<_, NotComputable>>()?;
        let result = self.evaluate(&inputs).map_err(|_| NotComputable::NotFinite)?;
        result.value.map(|value| value + 0.0)
    }

    fn evaluate(&self, inputs: &[Quantity]) -> Result<Quantity, FormulaError> {
        self.expression.eval(inputs).map_err(|error| FormulaError::Unreadable(error.msg().into()))
    }
}

/// Of the same text.
impl PartialEq for Formula {
    fn eq(&self, other: &Self) -> bool {
        self.text == other.text
    }
}

impl fmt::Display for Formula {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

impl fmt::Display for FormulaName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Own(name) => name.fmt(f),
            Self::Other(id) => write!(f, "{{{id}}}"),
        }
    }
}
