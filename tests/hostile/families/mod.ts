import type { HostileBody } from "../guest.ts";
import type { Mix } from "../mix.ts";
import type { Random } from "../random.ts";
import { BLOCKS } from "./blocks.ts";
import { BRANCHES } from "./branches.ts";
import { CALLS } from "./calls.ts";
import { EXCEPTIONS } from "./exceptions.ts";
import { STRAIGHT } from "./straight.ts";

/** One kind of hostile code, of any size: a row. */
export interface Family {
  readonly name: string;
  /** The body for a size; `mix.add()` comes after each of its items. */
  readonly build: (size: number, random: Random, mix: Mix) => HostileBody;
}

/** Every kind; another is a row in one of these lists, or a file beside them. */
export const FAMILIES: readonly Family[] = [...BRANCHES, ...BLOCKS, ...CALLS, ...EXCEPTIONS, ...STRAIGHT];
