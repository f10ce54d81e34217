/**
 * `@std/assert` under its own name, from the npm copy of the same package.
 *
 * The npm copy is plain JavaScript, so the types stand here. With JSR in reach, map `@std/assert` to it in `deno.json` and
 * delete this file.
 *
 * @module
 */

import * as std from "deno-std/assert/mod.js";

type ErrorClass<E extends Error> = abstract new (...args: never[]) => E;

/** Fails unless `condition` is truthy. */
export const assert: (condition: unknown, message?: string) => asserts condition = std.assert;
/** Fails unless both are deeply equal. */
export const assertEquals: <T>(actual: T, expected: T, message?: string) => void = std.assertEquals;
/** Fails unless both are the same value. */
export const assertStrictEquals: <T>(actual: unknown, expected: T, message?: string) => asserts actual is T =
  std.assertStrictEquals;
/** Fails if both are the same value. */
export const assertNotStrictEquals: <T>(actual: T, expected: T, message?: string) => void = std.assertNotStrictEquals;
/** Fails unless `actual` is an instance of `expected`. */
export const assertInstanceOf: <C extends abstract new (...args: never[]) => unknown>(
  actual: unknown,
  expected: C,
  message?: string,
) => asserts actual is InstanceType<C> = std.assertInstanceOf;
/** Fails unless `actual` matches `expected`. */
export const assertMatch: (actual: string, expected: RegExp, message?: string) => void = std.assertMatch;
/** Fails unless `actual` contains `expected`. */
export const assertStringIncludes: (actual: string, expected: string, message?: string) => void =
  std.assertStringIncludes;
/** Fails unless `actual` is greater than `expected`. */
export const assertGreater: (actual: number, expected: number, message?: string) => void = std.assertGreater;
/** Fails unless `actual` is at most `expected`. */
export const assertLessOrEqual: (actual: number, expected: number, message?: string) => void = std.assertLessOrEqual;
/** Fails unless `fn` throws an `errorClass` whose message includes `messageIncludes`; answers with that error. */
export const assertThrows: <E extends Error>(
  fn: () => unknown,
  errorClass: ErrorClass<E>,
  messageIncludes?: string,
) => E = std.assertThrows;
/** Fails unless `fn` rejects with an `errorClass` whose message includes `messageIncludes`; answers with that error. */
export const assertRejects: <E extends Error>(
  fn: () => PromiseLike<unknown>,
  errorClass: ErrorClass<E>,
  messageIncludes?: string,
) => Promise<E> = std.assertRejects;
/** Fails always. */
export const fail: (message?: string) => never = std.fail;
