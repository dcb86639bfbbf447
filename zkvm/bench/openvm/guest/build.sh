#!/bin/sh
# Builds the guest for OpenVM's machine; arguments go to `cargo build`.
#
# OpenVM's own tool asks rustup for a nightly of one day. This takes Debian's compiler if that is
# installed, otherwise rustup's nightly, with the target and the flags that the tool would give.
set -eu
cd "$(dirname "$0")"

# 0x00200800 is where OpenVM 2 wants the code. Its machine has one hart, so that an atomic operation
# is an ordinary one.
flags="-Cpasses=lower-atomic
-Clink-arg=-Ttext=0x00200800
-Clink-arg=--fatal-warnings
-Cpanic=abort"
CARGO_ENCODED_RUSTFLAGS=$(printf '%s' "$flags" | tr '\n' '\037')
export CARGO_ENCODED_RUSTFLAGS

if [ -d "$(/usr/bin/rustc --print sysroot 2>/dev/null)/lib/rustlib/src/rust/library/core" ]; then
    # A released compiler refuses what is not stable yet, unless it is told that this is known.
    export RUSTC_BOOTSTRAP=1 RUSTC=/usr/bin/rustc
    set -- /usr/bin/cargo build "$@"
else
    set -- cargo +nightly build "$@"
fi
exec "$@" --profile guest --locked --target riscv32im-risc0-zkvm-elf \
    -Z build-std=core,alloc -Z build-std-features=compiler-builtins-mem
