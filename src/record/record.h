/*
 * record: what makes an act provable, and nothing that needs a disk, a socket
 * or a clock.  All use of libsodium and libarchive is here.
 *
 *   encode      base64 in its one form
 *   hash        SHA-256
 *   key         Ed25519 signatures; secrets that are wiped
 *   words       a key's fingerprint, to be compared by voice
 *   keyfile     a secret key as text, under a passphrase or plain
 *   log         a party's Merkle tree, proofs, tiles (RFC 6962, tlog-tiles)
 *   note        signed notes
 *   checkpoint  a log's signed head, and cosignatures on it
 *   dsse        envelopes: a payload and its signatures
 *   age         sealing to box keys
 *   bundle      tar files in memory
 *   act         the payload of an act: parse, write, identify
 *   label       the label of an entry
 *   mandate     charters, officers, what each key may do
 */
#ifndef RECORD_RECORD_H
#define RECORD_RECORD_H
#endif
