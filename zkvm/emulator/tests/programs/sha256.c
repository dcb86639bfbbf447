// SHA-256 (FIPS 180-4) of messages of many lengths; its constants are computed: the fractional
// parts of roots of primes, by integer arithmetic.
#include "runtime.h"

static uint32_t constants[64];
static uint32_t start[8];

static int is_prime(uint32_t n) {
    for (uint32_t divisor = 2; divisor * divisor <= n; divisor++) {
        if (n % divisor == 0) {
            return 0;
        }
    }
    return n >= 2;
}

// Whether root^2 or root^3 <= n * 2^64 or n * 2^96, where root has 32 fractional bits.
static int square_fits(uint64_t root, uint32_t n) {
    uint64_t high = root >> 32;
    uint64_t low = (uint32_t)root;
    uint64_t middle = 2 * high * low + (low * low >> 32);
    return high * high + (middle >> 32) < n;
}

static int cube_fits(uint64_t root, uint32_t n) {
    // Words of root * root, then of that times root, least significant first.
    uint32_t word[2] = {(uint32_t)root, (uint32_t)(root >> 32)};
    uint32_t square[4] = {0};
    uint32_t cube[6] = {0};
    for (int i = 0; i < 2; i++) {
        uint64_t carry = 0;
        for (int j = 0; j < 2; j++) {
            carry += (uint64_t)word[i] * word[j] + square[i + j];
            square[i + j] = (uint32_t)carry;
            carry >>= 32;
        }
        square[i + 2] += (uint32_t)carry;
    }
    for (int i = 0; i < 4; i++) {
        uint64_t carry = 0;
        for (int j = 0; j < 2; j++) {
            carry += (uint64_t)square[i] * word[j] + cube[i + j];
            cube[i + j] = (uint32_t)carry;
            carry >>= 32;
        }
        cube[i + 2] += (uint32_t)carry;
    }
    return cube[4] == 0 && cube[5] == 0 && cube[3] < n;
}

static uint32_t fraction_of_root(uint32_t n, int (*fits)(uint64_t, uint32_t)) {
    uint64_t root = 0;
    for (int bit = 39; bit >= 0; bit--) {
        if (fits(root | 1ull << bit, n)) {
            root |= 1ull << bit;
        }
    }
    return (uint32_t)root;
}

static uint32_t rotate(uint32_t x, int by) {
    return x >> by | x << (32 - by);
}

static void compress(uint32_t state[8], const uint8_t block[64]) {
    uint32_t w[64];
    for (int t = 0; t < 16; t++) {
        const uint8_t *b = block + 4 * t;
        w[t] = (uint32_t)b[0] << 24 | b[1] << 16 | b[2] << 8 | b[3];
    }
    for (int t = 16; t < 64; t++) {
        uint32_t s0 = rotate(w[t - 15], 7) ^ rotate(w[t - 15], 18) ^ w[t - 15] >> 3;
        uint32_t s1 = rotate(w[t - 2], 17) ^ rotate(w[t - 2], 19) ^ w[t - 2] >> 10;
        w[t] = w[t - 16] + s0 + w[t - 7] + s1;
    }
    uint32_t v[8];
    for (int i = 0; i < 8; i++) {
        v[i] = state[i];
    }
    for (int t = 0; t < 64; t++) {
        uint32_t s1 = rotate(v[4], 6) ^ rotate(v[4], 11) ^ rotate(v[4], 25);
        uint32_t choice = (v[4] & v[5]) ^ (~v[4] & v[6]);
        uint32_t first = v[7] + s1 + choice + constants[t] + w[t];
        uint32_t s0 = rotate(v[0], 2) ^ rotate(v[0], 13) ^ rotate(v[0], 22);
        uint32_t majority = (v[0] & v[1]) ^ (v[0] & v[2]) ^ (v[1] & v[2]);
        for (int i = 7; i > 0; i--) {
            v[i] = v[i - 1];
        }
        v[4] += first;
        v[0] = first + s0 + majority;
    }
    for (int i = 0; i < 8; i++) {
        state[i] += v[i];
    }
}

static void sha256(const uint8_t *message, uint32_t size, uint32_t state[8]) {
    for (int i = 0; i < 8; i++) {
        state[i] = start[i];
    }
    uint32_t blocks = (size + 9 + 63) / 64;
    for (uint32_t at = 0; at < blocks; at++) {
        uint8_t block[64] = {0};
        for (uint32_t i = 0; i < 64; i++) {
            uint32_t place = 64 * at + i;
            block[i] = place < size ? message[place] : place == size ? 0x80 : 0;
        }
        if (at == blocks - 1) {
            for (int i = 0; i < 4; i++) {
                block[60 + i] = (uint8_t)(size * 8 >> (24 - 8 * i));
            }
        }
        compress(state, block);
    }
}

int main(void) {
    int count = 0;
    for (uint32_t n = 2; count < 64; n++) {
        if (is_prime(n)) {
            if (count < 8) {
                start[count] = fraction_of_root(n, square_fits);
            }
            constants[count++] = fraction_of_root(n, cube_fits);
        }
    }
    print_value("first constant", constants[0]);
    uint32_t state[8];
    sha256((const uint8_t *)"abc", 3, state);
    for (int i = 0; i < 8; i++) {
        print_value("abc", state[i]);
    }
    int known = state[0] == 0xba7816bfu && state[7] == 0xf20015adu;
    static uint8_t message[200];
    for (uint32_t size = 0; size <= sizeof message; size += 9) {
        sha256(message, size, state);
        print_value("message", state[0] ^ state[7]);
        for (uint32_t i = 0; i < sizeof message; i++) {
            message[i] += (uint8_t)(state[i % 8] >> (i % 25));
        }
    }
    return known ? 0 : 1;
}
