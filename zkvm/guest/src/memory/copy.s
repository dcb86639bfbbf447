# memmove(a0 to, a1 from, a2 length) and memcpy: a0 stays as it is.
#
# memcpy copies from the last byte to the first, by every path. So it is right for operands that
# overlap, too, unless `to` lies before `from`.

    .section .text.memcpy, "ax", @progbits
    # The distances within the runs count, so nothing may be shortened by the linker.
    .option push
    .option norelax

    .globl memmove
    .type memmove, @function
memmove:
    sub t0, a1, a0
    bltu t0, a2, .Lmove_upwards
    .size memmove, . - memmove

    .globl memcpy
    .type memcpy, @function
memcpy:
    or t3, a0, a1
    andi t3, t3, 3
    andi t1, a2, ~0xfc
    or t1, t1, t3
    bnez t1, .Lcopy_ragged

# Words at words, at most 63.
.Lcopy_words:
    slli t1, a2, 1
    lui t2, %hi(.Lcopy_words_end)
    sub t2, t2, t1
    jr %lo(.Lcopy_words_end)(t2)
    .set offset, 252
    .rept 63
    .set offset, offset - 4
    lw t0, offset(a1)
    sw t0, offset(a0)
    .endr
.Lcopy_words_end:
    ret

.Lcopy_ragged:
    andi t0, a0, 3
    bnez t0, .Lcopy_to_misaligned
    bnez t3, .Lcopy_from_misaligned

    # Words at words: up to three bytes behind them, which are in one word.
    andi t0, a2, 3
    beqz t0, .Lcopy_blocks
    sub a2, a2, t0
    add t1, a1, a2
    add t2, a0, a2
    lw t3, 0(t1)
    andi t1, t0, 2
    beqz t1, .Lcopy_last
    sh t3, 0(t2)
    andi t1, t0, 1
    beqz t1, .Lcopy_to_words
    srli t3, t3, 16
    addi t2, t2, 2
.Lcopy_last:
    sb t3, 0(t2)
.Lcopy_to_words:
    li t0, 252
    bgeu t0, a2, .Lcopy_words

# More words than the run has: blocks of 32 words, and then the run.
.Lcopy_blocks:
    add t0, a0, a2
    add t1, a1, a2
    andi a2, a2, 127
    add t2, a0, a2
.Lcopy_block:
    addi t0, t0, -128
    addi t1, t1, -128
    .set offset, 128
    .rept 32
    .set offset, offset - 4
    lw t3, offset(t1)
    sw t3, offset(t0)
    .endr
    bne t0, t2, .Lcopy_block
    j .Lcopy_words

# To a word, from within a word: each word is put together from two, of which the higher one is
# still there from the step before. The registers of the two take turns.
    .macro copy_merged high, low, offset, to, from
    lw \low, \offset(\from)
    sll \high, \high, t1
    srl t3, \low, t0
    or t3, t3, \high
    sw t3, \offset(\to)
    .endm

.Lcopy_from_misaligned:
    li t0, 28
    bltu a2, t0, .Lcopy_bytes
    andi t0, a2, 3
    beqz t0, .Lcopy_merged
    sub a2, a2, t0
    add t1, a1, a2
    add t2, a0, a2
    addi t0, t0, -2
    bltz t0, 1f
    beqz t0, 2f
    lbu t3, 2(t1)
    sb t3, 2(t2)
2:
    lbu t3, 1(t1)
    sb t3, 1(t2)
1:
    lbu t3, 0(t1)
    sb t3, 0(t2)
.Lcopy_merged:
    # A shift counts modulo 32, so these are 8 bits for each byte of misalignment, and the others.
    slli t0, a1, 3
    neg t1, t0
    add t2, a1, a2
    andi t2, t2, -4
    lw a4, 0(t2)
    andi a1, a1, -4
    li t3, 128
    bltu t3, a2, .Lcopy_merged_blocks
