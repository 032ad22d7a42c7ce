//! The tokens of a formula: checked one after another, and written for the expression crate.

use std::collections::BTreeMap;

use super::formula::{Formula, FormulaError, FormulaName};

/// Reads a formula's text from left to right. `min(a, b)` becomes `((a)min(b))`, a name `{n00}`.
pub(super) struct Translator<'a> {
    text: &'a str,
    /// Where the next token begins, in bytes.
    at: usize,
    out: String,
    open: Vec<Open>,
    /// Signs before the value that is awaited.
    signs: usize,
    /// Where each name stands in `out`: it is numbered when all are known.
    names: BTreeMap<FormulaName, Vec<usize>>,
}

/// What a closing parenthesis closes.
struct Open {
    function: Option<Function>,
    column: usize,
    /// Values begun.
    values: usize,
    /// Signs before it.
    signs: usize,
}

#[derive(Clone, Copy, PartialEq)]
enum Function {
    Abs,
    Min,
    Max,
}

/// What may come next.
#[derive(Clone, Copy, PartialEq)]
enum Awaited {
    /// A number, a name, a sign, a call or an opening parenthesis.
    Value,
    /// An operator, a comma or a closing parenthesis.
    Operator,
}

impl Awaited {
    const fn described(self) -> &'static str {
        match self {
            Self::Value => "a value",
            Self::Operator => "an operator",
        }
    }
}

impl Function {
    const ALL: [Self; 3] = [Self::Abs, Self::Min, Self::Max];

    const fn as_str(self) -> &'static str {
        match self {
            Self::Abs => "abs",
            Self::Min => "min",
            Self::Max => "max",
        }
    }
}

impl<'a> Translator<'a> {
    pub fn new(text: &'a str) -> Self {
        Self { text, at: 0, out: String::new(), open: Vec::new(), signs: 0, names: BTreeMap::new() }
    }

    pub fn translate(&mut self) -> Result<(), FormulaError> {
        let mut awaited = Awaited::Value;
        let mut empty = true;
        while let Some(character) = self.rest().chars().next() {
            if character.is_whitespace() {
                self.at += character.len_utf8();
                continue;
            }
            empty = false;
            awaited = match awaited {
                Awaited::Value => self.value(character)?,
                Awaited::Operator => self.operator(character)?,
            };
        }
        match (awaited, self.open.last()) {
            _ if empty => Err(FormulaError::Empty),
            (Awaited::Value, _) => Err(self.unexpected("the end", Awaited::Value.described())),
            (Awaited::Operator, Some(_)) => Err(self.unexpected("the end", "`)`")),
            (Awaited::Operator, None) => Ok(()),
        }
    }

    /// The text for the expression crate, its variables `n00`, `n01` … in the order of the names.
    pub fn finish(self) -> (String, Vec<FormulaName>) {
        let mut out = self.out.into_bytes();
        for (number, places) in self.names.values().enumerate() {
            for at in places {
                // `{n00}`: NAMES_MAX fits two digits.
                out[at + 2] = b'0' + (number / 10) as u8;
                out[at + 3] = b'0' + (number % 10) as u8;
            }
        }
        let out = String::from_utf8(out).expect("digits replace digits");
        (out, self.names.into_keys().collect())
    }

