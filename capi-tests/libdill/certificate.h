/* What the tests of TLS share: a certificate for server.example, its key and another one, in files named by the process. */
#ifndef CERTIFICATE_H
#define CERTIFICATE_H

#include "sockets.h"
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>

static char cert[64], key[64], other_key[64];

static inline void path_of(char *path, const char *name)
{
    snprintf(path, 64, "/tmp/relink-test-%d-%s", (int)getpid(), name);
}

static inline void write_key(char *path, const char *name, EVP_PKEY *pkey)
{
    path_of(path, name);
    FILE *file = fopen(path, "w");
    CHECK(pkey && file && PEM_write_PrivateKey(file, pkey, NULL, NULL, 0, NULL, NULL));
    fclose(file);
}

static inline void add_extension(X509 *x509, int kind, const char *value)
{
    X509_EXTENSION *extension = X509V3_EXT_conf_nid(NULL, NULL, kind, value);

    CHECK(extension && X509_add_ext(x509, extension, -1));
    X509_EXTENSION_free(extension);
}

/* A certificate for a name, which may vouch for others. Without an issuer it vouches for itself. */
static inline X509 *certificate(const char *common_name, EVP_PKEY *pkey, X509 *issuer, EVP_PKEY *issuer_key)
{
    X509 *x509 = X509_new();
    X509_NAME *name = X509_get_subject_name(x509);
    char names[80];
    int own_hash = EVP_PKEY_get_base_id(issuer_key) == EVP_PKEY_ED25519;

    X509_set_version(x509, 2);
    ASN1_INTEGER_set(X509_get_serialNumber(x509), 1);
    X509_gmtime_adj(X509_getm_notBefore(x509), -3600);
    X509_gmtime_adj(X509_getm_notAfter(x509), 3600);
    X509_NAME_add_entry_by_txt(name, "CN", MBSTRING_ASC, (const unsigned char *)common_name, -1, -1, 0);
    X509_set_issuer_name(x509, issuer ? X509_get_subject_name(issuer) : name);
    X509_set_pubkey(x509, pkey);
    snprintf(names, sizeof names, "DNS:%s", common_name);
    add_extension(x509, NID_subject_alt_name, names);
    add_extension(x509, NID_basic_constraints, "CA:TRUE");
    CHECK(X509_sign(x509, issuer_key, own_hash ? NULL : EVP_sha256()));
    return x509;
}

static inline void add_certificate(FILE *file, X509 *x509)
{
    CHECK(file && PEM_write_X509(file, x509));
}

static inline void write_certificate(void)
{
    EVP_PKEY *pkey = EVP_EC_gen("P-256"), *other = EVP_EC_gen("P-256");
    X509 *x509 = certificate("server.example", pkey, NULL, pkey);

    write_key(key, "key.pem", pkey);
    write_key(other_key, "other.pem", other);
    path_of(cert, "cert.pem");
    FILE *file = fopen(cert, "w");
    add_certificate(file, x509);
    fclose(file);
    X509_free(x509);
    EVP_PKEY_free(pkey);
    EVP_PKEY_free(other);
}

static inline void remove_certificate(void)
{
    unlink(cert);
    unlink(key);
    unlink(other_key);
}

#endif
