//! Walking over one JSON text, value by value, without building a tree.
//!
//! Grammar: RFC 8259, nothing more; strings with escapes are read by serde_json. With `lines` a newline ends the row,
//! so that a broken row cannot swallow the next one.

use std::borrow::Cow;

use super::number::Number;

/// A place in a JSON text, and the rules that hold there.
#[derive(Debug, Clone, Copy)]
pub(super) struct Cursor<'a> {
    pub text: &'a str,
    /// The next byte. Never past the end, always at a character's boundary.
    pub at: usize,
    /// Whether a newline ends the row.
    pub lines: bool,
    /// How many objects and lists may lie in one another.
    pub depth_max: usize,
}

/// A value; what lies in an object or list was passed over.
#[derive(Debug)]
pub(super) enum Value<'a> {
    Null,
    Boolean(bool),
    Number(Number<'a>),
    Text(Cow<'a, str>),
    Container,
}

/// Why the text is no JSON.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Broken {
    /// It ends within the row.
    Cut,
    /// Something else stands at the byte `at` of the text.
    Unexpected {
        at: usize,
        expected: &'static str,
    },
    TooDeep {
        depth_max: usize,
    },
}

const VALUE: &str = "a value";
const NO_NAN: &str = "a value (NaN and Infinity are none: write null, or the text \"NaN\", \"Infinity\")";
const ESCAPE: &str = "an escape such as \\n or \\u00e9 (surrogates in pairs)";

impl<'a> Cursor<'a> {
    pub fn new(text: &'a str, lines: bool, depth_max: usize) -> Self {
        Self { text, at: 0, lines, depth_max }
    }

