// Arithmetic that the compiler leaves to its library: 64-bit integers and floating point.
#include "runtime.h"

static void print_wide(const char *label, uint64_t value) {
    print_value(label, (uint32_t)(value >> 32));
    print_value(label, (uint32_t)value);
}

static uint64_t wide_random(uint32_t *state) {
    uint64_t high = next_random(state);
    uint64_t low = next_random(state);
    // Many magnitudes, so that divisions take all their ways.
    return (high << 32 | low) >> (next_random(state) & 63);
}

static uint64_t bits_of(double value) {
    union {
        double value;
        uint64_t bits;
    } view = {value};
    return view.bits;
}

int main(void) {
    uint32_t state = 99;
    uint64_t sum = 0;
    int failures = 0;
    for (int i = 0; i < 300; i++) {
        uint64_t a = wide_random(&state);
        uint64_t b = wide_random(&state) | 1;
        int64_t c = (int64_t)wide_random(&state) * (i & 1 ? -1 : 1);
        int64_t d = (int64_t)wide_random(&state) | 1;
        failures += a / b * b + a % b != a;
        failures += c / d * d + c % d != c;
        sum = sum * 6364136223846793005u + (a / b) + (uint64_t)(c % d) + (a * b);
        sum ^= (uint64_t)(c >> (i & 63)) + (a << (i & 63));
        sum += (uint64_t)__builtin_popcountll(a) + (uint64_t)__builtin_clzll(b);
    }
    print_wide("integers", sum);
    double x = 1.0;
    float y = 0.0f;
    for (int i = 1; i < 60; i++) {
        x = (x + 2.0 / x) / 2.0 + (double)i * 1e-9;
        y += 1.0f / (float)(i * i);
        failures += (int)(x * 1000.0) < 0;
    }
    print_wide("root", bits_of(x));
    print_wide("sum", bits_of((double)y));
    print_wide("rounded", (uint64_t)(x * 1e15));
    return failures;
}
