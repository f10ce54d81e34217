//! A strict JSON reader that borrows: nothing is built, members are handed to a closure as they come.

/// The text is not JSON, or not of the shape asked for.
#[derive(Debug, PartialEq, Eq)]
pub struct Malformed;

pub type Read<T> = Result<T, Malformed>;

const MAX_DEPTH: usize = 32;

pub struct Reader<'a> {
    input: &'a [u8],
    at: usize,
    spare: &'a mut [u8],
}

impl<'a> Reader<'a> {
    /// Strings with escapes are decoded into `spare`: as many bytes as `input` has are always enough.
    pub fn new(input: &'a [u8], spare: &'a mut [u8]) -> Reader<'a> {
        Reader { input, at: 0, spare }
    }

    /// The first byte of the next token; 0 at the end.
    #[inline]
    pub fn peek(&mut self) -> u8 {
        while let Some(&byte) = self.input.get(self.at) {
            match byte {
                b' ' | b'\n' | b'\r' | b'\t' => self.at += 1,
                byte => return byte,
            }
        }
        0
    }

    #[inline]
    fn skip_if(&mut self, byte: u8) -> bool {
        let found = self.peek() == byte;
        self.at += found as usize;
        found
    }

    #[inline]
    fn expect(&mut self, byte: u8) -> Read<()> {
        if self.skip_if(byte) {
            Ok(())
        } else {
            Err(Malformed)
        }
    }

    /// Nothing but white space may follow.
    pub fn finish(mut self) -> Read<()> {
        self.peek();
        if self.at == self.input.len() {
            Ok(())
        } else {
            Err(Malformed)
        }
    }

    /// Calls `member` with each key; it must read exactly the value.
    #[inline]
    pub fn object(&mut self, mut member: impl FnMut(&mut Self, &'a [u8]) -> Read<()>) -> Read<()> {
        self.expect(b'{')?;
        if self.skip_if(b'}') {
            return Ok(());
        }
        loop {
            let key = self.string()?;
            self.expect(b':')?;
            member(self, key)?;
            if !self.skip_if(b',') {
                return self.expect(b'}');
            }
        }
    }

    /// Calls `element` before each element; it must read exactly the value.
    #[inline]
    pub fn array(&mut self, mut element: impl FnMut(&mut Self) -> Read<()>) -> Read<()> {
        self.expect(b'[')?;
        if self.skip_if(b']') {
            return Ok(());
        }
        loop {
            element(self)?;
            if !self.skip_if(b',') {
                return self.expect(b']');
            }
        }
    }

    /// The string's bytes, escapes decoded. A lone surrogate becomes U+FFFD, as no UTF-8 can hold it.
    #[inline]
    pub fn string(&mut self) -> Read<&'a [u8]> {
        self.expect(b'"')?;
        let start = self.at;
        let end = plain_end(self.input, start);
        match self.input.get(end) {
            Some(b'"') => {
                self.at = end + 1;
                Ok(&self.input[start..end])
            }
            Some(b'\\') => self.escaped_string(start, end),
            _ => Err(Malformed),
        }
    }

    #[cold]
    fn escaped_string(&mut self, start: usize, first_escape: usize) -> Read<&'a [u8]> {
        let spare = core::mem::take(&mut self.spare);
        let mut out = Out { bytes: spare, length: 0 };
        out.push(&self.input[start..first_escape])?;
        self.at = first_escape;
        loop {
            let end = plain_end(self.input, self.at);
            out.push(&self.input[self.at..end])?;
            self.at = end;
            match self.byte()? {
                b'"' => break,
                b'\\' => self.escape(&mut out)?,
                _ => return Err(Malformed),
            }
        }
        let (text, rest) = out.bytes.split_at_mut(out.length);
        self.spare = rest;
        Ok(text)
    }

    fn byte(&mut self) -> Read<u8> {
        let byte = *self.input.get(self.at).ok_or(Malformed)?;
        self.at += 1;
        Ok(byte)
    }

    fn escape(&mut self, out: &mut Out) -> Read<()> {
        let byte = match self.byte()? {
            byte @ (b'"' | b'\\' | b'/') => byte,
            b'b' => 8,
            b'f' => 12,
            b'n' => b'\n',
            b'r' => b'\r',
            b't' => b'\t',
            b'u' => {
                let character = self.unicode()?;
                return out.push(character.encode_utf8(&mut [0; 4]).as_bytes());
            }
            _ => return Err(Malformed),
        };
        out.push(&[byte])
    }

    /// The rest of `\uXXXX`, with the second half of a surrogate pair if one follows.
    fn unicode(&mut self) -> Read<char> {
        let first = self.hex4()?;
        if (0xd800..0xdc00).contains(&first) && self.input[self.at..].starts_with(b"\\u") {
            let after_first = self.at;
            self.at += 2;
            let second = self.hex4()?;
            if (0xdc00..0xe000).contains(&second) {
                let code = 0x10000 + ((first - 0xd800) << 10) + (second - 0xdc00);
                return Ok(char::from_u32(code).unwrap_or(char::REPLACEMENT_CHARACTER));
            }
            self.at = after_first;
        }
        Ok(char::from_u32(first).unwrap_or(char::REPLACEMENT_CHARACTER))
    }

    fn hex4(&mut self) -> Read<u32> {
        let mut code = 0;
        for _ in 0..4 {
            let digit = (self.byte()? as char).to_digit(16).ok_or(Malformed)?;
            code = code << 4 | digit;
        }
        Ok(code)
    }

    /// Reads over one value of any kind.
    #[inline]
    pub fn skip(&mut self) -> Read<()> {
        if self.peek() == b'"' {
            return self.string().map(|_| ());
        }
        self.skip_other(MAX_DEPTH)
    }

    fn skip_other(&mut self, depth: usize) -> Read<()> {
        let below = depth.checked_sub(1).ok_or(Malformed)?;
        match self.peek() {
            b'"' => self.string().map(|_| ()),
            b'{' => self.object(|reader, _| reader.skip_other(below)),
            b'[' => self.array(|reader| reader.skip_other(below)),
            b't' => self.word(b"true"),
            b'f' => self.word(b"false"),
            b'n' => self.word(b"null"),
            _ => self.number(),
        }
    }

    fn word(&mut self, word: &[u8]) -> Read<()> {
        if !self.input[self.at..].starts_with(word) {
            return Err(Malformed);
        }
        self.at += word.len();
        Ok(())
    }

    fn number(&mut self) -> Read<()> {
        self.at += (self.here() == b'-') as usize;
        if self.here() == b'0' {
            self.at += 1;
        } else {
            self.digits()?;
        }
        if self.here() == b'.' {
            self.at += 1;
            self.digits()?;
        }
        if self.here() | 0x20 == b'e' {
            self.at += 1;
            self.at += matches!(self.here(), b'+' | b'-') as usize;
            self.digits()?;
        }
        Ok(())
    }

    fn here(&self) -> u8 {
        self.input.get(self.at).copied().unwrap_or(0)
    }

    fn digits(&mut self) -> Read<()> {
        let start = self.at;
        while self.here().is_ascii_digit() {
            self.at += 1;
        }
        if self.at > start {
            Ok(())
        } else {
            Err(Malformed)
        }
    }
}

