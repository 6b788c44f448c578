/* Loads libraries in every order, all into one process, and takes them out again.
 *
 *   together COUNT FILE... SYMBOL...
 *
 * The first COUNT arguments are files, the others one symbol of each. A process of its own tries each order. Says how
 * many orders there were.
 */
#include <dlfcn.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

enum { MOST = 12 };

static char **files, **symbols;
static int count, orders;

static int load(const int *order)
{
    void *loaded[MOST];
    int i;

    for (i = 0; i < count; i++) {
        loaded[i] = dlopen(files[order[i]], RTLD_NOW | RTLD_GLOBAL);
        if (!loaded[i]) {
            fprintf(stderr, "%s\n", dlerror());
            return 1;
        }
    }
    for (i = 0; i < count; i++) {
        Dl_info where;
        void *symbol = dlsym(loaded[i], symbols[order[i]]);
        void *own = dlsym(RTLD_DEFAULT, symbols[order[i]]);
        /* Nobody else's symbol of that name may be in front. */
        if (!symbol || symbol != own || !dladdr(symbol, &where)) {
            fprintf(stderr, "%s: %s is not its own\n", files[order[i]], symbols[order[i]]);
            return 1;
        }
    }
    for (i = 0; i < count; i++)
        if (dlclose(loaded[order[i]]) != 0)
            return 1;
    return 0;
}

static void try_orders(int *order, int fixed)
{
    int i, status, swapped;
    pid_t child;

    if (fixed == count) {
        orders++;
        child = fork();
        if (child == 0)
            _exit(load(order));
        if (child < 0 || waitpid(child, &status, 0) != child || status != 0) {
            fprintf(stderr, "order %d:", orders);
            for (i = 0; i < count; i++)
                fprintf(stderr, " %s", files[order[i]]);
            fprintf(stderr, ": status %x\n", (unsigned)status);
            exit(1);
        }
        return;
    }
    for (i = fixed; i < count; i++) {
        swapped = order[fixed], order[fixed] = order[i], order[i] = swapped;
        try_orders(order, fixed + 1);
        swapped = order[fixed], order[fixed] = order[i], order[i] = swapped;
    }
}

int main(int argc, char **argv)
{
    int order[MOST], i;

    count = argc > 1 ? atoi(argv[1]) : 0;
    if (count < 1 || count > MOST || argc != 2 + 2 * count)
        return 2;
    files = argv + 2;
    symbols = files + count;
    for (i = 0; i < count; i++)
        order[i] = i;
    try_orders(order, 0);
    printf("%d orders\n", orders);
    return 0;
}
