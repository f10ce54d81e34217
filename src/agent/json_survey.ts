/**
 * A look over JSON before it is parsed: how much work that will be.
 *
 * @module
 */

const QUOTE = 0x22, COMMA = 0x2c, COLON = 0x3a, BACKSLASH = 0x5c;
const OPEN_BRACKET = 0x5b, CLOSE_BRACKET = 0x5d, OPEN_BRACE = 0x7b, CLOSE_BRACE = 0x7d;

/** What JSON holds; of text that is none, any numbers. */
export interface JsonSurvey {
  /** Keys of all objects: outside of strings a colon follows each and stands nowhere else. */
  readonly keys: number;
  /** Keys and list items; an empty object or list counts as one. */
  readonly items: number;
  /** Objects and lists within each other. */
  readonly depth: number;
}

/** What stops the look; the one number is then just above its limit, the others are not complete. */
export interface SurveyLimits {
  readonly maxItems: number;
  readonly maxDepth: number;
}

/** Looks over JSON in UTF-8, a nanosecond or two a byte. */
export function surveyJson(json: Uint8Array, { maxItems, maxDepth }: SurveyLimits): JsonSurvey {
  let keys = 0, items = 0, depth = 0, open = 0;
  for (let at = 0; at < json.length && items <= maxItems && depth <= maxDepth; at++) {
    switch (json[at]) {
      case QUOTE:
        for (at++; at < json.length && json[at] !== QUOTE; at++) if (json[at] === BACKSLASH) at++;
        break;
      case COLON:
        keys++;
        break;
      case COMMA:
        items++;
        break;
      case OPEN_BRACE:
      case OPEN_BRACKET:
        items++;
        if (++open > depth) depth = open;
        break;
      case CLOSE_BRACE:
      case CLOSE_BRACKET:
        open--;
    }
  }
  return { keys, items, depth };
}
