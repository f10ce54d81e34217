/**
 * What a case may expect: keys of an answer, and what values they have.
 *
 * @module
 */

/** What a value must be, in words, and whether it is. */
interface Kind {
  readonly must: string;
  readonly fits: (value: unknown) => boolean;
}

const DECISIONS = ["allow", "block", "redirect", "challenge"];

const isText = (value: unknown): value is string => typeof value === "string";
const isTexts = (value: unknown): boolean => Array.isArray(value) && value.every(isText);
const isMapping = (value: unknown): value is object =>
  typeof value === "object" && value !== null && !Array.isArray(value);

const decision: Kind = {
  must: `one of ${DECISIONS.join(", ")}`,
  fits: (value) => isText(value) && DECISIONS.includes(value),
};
const status: Kind = { must: "a whole number", fits: Number.isInteger };
const text: Kind = { must: "a text", fits: isText };
const texts: Kind = { must: "a list of texts", fits: isTexts };
const share: Kind = {
  must: "a number, 0 to 1",
  fits: (value) => typeof value === "number" && value >= 0 && value <= 1,
};
const mapping: Kind = { must: "a mapping", fits: isMapping };
const named: Kind = {
  must: "a mapping to texts",
  fits: (value) => isMapping(value) && Object.values(value).every(isText),
};
const headers: Kind = {
  must: "a mapping of names to texts or lists of texts",
  fits: (value) => isMapping(value) && Object.values(value).every((each) => isText(each) || isTexts(each)),
};

/** Every key that an expectation may have. `null` fits each, and says that the answer must not have the key. */
export const EXPECTED: Readonly<Record<string, Kind>> = {
  decision,
  status,
  body: text,
  url: text,
  headers,
  challenge: mapping,
  remove_request_headers: texts,
  set_request_headers: headers,
  add_request_headers: headers,
  remove_response_headers: texts,
  set_response_headers: headers,
  add_response_headers: headers,
  tags: texts,
  rule_ids: texts,
  reason_codes: texts,
  confidence: share,
  routing_metadata: named,
  audit: mapping,
  // No key of an answer: the code of the error that the module is to fail with.
  failure: text,
};
