/* The log: kinds, mask, emitter, the format of a line on standard error, and hexdumps.
 * harness: cflags -D_DEBUG */
#include "peer.h"
#include <libwebsockets.h>

static void emitter(int level, const char *line)
{
    printf("  %d \"", level);
    print_bytes(line, strlen(line));
    printf("\" of %zu\n", strlen(line));
}

/* What a line looks like on standard error, its time left out. */
static void on_stderr(int level, const char *text)
{
    char line[500] = "", *kind;
    int ends[2], saved = dup(2);
    ssize_t length;

    CHECK(saved >= 0 && pipe(ends) == 0);
    CHECK(dup2(ends[1], 2) == 2);
    _lws_log(level, "%s", text);
    CHECK(dup2(saved, 2) == 2);
    close(saved);
    close(ends[1]);
    length = read(ends[0], line, sizeof(line) - 1);
    close(ends[0]);
    printf("  %d: ", level);
    if (length <= 0) {
        printf("nothing\n");
        return;
    }
    kind = line;
    if (line[0] == '[') {
        long seconds;
        int fraction, used = 0;

        CHECK(sscanf(line, "[%ld:%4d]%n", &seconds, &fraction, &used) == 2 && used);
        CHECK(seconds >= time(NULL) - 5 && seconds <= time(NULL) && used == (int)strcspn(line, "]") + 1);
        CHECK(strcspn(line, "]") - strcspn(line, ":") == 5);
        kind = line + used;
    }
    printf("\"");
    print_bytes(kind, strlen(kind));
    printf("\"\n");
}

int main(void)
{
    char long_text[400], dump[40];
    int level, i;

    printf("standard error, at first\n");
    for (level = 1; level <= 1024; level *= 2)
        on_stderr(level, "hello\n");
    on_stderr(3, "two kinds\n");
    on_stderr(0, "none\n");
    lws_set_log_level(1023, NULL);
    for (level = 8; level <= 1024; level *= 2)
        on_stderr(level, "hello\n");

    printf("an emitter\n");
    lws_set_log_level(1 | 8, emitter);
    lwsl_err("error %d %s\n", 5, "x");
    lwsl_warn("not wanted\n");
    lwsl_info("info\n");
    memset(long_text, 'x', sizeof(long_text) - 1);
    long_text[sizeof(long_text) - 1] = 0;
    lwsl_err("%s\n", long_text);
    long_text[254] = '\n';
    long_text[255] = 0;
    lwsl_err("%s", long_text);
    printf("NULL keeps it\n");
    lws_set_log_level(16 | 32, NULL);
    lwsl_err("not wanted\n");
    for (i = 0; i < 40; i++)
        dump[i] = (char)(i * 7);
    lwsl_hexdump(dump, 0);
    lwsl_hexdump(dump, 5);
    lwsl_hexdump(dump, 16);
    lwsl_hexdump(dump, 40);
    lws_set_log_level(32, NULL);
    lwsl_hexdump(dump, 5);
    lws_set_log_level(0, NULL);
    lwsl_hexdump(dump, 5);
    return 0;
}
