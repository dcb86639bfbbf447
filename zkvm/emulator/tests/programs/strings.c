// Text: search, comparison, reversal, numbers from and to text, and unaligned bytes.
#include "runtime.h"

static size_t length(const char *text) {
    size_t size = 0;
    while (text[size]) {
        size++;
    }
    return size;
}

static int compare(const char *a, const char *b) {
    while (*a && *a == *b) {
        a++;
        b++;
    }
    return (unsigned char)*a - (unsigned char)*b;
}

static const char *search(const char *text, const char *pattern) {
    for (; *text; text++) {
        size_t at = 0;
        while (pattern[at] && text[at] == pattern[at]) {
            at++;
        }
        if (!pattern[at]) {
            return text;
        }
    }
    return 0;
}

static void reverse(char *text) {
    for (size_t low = 0, high = length(text); low + 1 < high; low++) {
        char byte = text[--high];
        text[high] = text[low];
        text[low] = byte;
    }
}

static char *decimal(int32_t number, char *out) {
    uint32_t rest = number < 0 ? -(uint32_t)number : (uint32_t)number;
    char *at = out;
    do {
        *at++ = (char)('0' + rest % 10);
        rest /= 10;
    } while (rest);
    if (number < 0) {
        *at++ = '-';
    }
    *at = 0;
    reverse(out);
    return out;
}

static int32_t parse(const char *text) {
    int negative = *text == '-';
    uint32_t number = 0;
    for (text += negative; *text; text++) {
        number = number * 10 + (uint32_t)(*text - '0');
    }
    return (int32_t)(negative ? -number : number);
}

int main(void) {
    static const int32_t numbers[] = {0, 1, -1, 10, 2147483647, -2147483647 - 1, 65536, -99999};
    static const char text[] = "the cat sat on the mat with the other cat";
    int failures = 0;
    char buffer[16];
    for (size_t i = 0; i < sizeof numbers / sizeof *numbers; i++) {
        print(decimal(numbers[i], buffer));
        print("\n");
        failures += parse(buffer) != numbers[i];
    }
    int cats = 0;
    for (const char *at = text; (at = search(at, "cat")); at++) {
        print_value("cat", (uint32_t)(at - text));
        cats++;
    }
    print_value("greater", (uint32_t)compare("b\x80", "b\x7f"));
    print_value("less", (uint32_t)compare("ab", "abc"));
    print_value("equal", (uint32_t)compare(text, text));
    char copy[sizeof text + 3];
    for (int shift = 0; shift < 4; shift++) {
        for (size_t i = 0; i <= length(text); i++) {
            copy[i + shift] = text[i];
        }
        reverse(copy + shift);
        print(copy + shift);
        print("\n");
    }
    return failures == 0 ? cats : 100;
}
