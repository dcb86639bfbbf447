// Three ways to sort the same numbers.
#include "runtime.h"

#define COUNT 500

static void insertion(int32_t *values, int count) {
    for (int index = 1; index < count; index++) {
        int32_t value = values[index];
        int place = index;
        for (; place > 0 && values[place - 1] > value; place--) {
            values[place] = values[place - 1];
        }
        values[place] = value;
    }
}

static void quick(int32_t *values, int low, int high) {
    if (low >= high) {
        return;
    }
    int32_t pivot = values[(low + high) / 2];
    int left = low;
    int right = high;
    while (left <= right) {
        while (values[left] < pivot) {
            left++;
        }
        while (values[right] > pivot) {
            right--;
        }
        if (left <= right) {
            int32_t value = values[left];
            values[left++] = values[right];
            values[right--] = value;
        }
    }
    quick(values, low, right);
    quick(values, left, high);
}

static void sift(int32_t *values, int root, int count) {
    for (int child; (child = 2 * root + 1) < count; root = child) {
        if (child + 1 < count && values[child + 1] > values[child]) {
            child++;
        }
        if (values[root] >= values[child]) {
            return;
        }
        int32_t value = values[root];
        values[root] = values[child];
        values[child] = value;
    }
}

static void heap(int32_t *values, int count) {
    for (int root = count / 2; root-- > 0;) {
        sift(values, root, count);
    }
    for (int last = count; last-- > 1;) {
        int32_t value = values[0];
        values[0] = values[last];
        values[last] = value;
        sift(values, 0, last);
    }
}

static uint32_t digest(const int32_t *values) {
    uint32_t sum = 0;
    for (int index = 0; index < COUNT; index++) {
        sum = sum * 31 + (uint32_t)values[index];
    }
    return sum;
}

static int32_t values[COUNT];

static void fill(void) {
    uint32_t state = 2463534242u;
    for (int index = 0; index < COUNT; index++) {
        values[index] = (int32_t)next_random(&state);
    }
}

int main(void) {
    fill();
    print_value("unsorted", digest(values));
    insertion(values, COUNT);
    uint32_t expected = digest(values);
    print_value("insertion", expected);
    fill();
    quick(values, 0, COUNT - 1);
    print_value("quick", digest(values));
    int failures = digest(values) != expected;
    fill();
    heap(values, COUNT);
    print_value("heap", digest(values));
    failures += digest(values) != expected;
    print_value("least", (uint32_t)values[0]);
    print_value("greatest", (uint32_t)values[COUNT - 1]);
    return failures;
}
