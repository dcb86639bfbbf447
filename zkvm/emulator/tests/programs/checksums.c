// CRC-32, bit by bit and by table, Adler-32 and FNV-1a.
#include "runtime.h"

#define SIZE 3000

static uint8_t bytes[SIZE];
static uint32_t table[256];

static uint32_t step(uint32_t crc) {
    for (int bit = 0; bit < 8; bit++) {
        crc = crc & 1 ? crc >> 1 ^ 0xedb88320u : crc >> 1;
    }
    return crc;
}

int main(void) {
    uint32_t state = 1;
    for (int index = 0; index < SIZE; index++) {
        bytes[index] = (uint8_t)(next_random(&state) >> 11);
    }
    for (uint32_t index = 0; index < 256; index++) {
        table[index] = step(index);
    }
    uint32_t slow = ~0u;
    uint32_t fast = ~0u;
    uint32_t low = 1;
    uint32_t high = 0;
    uint32_t fnv = 2166136261u;
    for (int index = 0; index < SIZE; index++) {
        slow = step(slow ^ bytes[index]);
        fast = table[(fast ^ bytes[index]) & 255] ^ fast >> 8;
        low = (low + bytes[index]) % 65521;
        high = (high + low) % 65521;
        fnv = (fnv ^ bytes[index]) * 16777619u;
    }
    print_value("crc bit by bit", ~slow);
    print_value("crc by table", ~fast);
    print_value("adler", high << 16 | low);
    print_value("fnv", fnv);
    return slow == fast ? 42 : 1;
}
