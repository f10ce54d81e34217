/**
 * What a file is that is no module, told by how it begins.
 *
 * @module
 */

/** What files that are no WebAssembly begin with, what they are, and what would be right. */
const BEGINNINGS: readonly { readonly bytes: readonly number[]; readonly what: string; readonly advice: string }[] = [
  { bytes: [0x1f, 0x8b], what: "a gzip file", advice: "Unpack it first; a policy bundle is one too" },
  { bytes: [0x50, 0x4b, 3, 4], what: "a zip file", advice: "Unpack it first" },
  { bytes: [0x28, 0xb5, 0x2f, 0xfd], what: "a zstd file", advice: "Unpack it first" },
  { bytes: [0xfd, 0x37, 0x7a, 0x58, 0x5a], what: "an xz file", advice: "Unpack it first" },
  { bytes: [0x42, 0x5a, 0x68], what: "a bzip2 file", advice: "Unpack it first" },
  {
    bytes: [0x7f, 0x45, 0x4c, 0x46],
    what: "a program for this machine's processor (ELF)",
    advice: "Build it for a Wasm target; a module compiled ahead of time (.cwasm) is one too",
  },
  { bytes: [0x4d, 0x5a], what: "a program for Windows", advice: "Build it for a Wasm target" },
  { bytes: [0xcf, 0xfa, 0xed, 0xfe], what: "a program for macOS", advice: "Build it for a Wasm target" },
  { bytes: [0x42, 0x43, 0xc0, 0xde], what: "LLVM bitcode", advice: "Link it to a module, with wasm-ld" },
  { bytes: [...text("!<arch>\n")], what: "a static library", advice: "Link it to a module, with wasm-ld" },
  { bytes: [...text("AGFzbQ")], what: "a module in base64", advice: "Decode it first" },
  { bytes: [...text("0061736d")], what: "a module in hexadecimal", advice: "Decode it first" },
  { bytes: [...text("#!")], what: "a script", advice: "Name the module itself" },
  {
    bytes: [...text("version https://git-lfs")],
    what: "a Git LFS pointer",
    advice: "Fetch the file with git lfs pull",
  },
];

/** What texts begin with once white space and comments are gone. */
const TEXTS = [
  { pattern: /^\((module|component)\b/, what: "a module's text (.wat)", advice: "Assemble it first: wat2wasm" },
  { pattern: /^<(!doctype|html|\?xml)/i, what: "a web page", advice: "Look at what was downloaded" },
  { pattern: /^[{[]/, what: "JSON", advice: "Name the module itself" },
] as const;

const MAX_TEXT_BYTES = 4096;
const MAX_HEX_BYTES = 4;

/** What a file that is no WebAssembly is received as, for people: `a gzip file. Unpack it first`. */
export function describeFile(bytes: Uint8Array): string {
  if (bytes.length === 0) return "an empty file";
  const known = BEGINNINGS.find((each) => each.bytes.every((byte, at) => bytes[at] === byte)) ?? knownText(bytes);
  const first = hex(bytes.subarray(0, MAX_HEX_BYTES));
  return known === undefined ? first : `${first}, ${known.what}. ${known.advice}`;
}

/** Bytes as `00 61 73 6d`. */
export function hex(bytes: Uint8Array): string {
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join(" ");
}

function knownText(bytes: Uint8Array): { readonly what: string; readonly advice: string } | undefined {
  const beginning = new TextDecoder().decode(bytes.subarray(0, MAX_TEXT_BYTES));
  const bare = beginning.replace(/;;[^\n]*|\(;[^;]*;\)/g, "").trimStart();
  return TEXTS.find(({ pattern }) => pattern.test(bare));
}

function text(characters: string): Uint8Array {
  return new TextEncoder().encode(characters);
}
