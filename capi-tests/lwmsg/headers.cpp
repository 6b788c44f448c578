/* The headers in C++: every macro in static tables, data, an archive, a peer; and exceptions that leave the functions
 * of a program's own through the library.
 *
 * harness: ours-only the original's headers are C only, and its stack frames cannot be unwound
 */
#include <lwmsg/lwmsg.h>

#include <cstring>
#include <stdexcept>

#include "check.h"

namespace {

enum Color { RED = 1, GREEN = 2 };

union Any {
    int32_t number;
    char *text;
};

struct Everything {
    int32_t kind;
    Any any;
    Color color;
    uint16_t count;
    int16_t *values;
    Everything *next;
    void *handle;
    int fd;
    char flexible[1];
};

LWMsgStatus verify(LWMsgDataContext *, LWMsgBool, void *object, void *data)
{
    if (*static_cast<int32_t *>(object) == 13)
        throw std::runtime_error(static_cast<const char *>(data));
    return LWMSG_STATUS_SUCCESS;
}

char unlucky[] = "unlucky";

LWMsgTypeSpec color_spec[] = {
    LWMSG_ENUM_BEGIN(Color, 1, LWMSG_UNSIGNED), LWMSG_ENUM_VALUE(RED), LWMSG_ENUM_NAMED_VALUE("Green", GREEN),
    LWMSG_ENUM_END, LWMSG_TYPE_END,
};

extern LWMsgTypeSpec everything_spec[];
LWMsgTypeSpec everything_spec[] = {
    LWMSG_STRUCT_BEGIN(Everything),
    LWMSG_MEMBER_INT32(Everything, kind),
    LWMSG_ATTR_VERIFY(verify, unlucky),
    LWMSG_MEMBER_UNION_BEGIN(Everything, any),
    LWMSG_MEMBER_INT32(Any, number),
    LWMSG_ATTR_TAG(1),
    LWMSG_MEMBER_PSTR(Any, text),
    LWMSG_ATTR_TAG(2),
    LWMSG_MEMBER_VOID(Any, nothing),
    LWMSG_ATTR_TAG(13),
    LWMSG_UNION_END,
    LWMSG_ATTR_DISCRIM(Everything, kind),
    LWMSG_MEMBER_TYPESPEC(Everything, color, color_spec),
    LWMSG_MEMBER_UINT16(Everything, count),
    LWMSG_MEMBER_POINTER(Everything, values, LWMSG_INT16(int16_t)),
    LWMSG_ATTR_LENGTH_MEMBER(Everything, count),
    LWMSG_MEMBER_POINTER(Everything, next, LWMSG_TYPESPEC(everything_spec)),
    LWMSG_ATTR_ALIASABLE,
    LWMSG_MEMBER_HANDLE(Everything, handle, Thing),
    LWMSG_MEMBER_FD(Everything, fd),
    LWMSG_MEMBER_ARRAY(Everything, flexible, LWMSG_UINT8(char)),
    LWMSG_ATTR_ZERO_TERMINATED,
    LWMSG_STRUCT_END,
    LWMSG_TYPE_END,
};

LWMsgProtocolSpec protocol_spec[] = {LWMSG_MESSAGE(0, everything_spec), LWMSG_MESSAGE(1, NULL), LWMSG_PROTOCOL_END};

LWMsgStatus handler(LWMsgCall *, const LWMsgParams *, LWMsgParams *, void *)
{
    return LWMSG_STATUS_SUCCESS;
}

LWMsgDispatchSpec dispatch_spec[] = {
    LWMSG_DISPATCH_BLOCK(0, handler), LWMSG_DISPATCH_NONBLOCK(1, handler), LWMSG_DISPATCH_END,
};

} // namespace

int main()
{
    LWMsgMessage message = LWMSG_MESSAGE_INITIALIZER;
    LWMsgParams params = LWMSG_PARAMS_INITIALIZER;
    LWMsgProtocol *protocol;
    LWMsgPeer *peer;
    LWMsgDataContext *data;
    Everything everything = {};
    int16_t values[] = {1, 2};
    void *bytes, *copy;
    size_t length;
    int round;

    CHECK(message.tag == LWMSG_TAG_INVALID && message.data == nullptr && params.tag == LWMSG_TAG_INVALID);
    CHECK_EQ(lwmsg_protocol_new(nullptr, &protocol), LWMSG_STATUS_SUCCESS);
    CHECK_EQ(lwmsg_protocol_add_protocol_spec(protocol, protocol_spec), LWMSG_STATUS_SUCCESS);
    CHECK_EQ(lwmsg_peer_new(nullptr, protocol, &peer), LWMSG_STATUS_SUCCESS);
    CHECK_EQ(lwmsg_peer_add_dispatch_spec(peer, dispatch_spec), LWMSG_STATUS_SUCCESS);
    lwmsg_peer_delete(peer);
    lwmsg_protocol_delete(protocol);

    CHECK_EQ(lwmsg_data_context_new(nullptr, &data), LWMSG_STATUS_SUCCESS);
    everything.kind = 1;
    everything.any.number = 5;
    everything.color = GREEN;
    everything.count = 2;
    everything.values = values;
    CHECK_EQ(lwmsg_data_marshal_flat_alloc(data, everything_spec, &everything, &bytes, &length), LWMSG_STATUS_SUCCESS);
    CHECK_EQ(lwmsg_data_unmarshal_flat(data, everything_spec, bytes, length, &copy), LWMSG_STATUS_SUCCESS);
    CHECK(static_cast<Everything *>(copy)->values[1] == 2);
    CHECK_EQ(lwmsg_data_free_graph(data, everything_spec, copy), LWMSG_STATUS_SUCCESS);

    /* Whatever was thrown arrives, and the data context works on. */
    everything.kind = 13;
    static_cast<unsigned char *>(bytes)[3] = 13;
    for (round = 0; round < 20; round++) {
        bool caught = false;
        char room[64];

        try {
            if (round % 2)
                lwmsg_data_marshal_flat(data, everything_spec, &everything, room, sizeof room);
            else
                lwmsg_data_unmarshal_flat(data, everything_spec, bytes, length, &copy);
        } catch (const std::runtime_error &error) {
            caught = !std::strcmp(error.what(), "unlucky");
        }
        CHECK(caught);
    }
    lwmsg_data_free_memory(data, bytes);
    lwmsg_data_context_delete(data);
    return 0;
}
