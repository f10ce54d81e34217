/**
 * What `docs/abi.md` shows and lists, to be held against the program.
 *
 * @module
 */

import { ROOT } from "../e2e/agent_process.ts";

const FENCE = /^```(\w+)(?: ([\w ]+))?\n([^]*?)^```$/gm;

/** A fenced block of the page. */
export interface Sample {
  readonly language: string;
  /** What stands behind the language: what a block of JSON is, and of which version. */
  readonly about: string;
  readonly text: string;
}

const PAGE = Deno.readTextFileSync(`${ROOT}docs/abi.md`);

/** All fenced blocks of a language, and of that kind where one is given. */
export function samples(language: string, about = ""): readonly Sample[] {
  return [...PAGE.matchAll(FENCE)].map(([, language = "", about = "", text = ""]) => ({ language, about, text }))
    .filter((sample) => sample.language === language && sample.about === about);
}

/** The lines of a chapter, from its heading to the next that is no deeper. @throws {Error} if there is no such chapter. */
export function chapter(heading: string): string {
  const start = PAGE.indexOf(`\n${heading}\n`);
  if (start < 0) throw new Error(`docs/abi.md has no chapter "${heading}"`);
  const depth = heading.indexOf(" ");
  const body = PAGE.slice(start + heading.length + 2);
  const end = body.search(new RegExp(`^#{1,${depth}} `, "m"));
  return end < 0 ? body : body.slice(0, end);
}

/** What the first column of a chapter's tables has between backquotes. */
export function listed(text: string): readonly string[] {
  return text.split("\n").filter((line) => line.startsWith("| ")).flatMap((line) =>
    [...(line.split("|")[1] ?? "").matchAll(/`([^`]+)`/g)].map(([, name = ""]) => name)
  );
}
