/**
 * The functions of OpenSSL 3 that TLS towards clients takes, in the order of tasks/native/openssl.c. Each parameter has
 * its C type beside it. A `size_t` that is never above 4 GiB is read as `u32`: its lower half, without a BigInt.
 *
 * @see https://docs.openssl.org/3.0/man3/
 * @module
 */

/** The table for `Deno.dlopen`. */
export const OPENSSL_SYMBOLS = {
  OpenSSL_version_num: { parameters: [], result: "u64" }, // unsigned long
  OpenSSL_version: { parameters: ["i32"], result: "pointer" }, // const char *, of int type
  ERR_clear_error: { parameters: [], result: "void" },
  ERR_get_error: { parameters: [], result: "u64" }, // unsigned long
  ERR_reason_error_string: { parameters: ["u64"], result: "pointer" }, // const char *

  TLS_server_method: { parameters: [], result: "pointer" }, // const SSL_METHOD *
  TLS_client_method: { parameters: [], result: "pointer" }, // const SSL_METHOD *
  SSL_CTX_new: { parameters: ["pointer"], result: "pointer" }, // SSL_CTX *, of const SSL_METHOD *
  SSL_CTX_free: { parameters: ["pointer"], result: "void" }, // SSL_CTX *
  SSL_CTX_ctrl: {
    parameters: ["pointer", "i32", "i64", "pointer"], // SSL_CTX *, int cmd, long larg, void *parg
    result: "i64", // long
  },
  SSL_CTX_set_options: { parameters: ["pointer", "u64"], result: "u64" }, // uint64_t
  SSL_CTX_set_cipher_list: { parameters: ["pointer", "buffer"], result: "i32" }, // const char *
  SSL_CTX_set_num_tickets: { parameters: ["pointer", "usize"], result: "i32" }, // size_t
  SSL_CTX_set_default_passwd_cb_userdata: {
    parameters: ["pointer", "buffer"], // SSL_CTX *, void *
    result: "void",
  },
  SSL_CTX_use_certificate_chain_file: { parameters: ["pointer", "buffer"], result: "i32" },
  SSL_CTX_use_PrivateKey_file: {
    parameters: ["pointer", "buffer", "i32"], // SSL_CTX *, const char *file, int type
    result: "i32",
  },
  SSL_CTX_check_private_key: { parameters: ["pointer"], result: "i32" },
  SSL_CTX_get0_certificate: { parameters: ["pointer"], result: "pointer" }, // X509 *, borrowed
  SSL_CTX_get_cert_store: { parameters: ["pointer"], result: "pointer" }, // X509_STORE *, borrowed
  SSL_CTX_add_client_CA: { parameters: ["pointer", "pointer"], result: "i32" }, // X509 *
  SSL_CTX_set_verify: {
    parameters: ["pointer", "i32", "pointer"], // SSL_CTX *, int mode, SSL_verify_cb
    result: "void",
  },

  SSL_new: { parameters: ["pointer"], result: "pointer" }, // SSL *, of SSL_CTX *
  SSL_free: { parameters: ["pointer"], result: "void" },
  SSL_set_bio: { parameters: ["pointer", "pointer", "pointer"], result: "void" }, // takes both BIOs
  SSL_set0_rbio: { parameters: ["pointer", "pointer"], result: "void" }, // takes the BIO
  SSL_set0_wbio: { parameters: ["pointer", "pointer"], result: "void" }, // takes the BIO
  SSL_set_accept_state: { parameters: ["pointer"], result: "void" },
  SSL_set_connect_state: { parameters: ["pointer"], result: "void" },
  SSL_do_handshake: { parameters: ["pointer"], result: "i32" },
  SSL_read: { parameters: ["pointer", "buffer", "i32"], result: "i32" },
  SSL_write: { parameters: ["pointer", "buffer", "i32"], result: "i32" },
  SSL_shutdown: { parameters: ["pointer"], result: "i32" },
  SSL_get_error: { parameters: ["pointer", "i32"], result: "i32" },
  SSL_get_version: { parameters: ["pointer"], result: "pointer" }, // const char *
  SSL_get_verify_result: { parameters: ["pointer"], result: "i64" }, // long
  SSL_get1_peer_certificate: { parameters: ["pointer"], result: "pointer" }, // X509 *, owned

  BIO_s_mem: { parameters: [], result: "pointer" }, // const BIO_METHOD *
  BIO_new: { parameters: ["pointer"], result: "pointer" }, // BIO *
  BIO_new_file: { parameters: ["buffer", "buffer"], result: "pointer" }, // BIO *, of name and mode
  BIO_free: { parameters: ["pointer"], result: "i32" },
  BIO_read: { parameters: ["pointer", "buffer", "i32"], result: "i32" },
  BIO_write: { parameters: ["pointer", "buffer", "i32"], result: "i32" },
  BIO_ctrl_pending: { parameters: ["pointer"], result: "u32" }, // size_t

  PEM_read_bio_X509: {
    parameters: ["pointer", "pointer", "pointer", "buffer"], // BIO *, X509 **, pem_password_cb *, void *
    result: "pointer", // X509 *, owned
  },
  X509_free: { parameters: ["pointer"], result: "void" },
  X509_verify_cert_error_string: { parameters: ["i64"], result: "pointer" }, // const char *, of long
  X509_get0_notBefore: { parameters: ["pointer"], result: "pointer" }, // const ASN1_TIME *
  X509_get0_notAfter: { parameters: ["pointer"], result: "pointer" }, // const ASN1_TIME *
  ASN1_TIME_to_tm: { parameters: ["pointer", "buffer"], result: "i32" }, // struct tm *
  X509_get0_serialNumber: { parameters: ["pointer"], result: "pointer" }, // const ASN1_INTEGER *
  PEM_read_bio_X509_CRL: {
    parameters: ["pointer", "pointer", "pointer", "buffer"], // as PEM_read_bio_X509
    result: "pointer", // X509_CRL *, owned
  },
  X509_CRL_free: { parameters: ["pointer"], result: "void" },
  X509_STORE_add_cert: { parameters: ["pointer", "pointer"], result: "i32" },
  X509_STORE_add_crl: { parameters: ["pointer", "pointer"], result: "i32" },
  X509_STORE_set_flags: { parameters: ["pointer", "u64"], result: "i32" }, // unsigned long

  X509_get_subject_name: { parameters: ["pointer"], result: "pointer" }, // X509_NAME *, borrowed
  X509_NAME_get_index_by_NID: {
    parameters: ["pointer", "i32", "i32"], // const X509_NAME *, int nid, int lastpos
    result: "i32",
  },
  X509_NAME_get_entry: { parameters: ["pointer", "i32"], result: "pointer" }, // int loc
  X509_NAME_ENTRY_get_data: { parameters: ["pointer"], result: "pointer" }, // ASN1_STRING *
  ASN1_STRING_to_UTF8: { parameters: ["buffer", "pointer"], result: "i32" }, // unsigned char **
  ASN1_STRING_length: { parameters: ["pointer"], result: "i32" },
  ASN1_STRING_get0_data: { parameters: ["pointer"], result: "pointer" }, // const unsigned char *
  X509_get_ext_d2i: {
    parameters: ["pointer", "i32", "pointer", "pointer"], // const X509 *, int nid, int *crit, int *idx
    result: "pointer", // owned
  },
  OPENSSL_sk_num: { parameters: ["pointer"], result: "i32" },
  OPENSSL_sk_value: { parameters: ["pointer", "i32"], result: "pointer" },
  GENERAL_NAME_get0_value: { parameters: ["pointer", "buffer"], result: "pointer" }, // int *type
  GENERAL_NAMES_free: { parameters: ["pointer"], result: "void" },
  CRYPTO_free: { parameters: ["pointer", "pointer", "i32"], result: "void" }, // char *file, int line
} as const satisfies Deno.ForeignLibraryInterface;

/** The functions of an opened OpenSSL. */
export type OpenSslSymbols = Deno.StaticForeignLibraryInterface<typeof OPENSSL_SYMBOLS>;
