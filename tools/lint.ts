/**
 * The project's own lint rules: who may import whom, where the process may end, how errors are worded.
 *
 * @module
 */

/**
 * Folder of `src/` to the folders it may import from, besides itself, `std/` and the files that lie beside the folders; `types of x`
 * if nothing but types. It is the picture of `src/README.md`.
 */
const MAY_IMPORT: Readonly<Record<string, readonly string[]>> = {
  std: [],
  wasm: [],
  protocol: [],
  threads: [],
  ops: ["types of protocol"],
  guest: ["wasm"],
  pool: ["guest", "threads", "types of ops"],
  agent: ["guest", "pool", "protocol", "types of ops"],
  server: ["protocol", "types of agent", "types of ops"],
  config: ["types of agent", "types of guest"],
  lanes: ["agent", "config", "guest", "ops", "pool", "protocol", "server", "threads", "wasm"],
  cli: ["agent", "config", "guest", "lanes", "ops", "pool", "protocol", "server", "threads", "wasm"],
};

/** Public lists besides the folders' own, because what is in them is loaded only where it is asked for. */
const LOADED_APART = ["ops/admin/mod.ts", "wasm/terms.ts"];

const ERROR_CLASSES = new Set([
  "ConfigError",
  "ListenError",
  "FrameError",
  "ProtocolError",
  "ModuleError",
  "GuestError",
  "PoolError",
  "UnexpectedError",
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

/** True for `import type`, `export type`, and braces with nothing but `type x` in them. */
function onlyTypes(
  node: Deno.lint.ImportDeclaration | Deno.lint.ExportNamedDeclaration | Deno.lint.ExportAllDeclaration,
): boolean {
  if (node.type !== "ImportDeclaration") return node.exportKind === "type";
  if (node.importKind === "type") return true;
  return node.specifiers.length > 0 &&
    node.specifiers.every((each) => each.type === "ImportSpecifier" && each.importKind === "type");
}

/**
 * `Cannot <do> as <what must hold>: received <what came>`, of which any piece may come from elsewhere. Outside of `src/` its beginning
 * is enough: tests raise errors that nobody reads.
 */
const WORDED = /^Cannot [a-z.…][^]*( as |…)[^]*(: received |…)[^]*(?<!\.)$/;

/** What an expression says, with `…` for what is only known later; undefined if it is no text here. */
function textOf(node: Deno.lint.Expression | Deno.lint.SpreadElement): string | undefined {
  if (node.type === "TemplateLiteral") return node.quasis.map((quasi) => quasi.cooked).join("…");
  if (node.type === "Literal") return typeof node.value === "string" ? node.value : undefined;
  if (node.type !== "BinaryExpression" || node.left.type === "PrivateIdentifier") return undefined;
  const [left, right] = [textOf(node.left), textOf(node.right)];
  return left === undefined && right === undefined ? undefined : `${left ?? "…"}${right ?? "…"}`;
}

const plugin: Deno.lint.Plugin = {
  name: "house",
  rules: {
    layering: {
      create(context) {
        const folder = folderOf(context.filename);
        const check = (
          node:
            | Deno.lint.ImportDeclaration
            | Deno.lint.ExportNamedDeclaration
            | Deno.lint.ExportAllDeclaration
            | Deno.lint.ImportExpression,
        ) => {
          const target = node.source?.type === "Literal" ? node.source.value : undefined;
          if (folder === undefined || typeof target !== "string" || !target.startsWith(".")) return;
          const imported = folderOf(pathOf(target, context.filename));
          const allowed = MAY_IMPORT[folder] ?? [];
          if (imported === undefined || imported === folder || allowed.includes(imported)) return;
          if (allowed.includes(`types of ${imported}`) && node.type !== "ImportExpression" && onlyTypes(node)) return;
          context.report({
            node,
            message: `src/${folder}/ may not import from src/${imported}/`,
            hint: `It may import from: ${allowed.join(", ") || "no other folder"}. See tools/lint.ts`,
          });
        };
        return {
          ImportDeclaration: check,
          ExportNamedDeclaration: check,
          ExportAllDeclaration: check,
          ImportExpression: check,
        };
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
            if (LOADED_APART.includes(path.slice(SOURCE.length))) return;
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
            const text = textOf(message);
            const worded = context.filename.startsWith(SOURCE) ? WORDED : /^Cannot [a-z.](?!.*\.$)/;
            if (text === undefined || worded.test(text)) return;
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
