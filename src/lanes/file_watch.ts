/**
 * Tells when files have changed, by a look at each of them once a second.
 *
 * A look needs no grant but that to read the very file, and sees what a notice of the system would miss: a file that another is renamed
 * to, a link that points elsewhere, a folder that is mounted anew.
 *
 * @module
 */

const LOOK_MS = 1_000;

/** Looks until it is disposed of. */
export class FileWatch implements Disposable {
  readonly #paths: () => readonly string[];
  readonly #onChange: () => void;
  readonly #look: (path: string) => Promise<string>;
  readonly #timer: ReturnType<typeof setInterval>;
  /** How each file was when it was last taken for unchanged, and when it was looked at last. */
  readonly #known = new Map<string, { taken: string; seen: string }>();
  #looking: Promise<void>;

  /**
   * Begins with how the files are now.
   *
   * @param paths Asked before each look.
   * @param onChange Told once all that has changed has stayed as it is from one look to the next: a file is written in pieces.
   * @param look For tests: what tells one state of a file from another.
   */
  constructor(paths: () => readonly string[], onChange: () => void, look = fileState, lookMs = LOOK_MS) {
    this.#paths = paths;
    this.#onChange = onChange;
    this.#look = look;
    this.#looking = this.look();
    this.#timer = setInterval(() => this.#looking = this.#looking.then(() => this.look()), lookMs);
    Deno.unrefTimer(this.#timer);
  }

  /** Looks at all files. */
  async look(): Promise<void> {
    let changed = false;
    let settled = true;
    for (const path of new Set(this.#paths())) {
      const state = await this.#look(path);
      const known = this.#known.get(path) ?? { taken: state, seen: state };
      this.#known.set(path, known);
      if (state !== known.seen) settled = false;
      if (state !== known.taken) changed = true;
      known.seen = state;
    }
    if (!changed || !settled) return;
    for (const known of this.#known.values()) known.taken = known.seen;
    this.#onChange();
  }

  /** Looks no more. */
  [Symbol.dispose](): void {
    clearInterval(this.#timer);
  }
}

/** Tells one state of a file from another; empty where there is none that may be looked at. */
export async function fileState(path: string): Promise<string> {
  try {
    const { mtime, size, ino, dev } = await Deno.stat(path);
    return [mtime?.getTime(), size, ino, dev].join(" ");
  } catch {
    return "";
  }
}
