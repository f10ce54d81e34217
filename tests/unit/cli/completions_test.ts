import { assert, assertEquals } from "@std/assert";
import { COMMANDS } from "../../../src/cli/commands.ts";
import { bashScript } from "../../../src/cli/completions/bash.ts";
import { fishScript } from "../../../src/cli/completions/fish.ts";
import { zshScript } from "../../../src/cli/completions/zsh.ts";
import { PROGRAM } from "../../../src/program.ts";
import { TempDir } from "../../e2e/agent_process.ts";

/** A table with all kinds of places: a choice, then files without end. */
const TABLE = {
  ...COMMANDS,
  build: {
    ...COMMANDS.serve,
    options: {
      "language": { type: "choice", choices: ["rust", "go"], positional: true, help: "A 'language': [one]" },
      "level": { type: "integer", default: 1, min: 0, max: 9, short: "l", help: "$HOME `x`" },
      "files": { type: "list", positional: true, completes: "files", help: "Files" },
    },
  },
} as const;

interface Shell {
  readonly name: string;
  /** A script of the shell that prints what is offered for `line`, a word a line. */
  readonly script: (folder: string, line: string) => string;
  readonly words: readonly string[];
}

const SHELLS: readonly Shell[] = [
  {
    name: "bash",
    words: ["--norc"],
    // The words are split as readline does it, at blanks and at "=".
    script: (folder, line) => `
source ${folder}/bash
words=(); for word in ${line.replaceAll("=", " = ")}; do words+=("$word"); done
${line.endsWith(" ") || line.endsWith("=") ? 'words+=("")' : ""}
COMP_WORDS=("\${words[@]}"); COMP_CWORD=$((\${#words[@]} - 1))
_sentinel_wasm_agent
printf '%s\\n' "\${COMPREPLY[@]}"`,
  },
  {
    name: "fish",
    words: ["--no-config"],
    script: (folder, line) => `source ${folder}/fish; complete -C '${line}' | string split -f1 \\t`,
  },
];

const LINES = [
  { line: `${PROGRAM} inv`, offers: ["invoke"] },
  { line: `${PROGRAM} invoke --rep`, offers: ["--repeat"] },
  { line: `${PROGRAM} invoke --phase re`, offers: ["request", "request_headers", "response", "response_headers"] },
  { line: `${PROGRAM} invoke m.w`, offers: ["m.wasm"] },
  { line: `${PROGRAM} invoke --uri /x --event ev`, offers: ["events.json"] },
  { line: `${PROGRAM} completions z`, offers: ["zsh"] },
  { line: `${PROGRAM} help comp`, offers: ["completions"] },
  { line: `${PROGRAM} --log-format j`, offers: ["json"] },
  { line: `${PROGRAM} --uri`, offers: [] },
  { line: `${PROGRAM} build r`, offers: ["rust"] },
  { line: `${PROGRAM} build --level 2 g`, offers: ["go"] },
  { line: `${PROGRAM} build rust m.wasm ev`, offers: ["events.json"] },
] as const;

function lacking(shell: string): boolean {
  return !(Deno.env.get("PATH") ?? "").split(":").some((folder) => {
    try {
      return Deno.statSync(`${folder}/${shell}`).isFile;
    } catch {
      return false;
    }
  });
}

async function offered({ name, script, words }: Shell, line: string): Promise<readonly string[]> {
  using dir = new TempDir();
  for (const file of ["m.wasm", "events.json"]) dir.write(file, new Uint8Array());
  dir.write("bash", new TextEncoder().encode(bashScript(TABLE)));
  dir.write("fish", new TextEncoder().encode(fishScript(TABLE)));
  const { stdout, stderr } = await new Deno.Command(name, {
    args: [...words, "-c", script(dir.path, line)],
    cwd: dir.path,
    env: { HOME: dir.path },
  }).output();
  assertEquals(new TextDecoder().decode(stderr), "");
  return new TextDecoder().decode(stdout).split("\n").filter((word) => word !== "").toSorted();
}

for (const shell of SHELLS) {
  Deno.test({
    name: `completions of ${shell.name} offer what fits, and nothing else`,
    ignore: lacking(shell.name),
    fn: async () => {
      for (const { line, offers } of LINES) assertEquals(await offered(shell, line), [...offers], line);
    },
  });
}

Deno.test("bash completes a value behind the flag and an equals sign", { ignore: lacking("bash") }, async () => {
  const [bash] = SHELLS;
  assert(bash !== undefined);
  assertEquals(await offered(bash, `${PROGRAM} invoke --phase=reques`), ["request", "request_headers"]);
  assertEquals(await offered(bash, `${PROGRAM} build --level=2 g`), ["go"]);
});

Deno.test("completions of zsh are read by zsh, and describe each option", { ignore: lacking("zsh") }, async () => {
  using dir = new TempDir();
  dir.write("zsh", new TextEncoder().encode(zshScript(TABLE)));
  // What the specs come to is taken from `_arguments` itself, which only works inside of a completion.
  const script = `autoload -Uz compinit && compinit -u -D
source ${dir.path}/zsh
_arguments() { print -rl -- "$@" }; _describe() { print -rl -- "$\{(@)commands}" }
words=(${PROGRAM} build ''); CURRENT=3; _${PROGRAM}
words=(${PROGRAM} ''); CURRENT=2; _${PROGRAM}`;
  const { stdout, stderr, code } = await new Deno.Command("zsh", {
    args: ["-f", "-c", script],
    env: { HOME: dir.path },
  }).output();
  assertEquals([code, new TextDecoder().decode(stderr)], [0, ""]);
  const lines = new TextDecoder().decode(stdout).split("\n");
  for (
    const spec of [
      "(--level -l)--level=[$HOME `x`]:value: ",
      "(--level -l)-l[$HOME `x`]:value: ",
      "1:LANGUAGE:(rust go)",
      "*:FILES:_files",
    ]
  ) assert(lines.includes(spec), `${spec} in ${lines.join("\n")}`);
  for (const name of Object.keys(TABLE)) assert(lines.some((line) => line.startsWith(`${name}:`)), name);
});
