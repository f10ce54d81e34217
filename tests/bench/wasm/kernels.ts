/** A kernel: `run(n)` does the same work, n times over. */
export interface Kernel {
  readonly name: string;
  readonly n: number;
  readonly wat: string;
}

/** What a policy does, from the check's best case to its worst. */
export const KERNELS: readonly Kernel[] = [
  {
    name: "scan JSON bytes for quotes",
    n: 300,
    wat:
      `(module (memory 1) (data (i32.const 0) "{\\"method\\":\\"GET\\",\\"uri\\":\\"/api/users?id=42\\",\\"headers\\":{}}")
      (func (export "run") (param $n i32) (result i32) (local $i i32) (local $count i32)
        (loop $again
          (local.set $i (i32.const 0))
          (loop $byte
            (if (i32.eq (i32.load8_u (i32.and (local.get $i) (i32.const 63))) (i32.const 34))
              (then (local.set $count (i32.add (local.get $count) (i32.const 1)))))
            (br_if $byte (i32.lt_u (local.tee $i (i32.add (local.get $i) (i32.const 1))) (i32.const 65536))))
          (br_if $again (local.tee $n (i32.sub (local.get $n) (i32.const 1)))))
        (local.get $count)))`,
  },
  {
    name: "hash bytes (FNV), a dependent chain",
    n: 300,
    wat: `(module (memory 1)
      (func (export "run") (param $n i32) (result i32) (local $i i32) (local $hash i32)
        (loop $again
          (local.set $i (i32.const 0))
          (loop $byte
            (local.set $hash (i32.mul (i32.xor (local.get $hash) (i32.load8_u (local.get $i))) (i32.const 16777619)))
            (br_if $byte (i32.lt_u (local.tee $i (i32.add (local.get $i) (i32.const 1))) (i32.const 65536))))
          (br_if $again (local.tee $n (i32.sub (local.get $n) (i32.const 1)))))
        (local.get $hash)))`,
  },
  {
    name: "empty loop",
    n: 30_000_000,
    wat: `(module (func (export "run") (param $n i32) (result i32)
      (loop $again (br_if $again (local.tee $n (i32.sub (local.get $n) (i32.const 1))))) (local.get $n)))`,
  },
  {
    name: "calls of a short leaf",
    n: 10_000_000,
    wat: `(module
      (func $leaf (param i32) (result i32) (i32.add (i32.mul (local.get 0) (i32.const 31)) (i32.const 7)))
      (func (export "run") (param $n i32) (result i32) (local $sum i32)
        (loop $again (local.set $sum (call $leaf (local.get $sum)))
          (br_if $again (local.tee $n (i32.sub (local.get $n) (i32.const 1))))) (local.get $sum)))`,
  },
  {
    name: "tiny recursive calls (fib)",
    n: 30,
    wat: `(module (func $fib (export "run") (param i32) (result i32)
      (if (result i32) (i32.lt_u (local.get 0) (i32.const 2)) (then (local.get 0))
        (else (i32.add (call $fib (i32.sub (local.get 0) (i32.const 1)))
          (call $fib (i32.sub (local.get 0) (i32.const 2))))))))`,
  },
  {
    name: "call_indirect",
    n: 5_000_000,
    wat: `(module (type $t (func (param i32) (result i32))) (table funcref (elem $a $b))
      (func $a (type $t) (i32.add (local.get 0) (i32.const 1)))
      (func $b (type $t) (i32.xor (local.get 0) (i32.const 5)))
      (func (export "run") (param $n i32) (result i32) (local $sum i32)
        (loop $again
          (local.set $sum (call_indirect (type $t) (local.get $sum) (i32.and (local.get $n) (i32.const 1))))
          (br_if $again (local.tee $n (i32.sub (local.get $n) (i32.const 1))))) (local.get $sum)))`,
  },
  {
    name: "memory.copy of 64 bytes",
    n: 3_000_000,
    wat: `(module (memory 1) (func (export "run") (param $n i32) (result i32)
      (loop $again (memory.copy (i32.const 1024) (i32.const 0) (i32.const 64))
        (br_if $again (local.tee $n (i32.sub (local.get $n) (i32.const 1))))) (local.get $n)))`,
  },
  {
    name: "memory.copy of 0 to 63 bytes",
    n: 3_000_000,
    wat: `(module (memory 1) (func (export "run") (param $n i32) (result i32)
      (loop $again (memory.copy (i32.const 1024) (i32.const 0) (i32.and (local.get $n) (i32.const 63)))
        (br_if $again (local.tee $n (i32.sub (local.get $n) (i32.const 1))))) (local.get $n)))`,
  },
  {
    name: "memory.fill of 0 to 1,023 bytes",
    n: 3_000_000,
    wat: `(module (memory 1) (func (export "run") (param $n i32) (result i32)
      (loop $again (memory.fill (i32.const 1024) (i32.const 0) (i32.and (local.get $n) (i32.const 1023)))
        (br_if $again (local.tee $n (i32.sub (local.get $n) (i32.const 1))))) (local.get $n)))`,
  },
  {
    name: "memory.copy of 32 MiB",
    n: 8,
    wat: `(module (memory 1024) (func (export "run") (param $n i32) (result i32)
      (loop $again
        (memory.copy (i32.const 33554432) (i32.const 0) (i32.sub (i32.const 33554432) (local.get $n)))
        (br_if $again (local.tee $n (i32.sub (local.get $n) (i32.const 1))))) (local.get $n)))`,
  },
];
