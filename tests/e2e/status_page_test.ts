import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { Admin } from "../../src/ops/admin/mod.ts";
import type { AgentView } from "../../src/ops/admin/view.ts";
import type { Figure } from "../../src/ops/mod.ts";
import { type Browser, launch, type Page } from "../packages/puppeteer.ts";
import { counted, outcome, pool, slot, view } from "../unit/ops/admin/views.ts";

const BROWSERS = ["chromium", "chromium-browser", "google-chrome"];

/** The machine's own Chromium, if it has one. */
function findBrowser(): string | undefined {
  const folders = (Deno.env.get("PATH") ?? "").split(":");
  return BROWSERS.flatMap((name) => folders.map((folder) => `${folder}/${name}`)).find((path) => {
    try {
      return Deno.statSync(path).isFile;
    } catch {
      return false;
    }
  });
}

const EXECUTABLE = findBrowser();

/** An agent that decides ever more, to look at in a browser. */
class Looked implements AsyncDisposable {
  reloads = 0;
  stage: AgentView["stage"] = "serving";
  /** The status that the next POST gets. */
  posted = Promise.withResolvers<number>();
  #looks = 0;
  readonly #admin: Admin;
  readonly #server: Deno.HttpServer<Deno.NetAddr>;

  constructor() {
    const figures = (): readonly Figure[] => counted(1_000 + 50 * this.#looks++, 3);
    const shown = view({ reload: () => Promise.resolve(outcome(++this.reloads > 1 ? "<b>no</b> file" : undefined)) });
    const slots = [
      slot(),
      slot({ place: "thread", state: "working", work: { phase: "request_headers", forMs: 12.4 } }),
    ];
    const stage = () => this.stage;
    const agent = {
      ...shown,
      get stage() {
        return stage();
      },
      reports: () => Promise.resolve([{ figures: figures(), pools: [pool({ slots })] }]),
    };
    this.#admin = new Admin(agent, { unix: false, allowRemote: false, maxErrorPercent: 50 });
    this.#server = Deno.serve({ hostname: "127.0.0.1", port: 0, onListen: () => {} }, async (request) => {
      const response = await this.#admin.handle(request);
      if (request.method === "POST") this.posted.resolve(response.status);
      return response;
    });
  }

  get url(): string {
    return `http://127.0.0.1:${this.#server.addr.port}/`;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#admin[Symbol.dispose]();
    await this.#server.shutdown();
  }
}

/** A page with all that its console says and that it asks for. */
async function open(browser: Browser, url: string, width: number, scheme: "light" | "dark") {
  const page = await browser.newPage();
  const complaints: string[] = [], asked: string[] = [];
  page.on("console", (message) => complaints.push(message.text()));
  page.on("pageerror", (error) => complaints.push(String(error)));
  page.on("request", (request) => asked.push(request.url()));
  await page.setViewport({ width, height: 900 });
  await page.emulateMediaFeatures([{ name: "prefers-color-scheme", value: scheme }]);
  await page.goto(url);
  await until(page, "#health-text", "Ready");
  // The first second of history is there a second later.
  await page.waitForFunction(`document.querySelectorAll("#decisions-chart polygon").length > 0`);
  return { page, complaints, asked };
}

/** Waits until an element has a text. */
async function until(page: Page, selector: string, text: string): Promise<void> {
  await page.waitForFunction(
    `document.querySelector(${JSON.stringify(selector)})?.textContent.includes(${JSON.stringify(text)})`,
  );
}

const textOf = (page: Page, selector: string) =>
  page.evaluate(`document.querySelector(${JSON.stringify(selector)}).innerText`).then(String);

/** The least contrast of any text with what is behind it, and which it is. @see https://www.w3.org/TR/WCAG22/#contrast-minimum */
const LEAST_CONTRAST = `(() => {
  const canvas = new OffscreenCanvas(1, 1).getContext("2d", { willReadFrequently: true });
  const light = (colour) => {
    canvas.clearRect(0, 0, 1, 1);
    canvas.fillStyle = colour;
    canvas.fillRect(0, 0, 1, 1);
    const [r, g, b] = [...canvas.getImageData(0, 0, 1, 1).data].map((one) => one / 255)
      .map((one) => one <= 0.04045 ? one / 12.92 : ((one + 0.055) / 1.055) ** 2.4);
    return 0.2126 * r + 0.7152 * g + 0.0722 * b;
  };
  const behind = (element) => {
    for (let at = element; at; at = at.parentElement) {
      const colour = getComputedStyle(at).backgroundColor;
      if (colour !== "rgba(0, 0, 0, 0)") return colour;
    }
    return "white";
  };
  let least = [21, ""];
  for (const element of document.querySelectorAll("body *")) {
    const own = [...element.childNodes].some((node) => node.nodeType === 3 && node.data.trim() !== "");
    if (!own || !element.checkVisibility() || element.closest("script, style, .skip")) continue;
    const { color, fill } = getComputedStyle(element);
    const [high, low] = [light(element.closest("svg") ? fill : color), light(behind(element))].sort((a, b) => b - a);
    const contrast = (high + 0.05) / (low + 0.05);
    if (contrast < least[0]) least = [contrast, element.className + " " + element.textContent];
  }
  return least;
})()`;