struct Out<'a> {
    bytes: &'a mut [u8],
    length: usize,
}

impl Out<'_> {
    fn push(&mut self, bytes: &[u8]) -> Read<()> {
        let end = self.length + bytes.len();
        self.bytes.get_mut(self.length..end).ok_or(Malformed)?.copy_from_slice(bytes);
        self.length = end;
        Ok(())
    }
}

const ONES: u64 = 0x0101_0101_0101_0101;
const HIGHS: u64 = 0x8080_8080_8080_8080;

fn zero_bytes(word: u64) -> u64 {
    word.wrapping_sub(ONES) & !word
}

/// Where the first quote, backslash or control character is, from `at` on; the input's length if there is none.
#[inline]
fn plain_end(input: &[u8], mut at: usize) -> usize {
    #[cfg(target_feature = "simd128")]
    {
        use core::arch::wasm32::*;
        let (quote, backslash, space) = (u8x16_splat(b'"'), u8x16_splat(b'\\'), u8x16_splat(b' '));
        while at + 16 <= input.len() {
            // Sixteen bytes from `at` on lie within the input.
            let bytes = unsafe { v128_load(input.as_ptr().add(at).cast()) };
            let hits = v128_or(v128_or(u8x16_eq(bytes, quote), u8x16_eq(bytes, backslash)), u8x16_lt(bytes, space));
            let mask = u8x16_bitmask(hits);
            if mask != 0 {
                return at + mask.trailing_zeros() as usize;
            }
            at += 16;
        }
    }
    // Eight bytes at a time. A borrow can only mark bytes above a true hit, so the lowest mark is right.
    while let Some(bytes) = input.get(at..at + 8) {
        let word = u64::from_le_bytes([bytes[0], bytes[1], bytes[2], bytes[3], bytes[4], bytes[5], bytes[6], bytes[7]]);
        let quotes = zero_bytes(word ^ (ONES * b'"' as u64));
        let backslashes = zero_bytes(word ^ (ONES * b'\\' as u64));
        let controls = word.wrapping_sub(ONES * 0x20) & !word;
        let hits = (quotes | backslashes | controls) & HIGHS;
        if hits != 0 {
            return at + hits.trailing_zeros() as usize / 8;
        }
        at += 8;
    }
    while let Some(&byte) = input.get(at) {
        if byte == b'"' || byte == b'\\' || byte < 0x20 {
            break;
        }
        at += 1;
    }
    at
}

