#include "checked.h"

#include <errno.h>
#include <libdillimpl.h>
#include <stdint.h>
#include <stdlib.h>

#define SUM_SIZE 4

/* What is behind the handle. The library sees the two tables of functions. */
struct checked {
    struct hvfs hvfs;
    struct msock_vfs mvfs;
    int s; /* the socket below */
};

/* Any address stands for the type, as long as it is ours. */
static const char type_mark;
static const void *const checked_type = &type_mark;

/* Fletcher's checksum of the first size bytes of a list. */
static uint32_t sum(const struct iolist *item, size_t size)
{
    uint32_t low = 0, high = 0;
    for (; item && size; item = item->iol_next)
        for (size_t i = 0; i < item->iol_len && size; i++, size--) {
            low = (low + (item->iol_base ? ((const unsigned char *)item->iol_base)[i] : 0)) % 65535;
            high = (high + low) % 65535;
        }
    return high << 16 | low;
}

static size_t list_size(const struct iolist *item)
{
    size_t size = 0;
    for (; item; item = item->iol_next)
        size += item->iol_len;
    return size;
}

static struct checked *of_msock(struct msock_vfs *mvfs)
{
    return (struct checked *)((char *)mvfs - offsetof(struct checked, mvfs));
}

static int checked_msendl(struct msock_vfs *mvfs, struct iolist *first, struct iolist *last, int64_t deadline)
{
    uint32_t value = sum(first, list_size(first));
    unsigned char bytes[SUM_SIZE] = {value >> 24, value >> 16 & 255, value >> 8 & 255, value & 255};
    struct iolist head = {bytes, sizeof bytes, first, 0};
    return msendl(of_msock(mvfs)->s, &head, last ? last : &head, deadline);
}

static ssize_t checked_mrecvl(struct msock_vfs *mvfs, struct iolist *first, struct iolist *last, int64_t deadline)
{
    struct checked *self = of_msock(mvfs);
    if (!first) {
        /* Nobody will look at this message. */
        ssize_t size = mrecvl(self->s, NULL, NULL, deadline);
        return size < SUM_SIZE ? size : size - SUM_SIZE;
    }
    unsigned char bytes[SUM_SIZE];
    struct iolist head = {bytes, sizeof bytes, first, 0};
    ssize_t size = mrecvl(self->s, &head, last, deadline);
    if (size < 0)
        return -1;
    if (size >= SUM_SIZE) {
        uint32_t value = (uint32_t)bytes[0] << 24 | bytes[1] << 16 | bytes[2] << 8 | bytes[3];
        if (value == sum(first, (size_t)size - SUM_SIZE))
            return size - SUM_SIZE;
    }
    errno = EPROTO;
    return -1;
}

static void *checked_query(struct hvfs *hvfs, const void *type)
{
    struct checked *self = (struct checked *)hvfs;
    if (type == msock_type)
        return &self->mvfs;
    if (type == checked_type)
        return self;
    errno = ENOTSUP;
    return NULL;
}

static void checked_close(struct hvfs *hvfs)
{
    struct checked *self = (struct checked *)hvfs;
    if (self->s >= 0)
        hclose(self->s);
    free(self);
}

int checked_attach(int s)
{
    int error = 0;
    struct checked *self = NULL;
    int h = -1;

    if (!hquery(s, msock_type))
        error = errno;
    else if (!(self = malloc(sizeof *self)))
        error = ENOMEM;
    if (!error) {
        self->hvfs.query = checked_query;
        self->hvfs.close = checked_close;
        self->mvfs.msendl = checked_msendl;
        self->mvfs.mrecvl = checked_mrecvl;
        /* A new number for the socket below: the caller's is not valid any more. On failure it is closed. */
        s = self->s = hown(s);
        h = s < 0 ? -1 : hmake(&self->hvfs);
        if (h >= 0)
            return h;
        error = errno;
    }
    free(self);
    if (s >= 0)
        hclose(s);
    errno = error;
    return -1;
}

int checked_detach(int h)
{
    struct checked *self = hquery(h, checked_type);
    if (!self)
        return -1;
    int s = self->s;
    /* So that closing this leaves the socket below open. */
    self->s = -1;
    hclose(h);
    return s;
}
