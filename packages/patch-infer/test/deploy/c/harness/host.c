#include "harness.h"

#include <stdio.h>
#include <stdlib.h>

static void transfer(const char *name, const char *mode, void *bytes, int32_t count)
{
  FILE *file = fopen(name, mode);
  size_t done = 0;
  if (file != NULL) {
    done = mode[0] == 'r' ? fread(bytes, 1, (size_t)count, file) : fwrite(bytes, 1, (size_t)count, file);
    fclose(file);
  }
  if (done != (size_t)count) {
    fprintf(stderr, "%s: %d bytes wanted\n", name, (int)count);
    exit(2);
  }
}

void harness_read(const char *name, void *bytes, int32_t count)
{
  transfer(name, "rb", bytes, count);
}

void harness_write(const char *name, const void *bytes, int32_t count)
{
  transfer(name, "wb", (void *)(uintptr_t)bytes, count);
}

void harness_begin(void)
{
}

void harness_end(uint32_t *stack_bytes, uint32_t *instructions)
{
  *stack_bytes = 0;
  *instructions = 0;
}