#[cfg(test)]
mod tests {
    use super::*;

    fn string(input: &str) -> Read<Vec<u8>> {
        let mut spare = vec![0; input.len()];
        let mut reader = Reader::new(input.as_bytes(), &mut spare);
        let text = reader.string()?.to_vec();
        reader.finish()?;
        Ok(text)
    }

    fn skip(input: &str) -> Read<()> {
        let mut spare = vec![0; input.len()];
        let mut reader = Reader::new(input.as_bytes(), &mut spare);
        reader.skip()?;
        reader.finish()
    }

    #[test]
    fn strings() {
        for (input, text) in [
            (r#""""#, ""),
            (r#"  "plain"  "#, "plain"),
            (r#""longer than eight bytes, é too""#, "longer than eight bytes, é too"),
            (r#""\"\\\/\b\f\n\r\t""#, "\"\\/\u{8}\u{c}\n\r\t"),
            (r#""0123456789\u0041bc""#, "0123456789Abc"),
            (r#""\u00e9\u20AC""#, "é€"),
            (r#""\ud83d\ude00""#, "😀"),
            (r#""\ud83d""#, "\u{fffd}"),
            (r#""\ude00\ud83d\ud83d\ude00x""#, "\u{fffd}\u{fffd}😀x"),
            (r#""\ud83d\u0041""#, "\u{fffd}A"),
            (r#""\u0000""#, "\0"),
        ] {
            assert_eq!(string(input).as_deref(), Ok(text.as_bytes()), "{}", input);
        }
    }

    #[test]
    fn strings_end_is_found_at_every_offset() {
        for length in 0..40 {
            let text = "é".repeat(length / 2) + &"x".repeat(length % 2);
            assert_eq!(string(&format!("\"{}\"", text)).as_deref(), Ok(text.as_bytes()));
            assert_eq!(string(&format!("\"{}", text)), Err(Malformed));
            assert_eq!(string(&format!("\"{}\n\"", text)), Err(Malformed));
            assert_eq!(string(&format!("\"{}\\n\"", text)).as_deref(), Ok(format!("{}\n", text).as_bytes()));
        }
    }

    #[test]
    fn malformed_strings() {
        for input in [
            "",
            "\"",
            "x",
            r#""\"#,
            r#""\""#,
            r#""\x41""#,
            r#""\u12"#,
            r#""\u12g4""#,
            r#""\u+123""#,
            "\"\u{1}\"",
            r#""a"b"#,
        ] {
            assert_eq!(string(input), Err(Malformed), "{}", input);
        }
    }

    #[test]
    fn values() {
        for input in [
            "null",
            " true ",
            "false",
            "0",
            "-0",
            "12.5e+3",
            "1E9",
            "-7.0",
            "[]",
            "[ 1 , [2], {} ]",
            r#"{"a":{"b":[null,"\u0061"]},"a":1}"#,
            "\t{\r\n}\n",
        ] {
            assert_eq!(skip(input), Ok(()), "{}", input);
        }
    }

    #[test]
    fn malformed_values() {
        for input in [
            "",
            " ",
            "nul",
            "nulll",
            "True",
            "01",
            "-",
            "1.",
            ".5",
            "1e",
            "+1",
            "[",
            "[1",
            "[1,]",
            "[,1]",
            "{",
            "{\"a\"}",
            "{\"a\":}",
            "{\"a\":1,}",
            "{a:1}",
            "{\"a\":1 \"b\":2}",
            "1 2",
            "[]]",
            "\u{feff}1",
            "NaN",
            "'a'",
            "1/**/",
        ] {
            assert_eq!(skip(input), Err(Malformed), "{}", input);
        }
        assert_eq!(skip(&("[".repeat(31) + &"]".repeat(31))), Ok(()));
        assert_eq!(skip(&("[".repeat(100_000) + &"]".repeat(100_000))), Err(Malformed));
    }

    #[test]
    fn each_prefix_is_malformed() {
        let input = r#"{"uri":"/a\u0062","headers":{"x":["1","2"]},"n":-1.5}"#;
        for length in 0..input.len() {
            assert_eq!(skip(&input[..length]), Err(Malformed), "{}", &input[..length]);
        }
    }
}
