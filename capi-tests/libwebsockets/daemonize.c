/* Going to the background: row 26 of the fixes too.
 * harness: ours-only the original's parent ends with 1 when all went well, and may write 0 to the lock file
 * harness: no-valgrind the daemon kills itself */
#include "peer.h"
#include <dirent.h>
#include <signal.h>
#include <sys/stat.h>
#include <sys/wait.h>

static char folder[] = "/tmp/relink-daemon-XXXXXX";
static char lock[100];

/* Runs the program of a daemon in a child of ours; the daemon tells what it is by a pipe. Returns the status of the
 * process that called. */
static int start(const char *path, char *told, size_t room)
{
    int ends[2], status;
    ssize_t length;
    pid_t caller;

    CHECK(pipe(ends) == 0);
    fflush(stdout);
    caller = fork();
    CHECK(caller >= 0);
    if (caller == 0) {
        char text[300], where[100] = "";
        int result;

        close(ends[0]);
        CHECK(chdir(folder) == 0);
        if (freopen("/dev/null", "w", stderr) == NULL)
            _exit(3);
        result = lws_daemonize(path);
        if (!getcwd(where, sizeof(where)))
            _exit(3);
        snprintf(text, sizeof(text), "%d leader %d cwd %s umask %o pid %d tty %d", result, getsid(0) == getpid(), where,
                 (unsigned)umask(022), (int)getpid(), isatty(0) || isatty(1) || isatty(2));
        if (write(ends[1], text, strlen(text)) < 0)
            _exit(3);
        close(ends[1]);
        for (;;)
            pause();
    }
    close(ends[1]);
    CHECK(waitpid(caller, &status, 0) == caller);
    length = read(ends[0], told, room - 1);
    told[length > 0 ? length : 0] = 0;
    close(ends[0]);
    CHECK(WIFEXITED(status));
    return WEXITSTATUS(status);
}

static int lock_pid(void)
{
    char text[20] = "";
    FILE *file = fopen(lock, "r");
    struct stat facts;

    if (!file)
        return -1;
    CHECK(fread(text, 1, sizeof(text) - 1, file) < sizeof(text));
    fclose(file);
    CHECK(stat(lock, &facts) == 0);
    CHECK_EQ(facts.st_mode & 0777, 0640);
    CHECK(strspn(text, "0123456789") == strlen(text));
    return atoi(text);
}

static void wait_for_end(int pid)
{
    int i;

    for (i = 0; i < 500 && kill(pid, 0) == 0; i++)
        usleep(10000);
    CHECK(i < 500);
}

int main(void)
{
    char told[300], expected[100];
    int pid;

    CHECK(mkdtemp(folder));
    snprintf(lock, sizeof(lock), "%s/lock", folder);
    umask(022);

    /* The caller ends with 0 when the lock file is written, and it names the daemon. */
    CHECK_EQ(start(lock, told, sizeof(told)), 0);
    pid = lock_pid();
    CHECK(pid > 1);
    snprintf(expected, sizeof(expected), "0 leader 1 cwd / umask 0 pid %d tty 0", pid);
    CHECK(!strcmp(told, expected));

    /* A second one sees the first. */
    CHECK_EQ(start(lock, told, sizeof(told)), 1);
    CHECK(told[0] == 0);
    CHECK_EQ(lock_pid(), pid);

    /* SIGTERM removes the lock file. */
    CHECK(kill(pid, SIGTERM) == 0);
    wait_for_end(pid);
    CHECK_EQ(lock_pid(), -1);

    /* A dead one's lock file, whose name is relative, is taken over, and removed too. */
    {
        FILE *file = fopen(lock, "w");

        CHECK(file && fprintf(file, "%d", pid) > 0 && fclose(file) == 0);
        CHECK(chmod(lock, 0640) == 0);
    }
    CHECK_EQ(start("lock", told, sizeof(told)), 0);
    pid = lock_pid();
    CHECK(pid > 1 && strstr(told, "cwd / "));
    CHECK(kill(pid, SIGTERM) == 0);
    wait_for_end(pid);
    CHECK_EQ(lock_pid(), -1);

    /* A lock file that cannot be made: the caller says so. */
    CHECK_EQ(start("/nonexistent/folder/lock", told, sizeof(told)), 1);
    CHECK(sscanf(told, "0 leader 1 cwd / umask 0 pid %d", &pid) == 1);
    CHECK(kill(pid, SIGKILL) == 0);

    CHECK(rmdir(folder) == 0);
    return 0;
}
