
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
