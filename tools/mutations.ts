/**
 * Small changes to a source text that some test ought to notice.
 *
 * @module
 */

/** One change: `before`, which stands at `at`, becomes `after`. */
export interface Mutation {
  /** Which row of the table it is of. */
  readonly kind: string;
  readonly at: number;
  readonly before: string;
  readonly after: string;
}

const FLIPPED: ReadonlyMap<string, string> = new Map([
  ["<", "<="],
  ["<=", "<"],
  [">", ">="],
  [">=", ">"],
  ["===", "!=="],
  ["!==", "==="],
  ["&&", "||"],
  ["||", "&&"],
]);

const flip = (found: string) => FLIPPED.get(found) ?? found;

/** What is looked for in the code, and what it becomes. `deno fmt` puts spaces around operators and none around types. */
const KINDS: readonly {
  readonly kind: string;
  readonly pattern: RegExp;
  readonly change: (found: string) => string;
}[] = [
  { kind: "limit", pattern: /(?<=\s)[<>]=?(?=\s)/g, change: flip },
  { kind: "equality", pattern: /(?<=\s)[!=]==(?=\s)/g, change: flip },
  { kind: "connective", pattern: /(?<=\s)(?:&&|\|\|)(?=\s)/g, change: flip },
  { kind: "negation", pattern: /(?<=[\s([])!(?=[\w(#])/g, change: () => "" },
  {
    kind: "constant",
    pattern: /(?<![\w.$#])(?:0x[\da-f_]+|\d[\d_]*)(?![\w.])/g,
    change: (found) => String(Number(found.replaceAll("_", "")) + 1),
  },
];

/** All changes that can be made to a TypeScript source, in the order of {@linkcode KINDS}. */
export function findMutations(source: string): Mutation[] {
  const code = maskText(source);
  return KINDS.flatMap(({ kind, pattern, change }) =>
    [...code.matchAll(pattern)].map(({ index, 0: before }) => ({ kind, at: index, before, after: change(before) }))
  );
}

/** The source with this change made. */
export function mutate(source: string, { at, before, after }: Mutation): string {
  return source.slice(0, at) + after + source.slice(at + before.length);
}

/**
 * Comments, strings, templates and regular expressions; a slash begins one of these only where a value may stand. Of
 * a template within a template the inner one counts as code: too much is changed then, never too little.
 */
const TEXT =
  /\/\*[^]*?\*\/|\/\/[^\n]*|"(?:\\.|[^"\\\n])*"|'(?:\\.|[^'\\\n])*'|`(?:\\.|[^`\\])*`|(?<=[(,=:[!&|?{};]\s*)\/(?:\\.|\[(?:\\.|[^\]\\\n])*\]|[^/\\\n[])+\/[a-z]*/g;

/** The source with spaces in place of all that is no code, so that the rest stands where it stood. */
function maskText(source: string): string {
  return source.replace(TEXT, (text) => " ".repeat(text.length));
}
