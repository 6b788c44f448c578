/* relink: what libdill's own headers do not have. Part of relink; MIT OR Apache-2.0.
 *
 * Programs that use it do not run on the original.
 *
 * Generated from the library's sources; do not edit.
 */

#ifndef RELINK_LIBDILL_H
#define RELINK_LIBDILL_H

#include <libdill.h>

#ifdef __cplusplus
extern "C" {
#endif /* __cplusplus */

/**
 * As tls_attach_client, but only for the server that is meant: its certificate has to be for that name, and vouched for by
 * one that is trusted.
 *
 * name is a host name or an address. NULL does not check whose certificate it is, only that it is vouched for. cafile is a
 * PEM file of certificates to trust; NULL trusts those that the system does.
 *
 * Fails with errno EFAULT, too, when the server is somebody else.
 */
DILL_EXPORT
int relink_dill_tls_attach_client(int s,
                                  const char *name,
                                  const char *cafile,
                                  int64_t deadline);

#ifdef __cplusplus
} /* extern "C" */
#endif /* __cplusplus */

#endif  /* RELINK_LIBDILL_H */
