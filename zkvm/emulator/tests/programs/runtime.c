#include "runtime.h"

#define STACK_SIZE 65536

char stack[STACK_SIZE] __attribute__((aligned(16)));

__asm__(".section .text.start\n"
        ".globl _start\n"
        "_start:\n"
        ".option push\n"
        ".option norelax\n"
        "  la gp, __global_pointer$\n"
        ".option pop\n"
        "  la sp, stack + 65536\n"
        "  call main\n"
        "  li a7, 93\n"
        "  ecall\n"
        "  ebreak\n"
        ".text\n");

void *memcpy(void *to, const void *from, size_t size) {
    char *out = to;
    const char *in = from;
    while (size--) {
        *out++ = *in++;
    }
    return to;
}

void *memset(void *to, int value, size_t size) {
    char *out = to;
    while (size--) {
        *out++ = (char)value;
    }
    return to;
}

static void write_out(const char *text, size_t size) {
    register uint32_t a0 __asm__("a0") = 1;
    register const char *a1 __asm__("a1") = text;
    register size_t a2 __asm__("a2") = size;
    register uint32_t a7 __asm__("a7") = 64;
    __asm__ volatile("ecall" : "+r"(a0) : "r"(a1), "r"(a2), "r"(a7) : "memory");
}

void print(const char *text) {
    size_t size = 0;
    while (text[size]) {
        size++;
    }
    write_out(text, size);
}

void print_value(const char *label, uint32_t value) {
    char digits[10] = "=";
    for (int index = 0; index < 8; index++) {
        digits[1 + index] = "0123456789abcdef"[value >> (28 - 4 * index) & 15];
    }
    digits[9] = '\n';
    print(label);
    write_out(digits, sizeof digits);
}

uint32_t next_random(uint32_t *state) {
    *state ^= *state << 13;
    *state ^= *state >> 17;
    *state ^= *state << 5;
    return *state;
}
