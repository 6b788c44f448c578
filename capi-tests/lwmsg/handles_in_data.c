/* Handles in data that no association carries: the context names the session. */
#include <lwmsg/lwmsg.h>

#include <string.h>

#include "check.h"

static LWMsgTypeSpec thing_spec[] = {LWMSG_HANDLE(Thing), LWMSG_TYPE_END};
static LWMsgTypeSpec required_spec[] = {LWMSG_HANDLE(Thing), LWMSG_ATTR_NOT_NULL, LWMSG_TYPE_END};
static LWMsgTypeSpec other_spec[] = {LWMSG_HANDLE(Other), LWMSG_TYPE_END};
static LWMsgTypeSpec ours_spec[] = {LWMSG_HANDLE(Thing), LWMSG_ATTR_HANDLE_LOCAL_FOR_SENDER, LWMSG_TYPE_END};
static LWMsgTypeSpec theirs_spec[] = {LWMSG_HANDLE(Thing), LWMSG_ATTR_HANDLE_LOCAL_FOR_RECEIVER, LWMSG_TYPE_END};
static LWMsgProtocolSpec protocol_spec[] = {LWMSG_MESSAGE(0, thing_spec), LWMSG_PROTOCOL_END};

static LWMsgSession *session;
static int cleaned;

static LWMsgStatus answer(const char *key, void **value, void *data)
{
    CHECK(data == &session);
    if (strcmp(key, "session"))
        return LWMSG_STATUS_NOT_FOUND;
    *value = session;
    return LWMSG_STATUS_SUCCESS;
}

static void cleanup(void *data)
{
    CHECK(data == &cleaned);
    cleaned++;
}

int main(void)
{
    LWMsgContext *context, *child;
    LWMsgDataContext *data;
    LWMsgProtocol *protocol;
    LWMsgPeer *peer;
    LWMsgHandle *handle;
    LWMsgHandleType location;
    unsigned char bytes[8];
    void *out;

    CHECK_EQ(lwmsg_context_new(NULL, &context), LWMSG_STATUS_SUCCESS);
    lwmsg_context_set_data_function(context, answer, &session);
    CHECK_EQ(lwmsg_context_new(context, &child), LWMSG_STATUS_SUCCESS);
    CHECK_EQ(lwmsg_data_context_new(child, &data), LWMSG_STATUS_SUCCESS);
    CHECK_EQ(lwmsg_protocol_new(NULL, &protocol), LWMSG_STATUS_SUCCESS);
    CHECK_EQ(lwmsg_protocol_add_protocol_spec(protocol, protocol_spec), LWMSG_STATUS_SUCCESS);
    CHECK_EQ(lwmsg_peer_new(NULL, protocol, &peer), LWMSG_STATUS_SUCCESS);
    CHECK_EQ(lwmsg_peer_connect(peer, &session), LWMSG_STATUS_SUCCESS);
    CHECK_EQ(lwmsg_session_register_handle(session, "Thing", &cleaned, cleanup, &handle), LWMSG_STATUS_SUCCESS);

    /* The argument is the handle itself. */
    CHECK_EQ(lwmsg_data_marshal_flat(data, thing_spec, handle, bytes, 5), LWMSG_STATUS_SUCCESS);
    CHECK(!memcmp(bytes, "\1\0\0\0\0", 5));
    CHECK_EQ(lwmsg_data_marshal_flat(data, thing_spec, NULL, bytes, 1), LWMSG_STATUS_SUCCESS);
    CHECK_EQ(bytes[0], 0);
    CHECK_EQ(lwmsg_data_marshal_flat(data, required_spec, NULL, bytes, 1), LWMSG_STATUS_INVALID_HANDLE);
    CHECK_EQ(lwmsg_data_marshal_flat(data, other_spec, handle, bytes, 5), LWMSG_STATUS_INVALID_HANDLE);
    CHECK_EQ(lwmsg_data_marshal_flat(data, ours_spec, handle, bytes, 5), LWMSG_STATUS_SUCCESS);
    CHECK_EQ(lwmsg_data_marshal_flat(data, theirs_spec, handle, bytes, 5), LWMSG_STATUS_INVALID_HANDLE);

    /* Remote for the sender is local here; each time it arrives, it has one more reference. */
    CHECK_EQ(lwmsg_data_unmarshal_flat(data, thing_spec, "\2\0\0\0\0", 5, &out), LWMSG_STATUS_SUCCESS);
    CHECK(out == handle);
    CHECK_EQ(lwmsg_data_free_graph(data, thing_spec, out), LWMSG_STATUS_SUCCESS);
    CHECK_EQ(lwmsg_data_unmarshal_flat(data, theirs_spec, "\2\0\0\0\0", 5, &out), LWMSG_STATUS_SUCCESS);
    CHECK_EQ(lwmsg_data_free_graph(data, theirs_spec, out), LWMSG_STATUS_SUCCESS);
    CHECK_EQ(lwmsg_data_unmarshal_flat(data, ours_spec, "\2\0\0\0\0", 5, &out), LWMSG_STATUS_INVALID_HANDLE);
    CHECK_EQ(lwmsg_data_unmarshal_flat(data, thing_spec, "\2\0\0\0\1", 5, &out), LWMSG_STATUS_INVALID_HANDLE);
    CHECK_EQ(lwmsg_data_unmarshal_flat(data, other_spec, "\2\0\0\0\0", 5, &out), LWMSG_STATUS_INVALID_HANDLE);
    CHECK_EQ(lwmsg_data_unmarshal_flat(data, required_spec, "\0", 1, &out), LWMSG_STATUS_INVALID_HANDLE);
    CHECK_EQ(lwmsg_data_unmarshal_flat(data, thing_spec, "\3\0\0\0\0", 5, &out), LWMSG_STATUS_MALFORMED);
    CHECK_EQ(lwmsg_data_unmarshal_flat(data, thing_spec, "\1\0\0\0\7", 5, &out), LWMSG_STATUS_SUCCESS);
    CHECK(out != handle);
    CHECK_EQ(lwmsg_session_get_handle_location(session, out, &location), LWMSG_STATUS_SUCCESS);
    CHECK_EQ(location, LWMSG_HANDLE_REMOTE);
    CHECK_EQ(lwmsg_data_marshal_flat(data, thing_spec, out, bytes, 5), LWMSG_STATUS_SUCCESS);
    CHECK(!memcmp(bytes, "\2\0\0\0\7", 5));
    CHECK_EQ(lwmsg_data_free_graph(data, thing_spec, out), LWMSG_STATUS_SUCCESS);

    CHECK_EQ(cleaned, 0);
    CHECK_EQ(lwmsg_session_unregister_handle(session, handle), LWMSG_STATUS_SUCCESS);
    CHECK_EQ(cleaned, 1);
    lwmsg_data_context_delete(data);
    lwmsg_peer_delete(peer);
    lwmsg_protocol_delete(protocol);
    lwmsg_context_delete(child);
    lwmsg_context_delete(context);
    return 0;
}
