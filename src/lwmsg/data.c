/* The classes of handles and descriptors: data that programs' tables name, and that the linker may copy into a
 * program. Their functions are in data/custom.rs.
 */
#include <lwmsg/type.h>

/* As in session.h; the names are in archives. */
typedef enum LWMsgHandleType {
    LWMSG_HANDLE_NULL = 0,
    LWMSG_HANDLE_LOCAL = 1,
    LWMSG_HANDLE_REMOTE = 2
} LWMsgHandleType;

extern LWMsgTypeClass lwmsg_handle_type_class;
extern LWMsgTypeClass lwmsg_fd_type_class;

LWMsgStatus relink_lwmsg_handle_marshal(struct LWMsgDataContext *, LWMsgType *, void *, void *, void *);
LWMsgStatus relink_lwmsg_handle_unmarshal(struct LWMsgDataContext *, LWMsgType *, void *, void *, void *);
void relink_lwmsg_handle_destroy(struct LWMsgDataContext *, LWMsgType *, void *, void *);
LWMsgStatus relink_lwmsg_handle_print(struct LWMsgDataContext *, LWMsgType *, void *, void *, LWMsgBuffer *);
LWMsgStatus relink_lwmsg_fd_marshal(struct LWMsgDataContext *, LWMsgType *, void *, void *, void *);
LWMsgStatus relink_lwmsg_fd_unmarshal(struct LWMsgDataContext *, LWMsgType *, void *, void *, void *);
void relink_lwmsg_fd_destroy(struct LWMsgDataContext *, LWMsgType *, void *, void *);

/* What is sent of a handle. Its names are in archives. */
typedef union LWMsgHandleDataRep {
    uint32_t local_id;
    uint32_t remote_id;
} LWMsgHandleDataRep;

typedef struct LWMsgHandleRep {
    LWMsgHandleType type;
    LWMsgHandleDataRep data;
} LWMsgHandleRep;

static LWMsgTypeSpec handle_type_spec[] = {
    LWMSG_ENUM_BEGIN(LWMsgHandleType, 1, LWMSG_UNSIGNED),
    LWMSG_ENUM_VALUE(LWMSG_HANDLE_NULL),
    LWMSG_ENUM_VALUE(LWMSG_HANDLE_LOCAL),
    LWMSG_ENUM_VALUE(LWMSG_HANDLE_REMOTE),
    LWMSG_ENUM_END,
    LWMSG_TYPE_END,
};

static LWMsgTypeSpec handle_data_spec[] = {
    LWMSG_UNION_BEGIN(LWMsgHandleDataRep),
    LWMSG_MEMBER_UINT32(LWMsgHandleDataRep, local_id),
    LWMSG_ATTR_TAG(LWMSG_HANDLE_LOCAL),
    LWMSG_MEMBER_UINT32(LWMsgHandleDataRep, remote_id),
    LWMSG_ATTR_TAG(LWMSG_HANDLE_REMOTE),
    LWMSG_MEMBER_VOID(LWMsgHandleDataRep, null_id),
    LWMSG_ATTR_TAG(LWMSG_HANDLE_NULL),
    LWMSG_UNION_END,
    LWMSG_TYPE_END,
};

static LWMsgTypeSpec handle_spec[] = {
    LWMSG_STRUCT_BEGIN(LWMsgHandleRep),
    LWMSG_MEMBER_TYPESPEC(LWMsgHandleRep, type, handle_type_spec),
    LWMSG_MEMBER_TYPESPEC(LWMsgHandleRep, data, handle_data_spec),
    LWMSG_ATTR_DISCRIM(LWMsgHandleRep, type),
    LWMSG_STRUCT_END,
    LWMSG_TYPE_END,
};

LWMsgTypeClass lwmsg_handle_type_class = {
    LWMSG_TRUE,
    handle_spec,
    relink_lwmsg_handle_marshal,
    relink_lwmsg_handle_unmarshal,
    relink_lwmsg_handle_destroy,
    NULL,
    relink_lwmsg_handle_print,
};

static LWMsgTypeSpec fd_spec[] = {
    LWMSG_UINT8(unsigned char),
    LWMSG_TYPE_END,
};

LWMsgTypeClass lwmsg_fd_type_class = {
    LWMSG_FALSE,
    fd_spec,
    relink_lwmsg_fd_marshal,
    relink_lwmsg_fd_unmarshal,
    relink_lwmsg_fd_destroy,
    NULL,
    NULL,
};