    fn rest(&self) -> &'a str {
        &self.text[self.at..]
    }

    /// In characters, from 1.
    fn column(&self) -> usize {
        self.text[..self.at].chars().count() + 1
    }

    fn unexpected(&self, found: &str, expected: &'static str) -> FormulaError {
        FormulaError::Unexpected { found: found.into(), column: self.column(), expected }
    }

    /// The bytes of the token that begins here and goes on as long as its characters fit.
    fn token(&self, fits: impl Fn(char) -> bool) -> &'a str {
        let rest = self.rest();
        &rest[..rest.find(|c| !fits(c)).unwrap_or(rest.len())]
    }

    fn value(&mut self, character: char) -> Result<Awaited, FormulaError> {
        match character {
            '0'..='9' => self.number(),
            '-' => {
                self.signs += 1;
                self.within_nesting()?;
                self.take("-");
                Ok(Awaited::Value)
            }
            '(' => self.open(None),
            '{' => self.name_in_braces(),
            'a'..='z' | 'A'..='Z' | '_' => self.word(),
            ')' | ',' | '+' | '*' | '/' => {
                Err(self.unexpected(&format!("`{character}`"), Awaited::Value.described()))
            }
            _ => Err(FormulaError::Character { character, column: self.column() }),
        }
    }

    fn operator(&mut self, character: char) -> Result<Awaited, FormulaError> {
        match (character, self.open.last_mut()) {
            ('+' | '-' | '*' | '/', _) => {
                self.out.push(character);
                self.at += 1;
                Ok(Awaited::Value)
            }
            (',', Some(Open { function: Some(function @ (Function::Min | Function::Max)), values, .. })) => {
                *values += 1;
                let between = format!("){}(", function.as_str());
                self.out.push_str(&between);
                self.at += 1;
                Ok(Awaited::Value)
            }
            (',', Some(Open { function: Some(Function::Abs), .. })) => {
                let column = self.column();
                Err(FormulaError::Values { function: "abs", given: 2, column, takes: "one" })
            }
            (')', Some(_)) => self.close(),
            (')' | ',', _) => Err(self.unexpected(&format!("`{character}`"), Awaited::Operator.described())),
            ('(' | '{' | '_' | '0'..='9' | 'a'..='z' | 'A'..='Z', _) => {
                Err(self.unexpected(&format!("`{character}`"), Awaited::Operator.described()))
            }
            _ => Err(FormulaError::Character { character, column: self.column() }),
        }
    }

    fn take(&mut self, token: &str) {
        self.out.push_str(token);
        self.at += token.len();
    }

    fn value_taken(&mut self) -> Awaited {
        self.signs = 0;
        Awaited::Operator
    }

    fn number(&mut self) -> Result<Awaited, FormulaError> {
        let token = self.token(|c| c.is_ascii_digit() || c == '.');
        let (_, fraction) = token.split_once('.').unwrap_or((token, "0"));
        let finite = token.parse().is_ok_and(|number: f64| number.is_finite());
        if fraction.is_empty() || fraction.contains('.') || !finite {
            let number = token.chars().take(24).collect::<String>();
            return Err(self.unexpected(&format!("`{number}`"), "a number such as 12 or 0.5"));
        }
        self.take(token);
        Ok(self.value_taken())
    }

    fn word(&mut self) -> Result<Awaited, FormulaError> {
        let word = self.token(|c| c.is_ascii_alphanumeric() || c == '_');
        let after = self.rest()[word.len()..].trim_start();
        if after.starts_with('(') {
            let function = Function::ALL.into_iter().find(|function| function.as_str() == word);
            let Some(function) = function else {
                return Err(FormulaError::Function { function: word.into(), column: self.column() });
            };
            self.at = self.text.len() - after.len();
            return self.open(Some(function));
        }
        match word.parse() {
            Ok(name) => self.name(FormulaName::Own(name), word.len()),
            Err(error) => Err(self.no_name(word, &error)),
        }
    }

    fn name_in_braces(&mut self) -> Result<Awaited, FormulaError> {
        let Some((id, _)) = self.rest()[1..].split_once('}') else {
            return Err(self.unexpected("`{`", "a name that ends with `}`"));
        };
        match id.parse() {
            Ok(name) => self.name(FormulaName::Other(name), id.len() + 2),
            Err(error) => Err(self.no_name(id, &error)),
        }
    }

    fn no_name(&self, name: &str, reason: &dyn std::error::Error) -> FormulaError {
        let name: String = name.chars().take(Formula::NESTING_MAX).collect();
        FormulaError::Name { name: name.into(), column: self.column(), reason: reason.to_string().into() }
    }

    fn name(&mut self, name: FormulaName, bytes: usize) -> Result<Awaited, FormulaError> {
        self.names.entry(name).or_default().push(self.out.len());
        if self.names.len() > Formula::NAMES_MAX {
            return Err(FormulaError::TooManyNames);
        }
        self.out.push_str("{n00}");
        self.at += bytes;
        Ok(self.value_taken())
    }

    fn within_nesting(&self) -> Result<(), FormulaError> {
        let signs: usize = self.open.iter().map(|open| open.signs).sum();
        match self.open.len() + signs + self.signs {
            depth if depth > Formula::NESTING_MAX => Err(FormulaError::TooDeep { column: self.column() }),
            _ => Ok(()),
        }
    }

    fn open(&mut self, function: Option<Function>) -> Result<Awaited, FormulaError> {
        let signs = std::mem::take(&mut self.signs);
        self.open.push(Open { function, column: self.column(), values: 1, signs });
        self.within_nesting()?;
        let written = match function {
            None => "(",
            Some(Function::Abs) => "abs(",
            Some(Function::Min | Function::Max) => "((",
        };
        self.out.push_str(written);
        self.at += 1;
        Ok(Awaited::Value)
    }

    fn close(&mut self) -> Result<Awaited, FormulaError> {
        let open = self.open.pop();
        let function = open.as_ref().and_then(|open| open.function);
        if let (Some(Open { values: given @ 1, column, .. }), Some(Function::Min | Function::Max)) =
            (&open, function)
        {
            let function = function.map_or("", Function::as_str);
            return Err(FormulaError::Values {
                function,
                given: *given,
                column: *column,
                takes: "two or more",
            });
        }
        self.out.push_str(if matches!(function, Some(Function::Min | Function::Max)) { "))" } else { ")" });
        self.at += 1;
        Ok(self.value_taken())
    }
}
