use super::*;
use crate::decisions::{SCANNER, XSS};
use crate::fold::fold;

fn findings(text: &str, part: Part) -> Findings {
    let mut out = vec![0; text.len()];
    find(fold(text.as_bytes(), &mut out), part)
}

fn check(part: Part, expected: Findings, texts: &[&str]) {
    for text in texts {
        assert_eq!(findings(text, part), expected, "{}", text);
    }
}

#[test]
fn sql_injection() {
    check(
        Part::Query,
        SQL_INJECTION,
        &[
            "id=1' OR '1'='1",
            "id=1'+or+'1'='1'--+",
            "id=1%27%20or%201%3D1--",
            "id=%2527%2520or%25201%253D1",
            "user=admin'--",
            "user=admin'%20--%20-",
            "user=admin'%23",
            "user=admin'/*",
            "user=admin')--+",
            "user=' or 1#",
            "user=' or name like 'a%",
            "user='||'1'='1",
            "user=\" or \"\"=\"",
            "user='/**/or/**/1=1",
            "user=') or ('a'='a",
            "user=x' and length(password)>5",
            "id=1 or 1=1",
            "id=1)or(1=1",
            "id=1or1=1",
            "id=1 AND 1=2",
            "id=1 having 1=1",
            "id=1 or 'a' like 'a'",
            "id=-1 UNION SELECT 1,2,3",
            "id=-1+union+all+select+null,null",
            "id=1/**/union/**/select/**/password/**/from/**/users",
            "id=1/*!50000union*//*!50000select*/1",
            "id=1%0aunion%0aselect%0a@@version",
            "id=0union(select(1))",
            "id=1 union select name from users",
            "id=1;drop table users",
            "id=1; DELETE FROM users",
            "id=1;insert into users values(1)",
            "id=1;update users set a=1",
            "id=1;exec xp_cmdshell('dir')",
            "id=1;waitfor delay '0:0:5'--",
            "id=1;select pg_sleep(5)",
            "id=1 and sleep(5)",
            "id=if(1,sleep(5),0)",
            "id=1-sleep(5)",
            "id=1 and benchmark(1000,md5(1))",
            "id=1 order by 10--",
            "id=(select count(*) from users)",
            "id=(select table_name from information_schema.tables)",
            "id=extractvalue(1,concat(0x7e,1))",
            "id=1 into outfile '/tmp/x'",
            "id=@@version",
        ],
    );
    check(Part::Cookie, SQL_INJECTION, &["session=x' or '1'='1; theme=dark"]);
    check(Part::UserAgent, SQL_INJECTION, &["Mozilla' and sleep(5)--"]);
    check(Part::Path, SQL_INJECTION, &["/product/1'or'1'='1", "/product/1%20union%20select%201"]);
}

#[test]
fn cross_site_scripting() {
    check(
        Part::Query,
        XSS,
        &[
            "q=<script>alert(1)</script>",
            "q=%3CScRiPt%20src=//x%3E",
            "q=%253Cscript%253E",
            "q=</script>",
            "q=<script",
            "q=<img src=x onerror=alert(1)>",
            "q=<svg/onload=alert(1)>",
            "q=<svg%0aonload%0a=alert(1)>",
            "q=\"+onmouseover=\"alert(1)",
            "q=x'onfocus='alert(1)",
            "q=<iframe src=x>",
            "url=javascript:alert(1)",
            "url=JaVaScRiPt://%0aalert(1)",
            "url=javascript:document.location=1",
            "url=vbscript:msgbox(1)",
            "url=data:text/html;base64,AAAA",
            "q=<body onpageshow=a()>",
        ],
    );
    check(Part::Referer, XSS, &["http://x/?q=%3Cscript%3E"]);
    check(Part::UserAgent, XSS, &["<script>x</script>"]);
}

#[test]
fn path_traversal() {
    check(
        Part::Path,
        PATH_TRAVERSAL,
        &[
            "/../x",
            "/a/..",
            "/a/%2e%2e/b",
            "/a/.%2E/b",
            "/a/%252e%252e/b",
            "/a\\..\\b",
            "/a/..%5cb",
            "/a/..;/b",
            "..",
            "/a%00.png",
            "/%c0%ae%c0%ae/x",
            "/a/....//b",
            "/etc/passwd",
            "//etc/shadow",
            "/a/..%2fb",
        ],
    );
    check(
        Part::Query,
        PATH_TRAVERSAL,
        &[
            "f=../../x",
            "f=..%2f..%2fx",
            "f=/var/www/../../x",
            "f=..\\..\\x",
            "f=../etc/passwd",
            "f=/etc/passwd",
            "f=....//....//x",
            "f=php://filter/x",
            "f=file:///x",
            "f=x%00",
            "f=c:\\windows\\system32",
            "f=/proc/self/environ",
        ],
    );
    check(Part::Cookie, PATH_TRAVERSAL, &["lang=../../x"]);
}

