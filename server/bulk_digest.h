// The digest by which a bulk request that comes again is recognised: GMAC (NIST SP 800-38D) of
// AES-128 with a fixed nonce. That makes it the universal hash GHASH under a secret key: two inputs
// meet with a probability of their length in blocks / 2^128. A fixed nonce would let who sees tags
// forge others; these are kept in the data folder, never shown. It costs a tenth of SHA-256.
//
// Threads any.
#pragma once

#include <memory>
#include <string>

#include "base/keyed_digest.h"
#include "base/result.h"

namespace stratalog::server {

inline constexpr size_t kBulkDigestKeyBytes = 16;

std::unique_ptr<KeyedDigest> make_bulk_digest(const std::string& key);
std::string random_digest_key();

}  // namespace stratalog::server
