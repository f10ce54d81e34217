;; Its tag is the number of the call in this instance, with four digits: "0001" for the first.
(module
  (memory (export "memory") 2)
  (data (i32.const 16) "{\"decision\":\"allow\",\"tags\":[\"0000\"]}")
  (global $calls (mut i32) (i32.const 0))
  (func (export "alloc") (param i32) (result i32) (i32.const 4096))
  (func (export "dealloc") (param i32 i32))
  (func $digit (param $at i32) (param $unit i32)
    (i32.store8
      (local.get $at)
      (i32.add (i32.const 0x30) (i32.rem_u (i32.div_u (global.get $calls) (local.get $unit)) (i32.const 10)))))
  (func (export "on_request_headers") (param i32 i32) (result i64)
    (global.set $calls (i32.add (global.get $calls) (i32.const 1)))
    (call $digit (i32.const 45) (i32.const 1000))
    (call $digit (i32.const 46) (i32.const 100))
    (call $digit (i32.const 47) (i32.const 10))
    (call $digit (i32.const 48) (i32.const 1))
    (i64.const 0x0000001000000024)))
