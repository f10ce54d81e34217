//! SQL injection.

use super::{is, Scan, Words, DIGIT, GAP, LETTER};
use crate::decisions::SQL_INJECTION;

const OBJECTS: Words =
    &[b"table", b"database", b"schema", b"view", b"user", b"function", b"procedure", b"login", b"role"];
const CATALOGUES: Words =
    &[b"information_schema", b"sqlite_master", b"pg_catalog", b"mysql.user", b"sysobjects", b"sys."];

impl Scan<'_> {
    /// A quote that ends a string of the server's query: what follows is a comment or a condition.
    pub(super) fn quote(&mut self, at: usize, kind: u8) {
        self.quotes ^= kind;
        if self.quotes & kind == 0 {
            return;
        }
        let next = self.gap_and(at + 1, b");");
        let after_two = self.byte(next + 2);
        let found = match self.byte(next) {
            b'-' if self.byte(next + 1) == b'-' => after_two == 0 || after_two == b'&' || is(after_two, GAP),
            b'#' => matches!(self.byte(next + 1), 0 | b'&' | b' '),
            b'/' => self.byte(next + 1) == b'*' && next + 2 == self.text.len(),
            b'|' | b'&' if self.byte(next + 1) == self.byte(next) => self.is_condition(next + 2, true),
            _ => false,
        };
        if found {
            self.findings |= SQL_INJECTION;
        }
    }

    /// `; drop table` and its like.
    pub(super) fn stacked_query(&mut self, at: usize) {
        let next = self.gap(at + 1);
        let (verb, objects): (&[u8], Words) = match self.byte(next) {
            b'a' => (b"alter", OBJECTS),
            b'c' => (b"create", OBJECTS),
            b'd' if self.starts(next, b"drop") => (b"drop", OBJECTS),
            b'd' if self.starts(next, b"declare") => (b"declare", &[b"@"]),
            b'd' => (b"delete", &[b"from"]),
            b'e' if self.starts(next, b"execute") => (b"execute", &[b"xp_", b"sp_", b"master", b"immediate", b"("]),
            b'e' => (b"exec", &[b"xp_", b"sp_", b"master", b"("]),
            b'i' => (b"insert", &[b"into"]),
            b's' if self.is_word(next, b"select") => {
                if self.is_column_list(next + 6) {
                    self.findings |= SQL_INJECTION;
                }
                return;
            }
            b's' => (b"shutdown", &[b"with", b"--", b";", b"immediate"]),
            b't' => (b"truncate", &[b"table"]),
            b'u' if self.is_word(next, b"update") => {
                let table = self.gap(next + 6);
                let table_end = self.name_end(table);
                if self.pair(table_end, &[b"set"]) {
                    self.findings |= SQL_INJECTION;
                }
                return;
            }
            _ => return,
        };
        if self.is_word(next, verb) && self.pair(next + verb.len(), objects) {
            self.findings |= SQL_INJECTION;
        }
    }

    /// `or 1=1`, and, behind a quote that is open, `or` with any comparison.
    pub(super) fn boolean(&mut self, at: usize, word: &[u8]) {
        if self.findings & SQL_INJECTION != 0 || !self.is_word(at, word) {
            return;
        }
        let mut start = at;
        while start > 0 && (is(self.text[start - 1], GAP) || self.text[start - 1] == b')') {
            start -= 1;
        }
        let before = self.before(start);
        let after_comment = before == b'/' && self.before(start - 1) == b'*';
        let open = match before {
            b'\'' => self.quotes & 1 != 0,
            b'"' => self.quotes & 2 != 0,
            b'`' => self.quotes & 4 != 0,
            _ => after_comment,
        };
        let separate = start < at || open || is(before, DIGIT) || matches!(before, b'\'' | b'"' | b'`');
        if start > 0 && separate && self.is_condition(at + word.len(), open) {
            self.findings |= SQL_INJECTION;
        }
    }

    /// A comparison of constants, or with `any` one of anything.
    fn is_condition(&mut self, at: usize, any: bool) -> bool {
        let mut left = self.gap_and(at, b"(!~-");
        if self.is_word(left, b"not") {
            left = self.gap_and(left + 3, b"(!~-");
        }
        let first = self.byte(left);
        let constant = is(first, DIGIT) || matches!(first, b'\'' | b'"');
        if !constant && !any {
            return false;
        }
        let left_end = self.operand_end(left);
        if any && is(first, LETTER) && self.byte(left_end) == b'(' {
            return true;
        }
        let operator = self.gap_and(left_end, if any { b")'\"`" } else { b")" });
        let right = match self.byte(operator) {
            b'=' | b'<' | b'>' => operator + 1,
            b'!' if self.byte(operator + 1) == b'=' => operator + 2,
            b'-' if self.byte(operator + 1) == b'-' => {
                return is(first, DIGIT) && !is(self.byte(operator + 2), LETTER);
            }
            b'#' => return is(first, DIGIT) && self.byte(operator + 1) == 0,
            b'l' if self.is_word(operator, b"like") => operator + 4,
            b'r' if self.is_word(operator, b"rlike") => operator + 5,
            b'r' if self.is_word(operator, b"regexp") => operator + 6,
            b'b' if self.is_word(operator, b"between") => operator + 7,
            _ => return false,
        };
        let right = self.gap_and(right, b"=<>(-");
        let next = self.byte(right);
        is(next, DIGIT) || matches!(next, b'\'' | b'"') || any && (is(next, LETTER) || matches!(next, 0 | b'@' | b'`'))
    }

    /// The end of a number, a quoted text or a name, none taken for longer than 48 bytes.
    fn operand_end(&self, at: usize) -> usize {
        let quote = self.byte(at);
        if !matches!(quote, b'\'' | b'"') {
            return self.name_end(at);
        }
        let rest = &self.text[at + 1..];
        match rest.iter().take(48).position(|&byte| byte == quote) {
            Some(position) => at + 1 + position + 1,
            None => at,
        }
    }

    pub(super) fn union(&mut self, at: usize) {
        if !self.is_word(at, b"union") {
            return;
        }
        let mut next = self.gap_and(at + 5, b"(");
        if self.is_word(next, b"all") {
            next = self.gap_and(next + 3, b"(");
        } else if self.is_word(next, b"distinct") {
            next = self.gap_and(next + 8, b"(");
        }
        if next > at + 5 && self.is_word(next, b"select") {
            if self.is_column_list(next + 6) {
                self.findings |= SQL_INJECTION;
            }
            self.after_union_select = true;
        }
    }

    /// Whether what follows `select` is a list of columns rather than English.
    fn is_column_list(&mut self, at: usize) -> bool {
        let next = self.gap(at);
        let byte = self.byte(next);
        if is(byte, DIGIT) || matches!(byte, b'*' | b'(' | b'@' | b'\'' | b'"' | b'`') || self.is_word(next, b"null") {
            return true;
        }
        let name_end = self.name_end(next);
        let name_end = self.gap(name_end);
        is(byte, LETTER) && matches!(self.byte(name_end), b'(' | b',')
    }

    /// `(select`, as in `id=(select count(*) ...)`.
    pub(super) fn subquery(&mut self, at: usize) {
        if !self.is_word(at, b"select") {
            return;
        }
        let mut start = at;
        while start > 0 && is(self.text[start - 1], GAP) {
            start -= 1;
        }
        if self.before(start) == b'(' && self.is_column_list(at + 6) {
            self.findings |= SQL_INJECTION;
        }
    }

    pub(super) fn from(&mut self, at: usize) {
        if self.is_word(at, b"from") {
            if self.after_union_select || self.pair(at + 4, CATALOGUES) {
                self.findings |= SQL_INJECTION;
            }
        } else {
            self.wrapper(at, b"file://");
        }
    }

    /// `order by 3--`, a probe for the number of columns.
    pub(super) fn order_by(&mut self, at: usize) {
        if !self.is_word(at, b"order") || !self.pair(at + 5, &[b"by"]) {
            return;
        }
        let by = self.gap(at + 5);
        let column = self.gap(by + 2);
        let column_end = self.name_end(column);
        let next = self.gap(column_end);
        if is(self.byte(column), DIGIT) && (self.starts(next, b"--") || self.starts(next, b"#")) {
            self.findings |= SQL_INJECTION;
        }
    }

    /// Two words that together only SQL has.
    pub(super) fn words(&mut self, at: usize, first: &[u8], second: Words) {
        if self.is_word(at, first) && self.pair(at + first.len(), second) {
            self.findings |= SQL_INJECTION;
        }
    }

    /// A function that no one but a database has, called with something.
    pub(super) fn call(&mut self, at: usize, text: &[u8]) {
        if self.starts(at, text) && self.byte(at + text.len()) != b')' {
            self.findings |= SQL_INJECTION;
        }
    }

    /// A function whose name others have too, in the place of a value of a query.
    pub(super) fn function(&mut self, at: usize, name: &[u8]) {
        if !self.is_word(at, name) {
            return;
        }
        let open = self.gap(at + name.len());
        if self.byte(open) != b'(' || self.byte(open + 1) == b')' {
            return;
        }
        let mut start = at;
        while start > 0 && is(self.text[start - 1], GAP) {
            start -= 1;
        }
        let found = match self.before(start) {
            b'(' | b')' | b',' | b'-' | b'*' | b'|' | b'\'' | b'"' | b';' | b'!' => true,
            b'/' => self.before(start - 1) == b'*',
            _ if start < at => {
                let words: Words =
                    &[b"and", b"or", b"xor", b"select", b"if", b"then", b"when", b"not", b"by", b"rlike"];
                words.iter().any(|word| self.text[..start].ends_with(word))
            }
            // A plus is also a gap: 1+sleep(5).
            _ => false,
        };
        if found {
            self.findings |= SQL_INJECTION;
        }
    }
}
