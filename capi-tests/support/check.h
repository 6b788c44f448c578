/* Checks for C test programs: CHECK stops the program with a message when a condition fails. */
#ifndef RELINK_CHECK_H
#define RELINK_CHECK_H

#include <stdio.h>
#include <stdlib.h>

/* Ends the program with status 1 unless the condition holds. */
#define CHECK(condition)                                                                        \
    do {                                                                                        \
        if (!(condition)) {                                                                     \
            fflush(stdout);                                                                     \
            fprintf(stderr, "%s:%d: CHECK(%s) failed\n", __FILE__, __LINE__, #condition);       \
            exit(1);                                                                            \
        }                                                                                       \
    } while (0)

/* The same for two integers, which are printed. */
#define CHECK_EQ(left, right)                                                                   \
    do {                                                                                        \
        long long check_left = (long long)(left), check_right = (long long)(right);             \
        if (check_left != check_right) {                                                        \
            fflush(stdout);                                                                     \
            fprintf(stderr, "%s:%d: %s is %lld, %s is %lld\n", __FILE__, __LINE__, #left,       \
                    check_left, #right, check_right);                                           \
            exit(1);                                                                            \
        }                                                                                       \
    } while (0)

/* Ends the program as skipped, with the reason. */
#define SKIP(reason)                                                                            \
    do {                                                                                        \
        printf("%s\n", reason);                                                                 \
        exit(77);                                                                               \
    } while (0)

#endif
