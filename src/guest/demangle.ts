/**
 * Names of functions as people wrote them. Linkers write most names so; what they leave is Rust's: its hashes, its escapes, and
 * whole names where they know no Rust; and a mark of LLVM's in front of those of Zig.
 *
 * @see https://doc.rust-lang.org/rustc/symbol-mangling/v0.html
 * @see https://github.com/rust-lang/rustc-demangle/blob/main/src/legacy.rs
 *
 * @module
 */

/** `name` for people; what this does not know stays as it is. */
export function demangle(name: string): string {
  return legacyPath(name) ?? v0Path(name) ?? withoutHash(name.replace(PRIVATE, ""));
}

/** What LLVM puts in front of the name of a function that is known in its own file alone. */
const PRIVATE = /^\.L(?=[a-z])/;
/** The last part of a legacy path, which tells apart what has the same name. */
const HASH = /::h[0-9a-f]{16}$/;
const ESCAPES: ReadonlyMap<string, string> = new Map([
  ["SP", "@"],
  ["BP", "*"],
  ["RF", "&"],
  ["LT", "<"],
  ["GT", ">"],
  ["LP", "("],
  ["RP", ")"],
  ["C", ","],
]);

/** A legacy path whose parts the linker has put together. */
function withoutHash(name: string): string {
  return HASH.test(name) ? unescaped(name.replace(HASH, "")) : name;
}

/** `_ZN4core9panicking5panic17h0123456789abcdefE`: parts, each after its length. Without a hash it is C++. */
function legacyPath(name: string): string | undefined {
  const mangled = /^_?_ZN(.*17h[0-9a-f]{16})E/.exec(name)?.[1];
  if (mangled === undefined) return undefined;
  const parts: string[] = [];
  for (let rest = mangled; rest !== "";) {
    const digits = /^\d{1,4}/.exec(rest)?.[0];
    if (digits === undefined || rest.length < digits.length + Number(digits)) return undefined;
    parts.push(rest.slice(digits.length, digits.length + Number(digits)));
    rest = rest.slice(digits.length + Number(digits));
  }
  return parts.slice(0, -1).map(unescaped).join("::");
}

/** `_$LT$impl$u20$a..B$GT$` is `<impl a::B>`. */
function unescaped(part: string): string {
  return part
    .replace(/(^|::)_\$/g, "$1$")
    .replace(/\$(?:u([0-9a-f]{1,6})|([A-Z]{1,2}))\$/g, (whole, code, word) => {
      if (word !== undefined) return ESCAPES.get(word) ?? whole;
      const point = Number.parseInt(code, 16);
      return point <= 0x10ffff ? String.fromCodePoint(point) : whole;
    })
    .replaceAll("..", "::");
}

/** `_RNvNtCs1234_5crate6module4name`: names nested in each other, the outermost last. Types and generics are left as they are. */
function v0Path(name: string): string | undefined {
  const mangled = /^_?_R(N.*)$/.exec(name)?.[1];
  if (mangled === undefined) return undefined;
  const nested = /^(?:N[a-zA-Z])*/.exec(mangled)?.[0] ?? "";
  let rest = mangled.slice(nested.length);
  const parts: string[] = [];
  // The crate, then a name for each nesting; `s..._` tells apart what has the same name.
  if (!rest.startsWith("C")) return undefined;
  rest = rest.slice(1);
  for (let left = nested.length / 2 + 1; left > 0; left--) {
    const [head, digits] = /^(?:s[0-9a-zA-Z]*_)?(\d{1,4})_?/.exec(rest) ?? [];
    if (head === undefined || rest.length < head.length + Number(digits)) return undefined;
    const part = rest.slice(head.length, head.length + Number(digits));
    parts.push(part === "" ? "{closure}" : part);
    rest = rest.slice(head.length + Number(digits));
  }
  return parts.join("::");
}
