;; Gives out the last 100 bytes of its memory for inputs of more than 2,000.
(module
  (memory (export "memory") 2)
  (data (i32.const 16) "{\"decision\":\"allow\",\"tags\":[\"clean\"]}")
  (func (export "alloc") (param $size i32) (result i32)
    (select (i32.const 130972) (i32.const 4096) (i32.gt_u (local.get $size) (i32.const 2000))))
  (func (export "dealloc") (param i32 i32))
  (func (export "on_request_headers") (param i32 i32) (result i64)
    (i64.const 0x0000001000000025)))
