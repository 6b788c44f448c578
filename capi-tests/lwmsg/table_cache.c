/* What is kept of tables: another table at the same address is another type, and threads may use tables for the first
 * time at once.
 *
 * harness: cflags -pthread
 */
#include <lwmsg/data.h>

#include <pthread.h>
#include <stdint.h>
#include <string.h>
#include <sys/mman.h>

#include "check.h"

static LWMsgTypeSpec number_spec[] = {LWMSG_INT32(int32_t), LWMSG_TYPE_END};
static LWMsgTypeSpec wide_spec[] = {LWMSG_INTEGER(int32_t, 8, LWMSG_SIGNED), LWMSG_TYPE_END};
static LWMsgTypeSpec inner_spec[] = {LWMSG_UINT8(uint8_t), LWMSG_TYPE_END};
static LWMsgTypeSpec other_inner_spec[] = {LWMSG_UINT16(uint8_t), LWMSG_TYPE_END};

static size_t length_of(LWMsgDataContext *data, LWMsgTypeSpec *spec, void *object)
{
    void *bytes;
    size_t length;

    CHECK_EQ(lwmsg_data_marshal_flat_alloc(data, spec, object, &bytes, &length), LWMSG_STATUS_SUCCESS);
    lwmsg_data_free_memory(data, bytes);
    return length;
}

/* As when a module is unloaded and another one is mapped in its place. */
static void another_table_at_the_same_address(void)
{
    LWMsgDataContext *data;
    int32_t number = 7;
    uint8_t *small = (uint8_t *)&number;
    int round;

    CHECK_EQ(lwmsg_data_context_new(NULL, &data), LWMSG_STATUS_SUCCESS);
    for (round = 0; round < 10; round++) {
        size_t *page = mmap((void *)0x200000000000, 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

        CHECK(page != MAP_FAILED);
        memcpy(page, round % 2 ? wide_spec : number_spec, sizeof number_spec);
        CHECK_EQ(length_of(data, page, &number), round % 2 ? 8 : 4);
        /* A table that refers to another: only that one is different the next time. */
        memcpy(page + 100, round % 2 ? other_inner_spec : inner_spec, sizeof inner_spec);
        page[50] = LWMSG_CMD_TYPESPEC;
        page[51] = (size_t)(page + 100);
        page[52] = 0;
        CHECK_EQ(length_of(data, page + 50, small), round % 2 ? 2 : 1);
        CHECK_EQ(munmap(page, 4096), 0);
    }
    lwmsg_data_context_delete(data);
}

enum { THREADS = 8, TABLES = 1500, WORDS = sizeof number_spec / sizeof *number_spec };

static size_t tables[TABLES][WORDS];
static pthread_barrier_t barrier;

static void *use(void *argument)
{
    LWMsgDataContext *data;
    int32_t number = 7;
    size_t index, round;

    (void)argument;
    CHECK_EQ(lwmsg_data_context_new(NULL, &data), LWMSG_STATUS_SUCCESS);
    pthread_barrier_wait(&barrier);
    for (round = 0; round < 3; round++)
        for (index = 0; index < TABLES; index++)
            CHECK_EQ(length_of(data, tables[index], &number), index % 2 ? 8 : 4);
    lwmsg_data_context_delete(data);
    return NULL;
}

static void many_tables_and_threads(void)
{
    pthread_t threads[THREADS];
    size_t index;

    for (index = 0; index < TABLES; index++)
        memcpy(tables[index], index % 2 ? wide_spec : number_spec, sizeof number_spec);
    pthread_barrier_init(&barrier, NULL, THREADS);
    for (index = 0; index < THREADS; index++)
        CHECK_EQ(pthread_create(&threads[index], NULL, use, NULL), 0);
    for (index = 0; index < THREADS; index++)
        CHECK_EQ(pthread_join(threads[index], NULL), 0);
    pthread_barrier_destroy(&barrier);
}

int main(void)
{
    another_table_at_the_same_address();
    many_tables_and_threads();
    return 0;
}
