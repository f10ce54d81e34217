import { assertEquals } from "@std/assert";
import { demangle } from "../../../src/guest/demangle.ts";

Deno.test.each([
  { name: "core::panicking::panic_fmt::h0123456789abcdef", shown: "core::panicking::panic_fmt" },
  { name: "_ZN4core9panicking5panic17h0123456789abcdefE", shown: "core::panicking::panic" },
  {
    name: "_$LT$alloc..string..String$u20$as$u20$core..fmt..Write$GT$::write_str::h0123456789abcdef",
    shown: "<alloc::string::String as core::fmt::Write>::write_str",
  },
  {
    name: "_ZN58_$LT$alloc..string..String$u20$as$u20$core..fmt..Write$GT$9write_str17h0123456789abcdefE",
    shown: "<alloc::string::String as core::fmt::Write>::write_str",
  },
  { name: "_ZN24_$LT$a$C$$RF$b$u27$c$GT$1f17h0123456789abcdefE", shown: "<a,&b'c>::f" },
  { name: "_RNvNtCs1234_7mycrate3foo3bar", shown: "mycrate::foo::bar" },
  { name: "_RNCNvCsabc_7mycrate4main0", shown: "mycrate::main::{closure}" },
  { name: "_RINvNtC3std3mem8align_ofjE", shown: undefined },
  { name: "_RNvC9short", shown: undefined },
  { name: "_ZN3foo3barEv", shown: undefined },
  { name: "_ZN99x17h0123456789abcdefE", shown: undefined },
  { name: "main.check", shown: undefined },
  { name: "runtime.gopanic", shown: undefined },
  { name: "assembly/index/decide", shown: undefined },
  { name: "std::vector<int, std::allocator<int> >::push_back(int const&)", shown: undefined },
  { name: "a..b", shown: undefined },
  { name: ".Lpolicy.decide", shown: "policy.decide" },
  { name: ".L", shown: undefined },
  { name: "f$u110000$::h0123456789abcdef", shown: "f$u110000$" },
  { name: "", shown: undefined },
])("demangle() shows $name as $shown", ({ name, shown }) => {
  assertEquals(demangle(name), shown ?? name);
});
