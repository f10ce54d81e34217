/**
 * Arrays of integers that grow.
 *
 * @module
 */

/** A copy of `values` with twice the room. */
export function doubled(values: Int32Array<ArrayBuffer>): Int32Array<ArrayBuffer> {
  const grown = new Int32Array(values.length * 2);
  grown.set(values);
  return grown;
}
