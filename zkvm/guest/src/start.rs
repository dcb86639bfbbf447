//! The first instructions of a guest, and its last ones after a panic.

use core::arch::global_asm;
use core::panic::PanicInfo;

use crate::{EXIT_PANIC, debug_line, exit, syscalls, target};

// The machine starts with zero in every register and in all memory that the program file does not
// fill, so there is no memory to clear. Only the two registers that compiled code relies on are to
// be set; the linker must not shorten the first by means of itself.
global_asm!(
    ".section .text._start, \"ax\"",
    ".globl _start",
    "_start:",
    ".option push",
    ".option norelax",
    "la gp, __global_pointer$",
    ".option pop",
    "la sp, __stack_top",
    "tail {start}",
    start = sym start,
);

unsafe extern "Rust" {
    // What `entry!` makes.
    safe fn __minster_main();
}

unsafe extern "C" {
    // From link.ld; only their addresses mean something.
    static __heap_start: u8;
    static __heap_end: u8;
}

extern "C" fn start() -> ! {
    let heap_start = (&raw const __heap_start).expose_provenance();
    let heap_end = (&raw const __heap_end).addr();
    target::start_heap(heap_start, heap_end);
    __minster_main();
    exit(0)
}

#[panic_handler]
fn panic(info: &PanicInfo<'_>) -> ! {
    debug_line(format_args!("{info}"));
    syscalls::halt(EXIT_PANIC)
}
