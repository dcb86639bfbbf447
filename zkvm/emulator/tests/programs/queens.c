// Deep recursion: the ways to place queens, Ackermann's function, and calls through pointers.
#include "runtime.h"

static uint32_t placements(uint32_t all, uint32_t columns, uint32_t left, uint32_t right) {
    if (columns == all) {
        return 1;
    }
    uint32_t count = 0;
    for (uint32_t free = all & ~(columns | left | right); free; free &= free - 1) {
        uint32_t place = free & -free;
        count += placements(all, columns | place, (left | place) << 1, (right | place) >> 1);
    }
    return count;
}

static uint32_t ackermann(uint32_t m, uint32_t n) {
    if (m == 0) {
        return n + 1;
    }
    return ackermann(m - 1, n == 0 ? 1 : ackermann(m, n - 1));
}

static uint32_t add(uint32_t a, uint32_t b) { return a + b; }
static uint32_t mix(uint32_t a, uint32_t b) { return a * 33 ^ b; }
static uint32_t divide(uint32_t a, uint32_t b) { return a / (b | 1); }

static uint32_t (*const operations[])(uint32_t, uint32_t) = {add, mix, divide};

static uint32_t choose(uint32_t kind, uint32_t x) {
    switch (kind % 6) {
    case 0: return x + 17;
    case 1: return x * 5;
    case 2: return x ^ 0x5a5a5a5a;
    case 3: return x >> 3;
    case 4: return ~x;
    default: return x - 1;
    }
}

int main(void) {
    for (uint32_t size = 1; size <= 7; size++) {
        print_value("queens", placements((1u << size) - 1, 0, 0, 0));
    }
    print_value("ackermann", ackermann(2, 60));
    uint32_t value = 12345;
    for (uint32_t i = 0; i < 1000; i++) {
        value = operations[value % 3](value, choose(value >> 7, i));
        value += choose(i, value);
    }
    print_value("dispatch", value);
    return (int)(value & 127);
}
