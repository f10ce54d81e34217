//! What is looked at in a request, and what follows from what was found.

use crate::decisions::UNAUTHENTICATED;
use crate::fold::fold;
use crate::json::{Malformed, Read, Reader};
use crate::patterns::{self, Part};

/// A set of the bits in `decisions`.
pub type Findings = u8;

#[derive(Debug, PartialEq, Eq)]
pub enum RequestVerdict {
    Clean { admin: bool },
    Found(Findings),
    Malformed,
}

/// How much spare memory the functions here need for an input: half for unescaped strings, half for a folded one.
pub const fn spare_bytes(input_bytes: usize) -> usize {
    input_bytes * 2
}

/// Decides on the JSON text of a request. `spare` has [`spare_bytes`].
pub fn inspect_request(input: &[u8], spare: &mut [u8]) -> RequestVerdict {
    let (unescaped, folded) = spare.split_at_mut(spare.len() / 2);
    let mut request = Request { folded, findings: 0, uri: false, admin: false, authorized: false };
    let mut reader = Reader::new(input, unescaped);
    if request.read(&mut reader).is_err() || reader.finish().is_err() || !request.uri {
        return RequestVerdict::Malformed;
    }
    if request.admin && !request.authorized {
        request.findings |= UNAUTHENTICATED;
    }
    match request.findings {
        0 => RequestVerdict::Clean { admin: request.admin },
        findings => RequestVerdict::Found(findings),
    }
}

/// Whether the input is an object in JSON, as a response must be.
pub fn is_response(input: &[u8], spare: &mut [u8]) -> bool {
    let mut reader = Reader::new(input, spare);
    reader.object(|reader, _| reader.skip()).is_ok() && reader.finish().is_ok()
}

struct Request<'s> {
    folded: &'s mut [u8],
    findings: Findings,
    uri: bool,
    admin: bool,
    authorized: bool,
}

impl Request<'_> {
    fn read(&mut self, reader: &mut Reader) -> Read<()> {
        reader.object(|reader, key| match key {
            b"uri" => {
                let uri = reader.string()?;
                self.inspect_uri(uri);
                Ok(())
            }
            b"headers" => reader.object(|reader, name| self.read_header(reader, name)),
            _ => reader.skip(),
        })
    }

    fn inspect_uri(&mut self, uri: &[u8]) {
        self.uri = true;
        let path_end = uri.iter().position(|&byte| byte == b'?').unwrap_or(uri.len());
        let (path, query) = uri.split_at(path_end);
        let path = fold(path, self.folded);
        self.admin |= is_admin(path);
        self.findings |= patterns::find(path, Part::Path);
        if !query.is_empty() {
            self.inspect(&query[1..], Part::Query);
        }
    }

    fn inspect(&mut self, text: &[u8], part: Part) {
        self.findings |= patterns::find(fold(text, self.folded), part);
    }

    #[inline]
    fn read_header<'a>(&mut self, reader: &mut Reader<'a>, name: &'a [u8]) -> Read<()> {
        match name.len() {
            6 if name.eq_ignore_ascii_case(b"cookie") => each_value(reader, |value| self.inspect(value, Part::Cookie)),
            7 if name.eq_ignore_ascii_case(b"referer") => {
                each_value(reader, |value| self.inspect(value, Part::Referer))
            }
            10 if name.eq_ignore_ascii_case(b"user-agent") => {
                each_value(reader, |value| self.inspect(value, Part::UserAgent))
            }
            13 if name.eq_ignore_ascii_case(b"authorization") => {
                each_value(reader, |value| self.authorized |= value.iter().any(|&byte| byte > b' '))
            }
            _ => reader.skip(),
        }
    }
}

/// A header's value is a string; a host may also give a list of them.
fn each_value<'a>(reader: &mut Reader<'a>, mut take: impl FnMut(&'a [u8])) -> Read<()> {
    match reader.peek() {
        b'"' => take(reader.string()?),
        b'[' => reader.array(|reader| {
            take(reader.string()?);
            Ok(())
        })?,
        _ => return Err(Malformed),
    }
    Ok(())
}

