/**
 * Text from outside on its way to a log, a terminal or an error's message: the one place where it is made harmless.
 *
 * @module
 */

/** Longest text shown, in UTF-16 units, where nothing else is said. */
export const MAX_SHOWN = 1024;
/** Longest name shown inside of a message: of an import, a header, a field. */
export const MAX_NAME_SHOWN = 80;

/**
 * Control characters (C0, C1, DEL), what is invisible or turns text around, line and paragraph separators, lone surrogates.
 *
 * @see https://www.unicode.org/reports/tr44/#General_Category_Values
 */
const UNPRINTABLE = /[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]/gu;
/** What a cut may leave of an escape or of a pair of surrogates. */
const CUT_IN_TWO = /(?:\\u?|\\u\{[0-9a-f]*|[\ud800-\udbff])$/;

/**
 * `text` on one line, with each unprintable character as `\u{...}`: nobody can forge a log line with it or move a terminal's cursor.
 *
 * What is longer than `maxLength` is cut, and its whole length named; the answer is never longer than `maxLength`, and escaping it
 * again changes nothing. Work and memory are bounded by `maxLength` too.
 *
 * @param maxLength In UTF-16 units; at least 64, so that the note fits.
 */
export function escapeText(text: string, maxLength = MAX_SHOWN): string {
  const escaped = text.slice(0, maxLength).replace(UNPRINTABLE, escapeCharacter);
  if (text.length <= maxLength && escaped.length <= maxLength) return escaped;
  const note = `... (${text.length} characters in all)`;
  return escaped.slice(0, maxLength - note.length).replace(CUT_IN_TWO, "") + note;
}

/** Most entries of a list inside of a message. */
const MAX_LISTED = 10;

/** The first entries of a list, and how many more there are; `none` if there are none. */
export function listed(entries: readonly string[], separator = ", "): string {
  if (entries.length === 0) return "none";
  const shown = entries.slice(0, MAX_LISTED).join(separator);
  const more = entries.length - MAX_LISTED;
  return more > 0 ? `${shown}${separator}and ${more} more` : shown;
}

/** `name` in quotes, escaped and cut to {@linkcode MAX_NAME_SHOWN}: for messages that name what was wrong. */
export function quoted(name: string): string {
  return `"${escapeText(name, MAX_NAME_SHOWN)}"`;
}

function escapeCharacter(character: string): string {
  return `\\u{${character.codePointAt(0)?.toString(16)}}`;
}
