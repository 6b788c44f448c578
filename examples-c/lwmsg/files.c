/* The tables of the file service's protocol. */
#include "files.h"

static LWMsgTypeSpec mode_spec[] = {
    LWMSG_ENUM_BEGIN(FileMode, 1, LWMSG_UNSIGNED),
    LWMSG_ENUM_MASK(FILE_READ),
    LWMSG_ENUM_MASK(FILE_WRITE),
    LWMSG_ENUM_END,
    LWMSG_TYPE_END,
};

/* A client's handle: it has to be one of the receiver's, the server's. */
static LWMsgTypeSpec file_spec[] = {
    LWMSG_HANDLE(File),
    LWMSG_ATTR_HANDLE_LOCAL_FOR_RECEIVER,
    LWMSG_ATTR_NOT_NULL,
    LWMSG_TYPE_END,
};

/* The same on its way from the server. */
static LWMsgTypeSpec opened_spec[] = {
    LWMSG_HANDLE(File),
    LWMSG_ATTR_HANDLE_LOCAL_FOR_SENDER,
    LWMSG_ATTR_NOT_NULL,
    LWMSG_TYPE_END,
};

static LWMsgTypeSpec open_spec[] = {
    LWMSG_STRUCT_BEGIN(OpenRequest),
    LWMSG_MEMBER_TYPESPEC(OpenRequest, mode, mode_spec),
    LWMSG_MEMBER_PSTR(OpenRequest, path),
    LWMSG_ATTR_NOT_NULL,
    LWMSG_STRUCT_END,
    LWMSG_TYPE_END,
};

static LWMsgTypeSpec read_spec[] = {
    LWMSG_STRUCT_BEGIN(ReadRequest),
    LWMSG_MEMBER_TYPESPEC(ReadRequest, file, file_spec),
    LWMSG_MEMBER_UINT64(ReadRequest, offset),
    LWMSG_MEMBER_UINT32(ReadRequest, size),
    LWMSG_STRUCT_END,
    LWMSG_TYPE_END,
};

static LWMsgTypeSpec write_spec[] = {
    LWMSG_STRUCT_BEGIN(WriteRequest),
    LWMSG_MEMBER_TYPESPEC(WriteRequest, file, file_spec),
    LWMSG_MEMBER_UINT64(WriteRequest, offset),
    LWMSG_MEMBER_UINT32(WriteRequest, size),
    LWMSG_MEMBER_POINTER(WriteRequest, bytes, LWMSG_UINT8(unsigned char)),
    LWMSG_ATTR_LENGTH_MEMBER(WriteRequest, size),
    LWMSG_ATTR_ENCODING("hex+ascii"),
    LWMSG_STRUCT_END,
    LWMSG_TYPE_END,
};

static LWMsgTypeSpec bytes_spec[] = {
    LWMSG_STRUCT_BEGIN(ReadReply),
    LWMSG_MEMBER_UINT32(ReadReply, size),
    LWMSG_MEMBER_POINTER(ReadReply, bytes, LWMSG_UINT8(unsigned char)),
    LWMSG_ATTR_LENGTH_MEMBER(ReadReply, size),
    LWMSG_ATTR_ENCODING("hex+ascii"),
    LWMSG_STRUCT_END,
    LWMSG_TYPE_END,
};

static LWMsgTypeSpec error_spec[] = {
    LWMSG_STRUCT_BEGIN(ErrorReply),
    LWMSG_MEMBER_INT32(ErrorReply, error),
    LWMSG_MEMBER_PSTR(ErrorReply, text),
    LWMSG_STRUCT_END,
    LWMSG_TYPE_END,
};

LWMsgProtocolSpec files_protocol[] = {
    LWMSG_MESSAGE(FILE_OPEN_REQ, open_spec),
    LWMSG_MESSAGE(FILE_OPEN_RES, opened_spec),
    LWMSG_MESSAGE(FILE_READ_REQ, read_spec),
    LWMSG_MESSAGE(FILE_READ_RES, bytes_spec),
    LWMSG_MESSAGE(FILE_WRITE_REQ, write_spec),
    LWMSG_MESSAGE(FILE_CLOSE_REQ, file_spec),
    LWMSG_MESSAGE(FILE_DONE_RES, NULL),
    LWMSG_MESSAGE(FILE_ERROR_RES, error_spec),
    LWMSG_PROTOCOL_END,
};