    pub fn rest(&self) -> &'a [u8] {
        &self.text.as_bytes()[self.at..]
    }

    /// The next byte; 0, which no JSON token begins with, at the end.
    #[inline(always)]
    pub fn peek(&self) -> u8 {
        self.text.as_bytes().get(self.at).copied().unwrap_or(0)
    }

    pub fn is_at_end(&self) -> bool {
        self.at >= self.text.len()
    }

    #[inline(always)]
    pub fn skip_space(&mut self) {
        while let b' ' | b'\t' | b'\r' | b'\n' = self.peek() {
            if self.lines && self.peek() == b'\n' {
                return;
            }
            self.at += 1;
        }
    }

    /// Passes this byte and the space behind it, if it comes next.
    #[inline(always)]
    pub fn take(&mut self, byte: u8) -> bool {
        let is_next = self.peek() == byte;
        if is_next {
            self.at += 1;
            self.skip_space();
        }
        is_next
    }

    /// The error of finding something else than `expected` here.
    #[cold]
    pub fn broken(&self, expected: &'static str) -> Broken {
        self.broken_at(self.at, expected)
    }

    #[cold]
    fn broken_at(&self, at: usize, expected: &'static str) -> Broken {
        match self.text.as_bytes()[at..] {
            [] => Broken::Cut,
            [b'\n', ..] | [b'\r', b'\n', ..] if self.lines => Broken::Cut,
            _ => Broken::Unexpected { at, expected },
        }
    }

    /// Reads a key and its colon, up to the value.
    pub fn key(&mut self) -> Result<Cow<'a, str>, Broken> {
        let key = self.text_value()?;
        self.skip_space();
        if !self.take(b':') {
            return Err(self.broken("`:` after a key"));
        }
        Ok(key)
    }

    /// Reads a value; `depth` containers are around it.
    #[inline]
    pub fn value(&mut self, depth: usize) -> Result<Value<'a>, Broken> {
        match self.peek() {
            b'"' => self.text_value().map(Value::Text),
            b'-' | b'0'..=b'9' => self.number().map(Value::Number),
            b'{' | b'[' => self.skip_value(depth).map(|()| Value::Container),
            b't' => self.literal("true").map(|()| Value::Boolean(true)),
            b'f' => self.literal("false").map(|()| Value::Boolean(false)),
            b'n' => self.literal("null").map(|()| Value::Null),
            _ => Err(self.no_value()),
        }
    }

    /// Passes over a value of any kind; `depth` containers are around it. Does not recurse.
    pub fn skip_value(&mut self, depth: usize) -> Result<(), Broken> {
        let mut closers = Vec::new();
        loop {
            match self.peek() {
                b'"' => self.string().map(|_| ())?,
                b'-' | b'0'..=b'9' => self.number().map(|_| ())?,
                b't' => self.literal("true")?,
                b'f' => self.literal("false")?,
                b'n' => self.literal("null")?,
                open @ (b'{' | b'[') => {
                    if depth + closers.len() >= self.depth_max {
                        return Err(Broken::TooDeep { depth_max: self.depth_max });
                    }
                    self.take(open);
                    closers.push(open + 2);
                    if self.peek() != open + 2 {
                        self.skip_key(open + 2)?;
                        continue;
                    }
                }
                _ => return Err(self.no_value()),
            }
            loop {
                let Some(&closer) = closers.last() else { return Ok(()) };
                self.skip_space();
                if self.take(b',') {
                    self.skip_key(closer)?;
                    break;
                }
                if self.peek() != closer {
                    return Err(self.broken("`,` or the end of the object or list"));
                }
                self.at += 1;
                closers.pop();
            }
        }
    }

    fn skip_key(&mut self, closer: u8) -> Result<(), Broken> {
        if closer == b'}' {
            self.string()?;
            self.skip_space();
            if !self.take(b':') {
                return Err(self.broken("`:` after a key"));
            }
        }
        Ok(())
    }

    fn literal(&mut self, literal: &'static str) -> Result<(), Broken> {
        for &byte in literal.as_bytes() {
            if self.peek() != byte {
                return Err(self.broken(VALUE));
            }
            self.at += 1;
        }
        Ok(())
    }

    #[inline(always)]
    pub fn number(&mut self) -> Result<Number<'a>, Broken> {
        match Number::scan(self.text, self.at) {
            Ok((number, end)) => {
                self.at = end;
                Ok(number)
            }
            Err(at) => Err(self.no_number(at)),
        }
    }

    #[cold]
    fn no_number(&self, at: usize) -> Broken {
        match self.text.as_bytes()[at..] {
            [b'0'..=b'9', ..] => self.broken_at(at, "no digit after a leading 0"),
            [b'I', b'n', b'f', b'i', ..] => self.broken(NO_NAN),
            _ => self.broken_at(at, "a digit"),
        }
    }

    #[cold]
    fn no_value(&self) -> Broken {
        let is_nan = self.rest().starts_with(b"NaN") || self.rest().starts_with(b"Infinity");
        self.broken(if is_nan { NO_NAN } else { VALUE })
    }

    /// Reads a string, or says that a key is wanting.
    #[inline]
    pub fn text_value(&mut self) -> Result<Cow<'a, str>, Broken> {
        let start = self.at;
        let (raw, escaped) = self.string()?;
        if !escaped {
            return Ok(Cow::Borrowed(raw));
        }
        let quoted = &self.text[start..self.at];
        serde_json::from_str(quoted).map(Cow::Owned).map_err(|_| self.broken_at(start, ESCAPE))
    }

    /// Passes over a string; gives what lies between the quotes, and whether there are escapes in it.
    #[inline]
    fn string(&mut self) -> Result<(&'a str, bool), Broken> {
        if self.peek() != b'"' {
            return Err(self.broken("a key in double quotes"));
        }
        let bytes = self.text.as_bytes();
        let (start, mut escaped) = (self.at + 1, false);
        let mut at = start;
        loop {
            while bytes.get(at).is_some_and(|&byte| PLAIN[byte as usize]) {
                at += 1;
            }
            match bytes.get(at) {
                Some(b'"') => break,
                Some(b'\\') => {
                    at = self.escape(at)?;
                    escaped = true;
                }
                _ => {
                    return Err(
                        self.broken_at(at, "no control character in a string: write \\n, \\t, \\u0001")
                    );
                }
            }
        }
        self.at = at + 1;
        Ok((&self.text[start..at], escaped))
    }

    /// The end of the escape at `at`; whether surrogates come in pairs is seen only where the string is read.
    fn escape(&self, at: usize) -> Result<usize, Broken> {
        let bytes = self.text.as_bytes();
        match bytes.get(at + 1) {
            Some(b'"' | b'\\' | b'/' | b'b' | b'f' | b'n' | b'r' | b't') => Ok(at + 2),
            Some(b'u') => {
                match (at + 2..at + 6).find(|&i| !bytes.get(i).is_some_and(u8::is_ascii_hexdigit)) {
                    None => Ok(at + 6),
                    Some(i) => Err(self.broken_at(i, ESCAPE)),
                }
            }
            _ => Err(self.broken_at(at + 1, ESCAPE)),
        }
    }
}

/// Bytes that stand for themselves in a string.
const PLAIN: [bool; 256] = {
    let mut plain = [true; 256];
    let mut control = 0;
    while control < 0x20 {
        plain[control] = false;
        control += 1;
    }
    plain[b'"' as usize] = false;
    plain[b'\\' as usize] = false;
    plain
};
