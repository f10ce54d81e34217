/**
 * The project's own lint rules: who may import whom, where the process may end, how errors are worded.
 *
 * @module
 */

/** Folder of `src/` to the folders it may import from, besides itself, `errors.ts` and `std/`. `cli/` may import from all. */
const MAY_IMPORT: Readonly<Record<string, readonly string[]>> = {
  std: [],
  wasm: [],
  protocol: [],
  ops: [],
  threads: [],
  guest: ["wasm"],
  pool: ["guest", "threads"],
  agent: ["pool", "guest", "protocol"],
  server: ["protocol"],
  cli: ["agent", "guest", "ops", "pool", "protocol", "server", "threads", "wasm"],
};

const ERROR_CLASSES = new Set([
  "ConfigError",
  "ListenError",
  "FrameError",
  "ProtocolError",
  "ModuleError",
  "GuestError",
  "PoolError",
]);

/** The repository's own `src/`, wherever it is checked out: other folders of that name may lie above it. */
const SOURCE = decodeURIComponent(new URL("../src/", import.meta.url).pathname);

/** Folder of `src/` that a path lies in. */
function folderOf(path: string): string | undefined {
  return path.startsWith(SOURCE) ? /^([a-z]+)\//.exec(path.slice(SOURCE.length))?.[1] : undefined;
}

/** What `target`, as an import of the file at `path` has it, leads to. */
function pathOf(target: string, path: string): string {
  return decodeURIComponent(new URL(target, new URL(encodeURI(path), "file:///")).pathname);
}

const plugin: Deno.lint.Plugin = {
  name: "house",
  rules: {
    layering: {
      create(context) {
        const folder = folderOf(context.filename);
        const check = (node: { readonly source: { readonly value: unknown } | null } & Deno.lint.Node) => {
          const target = node.source?.value;
          if (folder === undefined || typeof target !== "string" || !target.startsWith(".")) return;
          const imported = folderOf(pathOf(target, context.filename));
          if (imported === undefined || imported === folder || MAY_IMPORT[folder]?.includes(imported)) return;
          context.report({
            node,
            message: `src/${folder}/ may not import from src/${imported}/`,
            hint: `It may import from: ${MAY_IMPORT[folder]?.join(", ") || "no other folder"}. See tools/lint.ts`,
          });
        };
        return { ImportDeclaration: check, ExportNamedDeclaration: check, ExportAllDeclaration: check };
      },
    },
    "public-list": {
      create(context) {
        const folder = folderOf(context.filename);
        return {
          ImportDeclaration(node) {
            const target = node.source.value;
            if (folder === undefined || folder === "std" || !target.startsWith(".")) return;
            const path = pathOf(target, context.filename);
            const imported = folderOf(path);
            if (imported === undefined || imported === folder || path === `${SOURCE}${imported}/mod.ts`) return;
            context.report({ node, message: `Import from src/${imported}/mod.ts, the folder's public list` });
          },
        };
      },
    },
    "exit-in-main": {
      create(context) {
        return {
          'MemberExpression[object.name="Deno"][property.name="exit"]'(node: Deno.lint.Node) {
            if (!context.filename.startsWith(SOURCE)) return;
            context.report({ node, message: "Deno.exit belongs in main.ts: answer with an exit code instead" });
          },
        };
      },
    },
    "faults-get-names": {
      create(context) {
        return {
          'NewExpression[callee.name="ModuleError"]'(node: Deno.lint.Node) {
            if (folderOf(context.filename) !== "wasm" || context.filename.endsWith("/fault.ts")) return;
            context.report({ node, message: "Use ModuleFault: it tells the module's name, which is not known here" });
          },
        };
      },
    },
    "error-wording": {
      create(context) {
        return {
          NewExpression(node) {
            if (node.callee.type !== "Identifier" || !ERROR_CLASSES.has(node.callee.name)) return;
            const message = node.arguments[1];
            if (message === undefined) return;
            const text = message.type === "TemplateLiteral"
              ? message.quasis.map((quasi) => quasi.cooked).join("…")
              : message.type === "Literal" && typeof message.value === "string"
              ? message.value
              : undefined;
            if (text === undefined || (/^Cannot [a-z.]/.test(text) && !/\.$/.test(text))) return;
            context.report({
              node: message,
              message: "Word it `Cannot <do> as <what must hold>: received <what came>`",
            });
          },
        };
      },
    },
  },
};

export default plugin;
