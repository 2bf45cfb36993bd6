/* A profiler's library for NVTX 3's handshake: it takes the functions it wants and writes down who calls them. */
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct callbacks { size_t size; int (*get_functions)(int module, void ***table, unsigned *size); };
struct version_info { size_t size; uint32_t version, reserved; void (*set_version)(uint32_t); };

static char calls[1000];

/* WRITES: into the file that NVTX_TEST_FILE names, for a test that watches another process. */
static void note(const char *what, const char *name)
{
#ifdef WRITES
    FILE *file = fopen(getenv("NVTX_TEST_FILE"), "a");
    fprintf(file, "%s%s\n", what, name);
    fclose(file);
#else
    strcat(strcat(strcat(calls, what), name), "\n");
#endif
}

static int push(const char *name) { note("push ", name); return 0; }
static int pop(void) { note("pop", ""); return 0; }
static void mark(const char *name) { note("mark ", name); }

const char *injection_calls(void) { return calls; }

int InitializeInjectionNvtx2(const void *(*get_table)(uint32_t))
{
    const struct callbacks *callbacks = get_table(1);
    const struct version_info *info = get_table(3);
    void **core, **core2;
    unsigned size, size2;
    if (get_table(99) || !callbacks || callbacks->size < sizeof *callbacks || !info || info->size < sizeof *info) return 0;
    sprintf(calls, "version %u\n", info->version);
    info->set_version(3);
    if (callbacks->get_functions(99, &core, &size) || !callbacks->get_functions(1, &core, &size) || !callbacks->get_functions(5, &core2, &size2)) return 0;
    if (size != 16 || size2 != 16 || core[0] || !core[15] || !core2[15] || core[9] == core2[9]) return 0;
    *(int (**)(const char *))core[9] = push;
    *(int (**)(void))core[11] = pop;
    *(void (**)(const char *))core[2] = mark;
#ifdef REFUSES
    return 0;
#else
    return 1;
#endif
}
