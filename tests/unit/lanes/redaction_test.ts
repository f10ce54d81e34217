import { assertEquals } from "@std/assert";
import { Redaction } from "../../../src/lanes/redaction.ts";

const redaction = new Redaction({ headers: ["cookie", "x-key"], parameters: ["token", "a b"] });

Deno.test.each([
  { name: "path alone", url: "/a/token=1", shown: "/a/token=1" },
  { name: "another parameter", url: "/a?b=token", shown: "/a?b=token" },
  { name: "a parameter in any case", url: "/a?x=1&Token=s3cret&y", shown: "/a?x=1&Token=REDACTED&y" },
  { name: "each of its values", url: "/?token=a&token=b=c", shown: "/?token=REDACTED&token=REDACTED" },
  { name: "an encoded name", url: "/?%74oken=a&a%20b=c", shown: "/?%74oken=REDACTED&a%20b=REDACTED" },
  { name: "a name that cannot be decoded", url: "/?%zz=a&token=b", shown: "/?%zz=a&token=REDACTED" },
  { name: "a parameter without a value", url: "/?token&token=", shown: "/?token&token=REDACTED" },
  { name: "a fragment", url: "https://x/?token=a#token=b", shown: "https://x/?token=REDACTED#token=b" },
])("Redaction.url() hides values in $name", ({ url, shown }) => {
  assertEquals(redaction.url(url), shown);
});

Deno.test("Redaction.fields() hides the values of headers by name, and keeps how many there are", () => {
  assertEquals(
    redaction.fields({
      method: "GET",
      uri: "/?token=t",
      headers: JSON.parse(
        '{"Cookie":["a=1","b=2"],"x-key":"k","accept":["cookie"],"__proto__":["p"],"referer":["/?token=t"]}',
      ),
      remove_request_headers: ["cookie"],
    }),
    {
      method: "GET",
      uri: "/?token=REDACTED",
      headers: JSON.parse(
        '{"Cookie":["REDACTED","REDACTED"],"x-key":"REDACTED","accept":["cookie"],"__proto__":["p"],"referer":["/?token=REDACTED"]}',
      ),
      remove_request_headers: ["cookie"],
    },
  );
});

Deno.test("Redaction.fields() hides what a decision sets, and the query of where it leads", () => {
  assertEquals(
    redaction.fields({
      decision: "redirect",
      url: "/in?token=t",
      headers: { "X-Key": "k" },
      set_request_headers: { "x-key": "k", "x-other": "o" },
      add_response_headers: { cookie: ["c", "d"] },
    }),
    {
      decision: "redirect",
      url: "/in?token=REDACTED",
      headers: { "X-Key": "REDACTED" },
      set_request_headers: { "x-key": "REDACTED", "x-other": "o" },
      add_response_headers: { cookie: ["REDACTED", "REDACTED"] },
    },
  );
});
