/**
 * Completions for zsh.
 *
 * @see https://zsh.sourceforge.io/Doc/Release/Completion-System.html, `_arguments` and `_describe`.
 * @module
 */

import { PROGRAM } from "../../program.ts";
import type { Command } from "../command.ts";
import type { Commands } from "../commands.ts";
import { type Flag, flagsOf, GENERAL_FLAGS, type Offer, offerOf, placesOf } from "./offers.ts";

const FUNCTION = `_${PROGRAM}`;

/** A script to be read by zsh, or put in its \`fpath\`. */
export function zshScript(commands: Commands): string {
  const rows = Object.entries(commands);
  return `#compdef ${PROGRAM}
# Completions of ${PROGRAM} for zsh. Made by: ${PROGRAM} completions zsh
${FUNCTION}() {
  local command=serve
  local -a commands=(
${rows.map(([name, { summary }]) => `    ${quote(`${name}:${summary.replaceAll(":", "\\:")}`)}`).join("\n")}
  )
  if (( CURRENT == 2 )) && [[ $words[2] != -* ]]; then
    _describe -t commands command commands
    return
  fi
  case $words[2] in
    ${rows.map(([name]) => name).join("|")})
      command=$words[2]
      shift words
      (( CURRENT-- ))
      ;;
  esac
  case $command in
${rows.map(([name, command]) => commandCase(name, command, commands)).join("\n")}
  esac
}

if [[ $funcstack[1] == ${FUNCTION} ]]; then ${FUNCTION} "$@"; else compdef ${FUNCTION} ${PROGRAM}; fi`;
}

function commandCase(name: string, command: Command, commands: Commands): string {
  const places = placesOf(command);
  const specs = [
    ...flagsOf(command).flatMap((flag) => flagSpecs(flag, commands)),
    ...GENERAL_FLAGS.map(([flag, help]) => quote(`${flag}[${text(help)}]`)),
    ...places.map(({ name, option }, index) => {
      const rest = option.type === "list" && index === places.length - 1;
      return quote(`${rest ? "*" : index + 1}:${name.toUpperCase()}:${action(offerOf(option, commands))}`);
    }),
  ];
  return [`    ${name})`, "      _arguments -S \\", ...specs.map((spec) => `        ${spec} \\`), "        ;;"].join(
    "\n",
  )
    .replace(/ \\\n {8};;$/, "\n      ;;");
}

function flagSpecs({ spellings, help, option }: Flag, commands: Commands): readonly string[] {
  const again = option.type === "list" ? "*" : spellings.length > 1 ? `(${spellings.join(" ")})` : "";
  return spellings.map((spelling) => {
    if (option.type === "boolean") return quote(`${again}${spelling}[${text(help)}]`);
    const joined = spelling.startsWith("--") ? "=" : "";
    return quote(`${again}${spelling}${joined}[${text(help)}]:value:${action(offerOf(option, commands))}`);
  });
}

function action(offer: Offer): string {
  if (offer === "nothing") return " ";
  return offer === "files" ? "_files" : `(${offer.words.join(" ")})`;
}

/** Without what means something in a spec. */
function text(help: string): string {
  return help.replace(/[\\\][:]/g, "\\$&");
}

function quote(word: string): string {
  return `'${word.replaceAll("'", "'\\''")}'`;
}