#[test]
fn scanners() {
    check(
        Part::UserAgent,
        SCANNER,
        &[
            "sqlmap/1.7.2#stable (https://sqlmap.org)",
            "Mozilla/5.00 (Nikto/2.5.0) (Evasions:None)",
            "Mozilla/5.0 (compatible; Nmap Scripting Engine; https://nmap.org/book/nse.html)",
            "masscan/1.3",
            "gobuster/3.6",
            "Fuzz Faster U Fool v2.1.0",
            "WPScan v3.8",
            "Nuclei - Open-source project",
            "w3af.org",
            "Mozilla/5.0 zgrab/0.x",
        ],
    );
    check(Part::Query, 0, &["q=sqlmap", "tool=nikto"]);
}

#[test]
fn lookalikes_are_clean() {
    check(
        Part::Path,
        0,
        &[
            "/",
            "/select-your-seat",
            "/docs/union-selectors",
            "/script.js",
            "/scripts/onload.js",
            "/a..b/c",
            "/v1...v2",
            "/.well-known/acme-challenge/x",
            "/books/O'Reilly",
            "/drop-table-lamps",
            "/man/sleep(3)",
            "/javascript:intro",
            "/files/a.b..c",
            "/...",
            "/windows/system",
            "/@scope/package",
            "/etc/",
            "/docs/etc/passwd",
            "/100%25",
            "/caf%C3%A9",
        ],
    );
    check(
        Part::Query,
        0,
        &[
            "q=O'Reilly",
            "q=O%27Reilly+and+sons",
            "q=rock+'n'+roll+or+pop",
            "q='cats'+or+'dogs'",
            "q=1+and+2",
            "q=select+a+seat+from+the+map",
            "q=student+union+select+committee",
            "q=western+union",
            "or=1&and=2",
            "order=by",
            "q=drop+table+lamp;+update+me",
            "q=sleep(3)",
            "q=sleep(8)+hours",
            "q=pg_sleep()",
            "q=information_schema.tables",
            "jql=project+=+\"X\"+and+status+=+\"Open\"",
            "filter=name+eq+'x'+and+age+gt+5",
            "q=x<y&only=1",
            "q=a<b+and+c>d",
            "q=List<String>",
            "q=<b>bold</b>",
            "once=1&online=true",
            "q=javascript:+the+good+parts",
            "q=javascript",
            "next=../home",
            "next=/a/b/../c",
            "range=1..10",
            "q=...",
            "q=what+is+/etc/passwd",
            "email=a@b.example",
            "a=%26&b=%3D",
            "q=C%2B%2B+or+C%23",
            "q=--help",
            "q='--help'",
            "glob='/*'",
            "q=100%+sure",
            "q=don't+--+do+it",
            "callback=jQuery123_456&_=789",
            "q=it's+5+or+6",
            "sort=order+by+price",
            "size=10&q=5'+or+6'",
            "q=into+the+wild",
            "redirect=https%3A%2F%2Fexample.com%2Fa%3Fb%3Dc%26d%3De",
        ],
    );
    check(
        Part::Cookie,
        0,
        &[
            "session=abcdef0123456789; theme=dark",
            "a=\"x\"; or=\"y\"",
            "prefs=%7B%22a%22%3A%22b%22%2C%22or%22%3A1%7D",
            "_ga=GA1.2.3..4; update=1; select=2",
            "x=a%00b",
        ],
    );
    check(Part::Referer, 0, &["https://example.com/a/../../b?q=union", "https://example.com/?q=O'Reilly"]);
    check(
        Part::UserAgent,
        0,
        &[
            "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/537.36",
            "Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)",
            "curl/8.5.0",
            "Nmapper/1",
            "arachnid/2",
            "python-requests/2.31",
            "FFUFFY",
        ],
    );
}

#[test]
fn quadratic_bait_is_read_in_linear_time() {
    for bait in [
        "union/*",
        "' or/**/",
        "union select ",
        "<a onload ",
        "' ' '",
        ")))) or ",
        "' or 'aaaaaaaa",
        "/*!",
        "../.",
        "on",
    ] {
        let text = bait.repeat(200_000 / bait.len());
        let mut scanned = findings(&text, Part::Query);
        scanned |= findings(&(text + "*/"), Part::UserAgent);
        assert_eq!(scanned & SCANNER, 0);
    }
}
