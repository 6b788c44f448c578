/* The protocol of the file service, for both sides: what messages there are, and what is in them. */
#ifndef FILES_H
#define FILES_H

#include <lwmsg/lwmsg.h>
#include <stdint.h>

/* A file that the server has open. Clients hold handles to it and know no more. */
typedef struct File File;

typedef enum FileMode {
    FILE_READ = 1,
    FILE_WRITE = 2
} FileMode;

typedef struct OpenRequest {
    FileMode mode;
    char *path;
} OpenRequest;

typedef struct ReadRequest {
    LWMsgHandle *file;
    uint64_t offset;
    uint32_t size;
} ReadRequest;

typedef struct WriteRequest {
    LWMsgHandle *file;
    uint64_t offset;
    uint32_t size;
    unsigned char *bytes;
} WriteRequest;

typedef struct ReadReply {
    uint32_t size;
    unsigned char *bytes;
} ReadReply;

/* What a request that failed is answered with. */
typedef struct ErrorReply {
    int32_t error;
    char *text;
} ErrorReply;

typedef enum FileMessage {
    FILE_OPEN_REQ,
    FILE_OPEN_RES,
    FILE_READ_REQ,
    FILE_READ_RES,
    FILE_WRITE_REQ,
    FILE_CLOSE_REQ,
    FILE_DONE_RES,
    FILE_ERROR_RES
} FileMessage;

extern LWMsgProtocolSpec files_protocol[];
extern LWMsgDispatchSpec files_dispatch[];

#endif
