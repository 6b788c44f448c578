/* The work of LWMsg in one process: objects to bytes and back.
 *
 *   bench WORK COUNT        does the work that many times and prints nanoseconds for each, and how often it was done
 *   bench list              names the works, with the size and count that suit them
 *
 * Runs on whatever liblwmsg_nothr.so.0 the dynamic linker finds.
 */
#include <lwmsg/data.h>
#include <lwmsg/protocol.h>

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

/* --- What daemons send: an answer with records of strings and numbers ------------------------------------------- */

typedef struct Record {
    char *name;
    char *home;
    uint32_t uid;
    uint32_t gid;
    uint64_t flags;
    char *shell;
} Record;

typedef struct Records {
    uint32_t count;
    Record **records;
} Records;

static LWMsgTypeSpec record_spec[] = {
    LWMSG_STRUCT_BEGIN(Record),
    LWMSG_MEMBER_PSTR(Record, name),
    LWMSG_MEMBER_PSTR(Record, home),
    LWMSG_MEMBER_UINT32(Record, uid),
    LWMSG_MEMBER_UINT32(Record, gid),
    LWMSG_MEMBER_UINT64(Record, flags),
    LWMSG_MEMBER_PSTR(Record, shell),
    LWMSG_STRUCT_END,
    LWMSG_TYPE_END,
};

static LWMsgTypeSpec records_spec[] = {
    LWMSG_STRUCT_BEGIN(Records),
    LWMSG_MEMBER_UINT32(Records, count),
    LWMSG_MEMBER_POINTER_BEGIN(Records, records),
    LWMSG_POINTER_BEGIN,
    LWMSG_TYPESPEC(record_spec),
    LWMSG_POINTER_END,
    LWMSG_POINTER_END,
    LWMSG_ATTR_LENGTH_MEMBER(Records, count),
    LWMSG_STRUCT_END,
    LWMSG_TYPE_END,
};

/* --- A request: a few members ----------------------------------------------------------------------------------- */

typedef struct Request {
    uint32_t flags;
    char *name;
    uint32_t limit;
} Request;

static LWMsgTypeSpec request_spec[] = {
    LWMSG_STRUCT_BEGIN(Request),
    LWMSG_MEMBER_UINT32(Request, flags),
    LWMSG_MEMBER_PSTR(Request, name),
    LWMSG_MEMBER_UINT32(Request, limit),
    LWMSG_STRUCT_END,
    LWMSG_TYPE_END,
};

/* --- Data: what a file server sends ----------------------------------------------------------------------------- */

typedef struct Data {
    uint32_t size;
    unsigned char *bytes;
} Data;

static LWMsgTypeSpec bytes_spec[] = {
    LWMSG_STRUCT_BEGIN(Data),
    LWMSG_MEMBER_UINT32(Data, size),
    LWMSG_MEMBER_POINTER_BEGIN(Data, bytes),
    LWMSG_UINT8(unsigned char),
    LWMSG_POINTER_END,
    LWMSG_ATTR_LENGTH_MEMBER(Data, size),
    LWMSG_STRUCT_END,
    LWMSG_TYPE_END,
};

static LWMsgDataContext *data;
static unsigned char room[1 << 20];

static void fail(const char *what, LWMsgStatus status)
{
    fprintf(stderr, "%s: status %u\n", what, status);
    exit(1);
}

static void *make_records(void)
{
    static Records records;
    static Record all[200];
    static Record *pointers[200];
    static char names[200][32], homes[200][48];
    int index;

    for (index = 0; index < 200; index++) {
        snprintf(names[index], sizeof names[index], "EXAMPLE\\user%05d", index);
        snprintf(homes[index], sizeof homes[index], "/home/local/EXAMPLE/user%05d", index);
        all[index] = (Record){names[index], homes[index], 1000u + (unsigned)index, 100, 0x123456789abcdefu, "/bin/bash"};
        pointers[index] = &all[index];
    }
    records.count = 200;
    records.records = pointers;
    return &records;
}

static void *make_request(void)
{
    static Request request = {7, "EXAMPLE\\administrator", 100};

    return &request;
}

static void *make_bytes(void)
{
    static Data bytes = {65536, room};

    return &bytes;
}

static void marshal(LWMsgTypeSpec *spec, void *object, long count)
{
    static unsigned char out[1 << 20];

    while (count--) {
        LWMsgStatus status = lwmsg_data_marshal_flat(data, spec, object, out, sizeof out);

        if (status)
            fail("marshal", status);
    }
}

static void unmarshal(LWMsgTypeSpec *spec, void *object, long count)
{
    void *bytes, *copy;
    size_t length;
    LWMsgStatus status = lwmsg_data_marshal_flat_alloc(data, spec, object, &bytes, &length);

    if (status)
        fail("marshal", status);
    while (count--) {
        status = lwmsg_data_unmarshal_flat(data, spec, bytes, length, &copy);
        if (status)
            fail("unmarshal", status);
        lwmsg_data_free_graph(data, spec, copy);
    }
    lwmsg_data_free_memory(data, bytes);
}

/* As clients do that have no data context at hand. */
static void round_trip(LWMsgTypeSpec *spec, void *object, long count)
{
    while (count--) {
        LWMsgDataContext *own;
        void *bytes, *copy;
        size_t length;

        if (lwmsg_data_context_new(NULL, &own) || lwmsg_data_marshal_flat_alloc(own, spec, object, &bytes, &length)
            || lwmsg_data_unmarshal_flat(own, spec, bytes, length, &copy))
            fail("round trip", LWMSG_STATUS_ERROR);
        lwmsg_data_free_memory(own, bytes);
        lwmsg_data_free_graph(own, spec, copy);
        lwmsg_data_context_delete(own);
    }
}

typedef struct Work {
    const char *name;
    void (*run)(LWMsgTypeSpec *spec, void *object, long count);
    LWMsgTypeSpec *spec;
    void *(*make)(void);
    size_t size;
    long count;
} Work;

static const Work works[] = {
    {"marshal-records", marshal, records_spec, make_records, 5000, 40000},
    {"unmarshal-free-records", unmarshal, records_spec, make_records, 5000, 10000},
    {"marshal-request", marshal, request_spec, make_request, 34, 5000000},
    {"unmarshal-free-request", unmarshal, request_spec, make_request, 34, 2000000},
    {"round-trip-request", round_trip, request_spec, make_request, 34, 1000000},
    {"marshal-bytes-64k", marshal, bytes_spec, make_bytes, 65536, 200000},
    {"unmarshal-free-bytes-64k", unmarshal, bytes_spec, make_bytes, 65536, 200000},
};

int main(int argc, char **argv)
{
    size_t index;
    struct timespec begin, end;
    long count;

    for (index = 0; index < sizeof works / sizeof *works; index++) {
        const Work *work = &works[index];

        if (argc == 2 && !strcmp(argv[1], "list"))
            printf("%s %zu %ld\n", work->name, work->size, work->count);
        if (argc != 3 || strcmp(argv[1], work->name))
            continue;
        count = atol(argv[2]);
        if (lwmsg_data_context_new(NULL, &data))
            fail("context", LWMSG_STATUS_MEMORY);
        clock_gettime(CLOCK_MONOTONIC, &begin);
        work->run(work->spec, work->make(), count);
        clock_gettime(CLOCK_MONOTONIC, &end);
        lwmsg_data_context_delete(data);
        printf("%.1f %ld\n", ((double)(end.tv_sec - begin.tv_sec) * 1e9 + (double)(end.tv_nsec - begin.tv_nsec)) / (double)count,
               count);
        return 0;
    }
    return argc == 2 ? 0 : 1;
}
