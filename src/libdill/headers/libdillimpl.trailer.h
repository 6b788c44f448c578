
#if !defined DILL_DISABLE_RAW_NAMES

#define hvfs dill_hvfs
#define hmake dill_hmake
#define hquery dill_hquery

#if !defined DILL_DISABLE_SOCKETS

#define bsock_vfs dill_bsock_vfs
#define bsock_type dill_bsock_type
#define msock_vfs dill_msock_vfs
#define msock_type dill_msock_type

#endif
#endif
