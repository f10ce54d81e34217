//! Brings text into the one form that the patterns know: lower case, percent escapes decoded.

/// An escape that hides an escape (`%252e`) is decoded as well; deeper ones reach no common server.
const ROUNDS: usize = 2;

/// Folds `text` into the start of `out`, which must be as long.
#[inline]
pub fn fold<'o>(text: &[u8], out: &'o mut [u8]) -> &'o [u8] {
    let mut percents = false;
    let out = &mut out[..text.len()];
    for (to, &from) in out.iter_mut().zip(text) {
        *to = from.to_ascii_lowercase();
        percents |= from == b'%';
    }
    if percents {
        decode_rounds(out)
    } else {
        out
    }
}

#[cold]
fn decode_rounds(text: &mut [u8]) -> &[u8] {
    let mut length = text.len();
    for _ in 0..ROUNDS {
        length = decode(&mut text[..length]);
    }
    &text[..length]
}

/// Decodes in place and returns the new length. What is no escape stays.
fn decode(text: &mut [u8]) -> usize {
    let mut from = 0;
    let mut to = 0;
    while from < text.len() {
        let mut byte = text[from];
        from += 1;
        if byte == b'%' && from + 1 < text.len() {
            if let (Some(high), Some(low)) = (hex(text[from]), hex(text[from + 1])) {
                byte = (high << 4 | low).to_ascii_lowercase();
                from += 2;
            }
        }
        text[to] = byte;
        to += 1;
    }
    to
}

fn hex(byte: u8) -> Option<u8> {
    match byte {
        b'0'..=b'9' => Some(byte - b'0'),
        b'a'..=b'f' => Some(byte - b'a' + 10),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::fold;

    #[test]
    fn folds() {
        for (text, folded) in [
            ("", ""),
            ("/Path", "/path"),
            ("%41%6C%6c", "all"),
            ("%252e%252E", ".."),
            ("%25252e", "%2e"),
            ("%%32%65", "."),
            ("100%", "100%"),
            ("%4", "%4"),
            ("%zz%", "%zz%"),
            ("a%00b", "a\0b"),
        ] {
            let mut out = vec![0xaa; text.len() + 3];
            assert_eq!(fold(text.as_bytes(), &mut out), folded.as_bytes(), "{}", text);
        }
    }
}
