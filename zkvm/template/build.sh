#!/bin/sh
# Builds this guest for Minster's machine; arguments go to `cargo build`.
#
# With Debian's compiler if that is installed, otherwise with rustup's nightly.
set -eu
cd "$(dirname "$0")"

# The linker script comes with minster-guest. The machine has one hart, so that an atomic operation
# is an ordinary one. Folders get other names, or the program would differ between machines.
flags="-Clink-arg=-Tlink.ld
-Cpasses=lower-atomic
--remap-path-prefix=${CARGO_HOME:-$HOME/.cargo}=/cargo
--remap-path-prefix=$(dirname "$PWD")=/source"
CARGO_ENCODED_RUSTFLAGS=$(printf '%s' "$flags" | tr '\n' '\037')
export CARGO_ENCODED_RUSTFLAGS

if [ -d "$(/usr/bin/rustc --print sysroot 2>/dev/null)/lib/rustlib/src/rust/library/core" ]; then
    # A released compiler refuses what is not stable yet, unless it is told that this is known.
    export RUSTC_BOOTSTRAP=1 RUSTC=/usr/bin/rustc
    set -- /usr/bin/cargo build "$@"
else
    set -- cargo +nightly build "$@"
fi
exec "$@" --release --target "$PWD/riscv32im-minster.json" -Z json-target-spec \
    -Z build-std=core,alloc -Z build-std-features=compiler-builtins-mem