/// Whether the first segment of a folded path is `admin`, in whichever way a server may come to it.
fn is_admin(path: &[u8]) -> bool {
    let is_slash = |byte: u8| byte == b'/' || byte == b'\\';
    let mut rest = path;
    if !rest.first().map_or(false, |&byte| is_slash(byte)) {
        // http://host/admin: what a client sends to a forward proxy.
        rest = match rest.windows(3).position(|window| window == b"://") {
            Some(scheme_end) => {
                let authority = &rest[scheme_end + 3..];
                let path_start = authority.iter().position(|&byte| is_slash(byte)).unwrap_or(authority.len());
                &authority[path_start..]
            }
            None => rest,
        };
    }
    loop {
        rest = match rest {
            [b'/' | b'\\', rest @ ..] => rest,
            [b'.', b'/' | b'\\', rest @ ..] => rest,
            _ => break,
        };
    }
    match rest {
        [b'a', b'd', b'm', b'i', b'n', rest @ ..] => rest.first().map_or(true, |&byte| is_slash(byte) || byte == b';'),
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::decisions::*;

    fn inspect(input: &str) -> RequestVerdict {
        let mut spare = vec![0; spare_bytes(input.len())];
        inspect_request(input.as_bytes(), &mut spare)
    }

    #[test]
    fn admin_needs_authorization() {
        for (uri, admin) in [
            ("/admin", true),
            ("/admin/", true),
            ("/admin/users", true),
            ("/admin?x=1", true),
            ("/ADMIN", true),
            ("/%61dmin", true),
            ("/%2561dmin", true),
            ("//admin", true),
            ("/./admin", true),
            ("/admin;a=b", true),
            ("http://host/admin", true),
            ("\\\\admin", true),
            ("/\\u0061dmin", true),
            ("/administration", false),
            ("/admin-guide", false),
            ("/docs/admin", false),
            ("/?next=/admin", false),
            ("http://admin/", false),
            ("http://admin", false),
            ("admins", false),
            ("/a", false),
        ] {
            let without = format!(r#"{{"method":"GET","uri":"{}","headers":{{"Authorization":" "}}}}"#, uri);
            let with = format!(r#"{{"headers":{{"Authorization":"Bearer x"}},"uri":"{}"}}"#, uri);
            let expected = if admin { RequestVerdict::Found(UNAUTHENTICATED) } else { RequestVerdict::Clean { admin } };
            assert_eq!(inspect(&without), expected, "{}", uri);
            assert_eq!(inspect(&with), RequestVerdict::Clean { admin }, "{}", uri);
        }
    }

    #[test]
    fn headers_in_any_case_and_as_lists() {
        for (headers, findings) in [
            (r#""User-Agent":"sqlmap/1.7""#, SCANNER),
            (r#""user-agent":["curl/8","Nikto"]"#, SCANNER),
            (r#""COOKIE":"a=1' or '1'='1""#, SQL_INJECTION),
            (r#""referer":"http://x/?q=%3Cscript%3E""#, XSS),
            (r#""cookie":"f=../../x","user-agent":"nmap""#, PATH_TRAVERSAL | SCANNER),
        ] {
            let input = format!(r#"{{"uri":"/","headers":{{"accept":"*/*",{}}}}}"#, headers);
            assert_eq!(inspect(&input), RequestVerdict::Found(findings), "{}", headers);
        }
        assert_eq!(inspect(r#"{"uri":"/","headers":{"x-tool":"sqlmap"}}"#), RequestVerdict::Clean { admin: false });
    }

    #[test]
    fn malformed() {
        for input in [
            "",
            "{}",
            "[]",
            "null",
            r#"{"uri":1}"#,
            r#"{"uri":"/""#,
            r#"{"uri":"/"} x"#,
            r#"{"uri":"/","headers":[]}"#,
            r#"{"uri":"/","headers":{"cookie":1}}"#,
            r#"{"uri":"/","headers":{"cookie":[1]}}"#,
            r#"{"headers":{}}"#,
        ] {
            assert_eq!(inspect(input), RequestVerdict::Malformed, "{}", input);
        }
        assert_eq!(inspect(r#"{"uri":"/","more":{"a":[1,null]}}"#), RequestVerdict::Clean { admin: false });
    }

    #[test]
    fn responses() {
        let is = |input: &str| is_response(input.as_bytes(), &mut vec![0; input.len()]);
        assert!(is(r#"{"status":200,"correlation_id":"a","headers":{"server":"x\u0041"}}"#));
        assert!(!is(r#"{"status":200"#));
        assert!(!is("200"));
    }

    #[test]
    fn never_panics_on_mutated_input() {
        let seed = r#"{"uri":"/a/../b?q=' or 1=1--%20<img onerror=x>\ud83d\ude00/*!1union*/select(1","headers":{"cookie":"a=');drop table x","user-agent":["w3af",".."]}}"#;
        let mut state = 1u32;
        let mut random = |below: usize| {
            state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            (state >> 8) as usize % below
        };
        for _ in 0..200_000 {
            let mut input = seed.as_bytes().to_vec();
            for _ in 0..1 + random(4) {
                let at = random(input.len());
                match random(4) {
                    0 => input[at] = random(256) as u8,
                    1 => input.truncate(at + 1),
                    2 => {
                        input.remove(at.min(input.len() - 2));
                    }
                    _ => {
                        let copy = input[random(input.len())];
                        input.insert(at, copy);
                    }
                }
                if input.len() < 4 {
                    break;
                }
            }
            let mut spare = vec![0; spare_bytes(input.len())];
            inspect_request(&input, &mut spare);
        }
    }
}
