
/**
 * Which end a connection is.
 */
enum wth_connection_side {
    WTH_CONNECTION_SIDE_CLIENT = 0,
    WTH_CONNECTION_SIDE_SERVER = 1
};
