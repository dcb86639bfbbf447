// Products and powers of matrices, over the integers and modulo a prime, and a determinant.
#include "runtime.h"

#define SIZE 12
#define PRIME 1000003u

typedef uint32_t matrix[SIZE][SIZE];

static void multiply(matrix out, matrix a, matrix b, uint32_t modulus) {
    matrix product;
    for (int row = 0; row < SIZE; row++) {
        for (int column = 0; column < SIZE; column++) {
            uint32_t sum = 0;
            for (int i = 0; i < SIZE; i++) {
                if (modulus) {
                    uint64_t term = (uint64_t)a[row][i] * b[i][column];
                    sum = (uint32_t)((sum + term) % modulus);
                } else {
                    sum += a[row][i] * b[i][column];
                }
            }
            product[row][column] = sum;
        }
    }
    for (int row = 0; row < SIZE; row++) {
        for (int column = 0; column < SIZE; column++) {
            out[row][column] = product[row][column];
        }
    }
}

static uint32_t power(uint32_t base, uint32_t exponent) {
    uint32_t result = 1;
    for (; exponent; exponent >>= 1) {
        if (exponent & 1) {
            result = (uint32_t)((uint64_t)result * base % PRIME);
        }
        base = (uint32_t)((uint64_t)base * base % PRIME);
    }
    return result;
}

static uint32_t determinant(matrix a) {
    uint32_t result = 1;
    for (int pivot = 0; pivot < SIZE; pivot++) {
        int row = pivot;
        while (row < SIZE && a[row][pivot] == 0) {
            row++;
        }
        if (row == SIZE) {
            return 0;
        }
        if (row != pivot) {
            result = PRIME - result;
            for (int i = 0; i < SIZE; i++) {
                uint32_t value = a[row][i];
                a[row][i] = a[pivot][i];
                a[pivot][i] = value;
            }
        }
        result = (uint32_t)((uint64_t)result * a[pivot][pivot] % PRIME);
        uint32_t inverse = power(a[pivot][pivot], PRIME - 2);
        for (int below = pivot + 1; below < SIZE; below++) {
            uint32_t factor = (uint32_t)((uint64_t)a[below][pivot] * inverse % PRIME);
            for (int i = pivot; i < SIZE; i++) {
                uint64_t take = (uint64_t)factor * a[pivot][i] % PRIME;
                a[below][i] = (uint32_t)((a[below][i] + PRIME - take) % PRIME);
            }
        }
    }
    return result;
}

static uint32_t digest(matrix a) {
    uint32_t sum = 0;
    for (int row = 0; row < SIZE; row++) {
        for (int column = 0; column < SIZE; column++) {
            sum = (sum << 5 | sum >> 27) + a[row][column];
        }
    }
    return sum;
}

int main(void) {
    static matrix a, b, both;
    uint32_t state = 7;
    for (int row = 0; row < SIZE; row++) {
        for (int column = 0; column < SIZE; column++) {
            a[row][column] = next_random(&state) % PRIME;
            b[row][column] = next_random(&state) % PRIME;
        }
    }
    multiply(both, a, b, 0);
    print_value("wrapping product", digest(both));
    multiply(both, a, b, PRIME);
    print_value("product", digest(both));
    static matrix squared;
    multiply(squared, both, both, PRIME);
    for (int i = 0; i < 5; i++) {
        multiply(squared, squared, squared, PRIME);
    }
    print_value("64th power", digest(squared));
    uint32_t of_a = determinant(a);
    uint32_t of_b = determinant(b);
    uint32_t of_both = determinant(both);
    print_value("determinant", of_both);
    return (uint64_t)of_a * of_b % PRIME == of_both ? 7 : 1;
}
