/* What a test program needs of the machine that it runs on. */
#ifndef HARNESS_H
#define HARNESS_H

#include <stdint.h>

/* Files in the current folder. They give 0, or end the program. */
void harness_read(const char *name, void *bytes, int32_t count);
void harness_write(const char *name, const void *bytes, int32_t count);

/* Begin and end of what is measured: most bytes of stack, and instructions (0 where they are not counted). */
void harness_begin(void);
void harness_end(uint32_t *stack_bytes, uint32_t *instructions);

#endif
