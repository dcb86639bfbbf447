# memcmp(a0, a1, a2 length) and bcmp, which is asked only for whether there is a difference.

    .section .text.memcmp, "ax", @progbits
    .option push
    .option norelax

    .globl memcmp
    .globl bcmp
    .type memcmp, @function
memcmp:
bcmp:
    or t2, a0, a1
    andi t2, t2, 3
    andi t1, a2, ~0xfc
    or t1, t1, t2
    bnez t1, .Lcompare_ragged
    beqz a2, .Lcompare_equal
    # Most of what differs does so here.
    lw t0, 0(a0)
    lw t1, 0(a1)
    bne t0, t1, .Lcompare_differ

    # The others of at most 63 words, by their distances to the end.
    add a0, a0, a2
    add a1, a1, a2
    slli t0, a2, 1
    add t0, t0, a2
    lui t1, %hi(.Lcompare_equal + 12)
    sub t1, t1, t0
    jr %lo(.Lcompare_equal + 12)(t1)
    .set offset, -248
    .rept 62
    lw t0, offset(a0)
    lw t1, offset(a1)
    bne t0, t1, .Lcompare_differ
    .set offset, offset + 4
    .endr
.Lcompare_equal:
    li a0, 0
    ret

# Of two words the first byte that differs decides, and the lowest byte is the first.
.Lcompare_differ:
    xor t2, t0, t1
    andi t3, t2, 0xff
    bnez t3, 2f
1:
    srli t0, t0, 8
    srli t1, t1, 8
    srli t2, t2, 8
    andi t3, t2, 0xff
    beqz t3, 1b
2:
    andi t0, t0, 0xff
    andi t1, t1, 0xff
    sub a0, t0, t1
    ret

.Lcompare_ragged:
    bnez t2, .Lcompare_misaligned
    andi t2, a2, -4
    beqz t2, .Lcompare_last
    add t2, a0, t2
.Lcompare_word:
    lw t0, 0(a0)
    lw t1, 0(a1)
    bne t0, t1, .Lcompare_differ
    addi a0, a0, 4
    addi a1, a1, 4
    bne a0, t2, .Lcompare_word
.Lcompare_last:
    # Of the last word only the first bytes count: the others are shifted out.
    andi a2, a2, 3
    beqz a2, .Lcompare_equal
    lw t0, 0(a0)
    lw t1, 0(a1)
    slli t2, a2, 3
    neg t2, t2
    sll t0, t0, t2
    sll t1, t1, t2
    bne t0, t1, .Lcompare_differ
    li a0, 0
    ret

.Lcompare_misaligned:
    li t2, 32
    bgeu t2, a2, .Lcompare_bytes
.Lcompare_byte:
    lbu t0, 0(a0)
    lbu t1, 0(a1)
    bne t0, t1, .Lcompare_bytes_differ
    addi a0, a0, 1
    addi a1, a1, 1
    addi a2, a2, -1
    bltu t2, a2, .Lcompare_byte

# At most 32 bytes, by their distances to the end.
.Lcompare_bytes:
    add a0, a0, a2
    add a1, a1, a2
    slli t0, a2, 3
    slli t1, a2, 2
    add t0, t0, t1
    lui t1, %hi(.Lcompare_bytes_equal)
    sub t1, t1, t0
    jr %lo(.Lcompare_bytes_equal)(t1)
    .set offset, -32
    .rept 32
    lbu t0, offset(a0)
    lbu t1, offset(a1)
    bne t0, t1, .Lcompare_bytes_differ
    .set offset, offset + 1
    .endr
.Lcompare_bytes_equal:
    li a0, 0
    ret
.Lcompare_bytes_differ:
    sub a0, t0, t1
    ret
    .size memcmp, . - memcmp
    .option pop
