  ;; One instruction that nothing can stop, of some hundreds of milliseconds with --max-table-entries 10000000; then allows.
  (table $large 1 10000000 externref)

  (func $misbehave (result i64)
    (drop (table.grow $large (ref.null extern) (i32.const 9900000)))
    (call $clean))
