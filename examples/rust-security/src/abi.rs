//! The four functions that the host calls.

use crate::arena::Arena;
use crate::{decisions, policy};
use core::arch::wasm32;
use core::cell::UnsafeCell;

const PAGE_BYTES: usize = 65_536;

/// One page less than there can be, so that the end of memory is an address.
const MAX_PAGES: usize = 65_535;

extern "C" {
    // Defined by the linker: memory from this address on belongs to nobody.
    static __heap_base: u8;
}

struct Global(UnsafeCell<Arena>);

// One thread runs an instance.
unsafe impl Sync for Global {}

static ARENA: Global = Global(UnsafeCell::new(Arena::EMPTY));

fn take(size: usize) -> Option<usize> {
    let arena = unsafe { &mut *ARENA.0.get() };
    if !arena.is_ready() {
        let base = unsafe { &__heap_base as *const u8 as usize };
        *arena = Arena::new(base, wasm32::memory_size(0) * PAGE_BYTES);
    }
    arena.take(size, |bytes| {
        let pages = bytes / PAGE_BYTES + (bytes % PAGE_BYTES != 0) as usize;
        let fits = pages <= MAX_PAGES - wasm32::memory_size(0).min(MAX_PAGES);
        if !fits || wasm32::memory_grow(0, pages) == usize::MAX {
            0
        } else {
            pages * PAGE_BYTES
        }
    })
}

fn give_back(address: usize, size: usize) {
    unsafe { &mut *ARENA.0.get() }.give_back(address, size);
}

/// Gives `size` bytes to the host; 0 if there is no such memory.
#[no_mangle]
pub extern "C" fn alloc(size: i32) -> i32 {
    if size <= 0 {
        return 0;
    }
    take(size as usize).unwrap_or(0) as i32
}

/// Takes back what [`alloc`] gave. Results are static: giving those back does nothing.
#[no_mangle]
pub extern "C" fn dealloc(ptr: i32, size: i32) {
    if size > 0 {
        give_back(ptr as u32 as usize, size as usize);
    }
}

#[no_mangle]
pub extern "C" fn on_request_headers(ptr: i32, len: i32) -> i64 {
    let result = with_spare(ptr, len, |input, spare| decisions::on_request(policy::inspect_request(input, spare)));
    pack(result)
}

#[no_mangle]
pub extern "C" fn on_response_headers(ptr: i32, len: i32) -> i64 {
    let result = with_spare(ptr, len, |input, spare| decisions::on_response(policy::is_response(input, spare)));
    pack(result)
}

/// Runs `job` on the input with the spare memory that the policy asks for.
fn with_spare(ptr: i32, len: i32, job: impl FnOnce(&[u8], &mut [u8]) -> &'static str) -> &'static str {
    let address = ptr as u32 as usize;
    let length = if len < 0 { 0 } else { len as usize };
    let end = address.checked_add(length);
    if address == 0 || end.map_or(true, |end| end > wasm32::memory_size(0).min(MAX_PAGES) * PAGE_BYTES) {
        return job(&[], &mut []);
    }
    let spare_length = policy::spare_bytes(length);
    let spare_address = match take(spare_length) {
        Some(address) => address,
        None => return decisions::OUT_OF_MEMORY,
    };
    let result = unsafe {
        let input = core::slice::from_raw_parts(address as *const u8, length);
        let spare = core::slice::from_raw_parts_mut(spare_address as *mut u8, spare_length);
        job(input, spare)
    };
    give_back(spare_address, spare_length);
    result
}

fn pack(result: &'static str) -> i64 {
    ((result.as_ptr() as usize as i64) << 32) | result.len() as i64
}

#[panic_handler]
fn panic(_: &core::panic::PanicInfo) -> ! {
    wasm32::unreachable()
}
