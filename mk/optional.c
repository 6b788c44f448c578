/* Libraries that an object uses where they are there, and does without where they are not.
 *
 * The functions that the object uses of them are listed by the build (mk/objects.mk). Each is a jump through a slot here,
 * and the slots are filled when the object is loaded: as early as the dynamic loader would have done it, and from the
 * very libraries that a program that is linked with them has. As the loader's own table they are read-only afterwards.
 * If one of the libraries or functions is not to be had, none is used, and whoever calls one all the same has not asked
 * relink_optional_is_there().
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

#define HIDDEN __attribute__((visibility("hidden"), used))
#define LENGTH(array) (sizeof(array) / sizeof((array)[0]))

typedef void function(void);

HIDDEN int relink_optional_is_there(void);
/* One of the functions that programs call: where it is found says whether this object is everybody's. */
extern function OPTIONAL_EXPORT;

static void absent(void)
{
    abort();
}

/* Among what the loader makes read-only when it has relocated it. */
#define LIBRARY(soname)
#define FUNCTION(name) HIDDEN __attribute__((section(".data.rel.ro.optional"))) function *relink_slot_##name = absent;
#include OPTIONAL_LIST
#undef FUNCTION

#if defined(__x86_64__)
#define JUMP(name) "endbr64\n jmp *relink_slot_" #name "(%rip)\n"
#elif defined(__aarch64__)
#define JUMP(name) "hint #34\n adrp x16, relink_slot_" #name "\n ldr x16, [x16, :lo12:relink_slot_" #name "]\n br x16\n"
#else
#error "no jump is written for this processor: mk/objects.mk has to link the libraries as any other"
#endif

#define FUNCTION(name)                                                                                             \
    __asm__(".text\n.globl " #name "\n.hidden " #name "\n.type " #name ", @function\n.balign 16\n" #name ":\n"       \
            JUMP(name) ".size " #name ", . - " #name "\n");
#include OPTIONAL_LIST
#undef FUNCTION
#undef LIBRARY

static const char *const libraries[] = {
#define LIBRARY(soname) soname,
#define FUNCTION(name)
#include OPTIONAL_LIST
#undef FUNCTION
#undef LIBRARY
};

static const struct {
    const char *name;
    function **slot;
} functions[] = {
#define LIBRARY(soname)
#define FUNCTION(name) { #name, &relink_slot_##name },
#include OPTIONAL_LIST
#undef FUNCTION
#undef LIBRARY
};

static int there;

int relink_optional_is_there(void)
{
    return there;
}

/* The pages of the slots may be written, or not. */
static int writable(int allowed)
{
    uintptr_t page = (uintptr_t)sysconf(_SC_PAGESIZE), first = UINTPTR_MAX, last = 0;
    size_t i;

    for (i = 0; i < LENGTH(functions); i++) {
        uintptr_t place = (uintptr_t)functions[i].slot;

        first = place < first ? place : first;
        last = place > last ? place : last;
    }
    first &= ~(page - 1);
    last = (last + sizeof(function *) + page - 1) & ~(page - 1);
    return mprotect((void *)first, last - first, allowed ? PROT_READ | PROT_WRITE : PROT_READ) == 0;
}

__attribute__((constructor)) static void load(void)
{
    /* The libraries are everybody's as well where this object is: programs may find them through it. */
    int scope = dlsym(RTLD_DEFAULT, OPTIONAL_EXPORT_NAME) == (void *)OPTIONAL_EXPORT ? RTLD_GLOBAL : RTLD_LOCAL;
    function *found[LENGTH(functions)];
    void *handles[LENGTH(libraries)];
    size_t i, j;

    for (i = 0; i < LENGTH(libraries); i++) {
        handles[i] = dlopen(libraries[i], RTLD_NOW | scope);
        if (!handles[i])
            return;
    }
    for (i = 0; i < LENGTH(functions); i++) {
        found[i] = NULL;
        for (j = 0; !found[i] && j < LENGTH(libraries); j++)
            *(void **)&found[i] = dlsym(handles[j], functions[i].name);
        if (!found[i])
            return;
    }
    if (!writable(1))
        return;
    for (i = 0; i < LENGTH(functions); i++)
        *functions[i].slot = found[i];
    writable(0);
    there = 1;
}
