/*
 * Functions of the OpenSSL inside the library for TLS towards clients, each under the name rd_kafka_rafka_<name>:
 * OpenSSL's own names stay hidden, so that no other OpenSSL of the process takes their place. None without TLS, or
 * with an OpenSSL before 3.0, which has other functions.
 */
#include "rd.h"

#if WITH_SSL
#include <openssl/opensslv.h>
#endif

#if WITH_SSL && OPENSSL_VERSION_NUMBER >= 0x30000000L
#include <openssl/bio.h>
#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>

#define PUBLIC(result, name, parameters, arguments) \
        result rd_kafka_rafka_##name parameters {   \
                return name arguments;              \
        }

#define PUBLIC_0(R, name)             PUBLIC(R, name, (void), ())
#define PUBLIC_1(R, name, A)          PUBLIC(R, name, (A a), (a))
#define PUBLIC_2(R, name, A, B)       PUBLIC(R, name, (A a, B b), (a, b))
#define PUBLIC_3(R, name, A, B, C)    PUBLIC(R, name, (A a, B b, C c), (a, b, c))
#define PUBLIC_4(R, name, A, B, C, D) PUBLIC(R, name, (A a, B b, C c, D d), (a, b, c, d))

PUBLIC_0(unsigned long, OpenSSL_version_num)
PUBLIC_1(const char *, OpenSSL_version, int)
PUBLIC_0(void, ERR_clear_error)
PUBLIC_0(unsigned long, ERR_get_error)
PUBLIC_1(const char *, ERR_reason_error_string, unsigned long)

PUBLIC_0(const SSL_METHOD *, TLS_server_method)
PUBLIC_0(const SSL_METHOD *, TLS_client_method)
PUBLIC_1(SSL_CTX *, SSL_CTX_new, const SSL_METHOD *)
PUBLIC_1(void, SSL_CTX_free, SSL_CTX *)
PUBLIC_4(long, SSL_CTX_ctrl, SSL_CTX *, int, long, void *)
PUBLIC_2(uint64_t, SSL_CTX_set_options, SSL_CTX *, uint64_t)
PUBLIC_2(int, SSL_CTX_set_cipher_list, SSL_CTX *, const char *)
PUBLIC_2(int, SSL_CTX_set_num_tickets, SSL_CTX *, size_t)
PUBLIC_2(void, SSL_CTX_set_default_passwd_cb_userdata, SSL_CTX *, void *)
PUBLIC_2(int, SSL_CTX_use_certificate_chain_file, SSL_CTX *, const char *)
PUBLIC_3(int, SSL_CTX_use_PrivateKey_file, SSL_CTX *, const char *, int)
PUBLIC_1(int, SSL_CTX_check_private_key, const SSL_CTX *)
PUBLIC_1(X509 *, SSL_CTX_get0_certificate, const SSL_CTX *)
PUBLIC_1(X509_STORE *, SSL_CTX_get_cert_store, const SSL_CTX *)
PUBLIC_2(int, SSL_CTX_add_client_CA, SSL_CTX *, X509 *)
PUBLIC_3(void, SSL_CTX_set_verify, SSL_CTX *, int, SSL_verify_cb)

PUBLIC_1(SSL *, SSL_new, SSL_CTX *)
PUBLIC_1(void, SSL_free, SSL *)
PUBLIC_3(void, SSL_set_bio, SSL *, BIO *, BIO *)
PUBLIC_2(void, SSL_set0_rbio, SSL *, BIO *)
PUBLIC_2(void, SSL_set0_wbio, SSL *, BIO *)
PUBLIC_1(void, SSL_set_accept_state, SSL *)
PUBLIC_1(void, SSL_set_connect_state, SSL *)
PUBLIC_1(int, SSL_do_handshake, SSL *)
PUBLIC_3(int, SSL_read, SSL *, void *, int)
PUBLIC_3(int, SSL_write, SSL *, const void *, int)
PUBLIC_1(int, SSL_shutdown, SSL *)
PUBLIC_2(int, SSL_get_error, const SSL *, int)
PUBLIC_1(const char *, SSL_get_version, const SSL *)
PUBLIC_1(long, SSL_get_verify_result, const SSL *)
PUBLIC_1(X509 *, SSL_get1_peer_certificate, const SSL *)

PUBLIC_0(const BIO_METHOD *, BIO_s_mem)
PUBLIC_1(BIO *, BIO_new, const BIO_METHOD *)
PUBLIC_2(BIO *, BIO_new_file, const char *, const char *)
PUBLIC_1(int, BIO_free, BIO *)
PUBLIC_3(int, BIO_read, BIO *, void *, int)
PUBLIC_3(int, BIO_write, BIO *, const void *, int)
PUBLIC_1(size_t, BIO_ctrl_pending, BIO *)

PUBLIC_4(X509 *, PEM_read_bio_X509, BIO *, X509 **, pem_password_cb *, void *)
PUBLIC_1(void, X509_free, X509 *)
PUBLIC_1(const char *, X509_verify_cert_error_string, long)
PUBLIC_1(const ASN1_TIME *, X509_get0_notBefore, const X509 *)
PUBLIC_1(const ASN1_TIME *, X509_get0_notAfter, const X509 *)
PUBLIC_2(int, ASN1_TIME_to_tm, const ASN1_TIME *, struct tm *)
PUBLIC_1(const ASN1_INTEGER *, X509_get0_serialNumber, const X509 *)
PUBLIC_4(X509_CRL *, PEM_read_bio_X509_CRL, BIO *, X509_CRL **, pem_password_cb *, void *)
PUBLIC_1(void, X509_CRL_free, X509_CRL *)
PUBLIC_2(int, X509_STORE_add_cert, X509_STORE *, X509 *)
PUBLIC_2(int, X509_STORE_add_crl, X509_STORE *, X509_CRL *)
PUBLIC_2(int, X509_STORE_set_flags, X509_STORE *, unsigned long)

PUBLIC_1(X509_NAME *, X509_get_subject_name, const X509 *)
PUBLIC_3(int, X509_NAME_get_index_by_NID, const X509_NAME *, int, int)
PUBLIC_2(X509_NAME_ENTRY *, X509_NAME_get_entry, const X509_NAME *, int)
PUBLIC_1(ASN1_STRING *, X509_NAME_ENTRY_get_data, const X509_NAME_ENTRY *)
PUBLIC_2(int, ASN1_STRING_to_UTF8, unsigned char **, const ASN1_STRING *)
PUBLIC_1(int, ASN1_STRING_length, const ASN1_STRING *)
PUBLIC_1(const unsigned char *, ASN1_STRING_get0_data, const ASN1_STRING *)
PUBLIC_4(void *, X509_get_ext_d2i, const X509 *, int, int *, int *)
PUBLIC_1(int, OPENSSL_sk_num, const OPENSSL_STACK *)
PUBLIC_2(void *, OPENSSL_sk_value, const OPENSSL_STACK *, int)
PUBLIC_2(void *, GENERAL_NAME_get0_value, const GENERAL_NAME *, int *)
PUBLIC_1(void, GENERAL_NAMES_free, GENERAL_NAMES *)
PUBLIC_3(void, CRYPTO_free, void *, const char *, int)
#endif
