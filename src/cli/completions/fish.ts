/**
 * Completions for fish.
 *
 * @see https://fishshell.com/docs/current/cmds/complete.html
 * @module
 */

import { PROGRAM } from "../../program.ts";
import type { Command } from "../command.ts";
import type { Commands } from "../commands.ts";
import { flagsOf, GENERAL_FLAGS, type Offer, offerOf, placesOf } from "./offers.ts";

/** A script to be read by fish. */
export function fishScript(commands: Commands): string {
  const names = Object.keys(commands);
  const others = names.filter((name) => name !== "serve").join(" ");
  const lines = Object.entries(commands).flatMap(([name, command]) => {
    const when = name === "serve" ? `not __fish_seen_subcommand_from ${others}` : `__fish_seen_subcommand_from ${name}`;
    return commandLines(command, `-n ${quote(when)}`, commands);
  });
  return [
    `# Completions of ${PROGRAM} for fish. Made by: ${PROGRAM} completions fish`,
    `complete -c ${PROGRAM} -f`,
    ...names.map((name) => {
      return `complete -c ${PROGRAM} -n __fish_use_subcommand -a ${name} -d ${quote(commands[name]?.summary ?? "")}`;
    }),
    ...GENERAL_FLAGS.map(([flag, help]) => `complete -c ${PROGRAM} -l ${flag.slice(2)} -d ${quote(help)}`),
    ...lines,
  ].join("\n");
}

function commandLines(command: Command, when: string, commands: Commands): readonly string[] {
  const flags = flagsOf(command).map(({ spellings: [long = "", short], help, option }) => {
    const spelled = `-l ${long.slice(2)}${short === undefined ? "" : ` -s ${short.slice(1)}`}`;
    const value = option.type === "boolean" ? "" : ` ${required(offerOf(option, commands))}`;
    return `complete -c ${PROGRAM} ${when} ${spelled}${value} -d ${quote(help)}`;
  });
  const places = placesOf(command).flatMap(({ option }) => {
    const offer = offerOf(option, commands);
    if (offer === "nothing") return [];
    return [`complete -c ${PROGRAM} ${when} ${offer === "files" ? "-F" : `-a ${quote(offer.words.join(" "))}`}`];
  });
  return [...flags, ...places];
}

/** A value that must follow: a file, one of some words, or any text. */
function required(offer: Offer): string {
  if (offer === "nothing") return "-x";
  return offer === "files" ? "-r -F" : `-x -a ${quote(offer.words.join(" "))}`;
}

function quote(text: string): string {
  return `'${text.replace(/[\\']/g, "\\$&")}'`;
}
