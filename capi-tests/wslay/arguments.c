/* harness: ours-only the original crashes
 *
 * NULL and impossible arguments: an error code, 0, or nothing, and never a crash.
 */
#include "wire.h"

static struct wire wire;

int main(void)
{
    struct wslay_event_msg msg = { 1, NULL, 3 };
    struct wslay_event_fragmented_msg fragmented;
    struct wslay_frame_callbacks frame_callbacks;
    struct wslay_frame_iocb iocb;
    wslay_event_context_ptr ctx;
    wslay_frame_context_ptr frame;
    uint8_t buffer[16];
    size_t n;

    CHECK_EQ(wslay_event_context_server_init(NULL, &wire_callbacks, NULL), WSLAY_ERR_INVALID_ARGUMENT);
    CHECK_EQ(wslay_event_context_client_init(&ctx, NULL, NULL), WSLAY_ERR_INVALID_ARGUMENT);
    CHECK_EQ(wslay_frame_context_init(NULL, NULL, NULL), WSLAY_ERR_INVALID_ARGUMENT);
    wslay_event_context_free(NULL);
    wslay_frame_context_free(NULL);
    wslay_event_config_set_allowed_rsv_bits(NULL, 4);
    wslay_event_config_set_no_buffering(NULL, 1);
    wslay_event_config_set_max_recv_msg_length(NULL, 1);
    wslay_event_config_set_callbacks(NULL, &wire_callbacks);
    wslay_event_set_error(NULL, 1);
    wslay_event_shutdown_read(NULL);
    wslay_event_shutdown_write(NULL);
    CHECK_EQ(wslay_event_recv(NULL), WSLAY_ERR_INVALID_ARGUMENT);
    CHECK_EQ(wslay_event_send(NULL), WSLAY_ERR_INVALID_ARGUMENT);
    CHECK_EQ(wslay_event_write(NULL, buffer, sizeof buffer), WSLAY_ERR_INVALID_ARGUMENT);
    CHECK_EQ(wslay_event_queue_msg(NULL, &msg), WSLAY_ERR_INVALID_ARGUMENT);
    CHECK_EQ(wslay_event_queue_fragmented_msg(NULL, NULL), WSLAY_ERR_INVALID_ARGUMENT);
    CHECK_EQ(wslay_event_queue_close(NULL, 1000, NULL, 0), WSLAY_ERR_INVALID_ARGUMENT);
    CHECK_EQ(wslay_event_want_read(NULL) | wslay_event_want_write(NULL), 0);
    CHECK_EQ(wslay_event_get_read_enabled(NULL) | wslay_event_get_write_enabled(NULL), 0);
    CHECK_EQ(wslay_event_get_close_received(NULL) | wslay_event_get_close_sent(NULL), 0);
    CHECK_EQ(wslay_event_get_status_code_received(NULL) | wslay_event_get_status_code_sent(NULL), 0);
    CHECK_EQ(wslay_event_get_queued_msg_count(NULL) + wslay_event_get_queued_msg_length(NULL), 0);

    wire_reset(&wire);
    ctx = wire_open(&wire, 1);
    CHECK_EQ(wslay_event_queue_msg(ctx, NULL), WSLAY_ERR_INVALID_ARGUMENT);
    CHECK_EQ(wslay_event_queue_msg(ctx, &msg), WSLAY_ERR_INVALID_ARGUMENT);
    CHECK_EQ(wslay_event_queue_fragmented_msg(ctx, NULL), WSLAY_ERR_INVALID_ARGUMENT);
    CHECK_EQ(wslay_event_queue_close(ctx, 1000, NULL, 5), WSLAY_ERR_INVALID_ARGUMENT);
    msg.msg = (const uint8_t *)"abc";
    msg.msg_length = (size_t)-1;
    CHECK_EQ(wslay_event_queue_msg(ctx, &msg), WSLAY_ERR_INVALID_ARGUMENT);
    CHECK_EQ(wslay_event_write(ctx, NULL, 5), WSLAY_ERR_INVALID_ARGUMENT);
    wslay_event_config_set_callbacks(ctx, NULL);
    CHECK_EQ(wslay_event_get_queued_msg_count(ctx), 0);
    memset(&fragmented, 0, sizeof fragmented);
    fragmented.opcode = 1;
    CHECK_EQ(wslay_event_queue_fragmented_msg(ctx, &fragmented), 0);
    CHECK_EQ(wslay_event_send(ctx), WSLAY_ERR_CALLBACK_FAILURE);
    CHECK_EQ(wire.out_length, 0);
    wslay_event_context_free(ctx);

    memset(&frame_callbacks, 0, sizeof frame_callbacks);
    memset(&iocb, 0, sizeof iocb);
    CHECK_EQ(wslay_frame_context_init(&frame, &frame_callbacks, NULL), 0);
    CHECK_EQ(wslay_frame_recv(frame, &iocb), WSLAY_ERR_INVALID_CALLBACK);
    CHECK_EQ(wslay_frame_send(frame, &iocb), WSLAY_ERR_INVALID_CALLBACK);
    CHECK_EQ(wslay_frame_recv(frame, NULL), WSLAY_ERR_INVALID_ARGUMENT);
    CHECK_EQ(wslay_frame_send(frame, NULL), WSLAY_ERR_INVALID_ARGUMENT);
    CHECK_EQ(wslay_frame_recv(NULL, &iocb), WSLAY_ERR_INVALID_ARGUMENT);
    CHECK_EQ(wslay_frame_send(NULL, &iocb), WSLAY_ERR_INVALID_ARGUMENT);
    CHECK_EQ(wslay_frame_write(frame, &iocb, buffer, sizeof buffer, NULL), WSLAY_ERR_INVALID_ARGUMENT);
    CHECK_EQ(wslay_frame_write(frame, &iocb, NULL, 1, &n), WSLAY_ERR_INVALID_ARGUMENT);
    iocb.data_length = iocb.payload_length = 3;
    CHECK_EQ(wslay_frame_write(frame, &iocb, buffer, sizeof buffer, &n), WSLAY_ERR_INVALID_ARGUMENT);
    wslay_frame_context_free(frame);
    return 0;
}
