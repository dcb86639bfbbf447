// What the test programs share: entry, exit and text, by ecalls that Linux emulators know too.
#ifndef RUNTIME_H
#define RUNTIME_H

#include <stddef.h>
#include <stdint.h>

// Returns the exit code, of which an emulator of Linux shows the low byte.
int main(void);

void print(const char *text);
// A label, the value in hexadecimal, and the end of the line.
void print_value(const char *label, uint32_t value);

// A pseudo-random sequence that depends on the seed only.
uint32_t next_random(uint32_t *state);

#endif
