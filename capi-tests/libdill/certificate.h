/* What the tests of TLS share: a certificate for server.example, its key and another one, in files named by the process. */
#ifndef CERTIFICATE_H
#define CERTIFICATE_H

#include "sockets.h"
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>

static char cert[64], key[64], other_key[64];

static inline EVP_PKEY *write_key(char *path, const char *name)
{
    EVP_PKEY *pkey = EVP_EC_gen("P-256");

    snprintf(path, 64, "/tmp/relink-test-%d-%s", (int)getpid(), name);
    FILE *file = fopen(path, "w");
    CHECK(pkey && file && PEM_write_PrivateKey(file, pkey, NULL, NULL, 0, NULL, NULL));
    fclose(file);
    return pkey;
}

/* A certificate for server.example that vouches for itself. */
static inline void write_certificate(void)
{
    EVP_PKEY *pkey = write_key(key, "key.pem");
    X509 *x509 = X509_new();
    X509_NAME *name = X509_get_subject_name(x509);

    X509_set_version(x509, 2);
    ASN1_INTEGER_set(X509_get_serialNumber(x509), 1);
    X509_gmtime_adj(X509_getm_notBefore(x509), -3600);
    X509_gmtime_adj(X509_getm_notAfter(x509), 3600);
    X509_NAME_add_entry_by_txt(name, "CN", MBSTRING_ASC, (const unsigned char *)"server.example", -1, -1, 0);
    X509_set_issuer_name(x509, name);
    X509_set_pubkey(x509, pkey);
    X509_EXTENSION *names = X509V3_EXT_conf_nid(NULL, NULL, NID_subject_alt_name, "DNS:server.example");
    X509_EXTENSION *ca = X509V3_EXT_conf_nid(NULL, NULL, NID_basic_constraints, "CA:TRUE");
    CHECK(names && ca && X509_add_ext(x509, names, -1) && X509_add_ext(x509, ca, -1));
    CHECK(X509_sign(x509, pkey, EVP_sha256()));
    snprintf(cert, sizeof cert, "/tmp/relink-test-%d-cert.pem", (int)getpid());
    FILE *file = fopen(cert, "w");
    CHECK(file && PEM_write_X509(file, x509));
    fclose(file);
    X509_EXTENSION_free(names);
    X509_EXTENSION_free(ca);
    X509_free(x509);
    EVP_PKEY_free(pkey);
    EVP_PKEY_free(write_key(other_key, "other.pem"));
}

static inline void remove_certificate(void)
{
    unlink(cert);
    unlink(key);
    unlink(other_key);
}

#endif
