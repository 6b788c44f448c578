/* Certificates for the TLS tests, made when they run: a root, one below it, and leaves that are right or wrong. */
#ifndef CERTIFICATES_H
#define CERTIFICATES_H

#include "check.h"
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>
#include <string.h>

struct identity {
    EVP_PKEY *key;
    X509 *certificate;
};

static void add_extension(X509 *certificate, X509 *issuer, int nid, const char *value)
{
    X509V3_CTX context;
    X509_EXTENSION *extension;

    X509V3_set_ctx(&context, issuer, certificate, NULL, NULL, 0);
    extension = X509V3_EXT_conf_nid(NULL, &context, nid, value);
    CHECK(extension);
    CHECK(X509_add_ext(certificate, extension, -1));
    X509_EXTENSION_free(extension);
}

/* A certificate for `name`, valid from now + `from` to now + `to` seconds; signed by itself without an issuer. */
static struct identity make_identity(const char *name, const char *alternatives, int authority, const struct identity *issuer,
                                     long from, long to)
{
    static long serial;
    struct identity made = { EVP_EC_gen("P-256"), X509_new() };
    X509_NAME *subject;

    CHECK(made.key && made.certificate);
    X509_set_version(made.certificate, 2);
    ASN1_INTEGER_set(X509_get_serialNumber(made.certificate), ++serial);
    X509_gmtime_adj(X509_getm_notBefore(made.certificate), from);
    X509_gmtime_adj(X509_getm_notAfter(made.certificate), to);
    X509_set_pubkey(made.certificate, made.key);
    subject = X509_get_subject_name(made.certificate);
    CHECK(X509_NAME_add_entry_by_txt(subject, "CN", MBSTRING_ASC, (const unsigned char *)name, -1, -1, 0));
    X509_set_issuer_name(made.certificate, issuer ? X509_get_subject_name(issuer->certificate) : subject);
    if (authority) {
        add_extension(made.certificate, issuer ? issuer->certificate : made.certificate, NID_basic_constraints, "critical,CA:TRUE");
        add_extension(made.certificate, issuer ? issuer->certificate : made.certificate, NID_key_usage, "critical,keyCertSign");
    }
    if (alternatives)
        add_extension(made.certificate, issuer ? issuer->certificate : made.certificate, NID_subject_alt_name, alternatives);
    CHECK(X509_sign(made.certificate, issuer ? issuer->key : made.key, EVP_sha256()));
    return made;
}

static void free_identity(struct identity identity)
{
    EVP_PKEY_free(identity.key);
    X509_free(identity.certificate);
}

static const char *write_chain(const char *path, X509 *first, X509 *second)
{
    FILE *file = fopen(path, "w");

    CHECK(file && PEM_write_X509(file, first));
    CHECK(!second || PEM_write_X509(file, second));
    fclose(file);
    return path;
}

static const char *write_key(const char *path, EVP_PKEY *key)
{
    FILE *file = fopen(path, "w");

    CHECK(file && PEM_write_PrivateKey(file, key, NULL, NULL, 0, NULL, NULL));
    fclose(file);
    return path;
}

#endif
