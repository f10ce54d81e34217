/**
 * Completions for bash, 3.2 and later.
 *
 * @module
 */

import { PROGRAM } from "../../program.ts";
import type { Command } from "../command.ts";
import type { Commands } from "../commands.ts";
import { flagsOf, GENERAL_FLAGS, type Offer, offerOf, placesOf } from "./offers.ts";

const FUNCTION = "_sentinel_wasm_agent";

/** A script to be read by bash. */
export function bashScript(commands: Commands): string {
  const names = Object.keys(commands);
  const rows = Object.entries(commands);
  return `# Completions of ${PROGRAM} for bash. Made by: ${PROGRAM} completions bash
${FUNCTION}_words() {
  COMPREPLY=($(compgen -W "$1" -- "$cur"))
}

${FUNCTION}_files() {
  local IFS=$'\\n'
  compopt -o filenames 2> /dev/null
  COMPREPLY=($(compgen -f -- "$cur"))
}

${FUNCTION}() {
  local cur=\${COMP_WORDS[COMP_CWORD]} previous=\${COMP_WORDS[COMP_CWORD - 1]} command=serve first=1 place=0 at valued
  COMPREPLY=()
  # Bash takes "--option=value" for three words.
  if [[ $cur == "=" ]]; then cur=
  elif [[ $previous == "=" ]]; then previous=\${COMP_WORDS[COMP_CWORD - 2]}
  fi
  if ((COMP_CWORD > 1)); then
    case \${COMP_WORDS[1]} in
      ${names.join(" | ")}) command=\${COMP_WORDS[1]} first=2 ;;
    esac
  fi
  case "$command $previous" in
${indented(4, rows.flatMap(([name, command]) => valueCases(name, command, commands)))}
  esac
  if [[ $cur == -* ]]; then
    case $command in
${indented(6, rows.map(([name, command]) => `${name}) ${FUNCTION}_words "${flagWords(command)}" ;;`))}
    esac
    return
  fi
  case $command in
${indented(4, rows.map(([name, command]) => `${name}) valued=" ${valuedFlags(command).join(" ")} " ;;`))}
  esac
  for ((at = first; at < COMP_CWORD; at++)); do
    case \${COMP_WORDS[at]} in
      -*)
        if [[ \${COMP_WORDS[at + 1]} == "=" ]]; then ((at += 2))
        elif [[ $valued == *" \${COMP_WORDS[at]} "* ]]; then ((at++))
        fi
        ;;
      *) ((place++)) ;;
    esac
  done
  case "$command $place" in
${indented(4, rows.flatMap(([name, command]) => placeCases(name, command, commands)))}
  esac
  if ((COMP_CWORD == 1)); then ${FUNCTION}_words "${names.join(" ")}"; fi
}

complete -F ${FUNCTION} ${PROGRAM}`;
}

function valueCases(name: string, command: Command, commands: Commands): readonly string[] {
  // A flag that is on or off mostly stands alone: what comes behind it is not its value.
  const flags = flagsOf(command).filter(({ option }) => option.type !== "boolean");
  return flags.map(({ spellings, option }) => {
    const patterns = spellings.map((spelling) => `"${name} ${spelling}"`).join(" | ");
    return `${patterns}) ${action(offerOf(option, commands))}return ;;`;
  });
}

function placeCases(name: string, command: Command, commands: Commands): readonly string[] {
  const places = placesOf(command);
  return places.map(({ option }, index) => {
    const pattern = option.type === "list" && index === places.length - 1 ? `"${name} "*` : `"${name} ${index}"`;
    return `${pattern}) ${action(offerOf(option, commands))}return ;;`;
  });
}

function action(offer: Offer): string {
  if (offer === "nothing") return "";
  return offer === "files" ? `${FUNCTION}_files; ` : `${FUNCTION}_words "${offer.words.join(" ")}"; `;
}

function flagWords(command: Command): string {
  return [...flagsOf(command).flatMap(({ spellings }) => spellings), ...GENERAL_FLAGS.map(([flag]) => flag)].join(" ");
}

function valuedFlags(command: Command): readonly string[] {
  return flagsOf(command).filter(({ option }) => option.type !== "boolean").flatMap(({ spellings }) => spellings);
}

function indented(columns: number, lines: readonly string[]): string {
  return lines.map((line) => " ".repeat(columns) + line).join("\n");
}
