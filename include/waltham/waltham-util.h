/* Waltham: arrays and fixed-point numbers. Part of relink; MIT OR Apache-2.0.
 *
 * Generated from the library's sources; do not edit.
 */

#ifndef WALTHAM_UTIL_H
#define WALTHAM_UTIL_H

#include <math.h>
#include <stddef.h>
#include <inttypes.h>
#include <stdarg.h>

#if defined(__GNUC__) && __GNUC__ >= 4
#define WTH_EXPORT __attribute__((visibility("default")))
#define WTH_DEPRECATED __attribute__((deprecated))
#define WTH_PRINTF(x, y) __attribute__((format(printf, (x), (y))))
#else
#define WTH_EXPORT
#define WTH_DEPRECATED
#define WTH_PRINTF(x, y)
#endif

/**
 * A signed number with 24 bits before the point and 8 behind it.
 */
typedef int32_t wth_fixed_t;

#ifdef __cplusplus
extern "C" {
#endif

/**
 * The number as a double, exactly.
 */
static inline double wth_fixed_to_double(wth_fixed_t f)
{
    return (double)f / 256.0;
}

/**
 * The nearest number, ties to even. Only the last 32 bits of what does not fit are kept.
 */
static inline wth_fixed_t wth_fixed_from_double(double d)
{
    union {
        double number;
        int64_t bits;
    } biased;

    /* 1.5 * 2^44: the sum's mantissa ends at 2^-8, and its low bits are the result. */
    biased.number = d + (double)(INT64_C(3) << 43);
    return (wth_fixed_t)biased.bits;
}

/**
 * The integer part, towards zero.
 */
static inline int wth_fixed_to_int(wth_fixed_t f)
{
    return f / 256;
}

/**
 * An integer as such a number.
 */
static inline wth_fixed_t wth_fixed_from_int(int i)
{
    return i * 256;
}

#ifdef __cplusplus
}
#endif

/**
 * Walks over the elements of an array, with pos pointing to each.
 */
#define wth_array_for_each(pos, array)                                                             \
    for (pos = (array)->data;                                                                      \
         (const char *)pos < ((const char *)(array)->data + (array)->size);                        \
         (pos)++)


/**
 * Bytes that grow. The caller owns the struct.
 */
struct wth_array {
    /**
     * Bytes in use.
     */
    size_t size;
    /**
     * Bytes allocated.
     */
    size_t alloc;
    /**
     * From malloc.
     */
    void *data;
};

#ifdef __cplusplus
extern "C" {
#endif /* __cplusplus */

/**
 * Makes an array empty.
 */
void wth_array_init(struct wth_array *array);

/**
 * Frees an array's bytes. The struct keeps its values; initialise it before it is used again.
 */
void wth_array_release(struct wth_array *array);

/**
 * Makes size more bytes at the end of an array. They are uninitialised, and may move with the next call.
 *
 * Returns where they are; NULL, the array unchanged, when memory is exhausted.
 */
void *wth_array_add(struct wth_array *array,
                    size_t size);

/**
 * Makes an array hold what source holds.
 *
 * Returns 0, or -1 when memory is exhausted.
 */
int wth_array_copy(struct wth_array *array, struct wth_array *source);

#ifdef __cplusplus
} /* extern "C" */
#endif /* __cplusplus */

#endif  /* WALTHAM_UTIL_H */