.Lcopy_merged_words:
    # An odd number of words starts with the other register.
    mv a5, a4
    slli t3, a2, 2
    add t3, t3, a2
    lui t4, %hi(.Lcopy_merged_end)
    sub t4, t4, t3
    jr %lo(.Lcopy_merged_end)(t4)
    .set offset, 128
    .rept 16
    .set offset, offset - 4
    copy_merged a4, a5, offset, a0, a1
    .set offset, offset - 4
    copy_merged a5, a4, offset, a0, a1
    .endr
.Lcopy_merged_end:
    ret

.Lcopy_merged_blocks:
    add t4, a0, a2
    andi a2, a2, 63
    add t5, a0, a2
.Lcopy_merged_block:
    addi t2, t2, -64
    addi t4, t4, -64
    .set offset, 64
    .rept 8
    .set offset, offset - 4
    copy_merged a4, a5, offset, t4, t2
    .set offset, offset - 4
    copy_merged a5, a4, offset, t4, t2
    .endr
    bne t4, t5, .Lcopy_merged_block
    j .Lcopy_merged_words

# To within a word: if this is long, all from the first whole word on is copied as if asked for
# alone, and then the bytes before it.
.Lcopy_to_misaligned:
    li t0, 64
    bgeu t0, a2, .Lcopy_bytes
    mv t6, ra
    mv a6, a0
    mv a7, a1
    neg a3, a0
    andi a3, a3, 3
    add a0, a0, a3
    add a1, a1, a3
    sub a2, a2, a3
    jal ra, memcpy
    mv ra, t6
    mv a0, a6
    mv a1, a7
    mv a2, a3

# At most 64 bytes.
.Lcopy_bytes:
    slli t1, a2, 3
    lui t2, %hi(.Lcopy_bytes_end)
    sub t2, t2, t1
    jr %lo(.Lcopy_bytes_end)(t2)
    .set offset, 64
    .rept 64
    .set offset, offset - 1
    lbu t0, offset(a1)
    sb t0, offset(a0)
    .endr
.Lcopy_bytes_end:
    ret
    .size memcpy, . - memcpy

# What lies ahead of the bytes to be written is still to be read: from the first byte to the last.
    .type move_upwards, @function
move_upwards:
.Lmove_upwards:
    mv t0, a0
    or t1, a0, a1
    andi t1, t1, 3
    bnez t1, .Lmove_bytes
    andi t2, a2, -32
    beqz t2, .Lmove_words
    add t2, t0, t2
.Lmove_block:
    .set offset, 0
    .rept 8
    lw t1, offset(a1)
    sw t1, offset(t0)
    .set offset, offset + 4
    .endr
    addi a1, a1, 32
    addi t0, t0, 32
    bne t0, t2, .Lmove_block
    andi a2, a2, 31
.Lmove_words:
    andi t2, a2, 28
    beqz t2, .Lmove_last_bytes
    add t2, t0, t2
.Lmove_word:
    lw t1, 0(a1)
    sw t1, 0(t0)
    addi a1, a1, 4
    addi t0, t0, 4
    bne t0, t2, .Lmove_word
    andi a2, a2, 3
    j .Lmove_last_bytes
.Lmove_bytes:
    andi t2, a2, -8
    beqz t2, .Lmove_last_bytes
    add t2, t0, t2
.Lmove_eight:
    .set offset, 0
    .rept 8
    lbu t1, offset(a1)
    sb t1, offset(t0)
    .set offset, offset + 1
    .endr
    addi a1, a1, 8
    addi t0, t0, 8
    bne t0, t2, .Lmove_eight
    andi a2, a2, 7
.Lmove_last_bytes:
    beqz a2, .Lmove_end
    add t2, t0, a2
.Lmove_byte:
    lbu t1, 0(a1)
    sb t1, 0(t0)
    addi a1, a1, 1
    addi t0, t0, 1
    bne t0, t2, .Lmove_byte
.Lmove_end:
    ret
    .size move_upwards, . - move_upwards
    .option pop