Deno.test({
  name: `the status page lives in a real browser${EXECUTABLE === undefined ? " (needs chromium)" : ""}`,
  ignore: EXECUTABLE === undefined,
  // The browser's driver keeps what it likes until the browser has ended.
  sanitizeOps: false,
  sanitizeResources: false,
  fn: async (t) => {
    await using looked = new Looked();
    const browser = await launch({ executablePath: EXECUTABLE, args: ["--no-sandbox", "--disable-gpu"] });
    try {
      await t.step("shows the agent, asks nobody else, and breaks no rule of its own policy", async () => {
        const { page, complaints, asked } = await open(browser, looked.url, 1280, "light");
        assertStringIncludes(await textOf(page, "#where"), "/run/a.sock");
        assertStringIncludes(await textOf(page, "#instances"), "request 12 ms");
        assertStringIncludes(await textOf(page, "#modules"), "m.wasm");
        assertStringIncludes(await textOf(page, "#problems"), "GUEST_TRAPPED");
        const before = await textOf(page, "#rate-more");
        await page.waitForFunction(`document.getElementById("rate-more").textContent !== ${JSON.stringify(before)}`);
        assertEquals(complaints, []);
        assertEquals(asked.filter((url) => !url.startsWith(looked.url) && !url.startsWith("data:")), []);
        await page.close();
      });

      await t.step("is used by keyboard alone", async () => {
        const { page } = await open(browser, looked.url, 1280, "light");
        const focused = () =>
          page.evaluate("document.activeElement.id || document.activeElement.className").then(String);
        const stops: string[] = [];
        for (let stop = 0; stop < 9; stop++) {
          await page.keyboard.press("Tab");
          stops.push(await focused());
        }
        assertEquals(stops.slice(0, 5), ["skip", "reload", "decisions-chart", "latency-chart", "errors-chart"]);
        await page.focus("#decisions-chart");
        await page.keyboard.press("ArrowLeft");
        assertStringIncludes(await textOf(page, "#decisions-chart .tip"), "block");
        await page.keyboard.press("Escape");
        assertEquals(await page.evaluate(`document.querySelector("#decisions-chart .tip").hidden`), true);
        await page.close();
      });

      for (const scheme of ["light", "dark"] as const) {
        for (const width of [1280, 390, 320]) {
          await t.step(`can be read in ${scheme} at ${width} pixels, without scrolling sideways`, async () => {
            const { page, complaints } = await open(browser, looked.url, width, scheme);
            assertEquals(await page.evaluate("document.documentElement.scrollWidth"), width);
            const dark = await page.evaluate("getComputedStyle(document.body).backgroundColor");
            assertEquals(dark, scheme === "dark" ? "rgb(12, 13, 17)" : "rgb(246, 246, 248)");
            const [contrast, text] = await page.evaluate(LEAST_CONTRAST) as [number, string];
            assert(contrast >= 4.5, `contrast of ${contrast}: ${text}`);
            assertEquals(complaints, []);
            await page.close();
          });
        }
      }

      await t.step("reloads, and shows as text why it could not", async () => {
        const { page } = await open(browser, looked.url, 1280, "light");
        await page.click("#reload");
        await until(page, "#banner", "All modules were loaded anew");
        await page.click("#reload");
        await until(page, "#banner", "<b>no</b> file");
        assertEquals(looked.reloads, 2);
        await page.close();
      });

      await t.step("is the only page that may reload: another site's is refused", async () => {
        const html =
          `<!DOCTYPE html><script>fetch("${looked.url}reload", { method: "POST", mode: "no-cors" })</script>`;
        const site = Deno.serve(
          { hostname: "127.0.0.1", port: 0, onListen: () => {} },
          () => new Response(html, { headers: { "content-type": "text/html" } }),
        );
        looked.posted = Promise.withResolvers();
        const page = await browser.newPage();
        await page.goto(`http://localhost:${site.addr.port}/`);
        assertEquals(await looked.posted.promise, 403);
        await site.shutdown();
        assertEquals(looked.reloads, 2);
        await page.close();
      });

      await t.step("says that the agent drains, and that it is gone", async () => {
        const gone = new Looked();
        const { page } = await open(browser, gone.url, 1280, "dark");
        gone.stage = "draining";
        await until(page, "#health-text", "Draining");
        assertStringIncludes(await textOf(page, "#banner"), "no new connections");
        await gone[Symbol.asyncDispose]();
        await until(page, "#health-text", "No answer");
        await page.close();
      });
    } finally {
      await browser.close();
    }
  },
});
