/**
 * The functions that do a bulk instruction in pieces.
 *
 * @module
 */

import { BulkCode, I32, I64, MINUS_ONE, ONE_LOCAL, op, VOID } from "./bulk_code.ts";
import type { BulkOperation, Range } from "./bulk_operation.ts";

/**
 * Encodes the bodies, locals included, of the functions that take a bulk instruction's operands and do what it does. The
 * first is the one to call; it will be function `index`, and the second, if there is one, the function after it.
 *
 *     length > piece
 *     if       call the second
 *     else     probe, the instruction itself
 *
 * That is short enough for V8 to put it where it is called. The second does a longer length in pieces:
 *
 *     block
 *       any range is out of bounds       br_if 0
 *       loop: probe, one piece, length -= piece, again while length > piece
 *     end
 *     probe, the instruction itself with what is left
 *
 * Whatever traps goes to the instruction itself with all of its operands: traps and their messages are V8's own, and
 * nothing has been written before them.
 */
export function encodeBulkBodies(
  operation: BulkOperation,
  instruction: Uint8Array,
  probe: Uint8Array,
  index: number,
): Uint8Array[] {
  const body = () => new BulkBody(operation, instruction, probe);
  switch (operation.kind) {
    case "make":
      return [body().make()];
    case "cut":
      return [body().choose(index + 1), body().cut()];
    case "grow":
      return [body().choose(index + 1), body().grow()];
  }
}

/** A segment ends below 2^31: modules are smaller. Above that V8 has other words for a trap, so they must be its own. */
const SEGMENT_BITS = 31;

class BulkBody extends BulkCode {
  choose(other: number): Uint8Array {
    const { piece, results } = this.operation;
    this.bytes(0);
    this.get(this.length);
    this.constant(this.lengthType, piece);
    this.bytes(op[this.lengthType].gtU, op.if);
    this.bytes(results.length === 0 ? VOID : results[0] === "i64" ? I64 : I32);
    for (let operand = 0; operand <= this.length; operand++) this.get(operand);
    this.call(other);
    this.bytes(op.else);
    this.#run();
    this.bytes(op.end);
    return this.finish();
  }

  cut(): Uint8Array {
    const { ranges } = this.operation;
    this.bytes(...ONE_LOCAL, op.block, VOID);
    for (const range of ranges) {
      if (range.of === "segment") this.#leaveIfBeyondSegment(range);
      else this.#leaveIfBeyond(range);
    }
    const [to, from] = ranges;
    // Where the two ranges overlap, the pieces must go the way in which none is overwritten before it is read.
    if (to && from && from.of !== "segment") {
      this.wide(to.operand);
      this.wide(from.operand);
      this.bytes(op.i64.gtU, op.if, VOID);
      this.#loop(() => {
        this.shorten();
        this.#all((operand) => {
          this.get(operand);
          if (operand === to.operand || operand === from.operand) this.addLength(operand);
        });
      });
      this.bytes(op.br, 1, op.end);
    }
    this.#loop(() => {
      this.#all((operand) => this.get(operand));
      for (const { operand, step } of ranges) {
        this.get(operand);
        this.constant(this.typeOf(operand), this.operation.piece * step);
        this.bytes(op[this.typeOf(operand)].add, op.set, operand);
      }
      this.shorten();
    });
    this.bytes(op.end);
    this.#run();
    return this.finish();
  }

  /**
   * V8 refuses to grow beyond the maximum and for no other reason. A refusal halfway is not expected, and traps.
   */
  grow(): Uint8Array {
    const { max, ranges, results } = this.operation;
    this.bytes(...ONE_LOCAL, op.block, VOID);
    for (const range of ranges) this.pushSize(range);
    this.bytes(op.tee, this.size);
    this.constant("i64", max);
    this.bytes(op.i64.gtU, op.brIf, 0);
    this.wide(this.length);
    this.constant("i64", max);
    this.get(this.size);
    this.bytes(op.i64.sub, op.i64.gtU, op.brIf, 0);
    const trapIfRefused = () => {
      this.bytes(op[this.lengthType].const, MINUS_ONE, op[this.lengthType].eq, op.if, VOID, op.unreachable, op.end);
    };
    this.#loop(() => {
      this.#all((operand) => this.get(operand));
      trapIfRefused();
      this.shorten();
    });
    this.#run();
    trapIfRefused();
    this.get(this.size);
    if (results[0] === "i32") this.bytes(op.wrap);
    this.bytes(op.return, op.end);
    this.#run();
    return this.finish();
  }

  /** Too long a length becomes the longest there is, which V8 refuses. */
  make(): Uint8Array {
    this.bytes(0);
    this.probe();
    for (let operand = 0; operand < this.length; operand++) this.get(operand);
    this.bytes(op.i32.const, MINUS_ONE);
    this.get(this.length);
    this.get(this.length);
    this.constant("i32", this.operation.piece);
    this.bytes(op.i32.gtU, op.select);
    this.instruct();
    return this.finish();
  }

  /**
   * Leaves if `length > size` or `begin > size - length`, unsigned and in 64 bits: there is no sum that could wrap around.
   * A null array traps.
   */
  #leaveIfBeyond(range: Range): void {
    this.wide(this.length);
    this.pushSize(range);
    this.bytes(op.tee, this.size, op.i64.gtU, op.brIf, 0);
    this.wide(range.operand);
    this.get(this.size);
    this.wide(this.length);
    this.bytes(op.i64.sub, op.i64.gtU, op.brIf, 0);
  }

  /**
   * Only an instruction can tell how long a segment is now, because it may have been dropped: one of length 0 at the
   * range's end traps just as the whole one would.
   */
  #leaveIfBeyondSegment({ operand, step }: Range): void {
    this.wide(operand);
    this.wide(this.length);
    this.constant("i64", step);
    this.bytes(op.i64.mul, op.i64.add, op.tee, this.size);
    this.constant("i64", SEGMENT_BITS);
    this.bytes(op.i64.shrU, op.i64.eqz, op.i32.eqz, op.brIf, 0);
    const { params } = this.operation;
    params.forEach((type, index) => {
      if (index === operand) {
        this.get(this.size);
        this.bytes(op.wrap);
      } else if (type === "i32" || type === "i64") {
        this.constant(type, 0);
      } else {
        this.get(index);
      }
    });
    this.instruct();
  }

  /** A loop that looks at the epoch word each time around, for as long as the length is more than a piece afterwards. */
  #loop(body: () => void): void {
    this.bytes(op.loop, VOID);
    this.probe();
    body();
    this.get(this.length);
    this.constant(this.lengthType, this.operation.piece);
    this.bytes(op[this.lengthType].gtU, op.brIf, 0, op.end);
  }

  /** The instruction for one piece, `push` pushing each operand but the length. */
  #all(push: (operand: number) => void): void {
    for (let operand = 0; operand < this.length; operand++) push(operand);
    this.constant(this.lengthType, this.operation.piece);
    this.instruct();
  }

  /** A probe, then the instruction with all operands as they are now. */
  #run(): void {
    this.probe();
    for (let operand = 0; operand <= this.length; operand++) this.get(operand);
    this.instruct();
  }
}
