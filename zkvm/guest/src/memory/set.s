# memset(a0 to, a1 value, a2 length): a0 stays as it is.

    .section .text.memset, "ax", @progbits
    .option push
    .option norelax

    .globl memset
    .type memset, @function
memset:
    andi t0, a0, 3
    andi t1, a2, ~0xfc
    or t0, t0, t1
    bnez t0, .Lset_ragged
    bnez a1, .Lset_spread

# At most 63 words at words; every byte of a1 is the value.
.Lset_words:
    lui t0, %hi(.Lset_words_end)
    sub t0, t0, a2
    jr %lo(.Lset_words_end)(t0)
    .set offset, 252
    .rept 63
    .set offset, offset - 4
    sw a1, offset(a0)
    .endr
.Lset_words_end:
    ret

    .macro set_spread
    andi a1, a1, 0xff
    slli t0, a1, 8
    or a1, a1, t0
    slli t0, a1, 16
    or a1, a1, t0
    .endm

.Lset_spread:
    set_spread
    j .Lset_words

.Lset_ragged:
    li t0, 32
    bgeu t0, a2, .Lset_bytes
    or t0, a0, a2
    andi t0, t0, 3
    beqz t0, .Lset_blocks

    # The bytes before the first whole word and behind the last one are among three each. The words
    # are filled as if asked for alone.
    sb a1, 0(a0)
    sb a1, 1(a0)
    sb a1, 2(a0)
    add a2, a0, a2
    sb a1, -1(a2)
    sb a1, -2(a2)
    sb a1, -3(a2)
    mv t6, ra
    mv a6, a0
    addi a0, a0, 3
    andi a0, a0, -4
    andi a2, a2, -4
    sub a2, a2, a0
    jal ra, memset
    mv a0, a6
    jr t6

# More words than the run has: blocks of 32 words, and then the run.
.Lset_blocks:
    set_spread
    add t1, a0, a2
    andi a2, a2, 127
    add t2, a0, a2
.Lset_block:
    addi t1, t1, -128
    .set offset, 128
    .rept 32
    .set offset, offset - 4
    sw a1, offset(t1)
    .endr
    bne t1, t2, .Lset_block
    j .Lset_words

# At most 32 bytes.
.Lset_bytes:
    slli t1, a2, 2
    lui t0, %hi(.Lset_bytes_end)
    sub t0, t0, t1
    jr %lo(.Lset_bytes_end)(t0)
    .set offset, 32
    .rept 32
    .set offset, offset - 1
    sb a1, offset(a0)
    .endr
.Lset_bytes_end:
    ret
    .size memset, . - memset
    .option pop
