/* Start-up of a Cortex-M4 or M7 of the board MPS2, files by semihosting, stack by painting, instructions by a timer of QEMU. */
#include "harness.h"

#include <stddef.h>
#include <string.h>

extern uint8_t link_stack_bottom[], link_stack_top[];
extern uint8_t link_data_start[], link_data_end[], link_data_load[], link_bss_start[], link_bss_end[];

int main(void);

static void reset(void);

__attribute__((section(".vectors"), used)) static const void *const vectors[16] = {
  link_stack_top, (const void *)reset, (const void *)reset, (const void *)reset,
};

static int32_t semihost(int32_t operation, const void *arguments)
{
  register int32_t r0 __asm__("r0") = operation;
  register const void *r1 __asm__("r1") = arguments;
  __asm__ volatile("bkpt 0xab" : "+r"(r0) : "r"(r1) : "memory");
  return r0;
}

enum { OPEN = 0x01, CLOSE = 0x02, WRITE = 0x05, READ = 0x06, EXIT_EXTENDED = 0x20 };

static void leave(int32_t status)
{
  const int32_t arguments[2] = { 0x20026, status };
  semihost(EXIT_EXTENDED, arguments);
  for (;;) {
  }
}

static void transfer(int32_t operation, const char *name, const void *bytes, int32_t count)
{
  const int32_t open[3] = { (int32_t)name, operation == READ ? 1 : 5, (int32_t)strlen(name) };
  const int32_t file = semihost(OPEN, open);
  const int32_t block[3] = { file, (int32_t)bytes, count };
  if (file < 0 || semihost(operation, block) != 0) leave(2);
  semihost(CLOSE, &file);
}

void harness_read(const char *name, void *bytes, int32_t count)
{
  transfer(READ, name, bytes, count);
}

void harness_write(const char *name, const void *bytes, int32_t count)
{
  transfer(WRITE, name, bytes, count);
}

/* CMSDK timer 0 counts down at 25 MHz; with -icount shift=0 an instruction takes 1 ns, so that a tick is 40 of them. */
#define TIMER_CONTROL (*(volatile uint32_t *)0x40000000u)
#define TIMER_VALUE (*(volatile uint32_t *)0x40000004u)
#define TIMER_RELOAD (*(volatile uint32_t *)0x40000008u)
#define PAINT 0x5ac3a53cu

static uint32_t painted_end;
static uint32_t started;

__attribute__((noinline)) void harness_begin(void)
{
  uint32_t top;
  __asm__ volatile("mov %0, sp" : "=r"(top));
  painted_end = top;
  for (uint32_t at = (uint32_t)link_stack_bottom; at < top - 64; at += 4) *(volatile uint32_t *)at = PAINT;
  TIMER_CONTROL = 0;
  TIMER_RELOAD = 0xffffffffu;
  TIMER_VALUE = 0xffffffffu;
  TIMER_CONTROL = 1;
  started = TIMER_VALUE;
}

__attribute__((noinline)) void harness_end(uint32_t *stack_bytes, uint32_t *instructions)
{
  const uint32_t ended = TIMER_VALUE;
  const uint32_t *word = (const uint32_t *)(const void *)link_stack_bottom;
  while (*word == PAINT) word++;
  *instructions = (started - ended) * 40u;
  *stack_bytes = painted_end - (uint32_t)word;
}

static void reset(void)
{
  *(volatile uint32_t *)0xe000ed88u |= 0xfu << 20; /* coprocessors 10 and 11: the FPU */
  __asm__ volatile("dsb\n\tisb" ::: "memory");
  memcpy(link_data_start, link_data_load, (size_t)(link_data_end - link_data_start));
  memset(link_bss_start, 0, (size_t)(link_bss_end - link_bss_start));
  leave(main());
}
