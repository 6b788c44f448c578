/* The handlers of the file service. Each runs on a thread of the library's; several may run at once, also for one
 * client.
 */
#include "files.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

struct File {
    int fd;
};

/* Called with the last reference to a file's handle: after FILE_CLOSE_REQ, or when its client is gone. */
static void forget(void *data)
{
    File *file = data;

    close(file->fd);
    free(file);
}

/* Replies with an error. The call itself has succeeded: it was understood. */
static LWMsgStatus refuse(LWMsgParams *out, int error)
{
    ErrorReply *reply = malloc(sizeof *reply);

    if (!reply)
        return LWMSG_STATUS_MEMORY;
    reply->error = error;
    reply->text = strdup(strerror(error));
    out->tag = FILE_ERROR_RES;
    out->data = reply;
    return LWMSG_STATUS_SUCCESS;
}

static LWMsgStatus open_file(LWMsgCall *call, const LWMsgParams *in, LWMsgParams *out, void *data)
{
    static const int flags[] = { 0, O_RDONLY, O_WRONLY | O_CREAT, O_RDWR | O_CREAT };
    const OpenRequest *request = in->data;
    const char *root = data;
    LWMsgSession *session = lwmsg_call_get_session(call);
    LWMsgHandle *handle;
    LWMsgStatus status;
    char path[4096];
    File *file;

    if (request->mode == 0 || strstr(request->path, "..")
        || snprintf(path, sizeof path, "%s/%s", root, request->path) >= (int)sizeof path)
        return refuse(out, EINVAL);
    file = malloc(sizeof *file);
    if (!file)
        return LWMSG_STATUS_MEMORY;
    file->fd = open(path, flags[request->mode] | O_CLOEXEC, 0600);
    if (file->fd < 0) {
        free(file);
        return refuse(out, errno);
    }
    status = lwmsg_session_register_handle(session, "File", file, forget, &handle);
    if (status) {
        forget(file);
        return status;
    }
    /* One reference for the reply, which the library frees when it has been sent. */
    lwmsg_session_retain_handle(session, handle);
    out->tag = FILE_OPEN_RES;
    out->data = handle;
    return LWMSG_STATUS_SUCCESS;
}

static LWMsgStatus find(LWMsgCall *call, LWMsgHandle *handle, File **file)
{
    return lwmsg_session_get_handle_data(lwmsg_call_get_session(call), handle, (void **)(void *)file);
}

static LWMsgStatus read_file(LWMsgCall *call, const LWMsgParams *in, LWMsgParams *out, void *data)
{
    const ReadRequest *request = in->data;
    LWMsgStatus status;
    ReadReply *reply;
    ssize_t got;
    File *file;

    (void)data;
    status = find(call, request->file, &file);
    if (status)
        return status;
    reply = calloc(1, sizeof *reply);
    if (!reply || !(reply->bytes = malloc(request->size + (size_t)1))) {
        free(reply);
        return LWMSG_STATUS_MEMORY;
    }
    got = pread(file->fd, reply->bytes, request->size, (off_t)request->offset);
    if (got < 0) {
        free(reply->bytes);
        free(reply);
        return refuse(out, errno);
    }
    reply->size = (uint32_t)got;
    out->tag = FILE_READ_RES;
    out->data = reply;
    return LWMSG_STATUS_SUCCESS;
}

static LWMsgStatus write_file(LWMsgCall *call, const LWMsgParams *in, LWMsgParams *out, void *data)
{
    const WriteRequest *request = in->data;
    LWMsgStatus status;
    uint32_t done = 0;
    File *file;

    (void)data;
    status = find(call, request->file, &file);
    if (status)
        return status;
    while (done < request->size) {
        ssize_t put = pwrite(file->fd, request->bytes + done, request->size - done, (off_t)(request->offset + done));
        if (put < 0)
            return refuse(out, errno);
        done += (uint32_t)put;
    }
    out->tag = FILE_DONE_RES;
    return LWMSG_STATUS_SUCCESS;
}

static LWMsgStatus close_file(LWMsgCall *call, const LWMsgParams *in, LWMsgParams *out, void *data)
{
    LWMsgStatus status = lwmsg_session_unregister_handle(lwmsg_call_get_session(call), in->data);

    (void)data;
    out->tag = FILE_DONE_RES;
    return status;
}

LWMsgDispatchSpec files_dispatch[] = {
    LWMSG_DISPATCH_BLOCK(FILE_OPEN_REQ, open_file),
    LWMSG_DISPATCH_BLOCK(FILE_READ_REQ, read_file),
    LWMSG_DISPATCH_BLOCK(FILE_WRITE_REQ, write_file),
    LWMSG_DISPATCH_BLOCK(FILE_CLOSE_REQ, close_file),
    LWMSG_DISPATCH_END,
};
